"""The numbers of the live figure, on its whole control grid, against torch and against exact fractions."""

import itertools
import json
import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from dlopt import live
from dlopt.live.difference_step import FIRST, FUNCTIONS, LAST, slopes

XS = [round(0.5 + 0.1 * i, 1) for i in range(16)]
KS = range(FIRST, LAST + 1)
SCHEMES = list(itertools.product((True, False), (True, False)))  # central, single
WRITTEN = [
    lambda x: x * x * x,
    lambda x: x * x,
    lambda x: 1 / x,
    lambda x: x.sqrt(),
    lambda x: x / (1 + x * x),
    lambda x: x + (x - 1).abs(),
]


def nearest_root(x):
    """numpy's root is the nearest number, as IEEE 754 asks; torch's vectorised one not always."""
    return torch.from_numpy(np.sqrt(x.numpy()))


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("difference_step")


@pytest.mark.parametrize(("central", "single"), SCHEMES)
@pytest.mark.parametrize("which", range(len(FUNCTIONS)))
def test_every_error_is_torchs_to_the_last_bit(module, which, central, single):
    dtype = torch.float32 if single else torch.float64
    h = 2.0 ** -torch.arange(FIRST, LAST + 1, dtype=torch.float64).to(dtype)
    x = torch.tensor(XS, dtype=torch.float64).to(dtype)[:, None]  # (16, 1)
    f = nearest_root if which == 3 else WRITTEN[which]
    behind = f(x - h) if central else f(x).expand(-1, len(h))
    slope = ((f(x + h) - behind) / (2 * h if central else h)).double()
    leaf = x.double().requires_grad_()
    truth = torch.autograd.grad(WRITTEN[which](leaf).sum(), leaf)[0]
    got = module.run(
        f"{json.dumps(XS)}.map((x) => module.state({{ which: {which}, x, k: 2, central: {json.dumps(central)}, "
        f"single: {json.dumps(single)} }}).errors)"
    )
    np.testing.assert_allclose(got, (slope - truth).abs().numpy(), rtol=0, atol=1e-12)
    figure = live.DifferenceStep(which=which, central=central, single=single)
    for i, place in enumerate(XS):
        figure.x = place
        assert [figure._quotient(k).error for k in KS] == got[i]


@pytest.mark.parametrize("which", range(len(FUNCTIONS)))
def test_derivatives_are_autograds(module, which):
    for x in XS:
        leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        y, expected = WRITTEN[which](leaf), []
        for _ in range(3):
            if not y.requires_grad:
                expected.append(0.0)
                continue
            (y,) = torch.autograd.grad(y, leaf, create_graph=True)
            expected.append(y.item())
        np.testing.assert_allclose(module("slopes", which, x), expected, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(slopes(which, x), expected, rtol=1e-12, atol=1e-12)


def test_truncation_is_the_error_of_exact_arithmetic(module):
    x, h = Fraction(3, 2), Fraction(1, 2**12)
    cube = (((x + h) ** 3 - (x - h) ** 3) / (2 * h) - 3 * x**2, "central", 0)
    inverse = ((1 / (x + h) - 1 / x) / h + 1 / x**2, "forward", 2)
    for exact, scheme, which in (cube, inverse):
        given = {"which": which, "x": 1.5, "central": scheme == "central", "single": False}
        found = module("theory", given, float(h))["truncation"]
        assert found == pytest.approx(abs(float(exact)), rel=1e-3)


@pytest.mark.parametrize(("central", "single"), SCHEMES)
def test_errors_stay_below_truncation_plus_rounding(module, central, single):
    for which, x in itertools.product(range(5), XS):
        given = {"which": which, "x": x, "central": central, "single": single}
        errors = module("state", {**given, "k": 10})["errors"]
        for k, error in list(zip(KS, errors, strict=True))[3 : 20 if single else 50]:
            theory = module("theory", given, 2.0**-k)
            assert error <= 1.3 * (theory["truncation"] + 3 * theory["rounding"])


def test_the_best_step_is_near_the_cube_root(module):
    best = module("theory", {"which": 0, "x": 1.0, "central": True, "single": False}, 0.1)["best"]
    assert best == pytest.approx((3 * 2**-53 * 4 / 6) ** (1 / 3))
    assert module("theory", {"which": 1, "x": 1.0, "central": True, "single": False}, 0.1)["best"] == math.inf


def test_a_kink_within_reach_spoils_the_slope(module):
    given = {"which": 5, "x": 1.1, "central": True, "single": False}
    assert module("quotient", given, 3)["error"] > 0.1  # 1.1 − 1/8 lies on the other side
    assert module("quotient", given, 4)["error"] < 1e-12


@pytest.mark.parametrize(("central", "single"), SCHEMES)
def test_python_and_the_module_say_and_write_the_same(module, central, single):
    for which, x, k in itertools.product(range(len(FUNCTIONS)), XS[::3], KS):
        given = {"which": which, "x": x, "k": k, "central": central, "single": single}
        figure = live.DifferenceStep(**given)
        assert figure.describe() == module("describe", given)
        assert list(figure._digits()) == module.run(
            f"module.digits(module.state({json.dumps(given)}), {json.dumps(single)})"
        )
