"""The right values of problem set 1 against torch's losses and autograd, and scikit-learn's perceptron."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Perceptron
from torch.nn import functional

from autograder.misconceptions import ps1
from autograder.references import ps1 as reference
from dlopt.checks import ps1_losses as check
from dlopt.checks.ps1_losses import _entropy, _labels, _perceptron, _softmax, _squared

SEEDS = [1, 2, 3, 1234]


def leaf(values):
    return torch.tensor(values, requires_grad=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_targets_are_torch_s(seed):
    for case in _labels._all_classes(seed) + _labels._classes_missing(seed):
        labels, num_classes = case.args
        np.testing.assert_array_equal(case.truth, functional.one_hot(torch.tensor(labels), num_classes))


@pytest.mark.parametrize("seed", SEEDS)
def test_softmax_and_its_logarithm_are_torch_s(seed):
    for case in _softmax._softmax_moderate(seed) + _softmax._softmax_large(seed) + _softmax._softmax_apart(seed):
        h = torch.tensor(case.args[0])
        np.testing.assert_allclose(case.truth, torch.softmax(h, 1), rtol=1e-11, atol=1e-300)
        np.testing.assert_allclose(reference.softmax(case.args[0]), case.truth, rtol=1e-11, atol=1e-300)
    for case in _softmax._log_moderate(seed) + _softmax._log_unlikely(seed) + _softmax._log_large(seed):
        h = torch.tensor(case.args[0])
        np.testing.assert_allclose(case.truth, torch.log_softmax(h, 1), rtol=1e-12, atol=1e-11)
        np.testing.assert_allclose(reference.log_softmax(case.args[0]), case.truth, rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_jacobian_is_autograd_s(seed):
    for case in _softmax._one_class_more(seed) + _softmax._large_vectors(seed):
        theirs = torch.autograd.functional.jacobian(lambda h: torch.softmax(h, 0), torch.tensor(case.args[0]))
        np.testing.assert_allclose(case.truth, theirs, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("seed", SEEDS)
def test_cross_entropy_and_its_slope_are_torch_s(seed):
    values = _entropy._one_hot(seed) + _entropy._soft(seed) + _entropy._confident(seed) + _entropy._large_losses(seed)
    for case in values:
        theirs = functional.cross_entropy(*map(torch.tensor, case.args))
        assert case.truth == pytest.approx(theirs.item(), rel=1e-12, abs=1e-11)
    for case in _entropy._one_hot_slopes(seed) + _entropy._soft_slopes(seed) + _entropy._large_slopes(seed):
        h = leaf(case.args[0])
        functional.cross_entropy(h, torch.tensor(case.args[1])).backward()
        np.testing.assert_allclose(case.truth, h.grad, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("seed", SEEDS)
def test_squared_error_and_its_slope_are_torch_s(seed):
    for case in _squared._batches(seed) + _squared._one_output(seed) + _squared._one_sample(seed):
        f, y = map(torch.tensor, case.args)
        assert case.truth == pytest.approx(functional.mse_loss(f, y, reduction="sum").item() / len(f), rel=1e-12)
    for case in _squared._slope_batches(seed) + _squared._slope_one_output(seed) + _squared._slope_one_sample(seed):
        f, y = leaf(case.args[0]), torch.tensor(case.args[1])
        (functional.mse_loss(f, y, reduction="sum") / len(f)).backward()
        np.testing.assert_allclose(case.truth, f.grad, rtol=1e-12, atol=1e-14)


def scikit_learn(X, t, max_epochs):
    """Weights of scikit-learn's perceptron, which corrects where t(w·x + b) ≤ 0 and never stops early here."""
    model = Perceptron(shuffle=False, tol=None, max_iter=max_epochs, eta0=1.0)
    model.fit(X, t)
    return np.append(model.coef_[0], model.intercept_)


@pytest.mark.filterwarnings("ignore:lists are slow")  # one of the answers says so
@pytest.mark.parametrize("answer", ps1.TABLE.right_answers["perceptron"], ids=lambda answer: answer.__name__)
@pytest.mark.parametrize("seed", SEEDS)
def test_right_perceptrons_end_where_scikit_learn_s_does(seed, answer):
    for case in _perceptron._together(seed) + _perceptron._lines(seed):
        X, t, max_epochs = case.args
        np.testing.assert_array_equal(answer(X, t, max_epochs), scikit_learn(X, t, max_epochs))


def test_scikit_learn_s_perceptron_passes_but_for_what_it_cannot_do():
    """It needs both labels, and it goes on after an epoch without a mistake."""

    def theirs(X, t, max_epochs):
        if len(set(t)) == 1:  # a single class: the rule by hand, every sample after the first is right or corrected
            return ps1.perceptron_plain(X, t, max_epochs)
        return scikit_learn(X, t, min(max_epochs, 1000))

    assert check.perceptron(theirs).passed


@pytest.mark.parametrize("seed", range(40))
def test_samples_called_separable_are_separated_well_within_the_epochs(seed):
    for case in _perceptron._lines(seed) + _perceptron._easy(seed):
        X, t, max_epochs = case.args
        w = ps1.perceptron_plain(X, t, 300)
        assert np.all(t * (X @ w[:-1] + w[-1]) > 0), case.label
        assert max_epochs >= 1000
        assert set(t) == {1.0, -1.0}
