"""Momentum, and Nesterov's look ahead (rows A1, A2): a velocity is a sum of all gradients, faded by their age."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps7_optimizers._cases import LONG, SHAPES, Known, along, case, fading, generator, gradients
from dlopt.checks.ps7_optimizers._clues import same_walk, stack
from dlopt.checks.ps7_optimizers._inside import looking, staring
from dlopt.checks.ps7_optimizers._manners import hang_manners, hang_type, same_as_alone
from dlopt.checks.scenes import of_seed, small
from dlopt.checks.trial import Outcome

__all__ = ["Momentum", "Nesterov"]

Array = NDArray[np.float64]
Rng = np.random.Generator
SETTINGS: tuple[tuple[float, float], ...] = ((0.2, 0.9), (0.01, 0.6), (0.5, 0.99), (1, 0))  #: lr, alpha

Momentum = Exercise("Momentum", ("lr", "alpha"), kind="class")
Nesterov = Exercise("Nesterov", ("lr", "alpha"), kind="class")


# --- cases


def _walked(start: Array, grads: Array, lr: float, alpha: float, note: str = "") -> Case:
    steps = along(-lr * fading(alpha, len(grads)), grads)

    def context(k: int) -> Context:
        factors = {"1/(1 − alpha)": 1 / (1 - alpha), "1 + alpha": 1 + alpha, "lr": lr}
        terms = {"the new gradient": -lr * grads[k], "the old velocity": alpha * steps[k - 1] if k else 0 * steps[0]}
        return Context(factors, terms)

    return case((lr, alpha), start, grads, steps, note=note, context=context)


def _make(rng: Rng, shape: tuple[int, ...], steps: int) -> Case:
    return _walked(np.asarray(rng.normal(size=shape)), gradients(rng, steps, shape), 0.1, 0.8)


def _by_hand() -> Case:
    start, grads = np.array([1.0, 2.0]), np.array([[0.5, -1.0], [0.5, 1.0], [0.5, 1.0]])
    return _walked(start, grads, 0.1, 0.9, f", theta = {small(start)}, gradients {small(grads)}")


@of_seed
def _walks(seed: int) -> list[Case]:
    rng = generator(seed, 10)
    cases = [_by_hand()] if seed == 1 else []
    for (lr, alpha), shape in zip(SETTINGS, SHAPES, strict=True):
        cases.append(_walked(np.asarray(rng.normal(size=shape)), gradients(rng, LONG, shape), lr, alpha))
    steady = np.broadcast_to(rng.normal(size=3) + 1, (LONG, 3)).copy()
    swinging = steady * (-1.0) ** np.arange(LONG)[:, None]
    for grads, what in ((steady, "the same gradient every time"), (swinging, "gradients that change sign every time")):
        cases.append(_walked(np.zeros(3), grads, 0.1, 0.9, f", {what}"))
    return cases


@of_seed
def _starts(seed: int) -> list[Case]:
    rng = generator(seed, 11)
    cases = []
    for lr, alpha in SETTINGS:
        start, grads = np.asarray(rng.normal(size=3)), np.asarray(rng.normal(size=(1, 3)))
        cases.append(_walked(start, grads, lr, alpha, f", theta = {small(start)}, grad = {small(grads[0])}"))
    return cases


# --- properties of both


def _hang_start(exercise: Exercise, prefix: str) -> None:
    def start(case: Case, got: Any) -> None:
        """The first update is a plain gradient step"""
        same_walk(case, got)

    start.__name__ = f"{prefix}_start"
    hint = "Before the first gradient there is no velocity. What is left of the two lines then?"
    exercise.prop(points=0.25, cases=_starts, hint=hint)(start)


def _hang_walk(exercise: Exercise, prefix: str, points: float) -> None:
    def walks(case: Case, got: Any) -> None:
        """Two hundred updates are right, for any lr and alpha"""
        same_walk(case, got)

    walks.__name__ = f"{prefix}_walk"
    hint = (
        "How much of the old velocity survives an update, and how much comes new? The same velocity then moves theta."
    )
    exercise.prop(points=points, cases=_walks, hint=hint)(walks)


hang_type(Momentum, "momentum", _walks)
_hang_start(Momentum, "momentum")
_hang_walk(Momentum, "momentum", 1.5)
hang_manners(Momentum, "momentum", _make, 12)


# --- the look ahead


@of_seed
def _looks(seed: int) -> list[Case]:
    """The truth are the points looked at: theta, and alpha times the step before, ahead."""
    cases = []
    for walked in _walks(seed):
        alpha = walked.args[0][1]
        before = np.concatenate([walked.args[2][np.newaxis], walked.truth.path[:-1]])
        coming = alpha * np.concatenate([np.zeros_like(before[:1]), walked.truth.steps[:-1]])
        ahead = before + coming
        known = Known(np.diff(ahead, axis=0, prepend=walked.args[2][np.newaxis]), ahead)
        cases.append(replace(walked, args=(*walked.args, before), truth=known, scenario=looking))
    return cases


@of_seed
def _stares(seed: int) -> list[Case]:
    rng = generator(seed, 13)
    return [replace(_make(rng, shape, 12), scenario=staring) for shape in ((3,), (), (2, 3))]


hang_type(Nesterov, "nesterov", _walks)
_hang_start(Nesterov, "nesterov")
_hang_walk(Nesterov, "nesterov", 0.75)


@Nesterov.prop(
    points=1,
    cases=_looks,
    hint="Where would theta be after the next update, if the coming gradient were 0? A fresh object has no velocity.",
)
def nesterov_lookahead(case: Case, got: Any) -> None:
    """lookahead returns the point where the gradient is to be taken"""
    right: Array = case.truth.path
    came = stack(got, right.shape[1:], len(right), "What lookahead returns before update")
    with expect.known(_ahead_clue, case, came):
        same_walk(case, got, "What lookahead returns before update")


def _ahead_clue(case: Case, came: Array) -> str:
    """Say how far a look reaches, in units of the velocity."""
    lr, alpha = case.args[0]
    steps = along(-lr * fading(alpha, len(came)), case.args[3])
    theta = case.args[4]
    reach, velocity = (came - theta)[1:], steps[:-1]
    moving = np.abs(velocity) > 1e-6 * np.max(np.abs(velocity))
    ratios = reach[moving] / velocity[moving]
    if np.any(np.abs(came[0] - theta[0]) > 1e-9) or not ratios.size:
        return "Before the first update it should return theta as it is, in a new array."
    if np.allclose(ratios, ratios[0], rtol=1e-5, atol=1e-9):
        return f"It looks {ratios[0]:.3g} times the velocity ahead; alpha is {alpha:g}."
    return "It does not look along the velocity."


@Nesterov.prop(
    points=0.25,
    cases=_stares,
    hint="lookahead answers a question; only update may change what is remembered.",
    of_outcome=True,
)
def nesterov_looking(case: Case, outcome: Outcome) -> None:
    """Looking ahead changes nothing, however often it is done"""
    same_as_alone(case, outcome.value, "After three looks, update should do what it does without")


hang_manners(Nesterov, "nesterov", _make, 14)
