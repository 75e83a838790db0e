"""Mini-batches in which every class has its share (row G2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps5_sgd import _dealt as dealt
from dlopt.checks.ps5_sgd import _rounds as several
from dlopt.checks.ps5_sgd._cases import generator, samples
from dlopt.checks.ps5_sgd._dealt import Array, Dealt
from dlopt.checks.ps5_sgd._played import deal_balanced, rounds
from dlopt.checks.ps5_sgd._rounds import Rounds
from dlopt.checks.scenes import canonical, layouts, of_seed

__all__ = ["balanced_minibatches"]

balanced_minibatches = Exercise("balanced_minibatches", ("X", "labels", "batch_size", "rng"), canonical=canonical)


@dataclass(frozen=True)
class Counted(Dealt):
    """What was dealt, with the classes in it counted."""

    def plain(self) -> list[Any]:
        """Add how evenly the classes are spread."""
        told = super().plain()
        if not self.readable or -1 in self.flat:
            return told
        dealt = self.y[self.flat]
        return [*told, self.spread()[0] <= 1, int(np.sum(dealt[1:] != dealt[:-1])) < len(set(dealt.tolist()))]

    def spread(self) -> tuple[int, int, list[int]]:
        """Return by how much the counts of one class in two full batches differ at most, the class, and its counts."""
        full = [order for order in self.orders if len(order) == self.batch_size and -1 not in order]
        if not full:
            return 0, 0, []
        counts = {c: [sum(self.y[n] == c for n in order) for order in full] for c in sorted(set(self.y.tolist()))}
        worst = max(counts, key=lambda c: max(counts[c]) - min(counts[c]))
        return max(counts[worst]) - min(counts[worst]), worst, counts[worst]


def _counted(args: tuple[Any, ...], found: list[Any]) -> Counted:
    """Read what was noted down."""
    told = dealt.noted(args, found)
    return Counted(told.X, told.y, told.batch_size, told.items, told.end)


# --- cases


def _labels(rng: np.random.Generator, names: tuple[int, ...], sizes: tuple[int, ...]) -> Array:
    """Draw labels of the given names and frequencies in a random order."""
    return rng.permutation(np.repeat(np.array(names, dtype=np.int64), sizes))


def _case(seed: int, number: int, names: tuple[int, ...], sizes: tuple[int, ...], batch_size: int) -> Case:
    rng = generator(seed, 90, number)
    labels = _labels(rng, names, sizes)
    said = f"classes {', '.join(map(str, names))} with {', '.join(map(str, sizes))} samples"
    if len(set(sizes)) == 1:
        said = f"classes {', '.join(map(str, names))} with {sizes[0]} samples each"
    args = (samples(rng, len(labels), 2), labels, batch_size, generator(seed, 91, number))
    return Case(args, f"{said}, batch_size = {batch_size}", scenario=deal_balanced, reading=_counted)


def _cases(seed: int, number: int, *settings: tuple[tuple[int, ...], int, int]) -> list[Case]:
    return [
        _case(seed, number + k, names, (each,) * len(names), size) for k, (names, each, size) in enumerate(settings)
    ]


@of_seed
def _equal(seed: int) -> list[Case]:
    """Equally frequent classes named 0, 1, …: batch_size a multiple of their number, or not, or less."""
    three, four = (0, 1, 2), (0, 1, 2, 3)
    cases = _cases(seed, 0, (three, 4, 6), (three, 5, 3), (four, 6, 10), ((0, 1), 7, 4), ((0,), 5, 2))
    return cases + layouts(cases[0], "F", "strided")


@of_seed
def _all(seed: int) -> list[Case]:
    """The same, and one sample of each class in a batch that could hold more."""
    return _equal(seed) + _cases(seed, 8, ((0, 1, 2, 3), 1, 9))


@of_seed
def _spread(seed: int) -> list[Case]:
    """Many batches, so that chance does not balance them: an ordinary shuffle fails each of these but once in 10⁶."""
    three, five = (0, 1, 2), tuple(range(5))
    return _cases(seed, 10, (three, 40, 6), (three, 40, 4), (five, 24, 3), ((0, 1), 50, 10), (tuple(range(10)), 12, 25))


@of_seed
def _named(seed: int) -> list[Case]:
    """Classes with any integers for names."""
    return _cases(
        seed, 20, ((-4, 0, 900), 40, 6), ((5, 3, -1), 40, 4), ((-1, -2), 50, 10), ((7, 70, -7, 0), 42, 7), ((-8,), 3, 2)
    )


@of_seed
def _unequal(seed: int) -> list[Case]:
    """Classes of different sizes, one of them with a single sample."""
    settings = (((0, 1), (9, 3), 4), ((0, 1, 2), (1, 6, 10), 5), ((-3, 8, 2), (5, 2, 7), 4), ((4, 1), (2, 1), 8))
    return [_case(seed, 30 + k, *setting) for k, setting in enumerate(settings)]


@of_seed
def _orders(seed: int) -> list[Case]:
    cases = []
    for number, (names, each, batch_size) in enumerate((((0, 1, 2), 20, 6), ((0, 1), 30, 7))):
        rng = generator(seed, 92, number)
        labels = _labels(rng, names, (each,) * len(names))
        sources = (generator(seed, 93, number), generator(seed, 93, number), generator(seed, 94, number))
        args = (samples(rng, len(labels), 2), labels, batch_size, *sources)
        cases.append(
            Case(
                args,
                f"{len(names)} classes of {each}, batch_size = {batch_size}",
                scenario=rounds,
                reading=several.gone,
            )
        )
    return cases


@of_seed
def _guarded(seed: int) -> list[Case]:
    return [_equal(seed)[0], *layouts(_equal(seed)[0], "read-only")]


# --- properties


@balanced_minibatches.prop(
    points=0.25, cases=_equal, hint="yield xb, yb: rows of X, and the labels that belong to them."
)
def balanced_type(case: Case, got: Dealt) -> None:
    """Yields pairs of a float64 array (b, D) and an integer array (b,)"""
    dealt.judge_type(got)


@balanced_minibatches.prop(points=0.5, cases=_all, hint="Count the rows of all batches together.")
def balanced_once(case: Case, got: Dealt) -> None:
    """Every sample comes once, and each row of X keeps its label"""
    dealt.judge_once(got)
    dealt.judge_pairing(got)


@balanced_minibatches.prop(points=0.25, cases=_equal, hint="Full batches, then the rest: as in minibatches.")
def balanced_sizes(case: Case, got: Dealt) -> None:
    """All batches but the last have batch_size samples, and none is empty"""
    dealt.judge_sizes(got)


def _evenly(got: Counted) -> None:
    """Ask for counts that differ by at most 1."""
    dealt.judge_pairs(got)
    apart, c, counts = got.spread()
    if not counts:
        raise Failure(f"There is no batch of {got.batch_size} samples to count classes in.")
    if apart > 1:
        message = f"Full batches hold between {min(counts)} and {max(counts)} samples of class {c}"
        raise Failure(
            f"{message}; at most 1 apart is asked for.", f"Its counts, batch by batch: {dealt.shown(counts)}."
        )


@balanced_minibatches.prop(
    points=1.25,
    cases=_spread,
    hint="In which order can you lay out the samples so that any piece of it, wherever cut, holds every class alike?",
)
def balanced_counts(case: Case, got: Counted) -> None:
    """When classes are equally frequent, a class's counts in two full batches differ by at most 1"""
    _evenly(got)


@balanced_minibatches.prop(
    points=0.5, cases=_named, hint="A label is a name, not a position. Which labels are there? The data know."
)
def balanced_names(case: Case, got: Counted) -> None:
    """Likewise when labels are any integers, every sample once"""
    dealt.judge_once(got)
    _evenly(got)


@balanced_minibatches.prop(
    points=0.5, cases=_unequal, hint="When the rarest class is used up, what becomes of the samples of the others?"
)
def balanced_unequal(case: Case, got: Dealt) -> None:
    """When they are not equally frequent, every sample still comes once, with its label"""
    dealt.judge_once(got)
    dealt.judge_pairing(got)


@balanced_minibatches.prop(
    points=0.5, cases=_orders, hint="Which samples of a class come first is for rng to say, anew at every call."
)
def balanced_order(case: Case, got: Rounds) -> None:
    """Within its class, samples come in a random order that rng decides, a new one at each call"""
    several.judge_order(got, mixed=False)
    several.judge_source(got)


balanced_minibatches.keeps_inputs(points=0.25, cases=_guarded)
