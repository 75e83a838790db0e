"""Each column by itself: mean 0, standard deviation 1 (row W4)."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps3_whitening._cases import Array, generator, layouts, of_seed, scores, small

__all__ = ["standardize"]

standardize = Exercise("standardize", ("X",))
PARTS = ("Xs", "mean", "std")


def _case(Z: Array, mean: Array, std: Array, label: str = "") -> Case:
    """Shift and scale columns of mean 0 and variance 1: the exercise has to undo it."""
    n, d = Z.shape
    X = mean + std * Z
    label = label or (f"X = {small(X)}" if X.size <= 8 else f"N = {n}, D = {d}")
    biased = {"√(N/(N − 1))": np.sqrt(n / (n - 1))} if n > 1 else {}
    shift = np.broadcast_to(-mean / np.where(std > 0, std, 1), Z.shape)
    about = Context(factors=biased, terms={"the shift by the mean": shift})
    return Case((X,), label, (Z, mean, std, about))


def _columns(rng: np.random.Generator, n: int, d: int) -> Array:
    """Draw d columns of mean 0 and variance 1, correlated with each other."""
    inner = scores(rng, n, min(n - 1, d))
    mixing = rng.normal(size=(inner.shape[1], d))
    drawn: Array = inner @ (mixing / np.linalg.norm(mixing, axis=0))
    return drawn


@of_seed
def _tables(seed: int) -> list[Case]:
    rng = generator(seed, 10)
    cases = []
    if seed == 1:
        square = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
        cases.append(_case(square, np.array([3.0, 1.0]), np.array([2.0, 5.0])))
    for n, d in ((6, 3), (4, 4), (3, 7), (9, 1), (2, 2)):
        Z = _columns(rng, n, d)
        cases.append(_case(Z, rng.normal(size=d) * 20, rng.uniform(0.3, 30, size=d)))
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def _narrow(seed: int) -> list[Case]:
    """Columns in very different units, some of them varying very little, though they do."""
    rng = generator(seed, 11)
    std = np.array([3e-9, 1e-5, 1.0, 1e5])
    cases = [_case(_columns(rng, n, 4), std * rng.normal(size=4), std) for n in (5, 12)]
    return [Case(c.args, f"columns with spreads {small(std)}", c.truth) for c in cases]


@of_seed
def _still(seed: int) -> list[Case]:
    """Columns of one and the same whole number, a single sample among them."""
    rng = generator(seed, 12)
    Z = np.column_stack([np.zeros(5), _columns(rng, 5, 1), np.zeros(5)])
    mean, std = np.array([2.0, 7.0, 0.0]), np.array([0.0, 3.0, 0.0])
    row = rng.integers(-3, 9, size=3).astype(float)
    return [
        _case(Z, mean, std, "columns 0 and 2 hold 2 and 0 all the way down"),
        _case(np.zeros((1, 3)), row, np.zeros(3), f"a single sample, X = {small(row[None])}"),
        _case(np.zeros((4, 1)), np.array([-1.0]), np.zeros(1), "one column of −1"),
    ]


@of_seed
def _still_in_decimals(seed: int) -> list[Case]:
    """Columns of one and the same decimal number, whose computed mean differs from it in the last bit."""
    rng = generator(seed, 13)
    n = 10
    tenths = [c for c in np.arange(1, 100) / 100 if np.add.accumulate(np.full(n, c))[-1] / n != c]
    still = rng.choice(tenths, size=3, replace=False)
    if seed == 1:
        still[0] = 0.1
    Z = np.column_stack([np.zeros((n, 3)), _columns(rng, n, 1)])
    mean, std = np.append(still, 1.0), np.array([0.0, 0.0, 0.0, 2.0])
    return [_case(Z, mean, std, f"{n} samples, columns 0 to 2 hold {small(still)} all the way down")]


@of_seed
def _guarded(seed: int) -> list[Case]:
    return _tables(seed) + layouts(_tables(seed)[0], "read-only")


def _scaled(case: Case, got: Any) -> None:
    Z, _, _, about = case.truth
    value = expect.pick(got, 0, PARTS)
    try:
        expect.close(value, Z, "Xs", context=about)
    except Failure as failure:
        raise Failure(failure.message, failure.clue or _moments(value, Z)) from None


def _moments(value: Any, Z: Array) -> str:
    """Say of the first column that is not right which mean and standard deviation it has."""
    if not (isinstance(value, np.ndarray) and value.shape == Z.shape):
        return ""
    k = int(np.argmax(np.abs(value - Z).max(axis=0) > 1e-5))
    mean, spread = value[:, k].mean(), value[:, k].std()
    return f"Column {k} of your Xs has mean {mean:.4g} and standard deviation {spread:.4g}, not 0 and 1."


@standardize.prop(points=0.5, cases=_tables, hint="Three arrays: the data, then one number per column, twice.")
def standardize_types(case: Case, got: Any) -> None:
    """Returns (Xs, mean, std), arrays of shape (N, D), (D,) and (D,)"""
    for value, want, name in zip(expect.parts(got, PARTS), case.truth[:3], PARTS, strict=True):
        expect.array(value, want.shape, name)


@standardize.prop(
    points=0.75, cases=_tables, hint="Every column of Xs has mean 0 and variance 1, the variance with 1/N."
)
def standardized_values(case: Case, got: Any) -> None:
    """Xs is shifted and scaled column by column"""
    _scaled(case, got)


@standardize.prop(points=0.5, cases=_tables, hint="X can be got back from the three: X = mean + std · Xs.")
def mean_and_std(case: Case, got: Any) -> None:
    """Mean and standard deviation of the columns are right"""
    expect.close(expect.pick(got, 1, PARTS), case.truth[1], "The mean")
    expect.close(expect.pick(got, 2, PARTS), case.truth[2], "The standard deviation", context=case.truth[3])


@standardize.prop(
    points=0.25,
    cases=_narrow,
    hint="Metres written in kilometres are still data: only a column whose entries are all equal is constant.",
)
def narrow_columns(case: Case, got: Any) -> None:
    """A column that varies a little is scaled like any other"""
    _scaled(case, got)


def _at_rest(case: Case, got: Any) -> None:
    """Look at the constant columns only: what becomes of the others is another property's business."""
    Z, mean, std, _ = case.truth
    still = std == 0
    Xs, means, stds = (
        expect.numbers(expect.pick(got, k, PARTS), want.shape, name)
        for k, want, name in ((0, Z, "Xs"), (1, mean, "The mean"), (2, std, "The standard deviation"))
    )
    for k in np.flatnonzero(still):
        expect.close(Xs[:, k], Z[:, k], f"Column {k} of Xs")
        expect.close(means[k], mean[k], f"The mean of column {k}")
        expect.close(stds[k], std[k], f"The standard deviation of column {k}")


@standardize.prop(
    points=0.5,
    cases=_still,
    hint="A column that never changes has standard deviation 0. What should it be divided by, so that zeros remain?",
)
def constant_columns(case: Case, got: Any) -> None:
    """A constant column becomes zeros and has std 0; a single sample is all constant columns"""
    _at_rest(case, got)


@standardize.prop(
    points=0.25,
    cases=_still_in_decimals,
    hint="Ten times 0.1 is not quite 1 in floating point, so a computed std of a constant column may be 1e-17.",
)
def constant_columns_despite_rounding(case: Case, got: Any) -> None:
    """Also where the mean of equal numbers is rounded"""
    _at_rest(case, got)


standardize.keeps_inputs(points=0.25, cases=_guarded)
