"""Momentum on a quadratic, completely: one 2×2 matrix per eigendirection decides everything (syllabus A1, A2).

Along an eigenvector with curvature λ the error obeys ``e_{t+1} = (1 + α − ηλ) e_t − α e_{t−1}`` (heavy ball) or
``e_{t+1} = (1 − ηλ) ((1 + α) e_t − α e_{t−1})`` (Nesterov). Functions take ``step = ηλ``, the step size in units
of 1/λ, which is all that matters.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["REGIMES", "Setting", "best", "companion", "fitted", "gradient_kinked", "kinked", "radius", "regime"]

REGIMES = ("creeping", "critical", "ringing", "flipping", "diverging")
"""Both roots positive; equal; a complex pair; a negative root in front; a root of size 1 or more."""


def companion(step: float | Tensor, alpha: float | Tensor, *, nesterov: bool = False) -> Tensor:
    """Return the matrix that maps ``(e_t, e_{t−1})`` to ``(e_{t+1}, e_t)``.

    Parameters
    ----------
    step
        ηλ, any shape.
    alpha
        Momentum, a shape that broadcasts with it.
    nesterov
        Whether the gradient is taken at the look-ahead point.

    Returns
    -------
    Tensor
        (…, 2, 2), float64.

    References
    ----------
    .. [1] B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; syllabus row A1.

    Examples
    --------
    >>> companion(0.5, 0.25)
    tensor([[ 0.7500, -0.2500],
            [ 1.0000,  0.0000]], dtype=torch.float64)
    """
    a = torch.as_tensor(alpha, dtype=torch.float64)
    x = torch.as_tensor(step, dtype=torch.float64) + 0 * a  # of the common shape
    a = a + 0 * x
    pull = 1 - x if nesterov else torch.ones_like(x)
    first = pull * (1 + a) if nesterov else 1 + a - x
    rows = [torch.stack([first, -a * pull], dim=-1), torch.stack([torch.ones_like(x), torch.zeros_like(x)], dim=-1)]
    return torch.stack(rows, dim=-2)


def _sum_and_product(step: float | Tensor, alpha: float | Tensor, nesterov: bool) -> tuple[Tensor, Tensor]:
    """Sum and product of the two roots: trace and determinant of the companion matrix."""
    matrix = companion(step, alpha, nesterov=nesterov)
    return matrix[..., 0, 0], -matrix[..., 0, 1]


def radius(step: float | Tensor, alpha: float | Tensor, *, nesterov: bool = False) -> Tensor:
    """Return the larger size of the two roots, in closed form: the factor per step by which the error shrinks.

    With s the sum and p the product of the roots, it is ``√p`` where ``s² < 4p`` (a complex pair) and
    ``(|s| + √(s² − 4p))/2`` elsewhere.

    Parameters
    ----------
    step, alpha, nesterov
        As for `companion`.

    Examples
    --------
    >>> radius(torch.tensor([0.1, 1.0, 3.0]), 0.25)  # ringing ones are all √α
    tensor([0.8589, 0.5000, 1.5931], dtype=torch.float64)
    """
    s, p = _sum_and_product(step, alpha, nesterov)
    gap = s**2 - 4 * p
    return torch.where(gap < 0, p.clamp_min(0).sqrt(), (s.abs() + gap.clamp_min(0).sqrt()) / 2)


def regime(step: float, alpha: float, *, nesterov: bool = False) -> str:
    """Name what one eigendirection does: one of `REGIMES`.

    Examples
    --------
    >>> [regime(step, 0.25) for step in (0.1, 0.25, 1.0, 2.4, 2.5)]
    ['creeping', 'critical', 'ringing', 'flipping', 'diverging']
    """
    s, p = (float(v) for v in _sum_and_product(step, alpha, nesterov))
    gap = s * s - 4 * p
    if float(radius(step, alpha, nesterov=nesterov)) > 1 - 1e-9:
        return "diverging"
    if abs(gap) < 1e-9 and s > -1e-9:
        return "critical"
    if gap < 0:
        return "ringing"
    return "creeping" if s > 0 else "flipping"


class Setting(NamedTuple):
    """A step size, a momentum and the rate they give on curvatures between two bounds."""

    lr: float
    alpha: float
    rate: float


def best(low: float, high: float, *, nesterov: bool = False) -> Setting:
    """Return the step size and momentum that suit curvatures from `low` to `high`.

    Heavy ball: the best of all, ``η = (2/(√λ₁ + √λ_M))²``, ``√α = (√κ − 1)/(√κ + 1)``, which is also the rate.
    Nesterov: his own, ``η = 1/λ_M``, ``α = (√κ − 1)/(√κ + 1)``, with rate ``1 − 1/√κ``; safe beyond quadratics.

    Raises
    ------
    ValueError
        Unless 0 < low ≤ high.

    References
    ----------
    .. [1] B. T. Polyak, 1964; Y. Nesterov, *Introductory Lectures on Convex Optimization*, 2004, section 2.2.

    Examples
    --------
    >>> best(1.0, 25.0)
    Setting(lr=0.1111111111111111, alpha=0.4444444444444444, rate=0.6666666666666666)
    """
    if not 0 < low <= high:
        raise ValueError(f"best: needs curvatures 0 < low <= high, got {low!r} and {high!r}")
    a, b = low**0.5, high**0.5
    damping = (b - a) / (b + a)
    if nesterov:
        return Setting(1 / high, damping, 1 - a / b)
    return Setting((2 / (a + b)) ** 2, damping**2, damping)


def fitted(errors: Tensor) -> Tensor:
    """Read the companion matrix's first row off a trajectory: the (c, d) with ``e_{t+1} = c e_t + d e_{t−1}``.

    Parameters
    ----------
    errors
        Signed errors along one eigendirection (steps + 1,), at least four.

    Returns
    -------
    Tensor
        (2,), by least squares over the whole run.

    Examples
    --------
    >>> fitted(torch.tensor([1.0, 1.0, 2.0, 3.0, 5.0, 8.0], dtype=torch.float64)).round(decimals=9)  # Fibonacci
    tensor([1., 1.], dtype=torch.float64)
    """
    if len(errors) < 4:
        raise ValueError(f"fitted: needs at least four errors, got {len(errors)}")
    size = (errors[1:-1] ** 2 + errors[:-2] ** 2).sqrt()[:, None]  # late errors count as much as early ones
    pairs = torch.stack([errors[1:-1], errors[:-2]], dim=1) / size
    found: Tensor = torch.linalg.lstsq(pairs, errors[2:, None] / size).solution.flatten()
    return found


def gradient_kinked(x: Tensor) -> Tensor:
    """Return the slope of `kinked`: 25x below 1, x + 24 up to 2, 25x − 24 beyond."""
    return torch.where(x < 1, 25 * x, torch.where(x < 2, x + 24, 25 * x - 24))


def kinked(x: Tensor) -> Tensor:
    """Return a convex function of one variable on which the optimally tuned heavy ball runs in circles [1]_.

    Its curvature is 25, then 1 between 1 and 2, then 25 again: between the bounds λ = 1 and 25 everywhere, yet not
    a quadratic. The minimum, 0, is at 0.

    References
    ----------
    .. [1] L. Lessard, B. Recht, A. Packard, "Analysis and design of optimization algorithms via integral quadratic
       constraints", SIAM Journal on Optimization 26, 2016, section 4.6; syllabus row A1.

    Examples
    --------
    >>> kinked(torch.tensor([0.0, 1.0, 2.0]))
    tensor([ 0.0000, 12.5000, 38.0000])
    """
    left, middle = 12.5 * x**2, 0.5 * x**2 + 24 * x - 12
    return torch.where(x < 1, left, torch.where(x < 2, middle, 12.5 * x**2 - 24 * x + 36))
