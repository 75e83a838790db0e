"""Results that are lists of arrays: held to their types, or leniently taken apart."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.expect import Failure

__all__ = ["arrays_typed", "one_array"]


def arrays_typed(got: Any, like: list[NDArray[np.float64]], name: str) -> None:
    """Hold a result to a list of arrays; where one has no axes, a number that numpy makes of it will do.

    Raises
    ------
    Failure
        Saying what came instead.
    """
    if not isinstance(got, list) or len(got) != len(like):
        clue = "list(…) makes one." if isinstance(got, tuple) else ""
        raise Failure(f"{name} should be a list of {len(like)} arrays; it is {expect.kind(got)}.", clue)
    for index, (value, array) in enumerate(zip(got, like, strict=True)):
        if array.ndim == 0 and not isinstance(value, np.ndarray):
            expect.scalar(value, f"{name}, entry {index},")
        else:
            expect.array(value, array.shape, f"{name}, entry {index},")


def one_array(got: Any, index: int, count: int) -> Any:
    """Take one array out of a list, or leniently out of a tuple.

    Raises
    ------
    Failure
        When it is neither, or of another length.
    """
    if not isinstance(got, list | tuple) or len(got) != count:
        raise Failure(f"The result should be a list of {count} arrays; it is {expect.kind(got)}.")
    return got[index]
