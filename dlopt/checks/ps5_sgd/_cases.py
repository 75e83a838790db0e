"""What the cases of problem set 5 share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["generator", "orthonormal", "samples"]

Array = NDArray[np.float64]


def generator(*seeds: int) -> np.random.Generator:
    """Return the generator of this problem set's cases for a seed."""
    return np.random.default_rng([5, *seeds])


def samples(rng: np.random.Generator, n: int, d: int) -> Array:
    """Draw n rows (n, d), no two of them alike."""
    return np.asarray(rng.normal(size=(n, d)))


def orthonormal(rng: np.random.Generator, n: int) -> Array:
    """Draw an orthonormal basis, the columns of (n, n)."""
    return np.asarray(np.linalg.qr(rng.normal(size=(n, n)))[0])
