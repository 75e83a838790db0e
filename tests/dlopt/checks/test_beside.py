"""What is played beside a student's code, and how the checks take what comes from there, whatever it is."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from autograder.course import Course
from autograder.mutation.trial import exercises
from dlopt.checks import Case, Exercise, expect
from dlopt.checks.beside import ABSENT, parts_of, played_beside, read, scenes, snapshot
from dlopt.checks.scenes import judge_scenes
from dlopt.checks.trial import Outcome


def test_a_snapshot_is_a_copy_and_keeps_the_kind():
    array = np.ones(2)
    taken = snapshot([array, (array, "x")])
    array += 1
    assert type(taken) is list
    assert type(taken[1]) is tuple
    assert np.array_equal(taken[0], [1, 1])
    assert np.array_equal(taken[1][0], [1, 1])


def test_a_tuple_of_the_student_s_own_is_passed_on_as_it_is():
    class Pair(tuple):
        def __new__(cls, a, b):
            return super().__new__(cls, (a, b))

    pair = Pair(1, 2)
    assert snapshot(pair) is pair


def test_an_attribute_is_copied_or_absent():
    class Thing:
        W = np.ones(2)

    assert read(Thing, "W") is not Thing.W
    assert read(Thing, "b") == ABSENT


# --- a scene's word


@played_beside(2)
def pair(function, x):
    return [function(x), x]


def test_only_a_marked_scene_has_parts():
    assert parts_of(pair) == (True, 2)
    assert parts_of(len) == parts_of(None) == (False, None)
    assert parts_of(played_beside()(lambda f: f())) == (True, None)


def checked(candidate, reading=None):
    """Judge what a scene found: its first entry must be twice the case's number, which the scene may have changed."""
    seen = []

    def cases(seed):
        args = (np.full(2, float(seed)),)
        return [Case(args, f"number {seed}", scenario=pair, reading=reading)]

    double = Exercise("double", ("x",))

    @double.prop(points=1, cases=cases)
    def value(case, got):
        """Twice as much"""
        seen.append(got)
        expect.close(got[0], 2 * case.args[0])

    return double(candidate), seen


def test_a_reading_gets_the_case_s_own_arguments_and_what_was_found():
    def spoiled(x):
        x *= 2
        return x

    report, seen = checked(spoiled, lambda args, found: [found[0], args[0][0]])
    assert report.earned == 1
    assert [own for _, own in seen] == [1, 2]


@cache
def run(source):
    scope = {"__name__": "__main__"}
    exec(source, scope)
    return scope


class Elsewhere:
    """A class of a student's whose process plays what it likes."""

    def __init__(self, played):
        self.played = played

    def __call__(self, *args):
        raise AssertionError("nothing is asked of it here")

    def bring_inside(self, source, name):
        return lambda candidate, *args: self.played(parts_of(run(source)[name])[1], args)


@pytest.mark.parametrize("found", [None, 3, [], [1], [1, 2, 3], (1, 2), {"a": 1}], ids=repr)
def test_a_list_of_another_length_is_a_failure_that_says_so(found):
    report, seen = checked(Elsewhere(lambda parts, args: found))
    assert (report.rows[0].status, seen) == ("error", [])
    assert "should be a list of length 2" in report.rows[0].message


class Odd:
    pass


RAGGED = [[1.0], [2.0, [3.0]]]
JUNK = {
    "nothing": None,
    "a number": 7,
    "infinity": [np.inf] * 6,
    "a word": "W",
    "what is said of a missing attribute": ABSENT,
    "an empty list": [],
    "rows of different lengths": RAGGED,
    "an object": Odd(),
    "a dictionary": {"W": np.ones(2)},
    "a scalar array": np.array(1.0),
    "three axes": np.zeros((2, 2, 2)),
    "words": np.array(["a", "b"]),
    "two lists": [[], []],
    "two ragged lists": [RAGGED, RAGGED],
    "two arrays": [[np.full((2, 3), 7.0)], [np.full((2, 3), 7.0)]],
}
MARKED = [
    exercise
    for ps in Course().problem_sets()
    for exercise in exercises(ps).values()
    if any(parts_of(case.scenario)[0] for prop in exercise.properties for case in prop.cases(1))
]


def alone(exercise):
    """Return the exercise with the properties whose cases are played beside the student's code."""
    props = [p for p in exercise.properties if all(parts_of(c.scenario)[0] for c in p.cases(1))]
    return replace(exercise, properties=props, lent=None)


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
@pytest.mark.parametrize("exercise", MARKED, ids=lambda e: e.name)
def test_whatever_comes_is_wrong_and_never_breaks_the_check(exercise, junk):
    for played in (
        lambda parts, args: junk,
        lambda parts, args: [junk] * (parts or 1),
        lambda parts, args: [args[-1], junk, *[args[0]] * (parts or 2)][: parts or 2],
        lambda parts, args: [[junk, junk], [args, [junk]], *[[[junk], [junk]]] * (parts or 2)][: parts or 2],
    ):
        assert alone(exercise)(Elsewhere(played)).earned == 0
        for prop in alone(exercise).properties:
            for case in prop.cases(1):  # as when a misconception is looked for
                exercise.canonical(exercise.attempt(Elsewhere(played), case).value)


def test_scenes_tell_state_that_is_shared():
    seen = {}
    played = scenes(dict, lambda _, x: seen.update(x=x), lambda _, x: [np.array(seen["x"])], 1.0, 2.0)
    with pytest.raises(expect.Failure, match="Of two objects"):
        judge_scenes(Outcome(played), ("dx",))


@pytest.mark.parametrize("scene", [[], [1], [[], 1], ([], []), [[], [], []], None], ids=repr)
def test_a_scene_that_does_not_tell_of_two_passes_is_a_failure(scene):
    with pytest.raises(expect.Failure, match="two passes"):
        judge_scenes(Outcome([scene] * 4), ("dx",))
