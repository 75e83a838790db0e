"""Loss, gradient, and the paths of gradient descent and exact line search (rows Q1, Q2, Q9, Q13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps2_quadratics import _clues as clues
from dlopt.checks.ps2_quadratics._cases import (
    Quadratic,
    bowls,
    example,
    generator,
    layouts,
    of_seed,
    others,
    small,
)

Array = NDArray[np.float64]

__all__ = ["exact_line_search", "gradient_descent", "quadratic"]

# --- quadratic


quadratic = Exercise("quadratic", ("A", "b", "w"))
LOSS_AND_GRADIENT = ("loss", "gradient")


@of_seed
def _points_on(seed: int) -> list[Case]:
    """Points on bowls and other surfaces; the truth is (loss, gradient, context of each)."""
    cases = []
    for number, problem in enumerate(bowls(seed) + others(seed)):
        u = generator(seed).normal(size=len(problem.spectrum)) + 1
        if seed == 1 and number == 0:
            u = problem.basis.T @ np.array([3.0, 1.0])
        w = problem.basis @ u
        label = example(problem, w=w) if len(w) == 2 else problem.label
        linear = -float(problem.beta @ u)
        halves = Context(terms={"the term with b": linear, "the term with A": problem.loss(u) - linear})
        slopes = Context(terms={"the term with b": -problem.b, "the term with A": problem.gradient(u) + problem.b})
        truth = (problem.loss(u), problem.gradient(u), halves, slopes)
        cases.append(Case((problem.A, problem.b, w), label, truth))
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def _points_on_guarded(seed: int) -> list[Case]:
    return _points_on(seed) + layouts(_points_on(seed)[1], "read-only")


@quadratic.prop(
    points=0.5, cases=_points_on, hint="The contract: the loss is a float, the gradient has the shape of w."
)
def loss_and_gradient_types(case: Case, got: Any) -> None:
    """Returns (loss, gradient): a float and an array of shape (M,)"""
    loss, gradient = expect.parts(got, LOSS_AND_GRADIENT)
    expect.scalar(loss, "The loss")
    expect.array(gradient, case.args[2].shape, "The gradient")


@quadratic.prop(points=1, cases=_points_on, hint="Try w = 0: the loss is 0 there. Then M = 1: ½·a·w² − b·w.")
def loss_value(case: Case, got: Any) -> None:
    """The loss is right"""
    expect.close(expect.pick(got, 0, LOSS_AND_GRADIENT), case.truth[0], "The loss", context=case.truth[2])


@quadratic.prop(points=1, cases=_points_on, hint="Differentiate for M = 1 first. What happens to the ½?")
def gradient_value(case: Case, got: Any) -> None:
    """The gradient is right"""
    expect.close(expect.pick(got, 1, LOSS_AND_GRADIENT), case.truth[1], "The gradient", context=case.truth[3])


quadratic.keeps_inputs(points=0.5, cases=_points_on_guarded)

# --- gradient_descent


gradient_descent = Exercise("gradient_descent", ("A", "b", "w0", "lr", "num_steps"))


@of_seed
def _descents(seed: int) -> list[Case]:
    """Monotone, oscillating and diverging descents on bowls, and some steps on other surfaces."""
    cases = []
    settings = [(0.9, 20), (1.9, 12), (1.0, 1), (2.1, 30)]
    for number, problem in enumerate(bowls(seed)):
        share, num_steps = settings[number % 4]
        cases.append(_descent(problem, share / float(problem.spectrum[-1]), num_steps, seed))
    return [
        *cases,
        *(_descent(problem, 0.1, 6, seed) for problem in others(seed)),
        *layouts(cases[0], "F", "strided"),
    ]


def _descent(problem: Quadratic, lr: float, num_steps: int, seed: int) -> Case:
    u = generator(seed).normal(size=len(problem.spectrum)) + 1
    w0 = problem.basis @ u
    label = f"lr = {lr:.4g}, num_steps = {num_steps}, "
    label += example(problem, w0=w0) if len(w0) == 2 else problem.label
    return Case((problem.A, problem.b, w0, lr, num_steps), label, problem.descent(u, lr, num_steps))


@of_seed
def _descents_guarded(seed: int) -> list[Case]:
    return _descents(seed) + layouts(_descents(seed)[1], "read-only")


def _first_rows(got: Any, expected: Array, terms: Mapping[str, Array] | None = None) -> None:
    """Ask for the first two rows of a path, however many rows there are; `terms` are summands of the first step."""
    try:
        path = np.asarray(got, dtype=np.float64)
    except (TypeError, ValueError):
        raise Failure(f"The result should hold numbers of shape {expected.shape}; it is {expect.kind(got)}.") from None
    if path.ndim == 1 and expected.shape[1] == 1:
        path = path[:, None]
    if path.ndim != 2 or path.shape[1] != expected.shape[1] or len(path) < 2:
        raise Failure(f"The result should have shape {expected.shape}; it has shape {path.shape}.")
    expect.close(path[0], expected[0], "Row 0, the start")
    first, right = path[1] - path[0], expected[1] - expected[0]
    with expect.clue(clues.step, first, right, "the step from row 0 to row 1", Context(terms=terms or {})):
        expect.close(path[1], expected[1], "Row 1, after one step")


@gradient_descent.prop(
    points=0.5, cases=_descents, hint="num_steps steps visit num_steps + 1 points: the start is one of them."
)
def path_shape(case: Case, got: Any) -> None:
    """Returns an array of shape (num_steps + 1, M)"""
    expect.array(got, case.truth.shape)


@gradient_descent.prop(
    points=0.5,
    cases=_descents,
    hint="Compute one step by hand, with pencil, for M = 1. Does row 1 say the same?",
)
def first_step(case: Case, got: Any) -> None:
    """Row 0 is the start, row 1 the first step"""
    _, b, _, lr, _ = case.args
    _first_rows(got, case.truth, {"the term with b": lr * b})


@gradient_descent.prop(
    points=1.5,
    cases=_descents,
    hint="Does every step use the gradient at the latest point, and is every row a point of its own?",
)
def path_value(case: Case, got: Any) -> None:
    """The whole path is right, also where it oscillates or diverges"""
    expect.close(got, case.truth, "The path", trajectory=True)


gradient_descent.keeps_inputs(points=0.5, cases=_descents_guarded)

# --- exact_line_search


exact_line_search = Exercise("exact_line_search", ("A", "b", "w0", "num_steps"))


@of_seed
def _searches(seed: int) -> list[Case]:
    cases = []
    for problem, num_steps in zip(bowls(seed), (8, 5, 1, 12) if seed == 1 else (5, 1, 12), strict=True):
        u = generator(5000 + seed).normal(size=len(problem.spectrum)) * 2 + 1
        w0 = problem.basis @ u
        label = f"num_steps = {num_steps}, " + (example(problem, w0=w0) if len(w0) == 2 else problem.label)
        cases.append(Case((problem.A, problem.b, w0, num_steps), label, problem.line_search(u, num_steps)))
    # Q9's example, ½(x² + by²) from (b, 1), zigzags longest
    b = 8.0 + seed
    zigzag = Quadratic(np.array([1.0, b]), np.eye(2), np.zeros(2))
    start = np.array([b, 1.0])
    cases.append(
        Case(
            (zigzag.A, zigzag.b, start, 6),
            f"A = {small(zigzag.A)}, b = 0, w0 = {small(start)}",
            zigzag.line_search(start, 6),
        )
    )
    return cases + layouts(cases[0], "F", "strided")


@of_seed
def _at_rest(seed: int) -> list[Case]:
    """Build starts at the minimum and a bowl whose minimum is met exactly: whole numbers, so the gradient is 0."""
    rng = generator(seed)
    target = rng.integers(-4, 5, size=3).astype(float)
    A = np.diag([1.0, 2.0, 4.0])
    start = np.array([3.0, -1.0, 2.0]) + target
    return [
        Case(
            (A, A @ target, target, 3),
            f"A = {small(A)}, start at the minimum {small(target)}",
            np.tile(target, (4, 1)),
        ),
        Case(
            (2 * np.eye(3), 2 * target, start, 4),
            "A = 2·I: the first step arrives",
            np.vstack([start, np.tile(target, (4, 1))]),
        ),
    ]


@of_seed
def _searches_guarded(seed: int) -> list[Case]:
    return _searches(seed) + layouts(_searches(seed)[0], "read-only")


@exact_line_search.prop(
    points=0.5, cases=_searches, hint="num_steps steps visit num_steps + 1 points: the start is one of them."
)
def search_shape(case: Case, got: Any) -> None:
    """Returns an array of shape (num_steps + 1, M)"""
    expect.array(got, case.truth.shape)


@exact_line_search.prop(
    points=0.5,
    cases=_searches,
    hint="Where along −g is the loss lowest? There the new gradient is orthogonal to the old one.",
)
def search_first_step(case: Case, got: Any) -> None:
    """Row 0 is the start, row 1 the lowest point along the first gradient"""
    _first_rows(got, case.truth)


@exact_line_search.prop(
    points=1,
    cases=_searches,
    hint="Gradient and step length both belong to the latest point: compute them anew every step.",
)
def search_path(case: Case, got: Any) -> None:
    """The whole path is right"""
    expect.close(got, case.truth, "The path", trajectory=True)


@exact_line_search.prop(
    points=0.5,
    cases=_at_rest,
    hint="With gradient 0 the step length is 0/0: decide what to do before dividing.",
)
def search_stays(case: Case, got: Any) -> None:
    """Stays put once the gradient is zero"""
    expect.close(got, case.truth, "The path", trajectory=True)


exact_line_search.keeps_inputs(points=0.5, cases=_searches_guarded)
