"""The cases of problem set 8: known numbers; `dlopt.checks.scenes` has what it shares with other sets.

Values come from scipy's special functions, and derivatives from complex steps (see ``_inside``): no backward pass is
written here. Random weights are compared with nothing; where a value is judged, known weights are written in first.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dlopt.checks.ps8_backprop._inside import Net
from dlopt.checks.scenes import (
    STATE_HINT,
    array,
    canonical,
    close,
    judge_scenes,
    layouts,
    of_seed,
    small,
)

__all__ = [
    "STATE_HINT",
    "array",
    "canonical",
    "close",
    "derivatives",
    "generator",
    "judge_scenes",
    "layouts",
    "of_seed",
    "parameters",
    "small",
    "targets",
]

Array = NDArray[np.float64]


def generator(*seeds: int) -> np.random.Generator:
    """Return the generator of this problem set's cases for a seed."""
    return np.random.default_rng([8, *seeds])


def parameters(rng: np.random.Generator, sizes: Iterable[int]) -> list[Array]:
    """Draw W₁, b₁, W₂, b₂, … for layers of these sizes, none of them zero."""
    sizes = list(sizes)
    drawn = []
    for fan_in, fan_out in pairwise(sizes):
        drawn += [rng.normal(size=(fan_out, fan_in)), rng.normal(size=fan_out) + 0.5]
    return drawn


def targets(rng: np.random.Generator, n: int, k: int, *, soft: bool) -> Array:
    """Draw targets (n, k), one-hot or soft, with rows that sum to 1."""
    return rng.dirichlet(np.ones(k), size=n) if soft else np.eye(k)[rng.integers(k, size=n)]


def derivatives(values: list[Array], x: Array, dy: Array) -> tuple[Array, Array, list[Array]]:
    """Return output, gradient at the input and gradients at the parameters of one linear layer."""
    net = Net(values, "tanh")
    return net.forward(x), net.backward(dy), net.gradients()
