"""What one eigendirection does under gradient descent; the twin of ``_rates.js``."""

import math

ORDER = ["one step", "monotone", "oscillating", "never settles", "diverging"]


def regime(factor: float) -> str:
    """Name what multiplying the error by ``factor`` = 1 − ηλ does to it (syllabus Q1)."""
    if abs(factor) < 1e-9:
        return "one step"
    if factor > 0:
        return "monotone"
    if factor > -1 + 1e-9:
        return "oscillating"
    return "never settles" if factor > -1 - 1e-9 else "diverging"


def worst(regimes: list[str]) -> str:
    """Name the whole after its worse part."""
    return max(regimes, key=ORDER.index)


def steps_per_digit(rate: float) -> float:
    """Count the steps until the error has one more correct digit; inf when it never does."""
    if rate > 1 - 1e-9:
        return math.inf
    return 0.0 if rate < 1e-9 else -1 / math.log10(rate)
