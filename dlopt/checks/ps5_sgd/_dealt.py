"""What an iterator of mini-batches dealt, read as a ``for`` loop reads it, and told by the numbers of the samples.

The order is free, so nothing is compared with an order of ours. No two rows of X are alike in any case: a row says
which sample it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.expect import Failure

__all__ = [
    "Array",
    "Dealt",
    "judge_once",
    "judge_pairing",
    "judge_pairs",
    "judge_rows",
    "judge_sizes",
    "judge_type",
    "noted",
    "shown",
]

Array = NDArray[Any]


@dataclass(frozen=True)
class Dealt:
    """What came out of one call.

    Parameters
    ----------
    X, y : ndarray (N, D) and (N,)
        What went in.
    batch_size : int
        What was asked for.
    items : list
        What was yielded, each a list of its parts or, where it has none, itself.
    end : str
        As `_played.deal` has it; after "nothing" there is a description in `items`.
    """

    X: Array
    y: Array
    batch_size: int
    items: list[Any]
    end: str

    @cached_property
    def orders(self) -> list[list[int]]:
        """The samples of every batch, by number; −1 for a row that is none of them."""
        rows = {row.tobytes(): number for number, row in enumerate(np.ascontiguousarray(self.X))}
        return [[rows.get(row.tobytes(), -1) for row in _rows(item[0], self.X.shape[1])] for item in self.items]

    @property
    def flat(self) -> list[int]:
        """The samples in the order in which they came."""
        return [number for order in self.orders for number in order]

    @property
    def readable(self) -> bool:
        """Whether there are batches to speak of."""
        return _holds(judge_pairs, self)

    def plain(self) -> list[Any]:
        """Forget the order: say what is the same for any two orders."""
        if not self.readable:
            return [self.end, len(self.items)]
        flat = self.flat
        missing, doubled = set(range(len(self.X))) - set(flat), len(set(flat)) < len(flat)
        sizes = [len(order) for order in self.orders]
        kinds = sorted({_kind(part) for item in self.items for part in item})
        paired = [_holds(judge, self) for judge in (judge_once, judge_pairing, judge_sizes)]
        return [self.end, sizes, kinds, bool(missing), doubled, -1 in flat, paired]


def _kind(part: Any) -> str:
    if isinstance(part, np.ndarray):
        return f"{part.dtype.kind}{part.ndim}"
    return type(part).__name__


def _holds(judge: Any, dealt: Dealt) -> bool:
    try:
        judge(dealt)
    except Failure:
        return False
    return True


def _rows(value: Any, width: int) -> list[Array]:
    """Read rows of X from whatever holds them."""
    try:
        found = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return []
    if found.ndim < 2:
        found = found.reshape(-1, 1) if width == 1 else found.reshape(1, -1)
    return [np.ascontiguousarray(row) for row in found]


def noted(args: tuple[Any, ...], found: list[Any]) -> Dealt:
    """Read what `_played.deal` noted down; ``args`` are its own."""
    end, items = found
    sound = type(items) is list and type(end) is str and end in ("done", "endless", "nothing")
    if not sound or (end == "nothing" and len(items) != 1):
        raise Failure(f"What was dealt should be told item by item; it is {expect.kind(items)}. {expect.TAMPERED}")
    X, y, batch_size = args[:3]
    return Dealt(X, y, batch_size, [_told(item) for item in items], end)


def _told(item: Any) -> Any:
    """Return the parts of an item, or a description where it has none."""
    if type(item) is list:
        return item
    return expect.kind(item[0] if type(item) is tuple and len(item) == 1 else item)


# --- what is asked of it


def judge_pairs(got: Dealt) -> None:
    """Ask for an iterator of pairs that comes to an end."""
    if got.end == "nothing":
        message = f"The result should be an iterator of pairs (xb, yb); it is {got.items[0]}."
        raise Failure(message, "A function with yield in it returns an iterator; one without needs a return.")
    if got.end == "endless":
        message = f"It yielded {len(got.items)} items for {len(got.X)} samples and was not done: does it ever end?"
        raise Failure(message)
    if not got.items:
        raise Failure(f"It yields nothing, for {len(got.X)} samples in batches of {got.batch_size}.")
    for number, item in enumerate(got.items):
        if not isinstance(item, list) or len(item) != 2:
            count = "three parts or more" if len(item) > 2 else f"a length of {len(item)}"
            what = item if isinstance(item, str) else f"something with {count}"
            raise Failure(f"Item {number} should be a pair (xb, yb); it is {what}.")


def judge_rows(got: Dealt) -> None:
    """Ask for pairs, and that there are rows of X in them."""
    judge_pairs(got)
    if all(number < 0 for number in got.flat):
        raise Failure("No batch holds a row of X.")


def judge_type(got: Dealt) -> None:
    """Ask for arrays with as many rows as each other, of the dtypes of X and y."""
    judge_pairs(got)
    whole = got.y.dtype.kind == "i"
    for number, (xb, yb) in enumerate(got.items):
        if not isinstance(xb, np.ndarray) or xb.ndim != 2 or xb.shape[1] != got.X.shape[1]:
            raise Failure(
                f"xb of batch {number} should be an array of shape (b, {got.X.shape[1]}); it is {expect.kind(xb)}."
            )
        expect.array(xb, xb.shape, f"xb of batch {number}")
        if whole and isinstance(yb, np.ndarray) and yb.dtype.kind in "iu":
            yb = yb.astype(np.float64)  # an integer array of any width will do
        elif whole:
            raise Failure(f"The labels of batch {number} should be an array of integers; they are {expect.kind(yb)}.")
        expect.array(yb, (len(xb),), f"yb of batch {number}")


def shown(numbers: list[int]) -> str:
    """Write a few numbers."""
    return ", ".join(map(str, numbers[:5])) + (", …" if len(numbers) > 5 else "")


def judge_once(got: Dealt) -> None:
    """Ask for every sample once."""
    judge_pairs(got)
    flat = got.flat
    missing = sorted(set(range(len(got.X))) - set(flat))
    doubled = sorted({n for n in flat if n >= 0 and flat.count(n) > 1})
    if -1 in flat:
        batch = next(k for k, order in enumerate(got.orders) if -1 in order)
        raise Failure(f"xb of batch {batch} has a row that is no row of X.")
    said = [f"of {len(got.X)} samples, {len(missing)} never come (rows {shown(missing)} of X)"] if missing else []
    said += [f"{len(doubled)} come more than once (rows {shown(doubled)} of X)"] if doubled else []
    if said:
        sizes = [len(order) for order in got.orders]
        sentence = "; ".join(said)
        raise Failure(f"{sentence[0].upper()}{sentence[1:]}.", f"The batches have {_sizes(sizes)} samples.")


def _sizes(sizes: list[int]) -> str:
    return ", ".join(map(str, sizes[:8])) + (", …" if len(sizes) > 8 else "")


def judge_pairing(got: Dealt) -> None:
    """Ask that every row keeps its target."""
    judge_rows(got)
    for number, (order, (_, yb)) in enumerate(zip(got.orders, got.items, strict=True)):
        have = expect.numbers(yb, (len(order),), f"yb of batch {number}")
        known = [(n, value) for n, value in zip(order, have, strict=True) if n >= 0]
        for n, value in known:
            if value != got.y[n]:
                message = f"Batch {number} pairs row {n} of X with {value:.5g}; it belongs to {got.y[n]:.5g}."
                raise Failure(message, "The rows of X and the entries of y were not moved in the same way.")


def judge_sizes(got: Dealt) -> None:
    """Ask for full batches but the last, and for no empty one."""
    judge_rows(got)
    sizes = [len(order) for order in got.orders]
    if 0 in sizes:
        raise Failure(f"Batch {sizes.index(0)} of {len(sizes)} is empty.")
    if any(size != got.batch_size for size in sizes[:-1]) or sizes[-1] > got.batch_size:
        wanted = f"{len(got.X)} samples in batches of {got.batch_size}: all but the last should have that size"
        raise Failure(f"{wanted}; yours have {_sizes(sizes)}.")
