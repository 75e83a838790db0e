"""Name the generic slip that turns the right numbers into the ones that came, without knowing the exercise.

`diagnose` compares two sets of numbers and tries relations in a fixed order, the most telling first: a flipped
sign, a constant factor, a transpose, rows out of step. What it says is always true of the numbers at hand; whether
it is also the reason is for the student to find out, and the sentences are worded so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Context", "diagnose"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Context:
    """What an answer might be off by in this case.

    Parameters
    ----------
    factors : mapping of str to float
        Named quantities that may multiply or divide by mistake, ``{"the number of samples": 5}``.
    terms : mapping of str to array_like
        Named summands of the right answer that may be missing or carry the wrong sign.
    """

    factors: Mapping[str, float] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)


def diagnose(actual: Any, expected: Any, context: Context | None = None) -> str:
    """Say in one sentence how ``actual`` relates to ``expected``, or return ``""`` when nothing generic fits.

    Parameters
    ----------
    actual, expected : array_like
        What came and what is right, of any two shapes.
    context : Context, optional
        Named factors and terms of this case.

    Returns
    -------
    str
        A sentence, or the empty string.

    Examples
    --------
    >>> diagnose([1.0, -2.0], [-1.0, 2.0])
    'Every sign is flipped.'
    >>> diagnose(0.5, 2.0)
    'It is the reciprocal of the right value: one divided by it.'
    >>> diagnose([[1.0, 2.0], [3.0, 4.0]], [[1.0, 3.0], [2.0, 4.0]])
    'It is the transpose of the right matrix.'
    >>> diagnose([[1.0], [0.5]], [[2.0], [1.0], [0.5]])
    'The rows are right, but the first one is missing: the sequence should include its start.'
    """
    try:
        have, want = np.asarray(actual), np.asarray(expected)
    except ValueError:  # ragged
        return ""
    if have.dtype.kind not in "biuf" or have.size > 10 * want.size + 100_000:
        return ""
    have, want = have.astype(np.float64), want.astype(np.float64)
    if not (have.size and want.size and np.isfinite(have).all() and np.isfinite(want).all()):
        return ""
    if have.shape != want.shape and have.size == want.size and _squeeze(have) == _squeeze(want):
        have = have.reshape(want.shape)
    relations = _same_shape if have.shape == want.shape else _other_shape
    return next(relations(have, want, context or Context()), "")


def _squeeze(x: Array) -> list[int]:
    return [n for n in x.shape if n != 1]


def _equal(a: Any, b: Any) -> bool:
    """Equal far beyond chance: 1e-6 of the largest entry."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    scale = max(np.max(np.abs(a), initial=0.0), np.max(np.abs(b), initial=0.0))
    return bool(np.all(np.abs(a - b) <= 1e-6 * scale + 1e-12))


def _same_shape(have: Array, want: Array, context: Context) -> Iterator[str]:
    """Yield what can be said of numbers in the right shape, the most telling first."""
    if _equal(have, want):
        return
    if not have.any():
        yield "Every entry is 0."
    if _equal(have, -want):
        yield "Every sign is flipped." if want.size > 1 else "The sign is flipped."
    yield from _terms(have, want, context)
    yield from _factors(have, want, context)
    if want.ndim == 2 and have.shape == have.T.shape and _equal(have, want.T):
        yield "It is the transpose of the right matrix."
    if want.ndim == 2 and len(want) > 2:
        yield from _rows(have, want)
    yield from _entrywise(have, want)
    if want.size > 1 and _equal(np.sort(have, axis=None), np.sort(want, axis=None)):
        backwards = _equal(have[::-1], want)
        yield "The order is reversed." if backwards else "The right numbers are there, in another order."
    if want.size > 2 and _equal(have - want, np.full_like(want, (have - want).flat[0])):
        yield "Every entry is off by the same constant."
    yield from _partly(have, want)


def _terms(have: Array, want: Array, context: Context) -> Iterator[str]:
    for name, term in context.terms.items():
        value = np.asarray(term, dtype=np.float64)
        if value.shape != want.shape or not value.any():
            continue
        if _equal(have, want - value):
            yield f"It is what comes out when {name} is left out."
        if _equal(have, want - 2 * value):
            yield f"It is what comes out when {name} carries the wrong sign."
        if _equal(have, want + value):
            yield f"It is what comes out when {name} counts twice."
        if _equal(have, want - value / 2):
            yield f"It is what comes out when only half of {name} is there."


