"""A numpy network and its twin in torch, trained side by side on the same mini-batches (syllabus H4, H5).

The numpy half is written for one architecture and in the layout of lecture S3: samples are columns, the bias is the
weight of a constant input 1 (column 0 of each matrix), gradients are rows of Jacobian products turned round at the
end. Two hidden layers of softsign units, ten yes-or-no questions at the output. The exercises ask for something else:
blocks that know nothing of each other, samples in rows, biases of their own.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Race", "accuracy", "columns", "loss_and_slopes", "march", "start", "twin"]

Array = NDArray[np.float64]
Triple = tuple[Array, Array, Array]


def start(sizes: Sequence[int], rng: np.random.Generator) -> Triple:
    """Draw three weight matrices (out, 1 + in) of variance 1/in; their first columns, the biases, are 0.

    Parameters
    ----------
    sizes
        Units per layer, inputs first: four numbers.
    rng
        Source of the weights.

    Raises
    ------
    ValueError
        If there are not exactly three layers: the network of this module has no other shape.

    Examples
    --------
    >>> [W.shape for W in start([64, 48, 32, 10], np.random.default_rng(0))]
    [(48, 65), (32, 49), (10, 33)]
    """
    if len(sizes) != 4:
        raise ValueError(f"start: this network has three layers, so needs four sizes, got {list(sizes)!r}")
    first, second, third = (
        np.hstack([np.zeros((n, 1)), rng.normal(scale=d**-0.5, size=(n, d))]) for d, n in pairwise(sizes)
    )
    return first, second, third


def columns(x: Array, labels: NDArray[np.int64], classes: int = 10) -> tuple[Array, Array]:
    """Turn rows into S3's columns: inputs (1 + D, N) with a first row of ones, targets (classes, N) of 0 and 1.

    Examples
    --------
    >>> X, T = columns(np.array([[0.5, 0.2]]), np.array([1]), classes=3)
    >>> X.ravel(), T.ravel()
    (array([1. , 0.5, 0.2]), array([0., 1., 0.]))
    """
    return _raised(x.T), (np.arange(classes)[:, None] == labels).astype(np.float64)


def _raised(y: Array) -> Array:
    """Put the constant 1 on top of every column."""
    return np.vstack([np.ones((1, y.shape[1])), y])


def loss_and_slopes(weights: Triple, X: Array, T: Array) -> tuple[float, Triple]:
    """Forward and backward pass of the whole network, one line there for one line back.

    Parameters
    ----------
    weights
        W₁, W₂, W₃, each (out, 1 + in).
    X, T
        Inputs (1 + D, N) and targets (K, N), one column per sample.

    Returns
    -------
    tuple
        The loss, summed over the K questions and averaged over the samples, and its derivatives by each matrix,
        shaped like the matrix.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X, T = columns(rng.normal(size=(5, 4)), np.arange(5) % 3, classes=3)
    >>> loss, slopes = loss_and_slopes(start([4, 6, 5, 3], rng), X, T)
    >>> [S.shape for S in slopes]
    [(6, 5), (5, 7), (3, 6)]
    """
    W1, W2, W3 = weights
    Z1 = W1 @ X  # (n₁, 1 + D) @ (1 + D, N)
    Y1 = _raised(Z1 / (1 + abs(Z1)))
    Z2 = W2 @ Y1
    Y2 = _raised(Z2 / (1 + abs(Z2)))
    Z3 = W3 @ Y2  # (K, N): one score per question
    loss = np.sum(np.logaddexp(0, Z3) - T * Z3) / X.shape[1]

    pull3 = (expit(Z3) - T) / X.shape[1]  # ∂loss/∂Z₃
    pull2 = (W3.T @ pull3)[1:] / (1 + abs(Z2)) ** 2  # nothing flows into the constant
    pull1 = (W2.T @ pull2)[1:] / (1 + abs(Z1)) ** 2
    return float(loss), (pull1 @ X.T, pull2 @ Y1.T, pull3 @ Y2.T)


def twin(weights: Triple) -> nn.Sequential:
    """Build the same network in torch, samples in rows, biases apart.

    Examples
    --------
    >>> net = twin(start([4, 6, 5, 3], np.random.default_rng(0)))
    >>> [type(layer).__name__ for layer in net]
    ['Linear', 'Softsign', 'Linear', 'Softsign', 'Linear']
    """
    layers: list[nn.Module] = []
    for W in weights:
        layer = nn.Linear(W.shape[1] - 1, W.shape[0], dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(W[:, 1:]))
            layer.bias.copy_(torch.from_numpy(W[:, 0]))
        layers += [layer, nn.Softsign()]
    return nn.Sequential(*layers[:-1])


class Race(NamedTuple):
    """What `march` returns.

    Attributes
    ----------
    numpy, torch : Tensor
        Losses of each mini-batch before the update (steps,), float64.
    weights : tuple of ndarray
        The numpy network's weights in the end.
    net : nn.Module
        The torch network in the end.
    """

    numpy: Tensor
    torch: Tensor
    weights: Triple
    net: nn.Module


def march(
    weights: Triple,
    x: Array,
    labels: NDArray[np.int64],
    *,
    lr: float,
    batch_size: int,
    epochs: int,
    rng: np.random.Generator,
    dtype: torch.dtype = torch.float64,
) -> Race:
    """Train the numpy network and its torch twin by SGD on the same shuffled mini-batches.

    Parameters
    ----------
    weights
        Where both begin; not changed.
    x, labels
        Data in rows (N, D) and (N,).
    lr
        Step size.
    batch_size
        Samples per step; the last batch of an epoch may be smaller.
    epochs
        How often every sample is seen.
    rng
        Source of the orders.
    dtype
        Precision of the torch twin.

    Returns
    -------
    Race
        Losses and networks of both.
    """
    net = twin(weights).to(dtype)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    X, T = columns(x, labels)
    inputs, targets = torch.from_numpy(x).to(dtype), torch.from_numpy(T.T.copy()).to(dtype)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), batch_size):
            batch = order[first : first + batch_size]
            loss, slopes = loss_and_slopes(weights, X[:, batch], T[:, batch])
            weights = tuple(W - lr * S for W, S in zip(weights, slopes, strict=True))  # type: ignore[assignment]
            scores = net(inputs[batch])
            twins = nn.functional.binary_cross_entropy_with_logits(scores, targets[batch], reduction="sum") / len(batch)
            optimizer.zero_grad()
            twins.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            ours.append(loss)
            theirs.append(twins.item())
    double = torch.float64
    return Race(torch.tensor(ours, dtype=double), torch.tensor(theirs, dtype=double), weights, net)


def accuracy(weights: Triple, x: Array, labels: NDArray[np.int64]) -> float:
    """Share of samples whose own question gets the highest score.

    Examples
    --------
    >>> W = start([2, 3, 3, 2], np.random.default_rng(0))
    >>> accuracy(W, np.eye(2), np.array([0, 1])) in (0.0, 0.5, 1.0)
    True
    """
    Y = _raised(x.T)
    for W in weights[:-1]:
        Z = W @ Y
        Y = _raised(Z / (1 + abs(Z)))
    return float(np.mean((weights[-1] @ Y).argmax(axis=0) == labels))
