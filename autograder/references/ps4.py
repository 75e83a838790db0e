"""Problem set 4: the recipes for random weights, to lend to a student whose own are not right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["he_normal", "lecun_normal", "xavier_normal", "xavier_uniform"]

Array = NDArray[np.float64]

# ruff: noqa: D103 - the contract of the problem set documents them


def lecun_normal(fan_in: int, fan_out: int, rng: np.random.Generator) -> Array:
    return rng.normal(0.0, np.sqrt(1 / fan_in), size=(fan_out, fan_in))


def xavier_uniform(fan_in: int, fan_out: int, rng: np.random.Generator) -> Array:
    bound = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=(fan_out, fan_in))


def xavier_normal(fan_in: int, fan_out: int, rng: np.random.Generator) -> Array:
    return rng.normal(0.0, np.sqrt(2 / (fan_in + fan_out)), size=(fan_out, fan_in))


def he_normal(fan_in: int, fan_out: int, rng: np.random.Generator) -> Array:
    return rng.normal(0.0, np.sqrt(2 / fan_in), size=(fan_out, fan_in))
