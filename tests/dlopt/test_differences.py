"""Difference quotients against formulas that can be done by hand, and a check that finds planted mistakes."""

import math

import pytest
import torch

from dlopt import backprop, differences

ONE = torch.ones(1, dtype=torch.float64)


@pytest.mark.parametrize(("scheme", "expected"), [("central", 3 + 0.25**2), ("forward", 3 + 3 * 0.25 + 0.25**2)])
def test_the_quotient_of_a_cube_is_known(scheme, expected):
    got = differences.quotient(lambda w: (w**3).sum(), ONE, ONE[None], 0.25, scheme)
    assert got.item() == expected  # powers of two: no rounding


def test_directions_are_slopes_along_them():
    w = torch.tensor([1.0, -2.0], dtype=torch.float64)
    directions = torch.tensor([[1.0, 0.0], [0.6, 0.8]], dtype=torch.float64)
    got = differences.quotient(lambda w: w[0] * w[1], w, directions, 1e-3)
    torch.testing.assert_close(got, torch.tensor([-2.0, 0.6 * -2 + 0.8 * 1], dtype=torch.float64), rtol=0, atol=1e-12)


@pytest.mark.parametrize("scheme", differences.SCHEMES)
def test_the_u_curve_falls_with_its_order_and_rises_by_one(scheme):
    order = differences.SCHEMES[scheme]

    def f(w):
        return w.exp().sum()

    coarse, finer = differences.u_curve(f, ONE, ONE[None], ONE.exp(), [1e-2, 1e-3], scheme)
    assert math.log10(coarse / finer) == pytest.approx(order, abs=0.05)
    small = differences.u_curve(f, ONE, ONE[None], ONE.exp(), [1e-9, 1e-13], scheme)
    assert small[1] > 100 * small[0]


@pytest.mark.parametrize("order", [1, 2])
def test_best_step_minimises_the_two_errors_together(order):
    f, bend, eps = 2.5, 0.7, 2.0**-53

    def total(h):
        return bend * h**2 / 6 + eps * f / h if order == 2 else bend * h / 2 + 2 * eps * f / h

    best = differences.best_step(f, bend, eps, order)
    assert total(best) < min(total(0.99 * best), total(1.01 * best))


def test_agreement_finds_a_wrong_slope_and_passes_a_right_one():
    z = torch.linspace(-1, 1, 6, dtype=torch.float64).view(2, 3)
    generator = torch.Generator().manual_seed(0)

    def wrong(z):
        return backprop.disguised(z.tanh(), z)

    assert differences.agreement(torch.tanh, [z], generator=generator) < 1e-8
    assert differences.agreement(wrong, [z], generator=generator) > 0.1


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="scheme must be one of"):
        differences.quotient(torch.sum, ONE, ONE[None], 0.1, "backward")
    with pytest.raises(ValueError, match="h must be positive"):
        differences.quotient(torch.sum, ONE, ONE[None], 0.0)
