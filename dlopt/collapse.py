"""What depth does to a batch: signals through random layers, their rank in four definitions, and the theory.

A batch is H, (N, d), one sample per row; a leading axis holds independent repetitions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

__all__ = [
    "growth_rates",
    "lyapunov",
    "mean_cosine",
    "numerical_rank",
    "participation_ratio",
    "propagate",
    "soft_rank",
    "whitened",
]

SINGLE = 2.0**-23
"""Relative spacing of float32: the precision in which networks run."""


def whitened(members: int, samples: int, width: int, generator: torch.Generator) -> Tensor:
    """Return random batches (members, samples, width) with mean 0 and covariance exactly I.

    Raises
    ------
    ValueError
        Unless samples > width: fewer cannot have a covariance of full rank.

    Examples
    --------
    >>> h = whitened(1, 50, 3, torch.Generator().manual_seed(0))
    >>> torch.allclose(h.mT @ h / 50, torch.eye(3, dtype=h.dtype))
    True
    """
    if samples <= width:
        raise ValueError(f"whitened: needs more samples than units, got {samples!r} and {width!r}")
    h = torch.randn(members, samples, width, generator=generator, dtype=torch.float64)
    basis: Tensor = torch.linalg.qr(h - h.mean(dim=1, keepdim=True)).Q
    return basis * math.sqrt(samples)


def propagate(
    h: Tensor, keep: Iterable[int], generator: torch.Generator, *, relu: bool = False, norm: bool = False
) -> dict[int, Tensor]:
    """Send batches through random square layers, ``H ← φ(BN(H Wᵀ))``, W normal with variance 1/d.

    Without batch normalization H is rescaled to mean square 1 after each layer, which no measure of this
    module notices (linear and ReLU layers commute with a positive factor) and which keeps depth 512 in range.

    Parameters
    ----------
    h
        Inputs (S, N, d), S independent repetitions with weights of their own.
    keep
        Depths to return; 0 is the input.
    generator
        Source of the weights.
    relu
        Whether a ReLU follows each layer.
    norm
        Whether torch's batch normalization, in train mode with γ = 1, β = 0, precedes it.

    Returns
    -------
    dict
        Depth → signals (S, N, d).

    Examples
    --------
    >>> h = whitened(2, 40, 8, torch.Generator().manual_seed(0))
    >>> found = propagate(h, [0, 3], torch.Generator().manual_seed(1), relu=True, norm=True)
    >>> [found[depth].shape for depth in (0, 3)]
    [torch.Size([2, 40, 8]), torch.Size([2, 40, 8])]
    """
    wanted = set(keep)
    found = {0: h} if 0 in wanted else {}
    members, samples, width = h.shape
    for depth in range(1, max(wanted) + 1):
        weight = torch.randn(members, width, width, generator=generator, dtype=h.dtype) / width**0.5
        h = h @ weight.mT
        if norm:
            side_by_side = h.transpose(0, 1).reshape(samples, members * width)
            normed = nn.functional.batch_norm(side_by_side, None, None, training=True)
            h = normed.view(samples, members, width).transpose(0, 1)
        h = h.relu() if relu else h
        if not norm:
            h = h / h.square().mean(dim=(1, 2), keepdim=True).sqrt()
        if depth in wanted:
            found[depth] = h
    return found


def numerical_rank(h: Tensor) -> Tensor:
    """Count the singular values above max(N, d)·2⁻²³·σ_max: what float32 can tell from 0.

    It is the default of ``torch.linalg.matrix_rank`` for float32 input, evaluated in the precision of `h`.

    Examples
    --------
    >>> numerical_rank(torch.diag(torch.tensor([1.0, 1e-3, 1e-9], dtype=torch.float64))).item()
    2
    """
    sigma: Tensor = torch.linalg.svdvals(h)
    return (sigma > max(h.shape[-2:]) * SINGLE * sigma[..., :1]).sum(dim=-1)


def soft_rank(h: Tensor, tau: float = 0.5) -> Tensor:
    """Count the singular values of H/√N that are at least τ, after the soft rank of Daneshmand et al. (2020).

    It depends on the scale of H; bring H to mean square 1 first, as `propagate` does.

    Examples
    --------
    >>> soft_rank(2**0.5 * torch.diag(torch.tensor([1.0, 0.6, 0.1, 0.0]))[:2]).item()
    2
    """
    sigma: Tensor = torch.linalg.svdvals(h)
    large: Tensor = sigma >= tau * math.sqrt(h.shape[-2])
    return large.sum(dim=-1)


def participation_ratio(h: Tensor) -> Tensor:
    """Return (Σλ)²/Σλ² of the eigenvalues λ of HᵀH: how many directions carry the signal.

    Between 1 and the rank, and the rank itself when all eigenvalues are equal; it needs no threshold.

    Examples
    --------
    >>> participation_ratio(torch.eye(5)).item()
    5.0
    """
    energy: Tensor = torch.linalg.svdvals(h) ** 2
    ratio: Tensor = energy.sum(dim=-1) ** 2 / (energy**2).sum(dim=-1)
    return ratio


def mean_cosine(h: Tensor) -> Tensor:
    """Return the mean of |cos| over all pairs of different rows.

    Examples
    --------
    >>> round(mean_cosine(torch.tensor([[1.0, 0.0], [-2.0, 0.0], [0.0, 3.0]])).item(), 6)
    0.333333
    """
    unit = nn.functional.normalize(h, dim=-1)
    cosines = (unit @ unit.mT).abs()
    count = h.shape[-2]
    return (cosines.sum(dim=(-2, -1)) - cosines.diagonal(dim1=-2, dim2=-1).sum(dim=-1)) / (count * (count - 1))


def lyapunov(width: int) -> Tensor:
    """Return the growth rates of the singular values of W_L ⋯ W₁, W normal with variance 1/d, as L → ∞.

    ``ln σᵢ / L → ½ [ln(2/d) + ψ((d − i + 1)/2)]`` with the digamma function ψ [1]_.

    Parameters
    ----------
    width
        Units per layer d.

    Returns
    -------
    Tensor
        Rates (d,), largest first.

    References
    ----------
    .. [1] C. M. Newman, "The distribution of Lyapunov exponents: exact results for random matrices",
       Communications in Mathematical Physics 103, 1986; syllabus rows B1, B2.

    Examples
    --------
    >>> lyapunov(1)  # E ln|w| of a normal number: −(γ + ln 2)/2
    tensor([-0.6352], dtype=torch.float64)
    """
    degrees = torch.arange(width, 0, -1, dtype=torch.float64)  # of the χ² behind each exponent
    rates: Tensor = 0.5 * (math.log(2 / width) + torch.digamma(degrees / 2))
    return rates


def growth_rates(width: int, depth: int, members: int, generator: torch.Generator) -> Tensor:
    """Measure the growth rates of `lyapunov`: multiply an orthonormal basis, straighten it, keep the lengths.

    Parameters
    ----------
    width, depth
        Units per layer, and layers.
    members
        Independent repetitions.
    generator
        Source of the weights.

    Returns
    -------
    Tensor
        Rates per layer (members, width).

    Examples
    --------
    >>> growth_rates(4, 100, 3, torch.Generator().manual_seed(0)).shape
    torch.Size([3, 4])
    """
    basis = torch.eye(width, dtype=torch.float64).expand(members, width, width)
    lengths = torch.zeros(members, width, dtype=torch.float64)
    for _ in range(depth):
        weight = torch.randn(members, width, width, generator=generator, dtype=torch.float64) / width**0.5
        basis, upper = torch.linalg.qr(weight @ basis)
        lengths += upper.diagonal(dim1=-2, dim2=-1).abs().log()
    return lengths / depth
