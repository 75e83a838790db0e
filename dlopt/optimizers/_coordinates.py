"""Every coordinate for itself: two forms of Rprop that torch does not have, and Quickprop (rows A3, A5)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dlopt.optimizers._base import Group, Separate, State, positive

__all__ = ["BacktrackingRprop", "Quickprop", "SignSteps"]


class _Rprop(Separate):
    def __init__(
        self,
        params: Any,
        lr: float,
        up: float = 1.2,
        down: float = 0.5,
        min_step: float = 1e-6,
        max_step: float = 50.0,
    ) -> None:
        positive(lr=lr, down=down, min_step=min_step)
        if not down < 1 < up:
            raise ValueError(f"down should be below 1 and up above 1; they are {down} and {up}.")
        super().__init__(params, {"lr": lr, "up": up, "down": down, "min_step": min_step, "max_step": max_step})

    def adapted(self, p: Tensor, g: Tensor, state: State, group: Group) -> Tensor:
        """Adapt the step sizes to whether the sign of the gradient has changed; return the product of the signs."""
        if not state:
            state["sign"], state["size"] = torch.zeros_like(p), torch.full_like(p, group["lr"])
        agree: Tensor = state["sign"] * g.sign()
        factor = torch.ones_like(p)
        factor[agree > 0] = group["up"]
        factor[agree < 0] = group["down"]
        state["size"].mul_(factor).clamp_(group["min_step"], group["max_step"])
        return agree


class SignSteps(_Rprop):
    """Rprop that adapts the step sizes and nothing else: a step of the size at hand, against the sign of the gradient.

    ``torch.optim.Rprop`` differs in one point: where the sign has changed it stands still for one update.

    Parameters
    ----------
    params
        Tensors of any shape, or groups of them.
    lr
        First step size of every coordinate, above 0.
    up, down
        Factors after a sign that stayed and one that changed, ``down < 1 < up``.
    min_step, max_step
        Limits of the step sizes.

    Raises
    ------
    ValueError
        For a parameter outside its range.

    Notes
    -----
    Source: lecture S0. Riedmiller & Braun (1993); "Rprop−" in Igel & Hüsken (2003).
    """

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        """Adapt the step sizes, then step against the signs."""
        self.adapted(p, g, state, group)
        p.sub_(g.sign() * state["size"])
        state["sign"] = g.sign()


class BacktrackingRprop(_Rprop):
    """Rprop that takes an overshoot back: return to where the last step began and go on from there, half as far.

    Parameters
    ----------
    params, lr, up, down, min_step, max_step
        As for `SignSteps`.

    Raises
    ------
    ValueError
        For a parameter outside its range.

    Notes
    -----
    As in lecture S3, where the sign has changed the coordinate goes back and takes the smaller step in the old
    direction in the same update; the old sign stays on record. A gradient of exactly 0 counts as no change and moves
    nothing.
    """

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        """Adapt the step sizes; step against the signs, or back and less far in the old direction."""
        turned = self.adapted(p, g, state, group) < 0
        sign = torch.where(turned, state["sign"], g.sign())
        p.add_(torch.where(turned, -state.get("step", torch.zeros_like(p)), 0.0))
        state["step"] = -sign * state["size"]
        p.add_(state["step"])
        state["sign"] = sign


class Quickprop(Separate):
    """A parabola through the last two slopes of every coordinate, and a jump to its lowest point.

    The first update is a gradient step. Then Δ ← Δ·g/(g_prev − g), at most `max_factor` times as long as the last, and
    a gradient step where the two slopes are too close to tell a curvature.

    Parameters
    ----------
    params
        Tensors of any shape, or groups of them.
    lr
        Size of the gradient steps η, above 0.
    max_factor
        The most by which a step may outgrow the last, above 0.

    Raises
    ------
    ValueError
        For a parameter outside its range.

    Notes
    -----
    Source: lecture S3, with the sign of its last formula put right; Fahlman (1988).
    """

    def __init__(self, params: Any, lr: float, max_factor: float = 1.75) -> None:
        positive(lr=lr, max_factor=max_factor)
        super().__init__(params, {"lr": lr, "max_factor": max_factor})

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        """Jump by the secant where there is one, by the gradient elsewhere."""
        step = -group["lr"] * g
        if state:
            bend = state["gradient"] - g
            usable = bend.abs() >= 1e-12
            limit = group["max_factor"] * state["step"].abs()
            secant = state["step"] * g / torch.where(usable, bend, 1.0)
            step = torch.where(usable, secant.clamp(-limit, limit), step)
        p.add_(step)
        state["step"], state["gradient"] = step, g.clone()
