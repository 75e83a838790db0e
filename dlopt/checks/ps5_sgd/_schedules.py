"""Schedules of the step size (rows Q12, G3, G8).

Each case starts from the answer: a step size to come out, and settings put together so that it must. Torch's
schedulers agree (the tests compare).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps5_sgd._cases import generator
from dlopt.checks.scenes import of_seed

__all__ = ["Known", "arguments", "exponential_decay", "inverse_decay", "judge", "linear_decay", "step_decay", "typed"]


@dataclass(frozen=True)
class Known:
    """The step size to come out, and what else it may be held against."""

    lr: float
    factors: dict[str, float]


def judge(case: Case, got: Any) -> None:
    """Ask for the step size."""
    known: Known = case.truth
    with expect.clue(_clue, got, known.lr, case.args[0]):
        expect.close(got, known.lr, "The step size", context=Context(factors=known.factors))


def _clue(got: Any, right: float, start: float) -> str:
    """Say what is left of the step size that came in, and what should be."""
    try:
        have = float(expect.numbers(got, ()))
    except Failure:
        return ""
    if have <= 0:
        return "A step size of 0 moves nothing, one below 0 climbs."
    if have > start >= right:
        return f"It is {have / start:.4g} times the one that came in: it has grown."
    due = "that very one" if right == start else f"{right / start:.4g} times that"
    return f"It is {have / start:.4g} times the one that came in; it should be {due}."


def typed(exercise: Exercise, cases: Any) -> None:
    """Hang on the property that a number comes out."""

    def decay_type(case: Case, got: Any) -> None:
        """Returns a float"""
        expect.scalar(got)

    exercise.prop(points=0.25, cases=cases, hint="One number: the step size of this update.")(decay_type)


def arguments(names: tuple[str, ...], values: tuple[float, ...]) -> str:
    """Write the arguments of a case, for its label."""
    return ", ".join(f"{name} = {value:.6g}" for name, value in zip(names, values, strict=True))


# --- lr0/(k+1)

inverse_decay = Exercise("inverse_decay", ("lr0", "k"))


def _inverse(lr: float, k: int) -> Case:
    args = (lr * (k + 1), k)
    return Case(args, arguments(inverse_decay.parameters, args), Known(lr, {"k + 1": k + 1.0, "k": float(k)}))


@of_seed
def _inverse_start(seed: int) -> list[Case]:
    rng = generator(seed, 10)
    return [_inverse(lr, 0) for lr in (0.3, float(rng.uniform(0.01, 2)), 40.0)]


@of_seed
def _inverse_later(seed: int) -> list[Case]:
    rng = generator(seed, 11)
    fixed = [(0.1, 1), (0.05, 2)] if seed == 1 else []
    return [_inverse(*c) for c in [*fixed, *((float(rng.uniform(0.01, 2)), k) for k in (1, 3, 7, 40, 999))]]


typed(inverse_decay, _inverse_later)


@inverse_decay.prop(points=0.25, cases=_inverse_start, hint="Updates are counted from 0. What is the first step size?")
def inverse_start(case: Case, got: Any) -> None:
    """The first update, k = 0, has step size lr0"""
    judge(case, got)


@inverse_decay.prop(points=0.5, cases=_inverse_later, hint="Write down the step sizes at k = 0, 1, 2, 3 for lr0 = 12.")
def inverse_values(case: Case, got: Any) -> None:
    """The later ones are right"""
    judge(case, got)


# --- lr0·e^(−βk)

exponential_decay = Exercise("exponential_decay", ("lr0", "beta", "k"))


def _exponential(lr: float, half_life: float, k: int) -> Case:
    """Make the case whose step size halves in ``half_life`` updates."""
    args = (lr * 2.0 ** (k / half_life), math.log(2) / half_life, k)
    return Case(args, arguments(exponential_decay.parameters, args), Known(lr, {}))


@of_seed
def _exponential_start(seed: int) -> list[Case]:
    rng = generator(seed, 20)
    return [_exponential(lr, h, 0) for lr, h in ((0.3, 5), (float(rng.uniform(0.01, 2)), 0.7), (40.0, 100))]


@of_seed
def _exponential_later(seed: int) -> list[Case]:
    rng = generator(seed, 21)
    settings = [(5.0, 5), (0.5, 3), (40.0, 100), (3.0, 1), (float(rng.uniform(1, 9)), 17)]
    return [_exponential(float(rng.uniform(0.01, 2)), *c) for c in settings]


typed(exponential_decay, _exponential_later)


@exponential_decay.prop(
    points=0.25, cases=_exponential_start, hint="Updates are counted from 0. What is the first step size?"
)
def exponential_start(case: Case, got: Any) -> None:
    """The first update, k = 0, has step size lr0"""
    judge(case, got)


@exponential_decay.prop(
    points=0.5,
    cases=_exponential_later,
    hint="From one update to the next it shrinks by one and the same factor: which?",
)
def exponential_values(case: Case, got: Any) -> None:
    """The later ones are right"""
    judge(case, got)


# --- (1−a)·lr0 + a·lr_tau, a = min(k/τ, 1)

linear_decay = Exercise("linear_decay", ("lr0", "lr_tau", "tau", "k"))


def _linear(lr: float, drop: float, tau: int, k: int) -> Case:
    """Make the case in which the straight line has come to ``lr``; it falls by ``drop`` over τ updates."""
    gone = k / tau
    args = (lr + gone * drop, lr - (1 - gone) * drop, tau, k)
    return Case(args, arguments(linear_decay.parameters, args), Known(lr, {}))


def _past(lr: float, drop: float, tau: int, k: int) -> Case:
    args = (lr + drop, lr, tau, k)
    return Case(args, arguments(linear_decay.parameters, args), Known(lr, {}))


@of_seed
def _linear_between(seed: int) -> list[Case]:
    rng = generator(seed, 30)
    fixed = [_linear(0.5, 0.8, 4, 2)] if seed == 1 else []
    settings = ((10, 0), (10, 3), (7, 5), (100, 99), (3, 1))
    drawn = [(float(rng.uniform(0.5, 2)), float(rng.uniform(0.1, 0.5)), *c) for c in settings]
    return [*fixed, *(_linear(*c) for c in drawn)]


@of_seed
def _linear_end(seed: int) -> list[Case]:
    rng = generator(seed, 31)
    return [_past(float(rng.uniform(0.01, 1)), float(rng.uniform(0.1, 2)), tau, tau) for tau in (1, 10, 37)]


@of_seed
def _linear_after(seed: int) -> list[Case]:
    rng = generator(seed, 32)
    settings = ((10, 11), (7, 30), (3, 1000), (1, 2))
    return [_past(float(rng.uniform(0.01, 1)), float(rng.uniform(0.1, 2)), *c) for c in settings]


typed(linear_decay, _linear_between)


@linear_decay.prop(
    points=0.5,
    cases=_linear_between,
    hint="A straight line from lr0 at k = 0 to lr_tau at k = τ: where is it half-way?",
)
def linear_between(case: Case, got: Any) -> None:
    """Between k = 0 and τ the step size lies on a straight line from lr0"""
    judge(case, got)


@linear_decay.prop(points=0.25, cases=_linear_end, hint="At k = τ nothing of lr0 is left.")
def linear_end(case: Case, got: Any) -> None:
    """At k = τ it has come to lr_tau"""
    judge(case, got)


@linear_decay.prop(points=0.5, cases=_linear_after, hint="Follow your line beyond τ: where does it go for k = 2τ?")
def linear_after(case: Case, got: Any) -> None:
    """After τ it stays at lr_tau"""
    judge(case, got)


# --- lr0·factor^⌊k/every⌋

step_decay = Exercise("step_decay", ("lr0", "factor", "every", "k"))


def _step(lr: float, factor: float, every: int, drops: int, since: int) -> Case:
    """Make the case in which ``drops`` drops, the last one ``since`` updates ago, have led to ``lr``."""
    args = (lr / factor**drops, factor, every, drops * every + since)
    return Case(args, arguments(step_decay.parameters, args), Known(lr, {"factor": factor}))


@of_seed
def _step_first(seed: int) -> list[Case]:
    rng = generator(seed, 40)
    settings = ((0.5, 10, 0, 0), (0.1, 10, 0, 9), (0.7, 3, 0, 1), (0.9, 25, 0, 24))
    return [_step(float(rng.uniform(0.01, 2)), *c) for c in settings]


@of_seed
def _step_drop(seed: int) -> list[Case]:
    rng = generator(seed, 41)
    settings = ((0.5, 10, 1, 0), (0.3, 4, 1, 0), (0.9, 25, 2, 0), (0.8, 2, 3, 0))
    return [_step(float(rng.uniform(0.1, 2)), *c) for c in settings]


@of_seed
def _step_later(seed: int) -> list[Case]:
    rng = generator(seed, 42)
    settings = ((0.5, 10, 1, 4), (0.5, 10, 3, 9), (0.7, 3, 2, 1), (0.3, 4, 2, 3), (0.9, 1, 6, 0), (0.8, 5, 9, 2))
    return [_step(float(rng.uniform(0.1, 2)), *c) for c in settings]


typed(step_decay, _step_later)


@step_decay.prop(points=0.25, cases=_step_first, hint="How many drops have there been before update number `every`?")
def step_first(case: Case, got: Any) -> None:
    """The first `every` updates, k = 0 … every − 1, have step size lr0"""
    judge(case, got)


@step_decay.prop(points=0.5, cases=_step_drop, hint="Write down the step sizes of updates 0 to 6 for every = 3.")
def step_drop(case: Case, got: Any) -> None:
    """At k = every, 2·every, … it drops by the factor"""
    judge(case, got)


@step_decay.prop(
    points=0.5, cases=_step_later, hint="Between two drops nothing changes; every drop multiplies what is left."
)
def step_later(case: Case, got: Any) -> None:
    """In between it stays, and drops pile up"""
    judge(case, got)
