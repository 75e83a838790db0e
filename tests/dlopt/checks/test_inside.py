"""Scenarios, helpers beside the student's code, lent names: what checks of classes are made of."""

import importlib
import inspect
import types

import numpy as np
import pytest

from dlopt.checks import Case, Exercise, expect, trial
from dlopt.checks.inside import Stage, Together, excerpt, inside, standing_in
from dlopt.checks.neighbours import neighbour
from dlopt.checks.trials import Clock, Trials

X = np.arange(3.0)


class Counter:
    def __init__(self, start):
        self.total = start.copy()

    def add(self, x):
        self.total += x
        return self.total


def scenario(counter, start, x):
    one = counter(start)
    one.add(x)
    return one.add(x)


def test_a_scenario_plays_several_calls_on_fresh_arguments():
    outcome = trial.run(Counter, (X, X), ("start", "x"), scenario=scenario)
    assert np.array_equal(outcome.value, 3 * X)
    assert outcome.changed == ()


def test_an_argument_changed_within_a_scenario_is_named():
    class Spoiler(Counter):
        def add(self, x):
            x += 1
            return super().add(x)

    assert trial.run(Spoiler, (X, X), ("start", "x"), scenario=scenario).changed == ("x",)


def test_an_exception_in_a_method_is_quoted_with_the_student_s_line():
    class Broken(Counter):
        def add(self, x):
            return self.total @ np.ones(7)

    outcome = trial.run(Broken, (X, X), ("start", "x"), scenario=scenario)
    assert outcome.exception == "ValueError"
    assert "return self.total @ np.ones(7)" in outcome.error


def test_every_call_gets_a_generator_in_the_same_state():
    rng = np.random.default_rng(1)
    first = trial.run(lambda r: float(r.random()), (rng,), ("rng",)).value
    assert trial.run(lambda r: float(r.random()), (rng,), ("rng",)).value == first
    assert rng.random() == first


def unfit(function):
    raise trial.Unfit("Only with a hat.")


def test_what_cannot_be_played_in_this_way_says_so():
    outcome = trial.run(len, (), (), scenario=unfit)
    assert (outcome.kind, outcome.error) == ("unfit", "Only with a hat.")


# --- an exercise that builds on another one


def double(x):
    return 3 * x  # the student's is wrong


def quadruple(x):
    return double(double(x))


def shout(x):
    raise NotImplementedError


def make(lent):
    exercise = Exercise("quadruple", ("x",), lent=("some_set", ("double",)) if lent else None)

    def cases(seed):
        return [Case((float(seed),), "a number")]

    @exercise.prop(points=1, cases=cases)
    def value(case, got):
        """Four times as much"""
        expect.close(got, 4 * case.args[0])

    return exercise


@pytest.fixture
def reference(monkeypatch):
    module = types.ModuleType("reference")
    module.double = lambda x: 2 * x
    monkeypatch.setattr("dlopt.checks.grading.reference", lambda problem_set: module)
    return module


def test_a_mistake_elsewhere_costs_nothing_where_names_are_lent(reference):
    assert make(lent=False)(quadruple).earned == 0
    assert make(lent=True)(quadruple).earned == 1
    assert double(1) == 3  # the student's name means the student's function again


def test_what_reads_nothing_that_is_lent_is_not_tried_again(reference, monkeypatch):
    lent = []
    monkeypatch.setattr("dlopt.checks.exercise.standing_in", lambda *args: lent.append(args) or standing_in(*args))
    assert make(lent=True)(lambda x: 5 * x).earned == 0
    assert {row.status for row in make(lent=True)(shout).rows} == {"missing"}
    assert lent == []
    assert make(lent=True)(quadruple).earned == 1
    assert lent


def test_lending_does_not_help_one_s_own_mistake(reference):
    assert make(lent=True)(lambda x: 5 * x).earned == 0


def test_a_stub_is_a_stub_in_every_way(reference):
    assert {row.status for row in make(lent=True)(shout).rows} == {"missing"}


def test_names_come_back_and_new_ones_go_even_after_an_error(reference):
    reference.triple = lambda x: 3 * x
    before = dict(globals())
    with pytest.raises(ZeroDivisionError), standing_in(quadruple, reference, ("double", "triple")):
        quadruple(1 / 0)
    assert set(globals()) == set(before)
    assert double is before["double"]


def test_a_class_without_methods_of_its_own_has_no_namespace_to_lend_to(reference):
    with standing_in(int, reference, ("double",)):
        assert double(1) == 3


class Proxy:
    """What the bridge offers: two methods on the type."""

    def bring_inside(self, source, name):
        return ("brought", name, "def neighbour" in source)

    def stand_in(self, source, names):
        return ("lent", names)


def test_a_proxy_is_asked_to_bring_and_to_lend():
    assert inside(Proxy(), neighbour) == ("brought", "neighbour", True)
    assert inside(Together(Proxy(), ()), neighbour) == ("brought", "neighbour", True)
    assert standing_in(Proxy(), types, ("new_class",)) == ("lent", ("new_class",))


def test_attributes_of_a_student_s_own_are_not_asked():
    def function():
        """Has attributes of the hooks' names."""

    function.bring_inside = function.stand_in = None
    assert inside(function, neighbour) is neighbour


# --- time


def test_what_ran_out_of_time_is_tried_in_a_hurry_and_not_explained(monkeypatch, reference):
    def endless(x):
        while True:
            double(x)

    limits = []
    run = trial.run
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    monkeypatch.setattr(trial, "run", lambda *args, **kw: limits.append(kw["limit"]) or run(*args, **kw))
    exercise = make(lent=True)
    exercise.limit = 0.1
    report = exercise(endless)
    assert {row.status for row in report.rows} == {"timeout"}
    assert limits == [0.1, pytest.approx(0.01)]


LENT = [
    (exercise, name)
    for ps in ("ps1_losses", "ps3_whitening", "ps4_initialization", "ps5_sgd", "ps8_backprop")
    for exercise in vars(importlib.import_module(f"dlopt.checks.{ps}")).values()
    if isinstance(exercise, Exercise) and exercise.lent
    for name in exercise.lent[1]
]


@pytest.mark.parametrize(("exercise", "name"), LENT, ids=lambda x: getattr(x, "name", x))
def test_what_is_lent_to_an_exercise_does_not_hold_its_own_answer(exercise, name):
    module = importlib.import_module(f"autograder.references.{exercise.lent[0].split('_')[0]}")
    lent = excerpt(inspect.getsource(module), [name])
    assert f" {name}(" in lent or f"class {name}" in lent
    assert f"def {exercise.name}(" not in lent
    assert f"class {exercise.name}" not in lent


def test_a_function_of_this_process_gets_each_argument_copied_once(monkeypatch):
    copied = []
    lay_out = trial.lay_out
    monkeypatch.setattr(trial, "lay_out", lambda *what: copied.append(what) or lay_out(*what))
    trials = Trials(Exercise("twice", ("x",)), Stage(lambda x: 2 * x), Clock())
    tried = list(trials.over(lambda seed: [Case((np.full(2, float(k)),), f"case {k}") for k in range(9)], (1,)))
    assert [outcome.value[0] for _, _, outcome in tried] == [2.0 * k for k in range(9)]
    assert len(copied) == 9
