"""The numbers of the live figure, on its whole control grid, against numpy and torch."""

import json
import math

import numpy as np
import pytest
import torch

from dlopt import live
from dlopt.live.quadratic_descent import KAPPAS

ETAS = [round(0.02 + 0.01 * i, 2) for i in range(249)]


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("rate_curve")


@pytest.mark.parametrize("kappa", KAPPAS)
def test_rate_is_the_spectral_radius_of_the_step(module, kappa):
    got = module.run(f"{json.dumps(ETAS)}.map((eta) => module.rate(eta, {kappa}))")
    A = torch.diag(torch.tensor([1 / kappa, 1], dtype=torch.float64))
    step = torch.eye(2, dtype=torch.float64) - torch.tensor(ETAS, dtype=torch.float64)[:, None, None] * A
    np.testing.assert_allclose(got, torch.linalg.matrix_norm(step, 2).numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("kappa", KAPPAS)
def test_best_step_size_minimises_a_fine_sweep(module, kappa):
    eta, rate = module("best", kappa)
    sweep = np.linspace(0, 2.5, 250_001)
    rates = np.maximum(abs(1 - sweep / kappa), abs(1 - sweep))
    assert abs(sweep[rates.argmin()] - eta) <= 1e-5
    assert abs(rates.min() - rate) <= 1e-5
    assert abs(module("rate", eta, kappa) - rate) <= 1e-12


@pytest.mark.parametrize("kappa", KAPPAS)
def test_steps_per_digit_are_the_steps_that_shrink_the_error_tenfold(module, kappa):
    for eta in ETAS:
        state = module("state", {"eta": eta, "kappa": kappa})
        if state["steps"] == math.inf:
            assert state["rate"] >= 1 - 1e-9
        elif state["steps"] > 0:
            assert abs(state["rate"] ** state["steps"] - 0.1) <= 1e-6


@pytest.mark.parametrize("kappa", KAPPAS)
def test_python_and_the_module_say_the_same(module, kappa):
    figure = live.RateCurve(kappa=kappa)
    for eta in ETAS:
        figure.set_trait("eta", eta)
        assert figure.describe() == module("describe", {"eta": eta, "kappa": kappa})


def test_with_kappa_one_a_single_step_arrives(module):
    assert module("describe", {"eta": 1, "kappa": 1}).startswith(
        "At η = 1.00 the rate is 0.000, set by both directions equally: one step, the minimum is reached in one step."
    )
