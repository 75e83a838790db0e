"""Many networks trained side by side, one per seed and step size, for races that show their spread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["Race", "race", "settle"]


class Race(NamedTuple):
    """How a race went.

    Attributes
    ----------
    losses : Tensor
        Full training loss before every step (steps + 1, L, S), by step size and seed.
    arrivals : Tensor
        First step with a loss at most the target (L, S); NaN where it was not reached in time.
    best : int
        Index of the step size whose slowest seed arrived first.
    """

    losses: Tensor
    arrivals: Tensor
    best: int


def race(
    build: Callable[[torch.Generator], nn.Module],
    x: Tensor,
    labels: Tensor,
    *,
    lrs: Sequence[float],
    seeds: Sequence[int],
    target: float,
    most: int,
) -> Race:
    """Train one network per step size and seed by full-batch gradient descent until a step size has won.

    A step size has won when all its seeds have reached the target. Nothing is tuned by hand: each set of
    inputs gets the best step size of the list.

    Parameters
    ----------
    build
        Makes a network from a generator; the same seed starts from the same weights at every step size.
    x
        Inputs (N, D).
    labels
        Classes (N,).
    lrs
        Step sizes, L of them.
    seeds
        Seeds, S of them.
    target
        Mean cross-entropy at which a run has arrived.
    most
        Steps after which the race is called off.

    Returns
    -------
    Race
        Losses, arrivals and the winner.

    Raises
    ------
    RuntimeError
        If no step size has won after `most` steps.

    Examples
    --------
    >>> from dlopt.networks import mlp
    >>> x = torch.eye(2, dtype=torch.float64)
    >>> run = race(lambda g: mlp([2, 2], g), x, torch.tensor([0, 1]), lrs=[0.1, 1.0], seeds=[0, 1], target=0.5, most=50)
    >>> run.best
    1
    """
    nets = [build(torch.Generator().manual_seed(seed)) for _ in lrs for seed in seeds]
    stacked, _ = torch.func.stack_module_state(nets)
    rates = torch.tensor(lrs, dtype=x.dtype).repeat_interleave(len(seeds))

    def loss(weights: dict[str, Tensor]) -> Tensor:
        logits = torch.func.functional_call(nets[0], weights, (x,))
        return nn.functional.cross_entropy(logits, labels)

    weights = {name: p.detach().requires_grad_() for name, p in stacked.items()}
    seen: list[Tensor] = []
    arrivals = torch.full((len(lrs), len(seeds)), torch.nan)
    for step in range(most + 1):
        values = torch.vmap(loss)(weights)  # (L·S,)
        seen.append(values.detach().view(arrivals.shape))
        arrivals[(seen[-1] <= target) & arrivals.isnan()] = step
        if not arrivals.isnan().any(dim=1).all():
            winner = arrivals.amax(dim=1).nan_to_num(torch.inf).argmin()
            return Race(torch.stack(seen), arrivals, int(winner))
        slopes = torch.autograd.grad(values.sum(), list(weights.values()))
        with torch.no_grad():
            for p, g in zip(weights.values(), slopes, strict=True):
                p -= rates.view(-1, *[1] * (p.ndim - 1)) * g
    raise RuntimeError(f"race: no step size brought every seed to {target!r} within {most} steps")


def settle(net: nn.Module, x: Tensor, labels: Tensor, *, lr: float, target: float, most: int) -> tuple[nn.Module, int]:
    """Train one network by full-batch gradient descent until its loss is at most the target.

    Parameters
    ----------
    net
        The network; it is trained in place.
    x
        Inputs (N, D).
    labels
        Classes (N,).
    lr
        Step size.
    target
        Mean cross-entropy at which to stop.
    most
        Steps after which to give up.

    Returns
    -------
    tuple
        The network, and how many steps it took.

    Raises
    ------
    RuntimeError
        If the loss is still above the target after `most` steps.

    Examples
    --------
    >>> from dlopt.networks import mlp
    >>> x = torch.eye(2, dtype=torch.float64)
    >>> net = mlp([2, 2], torch.Generator().manual_seed(0))
    >>> _, steps = settle(net, x, torch.tensor([0, 1]), lr=1, target=9, most=1)
    >>> steps
    0
    """
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for step in range(most + 1):
        value = nn.functional.cross_entropy(net(x), labels)
        if value.item() <= target:
            return net, step
        optimizer.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    raise RuntimeError(f"settle: the loss is still above {target!r} after {most} steps")
