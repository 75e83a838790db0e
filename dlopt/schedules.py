"""Decaying step sizes (syllabus rows Q12, G3, G8), as torch.optim.lr_scheduler runs them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch

__all__ = ["decay", "every", "linear", "plateau", "played", "polynomial"]

# What the lectures call linear and quadratic decay is hyperbolic and its square.
_DECAYS: dict[str, Callable[[int], float]] = {
    "constant": lambda k: 1.0,
    "1/(k+1)": lambda k: 1.0 / (k + 1),
    "1/(k+1)²": lambda k: 1.0 / (k + 1) ** 2,
}


def decay(name: str, beta: float = 0.05) -> Callable[[int], float]:
    """Return the factor on the initial step size at update k, by name.

    Parameters
    ----------
    name
        ``"constant"``, ``"1/(k+1)"``, ``"1/(k+1)²"`` or ``"exponential"``.
    beta
        Decay rate per update of the exponential.

    Returns
    -------
    callable
        k = 0, 1, … ↦ factor, 1 at k = 0; what torch's LambdaLR and `descent.descend` take.

    Raises
    ------
    ValueError
        For any other name.

    Examples
    --------
    >>> [decay("1/(k+1)²")(k) for k in range(2)]
    [1.0, 0.25]
    """
    if name == "exponential":
        return lambda k: math.exp(-beta * k)
    if name not in _DECAYS:
        raise ValueError(f"decay: name must be one of {[*_DECAYS, 'exponential']}, got {name!r}")
    return _DECAYS[name]


def every(n: int, factor: Callable[[int], float]) -> Callable[[int], float]:
    """Hold a schedule for n updates at a time: update k gets ``factor(⌊k/n⌋)``.

    Raises
    ------
    ValueError
        If n is not positive.

    Examples
    --------
    >>> [every(2, decay("1/(k+1)"))(k) for k in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.3333333333333333]
    """
    if n < 1:
        raise ValueError(f"every: n must be ≥ 1, got {n!r}")
    return lambda k: factor(k // n)


def linear(tau: int, last: float = 0.01) -> Callable[[int], float]:
    """Fall in a straight line from 1 to `last` at update τ, and stay there (torch's LinearLR, named by its end).

    ``(1 − a) + a·last`` with ``a = min(k/τ, 1)``. Without the minimum the factor would turn negative soon
    after τ.

    Raises
    ------
    ValueError
        If τ is not positive or `last` lies outside [0, 1].

    Examples
    --------
    >>> [round(linear(4)(k), 4) for k in (0, 2, 4, 9)]
    [1.0, 0.505, 0.01, 0.01]
    """
    if tau < 1 or not 0 <= last <= 1:
        raise ValueError(f"linear: needs tau ≥ 1 and last in [0, 1], got {tau!r} and {last!r}")
    return lambda k: 1.0 + (last - 1.0) * min(k / tau, 1.0)


def polynomial(power: float, delay: float) -> Callable[[int], float]:
    """Fall as a power of time, ``(1 + k/delay)^(−power)``: flat for `delay` updates, then a straight line.

    Raises
    ------
    ValueError
        If the power is negative or the delay not positive.

    Examples
    --------
    >>> [polynomial(0.5, 10)(k) for k in (0, 30)]
    [1.0, 0.5]
    """
    if power < 0 or delay <= 0:
        raise ValueError(f"polynomial: needs power ≥ 0 and delay > 0, got {power!r} and {delay!r}")
    return lambda k: float((1.0 + k / delay) ** -power)


def _optimizer(lr: float) -> torch.optim.SGD:
    """Make an optimiser that only carries a step size."""
    weight = torch.zeros((), requires_grad=True)
    weight.grad = torch.zeros(())
    return torch.optim.SGD([weight], lr=lr)


def played(factor: Callable[[int], float], lr: float, steps: int) -> torch.Tensor:
    """Return the step sizes torch's LambdaLR really uses at updates 0, 1, …, steps − 1.

    Examples
    --------
    >>> played(decay("1/(k+1)"), 3.0, 3)
    tensor([3.0000, 1.5000, 1.0000], dtype=torch.float64)
    """
    optimizer, used = _optimizer(lr), []
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    for _ in range(steps):
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return torch.tensor(used, dtype=torch.float64)


def plateau(
    losses: Sequence[float], lr: float, *, factor: float = 0.1, patience: int = 3, threshold: float = 1e-4
) -> torch.Tensor:
    """Return the step sizes of drop-on-plateau on a given sequence of losses (torch's ReduceLROnPlateau).

    Parameters
    ----------
    losses
        The loss seen after each update.
    lr
        Initial step size.
    factor
        What the step size is multiplied by, in (0, 1).
    patience
        How many updates without a relative improvement above `threshold` are forgiven.
    threshold
        What counts as an improvement, as a share of the best loss.

    Returns
    -------
    Tensor
        The step size in force after each loss, (len(losses),).

    Examples
    --------
    >>> plateau([2.0, 1.0, 1.0, 1.0, 1.0], 1.0, patience=1)
    tensor([1.0000, 1.0000, 1.0000, 0.1000, 0.1000], dtype=torch.float64)
    """
    optimizer, used = _optimizer(lr), []
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=factor, patience=patience, threshold=threshold
    )
    for loss in losses:
        optimizer.step()
        scheduler.step(loss)
        used.append(optimizer.param_groups[0]["lr"])
    return torch.tensor(used, dtype=torch.float64)
