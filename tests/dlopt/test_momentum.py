"""Momentum on a quadratic: closed forms against eigenvalues, torch.optim.SGD and a brute-force search."""

import numpy as np
import pytest
import torch

from dlopt import descent, momentum, walks
from dlopt.quadratics import Quadratic

STEPS = torch.linspace(0.01, 4.5, 90, dtype=torch.float64)[:, None]
ALPHAS = torch.linspace(0, 0.99, 34, dtype=torch.float64)


@pytest.mark.parametrize("nesterov", [False, True])
def test_radius_is_the_largest_eigenvalue_of_the_companion_matrix(nesterov):
    truth = torch.linalg.eigvals(momentum.companion(STEPS, ALPHAS, nesterov=nesterov)).abs().amax(-1)
    got = momentum.radius(STEPS, ALPHAS, nesterov=nesterov)
    assert got.shape == (90, 34)
    torch.testing.assert_close(got, truth, rtol=0, atol=2e-7)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.9])
def test_the_companion_matrix_takes_the_steps_of_torch(nesterov, alpha):
    eta, curvature = 0.3, 2.0
    bowl = Quadratic([curvature])
    nesterov = nesterov and alpha > 0  # torch refuses Nesterov without momentum
    path = walks.walk(
        bowl,
        torch.ones(1, dtype=torch.float64),
        lambda p: torch.optim.SGD(p, lr=eta, momentum=alpha, nesterov=nesterov),
        steps=20,
    ).flatten()
    if nesterov:  # torch's parameters are the look-ahead points, which obey the same recurrence
        start = torch.stack([path[1], path[0]])
        path = path[1:]
    else:
        start = torch.stack([path[0], path[0]])
    matrix = momentum.companion(eta * curvature, alpha, nesterov=nesterov)
    for k in range(len(path)):
        assert path[k] == pytest.approx((torch.linalg.matrix_power(matrix, k) @ start)[0].item(), abs=1e-12)


@pytest.mark.parametrize("kappa", [1.0, 4.0, 100.0])
def test_no_setting_on_a_fine_grid_beats_polyaks(kappa):
    lr, alpha, rate = momentum.best(1 / kappa, 1.0)
    both = torch.tensor([lr / kappa, lr], dtype=torch.float64)
    assert momentum.radius(both, alpha).max().item() == pytest.approx(rate, abs=1e-7)
    grid = torch.maximum(momentum.radius(STEPS / kappa, ALPHAS), momentum.radius(STEPS, ALPHAS))
    assert grid.min() >= rate - 1e-9


@pytest.mark.parametrize("kappa", [2.0, 50.0])
def test_nesterovs_rate_is_one_minus_one_over_root_kappa(kappa):
    lr, alpha, rate = momentum.best(1 / kappa, 1.0, nesterov=True)
    assert rate == pytest.approx(1 - kappa**-0.5)
    line = torch.linspace(1 / kappa, 1, 200, dtype=torch.float64)
    assert momentum.radius(lr * line, alpha, nesterov=True).max().item() == pytest.approx(rate, abs=1e-7)


@pytest.mark.parametrize(
    ("step", "alpha", "nesterov", "name"),
    [
        (0.01, 0.5, False, "creeping"),
        (1.0, 0.5, False, "ringing"),
        (2.95, 0.5, False, "flipping"),
        (3.01, 0.5, False, "diverging"),
        (1.0, 0.0, False, "critical"),
        (0.5, 0.9, True, "ringing"),
        (1.2, 0.5, True, "flipping"),
    ],
)
def test_regimes(step, alpha, nesterov, name):
    assert momentum.regime(step, alpha, nesterov=nesterov) == name


def test_fitted_recovers_the_recurrence_from_a_path():
    bowl = Quadratic([3.0])
    path = walks.walk(
        bowl, torch.ones(1, dtype=torch.float64), lambda p: torch.optim.SGD(p, lr=0.2, momentum=0.8), steps=30
    )
    np.testing.assert_allclose(momentum.fitted(path.flatten()), [1 + 0.8 - 0.6, -0.8], atol=1e-10)
    with pytest.raises(ValueError, match="four errors"):
        momentum.fitted(torch.ones(3))


def test_the_kinked_function_is_smooth_convex_and_its_gradient_is_autograds():
    x = torch.linspace(-3, 5, 81, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(momentum.kinked(x).sum(), x)
    torch.testing.assert_close(slope, momentum.gradient_kinked(x.detach()))
    bends = slope.diff() / x.detach().diff()
    assert bends.min() >= 1 - 1e-9
    assert bends.max() <= 25 + 1e-9
    assert (momentum.kinked(x).detach().diff().abs() <= 25 * 5 * 0.11).all()  # no jumps


def test_best_wants_curvatures_in_order():
    with pytest.raises(ValueError, match="0 < low <= high"):
        momentum.best(2.0, 1.0)


def test_walk_with_plain_sgd_is_descend():
    bowl = Quadratic([1.0, 5.0])
    start = torch.tensor([1.0, 2.0], dtype=torch.float64)
    ours = walks.walk(bowl, start, lambda p: torch.optim.SGD(p, lr=0.1), steps=7)
    torch.testing.assert_close(ours, descent.descend(bowl, start, lr=0.1, steps=7))
