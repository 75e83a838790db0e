"""Chains of layers with known weights, and what is true of the signals in them.

Signals are followed one unit at a time, and back by complex steps: ∂f/∂h = Im f(h + iε)/ε with ε = 1e-30 is exact to
the last digits because nothing is subtracted (Squire & Trapp 1998). The variance of numbers is half the mean square of
the difference of any two of them. So nothing here is what a student writes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.diagnose import diagnose

__all__ = ["Chain", "Truth", "chain", "close", "generator", "variances"]

Array = NDArray[Any]
STEP = 1e-30

#: The activations of real and complex numbers; their slopes follow from that.
CURVES: dict[str, Callable[[Array], Array]] = {
    "linear": lambda z: z,
    "tanh": np.tanh,
    "relu": lambda z: np.where(np.real(z) > 0, z, 0),
}


def generator(*seeds: int) -> np.random.Generator:
    """Return the generator of this problem set's cases for a seed."""
    return np.random.default_rng([4, *seeds])


@dataclass(frozen=True)
class Chain:
    """Inputs (N, D), weight matrices (out, in), the name of an activation, and a gradient at the end of it all."""

    x: Array
    weights: list[Array]
    activation: str
    dy: Array

    def sums(self, upto: int | None = None) -> list[Array]:
        """Return what enters the units of each layer, arrays (N, width)."""
        return self._follow(list(self.x.T), 0, upto)[0]

    def signals(self) -> list[Array]:
        """Return the input and the output of each layer, L + 1 arrays (N, width)."""
        return [self.x, *self._follow(list(self.x.T), 0)[1]]

    def _follow(self, units: list[Array], start: int, upto: int | None = None) -> tuple[list[Array], list[Array]]:
        sums, outputs = [], []
        curve = CURVES[self.activation]
        for W in self.weights[start:upto]:
            entering = [sum(w * unit for w, unit in zip(row, units, strict=True)) for row in W]
            units = [curve(np.asarray(s)) for s in entering]
            sums.append(np.stack(entering, axis=1))
            outputs.append(np.stack(units, axis=1))
        return sums, outputs

    def gradients(self) -> list[Array]:
        """Return the gradient of Σ dy · output at the input of each layer, and at the end dy."""
        found = []
        for layer, signal in enumerate(self.signals()[:-1]):
            slopes = np.empty(signal.shape)
            for unit in range(signal.shape[1]):
                units = [column + STEP * 1j * (k == unit) for k, column in enumerate(signal.T)]
                end = self._follow(units, layer)[1][-1]
                slopes[:, unit] = (np.imag(end) * self.dy).sum(axis=1) / STEP  # samples do not meet
            found.append(slopes)
        return [*found, self.dy]


def chain(
    rng: np.random.Generator, n: int, widths: Sequence[int], activation: str, *, mean: float = 0.0, gain: float = 1.5
) -> Chain:
    """Draw a chain in which every sample keeps a live unit in every layer.

    Parameters
    ----------
    n, widths
        Samples, and units per layer, the inputs first.
    mean : float
        Size of the columns' means, which differ; 0 for columns centred exactly.
    gain : float
        fan_in times the variance of a weight.
    """
    while True:
        x = rng.normal(size=(n, widths[0]))
        x = x + mean * rng.uniform(0.5, 2, size=widths[0]) if mean else x - x.mean(axis=0)
        weights = [np.sqrt(gain / i) * rng.normal(size=(o, i)) for i, o in pairwise(widths)]
        drawn = Chain(x, weights, activation, rng.normal(size=(n, widths[-1])) + 0.5)
        if activation != "relu" or all((s > 1e-3).any(axis=1).all() for s in drawn.sums()):
            return drawn


def variances(signals: Sequence[Array]) -> Array:
    """Return the variance over all entries of each array, as half the mean square of differences."""
    flat = [np.ravel(s) for s in signals]
    return np.array([0.5 * np.mean(np.subtract.outer(s, s) ** 2) for s in flat])


@dataclass(frozen=True)
class Truth:
    """The right numbers, and what else they might be taken for, by the sentence that says so."""

    values: Array
    instead: dict[str, Array]


def averages(signals: Sequence[Array]) -> dict[str, Array]:
    """Return what might be computed in place of the variance over all entries."""
    size = np.array([s.size for s in signals])
    one = size == 1
    return {
        "These are mean squares: the mean is not taken out.": np.array([np.mean(s**2) for s in signals]),
        "Each is what comes out when one divides by n − 1.": variances(signals) * size / np.where(one, 1, size - 1),
        "Each is the mean of the columns' variances, not the variance of all entries.": np.array(
            [np.mean([variances([column]) for column in s.T]) for s in signals]
        ),
        "Each is the mean of the rows' variances, not the variance of all entries.": np.array(
            [np.mean([variances([row]) for row in s]) for s in signals]
        ),
    }


def close(got: Any, truth: Truth, name: str) -> None:
    """Ask for the right numbers; say what they are instead, where that is known."""
    with expect.known(_instead, got, truth):
        expect.close(got, truth.values, name)


def _instead(got: Any, truth: Truth) -> str:
    try:
        have = np.asarray(got, dtype=np.float64)
    except (TypeError, ValueError):
        return ""
    right = have.shape == truth.values.shape and np.allclose(have, truth.values, rtol=1e-6, atol=1e-12)
    for sentence, values in truth.instead.items():
        if not right and have.shape == values.shape and np.allclose(have, values, rtol=1e-6, atol=1e-12):
            return sentence
    return diagnose(got, truth.values)
