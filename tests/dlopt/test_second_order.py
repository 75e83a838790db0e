"""Quasi-Newton runs and the table of prices."""

import pytest
import torch

from dlopt import second_order, surfaces
from dlopt.quadratics import Quadratic, random_rotation


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B", "CG"])
def test_rosenbrocks_minimum_is_found(method):
    run = second_order.minimise(surfaces.rosenbrock, torch.tensor([-1.2, 1.0], dtype=torch.float64), method)
    torch.testing.assert_close(run.path[-1], torch.ones(2, dtype=torch.float64), atol=1e-6, rtol=0)
    assert run.evaluations >= len(run.path) - 1


def test_other_methods_are_refused():
    with pytest.raises(ValueError, match="BFGS"):
        second_order.minimise(surfaces.rosenbrock, torch.zeros(2, dtype=torch.float64), "Powell")


def test_two_loops_multiply_by_the_matrix_that_bfgs_builds():
    g = torch.Generator().manual_seed(0)
    bowl = Quadratic(torch.linspace(1, 3, 6), random_rotation(6, g))
    moves = torch.randn(10, 6, generator=g, dtype=torch.float64)
    turns = moves @ bowl.power(1)
    inverse = torch.eye(6, dtype=torch.float64)
    for s, y in zip(moves, turns, strict=True):
        inverse = second_order._bfgs(inverse, s, y)
        torch.testing.assert_close(inverse @ y, s)  # the secant equation
    vector = torch.randn(6, generator=g, dtype=torch.float64)
    torch.testing.assert_close(second_order._two_loops(vector, moves, turns), inverse @ vector)


def test_prices_count_what_is_held():
    x = torch.randn(6, 4, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    table = second_order.prices([1, 2], x, torch.arange(6), torch.Generator().manual_seed(3))
    sizes = sorted({row.weights for row in table})
    assert sizes == [4 + 1 + 10 + 10, 8 + 2 + 20 + 10]
    for size in sizes:
        held = {row.method: row.numbers for row in table if row.weights == size}
        assert held == {
            "gradient": 0,
            "Adam": 2 * size,
            "L-BFGS": 20 * size,
            "BFGS": size**2,
            "Levenberg–Marquardt": size**2 + 60 * size,
            "Newton": size**2,
        }
    assert all(row.seconds > 0 for row in table)
