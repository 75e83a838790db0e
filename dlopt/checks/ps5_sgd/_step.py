"""One step on a list of parameters (row G1): the arrays of a network, each moved by its own gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.lists import arrays_typed, one_array
from dlopt.checks.ps5_sgd._cases import generator
from dlopt.checks.scenes import layouts, of_seed, small

__all__ = ["sgd_step"]

Array = NDArray[np.float64]
SHAPES = (((3,),), ((2, 3), (2,)), ((4, 1), (4,), (1, 4), (1,)), ((2, 2, 3), (5,)), ((), (2,)), ((1,),))

sgd_step = Exercise("sgd_step", ("params", "grads", "lr"))


# --- cases: where the step leads is drawn first, and the start lies lr·g before it


def _case(targets: list[Array], grads: list[Array], lr: float, label: str) -> Case:
    params = [np.asarray(t + lr * g) for t, g in zip(targets, grads, strict=True)]
    return Case((params, grads, lr), label, targets)


def _by_hand() -> Case:
    targets, grads = [np.array([1.0, 2.0]), np.array([[3.0]])], [np.array([2.0, -4.0]), np.array([[1.0]])]
    case = _case(targets, grads, 0.5, "")
    label = f"params = [{', '.join(map(small, case.args[0]))}], grads = [{', '.join(map(small, grads))}], lr = 0.5"
    return _case(targets, grads, 0.5, label)


@of_seed
def _steps(seed: int) -> list[Case]:
    rng = generator(seed, 60)
    cases = [_by_hand()] if seed == 1 else []
    for shapes in SHAPES:
        lr = float(rng.choice([0.01, 0.3, 2.0]))
        targets, grads = ([np.asarray(rng.normal(size=s) + 0.5) for s in shapes] for _ in range(2))
        cases.append(_case(targets, grads, lr, f"lr = {lr:g}, arrays of shapes {', '.join(map(str, shapes))}"))
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def _one(seed: int) -> list[Case]:
    return [c for c in _steps(seed) if len(c.args[0]) == 1]


@of_seed
def _several(seed: int) -> list[Case]:
    return [c for c in _steps(seed) if len(c.args[0]) > 1]


@of_seed
def _guarded(seed: int) -> list[Case]:
    (case,) = [c for c in _steps(seed) if len(c.args[0]) == 4]
    return [case, *layouts(case, "read-only")]


def _judge(case: Case, got: Any) -> None:
    params, grads, lr = case.args
    for index, (right, p, g) in enumerate(zip(case.truth, params, grads, strict=True)):
        context = Context(factors={"lr": lr}, terms={"params": p, "lr · grads": -lr * g})
        value = one_array(got, index, len(params))
        expect.close(value, right, f"Entry {index} of the result", context=context)


@sgd_step.prop(points=0.25, cases=_steps, hint="As many arrays as came in, in the same order and shapes.")
def step_type(case: Case, got: Any) -> None:
    """Returns a list of float64 arrays like params"""
    arrays_typed(got, case.args[0], "The result")


@sgd_step.prop(points=0.75, cases=_one, hint="The gradient points uphill; lr says how far to go the other way.")
def step_one(case: Case, got: Any) -> None:
    """A single array moves by lr against its gradient"""
    _judge(case, got)


@sgd_step.prop(
    points=0.5, cases=_several, hint="Each array has a gradient of its own: walk through both lists at once."
)
def step_several(case: Case, got: Any) -> None:
    """Of several arrays each moves by its own gradient"""
    _judge(case, got)


sgd_step.keeps_inputs(points=0.5, cases=_guarded)
