"""What a student reads under a check cell of problem set 6."""

import numpy as np

from autograder.misconceptions import ps6
from dlopt.checks import ps6_batchnorm as check


def failed(report):
    return {row.name for row in report.rows if row.status not in ("pass", "later")}


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
