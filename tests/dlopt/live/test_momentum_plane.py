"""The numbers of the live figure, on its whole control grid, against eigenvalues and matrix powers by torch."""

import json
from itertools import pairwise

import numpy as np
import pytest
import torch

from dlopt import live, momentum
from dlopt.live.quadratic_descent import KAPPAS

ETAS = torch.arange(1, 201, dtype=torch.float64) / 50
ALPHAS = torch.arange(50, dtype=torch.float64) / 50


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("momentum_plane")


def grid(kappa: float) -> torch.Tensor:
    """Companion matrices of both directions at every setting, (200, 50, 2, 2, 2)."""
    steps = torch.stack([ETAS / kappa, ETAS], dim=-1)[:, None, :]
    return momentum.companion(steps, ALPHAS[None, :, None])


def everywhere(module, kappa, expression):
    settings = f"const etas = {json.dumps(ETAS.tolist())}, alphas = {json.dumps(ALPHAS.tolist())}, kappa = {kappa};"
    inner = f"etas.map((eta) => alphas.map((alpha) => {expression}))"
    return np.array(module.run(f"(() => {{ {settings} return {inner}; }})()"))


@pytest.mark.parametrize("kappa", KAPPAS)
def test_rates_are_the_spectral_radii_of_the_companion_matrices(module, kappa):
    got = everywhere(module, kappa, "[eta / kappa, eta].map((step) => module.roots(step, alpha).radius)")
    truth = torch.linalg.eigvals(grid(kappa)).abs().amax(-1)
    np.testing.assert_allclose(got, truth.numpy(), rtol=0, atol=2e-7)  # eigvals itself is off by √ε at double roots


@pytest.mark.parametrize("kappa", KAPPAS)
def test_the_path_ends_where_matrix_powers_end(module, kappa):
    got = everywhere(module, kappa, "module.errors(eta, alpha, kappa).map((path) => path[module.STEPS])")
    power = torch.linalg.matrix_power(grid(kappa), 60)
    start = torch.tensor(module.run("module.START"))
    got = got.astype(float)  # JSON writes large floats like integers
    truth = (power[..., 0, 0] + power[..., 0, 1]) * start
    np.testing.assert_allclose(got, truth.numpy(), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kappa", KAPPAS)
def test_the_regimes_are_those_of_dlopt(module, kappa):
    got = everywhere(module, kappa, "[eta / kappa, eta].map((step) => module.motion(step, alpha))")
    for i in range(3, 200, 7):
        for j in range(0, 50, 3):
            steps = (float(ETAS[i]) / kappa, float(ETAS[i]))
            assert list(got[i, j]) == [momentum.regime(step, float(ALPHAS[j])) for step in steps]


@pytest.mark.parametrize("kappa", KAPPAS)
def test_the_best_setting_is_dlopts_and_no_setting_of_the_sliders_beats_it(module, kappa):
    eta, alpha, rate = module("optimum", kappa)
    np.testing.assert_allclose([eta, alpha, rate], momentum.best(1 / kappa, 1.0), atol=1e-12)
    truth = torch.linalg.eigvals(grid(kappa)).abs().amax(-1).amax(-1)
    assert truth.min() >= rate - 1e-6


def test_every_corner_and_edge_of_a_trapezoid_has_its_rate(module):
    for r in (0.2, 0.5, 0.9):
        corners = np.array(module("trapezoid", r))
        for a, b in pairwise(corners):
            for share in (0, 0.3, 0.7, 1):
                step, alpha = (1 - share) * a + share * b
                assert module("roots", step, max(alpha, 0))["radius"] == pytest.approx(r, abs=1e-7)


@pytest.mark.parametrize("kappa", KAPPAS)
def test_python_and_the_module_say_the_same(module, kappa):
    said = everywhere(module, kappa, "module.describe({ eta, alpha, kappa })")
    figure = live.MomentumPlane(kappa=kappa)
    for i in range(0, 200, 5):
        for j in range(0, 50, 3):
            figure.eta, figure.alpha = float(ETAS[i]), float(ALPHAS[j])
            assert figure.describe() == said[i, j]
