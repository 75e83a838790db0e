"""The right values of problem set 9 against hand-computed ones, and what its cases must not depend on."""

import numpy as np
import pytest
import torch

from autograder.misconceptions import ps9
from autograder.mutation.trial import _namespace
from autograder.references import ps9 as answers
from dlopt.checks import expect
from dlopt.checks.ps9_mlp_torch import _build, _epoch, _evaluate, _fit, _inside
from dlopt.checks.ps9_mlp_torch._cases import near

STEPS = {  # of one coordinate, after gradients g, −2g, 3g: torch's documented formulas, written out
    "sgd": lambda g, lr: -lr * g.sum(),
    "adagrad": lambda g, lr: -lr * np.sum(g / (np.sqrt(np.cumsum(g**2)) + 1e-10)),
    "rmsprop": lambda g, lr: -lr * np.sum(g / (np.sqrt([_average(g[: k + 1] ** 2, 0.99) for k in range(3)]) + 1e-8)),
    "adam": lambda g, lr: (
        -lr
        * sum(
            _average(g[: k + 1], 0.9)
            / (1 - 0.9 ** (k + 1))
            / (np.sqrt(_average(g[: k + 1] ** 2, 0.999) / (1 - 0.999 ** (k + 1))) + 1e-8)
            for k in range(3)
        )
    ),
}


def _average(values, rho):
    total = 0.0
    for value in values:
        total = rho * total + (1 - rho) * value
    return total


@pytest.mark.parametrize("name", STEPS)
def test_torch_s_defaults_are_the_formulas_of_the_lectures(name):
    parameter = torch.nn.Parameter(torch.tensor([0.5], dtype=torch.float64))
    rule = ps9.RULES[name]([parameter], lr=0.1)
    gradients = 0.3 * np.array([1.0, -2.0, 3.0])
    for gradient in gradients:
        parameter.grad = torch.tensor([gradient], dtype=torch.float64)
        rule.step()
    assert parameter.item() - 0.5 == pytest.approx(STEPS[name](gradients, 0.1), rel=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_one_batch_of_sgd_is_the_gradient_of_the_softmax(seed):
    setting, X, labels, _ = _epoch._variant(_epoch._case(seed, 1), dtype="float64", batch_size=14).args
    trace = _epoch.follow(answers.train_epoch, setting, X, labels, 3)
    W, b = setting.arrays
    h = X @ W.T + b
    p = np.exp(h) / np.exp(h).sum(axis=1, keepdims=True)
    slope = (p - np.eye(3)[labels]) / len(X)
    np.testing.assert_allclose(trace.end[0], W - setting.lr * slope.T @ X, rtol=1e-10)
    np.testing.assert_allclose(trace.end[1], b - setting.lr * slope.sum(axis=0), rtol=1e-10)
    assert trace.means[""] == pytest.approx(-np.log(p[np.arange(len(X)), labels]).mean(), rel=1e-10)


def test_a_network_taken_apart_is_computed_by_hand():
    X = np.random.default_rng(1).normal(size=(7, 3))
    body = _build.take_apart(answers.build_mlp, [3, 5, 2], {"batch_norm": True}, X, 4)
    (W1, b1), (W2, b2) = body.linear
    gamma, beta, mean, var, eps = body.found["norm"][0]
    z = body.X @ W1.T + b1
    for mode, m, v in (("eval", mean, var), ("train", z.mean(axis=0), z.var(axis=0))):
        y = np.maximum(gamma * (z - m) / np.sqrt(v + eps) + beta, 0) @ W2.T + b2
        np.testing.assert_allclose(body.found[mode], y, rtol=1e-9)
        np.testing.assert_allclose(body.expected(training=mode == "train"), y, rtol=1e-9)


@pytest.mark.parametrize("seed", range(1, 40))
def test_train_mode_gives_another_accuracy_on_every_seed(seed):
    for case in (_evaluate._case(seed, 5, "norm"), _evaluate._case(seed, 0), _evaluate._case(seed, 4, "dropout")):
        kind, sizes, arrays, *_, X, labels = case.args
        said = _evaluate._logits(kind, sizes, arrays, X).argmax(axis=1)
        assert np.mean(said == labels) == pytest.approx(case.truth)
        other = _evaluate._logits(kind, sizes, arrays, X, training=True).argmax(axis=1)
        assert kind == "plain" or abs(np.mean(other == labels) - case.truth) > 0.05


def test_notes_are_taken_of_passes_that_a_gradient_came_back_to():
    arrays = [np.ones((2, 3)), np.zeros(2)]
    notes = _inside.Notes(_inside.reference("plain", [3, 2]), arrays, "float64", True)
    notes.model(torch.zeros(4, 3, dtype=torch.float64))
    notes.model(torch.ones(5, 3, dtype=torch.float64)).sum().backward()
    assert [len(batch) for batch in notes.batches] == [5]
    assert notes.used == [True, True]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_the_model_solution_reads_97_percent_of_the_unseen_digits(seed):
    """Measured with these seeds: 97.8 % to 98.9 %, 98.4 % on average, in 2 s at most."""
    case = _fit._digits(seed, (1, 16)[seed % 2], "arrays", 1, telling=False)
    fitted = _fit.read(_namespace("ps9_mlp_torch")["fit"], *case.args)
    assert fitted.share() >= 0.97


def test_near_is_as_strict_as_the_model_s_dtype():
    near([1.0, 2.0 + 1e-5], [1.0, 2.0], "x", "float32")
    with pytest.raises(expect.Failure):
        near([1.0, 2.0 + 1e-5], [1.0, 2.0], "x", "float64")
