"""What a student reads under a check cell of problem set 8."""

import numpy as np
import pytest

from autograder.misconceptions import ps8
from dlopt.checks import ps8_backprop as check

NAMES = check.__all__
CLASSES = [name for name in NAMES if name not in ("numerical_gradient", "train")]


class Stub:
    """Every method of every class of the set, as released; only the constructors are there."""

    def __init__(self, *args):
        pass

    def forward(self, *args):
        raise NotImplementedError

    backward = parameters = gradients = forward


def untouched(*args, **kwargs):
    raise NotImplementedError


def statuses(report):
    return {row.name: row.status for row in report.rows}


@pytest.mark.parametrize("name", NAMES)
def test_a_stub_reads_not_yet_implemented_and_earns_nothing(name):
    for stub in [untouched] + [Stub] * (name in CLASSES and name != "Linear"):  # Linear(…) alone is a stub
        report = getattr(check, name)(stub)
        assert report.earned == 0
        assert {row.status for row in report.rows} == {"missing"}


def test_an_object_instead_of_the_class_gets_a_sentence():
    assert "expects your class ReLU itself" in repr(check.ReLU(ps8.ReluMask()))


def test_half_a_class_earns_its_half():
    class Forward(ps8.LinearPlain):
        def backward(self, dy):
            raise NotImplementedError

    report = check.Linear(Forward)
    found = statuses(report)
    assert [name for name, status in found.items() if status == "pass"] == [
        "linear_start",
        "linear_rng",
        "linear_forward",
    ]
    assert set(found.values()) == {"pass", "missing"}
    assert report.earned == 2


def test_a_missing_attribute_is_named():
    class Nameless(ps8.LinearPlain):
        def backward(self, dy):
            self.dW = dy.T @ self.x
            return dy @ self.W

    row = next(row for row in check.Linear(Nameless).rows if row.name == "linear_gradients")
    assert row.message == "There is no attribute grad_W."


def test_a_network_off_by_its_layers_is_the_layers_business_while_grading(monkeypatch):
    monkeypatch.setattr(ps8, "Linear", ps8.LinearMeanGradients)
    assert check.MLP(ps8.NetOfOneList).earned == check.MLP.points - 1
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    assert check.MLP(ps8.NetOfOneList).earned == check.MLP.points


def test_without_any_layers_a_network_can_still_be_graded(monkeypatch):
    for name in ("Linear", "ReLU", "Tanh", "Sigmoid"):
        monkeypatch.setattr(ps8, name, Stub)
    assert check.MLP(ps8.NetOfTwoLists).earned == 0
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    assert check.MLP(ps8.NetOfTwoLists).passed


@pytest.mark.parametrize("loss", [Stub, ps8.EntropyGradientOfTheSum])
def test_differences_and_training_do_not_suffer_from_a_wrong_loss(loss, monkeypatch):
    monkeypatch.setattr(ps8, "SoftmaxCrossEntropy", loss)
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    assert check.numerical_gradient(ps8.differences_of_flat_views).passed
    assert check.train(ps8.train_by_permutation).passed


def test_training_does_not_suffer_from_a_wrong_network(monkeypatch):
    monkeypatch.setattr(ps8, "MLP", ps8.NetOfCopies)
    found = statuses(check.train(ps8.train_by_permutation))
    assert [name for name, status in found.items() if status != "pass"] == ["train_digits"]
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    assert check.train(ps8.train_by_permutation).passed


def test_a_loop_that_reaches_into_its_own_network_is_tried_on_that(monkeypatch):
    def train(mlp, X, labels, num_epochs, batch_size, lr, rng):
        kept = mlp.parameters
        assert mlp.layers  # an attribute of the student's own
        mlp.parameters = kept
        return ps8.train_by_permutation(mlp, X, labels, num_epochs, batch_size, lr, rng)

    monkeypatch.setitem(globals(), "MLP", ps8.NetOfOneList)
    assert check.train(train).passed


def test_without_a_network_of_the_student_s_the_digits_say_what_is_missing(monkeypatch):
    monkeypatch.setattr(ps8, "MLP", None)
    row = next(row for row in check.train(ps8.train_by_permutation).rows if row.name == "train_digits")
    assert (row.status, row.message) == ("error", "This line trains a network of yours: it needs your class MLP.")


def test_a_near_miss_of_the_digits_is_tried_again(monkeypatch):
    shares = iter([0.94, 0.96])
    monkeypatch.setattr("dlopt.checks.ps8_backprop._training._share", lambda outputs, labels: next(shares))
    assert check.train(ps8.train_by_permutation).passed


def test_the_kind_of_loss_that_came_is_named():
    row = next(row for row in check.train(ps8.train_mean_of_means).rows if row.name == "train_losses")
    assert row.clue.startswith("It is the mean over the batches")


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_right_answers_pass_whatever_their_draws(seed):
    class Burning(ps8.LinearPlain):
        def __init__(self, in_features, out_features, rng):
            rng.normal(size=seed)
            super().__init__(in_features, out_features, rng)

    assert check.Linear(Burning).passed


def test_a_stateless_network_earns_no_state_alone():
    class Constant:
        def __init__(self, *args):
            self.W, self.b = np.zeros((1, 1)), np.zeros(1)

        def forward(self, *args):
            return np.zeros((1, 1))

        backward = parameters = gradients = forward

    for name in CLASSES:
        assert getattr(check, name)(Constant).earned <= 0.5
