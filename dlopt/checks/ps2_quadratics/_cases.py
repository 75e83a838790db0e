"""The cases of problem set 2: quadratics built from the answer.

A symmetric matrix is put together from a spectrum λ and an orthogonal Q, and a vector b from its coordinates β in
that basis. Spectrum, minimiser, loss and the whole path of gradient descent are then known coordinate by coordinate,
without running any algorithm that students are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from dlopt.checks.case import Case, of_seed

__all__ = [
    "Quadratic",
    "bowls",
    "example",
    "generator",
    "layouts",
    "matrix_case",
    "of_seed",
    "others",
    "random_quadratic",
    "ratio",
    "rotation",
    "small",
]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Quadratic:
    """L(w) = ½ wᵀA w − bᵀw with A = Q diag(λ) Qᵀ and b = Qβ.

    Parameters
    ----------
    spectrum : ndarray (M,)
        Eigenvalues λ, ascending, of any sign.
    basis : ndarray (M, M)
        Orthogonal Q; column m belongs to λ_m.
    beta : ndarray (M,)
        Coordinates of b in that basis.
    """

    spectrum: Array
    basis: Array
    beta: Array

    @property
    def A(self) -> Array:  # noqa: N802 - the matrix's name on the page
        """The matrix, symmetric to the last bit."""
        half = (self.basis * self.spectrum) @ self.basis.T
        return (half + half.T) / 2

    @property
    def b(self) -> Array:
        """The linear term."""
        return self.basis @ self.beta

    @property
    def minimiser(self) -> Array:
        """The critical point w*, for a spectrum without zeros."""
        return self.basis @ (self.beta / self.spectrum)

    @property
    def label(self) -> str:
        """Size and spectrum in a few characters."""
        low, high = np.abs(self.spectrum).min(), np.abs(self.spectrum).max()
        sign = "" if self.spectrum[0] > 0 else ", not positive definite"
        ratio = f", κ = {high / low:.3g}" if low > 0 and len(self.spectrum) > 1 else ""
        return f"M = {len(self.spectrum)}{ratio}{sign}"

    def loss(self, u: Array) -> float:
        """Loss at w = Qu, summed over the directions: ½λu² − βu each."""
        return float(np.sum(0.5 * self.spectrum * u**2 - self.beta * u))

    def gradient(self, u: Array) -> Array:
        """Gradient at w = Qu: slope λu − β along each direction."""
        return self.basis @ (self.spectrum * u - self.beta)

    def descent(self, u: Array, lr: float, num_steps: int) -> Array:
        """Path of gradient descent from w = Qu, in closed form: each coordinate is a geometric sequence.

        Where λ = 0 the slope is constant and the coordinate moves by lr·β a step.
        """
        k = np.arange(num_steps + 1)[:, None]
        flat = self.spectrum == 0
        rest = np.where(flat, 0.0, self.beta / np.where(flat, 1.0, self.spectrum))
        path = rest + (1 - lr * self.spectrum) ** k * (u - rest)
        return np.where(flat, u + k * lr * self.beta, path) @ self.basis.T

    def line_search(self, u: Array, num_steps: int) -> Array:
        """Path of exact line search from w = Qu: the root of the slope along each ray, found by scipy's brentq."""
        path = [u]
        for _ in range(num_steps):
            u = path[-1]
            g = self.spectrum * u - self.beta
            # the slope along the ray is negative at 0 and positive beyond 1/λ_min
            size = float(g @ g)
            if size > 0:
                u = u - g * brentq(self._slope, 0, 2 / self.spectrum[0], args=(u, g, size), xtol=1e-15, rtol=1e-14)
            path.append(u)
        return np.array(path) @ self.basis.T

    def _slope(self, t: float, u: Array, g: Array, size: float) -> float:
        return -float((self.spectrum * (u - t * g) - self.beta) @ g) / size


