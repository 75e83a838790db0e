"""Whitening: affine maps z = W(x − μ) that give a sample mean 0 and, as far as they go, covariance I.

Rows are samples; covariances are means over the N samples (1/N). Every map is fitted on one sample and can
then be applied to any other (syllabus rows W1–W4).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = [
    "Affine",
    "centring",
    "cholesky",
    "condition",
    "moved",
    "pca",
    "scaling",
    "second_moment",
    "turned",
    "with_bias",
    "zca",
]

FLAT = 1e-10
"""Directions whose variance is at most this share of the largest carry none: rounding, not data."""


class Affine(NamedTuple):
    """The map x ↦ W(x − μ), for one sample (D,) or for rows (N, D).

    Attributes
    ----------
    mean : Tensor
        μ (D,).
    matrix : Tensor
        W (R, D); a direction that was dropped is a row that is missing.

    Examples
    --------
    >>> Affine(torch.tensor([1.0, 1.0]), torch.tensor([[2.0, 0.0]]))(torch.tensor([[3.0, 9.0]]))
    tensor([[4.]])
    """

    mean: Tensor
    matrix: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Map rows (N, D) → (N, R)."""
        return (x - self.mean) @ self.matrix.T


def _sample(x: Tensor, who: str) -> Tensor:
    """Refuse what is no sample."""
    if x.ndim != 2 or len(x) < 2:
        raise ValueError(f"{who}: needs a matrix of at least two rows, one sample each; got shape {tuple(x.shape)}")
    return x


