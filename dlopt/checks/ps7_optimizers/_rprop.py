"""Rprop (row A3): what it decides is drawn first, and the signs of the gradients follow from that.

A coordinate goes in *runs*: it moves in one direction with growing steps, and then either meets a gradient of the
other sign, where it stands still with a smaller size, or a gradient of 0. After both the next run may go either way.
"""

from __future__ import annotations

from dataclasses import dataclass
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

__all__ = ["Rprop"]

Array = NDArray[np.float64]
Rng = np.random.Generator

Rprop = Exercise("Rprop", ("lr", "up", "down", "min_step", "max_step"), kind="class")


@dataclass(frozen=True)
class Sizes:
    """The settings, with the contract's defaults."""

    lr: float
    up: float = 1.2
    down: float = 0.5
    low: float = 1e-6
    high: float = 50.0

    @property
    def settings(self) -> tuple[float, ...]:
        """As the constructor takes them, without those at the end that are the defaults."""
        given = (self.lr, self.up, self.down, self.low, self.high)
        default = (None, 1.2, 0.5, 1e-6, 50.0)
        last = max(k for k in range(5) if given[k] != default[k])
        return given[: last + 1]


def _coordinate(rng: Rng, sizes: Sizes, steps: int, pauses: str, longest: int) -> tuple[Array, Array]:
    """Return signs of the gradients and steps (T,) of one coordinate that makes runs of up to ``longest`` moves.

    ``pauses`` says what may end a run: "turn", a gradient of the other sign; "zero", a gradient of 0.
    """
    signs: list[float] = []
    moves: list[float] = []
    size = sizes.lr
    while len(signs) < steps:
        direction = float(rng.choice([-1.0, 1.0]))
        count = 1 if size > 10 * sizes.lr else longest if size < sizes.lr / 10 else int(rng.integers(1, longest + 1))
        run = np.minimum(size * sizes.up ** np.arange(count), sizes.high)
        turn = pauses == "turn"
        signs += [direction] * count + [-direction if turn else 0.0]
        moves += [*(-direction * run), 0.0]
        size = max(run[-1] * sizes.down, sizes.low) if turn else float(run[-1])
    return np.array(signs[:steps]), np.array(moves[:steps])


def _walked(
    rng: Rng, sizes: Sizes, shape: tuple[int, ...], steps: int, pauses: str, longest: int, note: str = ""
) -> Case:
    count = int(np.prod(shape))
    drawn = [_coordinate(rng, sizes, steps, pauses, longest) for _ in range(count)]
    signs, moves = (np.stack(part, axis=-1).reshape(steps, *shape) for part in zip(*drawn, strict=True))
    return _case(rng, sizes, signs * _units(rng, signs), moves, note)


def _units(rng: Rng, signs: Array) -> Array:
    """Draw sizes of gradients, which mean nothing."""
    return np.asarray(10 ** rng.uniform(-5, 3, signs.shape))


def _case(rng: Rng, sizes: Sizes, grads: Array, moves: Array, note: str = "", named: tuple[str, ...] = ()) -> Case:
    start = np.asarray(0.1 * np.max(np.abs(moves)) * rng.normal(size=grads.shape[1:]))
    factors = {"up": sizes.up, "1/down": 1 / sizes.down, "lr": sizes.lr}
    settings = (sizes.lr, sizes.high) if named else sizes.settings
    context = Context(factors=factors)
    return case(settings, start, grads, moves, named=named, note=note, context=lambda k: context)


def _make(rng: Rng, shape: tuple[int, ...], steps: int) -> Case:
    return _walked(rng, Sizes(0.1), shape, steps, "turn", 3)


def _by_hand() -> Case:
    grads = np.array([2.0, 0.1, -3.0, -0.5, -7.0])[:, np.newaxis]
    moves = np.array([-0.1, -0.12, 0.0, 0.06, 0.072])[:, np.newaxis]
    context = Context(factors={"up": 1.2, "1/down": 2.0})
    note = ", theta = [0], gradients 2, 0.1, −3, −0.5, −7"
    return case((0.1,), np.zeros(1), grads, moves, note=note, context=lambda k: context)


@of_seed
def _starts(seed: int) -> list[Case]:
    rng = generator(seed, 31)
    cases = []
    for lr in (0.1, 0.003, 2.0):
        grads = rng.choice([-1, 1], (1, 3)) * 10 ** rng.uniform([-9, -1, 2], [-8, 0, 3], (1, 3))
        cases.append(_case(rng, Sizes(lr), grads, -lr * np.sign(grads), f", grad = {small(grads[0])}"))
    return cases


