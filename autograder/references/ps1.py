"""Problem set 1: softmax and its logarithm, to lend to a student whose own are not right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["log_softmax", "softmax"]

Array = NDArray[np.float64]

# ruff: noqa: D103 - the contract of the problem set documents them


def log_softmax(h: Array) -> Array:
    shifted = h - h.max(axis=-1, keepdims=True)
    logarithms: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return logarithms


def softmax(h: Array) -> Array:
    powers = np.exp(h - h.max(axis=-1, keepdims=True))
    probabilities: Array = powers / powers.sum(axis=-1, keepdims=True)
    return probabilities