def _directions(x: Tensor, who: str, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """Mean (D,), variances (R,) descending and their directions (R, D), the flat ones left out."""
    if not 0 <= eps < float("inf"):
        raise ValueError(f"{who}: eps must be finite and ≥ 0, got {eps!r}")
    mean = _sample(x, who).mean(dim=0)
    _, singular, directions = torch.linalg.svd(x - mean, full_matrices=False)
    variances = singular**2 / len(x)
    kept = variances > FLAT * variances[0]
    if not kept.any():
        raise ValueError(f"{who}: all rows are equal, there is no variance to scale")
    return mean, variances[kept], directions[kept]


def centring(x: Tensor) -> Affine:
    """Subtract the mean and do nothing else, W = I.

    Parameters
    ----------
    x
        Sample (N, D), N ≥ 2.

    Returns
    -------
    Affine
        W (D, D).

    Raises
    ------
    ValueError
        If `x` is not a matrix of at least two rows.

    Examples
    --------
    >>> x = torch.tensor([[1.0, 5.0], [3.0, 5.0]])
    >>> centring(x)(x)
    tensor([[-1.,  0.],
            [ 1.,  0.]])
    """
    return Affine(_sample(x, "centring").mean(dim=0), torch.eye(x.shape[1], dtype=x.dtype))


def scaling(x: Tensor) -> Affine:
    """Subtract the mean and divide each coordinate by its standard deviation; drop coordinates that never change.

    Parameters
    ----------
    x
        Sample (N, D), N ≥ 2.

    Returns
    -------
    Affine
        W (R, D), a diagonal matrix without its empty rows.

    Raises
    ------
    ValueError
        If `x` is not a matrix of at least two rows.

    Examples
    --------
    >>> x = torch.tensor([[1.0, 5.0], [3.0, 5.0]])
    >>> scaling(x)(x)
    tensor([[-1.],
            [ 1.]])
    """
    mean = _sample(x, "scaling").mean(dim=0)
    changing = (x != x[0]).any(dim=0)
    spread = x.std(dim=0, correction=0)
    return Affine(mean, torch.diag(1 / spread.where(changing, torch.ones_like(spread)))[changing])


def pca(x: Tensor, eps: float = 0.0, keep: int | None = None) -> Affine:
    """Whiten along the principal axes, ``W = (D + εI)^(−1/2) Eᵀ`` with covariance ``E D Eᵀ``.

    Flat directions (variance at most 1e-10 of the largest) are left out, whatever ε. The signs of the rows
    are those of LAPACK: any choice whitens.

    Parameters
    ----------
    x
        Sample (N, D), N ≥ 2.
    eps
        Added to every variance, ≥ 0.
    keep
        How many directions at most, largest variance first; all unless given.

    Returns
    -------
    Affine
        W (R, D).

    Raises
    ------
    ValueError
        If `eps` is negative, `keep` < 1, or the sample has no variance.

    References
    ----------
    Syllabus row W2; Kessy, Lewin & Strimmer, "Optimal whitening and decorrelation", 2018.

    Examples
    --------
    >>> x = torch.tensor([[4.0, 1.0], [-4.0, 1.0], [4.0, -1.0], [-4.0, -1.0]])
    >>> pca(x).matrix.abs()
    tensor([[0.2500, 0.0000],
            [0.0000, 1.0000]])
    """
    mean, variances, directions = _directions(x, "pca", eps)
    if keep is not None and keep < 1:
        raise ValueError(f"pca: keep must be at least 1, got {keep!r}")
    return Affine(mean, (directions / (variances + eps).sqrt()[:, None])[:keep])


def zca(x: Tensor, eps: float = 0.0) -> Affine:
    """Whiten and turn back, ``W = E (D + εI)^(−1/2) Eᵀ``: the symmetric whitening, nearest to the identity.

    Parameters
    ----------
    x
        Sample (N, D), N ≥ 2.
    eps
        Added to every variance, ≥ 0.

    Returns
    -------
    Affine
        W (D, D) of rank R; flat directions are sent to 0.

    Raises
    ------
    ValueError
        If `eps` is negative or the sample has no variance.

    References
    ----------
    Bell & Sejnowski, "The independent components of natural scenes are edge filters", 1997; syllabus row W3.

    Examples
    --------
    >>> x = torch.tensor([[4.0, 1.0], [-4.0, 1.0], [4.0, -1.0], [-4.0, -1.0]])
    >>> zca(x).matrix.abs()
    tensor([[0.2500, 0.0000],
            [0.0000, 1.0000]])
    """
    mean, variances, directions = _directions(x, "zca", eps)
    return Affine(mean, (directions.T / (variances + eps).sqrt()) @ directions)


def cholesky(x: Tensor) -> Affine:
    """Whiten coordinate by coordinate, each freed of those before it: ``W = L⁻¹`` with covariance ``L Lᵀ``.

    Parameters
    ----------
    x
        Sample (N, D) whose covariance has full rank.

    Returns
    -------
    Affine
        W (D, D), lower triangular.

    Raises
    ------
    ValueError
        If the covariance has no full rank.

    Examples
    --------
    >>> x = torch.tensor([[4.0, 1.0], [-4.0, 1.0], [4.0, -1.0], [-4.0, -1.0]])
    >>> cholesky(x).matrix
    tensor([[0.2500, 0.0000],
            [0.0000, 1.0000]])
    """
    mean = _sample(x, "cholesky").mean(dim=0)
    factor, trouble = torch.linalg.cholesky_ex(second_moment(x - mean))
    if trouble.item():
        raise ValueError("cholesky: the covariance has no full rank; drop coordinates or use pca")
    inverse = torch.linalg.solve_triangular(factor, torch.eye(len(mean), dtype=x.dtype), upper=False)
    return Affine(mean, inverse)


def turned(map: Affine, rotation: Tensor) -> Affine:
    """Follow a map by an orthogonal matrix: ``QW`` whitens if W does.

    Parameters
    ----------
    map
        W (R, D).
    rotation
        Q (R, R), orthogonal.

    Returns
    -------
    Affine
        QW (R, D), same mean.

    Raises
    ------
    ValueError
        If Q is not orthogonal.

    Examples
    --------
    >>> quarter = torch.tensor([[0.0, -1.0], [1.0, 0.0]])
    >>> turned(Affine(torch.zeros(2), torch.eye(2)), quarter)(torch.tensor([[1.0, 0.0]]))
    tensor([[0., 1.]])
    """
    if not torch.allclose(rotation.T @ rotation, torch.eye(len(rotation), dtype=rotation.dtype), atol=1e-8):
        raise ValueError("turned: the rotation must be orthogonal, QᵀQ = I")
    return Affine(map.mean, rotation @ map.matrix)


def moved(map: Affine, x: Tensor) -> float:
    """Return how far a map moves the centred sample in the mean square, ``E‖(x − μ) − W(x − μ)‖²``.

    Parameters
    ----------
    map
        W (D, D).
    x
        Sample (N, D).

    Raises
    ------
    ValueError
        If the map changes the number of coordinates: then there is no distance.

    Examples
    --------
    >>> moved(Affine(torch.zeros(1), torch.tensor([[3.0]])), torch.tensor([[1.0], [2.0]]))
    10.0
    """
    if map.matrix.shape[0] != map.matrix.shape[1]:
        raise ValueError(f"moved: W must be square, got {tuple(map.matrix.shape)}")
    return float(((x - map.mean - map(x)) ** 2).sum(dim=1).mean())


def with_bias(x: Tensor) -> Tensor:
    """Append a coordinate that is always 1, so that the last weight is the bias: (N, D) → (N, D + 1).

    Examples
    --------
    >>> with_bias(torch.tensor([[7.0]]))
    tensor([[7., 1.]])
    """
    return torch.cat([x, torch.ones_like(x[:, :1])], dim=1)


def second_moment(x: Tensor) -> Tensor:
    """Return ``(1/N) Σₙ xₙ xₙᵀ`` (D, D): the covariance where the mean is 0.

    Examples
    --------
    >>> second_moment(torch.tensor([[1.0, 2.0], [1.0, 0.0]]))
    tensor([[1., 1.],
            [1., 2.]])
    """
    moment: Tensor = x.T @ x / len(x)
    return moment


def condition(x: Tensor) -> float:
    """Return λ_max/λ_min of the second moment, over the directions that are not flat.

    Computed from the singular values of `x`, which keeps twice the digits.

    Examples
    --------
    >>> condition(torch.tensor([[3.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))
    9.0
    """
    lam = torch.linalg.svdvals(x) ** 2
    return float(lam[0] / lam[lam > FLAT * lam[0]].min())
