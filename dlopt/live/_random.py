"""A small seeded generator, the same in ``_random.js``: what a live figure draws, its static twin draws."""

import math
from collections.abc import Callable

WORD = 0xFFFFFFFF


def uniforms(seed: int) -> Callable[[], float]:
    """Return a source of uniform numbers in (0, 1), never 0: mulberry32.

    Examples
    --------
    >>> draw = uniforms(1)
    >>> round(draw(), 6), round(draw(), 6)
    (0.627074, 0.002736)
    """
    state = seed & WORD

    def draw() -> float:
        nonlocal state
        state = (state + 0x6D2B79F5) & WORD
        t = (state ^ (state >> 15)) * (state | 1) & WORD
        t ^= (t + ((t ^ (t >> 7)) * (t | 61) & WORD)) & WORD
        return ((t ^ (t >> 14)) + 0.5) / 4294967296

    return draw


def normals(uniform: Callable[[], float], count: int) -> list[float]:
    """Draw standard normal numbers by Box and Muller's method.

    Examples
    --------
    >>> len(normals(uniforms(1), 5))
    5
    """
    made: list[float] = []
    while len(made) < count:
        radius, angle = math.sqrt(-2 * math.log(uniform())), 2 * math.pi * uniform()
        made += [radius * math.cos(angle), radius * math.sin(angle)]
    return made[:count]
