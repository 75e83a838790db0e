"""Variants of AdaGrad and RMSprop that the lectures write and torch does not (rows A6 to A8)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dlopt.optimizers._base import Ahead, Group, Separate, State, positive, share

__all__ = ["LateAdaGrad", "NesterovRMSprop", "RootedRMSprop"]


class LateAdaGrad(Separate):
    """AdaGrad whose sum of squares stops before the gradient at hand: θ ← θ − ηg/√(Σ_{s<t} g_s²).

    A coordinate that has not seen a gradient yet does not move: this guards against a division by zero. So the first
    update moves nothing, and the second one is as long as the two gradients' ratio makes it.

    Parameters
    ----------
    params
        Tensors of any shape, or groups of them.
    lr
        Step size η, above 0.

    Raises
    ------
    ValueError
        For an `lr` that is not above 0.

    Notes
    -----
    Source: lecture S1. ``torch.optim.Adagrad`` includes the gradient at hand, as lectures S2 and S4 do.
    """

    def __init__(self, params: Any, lr: float) -> None:
        positive(lr=lr)
        super().__init__(params, {"lr": lr})

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        """Divide by the root of what came before, then remember this gradient."""
        total = state.setdefault("sum", torch.zeros_like(p))
        seen = total > 0
        p.sub_(torch.where(seen, group["lr"] * g / torch.where(seen, total, 1.0).sqrt(), 0.0))
        total.add_(g**2)


class RootedRMSprop(Separate):
    """RMSprop with ε under the root: v ← ρv + (1 − ρ)g², θ ← θ − ηg/√(v + ε).

    Parameters
    ----------
    params
        Tensors of any shape, or groups of them.
    lr
        Step size η, above 0.
    rho
        Share of the mean square that survives an update, in [0, 1).
    eps
        What is added to the mean square, at least 0.

    Raises
    ------
    ValueError
        For a parameter outside its range.

    Notes
    -----
    Source: lectures S0 and S2. ``torch.optim.RMSprop`` adds its ε to the root: where gradients are small, √ε here is
    what ε is there.
    """

    def __init__(self, params: Any, lr: float, rho: float = 0.9, eps: float = 1e-8) -> None:
        positive(lr=lr)
        share(rho=rho)
        if eps < 0:
            raise ValueError(f"eps should be at least 0; it is {eps}.")
        super().__init__(params, {"lr": lr, "rho": rho, "eps": eps})

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        """Average the squares, divide by the root."""
        mean = state.setdefault("mean", torch.zeros_like(p))
        mean.mul_(group["rho"]).add_(g**2, alpha=1 - group["rho"])
        p.sub_(group["lr"] * g / (mean + group["eps"]).sqrt())


class NesterovRMSprop(Ahead):
    """RMSprop with Nesterov momentum: r ← ρr + (1 − ρ)g², v ← αv − ηg/√r, θ ← θ + v, with g at θ + αv.

    Parameters
    ----------
    params
        Tensors of any shape, or groups of them.
    lr
        Step size η, above 0.
    rho, alpha
        Shares of the mean square and of the velocity that survive an update, in [0, 1).

    Raises
    ------
    ValueError
        For a parameter outside its range.

    Notes
    -----
    Source: lecture S2; Goodfellow et al. (2016), algorithm 8.6. The method has no ε. Where r is 0 no gradient was ever
    seen, and the quotient counts as 0.
    """

    def __init__(self, params: Any, lr: float, rho: float = 0.9, alpha: float = 0.9) -> None:
        positive(lr=lr)
        share(rho=rho, alpha=alpha)
        super().__init__(params, {"lr": lr, "rho": rho, "alpha": alpha})

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        """Average the squares, push the velocity by the scaled gradient, move by it."""
        mean = state.setdefault("mean", torch.zeros_like(p))
        velocity = state.setdefault("velocity", torch.zeros_like(p))
        mean.mul_(group["rho"]).add_(g**2, alpha=1 - group["rho"])
        scaled = torch.where(mean > 0, g / torch.where(mean > 0, mean, 1.0).sqrt(), 0.0)
        velocity.mul_(group["alpha"]).sub_(scaled, alpha=group["lr"])
        p.add_(velocity)
