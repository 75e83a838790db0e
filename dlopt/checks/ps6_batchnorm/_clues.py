"""What can be said of a wrong number of this problem set beyond `dlopt.checks.diagnose`: true of it, and no answer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.expect import Failure

__all__ = ["columns", "gradient_columns", "ratios", "share"]

Array = NDArray[np.float64]


def _read(value: Any, shape: tuple[int, ...]) -> Array | None:
    try:
        return expect.numbers(value, shape)
    except Failure:
        return None


def columns(value: Any, shape: tuple[int, ...]) -> str:
    """Say which mean and variance the first column of an output has that is not normal."""
    found = _read(value, shape)
    if found is None:
        return ""
    mean, var = found.mean(axis=0), found.var(axis=0)
    odd = np.flatnonzero((np.abs(mean) > 1e-6) | (np.abs(var - 1) > 1e-6))
    if not odd.size:
        return ""
    k = int(odd[0])
    return f"Column {k} of the output has mean {mean[k]:.4g} and, with 1/N, variance {var[k]:.4g}."


def gradient_columns(value: Any, x: Array) -> str:
    """Say whether a gradient knows that a shift, and that a stretch, of a column of x changes nothing."""
    found = _read(value, x.shape)
    if found is None or not found.any():
        return ""
    size = np.abs(found).sum(axis=0) + 1e-300
    if np.any(np.abs(found.sum(axis=0)) > 1e-6 * size):
        return "The columns of dx do not add up to 0: it says that shifting a column of x would change the output."
    centred = x - x.mean(axis=0)
    if np.any(np.abs(np.sum(found * centred, axis=0)) > 1e-6 * np.sum(np.abs(found * centred), axis=0) + 1e-12):
        return "The columns of dx add up to 0, but it says that stretching a column of x would change the output."
    return "It knows that shifting or stretching a column of x changes nothing; what is left is off."


def share(value: Any, start: float, target: Array, momentum: float) -> str:
    """Say which share of the way from its start to ``target`` a running statistic has gone with the first batch."""
    found = _read(value, target.shape)
    if found is None:
        return ""
    if np.all(found == start):
        return "It has not moved at all."
    gone = (found - start) / (target - start)
    if np.allclose(gone, gone[0], rtol=1e-6) and not np.isclose(gone[0], momentum):
        return f"The first batch has moved it {gone[0]:.3g} of the way; momentum is {momentum:g}."
    return f"After the first batch it is not on the way from {start:g} to the batch's own."


def ratios(value: Any, expected: Array) -> str:
    """Say whether every column is off by a factor of its own."""
    found = _read(value, expected.shape)
    if found is None or not np.all(expected.any(axis=0)):
        return ""
    factors = np.sum(found * expected, axis=0) / np.sum(expected**2, axis=0)
    if not np.allclose(found, factors * expected, rtol=1e-6, atol=1e-9 * np.max(np.abs(expected))):
        return ""
    k = int(np.argmax(np.abs(np.log(np.abs(factors) + 1e-300))))
    return f"Every column is off by a factor of its own, or right; the worst is column {k}, by {factors[k]:.4g}."
