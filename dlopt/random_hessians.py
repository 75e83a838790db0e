"""How often a random symmetric matrix is positive definite: by counting, and exactly."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

__all__ = ["log_probability", "share_positive"]


def share_positive(n: int, samples: int, generator: torch.Generator, block: int = 100_000) -> float:
    """Return the share of positive-definite matrices among random ``(G + Gᵀ)/2``, G standard normal.

    Parameters
    ----------
    n
        Rows and columns.
    samples
        How many matrices.
    generator
        Their source.
    block
        How many are held in memory at a time.

    Raises
    ------
    ValueError
        If there is no matrix to draw.

    Examples
    --------
    >>> 0.45 < share_positive(1, 1000, torch.Generator().manual_seed(0)) < 0.55
    True
    """
    if n < 1 or samples < 1:
        raise ValueError(f"share_positive: n and samples must be ≥ 1, got {n!r} and {samples!r}")
    found = 0
    for start in range(0, samples, block):
        g = torch.randn(min(block, samples - start), n, n, generator=generator, dtype=torch.float64)
        _, failed = torch.linalg.cholesky_ex((g + g.mT) / 2)  # succeeds for positive-definite matrices only
        found += int((failed == 0).sum())
    return found / samples


def log_probability(n: int, nodes: int = 1200) -> float:
    """Return ln P(all eigenvalues > 0) of ``(G + Gᵀ)/2``, exactly up to quadrature.

    The joint density of the eigenvalues is proportional to ``∏ |λᵢ − λⱼ| exp(−Σ λᵢ²/2)``. De Bruijn's formula [1]_
    turns its integral over any interval into a Pfaffian of double integrals of polynomials,
    ``∫∫ sgn(y − x) pᵢ(x) pⱼ(y) e^{−(x² + y²)/2} dx dy``; the answer is the quotient for (0, ∞) and the whole line.

    Parameters
    ----------
    n
        Rows and columns.
    nodes
        Of Gauss's quadrature on each half line.

    Raises
    ------
    ValueError
        If n lies outside 1…12, beyond which float64 does not carry the quotient.

    References
    ----------
    .. [1] N. G. de Bruijn, "On some multiple integrals involving determinants", J. Indian Math. Soc. 19, 1955;
       syllabus row N3.

    Examples
    --------
    >>> round(math.exp(log_probability(2)), 6)  # (2 − √2)/4
    0.146446
    """
    if not 1 <= n <= 12:
        raise ValueError(f"log_probability: n must lie in 1…12, got {n!r}")
    reach = math.sqrt(2 * n) + 9  # the density is below 1e-20 outside
    u, w = np.polynomial.legendre.leggauss(nodes)
    half, half_w = reach * (u + 1) / 2, reach * w / 2
    whole, whole_w = np.concatenate([-half[::-1], half]), np.concatenate([half_w[::-1], half_w])
    # one basis for both, so that its leading coefficients cancel
    return _log_pfaffian(n, half, half_w) - _log_pfaffian(n, whole, whole_w)


def _basis(n: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hermite polynomials of degree 0…n − 1, each over √k!, times e^{−x²/2}, (n, nodes)."""
    rows = [np.exp(-(x**2) / 2)]
    for k in range(1, n):
        last = rows[k - 2] * math.sqrt(k - 1) if k > 1 else 0.0
        rows.append((x * rows[k - 1] - last) / math.sqrt(k))
    return np.array(rows[:n])


def _log_pfaffian(n: int, x: NDArray[np.float64], w: NDArray[np.float64]) -> float:
    """Return ln of the Pfaffian over the interval that nodes and weights describe."""
    p = _basis(n, x) * w  # (n, nodes)
    before = np.cumsum(p, axis=1) - p / 2  # the double integral, node by node
    matrix = before @ p.T
    matrix = matrix - matrix.T
    if n % 2:  # odd: bordered by the plain integrals
        edge = p.sum(axis=1)
        matrix = np.block([[matrix, edge[:, None]], [-edge[None, :], np.zeros((1, 1))]])
    return float(np.linalg.slogdet(matrix)[1] / 2)
