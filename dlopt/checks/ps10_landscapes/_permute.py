"""Renumbering hidden units (row N1): the new network is drawn, and its units put where they came from."""

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

__all__ = ["permute_hidden"]

Array = NDArray[np.float64]

permute_hidden = Exercise("permute_hidden", ("W1", "b1", "W2", "perm"))


# --- cases


def _before(new: Net, perm: NDArray[np.int64]) -> Net:
    """Return the network whose unit perm[i] is unit i of the new one."""
    old = Net(*(np.empty_like(part) for part in new.parts))
    for i, place in enumerate(perm):
        old.W1[place], old.b1[place], old.W2[:, place] = new.W1[i], new.b1[i], new.W2[:, i]
    return old


def _order(rng: np.random.Generator, hidden: int) -> NDArray[np.int64]:
    """Draw a permutation that is not undone by itself and leaves no unit in place, as far as there is one."""
    while True:
        perm = rng.permutation(hidden)
        if hidden < 3 or not (np.any(perm == np.arange(hidden)) or np.all(perm[perm] == np.arange(hidden))):
            return np.asarray(perm, dtype=np.int64)


def _case(new: Net, perm: NDArray[np.int64], label: str) -> Case:
    return Case((*_before(new, perm).parts, perm), label, new)


def _by_hand() -> Case:
    new = Net(np.array([[2.0, 3.0], [4.0, 5.0], [0.0, 1.0]]), np.array([20.0, 30.0, 10.0]), np.array([[7.0, 8.0, 6.0]]))
    perm = np.array([1, 2, 0])
    W1, b1, W2 = _before(new, perm).parts
    return _case(new, perm, f"W1 = {small(W1)}, b1 = {small(b1)}, W2 = {small(W2)}, perm = {small(perm)}")


@of_seed
def _orders(seed: int) -> list[Case]:
    rng = generator(seed, 10)
    cases = [_by_hand()] if seed == 1 else []
    for hidden, inputs, out in SIZES:
        label = f"{hidden} hidden units, {inputs} inputs, {out} outputs"
        cases.append(_case(draw(rng, hidden, inputs, out), _order(rng, hidden), label))
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def _any(seed: int) -> list[Case]:
    """Add permutations that do nothing, or are undone by themselves."""
    rng = generator(seed, 11)
    one = _case(draw(rng, 1, 2, 3), np.array([0]), "one hidden unit")
    still = _case(draw(rng, 4, 2, 2), np.arange(4), "4 hidden units that stay where they are")
    swap = _case(draw(rng, 4, 2, 2), np.array([0, 3, 2, 1]), "4 hidden units, two of which change places")
    return [*_orders(seed), one, still, swap]


@of_seed
def _guarded(seed: int) -> list[Case]:
    case = _orders(seed)[1]
    return [case, *layouts(case, "read-only")]


# --- properties

typed(permute_hidden, _any)


def _clue(case: Case, part: Any, index: int) -> str:
    """Say whether an array is as it came, or renumbered the other way round, or along the wrong axis."""
    old, perm = case.args[index], case.args[3]
    try:
        have = expect.numbers(part, old.shape)
    except Failure:
        return ""
    mine, theirs = (have.T, old.T) if index == 2 else (have, old)  # unit by unit
    if np.array_equal(have, old):
        return "It is as it came: its units have kept their numbers."
    if np.array_equal(mine[perm], theirs):
        return "It is the way back: old unit i has become new unit perm[i]."
    if have.ndim == 2 and np.array_equal(np.sort(have, axis=1 - index // 2), np.sort(old, axis=1 - index // 2)):
        return "The numbers have changed places along the other axis: they still belong to the units they belonged to."
    lost = sum(not (mine == unit).reshape(len(perm), -1).all(axis=1).any() for unit in theirs)
    return f"{lost} of the {len(perm)} units have been lost: nothing has their weights any more." if lost else ""


@permute_hidden.prop(
    points=0.75,
    cases=_orders,
    hint="Hand the new numbers out one by one: which row, and which bias, belong to new unit 0?",
)
def permute_incoming(case: Case, got: Any) -> None:
    """What enters new unit i is what entered old unit perm[i]: rows of W1 and entries of b1"""
    part_right(case, got, 0, _clue)
    part_right(case, got, 1, _clue)


@permute_hidden.prop(
    points=0.75, cases=_orders, hint="W2 has a row per output: along which axis are the hidden units counted?"
)
def permute_outgoing(case: Case, got: Any) -> None:
    """What leaves new unit i is what left old unit perm[i]: columns of W2"""
    part_right(case, got, 2, _clue)


@permute_hidden.prop(
    points=0.75,
    cases=_any,
    hint="A unit takes everything along when it moves: incoming weights, bias and outgoing weights.",
)
def permute_function(case: Case, got: Any) -> None:
    """The renumbered network computes the same function, with tanh and with ReLU"""
    old = Net(*case.args[:3])
    new = read_net(got, old)
    moved = np.any(case.args[3] != np.arange(len(old.b1)))
    if moved and all(map(np.array_equal, new.parts, old.parts)):
        raise Failure("The function is the same because nothing has been renumbered.")
    x = generator(7).normal(size=(4, old.W1.shape[1]))
    for activation in ("tanh", "relu"):
        name = f"The outputs for four inputs, with {activation},"
        with expect.known(_parted, old, new):
            expect.close(outputs(new, x, activation), outputs(old, x, activation), name)


def _parted(old: Net, new: Net) -> str:
    """Find a unit whose parts come from different old units."""

    def origin(part: Array, olds: Array) -> int | None:
        same = np.flatnonzero([np.array_equal(part, candidate) for candidate in olds])
        return int(same[0]) if same.size else None

    for i, unit in enumerate(zip(new.W1, new.b1, new.W2.T, strict=True)):
        sources = [origin(p, o) for p, o in zip(unit, (old.W1, old.b1, old.W2.T), strict=True)]
        if None not in sources and len(set(sources)) > 1:
            row, bias, column = sources
            return f"New unit {i} has the row of old unit {row}, the bias of {bias} and the column of {column}."
    return ""


permute_hidden.keeps_inputs(points=0.5, cases=_guarded)
