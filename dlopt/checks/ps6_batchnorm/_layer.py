"""The normalizing layer: what holds in training, in eval mode, and on the way back (rows B5, B11)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.beside import parts_of
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps6_batchnorm import _batches as cases
from dlopt.checks.ps6_batchnorm import _clues as clues
from dlopt.checks.scenes import STATE_HINT, array, close, judge_scenes, two_lists
from dlopt.checks.trial import Outcome

__all__ = ["BatchNorm"]

BatchNorm = Exercise("BatchNorm", ("num_features", "eps", "momentum"), kind="class")
NAMES = ("The output", "dx", "grad_gamma", "grad_beta")


@BatchNorm.prop(
    points=0.25, cases=cases.starts, hint="A layer that has seen nothing changes nothing: which γ and β leave x alone?"
)
def norm_start(case: Case, got: Any) -> None:
    """gamma and running_var start at 1, beta and running_mean at 0, all of shape (F,); training is True"""
    for value, name, start in zip(got, ("gamma", "beta", "running_mean", "running_var"), (1, 0, 0, 1), strict=False):
        array(value, (case.args[0],), name)
        if np.any(value != start):
            raise Failure(f"{name} should start with every entry {start}; it is {expect.show(value)}.")
    if not isinstance(got[4], bool | int | np.bool_) or got[4] != True:  # noqa: E712 - 1 and np.True_ will do
        raise Failure(f"training should start as True; it is {expect.show(got[4])}.")


@BatchNorm.prop(points=0.25, cases=cases.backward, hint="There is one γ and one β per feature, and so is a gradient.")
def norm_types(case: Case, got: Any) -> None:
    """forward and backward return arrays of shape (N, F); grad_gamma and grad_beta are (F,)"""
    n, f = case.args[3].shape
    for value, shape, name in zip(got, ((n, f), (n, f), (f,), (f,)), NAMES, strict=True):
        array(value, shape, name)


@BatchNorm.prop(
    points=0.5,
    cases=cases.forward,
    hint="Each feature, over the batch: its mean goes away, then its spread. With 1/N or 1/(N−1)? The contract says.",
)
def norm_training(case: Case, got: Any) -> None:
    """In training every column comes out with mean 0 and variance 1"""
    x = case.args[2]
    n = len(x)
    factors = {"√(N/(N−1))": np.sqrt(n / (n - 1))}
    with expect.clue(clues.columns, got, x.shape):
        expect.close(got, case.truth.y, "The output", context=Context(factors=factors))


@BatchNorm.prop(
    points=0.25,
    cases=cases.forward_quiet,
    hint="A column that does not vary comes out as β, not as 0/0. Is eps added to a variance, or to a spread?",
)
def norm_eps(case: Case, got: Any) -> None:
    """Right as well where a column hardly varies, in both modes and for any eps"""
    y = got if parts_of(case.scenario)[1] is None else got[0]  # in eval mode the statistics come along
    with expect.clue(clues.ratios, y, case.truth.y):
        expect.close(y, case.truth.y, "The output")


@BatchNorm.prop(
    points=0.25, cases=cases.scaled, hint="γ and β come last: what normalizing takes from a column, they may give back."
)
def norm_scale(case: Case, got: Any) -> None:
    """gamma stretches each column of the output and beta shifts it, in both modes"""
    _, gamma, beta, x = case.args
    plain = expect.numbers(got[0], x.shape, "The output with γ = 1 and β = 0")
    if not np.any(plain != plain[0]):
        raise Failure("The output is the same for every sample: γ has nothing to stretch.")
    shift = np.broadcast_to(beta, x.shape)
    context = Context(terms={"beta": shift, "the stretching by gamma": (gamma - 1) * plain})
    expect.close(got[1], gamma * plain + beta, "The output with γ and β", context=context)


def _statistics(case: Case, got: Any, which: int, name: str) -> None:
    """Compare the running statistics after every batch."""
    momentum = 0.1 if case.args[1] is None else case.args[1]
    first = which + (case.truth[which][0] - which) / momentum  # they start at 0 and 1
    with expect.clue(clues.share, got[0][which], which, first, momentum):
        for step, (came, right) in enumerate(zip(got, case.truth[which], strict=True)):
            close(came[which], right, f"{name} after batch {step + 1}")


@BatchNorm.prop(
    points=0.25,
    cases=cases.streams,
    hint="momentum is the weight of the new batch. After many batches, of how many does the average still know?",
)
def norm_running_mean(case: Case, got: Any) -> None:
    """running_mean moves towards the mean of each training batch by the share momentum"""
    _statistics(case, got, 0, "running_mean")


@BatchNorm.prop(
    points=0.5,
    cases=cases.streams,
    hint="The same average of variances around each batch's own mean. With 1/N they would be too small on average.",
)
def norm_running_var(case: Case, got: Any) -> None:
    """running_var likewise, towards the batch's variance with 1/(N−1)"""
    _statistics(case, got, 1, "running_var")


