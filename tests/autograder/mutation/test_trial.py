"""The graders against the mutants of the model solutions: a sample here, all of them in `make exhaustive`."""

import pytest

from autograder.course import Course
from autograder.mutation import ENOUGH, Mutant, Report, Trial, plan, run, unknown
from autograder.mutation.trial import exercises, judge

SETS = Course().problem_sets()
EXERCISES = [(ps, name) for ps in SETS for name in exercises(ps)]
EVERY = 4  #: the sample; ps8 takes 10 seconds, the others 1 to 4, and ps9 with its trainings minutes
EACH = [pytest.param(ps, marks=[pytest.mark.slow] * (ps == "ps9_mlp_torch")) for ps in SETS]


def fate(source: str) -> str:
    exercise = "perceptron" if "perceptron" in source else "softmax"
    return judge(Trial("ps1_losses", exercise, Mutant("", "", source))).fate


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def softmax(h):\n    e = np.exp(log_softmax(h))\n    return e", "survived"),  # solutions beside it are there
        ("def softmax(h):\n    return -np.exp(log_softmax(h))", "wrong"),
        ("def softmax(h):\n    return numpy.exp(h)", "error"),
        ("def perceptron(X, t, max_epochs):\n    while True: pass", "timeout"),
        ("softmax = 1 / 0", "error"),
    ],
    ids=["right", "wrong", "raises", "never ends", "cannot be defined"],
)
def test_the_grading_checks_decide(source, expected):
    assert fate(source) == expected


def test_several_processes_find_what_one_finds():
    trials = plan("ps2_quadratics", every=24)
    assert list(run(trials, jobs=2)) == list(run(trials))


def test_a_sample_is_part_of_all():
    assert plan("ps1_losses", every=10) == plan("ps1_losses")[::10]


@pytest.mark.parametrize("ps", EACH)
def test_every_listed_equivalent_exists_and_keeps_all_points(ps):
    listed = [trial for trial in plan(ps) if trial.equivalent]
    assert Report(ps, list(run(listed)), unknown(ps)).stale == []


@pytest.mark.parametrize("ps", EACH)
def test_slips_in_the_solutions_cost_points(ps):
    report = Report(ps, list(run(plan(ps, every=EVERY))), every=EVERY)
    assert report.share >= ENOUGH, f"\n{report}"


@pytest.mark.exhaustive
@pytest.mark.parametrize(("ps", "name"), EXERCISES)
def test_in_every_exercise_slips_cost_points(ps, name):
    report = Report(ps, list(run([trial for trial in plan(ps) if trial.exercise == name])), unknown(ps))
    assert report.good, f"\n{report}"
