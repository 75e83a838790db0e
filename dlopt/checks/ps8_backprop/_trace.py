"""What a training did, told by the batches it saw.

The order of the samples is free, so nothing is compared with a path of ours: a network that takes notes says which
batches came in which order, and the descent is repeated over those.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.expect import Failure
from dlopt.checks.ps8_backprop._differences import named
from dlopt.checks.ps8_backprop._inside import Net
from dlopt.checks.ps8_backprop._losses import cross_entropy, entropy_slope

__all__ = ["Orders", "Trace", "judge_batches", "judge_updates"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Trace:
    """What a training did, and what it should have done with the batches that it saw."""

    activation: str
    X: Array
    labels: Labels
    num_epochs: int
    batch_size: int
    lr: float
    before: list[Array]
    after: list[Any]
    losses: Any
    batches: list[Array]

    @cached_property
    def orders(self) -> list[list[int]]:
        """The samples of every batch, by number; −1 for a row that is none of them."""
        rows = {row.tobytes(): number for number, row in enumerate(np.ascontiguousarray(self.X))}
        return [
            [rows.get(np.ascontiguousarray(row, dtype=np.float64).tobytes(), -1) for row in np.atleast_2d(batch)]
            for batch in self.batches
        ]

    @cached_property
    def epochs(self) -> list[list[list[int]]]:
        """The batches, epoch by epoch, where they share out evenly; else all in one."""
        per_epoch, rest = divmod(len(self.orders), self.num_epochs)
        if rest or not per_epoch:
            return [self.orders]
        return [self.orders[k * per_epoch : (k + 1) * per_epoch] for k in range(self.num_epochs)]

    @cached_property
    def descent(self) -> tuple[list[Array], list[list[tuple[int, float]]], list[float]]:
        """Repeat the descent: final parameters, (size, loss met) per batch and epoch, full loss after each epoch."""
        net, met, later = Net(self.before, self.activation), [], []
        for epoch in self.epochs:
            met.append([self._step(net, order) for order in epoch])
            later.append(cross_entropy(net.forward(self.X), self._targets(net, list(range(len(self.X))))))
        return net.parameters(), met, later

    def _targets(self, net: Net, order: list[int]) -> Array:
        width = len(net.parameters()[-1])
        return np.asarray(np.arange(width) == self.labels[order][:, None], dtype=np.float64)

    def _step(self, net: Net, order: list[int]) -> tuple[int, float]:
        h, y = net.forward(self.X[order]), self._targets(net, order)
        net.backward(entropy_slope(h, y))
        for array, gradient in zip(net.parameters(), net.gradients(), strict=True):
            array -= self.lr * gradient
        return len(order), cross_entropy(h, y) if order else 0.0  # the mean over an empty batch weighs nothing

    @cached_property
    def means(self) -> dict[str, Array]:
        """What an epoch's loss could be taken for, the right one first."""
        _, met, later = self.descent
        return {
            "": np.array([sum(n * loss for n, loss in epoch) / max(1, sum(n for n, _ in epoch)) for epoch in met]),
            "It is the mean over the batches: the last, smaller one counts as much as a full one.": np.array(
                [np.mean([loss for _, loss in epoch]) for epoch in met]
            ),
            "It is the loss of the epoch's last batch alone.": np.array([epoch[-1][1] for epoch in met]),
            "It is the sum over the batches.": np.array([sum(loss for _, loss in epoch) for epoch in met]),
            "It is the loss over all samples after the epoch: the losses met on the way are asked for.": np.array(
                later
            ),
        }

    def read_losses(self) -> Array:
        """Return the epoch losses as numbers."""
        return expect.numbers(self.losses, (self.num_epochs,), "The losses")

    def plain(self) -> list[Any]:
        """Forget the order of the samples: say what holds, and give numbers where one batch is all."""
        sizes = [len(order) for order in self.orders]
        if sizes == [len(self.X)] * self.num_epochs:
            return [self.losses, self.after, sizes]
        try:
            readings = [bool(np.allclose(self.read_losses(), mean)) for mean in self.means.values()]
        except (Failure, IndexError):
            readings = []
        moved = [_agrees(judge_updates, self), _agrees(judge_batches, self)]
        return [sizes, readings, moved, type(self.losses).__name__]


def _agrees(judge: Any, trace: Trace) -> bool:
    try:
        judge(trace)
    except Failure:
        return False
    return True


@dataclass(frozen=True)
class Orders:
    """The batches of trainings with a generator, its twin and another one."""

    first: Trace
    twin: Trace
    other: Trace

    def plain(self) -> list[bool]:
        """Say what agrees with what."""
        epochs = [[i for batch in epoch for i in batch] for epoch in self.first.epochs]
        return [
            self.first.orders == self.twin.orders,
            self.first.orders == self.other.orders,
            any(epoch == sorted(epoch) for epoch in epochs),
            any(a == b for k, a in enumerate(epochs) for b in epochs[:k]),
        ]


def judge_updates(got: Trace) -> None:
    """Compare with the descent over the batches that were seen."""
    if not got.batches:
        raise Failure("The network's backward was never called.")
    if any(number < 0 for order in got.orders for number in order):
        raise Failure("The network was trained on rows that are no samples of X.")
    if all(np.array_equal(a, b) for a, b in zip(got.before, got.after, strict=True)):
        raise Failure(
            "After training the parameters are what they were.",
            "p -= … changes an array, p = p - … makes a new one that the network never sees.",
        )
    for index, (value, expected) in enumerate(zip(got.after, got.descent[0], strict=True)):
        expect.close(value, expected, f"After training, {named(index)}", trajectory=True)


def judge_batches(got: Trace) -> None:
    """Ask every epoch for each sample once, in full batches but the last."""
    n, size = len(got.X), got.batch_size
    count = -(-n // size)
    if len(got.batches) != count * got.num_epochs:
        wanted = f"{got.num_epochs} epochs of {n} samples in batches of {size} make {count * got.num_epochs} batches"
        raise Failure(f"{wanted}; there were {len(got.batches)}.")
    for number, epoch in enumerate(got.epochs):
        sizes = [len(order) for order in epoch]
        met = sorted(i for order in epoch for i in order)
        if met != list(range(n)):
            raise Failure(f"Epoch {number} should meet each of the {n} samples once; it meets the samples {met}.")
        if sizes[:-1] != [size] * (count - 1):
            raise Failure(f"All batches but the last should have {size} samples; those of epoch {number} have {sizes}.")
