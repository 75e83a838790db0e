"""Problems made to show what adaptive step sizes do: gradient streams and a data set with a trap (A4, A9, A10, A12)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Separable", "adam_ratio", "by_filter", "nine_to_one", "separable", "steepest_stream", "tug_of_war"]


def nine_to_one(cycles: int, generator: torch.Generator | None = None) -> Tensor:
    """Return Hinton's stream of mini-batch gradients: nine times +0.1, once −0.9, again and again; their sum is 0.

    Parameters
    ----------
    cycles
        How many tens.
    generator
        If given, each ten is shuffled.

    Returns
    -------
    Tensor
        (10·cycles, 1), float64.

    References
    ----------
    .. [1] G. Hinton, *Neural Networks for Machine Learning*, lecture 6e, 2012; syllabus row A4.

    Examples
    --------
    >>> nine_to_one(1).flatten()
    tensor([ 0.1000,  0.1000,  0.1000,  0.1000,  0.1000,  0.1000,  0.1000,  0.1000,
             0.1000, -0.9000], dtype=torch.float64)
    """
    ten = torch.full((10,), 0.1, dtype=torch.float64)
    ten[-1] = -0.9
    if generator is None:
        return ten.repeat(cycles)[:, None]
    order = torch.rand(cycles, 10, generator=generator).argsort(dim=1)
    return ten[order].reshape(-1, 1)


def by_filter(values: Tensor, rho: float) -> Tensor:
    """Average exponentially from 0, ``v_t = ρ v_{t−1} + (1 − ρ) x_t``, as a linear filter of scipy's.

    Parameters
    ----------
    values
        (T, …), the time first.
    rho
        Weight of the past.

    Returns
    -------
    Tensor
        (T, …).

    Examples
    --------
    >>> by_filter(torch.ones(3, dtype=torch.float64), 0.5)
    tensor([0.5000, 0.7500, 0.8750], dtype=torch.float64)
    """
    from scipy.signal import lfilter

    return torch.from_numpy(lfilter([1 - rho], [1, -rho], values.numpy(), axis=0).copy())


def adam_ratio(beta1: float, beta2: float) -> float:
    """Return the largest ``|m|/√v`` that any stream of gradients can produce, bias correction aside.

    By Cauchy and Schwarz it is ``(1 − β₁)/√((1 − β₂)(1 − β₁²/β₂))``, attained by gradients that grow by β₂/β₁
    at every step.

    Raises
    ------
    ValueError
        Unless β₁² < β₂ < 1 and 0 ≤ β₁ < 1; otherwise the ratio has no bound.

    Examples
    --------
    >>> round(adam_ratio(0.9, 0.999), 3)
    7.27
    """
    if not (0 <= beta1 < 1 and beta1**2 < beta2 < 1):
        raise ValueError(f"adam_ratio: needs 0 <= beta1 < 1 and beta1² < beta2 < 1, got {beta1!r} and {beta2!r}")
    return float((1 - beta1) / ((1 - beta2) * (1 - beta1**2 / beta2)) ** 0.5)


def steepest_stream(beta1: float, beta2: float, steps: int) -> Tensor:
    """Return the gradients that make Adam's steps as long as they can be: growing by β₂/β₁, (steps, 1).

    Examples
    --------
    >>> steepest_stream(0.5, 1.0, 3).flatten()
    tensor([1., 2., 4.], dtype=torch.float64)
    """
    return (beta2 / beta1) ** torch.arange(steps, dtype=torch.float64)[:, None]


def tug_of_war(strong: float, period: int, steps: int) -> Tensor:
    """Return slopes that pull left once per period with strength `strong`, and right with strength 1 otherwise.

    The losses are linear, so the slope does not depend on where one stands. The average loss has its minimum over
    [−1, 1] at −1 if ``strong > period − 1`` [1]_.

    Returns
    -------
    Tensor
        (steps, 1), float64: `strong`, −1, −1, …

    References
    ----------
    .. [1] S. J. Reddi, S. Kale, S. Kumar, "On the convergence of Adam and beyond", ICLR 2018; syllabus row A10.

    Examples
    --------
    >>> tug_of_war(10.0, 3, 4).flatten()
    tensor([10., -1., -1., 10.], dtype=torch.float64)
    """
    slopes = torch.full((steps, 1), -1.0, dtype=torch.float64)
    slopes[::period] = strong
    return slopes


class Separable(NamedTuple):
    """A data set for linear classification.

    Attributes
    ----------
    x, y : Tensor
        Training inputs (N, D) and labels ±1 (N,).
    x_test, y_test : Tensor
        The same for testing.
    """

    x: Tensor
    y: Tensor
    x_test: Tensor
    y_test: Tensor


def separable(train: int, test: int, share: float, generator: torch.Generator) -> Separable:
    """Draw the separable data of Wilson et al. on which adaptive methods learn nothing that generalises [1]_.

    The first feature is the label itself; the next two are always 1. Beyond these each sample has five features of
    its own, of which one is 1 if its label is +1 and all five if it is −1. Everything else is 0.

    Parameters
    ----------
    train, test
        How many samples; every one has its private features, so D = 3 + 5 (train + test).
    share
        Probability of label +1, more than ½.
    generator
        Source of the labels.

    Raises
    ------
    ValueError
        If `share` does not lie strictly between ½ and 1.

    References
    ----------
    .. [1] A. C. Wilson et al., "The marginal value of adaptive gradient methods in machine learning", NeurIPS 2017,
       section 3.3; syllabus row A12.

    Examples
    --------
    >>> data = separable(2, 1, 0.6, torch.Generator().manual_seed(0))
    >>> data.x.shape, data.x_test.shape
    (torch.Size([2, 18]), torch.Size([1, 18]))
    """
    if not 0.5 < share < 1:
        raise ValueError(f"separable: share must lie strictly between 0.5 and 1, got {share!r}")
    n = train + test
    positive = torch.rand(n, generator=generator) < share
    y = torch.where(positive, 1.0, -1.0).double()
    private = torch.zeros(n, n, 5, dtype=torch.float64)
    own = torch.arange(n)
    private[own, own, 0] = 1.0
    private[own[~positive], own[~positive]] = 1.0
    x = torch.cat([y[:, None], torch.ones(n, 2, dtype=torch.float64), private.flatten(1)], dim=1)
    return Separable(x[:train], y[:train], x[train:], y[train:])
