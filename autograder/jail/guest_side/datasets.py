"""Stands in for `dlopt.datasets` inside the jail: the digits to train on, and no test digits.

Unlike the course's own module it needs no scikit-learn, and the held-out images are not there to be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["Split", "digits", "standardized"]


@dataclass(frozen=True)
class Split:
    """Training data (rows are samples) and, here, empty test data."""

    x_train: NDArray[np.float64]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.float64]
    y_test: NDArray[np.int64]


def digits() -> Split:
    """Return the 1347 training digits, pixels (1347, 64) scaled to 0…1, and an empty test set."""
    with np.load(Path(__file__).with_name("digits.npz"), allow_pickle=False) as data:
        x_train, y_train = data["x_train"], data["y_train"]
    return Split(x_train, y_train, np.empty((0, 64)), np.empty(0, dtype=np.int64))


def standardized(data: Split) -> Split:
    """Give every pixel mean 0 and variance 1 on the training set; drop pixels that never change there."""
    mean, std = data.x_train.mean(axis=0), data.x_train.std(axis=0)
    alive = std > 0
    x_train, x_test = ((x - mean)[:, alive] / std[alive] for x in (data.x_train, data.x_test))
    return Split(x_train, data.y_train, x_test, data.y_test)
