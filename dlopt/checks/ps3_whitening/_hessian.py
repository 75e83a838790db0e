"""The Hessian of linear regression: where the valley comes from (row W1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps3_whitening._cases import generator, layouts, of_seed
from dlopt.checks.ps3_whitening._regressions import Regression, label, readable, regression

__all__ = ["regression_hessian"]


regression_hessian = Exercise("regression_hessian", ("X",))


def _hessian_case(problem: Regression) -> Case:
    X = problem.X
    n, d = X.shape
    mean = X.sum(axis=0) / n
    about = Context(
        factors={f"N = {n}": n, "N/(N − 1)": n / (n - 1) if n > 1 else 1.0, f"D = {d}": d},
        terms={"the outer product of the mean with itself": np.multiply.outer(mean, mean)},
    )
    return Case((X,), label(problem), (problem.curvature, about))


@of_seed
def _centred(seed: int) -> list[Case]:
    rng = generator(seed, 40)
    shapes = ((6, 3), (4, 7), (5, 1), (9, 2))
    cases = [_hessian_case(regression(rng, n, d, mean="none")) for n, d in shapes]
    return cases + layouts(cases[0], "F", "strided")


@of_seed
def _off_centre(seed: int) -> list[Case]:
    rng = generator(seed, 41)
    first = [_hessian_case(readable())] if seed == 1 else []
    shapes = ((6, 3), (1, 4), (3, 5), (8, 1), (1, 1))
    return first + [_hessian_case(regression(rng, n, d, mean="large")) for n, d in shapes]


@of_seed
def _tiny_and_huge(seed: int) -> list[Case]:
    rng = generator(seed, 42)
    return [_hessian_case(regression(rng, 6, 3, kappa=1e4, scale=scale, mean="none")) for scale in (1e-3, 1e4)]


@of_seed
def _hessian_guarded(seed: int) -> list[Case]:
    return _centred(seed) + layouts(_off_centre(seed)[0], "read-only")


@regression_hessian.prop(points=0.25, cases=_centred, hint="One row and one column per weight.")
def hessian_type(case: Case, got: Any) -> None:
    """Returns an array of shape (D, D)"""
    expect.array(got, case.truth[0].shape)


def _per_weight(case: Case, got: Any) -> None:
    """Refuse a matrix with one row and one column per sample."""
    n, d = case.args[0].shape
    if n != d and np.shape(got) == (n, n):
        what = f"The Hessian should have shape {(d, d)}; it has shape {(n, n)}."
        raise Failure(what, "There is one row and one column per sample: it should be one per weight.")


def _hessian(case: Case, got: Any) -> None:
    _per_weight(case, got)
    expect.close(got, case.truth[0], "The Hessian", context=case.truth[1])


@regression_hessian.prop(
    points=0.5,
    cases=_centred,
    hint="Entry (i, j) says how the slope along weight i changes with weight j: which columns of X meet there?",
)
def hessian_directions(case: Case, got: Any) -> None:
    """Its entries are right relative to each other"""
    want, about = case.truth
    _per_weight(case, got)
    have = expect.numbers(got, want.shape, "The Hessian")
    share = float(np.sum(have * want) / np.sum(want**2))
    expect.close(have if share <= 0 else have / share, want, "The Hessian", context=about)


@regression_hessian.prop(
    points=0.25,
    cases=_centred,
    hint="Differentiate the loss twice for D = 1 and N = 1, then put the mean over the samples in front.",
)
def hessian_value(case: Case, got: Any) -> None:
    """The Hessian is right for centred inputs"""
    _hessian(case, got)


@regression_hessian.prop(
    points=0.5,
    cases=_off_centre,
    hint="The loss sees X as it is: nobody has subtracted a mean. What does a large mean do to the curvature?",
)
def hessian_off_centre(case: Case, got: Any) -> None:
    """It is right for inputs with a mean, too, and for a single sample"""
    _hessian(case, got)


@regression_hessian.prop(points=0.25, cases=_tiny_and_huge, hint="Ten times the inputs, a hundred times the curvature.")
def hessian_scales(case: Case, got: Any) -> None:
    """Also for tiny and for huge inputs"""
    _hessian(case, got)


regression_hessian.keeps_inputs(points=0.25, cases=_hessian_guarded)
