"""Loss surfaces small enough to draw: functions of points (…, 2), or of numbers (…), in torch.

All are written for float64 and accept any number of leading dimensions, so that `plotting.contours`
can draw what `descent.descend` walks on.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = [
    "beale",
    "bowl",
    "cliff",
    "himmelblau",
    "monkey_saddle",
    "quartic_saddle",
    "rosenbrock",
    "tilted_valley",
    "trap",
    "two_weights",
]


def rosenbrock(w: Tensor) -> Tensor:
    """Return a bent valley, ``(1 − x)² + 10 (y − x²)²``: minimum 0 at (1, 1).

    Ten instead of the usual hundred keeps the valley wide enough to see.

    Examples
    --------
    >>> rosenbrock(torch.ones(2)).item()
    0.0
    """
    x, y = w[..., 0], w[..., 1]
    return (1 - x) ** 2 + 10 * (y - x**2) ** 2


def himmelblau(w: Tensor) -> Tensor:
    """Return four minima of height 0 around one hilltop, ``(x² + y − 11)² + (x + y² − 7)²``.

    Examples
    --------
    >>> himmelblau(torch.tensor([3.0, 2.0])).item()
    0.0
    """
    x, y = w[..., 0], w[..., 1]
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def beale(w: Tensor) -> Tensor:
    """Return Beale's function, ``(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²``: minimum 0 at (3, 0.5).

    A flat, bent valley between steep walls; lecture S1 races optimizers on it.

    Examples
    --------
    >>> beale(torch.tensor([3.0, 0.5])).item()
    0.0
    """
    x, y = w[..., 0], w[..., 1]
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def quartic_saddle(w: Tensor) -> Tensor:
    """Return lecture S1's saddle, ``y⁴ − x⁴``: flat at (0, 0), without a lower bound along x.

    Examples
    --------
    >>> quartic_saddle(torch.tensor([[0.0, 2.0], [1.0, 1.0], [1.0, 0.0]]))
    tensor([16.,  0., -1.])
    """
    x, y = w[..., 0], w[..., 1]
    return y**4 - x**4


def cliff(w: Tensor) -> Tensor:
    """Return a gentle valley that ends at a cliff, ``½(x² + y²)/10 + 2 σ(25 (x − 1.5))``: minimum near 0.

    On the cliff the gradient is a hundred times what it is elsewhere: a step that meets it is thrown far away.

    Examples
    --------
    >>> cliff(torch.tensor([[0.0, 0.0], [2.0, 0.0]])).round(decimals=4)
    tensor([0.0000, 2.2000])
    """
    x, y = w[..., 0], w[..., 1]
    return 0.05 * (x**2 + y**2) + 2 * torch.sigmoid(25 * (x - 1.5))


def tilted_valley(w: Tensor) -> Tensor:
    """Return an ill-conditioned quadratic with its axes turned by 45°: curvatures 0.25 and 25, minimum 0 at (0, 0).

    The narrow valley runs along x = y, where no step size per coordinate can follow it.

    Examples
    --------
    >>> tilted_valley(torch.tensor([[1.0, 1.0], [1.0, -1.0]]))
    tensor([ 0.2500, 25.0000])
    """
    x, y = w[..., 0], w[..., 1]
    return 0.5 * (12.625 * (x**2 + y**2) - 24.75 * x * y)


def bowl(w: Tensor) -> Tensor:
    """Return a bowl, ``½ (x² + 4 y²)``: minimum 0 at (0, 0).

    Examples
    --------
    >>> bowl(torch.tensor([2.0, 1.0])).item()
    4.0
    """
    x, y = w[..., 0], w[..., 1]
    return 0.5 * (x**2 + 4 * y**2)


def two_weights(w: Tensor) -> Tensor:
    """Return the smallest deep network, ``½ (1 − ab)²``: one weight per layer, one sample, saddle at (0, 0).

    Examples
    --------
    >>> two_weights(torch.tensor([[0.0, 0.0], [2.0, 0.5]]))
    tensor([0.5000, 0.0000])
    """
    return 0.5 * (1 - w[..., 0] * w[..., 1]) ** 2


def monkey_saddle(w: Tensor) -> Tensor:
    """Return three valleys between three ridges, ``x³ − 3xy²``: the Hessian at the origin vanishes.

    Examples
    --------
    >>> monkey_saddle(torch.tensor([1.0, 1.0])).item()
    -2.0
    """
    x, y = w[..., 0], w[..., 1]
    return x**3 - 3 * x * y**2


def trap(x: Tensor) -> Tensor:
    """Return a broad basin at 0 with a narrow, poor minimum near 2.9: ``√(1 + x²) − 0.6 e^(−8(x−3)²)``.

    Far out the slope tends to ±1, so that no step size makes gradient descent diverge: too large a
    step bounces for ever.

    Examples
    --------
    >>> trap(torch.tensor([0.0, 3.0], dtype=torch.float64))
    tensor([1.0000, 2.5623], dtype=torch.float64)
    """
    return torch.sqrt(1 + x**2) - 0.6 * torch.exp(-8 * (x - 3) ** 2)
