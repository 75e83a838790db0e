"""Surfaces have the critical points the book says they have."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from dlopt import surfaces

PLANE = ["rosenbrock", "himmelblau", "two_weights", "monkey_saddle"]


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
