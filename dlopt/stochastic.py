"""Stochastic gradient descent many walkers at a time, and what theory says of them (rows G1, G3, G4, G6).

Everything runs many independent walkers at once: positions are (R, M), one row per walker. A noisy
gradient is a function of positions that returns an estimate of the gradient there, (R, M) → (R, M),
and draws its own randomness from a generator handed to it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = [
    "NoisyGradient",
    "RankOne",
    "StepSize",
    "Tracks",
    "additive",
    "crossing",
    "ema_variance",
    "escape_steps",
    "sample_gradients",
    "walk",
]

NoisyGradient = Callable[[Tensor], Tensor]
StepSize = float | Callable[[int], float]


class Tracks(NamedTuple):
    """Where walkers were at the recorded times: steps (T,), and positions (T, R, M) of three kinds."""

    steps: Tensor
    last: Tensor
    average: Tensor
    ema: Tensor


def walk(
    gradient: NoisyGradient,
    start: Tensor,
    *,
    lr: StepSize,
    steps: int,
    record: Iterable[int],
    average_from: int = 0,
    gamma: float = 0.99,
) -> Tracks:
    """Stochastic gradient descent, ``w ← w − η_k ĝ(w)``, with two averages of the iterates beside it.

    Parameters
    ----------
    gradient
        Noisy gradient, (R, M) → (R, M).
    start
        Positions before the first step (R, M).
    lr
        Step size, or a function of the update k = 0, 1, …
    steps
        How many updates.
    record
        Numbers of completed updates after which positions are kept, between 0 and `steps`.
    average_from
        The Polyak average is the mean of all iterates after this many updates (before that, the iterate).
    gamma
        The exponential moving average is ``e ← γe + (1 − γ)w``, started at the first position.

    Returns
    -------
    Tracks
        Recorded steps (T,), last iterates, Polyak averages and moving averages (T, R, M) each.

    Raises
    ------
    ValueError
        If γ lies outside [0, 1) or a time to record outside the run.

    Examples
    --------
    >>> tracks = walk(lambda w: w, torch.tensor([[8.0]]), lr=0.5, steps=3, record=[0, 3], gamma=0.5)
    >>> tracks.last.flatten(), tracks.average.flatten(), tracks.ema.flatten()
    (tensor([8., 1.]), tensor([8.0000, 2.3333]), tensor([8.0000, 2.5000]))
    """
    if not 0 <= gamma < 1:
        raise ValueError(f"walk: gamma must lie in [0, 1), got {gamma!r}")
    wanted = sorted(set(record))
    if not wanted or wanted[0] < 0 or wanted[-1] > steps:
        raise ValueError(f"walk: times to record must lie between 0 and {steps}, got {wanted}")
    step_size = lr if callable(lr) else lambda _: lr
    w, ema, total = start.clone(), start.clone(), torch.zeros_like(start)
    kept = torch.empty(3, len(wanted), *start.shape, dtype=start.dtype)
    place = {k: i for i, k in enumerate(wanted)}
    for k in range(steps + 1):
        if k in place:
            mean = total / (k - average_from) if k > average_from else w
            kept[:, place[k]] = torch.stack([w, mean, ema])
        if k == steps:
            break
        w = w - step_size(k) * gradient(w)
        ema = gamma * ema + (1 - gamma) * w
        if k >= average_from:
            total += w
    last, average, moving = kept
    return Tracks(torch.tensor(wanted), last, average, moving)


def additive(curvatures: Tensor, deviations: Tensor, generator: torch.Generator) -> NoisyGradient:
    """Return the gradient of ``½ Σ λₘ wₘ²`` plus independent Gaussian noise of given standard deviations.

    Parameters
    ----------
    curvatures
        λ (M,).
    deviations
        Standard deviation of the noise in each coordinate (M,).
    generator
        Source of the noise.

    Examples
    --------
    >>> noisy = additive(torch.tensor([2.0]), torch.tensor([0.0]), torch.Generator())
    >>> noisy(torch.tensor([[3.0]]))
    tensor([[6.]])
    """
    return lambda w: curvatures * w + deviations * torch.randn(w.shape, generator=generator, dtype=w.dtype)


class RankOne:
    """Best rank-one approximation of a second-moment matrix, ``¼‖A − wwᵀ‖²``: every other eigenvector is a saddle.

    Turned into the eigenbasis of ``A = mean xxᵀ``, largest eigenvalue first. Critical points are 0 and
    ``±√λₘ`` along axis m; only m = 0 is a minimum. One sample's gradient is ``‖w‖²w − x(xᵀw)``.

    Parameters
    ----------
    x
        Data (N, M).

    Examples
    --------
    >>> task = RankOne(torch.tensor([[2.0, 0.0], [0.0, 1.0]]))
    >>> task.gradient(torch.tensor([[0.0, 0.5**0.5]])).abs() < 1e-6  # a saddle
    tensor([[True, True]])
    """

    def __init__(self, x: Tensor) -> None:
        found = torch.linalg.eigh(x.T @ x / len(x))
        self.spectrum: Tensor = found.eigenvalues.flip(0)  # (M,), descending
        self.x: Tensor = x @ found.eigenvectors.flip(1)  # (N, M)

    def gradient(self, w: Tensor) -> Tensor:
        """Full gradient at positions (R, M); A is diagonal here, exactly."""
        shrink: Tensor = (w * w).sum(dim=-1, keepdim=True) * w
        return shrink - self.spectrum * w

    def noisy(self, batch_size: int, generator: torch.Generator) -> NoisyGradient:
        """Return the gradient estimate from a fresh batch per walker, drawn with replacement."""

        def estimate(w: Tensor) -> Tensor:
            rows = torch.randint(len(self.x), (len(w), batch_size), generator=generator)
            x = self.x[rows]  # (R, B, M)
            along = torch.einsum("rbm,rm->rb", x, w)
            pull = torch.einsum("rb,rbm->rm", along, x) / batch_size
            shrink: Tensor = (w * w).sum(dim=-1, keepdim=True) * w
            return shrink - pull

        return estimate


def ema_variance(variance: float, rho: float, gamma: float) -> float:
    """Variance of ``Σⱼ (1−γ)γʲ e_{t−j}`` for a stationary sequence with autocorrelation ρᵏ.

    Examples
    --------
    >>> ema_variance(2.0, 0.5, 0.0)
    2.0
    """
    return variance * (1 - gamma) / (1 + gamma) * (1 + gamma * rho) / (1 - gamma * rho)


def escape_steps(growth: float, push: float, reach: float) -> float:
    """Median number of steps until ``c ← (1 + growth) c + push·ξ``, from 0, has size `reach`.

    The sum is nearly Gaussian; half of the walkers are beyond 0.674 of its standard deviation, which
    grows as ``push² ((1+growth)^{2t} − 1)/((1+growth)² − 1)``.

    Parameters
    ----------
    growth
        η times the negative curvature, > 0.
    push
        Standard deviation of the noise in one step.
    reach
        Distance that counts as having left.
    """
    rate = 2 * math.log1p(growth)
    needed = (reach / 0.6744897501960817) ** 2 / push**2
    return math.log1p(needed * math.expm1(rate)) / rate


def sample_gradients(loss: Callable[[Tensor, Tensor, Tensor], Tensor], w: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Gradient of the loss of every sample alone, (N, M), by torch.func.

    Parameters
    ----------
    loss
        ``loss(w, x, y)``: scalar loss on inputs x (n, D) with targets y (n,).
    w
        Weights (M,).
    x, y
        Inputs (N, D) and targets (N,).

    Examples
    --------
    >>> x, y = torch.tensor([[1.0], [2.0]]), torch.zeros(2)
    >>> sample_gradients(lambda w, x, y: 0.5 * ((x @ w - y) ** 2).mean(), torch.ones(1), x, y)
    tensor([[1.],
            [4.]])
    """
    alone = torch.func.grad(lambda v, a, b: loss(v, a[None], b[None]))
    gradients: Tensor = torch.func.vmap(alone, in_dims=(None, 0, 0))(w, x, y)
    return gradients


def crossing(values: Tensor, level: float) -> int:
    """Return the first index at which a sequence exceeds a level and stays above it until its end.

    Parameters
    ----------
    values
        Sequence (T,).
    level
        What must be exceeded.

    Raises
    ------
    ValueError
        If the sequence does not end above the level.

    Examples
    --------
    >>> crossing(torch.tensor([0.0, 2.0, 0.0, 2.0, 3.0]), 1.0)
    3
    """
    if not values[-1] > level:
        raise ValueError(f"crossing: {len(values)} values, the last not above {level!r}; run longer")
    below = torch.nonzero(~(values > level))
    return int(below[-1]) + 1 if len(below) else 0
