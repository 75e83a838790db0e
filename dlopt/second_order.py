"""Curvature for a price: quasi-Newton runs by scipy, and what a step of each method costs (syllabus A13, A14)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlopt.networks import FlatLoss, mlp
from dlopt.optimizers import LevenbergMarquardt, Newton

__all__ = ["METHODS", "Price", "Trace", "minimise", "prices"]

Loss = Callable[[Tensor], Tensor]
Array = NDArray[np.float64]

METHODS = ("gradient", "Adam", "L-BFGS", "BFGS", "Levenberg–Marquardt", "Newton")
"""The rows of the table of prices, cheapest first."""

PAIRS = 10  # how many pairs of differences L-BFGS keeps


class Trace(NamedTuple):
    """A run of one of scipy's methods.

    Attributes
    ----------
    path : Tensor
        The points after every iteration, the start first (K + 1, M).
    evaluations : int
        How often the loss, and with it the gradient, was computed.
    """

    path: Tensor
    evaluations: int


def minimise(f: Loss, start: Tensor, method: str, *, most: int = 10_000) -> Trace:
    """Minimise f by one of scipy's methods, gradients from autograd, until the gradient is nearly 0.

    Parameters
    ----------
    f
        Scalar loss of (M,).
    start
        Where to begin (M,), float64.
    method
        ``"BFGS"``, ``"L-BFGS-B"`` or ``"CG"``.
    most
        Iterations after which to stop.

    Raises
    ------
    ValueError
        For any other method.

    References
    ----------
    .. [1] J. Nocedal, S. J. Wright, *Numerical Optimization*, 2006, chapters 6 and 7; syllabus row A13.

    Examples
    --------
    >>> run = minimise(lambda w: ((w - 1) ** 2).sum(), torch.zeros(2, dtype=torch.float64), "BFGS")
    >>> run.path[-1]
    tensor([1., 1.], dtype=torch.float64)
    """
    if method not in ("BFGS", "L-BFGS-B", "CG"):
        raise ValueError(f"minimise: method must be 'BFGS', 'L-BFGS-B' or 'CG', got {method!r}")
    from scipy.optimize import minimize

    def value_and_slope(w: Array) -> tuple[float, Array]:
        point = torch.from_numpy(w.copy()).requires_grad_()
        loss = f(point)
        (slope,) = torch.autograd.grad(loss, point)
        return loss.item(), slope.numpy()

    path = [start]
    options = {"maxiter": most, "gtol": 1e-9} | ({"ftol": 0.0, "maxfun": 10 * most} if method == "L-BFGS-B" else {})
    found = minimize(
        value_and_slope,
        start.numpy(),
        jac=True,
        method=method,
        callback=lambda w: path.append(torch.from_numpy(w.copy())),
        options=options,
    )
    return Trace(torch.stack(path), int(found.nfev))


class Price(NamedTuple):
    """What one step costs.

    Attributes
    ----------
    method : str
        One of `METHODS`.
    weights : int
        M.
    seconds : float
        Time of one step, gradient included: the shortest of several.
    numbers : int
        Numbers held beside the weights and their gradient.
    """

    method: str
    weights: int
    seconds: float
    numbers: int


def prices(widths: Sequence[int], x: Tensor, labels: Tensor, generator: torch.Generator) -> list[Price]:
    """Time one step of every method on networks with one hidden layer, and count what each must hold.

    The Hessian comes from autograd, row by row; Levenberg and Marquardt take the logits for residuals, and look at them
    once more where their step leads.

    Parameters
    ----------
    widths
        Hidden units of each network.
    x, labels
        Data (N, D), float64, and classes (N,) in 0…9.
    generator
        Source of the weights.

    Examples
    --------
    >>> table = prices([1], torch.zeros(4, 2), torch.tensor([0, 1, 2, 3]), torch.Generator().manual_seed(0))
    >>> [(p.method, p.weights, p.numbers) for p in table if p.method in ("Adam", "Newton")]
    [('Adam', 23, 46), ('Newton', 23, 529)]
    """
    table = []
    for width in widths:
        loss = FlatLoss(mlp([x.shape[1], width, 10], generator), x, labels)
        for method in METHODS:
            step, numbers = _prepared(method, loss, generator)
            table.append(Price(method, len(loss.start), _shortest(step), numbers))
    return table


def _shortest(step: Callable[[], object]) -> float:
    """Time a step until 0.1 s or 20 repetitions have passed, twice at least if that is quick; return the shortest."""
    times: list[float] = []
    while not times or (len(times) < 20 and sum(times) < 0.1):
        began = time.perf_counter()
        step()
        times.append(time.perf_counter() - began)
    return min(times)


def _prepared(method: str, loss: FlatLoss, generator: torch.Generator) -> tuple[Callable[[], object], int]:
    """Return a function that takes one step of a method, and how many numbers it holds."""
    w, size = loss.start, len(loss.start)

    def gradient() -> Tensor:
        point = w.detach().requires_grad_()
        (g,) = torch.autograd.grad(loss(point), point)
        return g

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    if method == "gradient":
        return lambda: w - 0.1 * gradient(), 0
    if method == "Adam":
        weights = w.clone()
        adam = torch.optim.Adam([weights])

        def adam_step() -> None:
            weights.grad = gradient()
            adam.step()

        return adam_step, 2 * size
    if method == "L-BFGS":
        moves, turns = draw(PAIRS, size), draw(PAIRS, size)
        return lambda: _two_loops(gradient(), moves, turns), 2 * PAIRS * size
    if method == "BFGS":
        inverse, move, turn = torch.eye(size, dtype=torch.float64), draw(size), draw(size)
        return lambda: _bfgs(inverse, move, turn) @ gradient(), size**2
    if method == "Levenberg–Marquardt":
        outputs = len(loss.x) * 10
        point = w.clone().requires_grad_()
        damped = LevenbergMarquardt([point])
        return lambda: damped.step(lambda: loss.logits(point).flatten()), size**2 + outputs * size
    point = w.clone().requires_grad_()
    newton = Newton([point], damping=1.0)  # a random network's Hessian is indefinite; the price is the same
    return lambda: newton.step(lambda: loss(point)), size**2


def _two_loops(g: Tensor, moves: Tensor, turns: Tensor) -> Tensor:
    """Multiply g by the inverse Hessian that pairs of differences imply, without forming it."""
    weights = []
    for s, y in zip(moves.flip(0), turns.flip(0), strict=True):
        weights.append((s @ g) / (s @ y))
        g = g - weights[-1] * y
    for s, y, a in zip(moves, turns, reversed(weights), strict=True):
        g = g + (a - (y @ g) / (s @ y)) * s
    return g


def _bfgs(inverse: Tensor, s: Tensor, y: Tensor) -> Tensor:
    """Correct an inverse Hessian so that it maps y to s; O(M²)."""
    rho, turned = 1 / (s @ y), inverse @ y
    cross = torch.outer(s, turned)
    return inverse - rho * (cross + cross.T) + (rho**2 * (y @ turned) + rho) * torch.outer(s, s)
