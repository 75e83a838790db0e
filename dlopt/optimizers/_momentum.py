"""Momentum in the form of lectures S0, S2 and S3: θ ← θ + m (rows A1, A2)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dlopt.optimizers._base import Ahead, Group, Separate, State, positive, share

__all__ = ["HeavyBall", "Nesterov"]


def _roll(p: Tensor, g: Tensor, state: State, group: Group) -> None:
    if "velocity" not in state:
        state["velocity"] = torch.zeros_like(p)
    state["velocity"].mul_(group["alpha"]).sub_(g, alpha=group["lr"])
    p.add_(state["velocity"])


class HeavyBall(Separate):
    """Polyak's momentum: m ← αm − ηg, θ ← θ + m.

    With a constant step size this is ``torch.optim.SGD(momentum=alpha)``; they part when η changes on the way, because
    here a step keeps the size it was taken with.

    Parameters
    ----------
    params
        Tensors of any shape, or groups of them.
    lr
        Step size η, above 0.
    alpha
        Share of the velocity that survives a step, in [0, 1).

    Raises
    ------
    ValueError
        For an `lr` or `alpha` outside its range.

    Notes
    -----
    Source: lectures S0, S2, S3; Polyak (1964).

    Examples
    --------
    >>> w = torch.tensor(1.0, requires_grad=True)
    >>> ball = HeavyBall([w], lr=0.1, alpha=0.5)
    >>> for _ in range(2):
    ...     w.grad = torch.tensor(1.0)
    ...     ball.step()
    >>> round(w.item(), 6)  # 1 - 0.1 - (0.05 + 0.1)
    0.75
    """

    def __init__(self, params: Any, lr: float, alpha: float) -> None:
        positive(lr=lr)
        share(alpha=alpha)
        super().__init__(params, {"lr": lr, "alpha": alpha})

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        """Let the velocity fade, push it, and move by it."""
        _roll(p, g, state, group)


class Nesterov(Ahead):
    """Nesterov's accelerated gradient: the update of `HeavyBall` with the gradient at θ + αm.

    Parameters
    ----------
    params, lr, alpha
        As for `HeavyBall`.

    Raises
    ------
    ValueError
        For an `lr` or `alpha` outside its range.

    Notes
    -----
    ``torch.optim.SGD(nesterov=True)`` keeps the look-ahead points φ = θ + αm instead of θ, and so needs no closure: the
    same method in other variables. Source: lectures S1 to S4; Sutskever et al. (2013).
    """

    def __init__(self, params: Any, lr: float, alpha: float) -> None:
        positive(lr=lr)
        share(alpha=alpha)
        super().__init__(params, {"lr": lr, "alpha": alpha})

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        """Let the velocity fade, push it by the gradient met ahead, and move by it."""
        _roll(p, g, state, group)
