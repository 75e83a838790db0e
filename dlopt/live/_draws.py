"""The arithmetic of ``_draws.js``, number for number."""

import math

import numpy as np
from numpy.typing import NDArray

from ._svg import fixed, power

_MASK = 0xFFFFFFFF


def normals(seed: int, count: int) -> NDArray[np.float64]:
    """Draw standard normal numbers: a 32-bit xorshift generator (Marsaglia 2003) and the Box-Muller transform.

    Parameters
    ----------
    seed
        Any number but 0 that fits in 32 bits.
    count
        How many.

    Raises
    ------
    ValueError
        If the seed is 0, from which xorshift never leaves, or too large.

    Examples
    --------
    >>> normals(1, 3).round(3)
    array([ 0.836, -0.692,  0.885])
    """
    if not 0 < seed <= _MASK:
        raise ValueError(f"normals: seed must lie in 1 … 2³² − 1, got {seed!r}")
    x, uniforms = seed, np.empty(20 + count + count % 2)
    for i in range(len(uniforms)):
        x ^= x << 13 & _MASK
        x ^= x >> 17
        x ^= x << 5 & _MASK
        uniforms[i] = (x + 0.5) / 4294967296
    first, second = uniforms[20::2], uniforms[21::2]
    radius, angle = np.sqrt(-2 * np.log(first)), 2 * math.pi * second
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).ravel()[:count]


def size(value: float) -> str:
    """Write a positive number of any size.

    Examples
    --------
    >>> size(0.5), size(1e-7)
    ('0.500', '10⁻⁷')
    """
    if 0.001 <= value < 1000:
        return fixed(value, 3)
    if not value > 0:
        return "0"
    return power(math.floor(math.log10(value) + 0.5))
