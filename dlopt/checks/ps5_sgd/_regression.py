"""Linear regression by stochastic gradient descent (rows G1–G3): right in any order of the samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.beside import snapshot
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps5_sgd._cases import generator
from dlopt.checks.ps5_sgd._orders import (
    Array,
    Problem,
    Some,
    commuting,
    few,
    one_batch,
    possible,
    readings,
    repeated,
)
from dlopt.checks.scenes import canonical, layouts, of_seed

__all__ = ["sgd_linear_regression"]

Rng = np.random.Generator

sgd_linear_regression = Exercise(
    "sgd_linear_regression",
    ("X", "y", "lr", "batch_size", "num_epochs", "rng"),
    canonical=canonical,
    lent=("ps5_sgd", ("minibatches",)),
)


# --- what is played


@dataclass(frozen=True)
class Runs:
    """The losses of a long run, of one with its generator's twin and of one with another generator."""

    first: Any
    twin: Any
    other: Any

    def read(self, num_epochs: int) -> list[Array]:
        """Return the three as numbers."""
        runs = [readings(v, np.ones(num_epochs + 1)) for v in (self.first, self.twin, self.other)]
        if not all(runs):
            expect.numbers(self.first, (num_epochs + 1,), "The losses")
            raise Failure("The three runs have losses of different kinds.")
        return [run[0] for run in runs]

    def plain(self) -> list[Any]:
        """Say what agrees with what."""
        try:
            first, twin, other = self.read(LONG)
        except Failure:
            return [self.first]
        return [alike(first, twin), alike(first, other), settled(first), np.shape(self.first)]


def alike(a: Array, b: Array) -> bool:
    """Tell whether two runs are one, but for rounding."""
    return bool(np.allclose(a, b, rtol=1e-9, atol=0))


def settled(losses: Array) -> bool:
    """Tell whether the last epochs change nothing any more."""
    late = losses[-5:]
    return bool(np.ptp(late) <= 1e-9 * np.max(np.abs(late)))


def in_some_order(
    candidate: Any, X: Array, y: Array, lr: float, batch_size: int, num_epochs: int, rng: Rng, all_losses: Array
) -> Some:
    """Run it where the order matters."""
    return Some(snapshot(candidate(X, y, lr, batch_size, num_epochs, rng)), all_losses)


def three_runs(
    candidate: Any, X: Array, y: Array, lr: float, batch_size: int, num_epochs: int, rng: Rng, twin: Rng, other: Rng
) -> Runs:
    """Run it three times."""
    rest = (X, y, lr, batch_size, num_epochs)
    return Runs(*(snapshot(candidate(*rest, source)) for source in (rng, twin, other)))


# --- cases

LONG = 20  #: epochs of the long run


def _case(seed: int, number: int, problem: Problem) -> Case:
    return Case((*problem.args, generator(seed, 104, number)), problem.label, problem)


def _by_hand() -> Problem:
    """w = 0, then 2, then 3: steps of half of what is missing."""
    X, y = np.array([[1.0], [-1.0]]), np.array([4.0, -4.0])
    return Problem(X, y, 0.5, 2, 2, np.array([8.0, 2.0, 0.5]))


@of_seed
def _whole(seed: int) -> list[Case]:
    """One batch an epoch: gradient descent."""
    settings = ((8, 3, 8, 5), (5, 2, 9, 4), (3, 5, 3, 4), (6, 1, 6, 3), (1, 1, 1, 3), (1, 4, 2, 2))
    problems = [_by_hand()] if seed == 1 else []
    problems += [one_batch(seed, number, *setting) for number, setting in enumerate(settings)]
    cases = [_case(seed, number, problem) for number, problem in enumerate(problems)]
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def _parts(seed: int) -> list[Case]:
    """Several batches an epoch that all divide N, on data where the order does not matter."""
    problems = [commuting(seed, k, *c) for k, c in enumerate(((6, 6, 2, 4), (4, 7, 1, 3), (8, 8, 4, 3)))]
    problems += [repeated(seed, k, *c) for k, c in enumerate(((9, 3, 3, 4), (5, 1, 1, 3)))]
    return [_case(seed, 10 + k, problem) for k, problem in enumerate(problems)]


@of_seed
def _rests(seed: int) -> list[Case]:
    """A shorter batch at the end."""
    settings = ((7, 2, 3, 4), (10, 3, 4, 3), (5, 1, 2, 5))
    return [_case(seed, 20 + k, repeated(seed, 10 + k, *c)) for k, c in enumerate(settings)]


@of_seed
def _few(seed: int) -> list[Case]:
    cases = []
    for k, setting in enumerate(((4, 2, 1, 2), (4, 3, 2, 3), (4, 2, 3, 2), (3, 1, 2, 3))):
        problem = few(seed, k, *setting)
        args = (*problem.args, generator(seed, 105, k), possible(problem))
        cases.append(Case(args, problem.label, scenario=in_some_order))
    return cases


