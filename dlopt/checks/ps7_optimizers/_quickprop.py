"""Quickprop (row A5): by how much each step shall be longer than the last is drawn first, and the slopes follow.

A secant step that is q times the last one belongs to slopes whose ratio is q/(1 + q): on a parabola, q = 1 halves the
slope. So a coordinate is a list of such q, and its slopes and steps are products.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps7_optimizers._cases import LONG, SHAPES, case, generator
from dlopt.checks.ps7_optimizers._clues import same_walk
from dlopt.checks.ps7_optimizers._manners import hang_manners, hang_type
from dlopt.checks.scenes import of_seed, small

__all__ = ["Quickprop"]

Array = NDArray[np.float64]
Rng = np.random.Generator
FLAT = None  #: in the place of a q: the slope is the last one's, no secant can be drawn

#: Ranges of q. What they do to the slope and to the step: both shrink or grow, or one shrinks and the other grows.
BOTH_SHRINK, SLOPE_SHRINKS, STEP_SHRINKS, BOTH_GROW = (0.3, 0.6), (1.1, 1.4), (-0.65, -0.55), (-1.6, -1.4)
FAR, FAR_BACK = (3.5, 6.0), (-6.0, -3.5)  #: longer than allowed

Quickprop = Exercise("Quickprop", ("lr", "max_factor"), kind="class")


def _played(first: float, lr: float, longest: float, qs: Sequence[float | None]) -> tuple[Array, Array]:
    """Return slopes and steps (T,) of one coordinate."""
    slopes, steps = [first], [-lr * first]
    for q in qs:
        if q is FLAT:
            slopes.append(slopes[-1])
            steps.append(-lr * slopes[-1])
        else:
            slopes.append(slopes[-1] * q / (1 + q))
            steps.append(steps[-1] * float(np.clip(q, -longest, longest)))
    return np.array(slopes), np.array(steps)


def _drawn(rng: Rng, count: int, extra: Sequence[tuple[float, float]] = (), longest: float = 1.75) -> list[float]:
    """Draw q so that slope and step stay within a factor of some thirty of where they began."""
    slope = step = 0.0  # their logarithms
    qs: list[float] = []
    while len(qs) < count:
        if abs(slope) < 1.5 and abs(step) < 1.5:
            choices = [BOTH_SHRINK, SLOPE_SHRINKS, STEP_SHRINKS, BOTH_GROW, *extra, *extra]
        elif slope >= 0:
            choices = [BOTH_SHRINK if step > 0 else SLOPE_SHRINKS]
        else:
            choices = [STEP_SHRINKS if step > 0 else BOTH_GROW]
        q = float(rng.uniform(*choices[rng.integers(len(choices))]))
        qs.append(q)
        slope += np.log(abs(q / (1 + q)))
        step += np.log(min(abs(q), longest))
    return qs


def _case(
    rng: Rng,
    shape: tuple[int, ...],
    settings: Sequence[float],
    scripts: Sequence[Sequence[float | None]],
    *,
    named: Sequence[str] = (),
    note: str = "",
    unit: float = 1.0,
    firsts: Array | None = None,
) -> Case:
    """Make the case in which every coordinate follows a script of its own."""
    lr, longest = settings[0], settings[1] if len(settings) > 1 else 1.75
    if firsts is None:
        firsts = unit * rng.choice([-1, 1], len(scripts)) * rng.uniform(0.5, 2, len(scripts))
    played = [_played(first, lr, longest, qs) for first, qs in zip(firsts, scripts, strict=True)]
    grads, steps = (np.stack(part, axis=-1).reshape(-1, *shape) for part in zip(*played, strict=True))
    start = np.asarray(lr * unit * rng.normal(size=shape))

    def context(k: int) -> Context:
        return Context(factors={"max_factor": longest, "lr": lr}, terms={"a gradient step": -lr * grads[k]})

    return case(settings, start, grads, steps, named=named, note=note, context=context)


def _make(rng: Rng, shape: tuple[int, ...], steps: int) -> Case:
    return _case(rng, shape, (0.1,), [_drawn(rng, steps - 1) for _ in range(int(np.prod(shape)))])


def _by_hand() -> Case:
    """Two parabolas with curvatures 1 and 3/2: the second step leads to both of their minima."""
    grads = np.array([[2.0, -4.0], [1.0, -1.0], [0.0, 0.0]])
    steps = np.array([[-1.0, 2.0], [-1.0, 2 / 3], [0.0, 0.0]])
    note = f", theta = [0, 0], gradients {small(grads)}"
    context = Context(factors={"max_factor": 1.75, "lr": 0.5})
    return case((0.5,), np.zeros(2), grads, steps, note=note, context=lambda k: context)


@of_seed
def _starts(seed: int) -> list[Case]:
    rng = generator(seed, 81)
    return [_case(rng, (3,), (lr,), [[]] * 3) for lr in (0.1, 0.7, 2)]


@of_seed
def _secants(seed: int) -> list[Case]:
    rng = generator(seed, 82)
    cases = [_by_hand()] if seed == 1 else []
    for settings, shape in zip(((0.1,), (2, 2.5), (0.01, 1.75)), SHAPES, strict=False):
        scripts = [_drawn(rng, LONG - 1) for _ in range(int(np.prod(shape)))]
        cases.append(_case(rng, shape, settings, scripts, note=", no secant step longer than allowed"))
    return cases


@of_seed
def _limited(seed: int) -> list[Case]:
    rng = generator(seed, 83)
    note = ", secant steps longer than allowed among them"
    cases = []
    for settings, named in (((0.1,), ()), ((0.5, 3.0), ()), ((0.1, 1.75), ("max_factor",))):
        scripts = [[*_drawn(rng, 2), 5.0, *_drawn(rng, 2), -5.0, *_drawn(rng, 40, (FAR, FAR_BACK))] for _ in range(3)]
        cases.append(_case(rng, (3,), settings, scripts, named=named, note=note))
    return cases


def _plateaus(rng: Rng) -> list[list[float | None]]:
    """Write four scripts in which slopes stay: at once, twice running, and after steps that became much shorter."""

    def some(count: int) -> list[float]:
        return _drawn(rng, count)

    shorter = [-0.6, -0.6]
    return [
        [FLAT, *some(3), *shorter, FLAT, *some(4), FLAT],
        [*shorter, FLAT, FLAT, *some(7), FLAT],
        [*some(3), FLAT, *shorter, FLAT, *some(5)],
        [FLAT] * 12,
    ]


@of_seed
def _flat(seed: int) -> list[Case]:
    rng = generator(seed, 84)
    note = ", slopes that stay as they are now and then"
    cases = [_case(rng, (4,), (lr,), _plateaus(rng), note=note) for lr in (0.1, 10)]
    silent = cases[0].args[3].copy(), cases[0].truth.steps.copy()
    for part in silent:
        part[:, 3] = 0.0  # one gradient is always 0
    cases.append(case((0.1,), cases[0].args[2], *silent, note=f"{note}, one of them always 0"))
    return [*cases, _almost_flat(rng), _faint(rng), _barely_usable(rng)]


def _almost_flat(rng: Rng) -> Case:
    """Slopes that differ by half of what makes a secant usable."""
    script: list[float | None] = [-0.6, -0.6, FLAT]
    flat = _case(rng, (2,), (0.1,), [script] * 2)
    grads = flat.args[3].copy()
    grads[3] += [5e-13, -5e-13]
    return case((0.1,), flat.args[2], grads, flat.truth.steps, note=", two slopes that differ by 5e-13")


def _faint(rng: Rng) -> Case:
    """Slopes so faint that their differences are only ten times as large as what makes a secant usable."""
    scripts = [[1.2, -0.6, -0.6], [-0.6, 0.5, -0.6], [0.9, 0.8, -0.6]]
    return _case(rng, (3,), (1e9,), scripts, unit=5e-11, note=", slopes of size 5e-11 that do change")


def _barely_usable(rng: Rng) -> Case:
    """Slopes of 3e-12, then 1.5e-12: their difference is half as large again as what makes a secant usable."""
    firsts = np.array([3e-12, -3e-12])
    note = ", slopes that differ by 1.5e-12"
    return _case(rng, (2,), (1e11,), [[1.0, -0.6]] * 2, unit=3e-12, firsts=firsts, note=note)


# --- properties

hang_type(Quickprop, "quickprop", _secants)


@Quickprop.prop(
    points=0.25, cases=_starts, hint="One slope makes no secant yet. What do you do with a single gradient?"
)
def quickprop_start(case: Case, got: Any) -> None:
    """The first update is a plain gradient step"""
    same_walk(case, got)


@Quickprop.prop(
    points=1.25,
    cases=_secants,
    hint="A parabola: the slope was 2, after a step of −1 it is 1. How much further is the minimum, and which way?",
)
def quickprop_secant(case: Case, got: Any) -> None:
    """Later steps follow the secant, two hundred times, uphill too where the slope grows"""
    same_walk(case, got)


@Quickprop.prop(
    points=0.75,
    cases=_limited,
    hint="The limit is on the length of a step, in either direction; a step that is too long keeps its direction. "
    "Which Δ is the last one then?",
)
def quickprop_limit(case: Case, got: Any) -> None:
    """No secant step is longer than max_factor times the last step"""
    same_walk(case, got)


@Quickprop.prop(
    points=0.5,
    cases=_flat,
    hint="Two equal slopes have no secant: 0 in the denominator. Each coordinate decides for itself, and its gradient "
    "step may be as long as it likes.",
)
def quickprop_flat(case: Case, got: Any) -> None:
    """Where two slopes differ by less than 1e-12, that coordinate makes a gradient step of any length"""
    same_walk(case, got)


hang_manners(Quickprop, "quickprop", _make, 80)