def rotation(cosine: float, sine: float) -> Array:
    """Return the 2×2 rotation with these entries."""
    return np.array([[cosine, -sine], [sine, cosine]])


def bowl(low: float = 1.0, high: float = 5.0) -> Quadratic:
    """Return the bowl every exercise meets first: 2-D, rotated by a 3-4-5 triangle, minimiser at (1, 2)."""
    spectrum = np.array([low, high])
    basis = rotation(0.8, 0.6)
    return Quadratic(spectrum, basis, spectrum * (basis.T @ np.array([1.0, 2.0])))


def random_quadratic(
    rng: np.random.Generator, dim: int, kappa: float, signs: Sequence[int] | None = None, scale: float = 1.0
) -> Quadratic:
    """Draw a quadratic whose eigenvalues spread over [scale, κ·scale], well apart, with the given signs."""
    size = scale * np.geomspace(1, kappa, dim)
    if dim > 2:
        size[1:-1] *= rng.uniform(0.9, 1.1, dim - 2) ** (np.log(kappa) / dim)
    spectrum = size * (np.array(signs) if signs is not None else 1)
    basis = _orthogonal(rng, dim) if dim > 1 else np.ones((1, 1))
    order = np.argsort(spectrum)
    return Quadratic(spectrum[order], basis[:, order], rng.normal(size=dim) * np.sqrt(size[order] * scale))


def _orthogonal(rng: np.random.Generator, dim: int) -> Array:
    """Draw an orthogonal matrix, uniformly: the draws of `scipy.stats.ortho_group`, which takes a second to import."""
    Q, R = np.linalg.qr(rng.normal(size=(dim, dim)))
    return Q * np.sign(np.diag(R))


def generator(seed: int) -> np.random.Generator:
    """Return the generator of this problem set's cases for a seed."""
    return np.random.default_rng([2, seed])


def layouts(case: Case, *names: str) -> list[Case]:
    """Return the same case with its arrays in other memory layouts."""
    return [Case(case.args, f"{case.label}, {name} arrays", case.truth, name) for name in names]


def small(value: Any) -> str:
    """Write a small array with its entries, for a case's label."""
    return np.array2string(np.asarray(value), precision=4, separator=", ").replace("\n", "")


def example(problem: Quadratic, **others: Any) -> str:
    """Label a 2-D case so that a student can type it in."""
    text = ", ".join(f"{name} = {small(value)}" for name, value in others.items())
    return f"A = {small(problem.A)}, b = {small(problem.b)}" + (f", {text}" if text else "")


def bowls(seed: int) -> list[Quadratic]:
    """Positive definite quadratics, the readable one first."""
    rng = generator(seed)
    first = [bowl()] if seed == 1 else []
    return [
        *first,
        random_quadratic(rng, 3, 10),
        random_quadratic(rng, 1, 1, scale=float(rng.uniform(0.3, 3))),
        random_quadratic(rng, int(rng.integers(4, 8)), 100),
    ]


def others(seed: int) -> list[Quadratic]:
    """Symmetric quadratics that are no bowls: a saddle, a hill, a valley with a flat floor."""
    rng = generator(1000 + seed)
    saddle = random_quadratic(rng, 4, 8, signs=(-1, 1, -1, 1))
    hill = random_quadratic(rng, 2, 3, signs=(-1, -1))
    basis = random_quadratic(rng, 3, 4).basis
    return [saddle, hill, Quadratic(np.array([0.0, 1.0, 3.0]), basis, rng.normal(size=3))]


def matrix_case(problem: Quadratic, truth: float) -> Case:
    """Make the case of a function that takes the matrix alone."""
    label = f"A = {small(problem.A)}" if len(problem.spectrum) <= 2 else problem.label
    return Case((problem.A,), label, truth)


def ratio(problem: Quadratic) -> float:
    """Return the ratio of the end eigenvalues that the matrix was built from."""
    return float(problem.spectrum[-1] / problem.spectrum[0])
