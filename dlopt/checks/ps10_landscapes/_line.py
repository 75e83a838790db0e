"""The straight line between two networks (rows N1, N8): a point on it is drawn, and the ends put around it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.lists import arrays_typed, one_array
from dlopt.checks.ps10_landscapes._cases import generator, gives_new_arrays, whose_memory
from dlopt.checks.scenes import layouts, of_seed, small

__all__ = ["interpolate"]

Array = NDArray[np.float64]
Shapes = tuple[tuple[int, ...], ...]

SHAPES: tuple[Shapes, ...] = (((3,),), ((4, 2), (4,), (1, 4)), ((2, 2, 3), (5,)), ((), (2,)), ((3, 3), (3, 3)))

interpolate = Exercise("interpolate", ("params_a", "params_b", "t"))


# --- cases: the point lies t of the way from a to b


def _case(point: list[Array], way: list[Array], t: float, label: str) -> Case:
    """Make the case in which the point is reached after t of the way."""
    a = [np.asarray(p - t * w) for p, w in zip(point, way, strict=True)]
    b = [np.asarray(p + (1 - t) * w) for p, w in zip(point, way, strict=True)]
    return Case((a, b, t), label, point)


def _by_hand() -> Case:
    case = _case([np.array([2.0, 1.0]), np.array([[5.0]])], [np.array([4.0, -8.0]), np.array([[12.0]])], 0.25, "")
    a, b = (f"[{', '.join(map(small, params))}]" for params in case.args[:2])
    return replace(case, label=f"params_a = {a}, params_b = {b}, t = 0.25")


def _line(rng: np.random.Generator, shapes: Shapes, t: float) -> Case:
    point, way = ([np.asarray(rng.normal(size=s) + 0.5) for s in shapes] for _ in range(2))
    return _case(point, way, t, f"t = {t:.4g}, arrays of shapes {', '.join(map(str, shapes))}")


@of_seed
def _between(seed: int) -> list[Case]:
    rng = generator(seed, 30)
    cases = [_by_hand()] if seed == 1 else []
    cases += [_line(rng, shapes, float(rng.uniform(0.05, 0.45))) for shapes in SHAPES]
    cases += [_line(rng, SHAPES[1], float(rng.uniform(0.55, 0.95)))]
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def _ends(seed: int) -> list[Case]:
    rng = generator(seed, 31)
    cases = [_line(rng, SHAPES[k], t) for k, t in ((1, 0.0), (1, 1.0), (3, 0.0), (3, 1.0))]
    whole = [replace(case, args=(*case.args[:2], int(case.args[2]))) for case in cases[:2]]  # 0 and 1 are numbers too
    return cases + whole


@of_seed
def _beyond(seed: int) -> list[Case]:
    rng = generator(seed, 32)
    return [_line(rng, SHAPES[1], float(rng.uniform(1.2, 2))), _line(rng, SHAPES[0], -float(rng.uniform(0.3, 1.5)))]


@of_seed
def _guarded(seed: int) -> list[Case]:
    case = _between(seed)[2]
    return [case, *layouts(case, "read-only")]


def _look(candidate: Any, params_a: list[Array], params_b: list[Array], t: float) -> list[Any]:
    return whose_memory(candidate, params_a, params_b, t)


# --- properties


@interpolate.prop(points=0.25, cases=_between, hint="As many arrays as came in, in the same order and shapes.")
def line_type(case: Case, got: Any) -> None:
    """Returns a list of float64 arrays like params_a"""
    arrays_typed(got, case.args[0], "The result")


def _judge(case: Case, got: Any) -> None:
    a, b, t = case.args
    for index, right in enumerate(case.truth):
        value = one_array(got, index, len(case.truth))
        with expect.known(_clue, value, a[index], b[index], t):
            expect.close(value, right, f"Entry {index} of the result")


def _clue(value: Any, a: Array, b: Array, t: float) -> str:
    """Say how far along the line a point lies, if it lies there at all."""
    try:
        have = expect.numbers(value, a.shape)
    except Failure:
        return ""
    gone = np.ravel((have - a) / (b - a))
    if np.allclose(gone, gone[0], rtol=1e-6, atol=1e-9):
        return f"It has gone {gone[0]:.4g} of the way from params_a to params_b; t is {t:.4g}."
    return "It does not lie on the straight line through the two."


@interpolate.prop(points=0.5, cases=_ends, hint="Where are you before the first step, and where after the last?")
def line_ends(case: Case, got: Any) -> None:
    """At t = 0 it is at params_a, at t = 1 at params_b"""
    _judge(case, got)


@interpolate.prop(points=0.5, cases=_between, hint="At t = ¼ three quarters of the one are left. Of which one?")
def line_between(case: Case, got: Any) -> None:
    """In between, every array has gone t of its way"""
    _judge(case, got)


@interpolate.prop(points=0.25, cases=_beyond, hint="The line does not end at the two networks, and neither does t.")
def line_beyond(case: Case, got: Any) -> None:
    """For t below 0 and above 1 it goes on straight"""
    _judge(case, got)


gives_new_arrays(interpolate, points=0.25, cases=_ends, look=_look)
interpolate.keeps_inputs(points=0.25, cases=_guarded)
