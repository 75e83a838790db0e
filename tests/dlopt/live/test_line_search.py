"""The numbers of the live figure, on its whole control grid, against torch's derivatives along the ray."""

import json
import re

import numpy as np
import pytest
import torch

from dlopt import live
from dlopt.live.line_search import KAPPAS, STEPS

STARTS = [(0.7, 2.8), (3.0, 3.0), (-3.0, 0.2), (0.0, -1.1), (2.0, 0.0), (-1.7, -2.9), (0.01, 3.0), (0.0, 0.0)]
NUMBER = re.compile(r"−?\d+\.\d+")


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("line_search")


def loss(w, kappa):
    return 0.5 * (w[0] ** 2 + w[1] ** 2 / kappa)


def slope(w, kappa):
    w = w.clone().requires_grad_()
    return torch.autograd.grad(loss(w, kappa), w)[0]


def search(kappa, start, constant=None):
    """Follow Newton's step for φ(α) = L(w − α∇L), by autograd twice: exact, as φ is a parabola."""
    w = torch.tensor(start, dtype=torch.float64)
    path, alphas = [w], []
    for _ in range(STEPS):
        g = slope(w, kappa)
        if g.norm() <= 1e-11:
            break
        alpha = torch.zeros((), dtype=torch.float64, requires_grad=True)
        (first,) = torch.autograd.grad(loss(w - alpha * g, kappa), alpha, create_graph=True)
        (second,) = torch.autograd.grad(first, alpha)
        alphas.append(float((-first / second).detach()) if constant is None else constant)
        w = w - alphas[-1] * g
        path.append(w)
    return torch.stack(path), alphas


@pytest.mark.parametrize("constant", [False, True])
@pytest.mark.parametrize("kappa", KAPPAS)
def test_every_walk_is_the_one_torch_takes(module, kappa, constant):
    eta = module("worstCase", kappa)[0] if constant else None
    for start in STARTS:
        got = module.run(f"module.walk({kappa}, {json.dumps(start)}, {json.dumps(eta)})")
        path, alphas = search(kappa, start, eta)
        np.testing.assert_allclose(got["path"][: len(path)], path, rtol=0, atol=1e-6)
        np.testing.assert_allclose(got["path"][len(path) :], 0, atol=1e-6)
        for k in range(len(path) - 1):  # gradients above rounding
            if slope(path[k], kappa).norm() > 1e-7:
                assert abs(got["alphas"][k] - alphas[k]) <= 1e-6
        ratio = module.run(f"module.losses({json.dumps(path.tolist())}, {kappa})")
        expected = np.array([float(loss(w, kappa)) for w in path])
        np.testing.assert_allclose(ratio, expected / expected[0] if expected[0] else 0 * expected, atol=1e-6)


@pytest.mark.parametrize("kappa", KAPPAS)
def test_the_gradients_of_a_line_search_are_orthogonal_and_its_rate_within_the_bound(module, kappa):
    for start in STARTS:
        for steps in range(STEPS + 1):
            now = module("state", {"kappa": kappa, "start": start, "steps": steps})
            if not np.isnan(now["searched"]["angle"]):
                assert abs(now["searched"]["angle"] - 90) <= 0.01
            if not np.isnan(now["searched"]["rate"]):
                assert now["searched"]["rate"] <= now["bound"] + 1e-6


@pytest.mark.parametrize("kappa", KAPPAS[2:])
def test_from_a_worst_start_the_line_search_is_the_constant_step(module, kappa):
    now = module("state", {"kappa": kappa, "start": (2 / kappa, 2), "steps": 5})
    np.testing.assert_allclose(now["search"]["path"], now["constant"]["path"], atol=1e-9)
    assert abs(now["searched"]["rate"] - (kappa - 1) / (kappa + 1)) <= 1e-6


def test_angle_is_that_of_autograds_gradients(module):
    path, _ = search(7, (3.0, 1.0), 1.75)
    for k in range(1, 12):
        one, two = (slope(w, 7) for w in path[k - 1 : k + 1])
        expected = torch.rad2deg(torch.arccos(one @ two / one.norm() / two.norm()))
        assert abs(module("state", {"kappa": 7, "start": (3, 1), "steps": k})["kept"]["angle"] - expected) <= 1e-4


@pytest.mark.parametrize("kappa", KAPPAS)
def test_python_and_the_module_say_the_same(module, kappa):
    figure = live.LineSearch(kappa=kappa)
    for start in STARTS:
        for steps in range(STEPS + 1):
            for compare in (False, True):
                figure.set_trait("start", start)
                figure.set_trait("steps", steps)
                figure.set_trait("compare", compare)
                setting = {"kappa": kappa, "start": start, "steps": steps, "compare": compare}
                ours, theirs = figure.describe(), module("describe", setting)
                assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
                for a, b in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
                    assert abs(float(a) - float(b)) < 0.011
