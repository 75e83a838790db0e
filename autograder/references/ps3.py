"""Problem set 3: whitening and the Hessian, to lend to a student whose own are not right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["pca_whiten", "regression_hessian"]

Array = NDArray[np.float64]

# ruff: noqa: D103 - the contract of the problem set documents them


def pca_whiten(X: Array, eps: float = 0.0) -> Array:
    Xc = X - X.mean(axis=0)
    variances, axes = np.linalg.eigh(Xc.T @ Xc / len(X))
    variances, axes = variances[::-1], axes[:, ::-1]
    kept = variances > 1e-10 * variances[0]
    whitened: Array = Xc @ axes[:, kept] / np.sqrt(variances[kept] + eps)
    return whitened


def regression_hessian(X: Array) -> Array:
    hessian: Array = X.T @ X / len(X)
    return hessian
