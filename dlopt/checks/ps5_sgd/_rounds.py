"""Several ways through the same data: whether the order is random, new each time, and for rng to decide."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dlopt.checks import expect
from dlopt.checks.expect import Failure
from dlopt.checks.ps5_sgd._dealt import Dealt, judge_pairs, noted

__all__ = ["Rounds", "consecutive", "gone", "judge_order", "judge_source"]


@dataclass(frozen=True)
class Rounds:
    """Two calls from one generator, one from its twin and one from another generator."""

    first: Dealt
    second: Dealt
    twin: Dealt
    other: Dealt

    def plain(self) -> list[Any]:
        """Say what agrees with what; the rest says each call for itself."""
        parts = (self.first, self.second, self.twin, self.other)
        if not all(part.readable for part in parts):
            return [part.plain() for part in parts]
        flat = self.first.flat
        same = [flat == part.flat for part in parts[1:]]
        return [*same, flat == sorted(flat), consecutive(self.first), in_class_order(self.first)]


def gone(args: tuple[Any, ...], found: list[Any]) -> Rounds:
    """Read what `_played.rounds` noted down; ``args`` are its own."""
    for part in found:
        expect.collected(part, 2)
    return Rounds(*(noted(args, part) for part in found))


# --- what is asked of them


def consecutive(got: Dealt) -> bool:
    """Tell whether most samples are followed by their neighbour in X, or half of the batches hold a run of X.

    The number of neighbours in a row in a random order is nearly Poisson with mean 1: of N = 40, 20 or more have
    probability 2 · 10⁻¹⁹. A batch of B is a run with probability (N − B + 1)/(N choose B), two of them, for N = 40 and
    B = 5, with less than 8²/2 · (5 · 10⁻⁵)² ≈ 10⁻⁷, and half of the eight with less than 10⁻¹⁵.
    """
    flat, n = got.flat, len(got.X)
    followed = sum((b - a) % n == 1 for a, b in pairwise(flat))
    runs = sum(len(o) > 2 and sorted(o) == list(range(min(o), min(o) + len(o))) for o in got.orders)
    return followed >= n // 2 or (len(got.orders) > 3 and runs >= len(got.orders) // 2)


def in_class_order(got: Dealt) -> bool:
    """Tell whether the samples of every class come in the order in which they lie in X."""
    return all(
        numbers == sorted(numbers) for c in set(got.y.tolist()) for numbers in [[n for n in got.flat if got.y[n] == c]]
    )


def judge_order(got: Rounds, *, mixed: bool = True) -> None:
    """Ask for a random order, and for another one at the next call; ``mixed``: across the whole of X."""
    for dealt in (got.first, got.second):
        judge_pairs(dealt)
    flat = got.first.flat
    if flat == sorted(flat):
        raise Failure("The samples come in the order in which they lie in X.")
    if not mixed and in_class_order(got.first):
        raise Failure("Within each class the samples come in the order in which they lie in X.")
    if mixed and consecutive(got.first):
        raise Failure("The batches are made of neighbours in X: their samples were never mixed.")
    if flat == got.second.flat:
        raise Failure("Two calls with one generator, one after the other, should give two orders; they give the same.")


def judge_source(got: Rounds) -> None:
    """Ask that the given generator, and it alone, decides on the order."""
    for dealt in (got.first, got.twin, got.other):
        judge_pairs(dealt)
    if got.first.flat != got.twin.flat:
        raise Failure("Two generators with the same seed should give the same order; they give different ones.")
    if got.first.flat == got.other.flat:
        raise Failure("Generators with different seeds should give different orders; they give the same.")
