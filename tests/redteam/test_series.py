"""Calls in series arrive together: no case's arguments may hold the right answer of a case before it.

One by one, a call is answered before the next one's arguments are sent. In a series, student code could look at all of
them first. That is worth nothing as long as what comes later does not say what was right before.
"""

import math
import warnings
from collections import defaultdict
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from autograder.course import Course
from autograder.grading import SEEDS
from autograder.misconceptions import table
from dlopt.checks import Case
from dlopt.checks.beside import parts_of, played_beside
from dlopt.checks.exercise import PUBLIC_SEEDS, Exercise


def arrays(value):
    """Yield every number and array of numbers in some plain data, as arrays."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from arrays(item)
    elif isinstance(value, float | np.ndarray) and np.asarray(value).dtype.kind == "f":
        yield np.asarray(value)


def tells(array):
    """Tell whether it holds a number that nobody would think of."""
    return bool(np.any(np.abs(array * 120 - np.round(array * 120)) > 1e-6))


def rows(array, shape):
    """Return the array of a shape, or the rows of it, in an array: as a matrix with one row each."""
    found = [array] if array.shape == shape else array if array.ndim and array.shape[1:] == shape else []
    return np.reshape(found, (len(found), math.prod(shape)))


def holds(matrix, one):
    """Tell which rows of a matrix are this array."""
    near = np.isclose(matrix[:, 0], one.flat[0], rtol=1e-6, atol=1e-12)  # which few are
    near[near] = np.isclose(matrix[near], one.reshape(-1), rtol=1e-6, atol=1e-12).all(axis=1)
    return near


class Arguments:
    """All arrays, and rows of arrays, in the arguments of some cases, each with the place of its case."""

    def __init__(self, cases):
        self.arrays = [(place, array) for place, case in enumerate(cases) for array in arrays(case.args)]
        self.tables = {}

    def places(self, one):
        """Return the places of the cases that hold an array."""
        if one.shape not in self.tables:
            found = [(place, rows(array, one.shape)) for place, array in self.arrays]
            found = [(np.full(len(matrix), place), matrix) for place, matrix in found if matrix.size]
            self.tables[one.shape] = [np.concatenate(parts) for parts in zip(*found, strict=True)]
        if not self.tables[one.shape] or not one.size:
            return []
        places, matrix = self.tables[one.shape]
        return places[holds(matrix, one)]


def in_series(exercise):
    """Yield the cases that one series may hold."""
    for cases in {prop.cases.__name__: prop.cases for prop in exercise.properties}.values():
        everyone = [c for seed in (*PUBLIC_SEEDS, *SEEDS) for c in cases(seed) if c.limit is None]
        groups = defaultdict(list)
        for case in everyone:
            groups[case.scenario].append(case)
        for scenario, alike in groups.items():
            if scenario is None or parts_of(scenario)[0]:
                yield alike


def given_away(answer, exercise):
    """Yield the label of every case whose answer a later case's arguments hold."""
    for cases in in_series(exercise):
        given = Arguments(cases)
        for place, case in enumerate(cases):
            for part in arrays(exercise.attempt(answer, replace(case, reading=None)).value):
                places = given.places(part) if tells(part) else []
                if place not in places and any(later > place for later in places):
                    yield case.label


@pytest.mark.parametrize("ps", Course().problem_sets())
def test_no_later_case_holds_the_answer_of_an_earlier_one(ps):
    known = table(ps).right_answers
    exercises = {n: e for n, e in vars(import_module(f"dlopt.checks.{ps}")).items() if isinstance(e, Exercise)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {name: list(given_away(known[name][0], e)) for name, e in exercises.items() if name in known}
    assert {name: labels for name, labels in found.items() if labels} == {}


def test_a_walk_would_be_found():
    def steps(seed):
        w = np.random.default_rng(seed).normal(size=3)
        return [Case((0.7**k * w,), f"step {k}") for k in range(3)]

    walk = Exercise("step", ("w",))
    walk.prop(points=1, cases=steps)(lambda case, got: None)
    assert "step 0" in list(given_away(lambda w: 0.7 * w, walk))


@played_beside(1)
def collected(function, w):
    return [function(w)]


def test_a_walk_would_be_found_in_scenes_too():
    def steps(seed):
        w = np.random.default_rng(seed).normal(size=3)
        return [Case((0.7**k * w,), f"step {k}", scenario=collected) for k in range(3)]

    walk = Exercise("step", ("w",))
    walk.prop(points=1, cases=steps)(lambda case, got: None)
    assert "step 0" in list(given_away(lambda w: 0.7 * w, walk))
