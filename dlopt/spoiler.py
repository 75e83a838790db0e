"""Four points that a perceptron separates and a squared error may not (syllabus row L6).

(1, 0) and (0, 1) are positive, (−1, 0) is negative, and (0, −t), far below, is positive too: the spoiler.
M. Brady, R. Raghavan and J. Slawny, "Back propagation fails to separate where perceptrons succeed", IEEE
Transactions on Circuits and Systems 36, 1989.

A unit has weights w = (w_x, w_y, b) and says y = σ(w_x x₁ + w_y x₂ + b); it should say 1 − ε on positive points
and ε on the negative one.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["SIGNS", "loss", "minima", "mistakes", "points", "separates", "three_point_optimum"]

SIGNS = torch.tensor([1.0, 1.0, -1.0, 1.0], dtype=torch.float64)
"""The class of each point, the spoiler last."""


def points(t: float) -> Tensor:
    """Return the four points with a 1 appended for the bias, (4, 3), the spoiler last.

    Raises
    ------
    ValueError
        If t is not positive.

    Examples
    --------
    >>> points(8.0)[3]
    tensor([ 0., -8.,  1.], dtype=torch.float64)
    """
    if not t > 0:
        raise ValueError(f"points: t must be > 0, got {t!r}")
    return torch.tensor([[1, 0, 1], [0, 1, 1], [-1, 0, 1], [0, -t, 1]], dtype=torch.float64)


def three_point_optimum(eps: float) -> Tensor:
    """Return the only weights that fit the three near points exactly, (u, u, 0) with u = ln((1 − ε)/ε).

    Raises
    ------
    ValueError
        Unless 0 < eps < 1/2.

    Examples
    --------
    >>> three_point_optimum(0.1)
    tensor([2.1972, 2.1972, 0.0000], dtype=torch.float64)
    """
    if not 0 < eps < 0.5:
        raise ValueError(f"three_point_optimum: eps must lie between 0 and 1/2, got {eps!r}")
    u = math.log((1 - eps) / eps)
    return torch.tensor([u, u, 0.0], dtype=torch.float64)


def loss(w: Tensor, t: float, *, eps: float = 0.1, kind: str = "squared", copies: int = 1) -> Tensor:
    """Return the mean loss of a logistic unit over the four points.

    Parameters
    ----------
    w
        Weights (…, 3).
    t
        Distance of the spoiler.
    eps
        Targets are 1 − eps and eps.
    kind
        ``"squared"``, (y − d)²; ``"threshold"``, the same but 0 beyond the target; or ``"cross-entropy"``.
    copies
        How often each of the three near points is present; the spoiler once.

    Returns
    -------
    Tensor
        (…,), the mean over all points present.

    Raises
    ------
    ValueError
        For another kind.

    Examples
    --------
    >>> loss(torch.zeros(3, dtype=torch.float64), 8.0)  # y = 1/2 everywhere
    tensor(0.1600, dtype=torch.float64)
    """
    d = 0.5 + SIGNS * (0.5 - eps)  # 1 − ε or ε
    z = w @ points(t).T  # (…, 4)
    y = torch.sigmoid(z)
    if kind == "cross-entropy":
        each = torch.nn.functional.binary_cross_entropy_with_logits(z, d.expand_as(z), reduction="none")
    elif kind == "squared":
        each = (y - d) ** 2
    elif kind == "threshold":
        each = torch.relu(SIGNS * (d - y)) ** 2
    else:
        raise ValueError(f"loss: kind must be 'squared', 'threshold' or 'cross-entropy', got {kind!r}")
    present = torch.tensor([copies, copies, copies, 1], dtype=torch.float64)
    return (each * present).sum(dim=-1) / present.sum()


def separates(w: Tensor, t: float) -> Tensor:
    """Say whether all four points lie on their side of the line, (…,) of bool for weights (…, 3)."""
    return ((w @ points(t).T) * SIGNS > 0).all(dim=-1)


def mistakes(t: float, max_epochs: int = 10_000) -> tuple[int, Tensor]:
    """Let scikit-learn's perceptron visit the four points in order until it makes no more mistakes.

    Returns
    -------
    tuple
        How many mistakes it made, and its final weights (3,).

    Raises
    ------
    RuntimeError
        If it still makes mistakes after `max_epochs`.

    Examples
    --------
    >>> mistakes(8.0)
    (12, tensor([ 5., -2.,  4.], dtype=torch.float64))
    """
    from sklearn.linear_model import Perceptron

    x, labels = points(t)[:, :2].numpy(), SIGNS.numpy()
    unit = Perceptron(penalty=None, shuffle=False)  # step size 1, from 0
    unit.partial_fit(x[:1], labels[:1], classes=[-1.0, 1.0])  # at 0 every point is a mistake
    made, clean, i = 1, 0, 0
    while clean < len(x):
        i += 1
        if i >= max_epochs * len(x):
            raise RuntimeError(f"mistakes: t = {t!r} takes the perceptron more than {max_epochs} epochs")
        k, before = i % len(x), float(unit.intercept_[0])
        unit.partial_fit(x[k : k + 1], labels[k : k + 1])
        wrong = float(unit.intercept_[0]) != before  # every mistake moves the bias by 1
        made, clean = made + wrong, 0 if wrong else clean + 1
    return made, torch.tensor([*unit.coef_[0], unit.intercept_[0]], dtype=torch.float64)


def minima(starts: Tensor, t: float, *, eps: float = 0.1, copies: int = 1) -> Tensor:
    """Minimise the squared error from many starts by scipy's BFGS, which does not tire on plateaus as descent does.

    Parameters
    ----------
    starts
        Initial weights (S, 3).
    t, eps, copies
        As for `loss`.

    Returns
    -------
    Tensor
        Where each run ended (S, 3).

    Examples
    --------
    >>> ends = minima(torch.zeros(1, 3, dtype=torch.float64), 3.0)
    >>> separates(ends, 3.0)
    tensor([True])
    """
    from scipy.optimize import minimize

    def value_and_slope(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w = torch.tensor(flat, requires_grad=True)
        value = loss(w, t, eps=eps, copies=copies) * (3 * copies + 1)  # the sum: one scale for every number of copies
        (slope,) = torch.autograd.grad(value, w)
        return value.item(), slope.numpy()

    ends = [minimize(value_and_slope, start.numpy(), jac=True, method="BFGS").x for start in starts]
    return torch.from_numpy(np.stack(ends))
