"""What can be said of a wrong walk: where it leaves the right one, and what its step there looks like."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect, sketch
from dlopt.checks.case import Case
from dlopt.checks.diagnose import diagnose
from dlopt.checks.expect import Failure

__all__ = ["is_whole", "same_walk", "stack", "walked"]

Array = NDArray[np.float64]


def stack(values: object, shape: tuple[int, ...], count: int, name: str = "theta after update") -> Array:
    """Read what a walk returned as one array (T, *shape).

    Raises
    ------
    Failure
        Naming the first update whose result holds no numbers of that shape.
    """
    if is_whole(values, shape, count):
        assert isinstance(values, np.ndarray)
        return values
    found = walked(values, count)
    read = [expect.numbers(value, shape, f"{name} {k + 1}") for k, value in enumerate(found)]
    if len(read) < count:
        raise Failure(f"{name} {len(read) + 1} is missing.")
    return np.array(read)


def is_whole(values: object, shape: tuple[int, ...], count: int) -> bool:
    """Tell whether all updates came, in one array, and each returned finite float64 numbers of that shape."""
    if type(values) is not np.ndarray or values.dtype != np.float64 or values.shape != (count, *shape):
        return False
    return bool(np.isfinite(values).all())


def walked(values: object, count: int) -> list[object]:
    """Return what a walk of ``count`` updates brought; it ends early where nothing was returned.

    Raises
    ------
    Failure
        Where it is longer.
    """
    several = type(values) is list or (type(values) is np.ndarray and values.ndim > 0)
    found: Any = values if several else []
    if len(found) > count:
        expect.collected(found, count)
    return found if type(found) is list else [found[k, ...] for k in range(len(found))]


def same_walk(case: Case, got: object, name: str = "theta after update") -> None:
    """Ask for the right path, and say at which update it is left.

    Raises
    ------
    Failure
        With the first update that is not right, and a clue about its step.
    """
    right: Array = case.truth.path
    came = stack(got, right.shape[1:], len(right), name)
    allowed = expect.tolerance(right, trajectory=True)
    wrong = np.any(np.abs(came - right).reshape(len(right), -1) > allowed.reshape(len(right), -1), axis=1)
    if not wrong.any():
        return
    k = int(np.argmax(wrong))
    message = f"{name} {k + 1}: expected {expect.show(right[k])}; got {expect.show(came[k])}."
    drawable = right.shape[1:] == (2,) and len(right) > 2
    raise Failure(message, _step_clue(case, came, k), sketch.paths(came, right) if drawable else "")


def _step_clue(case: Case, came: Array, k: int) -> str:
    """Describe the first step that is not right."""
    start, steps = case.args[2], case.truth.steps
    moved = np.diff(came, axis=0, prepend=start[np.newaxis])
    if not np.any(moved):
        return "theta never moves."
    if k == 0 and len(moved) > 2 and _near(moved[1:], steps[:-1]) and not np.any(moved[0]):
        return "Every step comes one update late."
    before = "" if k == 0 else "The first update is right. " if k == 1 else f"The first {k} updates are right. "
    found = diagnose(moved[k], steps[k], case.truth.context(k))
    if not found and k == 0:
        return ""  # what is expected and what came says as much
    return f"{before}Of the step of update {k + 1}: {_lowered(found) or _compared(moved[k], steps[k])}"


def _near(a: Array, b: Array) -> bool:
    return bool(np.allclose(a, b, rtol=1e-6, atol=1e-9))


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _compared(moved: Array, right: Array) -> str:
    """Compare the coordinate that is off most."""
    flat, want = np.ravel(moved), np.ravel(right)
    worst = int(np.argmax(np.abs(flat - want)))
    where = f"coordinate {worst} moves by" if flat.size > 1 else "it is"
    digits = 4 if abs(flat[worst] - want[worst]) > 1e-3 * abs(want[worst]) else 9
    return f"{where} {flat[worst]:.{digits}g} instead of {want[worst]:.{digits}g}."
