"""What makes two cases the same one, and that the same one is tried once."""

from dataclasses import replace

import numpy as np
import pytest

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise

PLAIN = Case((np.arange(3.0), 2, "relu", [np.ones(2)], None), "three numbers")


def play(candidate, *args):
    return candidate(*args)


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAIN, label="other words", truth=7),
        replace(PLAIN, args=(np.array([0.0, 1.0, 2.0]), 2, "relu", [np.ones(2)], None)),
        replace(PLAIN, args=(np.asfortranarray(np.arange(3.0)), *PLAIN.args[1:])),
    ],
    ids=["other words and truth", "equal numbers", "a copy"],
)
def test_cases_that_ask_the_same_are_one(other):
    assert other.key == PLAIN.key


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAIN, args=(np.array([0.0, 1.0, 3.0]), *PLAIN.args[1:])),
        replace(PLAIN, args=(np.arange(3), *PLAIN.args[1:])),
        replace(PLAIN, args=(np.arange(3.0)[None], *PLAIN.args[1:])),
        replace(PLAIN, args=(PLAIN.args[0], 2.0, *PLAIN.args[2:])),
        replace(PLAIN, args=(PLAIN.args[0], True, *PLAIN.args[2:])),
        replace(PLAIN, args=(*PLAIN.args[:3], (np.ones(2),), None)),
        replace(PLAIN, args=(*PLAIN.args[:4], np.random.default_rng(0))),
        replace(PLAIN, layout="F"),
        replace(PLAIN, limit=1.0),
        replace(PLAIN, scenario=play),
        replace(PLAIN, telling=False),
        replace(PLAIN, reading=lambda args, found: found),
    ],
    ids=[
        *("number", "dtype", "shape", "type", "truth value", "tuple", "generator"),
        *("layout", "limit", "scenario", "telling", "reading"),
    ],
)
def test_cases_that_ask_something_else_are_not(other):
    assert other.key != PLAIN.key


def test_generators_in_the_same_state_are_the_same_argument():
    fresh, again, used = (Case((np.random.default_rng(3),), "a generator") for _ in range(3))
    used.args[0].random()
    assert fresh.key == again.key != used.key


def test_what_several_properties_and_seeds_ask_is_tried_once():
    double = Exercise("double", ("x",))

    def small(seed):
        return [Case((x,), f"x = {x}", 2 * x) for x in (1.0, 2.0)]

    def all_of_them(seed):
        return [*small(seed), Case((10.0 + seed,), "another", 20.0 + 2 * seed)]

    for cases in (small, all_of_them):

        @double.prop(points=1, cases=cases)
        def right(case, got):
            """The number is right"""
            expect.close(got, case.truth)

    double.keeps_inputs(points=1, cases=all_of_them)
    asked = []

    def candidate(x):
        asked.append(x)
        return 2 * x

    assert double(candidate).passed
    assert asked == [1.0, 2.0, 11.0, 12.0]
