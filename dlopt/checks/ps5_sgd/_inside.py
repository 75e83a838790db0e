"""What runs beside a student's average: the caller who goes on working with the arrays.

Self-contained, numpy only: `dlopt.checks.inside` may run this source where the student's code lives, for it is about
who holds which array.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["average", "average_two"]


def _note(returned: Any) -> Any:
    """Copy what was returned."""
    if isinstance(returned, list | tuple):
        return type(returned)([np.array(v, dtype=v.dtype) if isinstance(v, np.ndarray) else v for v in returned])
    return returned


def _spoil(arrays: Any) -> None:
    """Write into whatever arrays a list holds, where it can be done."""
    for array in arrays if isinstance(arrays, list | tuple) else ():
        if isinstance(array, np.ndarray) and array.flags.writeable:
            array[...] = 1e3


def average(EMA: Any, gamma: float, steps: list[list[Any]], manner: str) -> list[Any]:
    """Show an average some parameters, one list a step, and note what it returns.

    ``manner`` says what the caller does meanwhile: "plain", nothing; "train", keep one list of arrays and write the
    next parameters into it, as a training in place does; "spoil", write into what was returned; "keep", look at what
    was returned only at the end, when the arrays that were shown are long used for something else.
    """
    ema, found, shown, own = EMA(gamma), [], [], [np.array(p) for p in steps[0]]
    for params in steps:
        if manner == "train":
            for array, value in zip(own, params):  # noqa: B905 - of one length
                array[...] = value
        shown.append(own if manner == "train" else [np.array(p) for p in params])
        returned = ema.update(shown[-1])
        found.append(returned if manner == "keep" else _note(returned))
        if manner == "spoil":
            _spoil(returned)
    if manner == "keep":
        for arrays in shown:
            _spoil(arrays)
    return [_note(returned) for returned in found]


def average_two(EMA: Any, gamma: float, steps: list[list[Any]], others: list[list[Any]]) -> list[Any]:
    """Run two averages side by side, the second with another γ and other parameters; note what the first returns."""
    first, second, found = EMA(gamma), EMA(gamma / 2), []
    for params, other in zip(steps, others):  # noqa: B905 - of one length
        found.append(_note(first.update([np.array(p) for p in params])))
        second.update([np.array(p) for p in other])
    return found