@of_seed
def _growing(seed: int) -> list[Case]:
    """Signs that never change, on a plateau too."""
    rng = generator(seed, 32)
    cases = []
    for sizes, steps, unit in ((Sizes(0.1), 20, 1.0), (Sizes(0.01, 1.5), 12, 1e3), (Sizes(0.01, 1.1), 30, 1e-13)):
        signs = rng.choice([-1.0, 1.0], 4)
        grads = signs * unit * rng.uniform(0.2, 2, (steps, 4))
        moves = -signs * sizes.lr * sizes.up ** np.arange(steps)[:, np.newaxis]
        note = f", gradients of size {unit:g} whose signs stay"
        cases.append(_case(rng, sizes, grads, moves, note))
    return cases


@of_seed
def _turning(seed: int) -> list[Case]:
    rng = generator(seed, 33)
    cases = [_by_hand()] if seed == 1 else []
    for sizes, shape in zip((Sizes(0.01), Sizes(0.1), Sizes(0.05, 1.3, 0.4)), SHAPES, strict=False):
        cases.append(_walked(rng, sizes, shape, LONG, "turn", 6, ", signs that change"))
    cases.append(_walked(rng, Sizes(0.1), (3,), 40, "turn", 2, ", signs that change often"))
    return cases


@of_seed
def _silent(seed: int) -> list[Case]:
    rng = generator(seed, 34)
    return [
        _walked(rng, Sizes(0.01, 1.1), shape, 40, "zero", 4, ", gradients of 0 now and then") for shape in SHAPES[:2]
    ]


def _falling(rng: Rng, sizes: Sizes, halvings: int, note: str) -> Case:
    """Alternate moves and turns until the smallest size is reached, then grow again."""
    turns = np.array([1.0, -1.0] * halvings + [1.0] * 4)
    size = np.maximum(sizes.lr * sizes.down ** np.arange(halvings), sizes.low)
    last = max(size[-1] * sizes.down, sizes.low)
    run = -np.minimum(last * sizes.up ** np.arange(4), sizes.high)
    moves = np.concatenate([np.stack([-size, 0 * size], axis=1).ravel(), run])
    signs = rng.choice([-1.0, 1.0], 3)
    grads = turns[:, np.newaxis] * signs
    return _case(rng, sizes, grads * _units(rng, grads), moves[:, np.newaxis] * signs, note)


@of_seed
def _limits(seed: int) -> list[Case]:
    rng = generator(seed, 35)
    cases = []
    for sizes, named, note in (
        (Sizes(10.0), (), "long enough to reach the largest step"),
        (Sizes(0.1, high=0.3), ("max_step",), "long enough to reach the largest step"),
        (Sizes(0.1, 1.4, 0.5, 0.01, 2.0), (), "long enough to reach the largest step"),
    ):
        signs = rng.choice([-1.0, 1.0], 3)
        run = np.minimum(sizes.lr * sizes.up ** np.arange(14), sizes.high)
        grads, moves = np.tile(signs, (14, 1)), -signs * run[:, np.newaxis]
        cases.append(_case(rng, sizes, grads * _units(rng, grads), moves, f", {note}", named))
    note = ", signs that change until the smallest step is reached"
    cases.append(_falling(rng, Sizes(1e-5), 6, note))
    cases.append(_falling(rng, Sizes(0.1, 1.2, 0.5, 0.03, 50.0), 4, note))
    return cases


# --- properties

hang_type(Rprop, "rprop", _turning)


@Rprop.prop(points=0.25, cases=_starts, hint="The size of a gradient is not asked, only where it points. lr is a size.")
def rprop_start(case: Case, got: Any) -> None:
    """The first step has size lr in every coordinate, against the sign of its gradient"""
    same_walk(case, got)


@Rprop.prop(points=0.5, cases=_growing, hint="Same sign as last time: be bolder. The first update has no last time.")
def rprop_growing(case: Case, got: Any) -> None:
    """While a sign stays, that coordinate's step grows by up with every update"""
    same_walk(case, got)


@Rprop.prop(
    points=1,
    cases=_turning,
    hint="At a change of sign three things happen: the size shrinks, nothing moves, and the next update meets a sign "
    "that it can neither agree nor disagree with. Which number has that property?",
)
def rprop_turning(case: Case, got: Any) -> None:
    """Where a sign changes, the size shrinks by down, theta stands still once, and the sign is forgotten"""
    same_walk(case, got)


@Rprop.prop(
    points=0.25, cases=_silent, hint="0 has no sign: it agrees with nobody, disagrees with nobody, and moves nothing."
)
def rprop_zero(case: Case, got: Any) -> None:
    """A gradient of 0 moves nothing, changes no size, and the next one has nothing to agree with"""
    same_walk(case, got)


@Rprop.prop(points=0.5, cases=_limits, hint="Both limits belong to the size of a step, whatever its direction.")
def rprop_limits(case: Case, got: Any) -> None:
    """No step is larger than max_step, no size smaller than min_step, and the defaults are the contract's"""
    same_walk(case, got)


hang_manners(Rprop, "rprop", _make, 30)
