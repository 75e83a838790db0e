"""The graders under test: right answers keep every point, each wrong one loses what it says and is recognised."""

import importlib

import pytest

from autograder import grading
from autograder.course import Course
from autograder.misconceptions import Misconception, ps2, recognise, table
from autograder.mutation import quiet
from autograder.quality import told
from dlopt.checks import Case, Exercise, Report, ps2_quadratics

SETS = {ps.split("_")[0]: (table(ps), importlib.import_module(f"dlopt.checks.{ps}")) for ps in Course().problem_sets()}
EXERCISES = [(ps, name) for ps, (_, module) in SETS.items() for name in module.__all__]
RIGHT = [
    (ps, name, answer) for ps, (t, _) in SETS.items() for name, answers in t.right_answers.items() for answer in answers
]
WRONG = [(ps, m) for ps, (t, _) in SETS.items() for ms in t.misconceptions.values() for m in ms]
TRAINS = {"fit"}  #: every case is a training on the digits
EACH_RIGHT = [pytest.param(*r, marks=[pytest.mark.slow] * (r[1] in TRAINS)) for r in RIGHT]
EACH_WRONG = [pytest.param(*w, marks=[pytest.mark.slow] * (w[1].exercise in TRAINS)) for w in WRONG]


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


@pytest.mark.parametrize(("ps", "name", "answer"), EACH_RIGHT, ids=lambda v: getattr(v, "__name__", v))
def test_a_right_answer_keeps_all_points(ps, name, answer, mode):
    report = check(ps, name, answer)
    assert report.passed, f"\n{report!r}"
    assert report.earned == report.points
    assert report.misconception is None


@pytest.mark.parametrize(
    ("ps", "known"), EACH_WRONG, ids=lambda v: v if isinstance(v, str) else f"{v.exercise}-{v.name}"
)
def test_a_wrong_answer_loses_exactly_the_properties_it_names(ps, known, mode):
    report = check(ps, known.exercise, known.answer)
    failed = tuple(row.name for row in report.rows if row.status != "pass" and row.status != "later")
    assert failed == tuple(p.name for p in exercise(ps, known.exercise).properties if p.name in known.loses), (
        f"\n{report!r}"
    )
    assert report.earned < report.points


@pytest.mark.parametrize(
    ("ps", "known"), EACH_WRONG, ids=lambda v: v if isinstance(v, str) else f"{v.exercise}-{v.name}"
)
def test_a_wrong_answer_is_recognised_while_grading_only(ps, known, mode):
    report = check(ps, known.exercise, known.answer)
    assert report.misconception == ((known.name, known.sentence) if mode == "grading" else None)


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


@pytest.mark.parametrize("ps", SETS)
def test_a_mistake_that_nobody_has_listed_is_told_more_than_expected_and_got(ps, monkeypatch):
    """Without the table it still reads something specific, for half of the mistakes."""
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    mistakes = [m for name, listed in SETS[ps][0].misconceptions.items() for m in listed if name not in TRAINS]
    silent = [f"{m.exercise}: {m.name}" for m in mistakes if not told(check(ps, m.exercise, m.answer))]
    assert len(silent) <= len(mistakes) / 2, silent


UNSEEN = [(3,), (11, 4242), (2**31 - 1,), (20_260_901, 99_991), (123_456_789,)]  #: what the seeds might be next term
SAMPLE = 12  #: every so-manyth answer in `make test`, all of them in `make exhaustive`
ANSWERS = [
    pytest.param(
        ps,
        name,
        answer,
        id=f"{ps}-{answer.__name__}",
        marks=[pytest.mark.exhaustive] * (k % SAMPLE > 0 or name in TRAINS),
    )
    for k, (ps, name, answer) in enumerate([*RIGHT, *((ps, m.exercise, m.answer) for ps, m in WRONG)])
]


@pytest.mark.parametrize(("ps", "name", "answer"), ANSWERS)
def test_scores_are_the_same_in_three_runs_and_with_other_unseen_seeds(ps, name, answer, monkeypatch):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.mutation.quiet")

    def scores() -> list[tuple[str, float]]:
        return [(row.name, row.earned) for row in check(ps, name, answer).rows]

    first = scores()
    assert [scores(), scores()] == [first, first]
    for seeds in UNSEEN:
        monkeypatch.setattr(quiet, "SEEDS", seeds)
        assert scores() == first, seeds


def test_two_fitting_mistakes_accuse_nobody(monkeypatch):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    twin = importlib.import_module("autograder.misconceptions").Misconception(
        "newton_step", "a twin", "…", (), ps2.newton_plus
    )
    monkeypatch.setattr(grading, "known", lambda name: [*ps2.TABLE.misconceptions[name], twin])
    assert ps2_quadratics.newton_step(ps2.newton_plus).misconception is None


def test_what_a_known_mistake_makes_of_a_case_is_worked_out_once_for_the_whole_class():
    asked = []

    def mistaken(x):
        asked.append(x)
        return x + 1

    exercise = Exercise("plus_two", ("x",))
    cases = [Case((float(k),), f"x = {k}") for k in range(3)]
    known = [Misconception("plus_two", "off by one", "Add two.", (), mistaken)]

    def records(answer):
        return [(case, exercise.attempt(answer, case)) for case in cases]

    for _ in range(3):
        assert recognise(exercise, records(lambda x: x + 1), known) is known[0]
        assert recognise(exercise, records(lambda x: x + 3), known) is None
    assert asked == [0.0, 1.0, 2.0]
