"""The cases of problem set 6: batches whose statistics are known because they were put together from them.

A batch is x = μ + σ z, where each column of z has entries that add up to 0 and squares that add up to N. Such columns
are combinations of the rows of Helmert's matrix, an orthonormal basis of everything whose entries add up to 0. With
d = √(σ² + eps), the numbers in front of γ and β are z σ/d.

A gradient at the output is dy = a + b z + w, where w is orthogonal to the ones and to z. A shift of the column
absorbs a; a stretch of it absorbs b z, all but the share eps/d² that eps leaves of it; nothing absorbs w.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import helmert

__all__ = ["Batch", "Gradient", "affine", "batch", "generator", "gradient", "spreads"]

Array = NDArray[np.float64]


def generator(*seeds: int) -> np.random.Generator:
    """Return the generator of this problem set's cases for a seed."""
    return np.random.default_rng([6, *seeds])


@dataclass(frozen=True)
class Batch:
    """A batch (N, F) and what it was made of.

    Parameters
    ----------
    x : ndarray (N, F)
        The batch.
    mean, std : ndarray (F,)
        μ and σ, with 1/N.
    z : ndarray (N, F)
        (x − μ)/σ; where σ is 0, any column with mean 0 and variance 1.
    """

    x: Array
    mean: Array
    std: Array
    z: Array

    @property
    def unbiased(self) -> Array:
        """The variance with 1/(N−1)."""
        n = len(self.x)
        return np.asarray(n / (n - 1) * self.std**2)

    def normalized(self, eps: float) -> Array:
        """What γ and β are applied to."""
        return self.z * self.std / np.hypot(self.std, np.sqrt(eps))


def spreads(rng: np.random.Generator, f: int, low: float, high: float) -> Array:
    """Draw standard deviations between low and high, evenly on a logarithmic scale."""
    return np.asarray(low * (high / low) ** rng.random(f))


def batch(rng: np.random.Generator, n: int, mean: Array, std: Array) -> Batch:
    """Put a batch of n ≥ 2 samples together."""
    basis = helmert(n)  # (n − 1, n)
    turn = rng.normal(size=(n - 1, len(mean)))
    z = np.sqrt(n) * basis.T @ (turn / np.linalg.norm(turn, axis=0))
    return Batch(mean + std * z, mean, std, z)


@dataclass(frozen=True)
class Gradient:
    """A gradient at the output of a layer in training, and what belongs to it.

    Parameters
    ----------
    dy, dx : ndarray (N, F)
        Gradient at the output, and at the input.
    gamma, beta : ndarray (F,)
        Gradients at the parameters, sums over the batch.
    """

    dy: Array
    dx: Array
    gamma: Array
    beta: Array


def gradient(rng: np.random.Generator, b: Batch, gamma: Array, eps: float) -> Gradient:
    """Put a gradient together from what a shift absorbs, what a stretch absorbs, and the rest."""
    n, f = b.x.shape
    basis = helmert(n)
    along = basis @ b.z / np.sqrt(n)  # z in coordinates of the basis, of length 1
    rest = rng.normal(size=along.shape)
    rest -= along * np.sum(along * rest, axis=0)
    shift, stretch, w = rng.normal(size=f) + 0.5, rng.normal(size=f) + 0.5, basis.T @ rest
    size = np.hypot(b.std, np.sqrt(eps))
    return Gradient(
        dy=shift + stretch * b.z + w,
        dx=gamma / size * (w + eps / size**2 * stretch * b.z),
        gamma=n * stretch * b.std / size,
        beta=n * shift,
    )


def affine(inputs: Array, outputs: Array) -> tuple[Array, Array]:
    """Return W (out, in) and b (out,) of the layer that maps each row of ``inputs`` to one of ``outputs``."""
    centre, scale = inputs[0], np.max(np.abs(inputs - inputs[0]), axis=0)  # well-conditioned whatever the spreads
    known = np.column_stack([(inputs - centre) / scale, np.ones(len(inputs))])
    found, *_ = np.linalg.lstsq(known, outputs)
    W = (found[:-1] / scale[:, None]).T
    return W, found[-1] - W @ centre
