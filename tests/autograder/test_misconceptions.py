"""The graders under test: right answers keep every point, each wrong one loses what it says and is recognised."""

import importlib

import pytest

from autograder import grading
from autograder.misconceptions import ps1, ps2, ps3, ps5, ps6, ps8
from dlopt.checks import (
    Exercise,
    Report,
    ps1_losses,
    ps2_quadratics,
    ps3_whitening,
    ps5_sgd,
    ps6_batchnorm,
    ps8_backprop,
)

SETS = {
    "ps1": (ps1.TABLE, ps1_losses),
    "ps2": (ps2.TABLE, ps2_quadratics),
    "ps6": (ps6.TABLE, ps6_batchnorm),
    "ps3": (ps3.TABLE, ps3_whitening),
    "ps5": (ps5.TABLE, ps5_sgd),
    "ps8": (ps8.TABLE, ps8_backprop),
}
EXERCISES = [(ps, name) for ps, (_, module) in SETS.items() for name in module.__all__]
RIGHT = [
    (ps, name, answer) for ps, (t, _) in SETS.items() for name, answers in t.right_answers.items() for answer in answers
]
WRONG = [(ps, m) for ps, (t, _) in SETS.items() for ms in t.misconceptions.values() for m in ms]


def exercise(ps: str, name: str) -> Exercise:
    return getattr(SETS[ps][1], name)


def check(ps: str, name: str, answer) -> Report:
    return exercise(ps, name)(answer)


@pytest.fixture(params=["visible", "grading"])
def mode(request, monkeypatch):
    """Both ways a check runs: in the student's Jupyter, and with unseen seeds and misconceptions."""
    if request.param == "grading":
        monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    else:
        monkeypatch.delenv("DLOPT_GRADING", raising=False)
    return request.param


@pytest.mark.parametrize(("ps", "name", "answer"), RIGHT, ids=lambda v: getattr(v, "__name__", v))
def test_a_right_answer_keeps_all_points(ps, name, answer, mode):
    report = check(ps, name, answer)
    assert report.passed, f"\n{report!r}"
    assert report.earned == report.points
    assert report.misconception is None


@pytest.mark.parametrize(("ps", "known"), WRONG, ids=lambda v: v if isinstance(v, str) else f"{v.exercise}-{v.name}")
def test_a_wrong_answer_loses_exactly_the_properties_it_names(ps, known, mode):
    report = check(ps, known.exercise, known.answer)
    failed = tuple(row.name for row in report.rows if row.status != "pass" and row.status != "later")
    assert failed == tuple(p.name for p in exercise(ps, known.exercise).properties if p.name in known.loses), (
        f"\n{report!r}"
    )
    assert report.earned < report.points


@pytest.mark.parametrize(("ps", "known"), WRONG, ids=lambda v: v if isinstance(v, str) else f"{v.exercise}-{v.name}")
def test_a_wrong_answer_is_recognised_while_grading_only(ps, known, mode):
    report = check(ps, known.exercise, known.answer)
    assert report.misconception == ((known.name, known.sentence) if mode == "grading" else None)


@pytest.mark.parametrize(("ps", "name"), EXERCISES)
def test_every_exercise_has_two_right_answers_and_five_mistakes(ps, name):
    table, _ = SETS[ps]
    assert len(table.right_answers[name]) >= 2
    assert len(table.misconceptions[name]) >= 5
    assert len({m.name for m in table.misconceptions[name]}) == len(table.misconceptions[name])


@pytest.mark.parametrize(("ps", "name"), EXERCISES)
def test_every_content_property_is_lost_by_some_mistake(ps, name):
    """What no known mistake fails was never seen to do anything; types and manners have tests of their own."""
    lost = {prop for m in SETS[ps][0].misconceptions[name] for prop in m.loses}
    content = {
        p.name for p in exercise(ps, name).properties if not p.of_outcome and not p.name.endswith(("_type", "_types"))
    }
    assert content <= lost


@pytest.mark.parametrize(("ps", "name"), EXERCISES)
def test_points_come_in_quarters_and_no_cell_exceeds_five(ps, name):
    points = [p.points for p in exercise(ps, name).properties]
    assert all(p > 0 and float(4 * p).is_integer() for p in points)
    assert 1 <= sum(points) <= 5


def test_two_fitting_mistakes_accuse_nobody(monkeypatch):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    twin = importlib.import_module("autograder.misconceptions").Misconception(
        "newton_step", "a twin", "…", (), ps2.newton_plus
    )
    monkeypatch.setattr(grading, "known", lambda name: [*ps2.TABLE.misconceptions[name], twin])
    assert ps2_quadratics.newton_step(ps2.newton_plus).misconception is None
