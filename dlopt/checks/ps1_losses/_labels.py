"""Labels as targets (row L1)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps1_losses._cases import generator, layouts, of_seed, small

__all__ = ["one_hot"]

one_hot = Exercise("one_hot", ("labels", "num_classes"))


def _case(labels: NDArray[np.int64], num_classes: int) -> Case:
    """One case; scipy's sparse matrices are what has one entry a row."""
    rows = np.arange(len(labels) + 1)
    truth = csr_array((np.ones(len(labels)), labels, rows), shape=(len(labels), num_classes)).toarray()
    name = f"labels = {small(labels)}" if len(labels) <= 8 else f"N = {len(labels)}"
    return Case((labels, num_classes), f"{name}, num_classes = {num_classes}", truth)


@of_seed
def _all_classes(seed: int) -> list[Case]:
    """Labels in which every class occurs."""
    rng = generator(seed, 1)
    first = np.array([2, 0, 1, 2]) if seed == 1 else rng.permutation([0, 0, 1, 2])
    mixed = [rng.permutation(np.concatenate([np.arange(k), rng.integers(k, size=n - k)])) for n, k in ((9, 4), (5, 5))]
    cases = [_case(labels, int(labels.max()) + 1) for labels in (first, *mixed)]
    return [*cases, _case(np.zeros(3, dtype=np.int64), 1), *layouts(cases[1], "strided")]


@of_seed
def _classes_missing(seed: int) -> list[Case]:
    """Labels in which some class does not occur, the last one among them."""
    rng = generator(seed, 2)
    gap = np.array([0, 3, 3]) if seed == 1 else rng.permutation([0, 2, 2, 3])
    return [_case(gap, 6), _case(rng.integers(3, size=7), 5), _case(rng.integers(4, size=1), 10)]


@of_seed
def _guarded(seed: int) -> list[Case]:
    return _all_classes(seed) + layouts(_all_classes(seed)[1], "read-only")


@one_hot.prop(points=0.5, cases=_all_classes, hint="One row per label, one column per class, and floats in it.")
def one_hot_type(case: Case, got: Any) -> None:
    """Returns an array of shape (N, K) and dtype float64"""
    expect.array(got, case.truth.shape)


@one_hot.prop(
    points=0.75, cases=_all_classes, hint="Row n holds a single 1: in which column? Classes are counted from 0."
)
def one_hot_rows(case: Case, got: Any) -> None:
    """Each row has its 1 where its label says, and zeros elsewhere"""
    expect.close(got, case.truth, "The result")


@one_hot.prop(
    points=0.5,
    cases=_classes_missing,
    hint="A small batch seldom holds every class. Who knows how many there are, the labels or num_classes?",
)
def one_hot_width(case: Case, got: Any) -> None:
    """Has num_classes columns even where classes are missing"""
    expect.close(got, case.truth, "The result")


one_hot.keeps_inputs(points=0.25, cases=_guarded)
