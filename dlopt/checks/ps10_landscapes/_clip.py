"""Clipping the length of a gradient (row N11): the clipped gradient is drawn, and stretched to what it came from."""

from __future__ import annotations

import math
from dataclasses import dataclass
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

__all__ = ["clip_by_norm"]

Array = NDArray[np.float64]
Shapes = tuple[tuple[int, ...], ...]

ONE: tuple[Shapes, ...] = (((3,),), ((2, 4),), ((1,),), ((),), ((2, 2, 2),))
SEVERAL: tuple[Shapes, ...] = (((3, 2), (3,), (2, 3), (2,)), ((2,), (2,)), ((), (4,)), ((2, 2, 3), (5,), (1,)))

clip_by_norm = Exercise("clip_by_norm", ("grads", "max_norm"))


@dataclass(frozen=True)
class Known:
    """What must come out, and by what it has to be multiplied."""

    grads: list[Array]
    factor: float


def _length(arrays: list[Array]) -> float:
    """Return the distance from the origin, as Pythagoras has it in so many dimensions."""
    return math.hypot(*(float(entry) for array in arrays for entry in np.ravel(array)))


# --- cases


def _arrays(rng: np.random.Generator, shapes: Shapes) -> list[Array]:
    """Draw arrays of quite different sizes."""
    return [np.asarray(10.0**-k * (rng.normal(size=s) + 0.5)) for k, s in enumerate(shapes)]


def _label(shapes: Shapes, length: float, max_norm: float) -> str:
    return f"arrays of shapes {', '.join(map(str, shapes))}, norm {length:.4g}, max_norm = {max_norm:.4g}"


def _long(target: list[Array], stretch: float, shapes: Shapes) -> Case:
    """Make the case in which a gradient ``stretch`` times too long has to be cut down to the target."""
    grads = [np.asarray(stretch * g) for g in target]
    max_norm = _length(target)
    return Case((grads, max_norm), _label(shapes, stretch * max_norm, max_norm), Known(target, 1 / stretch))


def _short(grads: list[Array], room: float, shapes: Shapes) -> Case:
    """Make the case in which max_norm is ``room`` times the length: nothing has to change."""
    length = _length(grads)
    return Case((grads, room * length), _label(shapes, length, room * length), Known(grads, 1.0))


@of_seed
def _long_one(seed: int) -> list[Case]:
    rng = generator(seed, 40)
    cases = [_long(_arrays(rng, shapes), float(rng.uniform(1.5, 20)), shapes) for shapes in ONE]
    if seed == 1:
        target = [np.array([3.0, -4.0])]
        first = f"grads = [{small(2 * target[0])}], max_norm = 5"
        cases.insert(0, Case(([2 * target[0]], 5.0), first, Known(target, 0.5)))
    return cases


@of_seed
def _long_several(seed: int) -> list[Case]:
    rng = generator(seed, 41)
    cases = [_long(_arrays(rng, shapes), float(rng.uniform(1.2, 8)), shapes) for shapes in SEVERAL]
    if seed == 1:
        target = [np.array([1.0, -2.0]), np.array([[2.0]])]
        first = f"grads = [{', '.join(small(3 * t) for t in target)}], max_norm = 3"
        cases.insert(0, Case(([3 * t for t in target], 3.0), first, Known(target, 1 / 3)))
    return cases + layouts(cases[-1], "F", "strided")


@of_seed
def _short_ones(seed: int) -> list[Case]:
    rng = generator(seed, 42)
    rooms = (1.01, 5.0, 1e6, 1.3)
    cases = [_short(_arrays(rng, s), room, s) for s, room in zip(SEVERAL, rooms, strict=True)]
    exactly = [np.array([2.0, -3.0]), np.array([[6.0]])]  # of length 7
    return [*cases, Case((exactly, 7.0), "a norm of exactly max_norm = 7", Known(exactly, 1.0))]


@of_seed
def _nothing(seed: int) -> list[Case]:
    cases = []
    for shapes in (SEVERAL[0], ((3,),), ((),)):
        zeros = [np.zeros(s) for s in shapes]
        cases.append(Case((zeros, 0.5 * seed), _label(shapes, 0.0, 0.5 * seed), Known(zeros, 1.0)))
    return cases


