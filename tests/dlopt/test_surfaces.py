"""Surfaces have the critical points the book says they have."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from dlopt import surfaces

PLANE = [
    "rosenbrock",
    "himmelblau",
    "two_weights",
    "monkey_saddle",
    "beale",
    "quartic_saddle",
    "tilted_valley",
    "bowl",
    "cliff",
]


@pytest.mark.parametrize("name", PLANE)
def test_any_number_of_leading_dimensions(name: str) -> None:
    f = getattr(surfaces, name)
    points = torch.randn(3, 4, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert f(points).shape == (3, 4)
    assert f(points)[1, 2] == f(points[1, 2])


@pytest.mark.parametrize(
    ("name", "minimum"),
    [
        ("rosenbrock", (1, 1)),
        ("beale", (3, 0.5)),
        ("tilted_valley", (0, 0)),
        ("bowl", (0, 0)),
        ("cliff", (0, 0)),
        ("himmelblau", (3, 2)),
        ("himmelblau", (-2.805118, 3.131312)),
        ("himmelblau", (-3.779310, -3.283186)),
        ("himmelblau", (3.584428, -1.848126)),
    ],
)
def test_scipy_finds_the_minimum(name: str, minimum: tuple[float, float]) -> None:
    f = getattr(surfaces, name)
    found = minimize(lambda w: float(f(torch.from_numpy(w))), np.array(minimum) + 0.2, tol=1e-12)
    np.testing.assert_allclose(found.x, minimum, atol=1e-4)
    assert found.fun == pytest.approx(0, abs=1e-8)


def test_two_weights_is_zero_on_the_hyperbola() -> None:
    a = torch.linspace(0.2, 3, 9, dtype=torch.float64)
    np.testing.assert_allclose(surfaces.two_weights(torch.stack([a, 1 / a], dim=-1)), 0, atol=1e-30)


def test_the_trap_has_two_minima_and_bounded_slope() -> None:
    x = torch.linspace(-30, 30, 60001, dtype=torch.float64).requires_grad_()
    heights = surfaces.trap(x)
    (slope,) = torch.autograd.grad(heights.sum(), x)
    rising = (slope > 0).int()
    minima = x[1:][(rising[1:] - rising[:-1]) == 1]
    np.testing.assert_allclose(minima.detach(), [0, 2.892], atol=2e-3)
    assert slope[x < 2].abs().max() <= 1
    assert slope.abs().max() < 2.5


def test_the_quartic_saddle_falls_along_x_rises_along_y_and_is_flat_in_the_middle() -> None:
    t = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)
    zero = torch.zeros_like(t)
    np.testing.assert_allclose(surfaces.quartic_saddle(torch.stack([t, zero], dim=-1)), -(t**4))
    np.testing.assert_allclose(surfaces.quartic_saddle(torch.stack([zero, t], dim=-1)), t**4)
    middle = torch.zeros(2, dtype=torch.float64)
    assert not torch.autograd.functional.jacobian(surfaces.quartic_saddle, middle).any()
    assert not torch.autograd.functional.hessian(surfaces.quartic_saddle, middle).any()


def test_the_tilted_valley_has_condition_number_100_and_axes_on_the_diagonals() -> None:
    H = torch.autograd.functional.hessian(surfaces.tilted_valley, torch.zeros(2, dtype=torch.float64))
    values, vectors = torch.linalg.eigh(H)
    np.testing.assert_allclose(values, [0.25, 25])
    np.testing.assert_allclose(vectors.abs(), 0.5**0.5)


def test_the_slope_of_the_cliff_is_finite_everywhere_and_a_hundred_times_steeper_at_its_edge() -> None:
    x = torch.tensor([-125.0, -14.0, 1.0, 1.5, 125.0], dtype=torch.float64)
    w = torch.stack([x, torch.zeros_like(x)], dim=-1).requires_grad_()
    (slope,) = torch.autograd.grad(surfaces.cliff(w).sum(), w)
    assert slope.isfinite().all()
    assert slope[3, 0] > 50 * slope[2, 0]