@of_seed
def _long(seed: int) -> list[Case]:
    """A long run on one feature with targets that no weight reaches: in one fixed order it would settle.

    The path of w is then w ← m w + c with |m| < 0.1 in every epoch; a new order draws a new c. Of 12 samples in
    batches of 3 there are 369 600 sequences of batches, so that five in a row alike never happen.
    """
    rng = generator(seed, 106)
    X, y = rng.uniform(0.8, 1.2, (12, 1)) * rng.choice([-1.0, 1.0], (12, 1)), rng.normal(size=12)
    problem = Problem(X, y, 0.9 / float(np.mean(X**2)), 3, LONG)
    sources = (generator(seed, 107), generator(seed, 107), generator(seed, 108))
    return [Case((*problem.args, *sources), problem.label, problem, scenario=three_runs)]


@of_seed
def _guarded(seed: int) -> list[Case]:
    return [_parts(seed)[0], *layouts(_parts(seed)[0], "read-only")]


# --- properties


@sgd_linear_regression.prop(points=0.25, cases=_parts, hint="One loss before the first epoch, and one after each.")
def regression_type(case: Case, got: Any) -> None:
    """Returns a float64 array of shape (num_epochs+1,)"""
    expect.array(got, (case.args[4] + 1,))


@sgd_linear_regression.prop(
    points=0.5, cases=_parts, hint="With w = 0 every prediction is 0. What is the loss then, with its ½ and its mean?"
)
def regression_start(case: Case, got: Any) -> None:
    """The first loss is that of w = 0"""
    have = expect.numbers(got, np.shape(got))
    if not have.size:
        raise Failure("There is no loss at all.")
    start = float(0.5 * np.mean(case.args[1] ** 2))
    expect.close(have.flat[0], start, "The first loss", context=Context(factors={"N": len(case.args[1])}))


def _judge(case: Case, got: Any) -> None:
    """Ask for the losses; that their start is there, and their scale, is asked by another line."""
    problem: Problem = case.truth
    assert problem.losses is not None
    for have in readings(got, problem.losses):
        if np.all(np.abs(have - problem.losses) <= expect.tolerance(problem.losses, trajectory=True)):
            return
    with expect.clue(_clue, problem, got):
        expect.close(got, problem.losses, "The losses", trajectory=True)


def _clue(problem: Problem, got: Any) -> str:
    """Compare how far the first epoch went with how far it should."""
    right = problem.losses
    try:
        have = expect.numbers(got, (problem.num_epochs + 1,))
    except Failure:
        return ""
    if right is None or not np.isclose(have[0], right[0]):
        return ""
    if np.all(np.diff(have) > 0):
        return "The loss grows with every epoch."
    if np.allclose(have, have[0]):
        return "The loss stays where it is."
    if np.allclose(have[1:], have[1]):
        return "After the first epoch the loss stays where it is."
    if np.isclose(have[1], right[1]):
        return "The first epoch is right, a later one is not."
    share, due = have[1] / have[0], right[1] / have[0]
    return f"The first epoch takes the loss to {share:.3g} of itself; it should be {due:.3g}."


@sgd_linear_regression.prop(
    points=1,
    cases=_whole,
    hint="With one batch an epoch this is gradient descent. What is the gradient of the contract's loss?",
)
def regression_whole(case: Case, got: Any) -> None:
    """With all samples in one batch it is gradient descent"""
    _judge(case, got)


@sgd_linear_regression.prop(
    points=0.5,
    cases=_parts,
    hint="After every batch w moves, by the mean over that batch; after every epoch the loss over all samples is due.",
)
def regression_parts(case: Case, got: Any) -> None:
    """With several batches, w moves after each; the losses are over all samples, after each epoch"""
    _judge(case, got)


@sgd_linear_regression.prop(
    points=0.5, cases=_rests, hint="A batch's gradient is a mean over the samples it has, however few they are."
)
def regression_rest(case: Case, got: Any) -> None:
    """The last batch of an epoch may be smaller, and counts as much"""
    _judge(case, got)


@sgd_linear_regression.prop(
    points=0.5, cases=_few, hint="Follow one epoch by hand: which rows does the first batch see, and which w?"
)
def regression_some_order(case: Case, got: Some) -> None:
    """Where the order of the samples matters, the losses are those of some order"""
    got.judge()


@sgd_linear_regression.prop(
    points=0.5,
    cases=_long,
    hint="Ask minibatches for new batches at the start of every epoch, with the generator that was handed in.",
)
def regression_shuffles(case: Case, got: Runs) -> None:
    """Every epoch has an order of its own, drawn from rng"""
    first, twin, other = got.read(LONG)
    if not alike(first, twin):
        raise Failure("Two generators with the same seed should give the same losses; they give different ones.")
    if alike(first, other):
        raise Failure("Generators with different seeds should give different losses; they give the same.")
    if settled(first):
        raise Failure(
            f"On data that no weights fit, the loss has come to rest at {first[-1]:.5g}.",
            "With a new order in every epoch it would not: the same batches come again and again.",
        )


sgd_linear_regression.keeps_inputs(points=0.25, cases=_guarded)