@of_seed
def _tiny(seed: int) -> list[Case]:
    """Norms beside which 1e-6, or 1e-8, in a denominator shows beyond the contract's tolerance."""
    rng = generator(seed, 43)
    cases = []
    for shapes, size in ((ONE[0], 1e-4), (ONE[1], 1e-3), (ONE[4], 2e-4)):
        target = _arrays(rng, shapes)
        target = [np.asarray(size / _length(target) * g) for g in target]
        cases.append(_long(target, float(rng.uniform(1.5, 3)), shapes))
    return cases


@of_seed
def _all(seed: int) -> list[Case]:
    return [*_long_one(seed), *_long_several(seed), *_short_ones(seed)]


@of_seed
def _guarded(seed: int) -> list[Case]:
    case = _long_several(seed)[1]
    return [case, *layouts(case, "read-only")]


def _look(candidate: Any, grads: list[Array], max_norm: float) -> list[Any]:
    return whose_memory(candidate, grads, max_norm)


# --- properties


@clip_by_norm.prop(points=0.25, cases=_all, hint="As many arrays as came in, in the same order and shapes.")
def clip_type(case: Case, got: Any) -> None:
    """Returns a list of float64 arrays like grads"""
    arrays_typed(got, case.args[0], "The result")


def _judge(case: Case, got: Any) -> None:
    truth: Known = case.truth
    found = [one_array(got, k, len(truth.grads)) for k in range(len(truth.grads))]
    with expect.known(_clue, case, found):
        for k, (value, right) in enumerate(zip(found, truth.grads, strict=True)):
            expect.close(value, right, f"Entry {k} of the result")


def _clue(case: Case, found: list[Any]) -> str:
    """Say by which factor or factors the arrays have been multiplied."""
    grads, factor = case.args[0], case.truth.factor
    try:
        arrays = [expect.numbers(f, g.shape) for f, g in zip(found, grads, strict=True)]
    except Failure:
        return ""
    pairs = [(np.ravel(a), np.ravel(g)) for a, g in zip(arrays, grads, strict=True) if g.any()]
    shares = [(a / g) for a, g in pairs]
    if not shares:
        return ""
    means = [float(s[0]) for s in shares]
    if not all(np.allclose(s, s[0], rtol=1e-9) for s in shares):
        return "Its direction is another one: the entries have been multiplied by different factors."
    if not np.allclose(means, means[0], rtol=1e-9):
        return f"The arrays have been multiplied by {', '.join(f'{m:.4g}' for m in means)}: one factor is for all."
    return f"Everything has been multiplied by {means[0]:.8g}; the factor is {factor:.8g}."


@clip_by_norm.prop(points=0.5, cases=_long_one, hint="How long is it, and how long may it be?")
def clip_one(case: Case, got: Any) -> None:
    """A single array that is too long is cut to length max_norm and keeps its direction"""
    _judge(case, got)


@clip_by_norm.prop(
    points=0.75,
    cases=_long_several,
    hint="The gradient is one vector, although it comes in pieces. How long is all of it?",
)
def clip_global(case: Case, got: Any) -> None:
    """Of several arrays the norm of all together counts, and one factor is for all"""
    _judge(case, got)


@clip_by_norm.prop(points=0.5, cases=_short_ones, hint="Clipping shortens. What may it never do?")
def clip_short(case: Case, got: Any) -> None:
    """A gradient that is short enough keeps its values"""
    _judge(case, got)


@clip_by_norm.prop(points=0.25, cases=_nothing, hint="What is max_norm/0, and what is 0 times that?")
def clip_zero(case: Case, got: Any) -> None:
    """A gradient of zeros stays one"""
    _judge(case, got)


@clip_by_norm.prop(
    points=0.25,
    cases=_tiny,
    hint="A small number in a denominator that guards against 0 is not small beside a small norm.",
)
def clip_exact(case: Case, got: Any) -> None:
    """The factor is exact for small norms, too"""
    _judge(case, got)


gives_new_arrays(clip_by_norm, points=0.25, cases=_short_ones, look=_look)
clip_by_norm.keeps_inputs(points=0.25, cases=_guarded)