def _factors(have: Array, want: Array, context: Context) -> Iterator[str]:
    large = np.abs(want) > 1e-9 * np.max(np.abs(want), initial=0.0)
    if not large.any():
        return
    factor = float(have[large][0] / want[large][0])
    if factor == 0 or not _equal(have, factor * want):
        return
    named = {"2": 2.0, **context.factors}
    sign = " and the sign is flipped" if factor < 0 else ""
    for name, value in named.items():
        if not value or abs(value) == 1:
            continue
        if np.isclose(abs(factor), abs(value), rtol=1e-6):
            yield f"It is too large by a factor of {name}{sign}."
        if np.isclose(abs(factor), 1 / abs(value), rtol=1e-6):
            yield f"It is too small by a factor of {name}{sign}."
    if want.size > 2 and np.count_nonzero(large) > 2:
        yield f"Every entry is off by the same factor, {factor:.4g}."


def _rows(have: Array, want: Array) -> Iterator[str]:
    """Relations of sequences, one row a step."""
    if _equal(have, np.broadcast_to(have[0], have.shape)):
        if _equal(have[0], want[-1]):
            yield "All rows are the last one: the same array was stored every time and changed afterwards."
        elif _equal(have[0], want[0]):
            yield "All rows are the first one: nothing moves."
        else:
            yield "All rows are the same: was one array stored every time and changed afterwards?"
    if _equal(have[1:], want[:-1]):
        yield "The sequence is one step late."
    if _equal(have[:-1], want[1:]):
        yield "The sequence is one step ahead: the first row should be the start."
    if _equal(have[0], want[0]):
        good = next(k for k in range(len(want)) if not _equal(have[: k + 1], want[: k + 1]))
        if good > 1:
            yield f"Rows 0 to {good - 1} are right, row {good} is the first that is not."


def _entrywise(have: Array, want: Array) -> Iterator[str]:
    one: dict[str, Callable[[Array], Array]] = {
        "It is the reciprocal of the right value: one divided by it.": lambda w: 1 / w,
        "It is the square of the right value.": lambda w: w**2,
        "It is the square root of the right value.": lambda w: np.sqrt(np.abs(w)),
    }
    if np.all(want != 0):
        for sentence, function in one.items():
            if _equal(have, function(want)):
                yield (
                    sentence if want.size == 1 else sentence.replace("It is", "Each entry is").replace("value", "entry")
                )
    if want.size > 1 and _equal(np.abs(have), np.abs(want)):
        yield "The sizes are right, some signs are flipped."


def _partly(have: Array, want: Array) -> Iterator[str]:
    right = np.isclose(have, want, rtol=1e-6, atol=1e-9)
    if not right.any() or want.size < 2:
        return
    if want.ndim == 2 and want.shape[0] == want.shape[1] and want.shape[0] > 1:
        diagonal = np.eye(len(want), dtype=bool)
        if right[diagonal].all() and not right[~diagonal].any():
            yield "Only the diagonal is right."
        if right[~diagonal].all() and not right[diagonal].any():
            yield "Only the diagonal is wrong."
    wrong = int(np.count_nonzero(~right))
    if want.size > 3 and wrong <= want.size // 4:
        yield f"All but {wrong} of the {want.size} entries are right."


def _other_shape(have: Array, want: Array, context: Context) -> Iterator[str]:
    """Yield what can be said of numbers in another shape."""
    if want.ndim == 2 and have.T.shape == want.shape and _equal(have.T, want):
        yield "It is the transpose of the right matrix."
    if have.ndim == want.ndim >= 1 and have.shape[1:] == want.shape[1:]:
        yield from _row_count(have, want)
    if have.shape == want.shape[1:] and _equal(have, want[-1]):
        yield "It is the last row only: the whole sequence is asked for."
    if want.ndim == 0:
        for word, total in (("sum", have.sum()), ("mean", have.mean()), ("largest", have.max())):
            if _equal(total, want):
                yield f"The {word} of these numbers is right: one number is asked for."
    if have.ndim == 0:
        for word, total in (("sum", want.sum()), ("mean", want.mean())):
            if _equal(have, total):
                yield f"It is the {word} of the right entries: they are asked for one by one."
    for axis in range(have.ndim):
        for word, reduced in (("summed", have.sum(axis)), ("averaged", have.mean(axis))):
            if have.ndim == want.ndim + 1 > 1 and _equal(reduced, want):
                yield f"It is right once {word} over axis {axis}."


def _row_count(have: Array, want: Array) -> Iterator[str]:
    if _equal(have, want[1:]):
        yield "The rows are right, but the first one is missing: the sequence should include its start."
    if _equal(have, want[:-1]):
        yield "The rows are right, but the last one is missing: count the steps."
    if len(have) == len(want) + 1 and _equal(have[:-1], want):
        yield "There is one step too many at the end."
    if len(have) == len(want) + 1 and _equal(have[1:], want):
        yield "There is one row too many at the start."
