"""A loss with a cliff: one recurrent unit, asked where it will be after many steps."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["descend_clipped", "power_from_spectrum", "recurrent_loss"]


def recurrent_loss(w: Tensor, *, steps: int = 50, start: float = 0.5, goal: float = 0.7) -> Tensor:
    """Return ``(σ(x_T) − goal)²`` for ``x_t = a σ(x_{t−1}) + b``, σ the logistic function [1]_.

    Parameters
    ----------
    w
        The two parameters (a, b), (…, 2).
    steps
        T, how often the unit is applied.
    start, goal
        The first state x₀, and what σ(x_T) should be.

    Returns
    -------
    Tensor
        Losses (…).

    References
    ----------
    .. [1] R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013;
       syllabus row N11.

    Examples
    --------
    >>> recurrent_loss(torch.tensor([0.0, 0.0]))  # σ(0) = ½
    tensor(0.0400)
    """
    if steps < 1:
        raise ValueError(f"recurrent_loss: steps must be ≥ 1, got {steps!r}")
    a, b = w[..., 0], w[..., 1]
    x = torch.full_like(a, start)
    for _ in range(steps):
        x = a * torch.sigmoid(x) + b
    return (torch.sigmoid(x) - goal) ** 2


def descend_clipped(
    f: Callable[[Tensor], Tensor], start: Tensor, *, lr: float, steps: int, max_norm: float | None
) -> Tensor:
    """Gradient descent with every gradient's length limited by `torch.nn.utils.clip_grad_norm_`.

    Parameters
    ----------
    f
        Maps points (R, M) to losses (R,); each row goes its own way.
    start
        Where to begin (R, M).
    lr, steps
        Step size and number of updates.
    max_norm
        Longest gradient allowed; None clips nothing.

    Returns
    -------
    Tensor
        Trajectories (steps + 1, R, M).

    Examples
    --------
    >>> steep = lambda w: 50 * (w**2).sum(-1)
    >>> descend_clipped(steep, torch.ones(1, 1), lr=0.5, steps=2, max_norm=1.0).flatten()
    tensor([1.0000, 0.5000, 0.0000])
    """
    rows = [r.clone().requires_grad_() for r in start]
    optimizer = torch.optim.SGD(rows, lr=lr)
    path = [start.clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        f(torch.stack(rows)).sum().backward()  # type: ignore[no-untyped-call]
        if max_norm is not None:
            for r in rows:
                torch.nn.utils.clip_grad_norm_(r, max_norm)
        optimizer.step()
        path.append(torch.stack([r.detach().clone() for r in rows]))
    return torch.stack(path)


def power_from_spectrum(matrix: Tensor, t: int) -> Tensor:
    """Return ``V diag(λ)ᵗ V⁻¹``, the t-th power of a diagonalizable matrix.

    Parameters
    ----------
    matrix
        Square (n, n).
    t
        The power.

    Examples
    --------
    >>> power_from_spectrum(torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64), 3).round(decimals=6) + 0.0
    tensor([[0., 1.],
            [1., 0.]], dtype=torch.float64)
    """
    values, vectors = torch.linalg.eig(matrix)
    power: Tensor = vectors * values**t @ torch.linalg.inv(vectors)
    return power.real
