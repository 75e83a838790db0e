"""The numbers of the live figure, on its whole control grid, against torch."""

import json
import re

import numpy as np
import pytest
import torch

from dlopt import live
from dlopt.live.quadratic_descent import KAPPAS, STEPS

ETAS = [round(0.02 + 0.01 * i, 2) for i in range(249)]
ANGLES = list(range(0, 181, 5))
STARTS = [(-2.6, 0.4), (3.0, 3.0), (0.0, -1.1), (-1.7, -2.9), (0.3, 2.0)]


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("quadratic_descent")


def descend(kappa, etas, angles, starts):
    """Let autograd's gradient take every path at once: (steps + 1, η, θ, 2)."""
    turn = torch.deg2rad(torch.tensor(angles, dtype=torch.float64))
    v1 = torch.stack([turn.cos(), turn.sin()], -1)  # (θ, 2)
    A = torch.eye(2, dtype=torch.float64) + (1 / kappa - 1) * v1[:, :, None] * v1[:, None, :]  # (θ, 2, 2)
    eta = torch.tensor(etas, dtype=torch.float64)[:, None, None]
    w = torch.tensor(starts, dtype=torch.float64).expand(len(etas), len(angles), 2).clone()
    path = [w]
    for _ in range(STEPS):
        w = path[-1].clone().requires_grad_()
        loss = 0.5 * torch.einsum("eti,tij,etj->", w, A, w)
        path.append((w - eta * torch.autograd.grad(loss, w)[0]).detach())
    return torch.stack(path), A


def close(actual, expected):
    """Relative where numbers are large, absolute where they are small."""
    expected = np.asarray(expected)
    return np.max(np.abs(np.asarray(actual) - expected) / np.maximum(1, np.abs(expected)))


@pytest.mark.parametrize("kappa", KAPPAS)
def test_every_setting_of_the_sliders_ends_where_torch_ends(module, kappa):
    starts = [STARTS[i % len(STARTS)] for i in range(len(ANGLES))]
    path, A = descend(kappa, ETAS, ANGLES, starts)
    got = np.array(
        module.run(f"""{json.dumps(ETAS)}.map((eta) => {json.dumps(ANGLES)}.map((angle, i) => {{
        const path = module.descend(module.matrix({kappa}, angle), {json.dumps(starts)}[i], eta);
        return [...path[5], ...path[{STEPS}], module.measure(path)];
    }}))""")
    )  # (η, θ, 5)
    assert close(got[..., :2], path[5]) <= 1e-6
    assert close(got[..., 2:4], path[-1]) <= 1e-6
    norms = path.norm(dim=-1).numpy()
    fresh = norms > 1e-8 * norms[0]
    last = STEPS - np.argmax(fresh[::-1], axis=0)
    take = np.maximum(last, 1)
    ratio = (np.take_along_axis(norms, take[None], 0) / np.take_along_axis(norms, take[None] - 1, 0))[0]
    moved = last > 0
    assert close(got[..., 4][moved], ratio[moved]) <= 1e-6
    assert np.isnan(got[..., 4][~moved]).all()
    factors = np.linalg.eigvalsh(np.eye(2)[None, None] - np.array(ETAS)[:, None, None, None] * A.numpy())
    predicted = np.array(
        module.run(f"""{json.dumps(ETAS)}.map((eta) =>
        module.state({{ eta, kappa: {kappa}, angle: 40, start: [1, 2] }}).predicted)""")
    )
    assert close(predicted[:, None], np.abs(factors).max(-1)) <= 1e-6


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("kappa", [1, 7, 100])
def test_whole_paths_and_their_errors_in_the_eigenbasis(module, kappa, start):
    etas, angles = [0.02, 0.5, 1.0, 1.6, 1.97, 2.0, 2.5], [0, 30, 90, 135, 180]
    path, A = descend(kappa, etas, angles, [start] * len(angles))
    for i, eta in enumerate(etas):
        for j, angle in enumerate(angles):
            state = module("state", {"eta": eta, "kappa": kappa, "angle": angle, "start": start})
            assert close(state["path"], path[:, i, j]) <= 1e-6
            if kappa > 1:  # torch's own eigenvectors, ascending: shallow, steep
                z = path[:, i, j] @ torch.linalg.eigh(A[j])[1]
                assert close(state["errors"], z.abs().T) <= 1e-6


def test_matrix_has_the_eigenvalues_and_the_direction_it_says(module):
    A = np.array(module("matrix", 10, 30))
    v1 = np.array([np.cos(np.pi / 6), np.sin(np.pi / 6)])
    np.testing.assert_allclose(A @ v1, v1 / 10, atol=1e-15)
    np.testing.assert_allclose(np.linalg.eigvalsh(A), [0.1, 1], atol=1e-15)


@pytest.mark.parametrize(
    ("eta", "regimes", "overall"),
    [
        (0.75, ["monotone", "monotone"], "monotone"),
        (1.0, ["monotone", "one step"], "monotone"),
        (1.5, ["monotone", "oscillating"], "oscillating"),
        (2.0, ["monotone", "never settles"], "never settles"),
        (2.1, ["monotone", "diverging"], "diverging"),
    ],
)
def test_regimes_by_name(module, eta, regimes, overall):
    state = module("state", {"eta": eta, "kappa": 3, "angle": 30, "start": (1, 2)})
    assert (state["regimes"], state["overall"]) == (regimes, overall)


def test_measured_rate_is_the_predicted_one_once_the_slow_direction_rules(module):
    state = module("state", {"eta": 1.2, "kappa": 5, "angle": 30, "start": (-2.6, 0.4)})
    assert abs(state["measured"] - state["predicted"]) < 1e-6


def test_a_start_without_shallow_error_never_shows_the_slow_rate(module):
    figure = live.QuadraticDescent(angle=90, start=(1, 0), eta=0.5, kappa=10)
    assert "never shows" in figure.describe()
    assert figure.describe() == module("describe", {"eta": 0.5, "kappa": 10, "angle": 90, "start": (1, 0)})


NUMBER = re.compile(r"−?\d+\.\d+")


@pytest.mark.parametrize("kappa", KAPPAS)
def test_python_and_the_module_say_the_same(module, kappa):
    figure = live.QuadraticDescent(kappa=kappa)
    for eta in ETAS[::6]:
        for angle in (0, 35, 90, 180):
            figure.set_trait("eta", eta)
            figure.set_trait("angle", angle)
            theirs = module("describe", {"eta": eta, "kappa": kappa, "angle": angle, "start": figure.start})
            ours = figure.describe()
            assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
            for a, b in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
                assert abs(float(a.replace("−", "-")) - float(b.replace("−", "-"))) < 1.5e-3
