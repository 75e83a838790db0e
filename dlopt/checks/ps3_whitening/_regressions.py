"""The cases of linear regression: inputs and targets built from their singular values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlopt.checks.ps3_whitening._cases import Array, orthonormal, small

__all__ = ["Regression", "label", "readable", "regression"]


@dataclass(frozen=True)
class Regression:
    """X = √N U diag(s) Vᵀ and y = √N (Uβ + ρu), with u of length 1 and orthogonal to U.

    Along each column of V the loss is a parabola of its own, ½(s·v − β)²; what is left, ½ρ², no weights can explain.

    Parameters
    ----------
    U : ndarray (N, R)
        Orthonormal columns.
    s : ndarray (R,)
        Singular values of X/√N.
    V : ndarray (D, R)
        Orthonormal columns.
    beta : ndarray (R,)
        What of y lies along U.
    rest : ndarray (N,)
        ρu, what does not.
    """

    U: Array
    s: Array
    V: Array
    beta: Array
    rest: Array

    @property
    def X(self) -> Array:  # noqa: N802 - the name on the page
        """The inputs (N, D)."""
        inputs: Array = np.sqrt(len(self.U)) * (self.U * self.s) @ self.V.T
        return inputs

    @property
    def y(self) -> Array:
        """The targets (N,)."""
        targets: Array = np.sqrt(len(self.U)) * (self.U @ self.beta + self.rest)
        return targets

    @property
    def curvature(self) -> Array:
        """The Hessian (D, D): s² along V, nothing elsewhere."""
        return (self.V * self.s**2) @ self.V.T

    def losses(self, lr: float, num_steps: int) -> Array:
        """Losses along gradient descent from 0, in closed form: each parabola's gap shrinks by (1 − lr·s²)² a step."""
        k = np.arange(num_steps + 1)[:, None]
        gaps = self.beta * (1 - lr * self.s**2) ** k
        return np.asarray(0.5 * np.sum(gaps**2, axis=1) + 0.5 * float(self.rest @ self.rest))


def regression(
    rng: np.random.Generator, n: int, d: int, *, kappa: float = 10.0, scale: float = 1.0, mean: str = "some"
) -> Regression:
    """Draw a regression; the mean of the inputs is "some", "none" or "large"."""
    rank = min(n - (mean == "none"), d)
    spare = n - rank - (mean == "none") > 0
    Q = orthonormal(rng, n, rank + spare, centred=mean == "none")
    if mean == "large":
        Q = np.linalg.qr(np.column_stack([np.ones(n), rng.normal(size=(n, Q.shape[1] - 1))]))[0]
    s = scale / np.sqrt(np.geomspace(1, kappa, rank))
    if mean == "large":
        s[0] *= 3
    beta = rng.uniform(0.5, 2, rank) * rng.choice([-1.0, 1.0], rank)
    rest = 0.7 * Q[:, -1] if spare else np.zeros(n)
    return Regression(Q[:, :rank], s, orthonormal(rng, d, d)[:, :rank], beta, rest)


def readable() -> Regression:
    """Build X = [[1, 1], [3, −1], [1, 1], [3, −1]], the mean (2, 0) large, with targets that no weights reach."""
    U = np.array([[1.0, -1.0], [1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]) / 2
    # its columns in the plane of U: (2, 0) along ones and (1, −1) along the other
    left, s, right = np.linalg.svd(np.array([[2.0, 0.0], [1.0, -1.0]]))
    rest = np.array([0.5, 0.5, -0.5, -0.5])
    return Regression(U @ left, s, right.T, left.T @ np.array([3.0, 1.0]), rest)


def label(problem: Regression) -> str:
    n, d = problem.X.shape
    if n * d <= 8:
        return f"X = {small(problem.X)}"
    return f"N = {n}, D = {d}, singular values of X/√N from {problem.s[0]:.3g} to {problem.s[-1]:.3g}"
