"""What stochastic gradient descent on least squares can come to, over all orders of the samples (rows G1–G3).

A right answer may meet the samples in any order. Three kinds of data make the losses known nevertheless: with one
batch an epoch the order is nothing; where the rows of X are orthogonal, or all the same but for sign, steps commute;
and four samples have so few orders that all of them can be tried.

In homogeneous coordinates v = (w, 1) the residuals of some samples are R v with R = [X, −y], the loss is a quadratic
form, and a step is a matrix: everything that one order does to v is a product.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.expect import Failure
from dlopt.checks.ps5_sgd._cases import generator, orthonormal

__all__ = ["Problem", "Some", "commuting", "few", "one_batch", "possible", "readings", "repeated"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Problem:
    """Data and settings, and the losses where they do not depend on the order.

    Parameters
    ----------
    X, y : ndarray (N, D) and (N,)
        The data.
    lr, batch_size, num_epochs
        The settings.
    losses : ndarray (num_epochs + 1,) or None
        What must come out; None where it depends on the order.
    """

    X: Array
    y: Array
    lr: float
    batch_size: int
    num_epochs: int
    losses: Array | None = None

    @property
    def args(self) -> tuple[Any, ...]:
        """The arguments before the generator."""
        return self.X, self.y, self.lr, self.batch_size, self.num_epochs

    @property
    def label(self) -> str:
        """The case in a few words."""
        n, d = self.X.shape
        return f"N = {n}, D = {d}, batch_size = {self.batch_size}, {self.num_epochs} epochs, lr = {self.lr:.4g}"


def one_batch(seed: int, number: int, n: int, d: int, batch_size: int, num_epochs: int) -> Problem:
    """Make a problem whose batch is all of it: descent along each axis of the Hessian shrinks by itself."""
    rng = generator(seed, 100, number)
    rank = min(n, d)
    left, right = orthonormal(rng, n)[:, :rank], orthonormal(rng, d)[:, :rank]
    curvature = np.geomspace(1, 6, rank)  # eigenvalues of XᵀX/N
    lr = float(rng.uniform(0.1, 0.25))
    beta, rest = rng.normal(size=rank) + 1, rng.normal(size=n)
    rest -= left @ (left.T @ rest)  # what no weights explain
    X = np.sqrt(n) * (left * np.sqrt(curvature)) @ right.T
    y = np.sqrt(n) * left @ beta + rest
    gaps = beta * (1 - lr * curvature) ** np.arange(num_epochs + 1)[:, None]
    losses = 0.5 * np.sum(gaps**2, axis=1) + 0.5 * float(rest @ rest) / n
    return Problem(X, y, lr, batch_size, num_epochs, losses)


def commuting(seed: int, number: int, n: int, d: int, batch_size: int, num_epochs: int) -> Problem:
    """Make a problem with D ≥ N orthogonal rows and batches that share them out evenly: a step moves its rows only."""
    rng = generator(seed, 101, number)
    lengths = rng.uniform(0.5, 1.5, n)
    X = lengths[:, None] * orthonormal(rng, d)[:n]
    y = rng.uniform(0.5, 2, n) * rng.choice([-1.0, 1.0], n)
    lr = float(rng.uniform(0.2, 0.4)) * batch_size
    gaps = y * (1 - lr / batch_size * lengths**2) ** np.arange(num_epochs + 1)[:, None]
    return Problem(X, y, lr, batch_size, num_epochs, np.asarray(0.5 * np.mean(gaps**2, axis=1)))


def repeated(seed: int, number: int, n: int, d: int, batch_size: int, num_epochs: int) -> Problem:
    """Make a problem with the same sample N times, but for its sign: each step, of whatever size, shrinks one gap."""
    rng = generator(seed, 102, number)
    signs, row, target = rng.choice([-1.0, 1.0], n), rng.normal(size=d) + 0.5, float(rng.uniform(1, 3))
    lr = float(rng.uniform(0.05, 0.15)) / float(row @ row)
    steps = -(-n // batch_size) * np.arange(num_epochs + 1)
    losses = 0.5 * target**2 * (1 - lr * float(row @ row)) ** (2 * steps)
    return Problem(np.outer(signs, row), signs * target, lr, batch_size, num_epochs, np.asarray(losses))


def few(seed: int, number: int, n: int, d: int, batch_size: int, num_epochs: int) -> Problem:
    """Make a problem of so few samples that all orders can be tried."""
    rng = generator(seed, 103, number)
    return Problem(
        rng.normal(size=(n, d)), rng.normal(size=n) + 1, float(rng.uniform(0.1, 0.3)), batch_size, num_epochs
    )


def possible(problem: Problem) -> Array:
    """Return the losses of all orders, one row each, (number of orders, num_epochs + 1)."""
    X, y, lr, size, num_epochs = problem.args
    n, d = X.shape
    R = np.column_stack([X, -y])
    moved = np.diag([1.0] * d + [0.0])  # the last coordinate stays 1

    def step(batch: Array) -> Array:
        return np.asarray(np.eye(d + 1) - lr / len(batch) * moved @ batch.T @ batch)

    def epoch(order: tuple[int, ...]) -> Array:
        batches = [R[list(order[i : i + size])] for i in range(0, n, size)]
        return reduce(lambda done, batch: step(batch) @ done, batches, np.eye(d + 1))

    maps = np.array([epoch(order) for order in permutations(range(n))])
    maps = np.unique(maps.round(13), axis=0)  # an order within a batch is none
    paths = np.eye(d + 1)[None, None, -1]  # (1, 1, d + 1): w = 0
    for _epoch in range(num_epochs):
        ends = np.einsum("mij,pj->pmi", maps, paths[:, -1])
        paths = np.concatenate([np.repeat(paths, len(maps), axis=0), ends.reshape(-1, 1, d + 1)], axis=1)
    residuals = paths @ R.T
    return np.asarray(0.5 * np.mean(residuals**2, axis=-1))


def readings(value: Any, like: Array) -> list[Array]:
    """Read losses as they are, and as they would be but for their start or a common factor.

    Whether the first loss is there and right is one property, and costs once.
    """
    count = len(like)
    found: list[Array] = []
    for shape in ((count,), (count - 1,)):
        try:
            found.append(expect.numbers(value, shape, "The losses"))
        except Failure:
            continue
    if not found:
        return []
    (have,) = found
    if len(have) < count:
        return [np.append(like[0], have)]
    return [have, have * like[0] / have[0]] if have[0] > 0 else [have]


@dataclass(frozen=True)
class Some:
    """Losses on data where the order matters, and those of all orders."""

    losses: Any
    all_losses: Array

    def plain(self) -> Any:
        """Forget which order it was."""
        try:
            self.judge()
        except Failure:
            return "no order"
        return "some order"

    def agree(self, have: Array, upto: int) -> NDArray[np.bool_]:
        """Tell for each order whether it has the first so many losses."""
        have, want = have[:upto], self.all_losses[:, :upto]
        size = np.max(np.abs(want), axis=1, keepdims=True)
        return np.asarray(np.all(np.abs(have - want) <= expect.ATOL + expect.RTOL * size, axis=1))

    def judge(self) -> None:
        """Ask for the losses of some order."""
        read = readings(self.losses, self.all_losses[0])
        if any(np.any(self.agree(have, len(have))) for have in read):
            return
        have = expect.numbers(self.losses, self.all_losses.shape[1:], "The losses")
        good = next(k for k in range(len(have)) if not np.any(self.agree(have, k + 1)))
        low, high = np.min(self.all_losses[:, good]), np.max(self.all_losses[:, good])
        message = (
            f"Of all orders in which the samples can come, none leads to a loss of {have[good]:.5g} after epoch {good}"
        )
        where = f"; they lead to between {low:.5g} and {high:.5g}."
        clue = "The losses before that one are possible." if good else ""
        raise Failure(message + where, clue)
