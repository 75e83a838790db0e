"""What a student reads under a check cell of problem set 1."""

import numpy as np
import pytest

from autograder.misconceptions import ps1
from dlopt.checks import grading as door
from dlopt.checks import ps1_losses as check

NAMES = check.__all__


def statuses(report):
    return {row.name: row.status for row in report.rows}


@pytest.mark.parametrize("name", NAMES)
def test_shape_and_value_are_judged_apart(name):
    """A list instead of an array, or an array instead of a float, costs the type alone."""
    right = ps1.TABLE.right_answers[name][0]

    def wrapped(*args):
        value = right(*args)
        return np.array([value]) if np.ndim(value) == 0 else value.tolist()

    failed = [row for row in getattr(check, name)(wrapped).rows if row.status != "pass"]
    assert len(failed) == 1
    assert failed[0].name.endswith("_type")


def test_a_loop_that_ignores_max_epochs_costs_the_lines_that_need_it():
    def endless(X, t, max_epochs):
        w, b = np.zeros(X.shape[1]), 0.0
        while True:
            before = b, *w
            for x, s in zip(X, t, strict=True):
                if s * (w @ x + b) <= 0:
                    w, b = w + s * x, b + s
            if before == (b, *w):
                return np.append(w, b)

    found = statuses(check.perceptron(endless))
    assert found["perceptron_first"] == found["perceptron_separates"] == found["perceptron_stops"] == "pass"
    assert found["perceptron_epochs"] == "timeout"


def test_never_looking_at_the_mistakes_of_an_epoch_costs_one_line():
    def never_done(X, t, max_epochs):
        w, b = np.zeros(X.shape[1]), 0.0
        for _ in range(max_epochs):
            for x, s in zip(X, t, strict=True):
                if s * (w @ x + b) <= 0:
                    w, b = w + s * x, b + s
        return np.append(w, b)

    found = statuses(check.perceptron(never_done))
    assert [name for name, status in found.items() if status != "pass"] == ["perceptron_stops"]
    assert found["perceptron_stops"] == "timeout"


def test_a_record_of_every_epoch_is_no_crime():
    def recording(X, t, max_epochs):
        record = np.zeros(max_epochs)
        w, b = np.zeros(X.shape[1]), 0.0
        for epoch in range(max_epochs):
            for x, s in zip(X, t, strict=True):
                if s * (w @ x + b) <= 0:
                    w, b = w + s * x, b + s
                    record[epoch] += 1
            if record[epoch] == 0:
                break
        return np.append(w, b)

    assert check.perceptron(recording).passed


def test_a_step_of_the_perceptron_is_told_with_its_sample():
    row = next(row for row in check.perceptron(ps1.perceptron_of_differences).rows if row.name == "perceptron_epoch")
    assert "sample 2 (x = [2., 0.], t = -1; t(w·x + b) was -3, a mistake)" in row.message


def softmax(h):  # what cross_entropy below finds beside it, as in a notebook
    return ps1.raw_shares(h)


def log_softmax(h):
    return ps1.log_shares(h.T).T


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("cross_entropy", lambda h, y: float(-(y * log_softmax(h)).sum() / len(h))),
        ("cross_entropy_grad", lambda h, y: (softmax(h) - y) / len(h)),
        ("softmax_jacobian", lambda h: np.diag(softmax(h[None])[0]) - np.outer(softmax(h[None]), softmax(h[None]))),
        ("softmax", lambda h: np.exp(log_softmax(h))),
    ],
)
def test_a_mistake_in_another_exercise_costs_nothing_while_grading(name, answer, monkeypatch):
    monkeypatch.delenv(door.VARIABLE, raising=False)
    assert not getattr(check, name)(answer).passed
    monkeypatch.setenv(door.VARIABLE, "autograder.grading")
    assert getattr(check, name)(answer).passed
