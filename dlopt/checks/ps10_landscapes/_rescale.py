"""Stretching ReLU units (row N2): the stretched network is drawn, and shrunk to what it came from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps10_landscapes._cases import SIZES, Net, draw, generator, outputs, part_right, read_net, typed
from dlopt.checks.scenes import layouts, of_seed, small

__all__ = ["rescale_relu"]

Array = NDArray[np.float64]

rescale_relu = Exercise("rescale_relu", ("W1", "b1", "W2", "alpha"))


# --- cases


def _before(new: Net, alpha: Array) -> Net:
    """Return the network that becomes the new one, unit by unit."""
    old = Net(*(np.empty_like(part) for part in new.parts))
    for i, factor in enumerate(alpha):
        old.W1[i], old.b1[i], old.W2[:, i] = new.W1[i] / factor, new.b1[i] / factor, new.W2[:, i] * factor
    return old


def _case(new: Net, alpha: Array, label: str) -> Case:
    return Case((*_before(new, alpha).parts, alpha), label, new)


def _by_hand() -> Case:
    new = Net(np.array([[2.0, 4.0], [1.0, -1.0]]), np.array([6.0, 0.5]), np.array([[3.0, 8.0]]))
    alpha = np.array([2.0, 0.5])
    W1, b1, W2 = _before(new, alpha).parts
    return _case(new, alpha, f"W1 = {small(W1)}, b1 = {small(b1)}, W2 = {small(W2)}, alpha = {small(alpha)}")


@of_seed
def _stretched(seed: int) -> list[Case]:
    rng = generator(seed, 20)
    cases = [_by_hand()] if seed == 1 else []
    for (hidden, inputs, out), decades in zip(SIZES, (0.5, 1, 1, 0.3, 4), strict=True):
        alpha = 10 ** rng.uniform(-decades, decades, size=hidden)
        label = (
            f"{hidden} hidden units, {inputs} inputs, {out} outputs, alpha from {alpha.min():.2g} to {alpha.max():.2g}"
        )
        cases.append(_case(draw(rng, hidden, inputs, out), alpha, label))
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def _any(seed: int) -> list[Case]:
    """Add a single unit, and factors of 1."""
    rng = generator(seed, 21)
    one = _case(draw(rng, 1, 2, 3), np.array([3.5]), "one hidden unit")
    still = _case(draw(rng, 3, 2, 2), np.ones(3), "alpha = 1 for all of 3 hidden units")
    return [*_stretched(seed), one, still]


@of_seed
def _guarded(seed: int) -> list[Case]:
    case = _stretched(seed)[1]
    return [case, *layouts(case, "read-only")]


# --- properties

typed(rescale_relu, _any)


def _clue(case: Case, part: Any, index: int) -> str:
    """Say by what the first unit that is not right has been multiplied."""
    old, alpha = case.args[index], case.args[3]
    try:
        have = expect.numbers(part, old.shape)
    except Failure:
        return ""
    if np.array_equal(have, old):
        return "It is as it came: nothing has been multiplied."
    factors = (have / old).T if index == 2 else (have / old)
    for i, (mine, asked) in enumerate(zip(factors.reshape(len(alpha), -1), alpha, strict=True)):
        due = 1 / asked if index == 2 else asked
        if np.allclose(mine, due, rtol=1e-6):
            continue
        if np.allclose(mine, mine[0], rtol=1e-6):
            return f"Of unit {i} it has been multiplied by {mine[0]:.4g}; alpha[{i}] is {asked:.4g}."
        return f"The weights of unit {i} have been multiplied by different factors, one unit has one."
    return ""


@rescale_relu.prop(
    points=0.75, cases=_stretched, hint="alpha has one entry per hidden unit: along which axis of W1 are they counted?"
)
def rescale_incoming(case: Case, got: Any) -> None:
    """Row i of W1 and entry i of b1 are multiplied by alpha[i]"""
    part_right(case, got, 0, _clue)
    part_right(case, got, 1, _clue)


@rescale_relu.prop(
    points=0.75, cases=_stretched, hint="A unit that says alpha times as much: what must become of what hears it?"
)
def rescale_outgoing(case: Case, got: Any) -> None:
    """Column i of W2 makes up for it"""
    part_right(case, got, 2, _clue)


@rescale_relu.prop(
    points=0.75,
    cases=_any,
    hint="max(0, αz) = α max(0, z): write down what one unit contributes to an output, before and after.",
)
def rescale_function(case: Case, got: Any) -> None:
    """The stretched ReLU network computes the same function"""
    old, alpha = Net(*case.args[:3]), case.args[3]
    new = read_net(got, old)
    if np.any(alpha != 1) and all(map(np.array_equal, new.parts, old.parts)):
        raise Failure("The function is the same because nothing has been stretched.")
    x = generator(7).normal(size=(4, old.W1.shape[1]))
    was, now = outputs(old, x, "relu"), outputs(new, x, "relu")
    with expect.known(_units, old, new):
        expect.close(now, was, "The outputs for four inputs")


def _units(old: Net, new: Net) -> str:
    """Say of the first unit with another contribution what its two sides have been multiplied by."""
    for i in range(len(old.b1)):
        entering, bias, leaving = (new.W1[i] / old.W1[i], new.b1[i] / old.b1[i], new.W2[:, i] / old.W2[:, i])
        if not all(np.allclose(f, np.ravel(f)[0], rtol=1e-6) for f in (entering, leaving)):
            continue
        if not np.isclose(entering[0], bias, rtol=1e-6):
            return f"Unit {i}: its weights have been multiplied by {entering[0]:.4g}, its bias by {bias:.4g}."
        if not np.isclose(entering[0], 1 / leaving[0] if leaving[0] else np.inf, rtol=1e-6):
            return f"Unit {i}: {entering[0]:.4g} times as much enters, and {leaving[0]:.4g} times as much leaves."
    return ""


rescale_relu.keeps_inputs(points=0.5, cases=_guarded)
