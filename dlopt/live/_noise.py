"""Random numbers that are the same in Python and in the browser, bit for bit; the twin of ``_noise.js``."""

from collections.abc import Iterator


def words(seed: int) -> Iterator[int]:
    """Yield Marsaglia's xorshift words of 32 bits (13, 17, 5) for a seed ≥ 1.

    G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003.

    Examples
    --------
    >>> source = words(1)
    >>> [next(source) for _ in range(2)]
    [1361921809, 3224134966]
    """
    word = seed * 2654435761 % 2**32  # small seeds differ in few bits: spread them
    while True:
        word ^= word << 13 & 0xFFFFFFFF
        word ^= word >> 17
        word ^= word << 5 & 0xFFFFFFFF
        yield word


def normals(seed: int, count: int) -> list[float]:
    """Return nearly normal numbers of mean 0 and variance 1: twelve uniform ones, added, minus six.

    Sums of multiples of 2⁻³² are exact, so no rounding can differ between two languages.

    Examples
    --------
    >>> abs(sum(normals(3, 4000)) / 4000) < 0.05
    True
    """
    source = words(seed)
    return [sum(next(source) for _ in range(12)) / 2**32 - 6 for _ in range(count)]
