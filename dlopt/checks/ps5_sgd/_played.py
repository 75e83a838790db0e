"""What is played with a student's iterators of mini-batches and averages where they live; it returns what came.

Self-contained but for `dlopt.checks.beside`: `dlopt.checks.inside` runs this source beside the student's code.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks.beside import played_beside, snapshot

__all__ = ["average", "average_manners", "average_two", "deal", "deal_balanced", "rounds"]

Array = NDArray[Any]
Rng = np.random.Generator

SPARE = 3  #: items more than there are samples after which an iterator counts as endless


# --- mini-batches


@played_beside(2)
def deal(minibatches: Any, X: Array, y: Array, batch_size: int, rng: Rng) -> list[Any]:
    """Take what it yields as a ``for`` loop does: how that ended, and the items.

    An item that has parts is a list of copies of them, three at most; any other is a tuple of itself. The end is
    "done", "endless" or, where nothing can be iterated, "nothing", with the whole result for an item.
    """
    found = minibatches(X, y, batch_size, rng)
    if _is_whole(found):
        return ["nothing", [(found,)]]
    items: list[Any] = []
    for item in found:
        if len(items) >= len(X) + SPARE:
            return ["endless", items]
        items.append(_parts(item))
    return ["done", items]


@played_beside(2)
def deal_balanced(balanced_minibatches: Any, X: Array, labels: Array, batch_size: int, rng: Rng) -> list[Any]:
    """Take what it yields; a scene of its own for the name of its second argument."""
    return deal(balanced_minibatches, X, labels, batch_size, rng)


def _is_whole(value: Any) -> bool:
    """Tell what no loop should unpack, though it may be possible."""
    return value is None or isinstance(value, (np.ndarray, np.generic, str, float, int, dict))


def _parts(item: Any) -> Any:
    """Unpack an item as ``xb, yb = item`` would, whatever kind of pair it is; copy what it holds."""
    if _is_whole(item):
        return (snapshot(item),)
    try:
        return [snapshot(part) for part in islice(iter(item), 3)]
    except TypeError:
        return (item,)


@played_beside(4)
def rounds(minibatches: Any, X: Array, y: Array, batch_size: int, rng: Rng, twin: Rng, other: Rng) -> list[Any]:
    """Go through the data four times, twice in a row with one generator."""
    return [deal(minibatches, X.copy(), y.copy(), batch_size, source) for source in (rng, rng, twin, other)]


# --- averages: the caller goes on working with the arrays


def _spoil(arrays: Any) -> None:
    """Write into whatever arrays a list holds, where it can be done."""
    for array in arrays if isinstance(arrays, (list, tuple)) else ():
        if isinstance(array, np.ndarray) and array.flags.writeable:
            array[...] = 1e3


@played_beside()
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
        found.append(returned if manner == "keep" else snapshot(returned))
        if manner == "spoil":
            _spoil(returned)
    if manner == "keep":
        for arrays in shown:
            _spoil(arrays)
    return [snapshot(returned) for returned in found]


@played_beside(2)
def average_manners(EMA: Any, gamma: float, steps: list[list[Any]], manner: str) -> list[Any]:
    """Note what an average says while its caller behaves in some manner, and while they keep still."""
    return [average(EMA, gamma, steps, how) for how in (manner, "plain")]


@played_beside(2)
def average_two(EMA: Any, gamma: float, steps: list[list[Any]], others: list[list[Any]]) -> list[Any]:
    """Note what an average says beside a second one with another γ and other parameters, and what one says alone."""
    first, second, found = EMA(gamma), EMA(gamma / 2), []
    for params, other in zip(steps, others):  # noqa: B905 - of one length
        found.append(snapshot(first.update([np.array(p) for p in params])))
        second.update([np.array(p) for p in other])
    return [found, average(EMA, gamma, steps, "plain")]
