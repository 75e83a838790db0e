"""What runs beside a student's function: a look at whose memory a result lies in.

Self-contained, numpy only: `dlopt.checks.inside` may run this source where the student's code lives, for out here
every result is a copy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["shared"]


def _arrays(value: Any) -> list[Any]:
    """Return the arrays in a value, or in a list or tuple of them."""
    parts = value if isinstance(value, list | tuple) else [value]
    return [part for part in parts if isinstance(part, np.ndarray)]


def shared(function: Any, args: list[Any]) -> list[Any]:
    """Call the function; return the result, and the numbers of the arguments in whose memory some of it lies."""
    got = function(*args)
    touching = [
        number
        for number, arg in enumerate(args)
        if any(np.may_share_memory(mine, theirs) for mine in _arrays(got) for theirs in _arrays(arg))
    ]
    return [[part + 0 for part in _arrays(got)], touching]
