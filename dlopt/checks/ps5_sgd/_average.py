"""The exponential moving average of parameters (row G4), and who holds which array."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.beside import snapshot
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.lists import arrays_typed, one_array
from dlopt.checks.ps5_sgd._cases import generator
from dlopt.checks.ps5_sgd._played import average, average_manners, average_two
from dlopt.checks.scenes import layouts, of_seed
from dlopt.checks.trial import Outcome

__all__ = ["EMA"]

Array = NDArray[np.float64]
Step = list[Array]

EMA = Exercise("EMA", ("gamma",), kind="class")


# --- what is played


def _per_step(args: tuple[Any, ...], found: Any) -> Any:
    """Ask for something after every step."""
    expect.collected(found, len(args[1]))
    return found


def _both_per_step(args: tuple[Any, ...], found: list[Any]) -> list[Any]:
    """Ask for something after every step in both of two runs."""
    return [_per_step(args, one) for one in found]


def direct(candidate: Any, gamma: float, steps: list[Step]) -> list[Any]:
    """Call update on the very arrays of the case."""
    ema = candidate(gamma)
    return [snapshot(ema.update(params)) for params in steps]


# --- cases: the averages are drawn first, and the parameters put together so that they must come out


def _steps(rng: np.random.Generator, gamma: float, shapes: tuple[tuple[int, ...], ...], count: int) -> tuple[Any, Any]:
    averages = [[np.asarray(rng.normal(size=s) + 1) for s in shapes] for _ in range(count)]
    steps = [averages[0]]
    for old, new in pairwise(averages):
        pairs = zip(old, new, strict=True)
        steps.append([np.asarray((n - gamma * o) / (1 - gamma)) for o, n in pairs])
    return steps, averages


SETTINGS: tuple[tuple[float, tuple[tuple[int, ...], ...], int], ...] = (
    (0.9, ((3,),), 5),
    (0.5, ((2, 3), (2,)), 4),
    (0.99, ((4,), (1, 4), (1,)), 3),
    (0.0, ((2,),), 3),
    (0.75, ((), (2, 2, 2)), 4),
)


def _label(gamma: float, shapes: tuple[tuple[int, ...], ...]) -> str:
    return f"gamma = {gamma:g}, arrays of shapes {', '.join(map(str, shapes))}"


@of_seed
def _many(seed: int) -> list[Case]:
    rng = generator(seed, 70)
    cases = []
    for gamma, shapes, count in SETTINGS:
        steps, averages = _steps(rng, gamma, shapes, count)
        cases.append(
            Case((gamma, steps, "plain"), _label(gamma, shapes), averages, scenario=average, reading=_per_step)
        )
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def _first(seed: int) -> list[Case]:
    return [replace(c, args=(c.args[0], c.args[1][:1], "plain"), truth=c.truth[:1]) for c in _many(seed)]


def _behaving(seed: int, manner: str) -> list[Case]:
    return [
        replace(c, args=(*c.args[:2], manner), scenario=average_manners, reading=_both_per_step)
        for c in _many(seed)[:3]
    ]


@of_seed
def _training(seed: int) -> list[Case]:
    return _behaving(seed, "train")


@of_seed
def _spoiling(seed: int) -> list[Case]:
    return _behaving(seed, "spoil") + _behaving(seed, "keep")


@of_seed
def _two(seed: int) -> list[Case]:
    rng = generator(seed, 71)
    cases = []
    for gamma, shapes, count in SETTINGS[:2]:
        steps, others = (_steps(rng, gamma, shapes, count)[0] for _ in range(2))
        cases.append(Case((gamma, steps, others), _label(gamma, shapes), scenario=average_two, reading=_both_per_step))
    return cases


@of_seed
def _guarded(seed: int) -> list[Case]:
    case = _many(seed)[1]
    case = replace(case, args=case.args[:2], scenario=direct)
    return [case, *layouts(case, "read-only")]


# --- properties


@EMA.prop(points=0.25, cases=_many, hint="As many arrays as came in, in the same order and shapes.")
def ema_type(case: Case, got: Any) -> None:
    """update returns a list of float64 arrays like params"""
    for step, (returned, params) in enumerate(zip(got, case.args[1], strict=True)):
        arrays_typed(returned, params, f"What update {step + 1} returns")


@EMA.prop(points=0.5, cases=_first, hint="There is nothing to average yet: what does a mean of one value say?")
def ema_first(case: Case, got: Any) -> None:
    """The first update returns the parameters as they are"""
    _judge(case, got, 0)


def _judge(case: Case, got: Any, step: int) -> None:
    for index, right in enumerate(case.truth[step]):
        value = one_array(got[step], index, len(case.truth[step]))
        with expect.clue(_clue, case, value, step, index):
            expect.close(value, right, f"Entry {index} after update {step + 1}")


def _clue(case: Case, value: Any, step: int, index: int) -> str:
    """Say which share of the way from the last average to the new parameters was gone, if it is one share."""
    if step == 0 or not isinstance(value, np.ndarray) or value.shape != case.truth[step][index].shape:
        return ""
    before, target = case.truth[step - 1][index], case.args[1][step][index]
    gone = np.ravel((value - before) / (target - before))
    if np.allclose(gone, gone[0], rtol=1e-6, atol=1e-9):
        way = f"It has gone {gone[0]:.3g} of the way from the old average to the new parameters"
        return f"{way}; gamma is {case.args[0]:g}."
    return "It does not lie between the old average and the new parameters."


@EMA.prop(points=1, cases=_many, hint="With gamma = 0.9, how much of the old average is left, and how much comes new?")
def ema_values(case: Case, got: Any) -> None:
    """The averages of all later updates are right"""
    for step in range(1, len(case.truth)):
        _judge(case, got, step)


def _same(got: Any, sentence: str) -> None:
    """Ask for the same, right or wrong, as when nobody interferes."""
    for step, (came, alone) in enumerate(zip(*got, strict=True)):
        if not isinstance(alone, list | tuple) or not alone:
            raise Failure(f"update should return a list of arrays; it is {expect.kind(alone)}.")
        for index, want in enumerate(alone):
            try:
                expect.close(one_array(came, index, len(alone)), np.asarray(want, dtype=float), f"entry {index}")
            except Failure as failure:
                raise Failure(f"{sentence}: {failure.message} (update {step + 1})", failure.clue) from None


@EMA.prop(
    points=0.25,
    cases=_training,
    hint="A training may write the next parameters into the very arrays it showed you. What do you remember then?",
    of_outcome=True,
)
def ema_copies_in(case: Case, outcome: Outcome) -> None:
    """It remembers values, not arrays: what becomes of params afterwards does not matter"""
    _same(outcome.value, "When params are written to between updates, the average should be what it is otherwise")


@EMA.prop(
    points=0.5,
    cases=_spoiling,
    hint="What you hand out belongs to the caller. Can they reach your own arrays through it, or see them change?",
    of_outcome=True,
)
def ema_copies_out(case: Case, outcome: Outcome) -> None:
    """What it returns are copies: writing into them does no harm, and later updates leave them alone"""
    sentence = "Once somebody writes into what was returned, the next average should be what it is otherwise"
    if case.args[2] == "keep":
        sentence = "What an update has returned should stay as it was, whatever becomes of params and of the average"
    _same(outcome.value, sentence)


@EMA.prop(
    points=0.25,
    cases=_two,
    hint="What stands in the class body is shared by all objects; self.… is not.",
    of_outcome=True,
)
def ema_apart(case: Case, outcome: Outcome) -> None:
    """Two averages alive at once do not know of each other"""
    _same(outcome.value, "Beside another average, this one should say what it says alone")


EMA.keeps_inputs(points=0.25, cases=_guarded)
