"""What holds for the check of every exercise: stubs, nonsense, speed, and the seeds."""

import statistics
import time

import numpy as np
import pytest

from autograder.course import Course
from autograder.misconceptions import table
from autograder.mutation.trial import exercises
from dlopt.checks import grading

SETS = Course().problem_sets()
CHECKS = [pytest.param(ps, name, id=f"{ps.split('_')[0]}-{name}") for ps in SETS for name in exercises(ps)]
TRAINS = {"train", "fit"}  #: take seconds, and its digits have a test of their own
QUICK = [check for check in CHECKS if check.values[1] not in TRAINS]


class Stub:
    def __init__(self, *args, **kwargs):
        raise NotImplementedError


def untouched(*args, **kwargs):
    raise NotImplementedError


def failed(report):
    return {row.name for row in report.rows if row.status not in ("pass", "later")}


@pytest.fixture(autouse=True)
def visible(monkeypatch):
    """As in a student's Jupyter."""
    monkeypatch.delenv("DLOPT_GRADING", raising=False)


@pytest.mark.parametrize(("ps", "name"), CHECKS)
@pytest.mark.parametrize("stub", [Stub, untouched])
def test_a_stub_reads_not_yet_implemented_and_earns_nothing(ps, name, stub):
    report = exercises(ps)[name](stub)
    assert report.earned == 0
    assert {row.status for row in report.rows} == {"missing"}
    assert "not yet implemented" in repr(report)


@pytest.mark.parametrize(("ps", "name"), CHECKS)
@pytest.mark.parametrize(
    "answer",
    [lambda *a, **k: None, lambda *a, **k: 1 / 0, lambda *a, **k: np.full((3, 3, 3), np.nan), lambda: 1.0, int],
    ids=["None", "1/0", "NaN", "no arguments", "int"],
)
def test_nonsense_earns_nothing_and_raises_nothing(ps, name, answer):
    report = exercises(ps)[name](answer)
    assert report.earned == 0
    assert report.rows[0].message


@pytest.mark.parametrize(("ps", "name"), QUICK)
def test_a_visible_check_answers_at_once(ps, name):
    answer = table(ps).right_answers[name][0]
    taken = seconds(lambda: exercises(ps)[name](answer))
    # some tenths of a second; what a machine is worth is measured beside it
    assert taken < 5 * seconds(lambda: sum(i * i for i in range(1_000_000)))


def seconds(action):
    """Return the processor time that something takes; what a machine does besides does not count."""
    times = []
    for _ in range(5):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return statistics.median(times)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 60))
@pytest.mark.parametrize("ps", SETS)
def test_scores_do_not_depend_on_the_visible_seeds(ps, seed, monkeypatch):
    monkeypatch.setattr(grading, "seeds", lambda: (seed, 1000 + seed))
    for name, check in ((name, check) for name, check in exercises(ps).items() if name not in TRAINS):
        for answer in table(ps).right_answers[name]:
            assert check(answer).passed, answer.__name__
        for known in table(ps).misconceptions[name]:
            assert failed(check(known.answer)) == set(known.loses), known.name