@BatchNorm.prop(
    points=0.5,
    cases=cases.forward_eval,
    hint="In eval mode a sample's output depends on that sample alone, and being asked changes nothing in the layer.",
)
def norm_eval(case: Case, got: Any) -> None:
    """In eval mode the running statistics normalize, and stay as they are"""
    batch = case.args[5]
    own = len(batch) > 1 and clues.columns(got[0], batch.shape) == ""
    with expect.clue("Its columns have mean 0: is it the batch that normalizes?" if own else ""):
        expect.close(got[0], case.truth.y, "The output")
    for value, before, name in zip(got[1:], case.args[3:5], ("running_mean", "running_var"), strict=True):
        close(value, before, f"{name} after a forward pass in eval mode")


def _gradients(case: Case, got: Any, names: tuple[str, ...]) -> None:
    right = case.truth.gradient
    truths = {"dx": right.dx, "grad_gamma": right.gamma, "grad_beta": right.beta}
    factors = Context(factors={"N, the number of samples": len(right.dy)})
    for value, name in zip(got[1:], truths, strict=True):
        if name in names:
            close(value, truths[name], name, context=factors)


@BatchNorm.prop(
    points=0.5,
    cases=cases.backward,
    hint="y = γ·(something) + β: by how much does y move when γ does, and when β does? All samples use the same two.",
)
def norm_gradients(case: Case, got: Any) -> None:
    """grad_gamma and grad_beta are right, summed over the batch"""
    _gradients(case, got, ("grad_gamma", "grad_beta"))


@BatchNorm.prop(
    points=0.75,
    cases=cases.backward,
    hint="Add one number to a whole column of x: y does not move. So to what do the entries of a column of dx add up? "
    "Now stretch the column instead.",
)
def norm_dx(case: Case, got: Any) -> None:
    """backward returns the gradient at the input"""
    with expect.clue(clues.gradient_columns, got[1], case.args[3]):
        _gradients(case, got, ("dx",))


@BatchNorm.prop(
    points=0.25,
    cases=cases.backward_quiet,
    hint="The same root as on the way forward, eps included, divides on the way back.",
)
def norm_dx_eps(case: Case, got: Any) -> None:
    """It is right as well where a column hardly varies"""
    with expect.clue(clues.ratios, got[1], case.truth.gradient.dx):
        _gradients(case, got, ("dx",))


@BatchNorm.prop(
    points=0.25,
    cases=cases.backward_eval,
    hint="In eval mode no statistic depends on x: every entry is a straight line, with one slope per column.",
)
def norm_eval_backward(case: Case, got: Any) -> None:
    """After a forward pass in eval mode, backward takes the statistics for constants"""
    _gradients(case, got, ("dx", "grad_gamma", "grad_beta"))


@BatchNorm.prop(points=0.25, cases=cases.memory, hint=STATE_HINT, of_outcome=True)
def norm_state(case: Case, outcome: Outcome) -> None:
    """backward belongs to the latest forward of its own layer; each layer keeps its own statistics"""
    judge_scenes(replace(outcome, value=outcome.value[:4]), NAMES[1:])
    for played in outcome.value[4:]:
        came, alone = two_lists(played)
        for name, have, want in zip(("running_mean", "running_var"), came, alone, strict=False):
            if not isinstance(want, np.ndarray):  # what is missing is another line's business
                continue
            try:
                expect.close(have, want, name)
            except Failure as failure:
                sentence = "Of two layers alive at once, each should keep running statistics of its own"
                raise Failure(f"{sentence}. {failure.message}", failure.clue) from None


BatchNorm.keeps_inputs(points=0.25, cases=cases.guarded)
