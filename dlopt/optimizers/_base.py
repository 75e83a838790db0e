"""What the optimizers share: one tensor after the other, with the gradient at hand or at the look-ahead point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

__all__ = ["Ahead", "Closure", "Separate", "positive", "share"]

Closure = Callable[[], Any]
State = dict[str, Any]
Group = Mapping[str, Any]


def positive(**values: float) -> None:
    """Refuse numbers that are not above 0.

    Raises
    ------
    ValueError
        Naming the first that is not.
    """
    for name, value in values.items():
        if not value > 0:
            raise ValueError(f"{name} should be above 0; it is {value}.")


def share(**values: float) -> None:
    """Refuse numbers outside [0, 1).

    Raises
    ------
    ValueError
        Naming the first that is.
    """
    for name, value in values.items():
        if not 0 <= value < 1:
            raise ValueError(f"{name} should be at least 0 and below 1; it is {value}.")


class Separate(torch.optim.Optimizer):
    """An optimizer whose update of a tensor asks for that tensor, its gradient and its state alone."""

    def update(self, p: Tensor, g: Tensor, state: State, group: Group) -> None:
        """Change p, of any shape, in place, given its gradient g."""
        raise NotImplementedError

    @torch.no_grad()
    def step(self, closure: Closure | None = None) -> Any:
        """Update every parameter that has a gradient; with a closure, let it compute loss and gradients first."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self.update(p, p.grad, self.state[p], group)
        return loss


class Ahead(Separate):
    """An optimizer that evaluates the gradient at θ + αv, where the velocity v alone would lead.

    `step` needs a closure: it moves the parameters ahead, calls it, moves them back and updates.
    """

    @torch.no_grad()
    def step(self, closure: Closure | None = None) -> Any:
        """Evaluate the closure at the look-ahead point, then update from where the parameters were.

        Raises
        ------
        TypeError
            Without a closure: nobody else can evaluate the gradient at another point.
        """
        if closure is None:
            raise TypeError("The gradient is taken at the look-ahead point: step needs a closure that computes it.")
        before = []
        for group in self.param_groups:
            for p in group["params"]:
                before.append(p.clone())
                if "velocity" in self.state[p]:
                    p.add_(self.state[p]["velocity"], alpha=group["alpha"])
        with torch.enable_grad():
            loss = closure()
        start = iter(before)
        for group in self.param_groups:
            for p in group["params"]:
                p.copy_(next(start))
                if p.grad is not None:
                    self.update(p, p.grad, self.state[p], group)
        return loss
