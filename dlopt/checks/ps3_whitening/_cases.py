"""The cases of problem set 3: data built from the answer.

A `Cloud` is put together from a mean, principal axes, variances along them, and coordinates with mean 0, variance 1 and
no correlation. Centring, scaling and whitening then have to find what it was built from, and nothing here
computes a covariance or decomposes one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case, of_seed
from dlopt.checks.expect import Failure

__all__ = [
    "Array",
    "Cloud",
    "cloud",
    "clouds",
    "flat_clouds",
    "generator",
    "layouts",
    "of_seed",
    "orthonormal",
    "scores",
    "single_columns",
    "small",
    "thin_clouds",
    "white",
]

Array = NDArray[np.float64]


def generator(*seeds: int) -> np.random.Generator:
    """Return the generator of this problem set's cases for a seed."""
    return np.random.default_rng([3, *seeds])


def layouts(case: Case, *names: str) -> list[Case]:
    """Return the same case with its arrays in other memory layouts."""
    return [replace(case, label=f"{case.label}, {name} arrays", layout=name) for name in names]


def small(value: Any) -> str:
    """Write a small array with its entries, for a case's label."""
    return np.array2string(np.asarray(value), precision=4, separator=", ").replace("\n", "")


def orthonormal(rng: np.random.Generator, rows: int, columns: int, *, centred: bool = False) -> Array:
    """Draw a matrix with orthonormal columns; each sums to 0 if `centred`, which costs one column."""
    filled = rng.normal(size=(rows, columns + centred))
    if centred:
        filled[:, 0] = 1
    return np.linalg.qr(filled)[0][:, int(centred) :]


def scores(rng: np.random.Generator, samples: int, columns: int) -> Array:
    """Draw columns with mean 0 and variance 1 (1/N), uncorrelated; at most samples − 1 of them."""
    drawn: Array = np.sqrt(samples) * orthonormal(rng, samples, columns, centred=True)
    return drawn


@dataclass(frozen=True)
class Cloud:
    """X = μ + z diag(√λ) Eᵀ, one row per sample.

    Parameters
    ----------
    mean : ndarray (D,)
        The mean μ.
    axes : ndarray (D, R)
        Orthonormal E; column r belongs to λ_r. With R < D, the data lie in a flat piece of their space.
    variances : ndarray (R,)
        λ > 0, descending.
    z : ndarray (N, R)
        Coordinates with mean 0 and covariance I.
    """

    mean: Array
    axes: Array
    variances: Array
    z: Array

    @property
    def X(self) -> Array:  # noqa: N802 - the name on the page
        """The data (N, D)."""
        return self.mean + (self.z * np.sqrt(self.variances)) @ self.axes.T

    def whitened(self, eps: float = 0.0) -> Array:
        """Return the coordinates (N, R) at the scale that whitening with eps leaves them."""
        return self.z / np.sqrt(1 + eps / self.variances)

    @property
    def label(self) -> str:
        """Sizes and variances in a few characters; the data themselves where they are few."""
        if self.z.size <= 8 and self.mean.size <= 2:
            return f"X = {small(np.round(self.X, 9) + 0.0)}"
        n, r = self.z.shape
        flat = f", only {r} of {len(self.mean)} directions vary" if r < len(self.mean) else ""
        high, low = self.variances[0], self.variances[-1]
        return f"N = {n}, D = {len(self.mean)}, variances from {high:.3g} to {low:.3g}{flat}"


def cloud(
    rng: np.random.Generator, samples: int, dim: int, rank: int, *, kappa: float, scale: float = 1.0, offset: float = 2
) -> Cloud:
    """Draw a cloud whose variances spread evenly on a logarithmic axis from scale to scale/κ."""
    variances = scale / np.geomspace(1, kappa, rank)
    mean = offset * np.sqrt(scale) * rng.normal(size=dim)
    return Cloud(mean, orthonormal(rng, dim, dim)[:, :rank], variances, scores(rng, samples, rank))


def _readable() -> Cloud:
    """Four points with whole coordinates, in a rectangle along a 3-4-5 triangle."""
    z = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    return Cloud(np.array([1.0, 2.0]), np.array([[0.8, -0.6], [0.6, 0.8]]), np.array([100.0, 25.0]), z)


