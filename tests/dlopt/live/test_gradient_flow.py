"""The numbers of the live figure, on its whole control grid, against scipy's matrix exponential and autograd."""

import json
import re

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from dlopt import live
from dlopt.live.gradient_flow import KAPPAS, TIME

ETAS = [round(0.1 * i, 1) for i in range(1, 25)]
STARTS = [(-2.7, 0.9), (3.0, 3.0), (0.0, -1.1), (0.0, 0.0)]
NUMBER = re.compile(r"−?\d+\.\d+")


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("gradient_flow")


def matrix(kappa):
    """Build A from its eigenvectors, (cos 30°, sin 30°) the shallow one."""
    v = np.array([np.sqrt(3) / 2, 0.5])
    return np.eye(2) + (1 / kappa - 1) * np.outer(v, v)


def descend(A, start, eta, steps):
    A, w = torch.from_numpy(A), torch.tensor(start, dtype=torch.float64)
    path = [w]
    for _ in range(steps):
        w = path[-1].clone().requires_grad_()
        path.append((w - eta * torch.autograd.grad(0.5 * w @ A @ w, w)[0]).detach())
    return torch.stack(path).numpy()


@pytest.mark.parametrize("kappa", KAPPAS)
def test_flow_and_descent_on_every_setting(module, kappa):
    A = matrix(kappa)
    for i, eta in enumerate(ETAS):
        start = STARTS[i % len(STARTS)]
        expected = {}
        for h in (eta, eta / 2):
            steps = round(np.floor(TIME / h + 1e-9))
            path = descend(A, start, h, steps)
            once = expm(-h * A)
            flow = [np.array(start)]
            for _ in range(steps):
                flow.append(once @ flow[-1])
            size = np.maximum(1, np.linalg.norm(path, axis=1))
            got = module.run(f"module.euler({kappa}, {json.dumps(start)}, {h}, {TIME})")
            there = module.run(
                f"[...Array({steps + 1}).keys()].map((k) => module.flow({kappa}, {json.dumps(start)}, k * {h}))"
            )
            assert np.max(np.abs(np.array(got) - path) / size[:, None]) <= 1e-6
            np.testing.assert_allclose(there, flow, rtol=0, atol=1e-6)
            expected[h] = np.linalg.norm(path - np.array(flow), axis=1)
        now = module("state", {"eta": eta, "kappa": kappa, "start": start, "time": TIME})
        for name, h in (("gap", eta), ("halved", eta / 2)):
            assert abs(now[name] - expected[h].max()) <= 1e-6 * max(1, expected[h].max())


def test_flow_solves_its_differential_equation(module):
    solved = solve_ivp(lambda _, w: -matrix(7) @ w, (0, TIME), (-2, 1), t_eval=[1, 5, TIME], rtol=1e-11, atol=1e-12)
    got = [module("flow", 7, (-2, 1), t) for t in (1, 5, TIME)]
    np.testing.assert_allclose(got, solved.y.T, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kappa", KAPPAS)
def test_half_the_step_is_half_the_distance_once_steps_are_small(module, kappa):
    ratio = module.run(f"module.state({{ eta: 0.01, kappa: {kappa}, start: [-2.7, 0.9], time: {TIME} }}).ratio")
    assert abs(ratio - 2) < 0.03


@pytest.mark.parametrize("kappa", KAPPAS)
def test_python_and_the_module_say_the_same(module, kappa):
    figure = live.GradientFlow(kappa=kappa)
    for i, eta in enumerate(ETAS):
        for time in (0, 1, 2, 7, TIME):
            figure.set_trait("start", STARTS[i % len(STARTS)])
            figure.set_trait("eta", eta)
            figure.set_trait("time", time)
            ours = figure.describe()
            theirs = module("describe", {"eta": eta, "kappa": kappa, "start": figure.start, "time": time})
            assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
            for a, b in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
                assert abs(float(a) - float(b)) < 0.011
