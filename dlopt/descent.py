"""Paths downhill: gradient descent and its relatives on any differentiable torch function.

Every function takes a scalar function ``f`` of a flat tensor and returns the whole trajectory,
(steps + 1, M), the start first. Gradients come from autograd; the plain step from torch.optim.SGD.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlopt.curvature import gradient_and_product, hessian

__all__ = ["accelerate", "descend", "flow", "line_search", "newton", "sweep"]

Loss = Callable[[Tensor], Tensor]


def descend(
    f: Loss,
    start: Tensor,
    *,
    lr: float,
    steps: int,
    schedule: Callable[[int], float] | None = None,
    precondition: Tensor | None = None,
) -> Tensor:
    """Gradient descent, ``w ← w − η P ∇f(w)``, by torch.optim.SGD.

    Parameters
    ----------
    f
        Scalar loss of a tensor shaped like `start`.
    start
        Where to begin (M,).
    lr
        Step size η.
    steps
        How many updates.
    schedule
        Factor on η at update k = 0, 1, …; constantly 1 unless given (torch's LambdaLR).
    precondition
        P (M, M); the identity unless given.

    Returns
    -------
    Tensor
        Trajectory (steps + 1, M). Once a run has diverged beyond float64 it holds inf or NaN.

    Examples
    --------
    >>> descend(lambda w: (w**2).sum(), torch.tensor([8.0]), lr=0.25, steps=3).flatten()
    tensor([8., 4., 2., 1.])
    """
    w = start.clone().requires_grad_()
    optimizer = torch.optim.SGD([w], lr=lr)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule) if schedule else None
    path = [w.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        f(w).backward()  # type: ignore[no-untyped-call]
        if precondition is not None and w.grad is not None:
            w.grad = precondition @ w.grad
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        path.append(w.detach().clone())
    return torch.stack(path)


def sweep(f: Loss, start: Tensor, *, lrs: Tensor, steps: int) -> Tensor:
    """Run gradient descent with many step sizes at once.

    Descending on ``Σᵢ ηᵢ f(wᵢ)`` with step size 1 moves every row by its own ηᵢ∇f(wᵢ).

    Parameters
    ----------
    f
        Loss that maps points (R, M) to values (R,).
    start
        Common start (M,).
    lrs
        Step sizes (R,).
    steps
        How many updates.

    Returns
    -------
    Tensor
        Trajectories (steps + 1, R, M).

    Examples
    --------
    >>> lrs = torch.tensor([0.25, 0.5])
    >>> sweep(lambda w: (w**2).sum(-1), torch.tensor([8.0]), lrs=lrs, steps=2)[-1]
    tensor([[2.],
            [0.]])
    """
    rows = start.expand(len(lrs), -1)
    return descend(lambda w: (lrs * f(w)).sum(), rows, lr=1.0, steps=steps)


def line_search(f: Loss, start: Tensor, *, steps: int) -> Tensor:
    """Gradient descent that minimises f along each gradient exactly, where f is quadratic.

    The step size comes from one Newton step on ``α ↦ f(w − α∇f(w))``, which is exact on a quadratic.

    Parameters
    ----------
    f
        Quadratic loss of (M,).
    start
        Where to begin (M,).
    steps
        How many updates.

    Returns
    -------
    Tensor
        Trajectory (steps + 1, M); it stays put once the gradient vanishes.

    Examples
    --------
    >>> line_search(lambda w: (w**2).sum(), torch.tensor([3.0, 4.0]), steps=1)[-1]
    tensor([0., 0.])
    """
    path = [start]
    for _ in range(steps):
        w = path[-1].clone().requires_grad_()
        (g,) = torch.autograd.grad(f(w), w)
        if not g.any():
            path.append(path[-1])
            continue
        alpha = torch.zeros((), dtype=start.dtype, requires_grad=True)
        (slope,) = torch.autograd.grad(f(w - alpha * g), alpha, create_graph=True)
        (bend,) = torch.autograd.grad(slope, alpha)
        path.append((path[-1] - (-slope / bend).detach() * g).detach())
    return torch.stack(path)


def newton(f: Loss, start: Tensor, *, steps: int, damping: float = 1.0) -> Tensor:
    """Newton's method on f, ``w ← w − η H⁻¹∇f(w)``, with no safeguard at all.

    Parameters
    ----------
    f
        Scalar loss of (M,), twice differentiable.
    start
        Where to begin (M,).
    steps
        How many updates.
    damping
        The step size η; 1 is Newton's own.

    Returns
    -------
    Tensor
        Trajectory (steps + 1, M).

    Examples
    --------
    >>> newton(lambda w: (w**2).sum() - w.sum(), torch.tensor([9.0, -9.0]), steps=1)[-1]
    tensor([0.5000, 0.5000])
    """
    path = [start]
    for _ in range(steps):
        g, _ = gradient_and_product(f, path[-1])
        path.append(path[-1] - damping * torch.linalg.solve(hessian(f, path[-1]), g))
    return torch.stack(path)


def accelerate(f: Loss, start: Tensor, *, lr: float, steps: int) -> Tensor:
    """Nesterov's method for smooth convex functions, with momentum that grows towards 1.

    ``x ← y − η∇f(y)``, ``t′ = (1 + √(1 + 4t²))/2``, ``y ← x + (t − 1)/t′ · (x − x_old)``, from t = 1.
    No strong convexity is assumed and none is used [1]_.

    Parameters
    ----------
    f
        Smooth convex loss of (M,).
    start
        Where to begin (M,).
    lr
        Step size, at most 1/L.
    steps
        How many updates.

    Returns
    -------
    Tensor
        The points x, (steps + 1, M); the loss need not fall at every step.

    References
    ----------
    .. [1] Y. Nesterov, *Introductory Lectures on Convex Optimization*, 2004, section 2.2; syllabus row Q8.

    Examples
    --------
    >>> path = accelerate(lambda w: 0.5 * (w**2).sum(), torch.tensor([1.0]), lr=0.5, steps=3)
    >>> path.flatten()  # by hand: momentum starts at the third step
    tensor([1.0000, 0.5000, 0.2500, 0.0898])
    """
    path, y, t = [start], start, 1.0
    for _ in range(steps):
        y = y.clone().requires_grad_()
        (g,) = torch.autograd.grad(f(y), y)
        path.append((y - lr * g).detach())
        t, last = (1 + (1 + 4 * t * t) ** 0.5) / 2, t
        y = path[-1] + (last - 1) / t * (path[-1] - path[-2])
    return torch.stack(path)


def flow(f: Loss, start: Tensor, times: Tensor, *, tolerance: float = 1e-11) -> Tensor:
    """Follow the gradient flow ``dw/dt = −∇f(w)`` with scipy's eighth-order Runge–Kutta method.

    Parameters
    ----------
    f
        Scalar loss of (M,).
    start
        Position at time 0 (M,), float64.
    times
        Increasing times (T,) ≥ 0 at which to report.
    tolerance
        Relative and absolute tolerance per step.

    Returns
    -------
    Tensor
        Positions (T, M).

    Raises
    ------
    RuntimeError
        If the integrator gives up.

    Examples
    --------
    >>> one = torch.ones(1, dtype=torch.float64)
    >>> flow(lambda w: 0.5 * (w**2).sum(), one, torch.log(torch.tensor([2.0])))  # e^(−ln 2)
    tensor([[0.5000]], dtype=torch.float64)
    """
    from scipy.integrate import solve_ivp

    gradient = torch.func.grad(f)

    def downhill(_: float, w: NDArray[np.float64]) -> NDArray[np.float64]:
        slope: Tensor = gradient(torch.from_numpy(w.copy()))
        return np.asarray(-slope)

    found = solve_ivp(
        downhill,
        (0.0, float(times[-1])),
        start.numpy(),
        method="DOP853",
        t_eval=times.numpy(),
        rtol=tolerance,
        atol=tolerance,
    )
    if not found.success:
        raise RuntimeError(f"flow: {found.message}")
    return torch.from_numpy(found.y.T.copy())