@cache
def clouds(seed: int) -> list[Cloud]:
    """Clouds that vary in every direction, the readable one first."""
    rng = generator(seed, 1)
    first = [_readable()] if seed == 1 else []
    return [
        *first,
        cloud(rng, 7, 3, 3, kappa=20),
        cloud(rng, 5, 4, 4, kappa=100, scale=1e4),
        cloud(rng, 30, 5, 5, kappa=1e5, scale=1e-4, offset=5),
    ]


@cache
def single_columns(seed: int) -> list[Cloud]:
    """Clouds on a line, D = 1, of two points and of more."""
    rng = generator(seed, 4)
    return [cloud(rng, n, 1, 1, kappa=1, scale=float(rng.uniform(0.1, 3))) for n in (2, 6)]


@cache
def flat_clouds(seed: int) -> list[Cloud]:
    """Clouds with directions in which nothing varies."""
    rng = generator(seed, 2)
    wide = cloud(rng, 3, 5, 2, kappa=6)  # fewer samples than columns
    pair = cloud(rng, 2, 3, 1, kappa=1)
    # a column that never changes, and a column that is there twice
    inner = cloud(rng, 9, 3, 3, kappa=8)
    constant = replace(inner, mean=np.append(inner.mean, 4.0), axes=np.vstack([inner.axes, np.zeros(3)]))
    shares = np.zeros((4, 2))
    shares[[0, 2], 0] = np.sqrt(0.5)
    shares[[1, 3], 1] = [0.8, 0.6]
    twice = Cloud(np.array([1.0, 2.0, 1.0, 0.0]), shares, np.array([4.0, 1.0]), scores(rng, 8, 2))
    return [constant, twice, wide, pair, cloud(rng, 12, 6, 3, kappa=30, scale=1e3)]


@cache
def thin_clouds(seed: int) -> list[tuple[Cloud, int]]:
    """Clouds with a variance just above or just below 1e-10 of the largest, each with how many are above."""
    rng = generator(seed, 3)
    found = []
    for scale in (1.0, 1e-6, 1e6):
        for thin, kept in ((1.4e-10, 3), (7e-11, 2)):
            drawn = cloud(rng, 10, 3, 3, kappa=10, scale=scale, offset=0.3)
            found.append((replace(drawn, variances=scale * np.array([1.0, 0.2, thin])), kept))
    return found


def white(value: Any, shape: tuple[int, int]) -> None:
    """Ask for columns of mean 0 and variance 1 that are not correlated.

    Raises
    ------
    Failure
        Naming the first column, or pair of columns, for which it is not so.
    """
    z = expect.numbers(value, shape)
    n, columns = shape
    means = z.sum(axis=0) / n
    if np.any(np.abs(means) > 1e-6):
        k = int(np.argmax(np.abs(means)))
        raise Failure(f"The mean of column {k} should be 0; it is {means[k]:.5g}.", "Is the mean subtracted?")
    moments = np.array([[np.dot(z[:, i], z[:, j]) / n for j in range(columns)] for i in range(columns)])
    off = np.abs(moments - np.eye(columns)) > 3e-6  # what errors of 1e-6 in every entry may add up to
    for k in np.flatnonzero(np.diag(off))[:1]:
        raise Failure(
            f"The variance of column {k} should be 1; it is {moments[k, k]:.5g}.", _about(np.diag(moments), n)
        )
    for i, j in np.argwhere(off)[:1]:
        raise Failure(f"Columns {i} and {j} should not be correlated; their covariance is {moments[i, j]:.5g}.")


def _about(variances: Array, samples: int) -> str:
    """Say what may be behind variances that are not 1."""
    if np.allclose(variances, variances[0], rtol=1e-6) and len(variances) > 1:
        known = {
            (samples - 1) / samples: "That is (N − 1)/N: the course's covariance divides by N.",
            1 / samples: "That is 1/N.",
            float(samples): "That is N.",
        }
        said = next((text for value, text in known.items() if np.isclose(variances[0], value, rtol=1e-6)), "")
        return f"All variances are {variances[0]:.5g}. {said}".strip()
    return "Its variance depends on the scale of the data: is every direction divided by its own standard deviation?"
