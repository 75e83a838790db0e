"""What is played with a student's perceptron where it lives; it returns what came.

Self-contained but for `dlopt.checks.beside`: `dlopt.checks.inside` runs this source beside the student's code.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks.beside import played_beside, snapshot

__all__ = ["one_epoch"]

Array = NDArray[np.float64]


@played_beside()
def one_epoch(perceptron: Any, X: Array, t: Array) -> list[Any]:
    """Collect the weights after one epoch over the first sample, the first two, and so on."""
    return [snapshot(perceptron(X[: n + 1].copy(), t[: n + 1].copy(), 1)) for n in range(len(X))]
