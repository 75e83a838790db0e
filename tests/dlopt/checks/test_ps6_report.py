"""What a student reads under a check cell of problem set 6."""

import statistics
import time

import numpy as np
import pytest

from autograder.misconceptions import ps6
from dlopt.checks import grading
from dlopt.checks import ps6_batchnorm as check

NAMES = check.__all__
RIGHT = [(name, answer) for name in NAMES for answer in ps6.TABLE.right_answers[name]]
WRONG = [m for name in NAMES for m in ps6.TABLE.misconceptions[name]]


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


def test_an_object_instead_of_the_class_gets_a_sentence():
    assert "expects your class BatchNorm itself" in repr(check.BatchNorm(ps6.NormPlain(3)))


def test_half_a_class_earns_its_half():
    class Forward(ps6.NormPlain):
        def backward(self, dy):
            raise NotImplementedError

    report = check.BatchNorm(Forward)
    assert {row.status for row in report.rows} == {"pass", "missing"}
    assert report.earned == 2.5


def test_a_layer_that_only_exists_shows_its_start():
    class Start(ps6.NormPlain):
        def forward(self, x):
            raise NotImplementedError

        backward = forward

    report = check.BatchNorm(Start)
    assert [row.name for row in report.rows if row.status == "pass"] == ["norm_start"]


def test_a_missing_attribute_is_named():
    class Nameless(ps6.NormPlain):
        def backward(self, dy):
            dx = super().backward(dy)
            self.dgamma = self.__dict__.pop("grad_gamma")
            return dx

    row = next(row for row in check.BatchNorm(Nameless).rows if row.name == "norm_gradients")
    assert row.message == "There is no attribute grad_gamma."


def test_parameters_behind_properties_can_be_set_as_well():
    class Kept(ps6.NormPlain):
        @property
        def gamma(self):
            return self._gamma.copy()

        @gamma.setter
        def gamma(self, value):
            self._gamma = np.array(value)

    assert check.BatchNorm(Kept).passed


def test_state_of_a_wrong_layer_is_judged_by_the_layer_itself():
    report = check.BatchNorm(ps6.NormConstantStatistics)
    assert "norm_state" not in failed(report)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 60))
def test_scores_do_not_depend_on_the_seed(seed, monkeypatch):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    monkeypatch.setattr(grading, "seeds", lambda: (seed, 1000 + seed))
    for name, answer in RIGHT:
        assert getattr(check, name)(answer).passed
    for m in WRONG:
        assert failed(getattr(check, m.exercise)(m.answer)) == set(m.loses), m.name


def test_two_reruns_say_the_same(monkeypatch):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    for name, answer in [*RIGHT[:2], *((m.exercise, m.answer) for m in WRONG[:4])]:
        assert getattr(check, name)(answer) == getattr(check, name)(answer)


@pytest.mark.parametrize("name", NAMES)
def test_a_visible_check_answers_at_once(name, monkeypatch):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        getattr(check, name)(ps6.TABLE.right_answers[name][0])
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < 0.2
