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

LOGITS = 0.3  #: float32 keeps about 1e-7 of the logits, which are below 100 here: 3e-5 is never rounding
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
    outputs: list[Array]
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

    def descent(self, *, name: str = "", piled: bool = False, summed: bool = False, anew: bool = False) -> list[Array]:
        """Repeat the descent, or one with a slip, and return the model's numbers at its end.

        Parameters
        ----------
        name : str
            An optimizer other than the one that was asked for.
        piled, summed, anew : bool
            Gradients are added up; are those of a batch's sum; the optimizer starts anew in every batch.
        """
        s = self.setting
        model = rebuilt(s.kind, s.sizes, s.arrays, s.dtype).train()
        weights = list(model.parameters())
        make = getattr(torch.optim, BY_NAME[name or s.optimizer_name])
        rule = make(weights, lr=s.lr)
        for order in self.orders:
            rule = make(weights, lr=s.lr) if anew else rule
            loss = functional.cross_entropy(self._asked(model, order), torch.tensor(self.labels[order]))
            slopes = torch.autograd.grad(loss * len(order) if summed else loss, weights)
            for weight, slope in zip(weights, slopes, strict=True):
                weight.grad = slope if weight.grad is None or not piled else weight.grad + slope
            rule.step()
        return [plain(t).astype(np.float64) for t in numbers_of(model)]

    def slip(self) -> str:
        """Name the slip that would explain where the parameters ended."""
        slips: dict[str, dict[str, Any]] = {
            "That is where the gradients of all batches so far lead, added up.": {"piled": True},
            "That is where the gradients of a batch's sum lead, not of its mean.": {"summed": True},
            "That is where an optimizer leads that starts anew in every batch.": {"anew": True},
            **{f"That is where torch's {rule} leads.": {"name": name} for name, rule in BY_NAME.items()},
        }
        return next((said for said, slip in slips.items() if agrees(_ends, self, self.descent(**slip))), "")

    def _asked(self, model: torch.nn.Module, order: list[int]) -> torch.Tensor:
        outputs: torch.Tensor = model(torch.tensor(self.X[order], dtype=DTYPES[self.setting.dtype]))
        return outputs

    def _entropy(self, outputs: Any, order: list[int]) -> float:
        return float(functional.cross_entropy(torch.as_tensor(outputs), torch.tensor(self.labels[order])))

    @cached_property
    def means(self) -> dict[str, float]:
        """What the epoch's loss could be taken for, the right one first; from the outputs that came."""
        pairs = list(zip(self.outputs, self.orders, strict=True))
        met = [(len(order), self._entropy(outputs, order)) for outputs, order in pairs]
        total, count = sum(n * loss for n, loss in met), sum(n for n, _ in met)
        s, everyone = self.setting, list(range(len(self.X)))
        with torch.no_grad():
            later = self._entropy(self._asked(rebuilt(s.kind, s.sizes, self.after, s.dtype), everyone), everyone)
        twice = [(len(o), self._entropy(torch.softmax(torch.as_tensor(out), 1), o)) for out, o in pairs]
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
            "It is the loss of a softmax of the softmax.": sum(n * loss for n, loss in twice) / count,
        }

    @cached_property
    def end(self) -> list[Array]:
        """Where the parameters should have ended."""
        return self.descent()

    @cached_property
    def summary(self) -> list[Any]:
        """What does not depend on the order of the samples: what holds, and numbers where the order cannot matter."""
        sizes, kind = [len(order) for order in self.orders], type(self.loss).__name__
        whole = [self.dtype, self.modes, sizes, kind]
        if len({row.tobytes() for row in self.X}) == 1 or (sizes == [len(self.X)]):
            return [*whole, _float(self.loss), self.after]
        if not self.seen:
            return whole
        readings = [agrees(_reads, self, mean) for mean in self.means.values()]
        return [*whole, readings, agrees(_ends, self, self.end), agrees(judge_batches, self)]

    def plain(self) -> list[Any]:
        """Return the summary."""
        return self.summary


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
        raise Failure("A loss of the model's outputs should be differentiated.", "No gradient ever came back to it.")
    if not got.seen:
        raise Failure("The model was trained on rows that are no samples of X.")


def judge_updates(got: Trace) -> None:
    """Compare with the descent over the batches that were seen."""
    judge_seen(got)
    if all(np.array_equal(a, b) for a, b in zip(got.setting.arrays, got.after, strict=True)):
        raise Failure("After the epoch the parameters should have moved.", "They are what they were, bit for bit.")
    try:
        _ends(got, got.end)
    except Failure as failure:
        raise Failure(failure.message, got.slip() or failure.clue) from None


def _ends(got: Trace, numbers: list[Array]) -> None:
    """Ask for the numbers at the end of a descent."""
    for index, (value, expected) in enumerate(zip(got.after, numbers, strict=True)):
        near(value, expected, f"After the epoch, tensor {index} of the model's state", got.setting.dtype)


def _reads(got: Trace, mean: float) -> None:
    """Ask for a loss. Near 0 it is a difference of logits, and rounded as these are."""
    near(got.loss, mean, "The loss", got.setting.dtype, scale=LOGITS)


def judge_losses(got: Trace) -> None:
    """Compare with the mean of the losses met, and name what else came."""
    judge_seen(got)
    right, *others = got.means
    fits = (name for name in others if agrees(_reads, got, got.means[name]))
    with expect.known(next, fits, ""):
        _reads(got, got.means[right])


def judge_batches(got: Trace) -> None:
    """Ask for each sample once, in full batches but the last."""
    n, size = len(got.X), got.setting.batch_size
    count = -(-n // size)
    if not got.batches:
        raise Failure("The model should see batches.", "No gradient ever came back to it.")
    met = sorted(i for order in got.orders for i in order)
    sizes = [len(order) for order in got.orders]
    if met != list(range(n)):
        never = n - len({*met} & {*range(n)})
        clue = f"{never} are never met." if len(met) + never == n else f"{never} are never met, others twice or more."
        message = f"The epoch should meet each of the {n} samples once; the batches have {sizes} samples."
        raise Failure(message, clue if never else "Some are met twice or more.")
    if len(sizes) != count or sizes[:-1] != [size] * (count - 1):
        message = f"The batches should have {size} samples, the last what is left; the sizes are {sizes}."
        raise Failure(message, "Each sample is a batch of its own." if {*sizes} == {1} else "")
