"""What a student reads under a check cell of problem set 5."""

import collections
import itertools
import statistics
import time

import numpy as np
import pytest

from autograder.misconceptions import ps5
from dlopt.checks import grading
from dlopt.checks import ps5_sgd as check
from dlopt.checks.ps5_sgd import _balanced, _minibatches

NAMES = check.__all__
RIGHT = [(name, answer) for name in NAMES for answer in ps5.TABLE.right_answers[name]]
PROPERTIES = [p.name for name in NAMES for p in getattr(check, name).properties]
WRONG = [m for name in NAMES for m in ps5.TABLE.misconceptions[name]]


class Stub:
    def __init__(self, *args, **kwargs):
        raise NotImplementedError


def untouched(*args, **kwargs):
    raise NotImplementedError


def failed(report):
    return {row.name for row in report.rows if row.status not in ("pass", "later")}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("stub", [Stub, untouched])
def test_a_stub_reads_not_yet_implemented_and_earns_nothing(name, stub):
    report = getattr(check, name)(stub)
    assert report.earned == 0
    assert {row.status for row in report.rows} == {"missing"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("answer", [lambda *a, **k: None, lambda *a, **k: 1 / 0, lambda: 1.0, int])
def test_nonsense_earns_nothing_and_raises_nothing(name, answer):
    report = getattr(check, name)(answer)
    assert report.earned == 0
    assert report.rows[0].message


def test_half_a_dealer_earns_about_half():
    """Whole and paired, but in no order and without the rest: half of the points."""

    def deal(X, y, batch_size, rng):
        for i in range(len(X) // batch_size):
            yield X[i * batch_size : (i + 1) * batch_size], y[i * batch_size : (i + 1) * batch_size]

    assert check.minibatches(deal).earned == 1.5


@pytest.mark.parametrize("name", ["minibatches", "balanced_minibatches"])
@pytest.mark.parametrize(
    ("found", "said"),
    [
        (lambda X, y, b, rng: None, "it is None"),
        (lambda X, y, b, rng: X, "it is a numpy array of shape"),
        (lambda X, y, b, rng: (X, y), "Item 0 should be a pair (xb, yb); it is a numpy array"),
        (
            lambda X, y, b, rng: [(X, y, 1)],
            "Item 0 should be a pair (xb, yb); it is something with three parts or more",
        ),
        (lambda X, y, b, rng: [X, y], "Item 0 should be a pair"),
        (lambda X, y, b, rng: iter([]), "It yields nothing, for"),
        (lambda X, y, b, rng: itertools.repeat((X, y)), "was not done: does it ever end?"),
        (lambda X, y, b, rng: [[None, None]], "it is None"),
        (lambda X, y, b, rng: [("a", "b")], "it is a value of type str"),
        (lambda X, y, b, rng: [(X[:0], y[:0])], "No batch holds a row of X."),
    ],
)
def test_what_is_no_iterator_of_pairs_gets_a_sentence(name, found, said):
    report = getattr(check, name)(found)
    assert report.earned <= 0.5
    assert said in repr(report)


def test_an_endless_loop_costs_one_limit(monkeypatch):
    monkeypatch.setattr(check.minibatches, "limit", 0.3)

    def stuck(X, y, batch_size, rng):
        while len(X):
            pass
        yield X, y

    start = time.perf_counter()
    report = check.minibatches(stuck)
    assert {row.status for row in report.rows} <= {"timeout", "later"}
    assert "does a loop never end?" in report.rows[0].message
    assert time.perf_counter() - start < 5


def test_pairs_may_be_of_any_kind():
    Batch = collections.namedtuple("Batch", "x y")
    assert check.minibatches(lambda *args: collections.deque(Batch(*b) for b in ps5.minibatches(*args))).passed
    assert check.minibatches(lambda *args: map(list, ps5.minibatches(*args))).passed


def test_a_step_of_an_array_without_axes_may_be_a_number():
    assert check.sgd_step(ps5.step_comprehension).passed
    assert isinstance(ps5.step_comprehension([np.array(1.0)], [np.array(2.0)], 0.5)[0], np.float64)


def test_a_wrong_scale_or_a_missing_start_of_the_losses_costs_once():
    assert check.sgd_linear_regression(ps5.regression_mean_square).earned == 3.5
    assert check.sgd_linear_regression(ps5.regression_without_start).earned == 3.25


def test_the_lent_minibatches_keeps_one_mistake_from_costing_two_exercises(monkeypatch):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    monkeypatch.setattr(ps5, "minibatches", ps5.batches_unshuffled)
    assert check.sgd_linear_regression(ps5.regression_plain).passed


def test_a_regression_whose_minibatches_is_missing_still_reads_as_not_implemented(monkeypatch):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    monkeypatch.setattr(ps5, "minibatches", untouched)
    assert {row.status for row in check.sgd_linear_regression(ps5.regression_plain).rows} == {"missing"}


@pytest.mark.parametrize("seed", range(20))
def test_order_is_asked_of_forty_samples_and_more(seed):
    """On a few samples a right answer repeats an order now and then."""
    assert all(len(case.args[0]) >= 40 for case in _minibatches._orders(seed) + _balanced._orders(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 60))
def test_scores_do_not_depend_on_the_seed(seed, monkeypatch):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    monkeypatch.setattr(grading, "seeds", lambda: (seed, 1000 + seed))
    for name, answer in RIGHT:
        assert getattr(check, name)(answer).passed, answer.__name__
    for m in WRONG:
        assert failed(getattr(check, m.exercise)(m.answer)) == set(m.loses), m.name


def test_two_reruns_say_the_same(monkeypatch):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    for name, answer in [*RIGHT[:2], *((m.exercise, m.answer) for m in WRONG[:4])]:
        assert getattr(check, name)(answer) == getattr(check, name)(answer)


def test_feedback_says_something_specific_of_most_mistakes_that_are_not_listed(monkeypatch):
    """Without misconceptions: a clue of `diagnose`, or the sentence of a line about shape, start, state or inputs."""
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    plain = {"decay_type", "step_type", "ema_type", "ema_copies_in", "ema_copies_out", "ema_apart"}
    plain |= {"regression_type", "regression_shuffles", "inputs_unchanged"}
    plain |= {name for name in PROPERTIES if name.startswith(("batches_", "balanced_"))}  # each has its sentence
    said = []
    for m in WRONG:
        rows = [row for row in getattr(check, m.exercise)(m.answer).rows if row.status not in ("pass", "later")]
        said.append(any(row.clue or row.name in plain or row.status == "error" for row in rows))
    assert np.mean(said) >= 0.5, f"{sum(said)} of {len(said)}"


@pytest.mark.parametrize("name", NAMES)
def test_a_visible_check_answers_at_once(name, monkeypatch):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        getattr(check, name)(ps5.TABLE.right_answers[name][0])
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < 0.2
