"""Where an optimizer goes: any ``torch.optim`` class walked over a function, or fed gradients of our choosing.

A *recipe* builds an optimizer from a list of parameters, ``lambda params: torch.optim.Adam(params, lr=0.1)``, for
instance, so that one experiment serves every method.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

__all__ = ["Recipe", "feed", "first_within", "setting", "state_numbers", "steps_until", "using", "walk"]

Recipe = Callable[[list[Tensor]], torch.optim.Optimizer]
Loss = Callable[[Tensor], Tensor]


def using(method: type[torch.optim.Optimizer], **settings: Any) -> Recipe:
    """Return the recipe of an optimizer with its settings.

    Examples
    --------
    >>> using(torch.optim.SGD, lr=0.5)([torch.zeros(1, requires_grad=True)]).defaults["lr"]
    0.5
    """
    return lambda params: method(params, **settings)


def setting(
    f: Loss, start: Tensor, recipe: Recipe, *, backward: bool = True
) -> tuple[Tensor, torch.optim.Optimizer, Callable[[], Tensor]]:
    """Return a copy of the start, an optimizer of it, and the closure that its `step` takes.

    Parameters
    ----------
    f, start, recipe, backward
        As for `walk`.

    Examples
    --------
    >>> w, sgd, closure = setting(lambda w: (w**2).sum(), torch.tensor([8.0]), using(torch.optim.SGD, lr=0.25))
    >>> sgd.step(closure).item(), w.item()
    (64.0, 4.0)
    """
    w = start.clone().requires_grad_()
    optimizer = recipe([w])

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = f(w)
        if backward:
            loss.backward()  # type: ignore[no-untyped-call]
        return loss

    return w, optimizer, closure


def walk(
    f: Loss,
    start: Tensor,
    recipe: Recipe,
    *,
    steps: int,
    schedule: Callable[[int], float] | None = None,
    backward: bool = True,
) -> Tensor:
    """Minimise f from a start and return every point visited.

    The optimizer gets a closure, so that methods which look at the loss more than once per step work as well.

    Parameters
    ----------
    f
        Scalar loss of a tensor shaped like `start`.
    start
        Where to begin (M,), or any shape.
    recipe
        Builds the optimizer.
    steps
        How many updates.
    schedule
        Factor on the step size at update k = 0, 1, …; constantly 1 unless given.
    backward
        Whether the closure computes gradients; not for Newton and Levenberg–Marquardt, which differentiate what the
        closure returns (for the latter f returns residuals).

    Returns
    -------
    Tensor
        Trajectory (steps + 1, *start.shape).

    Examples
    --------
    >>> sgd = lambda params: torch.optim.SGD(params, lr=0.25)
    >>> walk(lambda w: (w**2).sum(), torch.tensor([8.0]), sgd, steps=3).flatten()
    tensor([8., 4., 2., 1.])
    """
    w, optimizer, closure = setting(f, start, recipe, backward=backward)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule) if schedule else None
    path = [w.detach().clone()]
    for _ in range(steps):
        optimizer.step(closure)  # type: ignore[arg-type]
        if scheduler is not None:
            scheduler.step()
        path.append(w.detach().clone())
    return torch.stack(path)


def feed(
    recipe: Recipe,
    gradients: Iterable[Tensor],
    start: Tensor,
    *,
    box: float | None = None,
    schedule: Callable[[int], float] | None = None,
) -> Tensor:
    """Hand an optimizer a prepared sequence of gradients, whatever the parameters are.

    Parameters
    ----------
    recipe
        Builds the optimizer.
    gradients
        One tensor shaped like `start` per update.
    start
        Initial parameters.
    box
        If given, parameters are clipped to [−box, box] after each update.
    schedule
        Factor on the step size at update k = 0, 1, …; constantly 1 unless given.

    Returns
    -------
    Tensor
        Parameters before the first and after every update (steps + 1, *start.shape).

    Examples
    --------
    >>> sgd = lambda params: torch.optim.SGD(params, lr=1.0)
    >>> feed(sgd, torch.tensor([[1.0], [-3.0]]), torch.zeros(1)).flatten()
    tensor([ 0., -1.,  2.])
    """
    w = start.clone().requires_grad_()
    optimizer = recipe([w])
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule) if schedule else None
    path = [w.detach().clone()]
    for g in gradients:
        w.grad = g.clone()
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        if box is not None:
            with torch.no_grad():
                w.clamp_(-box, box)
        path.append(w.detach().clone())
    return torch.stack(path)


def first_within(path: Tensor, target: Tensor, distance: float) -> float:
    """Return the first step at which a path is within a distance of a point; infinity if it never is.

    Examples
    --------
    >>> path = torch.tensor([[4.0, 0.0], [2.0, 0.0], [1.0, 0.0]])
    >>> first_within(path, torch.zeros(2), 1.5), first_within(path, torch.zeros(2), 0.5)
    (2.0, inf)
    """
    hits = torch.nonzero(torch.linalg.vector_norm(path - target, dim=-1) <= distance)
    return float(hits[0, 0]) if len(hits) else float("inf")


def steps_until(f: Loss, start: Tensor, recipe: Recipe, done: Callable[[Tensor], bool], *, most: int) -> float:
    """Count the steps until a condition on the parameters holds; infinity if that takes more than `most`.

    Parameters
    ----------
    f, start, recipe
        As for `walk`.
    done
        Tells from the parameters whether the goal is reached.
    most
        Steps after which to give up; a run that is no longer finite is given up at once.

    Examples
    --------
    >>> sgd = using(torch.optim.SGD, lr=0.25)
    >>> steps_until(lambda w: (w**2).sum(), torch.tensor([8.0]), sgd, lambda w: bool(w < 3), most=9)
    2.0
    """
    w, optimizer, closure = setting(f, start, recipe)
    for step in range(most + 1):
        if done(w.detach()):
            return float(step)
        if not w.isfinite().all():
            break
        optimizer.step(closure)  # type: ignore[arg-type]
    return float("inf")


def state_numbers(optimizer: torch.optim.Optimizer) -> int:
    """Count the numbers an optimizer remembers between steps, counters aside.

    Examples
    --------
    >>> w = torch.zeros(10, requires_grad=True)
    >>> w.grad = torch.ones(10)
    >>> adam = torch.optim.Adam([w])
    >>> adam.step()
    >>> state_numbers(adam)
    20
    """
    seen: dict[int, Tensor] = {}

    def collect(value: object) -> None:
        if isinstance(value, Tensor) and value.dim() > 0:
            seen[id(value)] = value
        elif isinstance(value, dict):
            for item in value.values():
                collect(item)
        elif isinstance(value, list | tuple):
            for item in value:
                collect(item)

    collect(dict(optimizer.state))
    return sum(value.numel() for value in seen.values())
