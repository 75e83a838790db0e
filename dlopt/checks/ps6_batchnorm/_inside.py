"""What runs beside a student's layer: known numbers written into its attributes.

Self-contained, numpy only: `dlopt.checks.inside` may run this source where the student's code lives.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["settle"]


def settle(layer: Any, names: list[str], values: list[NDArray[np.float64]]) -> None:
    """Set attributes of a layer, in the array that lies there and by assignment.

    One way is enough for most layers; the other reaches those that keep a second name for the array, or that hand
    the attribute out through a property.
    """
    for name, value in zip(names, values, strict=True):
        array = getattr(layer, name, None)
        if isinstance(array, np.ndarray) and array.flags.writeable and array.shape == value.shape:
            array[...] = value
        try:
            setattr(layer, name, value.copy())  # the layer may write into its own array, never into the case's
        except AttributeError:  # a property that can only be read
            pass
