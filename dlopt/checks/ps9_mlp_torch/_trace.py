"""What an epoch of training did, told by the batches that the model saw.

The order of the samples is free, so nothing is compared with a path of ours: a model that takes notes says which
batches came in which order, and torch's optimizer repeats the descent over those.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from dlopt.checks import expect
from dlopt.checks.expect import Failure
from dlopt.checks.ps9_mlp_torch._cases import agrees, near, plain, rebuilt
from dlopt.checks.ps9_mlp_torch._inside import DTYPES, numbers_of

__all__ = ["Orders", "Setting", "Trace", "judge_batches", "judge_losses", "judge_seen", "judge_updates"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

BY_NAME = {"sgd": "SGD", "adam": "Adam", "rmsprop": "RMSprop", "adagrad": "Adagrad"}


@dataclass(frozen=True)
class Setting:
    """A model, samples, and how to train on them."""

    kind: str
    sizes: list[int]
    arrays: list[Array]
    dtype: str
    form: str
    training: bool
    optimizer_name: str
    lr: float
    batch_size: int


@dataclass(frozen=True)
class Trace:
    """What an epoch did, and what it should have done with the batches that the model saw."""

    setting: Setting
    X: Array
    labels: Labels
    loss: Any
    after: list[Array]
    dtype: str
    batches: list[Array]
    modes: list[bool | None]

    @cached_property
    def orders(self) -> list[list[int]]:
        """The samples of every batch, by number; −1 for a row that is none of them."""
        rows = {row.tobytes(): number for number, row in enumerate(np.ascontiguousarray(self.X))}
        return [
            [rows.get(np.ascontiguousarray(row, dtype=np.float64).tobytes(), -1) for row in np.atleast_2d(batch)]
            for batch in self.batches
        ]

    @cached_property
    def seen(self) -> bool:
        """Whether there were batches, of samples of X and of nothing else."""
        return bool(self.orders) and all(number >= 0 for order in self.orders for number in order)

    @cached_property
    def descent(self) -> tuple[list[Array], list[tuple[int, float]], float]:
        """Repeat the descent: final numbers, (size, loss met) of every batch, and the loss over all samples then."""
        s = self.setting
        model = rebuilt(s.kind, s.sizes, s.arrays, s.dtype).train()
        weights = list(model.parameters())
        rule = getattr(torch.optim, BY_NAME[s.optimizer_name])(weights, lr=s.lr)
        met = []
        for order in self.orders:
            loss = self._loss(model, order)
            for weight, slope in zip(weights, torch.autograd.grad(loss, weights), strict=True):
                weight.grad = slope
            rule.step()
            met.append((len(order), float(loss.detach())))
        later = float(self._loss(model, list(range(len(self.X)))).detach())
        return [plain(t).astype(np.float64) for t in numbers_of(model)], met, later

    def _loss(self, model: torch.nn.Module, order: list[int]) -> torch.Tensor:
        x = torch.tensor(self.X[order], dtype=DTYPES[self.setting.dtype])
        return functional.cross_entropy(model(x), torch.tensor(self.labels[order]))

    @cached_property
    def means(self) -> dict[str, float]:
        """What the epoch's loss could be taken for, the right one first."""
        _, met, later = self.descent
        total, count = sum(n * loss for n, loss in met), sum(n for n, _ in met)
        return {
            "": total / count,
            "It is the mean over the batches: the last, smaller one counts as much as a full one.": float(
                np.mean([loss for _, loss in met])
            ),
            "It is the loss of the last batch alone.": met[-1][1],
            "It is the sum over the batches.": sum(loss for _, loss in met),
            "It is the sum over the samples.": total,
            "It is the sum over the batches, divided by the number of samples.": sum(loss for _, loss in met) / count,
            "It is the sum over the samples, divided by the number of batches.": total / len(met),
            "It is the loss over all samples after the epoch: the losses met on the way are asked for.": later,
        }

    def plain(self) -> list[Any]:
        """Forget the order of the samples: say what holds, and give numbers where it cannot matter."""
        sizes, kind = [len(order) for order in self.orders], type(self.loss).__name__
        whole = [self.dtype, self.modes, sizes, kind]
        if len({row.tobytes() for row in self.X}) == 1 or (sizes == [len(self.X)]):
            return [*whole, _float(self.loss), self.after]
        readings = []
        if self.seen:
            readings = [agrees(near, self.loss, mean, "", self.setting.dtype) for mean in self.means.values()]
        return [*whole, readings, agrees(judge_updates, self), agrees(judge_batches, self)]


def _float(value: Any) -> float:
    try:
        return float(expect.numbers(plain(value), ()))
    except Failure:
        return float("nan")


@dataclass(frozen=True)
class Orders:
    """The batches of epochs with a seed, the same seed and another one."""

    first: Trace
    twin: Trace
    other: Trace

    def plain(self) -> list[bool]:
        """Say what agrees with what."""
        epoch = [i for batch in self.first.orders for i in batch]
        return [
            self.first.orders == self.twin.orders,
            self.first.orders == self.other.orders,
            epoch == sorted(epoch),
        ]


def judge_seen(got: Trace) -> None:
    """Ask for batches, made of samples."""
    if not got.batches:
        raise Failure("No gradient ever came back through the model: its loss is never differentiated.")
    if not got.seen:
        raise Failure("The model was trained on rows that are no samples of X.")


def judge_updates(got: Trace) -> None:
    """Compare with the descent over the batches that were seen."""
    judge_seen(got)
    if all(np.array_equal(a, b) for a, b in zip(got.setting.arrays, got.after, strict=True)):
        raise Failure("After the epoch the model's parameters are what they were.")
    for index, (value, expected) in enumerate(zip(got.after, got.descent[0], strict=True)):
        near(value, expected, f"After the epoch, tensor {index} of the model's state", got.setting.dtype)


def judge_losses(got: Trace) -> None:
    """Compare with the mean of the losses met, and name what else came."""
    judge_seen(got)
    right, *others = got.means
    try:
        near(got.loss, got.means[right], "The loss", got.setting.dtype)
    except Failure as failure:
        fits = (name for name in others if agrees(near, got.loss, got.means[name], "", got.setting.dtype))
        raise Failure(failure.message, next(fits, failure.clue)) from None


def judge_batches(got: Trace) -> None:
    """Ask for each sample once, in full batches but the last."""
    n, size = len(got.X), got.setting.batch_size
    count = -(-n // size)
    if not got.batches:
        raise Failure("No gradient ever came back through the model.")
    met = sorted(i for order in got.orders for i in order)
    if met != list(range(n)):
        raise Failure(f"The epoch should meet each of the {n} samples once; it meets the samples {met}.")
    sizes = [len(order) for order in got.orders]
    if len(sizes) != count or sizes[:-1] != [size] * (count - 1):
        raise Failure(f"All batches but the last should have {size} samples; the sizes are {sizes}.")
