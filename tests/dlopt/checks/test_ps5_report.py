"""What a student reads under a check cell of problem set 5."""

import collections
import itertools
import time

import numpy as np
import pytest

from autograder.misconceptions import ps5
from dlopt.checks import ps5_sgd as check
from dlopt.checks.ps5_sgd import _balanced, _minibatches


def untouched(*args, **kwargs):
    raise NotImplementedError


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
