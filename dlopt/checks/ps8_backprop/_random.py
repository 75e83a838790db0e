"""What random weights must have in common, whatever was drawn in which order.

Statistics are taken over 10 000 weights or more, and an estimate may be 6.5 of its standard deviations away, so that
a right answer fails less than once in 10⁹ layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.beside import ABSENT
from dlopt.checks.expect import Failure

__all__ = ["Draws", "Start", "judge_draws", "judge_start", "shape_of"]

MANY = 10_000  #: weights from which statistics are taken
SPREAD = 6.5  #: standard deviations that an estimate may be away: once in 10¹⁰


@dataclass(frozen=True)
class Start:
    """What a layer or a network starts with: sizes, and W₁, b₁, …"""

    sizes: tuple[int, ...]
    arrays: Any

    def plain(self) -> Any:
        """Forget the draws where nothing is wrong with them."""
        try:
            judge_start(self)
        except Failure:
            return self.arrays
        return "as it should"


def judge_start(start: Start) -> None:
    """Ask for Xavier uniform weights and zero biases."""
    arrays, sizes = start.arrays, start.sizes
    if not isinstance(arrays, list | tuple) or len(arrays) != 2 * (len(sizes) - 1):
        raise Failure(
            f"There should be {2 * (len(sizes) - 1)} arrays, W and b of each layer; got {expect.show(arrays)}."
        )
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        mark = "" if len(sizes) == 2 else "₁₂₃₄₅₆₇₈₉"[layer]
        W, b = arrays[2 * layer : 2 * layer + 2]
        for value, name in ((W, f"W{mark}"), (b, f"b{mark}")):
            if isinstance(value, str) and value == ABSENT:
                raise Failure(f"There is no attribute {name}.")
        _uniform(W, fan_in, fan_out, f"W{mark}")
        if np.any(expect.numbers(b, (fan_out,), f"b{mark}")):
            raise Failure(f"b{mark} should start at zero; it is {expect.show(b)}.")


def _uniform(W: Any, fan_in: int, fan_out: int, name: str) -> None:
    turned = isinstance(W, np.ndarray) and W.shape == (fan_in, fan_out)  # the layout is another line's business
    values = expect.numbers(W.T if turned else W, (fan_out, fan_in), name)
    bound = np.sqrt(6 / (fan_in + fan_out))
    largest = np.max(np.abs(values))
    if largest > bound * (1 + 1e-9):
        raise Failure(f"{name} reaches {largest:.4g}; between −√(6/(in + out)) and +√(6/(in + out)) is ±{bound:.4g}.")
    if values.size > 1 and not np.any(values != values.flat[0]):
        raise Failure(f"All entries of {name} are {expect.show(values.flat[0])}: units that start alike stay alike.")
    if values.size < MANY:
        return
    size = values.size
    if abs(values.mean()) > SPREAD * bound / np.sqrt(3 * size):
        raise Failure(f"The mean of {name} should be 0 but for chance; over {size} entries it is {values.mean():.3g}.")
    # the variance of a uniform draw's square, (1/5 − 1/9) bound⁴, gives the spread of the estimate
    allowed = SPREAD * np.sqrt((1 / 5 - 1 / 9) / size) * bound**2
    if abs(np.mean(values**2) - bound**2 / 3) > allowed:
        message = f"The variance of {name} should be near 2/(in + out) = {bound**2 / 3:.4g}; it is {values.var():.4g}."
        raise Failure(message, _explained(values.std() / bound))


def _explained(ratio: float) -> str:
    """Name a spread that belongs to another recipe."""
    return "That fits a draw between ±√(2/(in + out))." if np.isclose(ratio, 1 / 3, rtol=0.03) else ""


@dataclass(frozen=True)
class Draws:
    """Weights of two objects from one generator, of one from its twin and of one from another generator."""

    first: Any
    second: Any
    twin: Any
    other: Any

    def plain(self) -> list[bool]:
        """Return what agrees with what."""
        return [np.array_equal(self.first, w) for w in (self.second, self.twin, self.other)]


def judge_draws(draws: Draws) -> None:
    """Ask that the given generator, and it alone, decides on the weights, and that it is used up by them."""
    expect.numbers(draws.first, shape_of(draws.first), "W")
    second, twin, other = draws.plain()
    if not twin:
        raise Failure("Two generators with the same seed should give the same weights; they give different ones.")
    if other:
        raise Failure("Generators with different seeds should give different weights; they give the same.")
    if second:
        raise Failure("Two layers made one after the other from one generator have the same weights.")


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of numbers in whatever holds them; () where nothing does."""
    try:
        return np.asarray(value).shape
    except ValueError:  # rows of different lengths
        return ()
