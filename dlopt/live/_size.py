"""Numbers of any size in words, as in ``_size.js``."""

import math

from ._svg import fixed, power


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
