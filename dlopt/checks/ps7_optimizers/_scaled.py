"""AdaGrad and RMSprop (rows A6, A7): each coordinate divided by the root of what its squares have summed up to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps7_optimizers._cases import LARGE, LONG, SHAPES, UNITS, along, case, fading, generator, gradients
from dlopt.checks.ps7_optimizers._clues import same_walk
from dlopt.checks.ps7_optimizers._manners import hang_manners, hang_type
from dlopt.checks.scenes import of_seed, small

__all__ = ["AdaGrad", "RMSprop"]

Array = NDArray[np.float64]
Rng = np.random.Generator

AdaGrad = Exercise("AdaGrad", ("lr", "delta"), kind="class")
RMSprop = Exercise("RMSprop", ("lr", "rho", "eps"), kind="class")


def _case(
    rng: Rng,
    grads: Array,
    roots: Array,
    settings: Sequence[float],
    offset: float,
    factors: dict[str, float],
    *,
    named: Sequence[str] = (),
    note: str = "",
) -> Case:
    """Make the case in which each gradient is divided by its root, and by the offset beside it."""
    lr = settings[0]
    steps = -lr * grads / (roots + offset)
    start = np.asarray(lr * rng.normal(size=grads.shape[1:]))
    context = Context(factors={**factors, "lr": lr})
    return case(settings, start, grads, steps, named=named, note=note, context=lambda k: context)


def _faint(rng: Rng, steps: int, unit: float) -> Array:
    """Draw gradients as small as what is added to the root; the first two are 0 in one coordinate."""
    grads = unit * rng.choice([-1, 1], (steps, 3)) * rng.uniform(0.3, 3, (steps, 3))
    grads[:2, 0] = 0.0
    return np.asarray(grads)


def _slopes(rng: Rng) -> Array:
    """Draw one gradient (1, 3) with entries of very different sizes."""
    return np.asarray(rng.choice([-1, 1], (1, 3)) * 10 ** rng.uniform([2, 3, 5], [3, 4, 6], (1, 3)))


# --- AdaGrad


def _summed(rng: Rng, grads: Array, settings: Sequence[float], note: str = "", named: Sequence[str] = ()) -> Case:
    lengths = np.array([np.linalg.norm(grads[: k + 1], axis=0) for k in range(len(grads))])
    delta = settings[1] if len(settings) > 1 else 1e-10
    return _case(rng, grads, lengths, settings, delta, {}, note=note, named=named)


def _make_summed(rng: Rng, shape: tuple[int, ...], steps: int) -> Case:
    return _summed(rng, gradients(rng, steps, shape), (0.5,))


def _summed_by_hand(rng: Rng) -> Case:
    grads = np.array([[300.0, -100.0], [400.0, 0.0], [0.0, 200.0]])
    return _summed(rng, grads, (0.1,), f", gradients {small(grads)}")


@of_seed
def _sums(seed: int) -> list[Case]:
    rng = generator(seed, 41)
    cases = [_summed_by_hand(rng)] if seed == 1 else []
    for lr, shape in zip((0.5, 0.01, 1), SHAPES, strict=False):
        cases.append(_summed(rng, gradients(rng, LONG, shape, LARGE), (lr,), f", {UNITS}"))
    steady = np.broadcast_to(rng.normal(size=3) + 2, (LONG, 3)).copy()
    return [*cases, _summed(rng, steady, (0.1,), ", the same gradient every time")]


@of_seed
def _first_sums(seed: int) -> list[Case]:
    rng = generator(seed, 42)
    slopes = [_slopes(rng) for _ in range(3)]
    return [_summed(rng, g, (lr,), f", grad = {small(g[0])}") for g, lr in zip(slopes, (0.1, 0.5, 2), strict=True)]


@of_seed
def _deltas(seed: int) -> list[Case]:
    rng = generator(seed, 43)
    faint = ", gradients as small as delta, some of them 0"
    return [
        _summed(rng, _faint(rng, 12, 1e-10), (0.1,), f"{faint} (the default)"),
        _summed(rng, _faint(rng, 12, 0.1), (0.3, 0.2), faint),
        _summed(rng, _faint(rng, 12, 1e-3), (0.3, 1e-3), faint, ("delta",)),
    ]


hang_type(AdaGrad, "adagrad", _sums)


@AdaGrad.prop(
    points=0.25, cases=_first_sums, hint="After one gradient the sum is its square. What is g over the root of that?"
)
def adagrad_start(case: Case, got: Any) -> None:
    """The first step is lr in every coordinate, however large its gradient"""
    same_walk(case, got)


@AdaGrad.prop(
    points=1,
    cases=_sums,
    hint="Every coordinate has a sum of its own. The gradient at hand is in it already, and nothing ever leaves it.",
)
def adagrad_walk(case: Case, got: Any) -> None:
    """Two hundred updates are right, also where gradients differ by a factor of a million"""
    same_walk(case, got)


@AdaGrad.prop(
    points=0.5,
    cases=_deltas,
    hint="delta keeps 0/0 away. Added to the root, or under it? The two differ where gradients are tiny.",
)
def adagrad_delta(case: Case, got: Any) -> None:
    """delta stands beside the root: right where gradients are tiny or 0, with any delta and with the default"""
    same_walk(case, got)


hang_manners(AdaGrad, "adagrad", _make_summed, 40)


# --- RMSprop


def _averaged(rng: Rng, grads: Array, settings: Sequence[float], note: str = "", named: Sequence[str] = ()) -> Case:
    rho, eps = (*settings[1:], *(0.9, 1e-8)[len(settings) - 1 :])
    squares = along((1 - rho) * fading(rho, len(grads)), grads**2)
    factors = {"1/√(1 − rho)": (1 - rho) ** -0.5, "1/√rho": rho**-0.5}
    return _case(rng, grads, np.sqrt(squares), settings, eps, factors, note=note, named=named)


def _make_averaged(rng: Rng, shape: tuple[int, ...], steps: int) -> Case:
    return _averaged(rng, gradients(rng, steps, shape), (0.1, 0.8))


def _averaged_by_hand(rng: Rng) -> Case:
    grads = np.array([[200.0, -100.0], [200.0, 0.0], [-100.0, 300.0]])
    return _averaged(rng, grads, (0.1,), f", gradients {small(grads)}")


@of_seed
def _averages(seed: int) -> list[Case]:
    rng = generator(seed, 51)
    cases = [_averaged_by_hand(rng)] if seed == 1 else []
    for settings, shape in zip(((0.01,), (0.1, 0.99), (1, 0.5)), SHAPES, strict=False):
        grads = gradients(rng, LONG, shape, LARGE)
        cases.append(_averaged(rng, grads, settings, f", {UNITS}"))
    burst = gradients(rng, LONG, (3,), LARGE)
    burst[20] *= 100
    return [*cases, _averaged(rng, burst, (0.1, 0.9), ", one gradient a hundred times the others")]


@of_seed
def _first_averages(seed: int) -> list[Case]:
    rng = generator(seed, 52)
    cases = []
    for settings in ((0.1,), (0.5, 0.99), (2, 0.5)):
        g = _slopes(rng)
        cases.append(_averaged(rng, g, settings, f", grad = {small(g[0])}"))
    return cases


@of_seed
def _epsilons(seed: int) -> list[Case]:
    rng = generator(seed, 53)
    faint = ", gradients as small as eps, some of them 0"
    return [
        _averaged(rng, _faint(rng, 12, 1e-8), (0.1,), f"{faint} (the default)"),
        _averaged(rng, _faint(rng, 12, 0.1), (0.3, 0.6, 0.2), faint),
        _averaged(rng, _faint(rng, 12, 1e-3), (0.3, 0.9, 1e-3), faint, ("rho", "eps")),
    ]


hang_type(RMSprop, "rmsprop", _averages)


@RMSprop.prop(
    points=0.25,
    cases=_first_averages,
    hint="v starts at 0 and nobody corrects for that. How large is it after one gradient, and what is g over its root?",
)
def rmsprop_start(case: Case, got: Any) -> None:
    """The first step has one size in every coordinate, and it is longer than lr"""
    same_walk(case, got)


@RMSprop.prop(
    points=1.25,
    cases=_averages,
    hint="What share of v is the past, what share the square at hand? It is in v before you divide.",
)
def rmsprop_walk(case: Case, got: Any) -> None:
    """Two hundred updates are right, for any rho, also after a burst"""
    same_walk(case, got)


@RMSprop.prop(
    points=0.5,
    cases=_epsilons,
    hint="eps keeps 0/0 away. Added to the root, or under it? The two differ where gradients are tiny.",
)
def rmsprop_eps(case: Case, got: Any) -> None:
    """eps stands beside the root: right where gradients are tiny or 0, with any eps and with the default"""
    same_walk(case, got)


hang_manners(RMSprop, "rmsprop", _make_averaged, 50)
