"""The right values of problem set 8 against torch: complex steps, scipy's functions, the repeated descent."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from autograder.misconceptions import ps8
from dlopt.checks import expect
from dlopt.checks.ps8_backprop import _inside, _losses, _random, _training
from dlopt.checks.ps8_backprop._cases import generator, parameters, targets

ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}


def torch_forward(x, arrays, activation):
    for k in range(0, len(arrays), 2):
        x = functional.linear(x, arrays[k], arrays[k + 1])
        if k + 2 < len(arrays):
            x = ACTIVATIONS[activation](x)
    return x


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", [(3, 2), (2, 5, 3), (4, 6, 1, 3), (1, 1)])
def test_the_network_of_complex_steps_is_autograd_s(activation, sizes):
    rng = generator(5)
    arrays, x, dy = parameters(rng, sizes), rng.normal(size=(4, sizes[0])), rng.normal(size=(4, sizes[-1]))
    net = _inside.Net(arrays, activation)
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, *arrays)]
    y = torch_forward(leaves[0], leaves[1:], activation)
    gradients = torch.autograd.grad(y, leaves, torch.tensor(dy))
    np.testing.assert_allclose(net.forward(x), y.detach(), rtol=1e-12)
    for ours, theirs in zip([net.backward(dy), *net.gradients()], gradients, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("soft", [True, False])
def test_losses_and_slopes_are_torch_s(soft):
    rng = generator(6)
    h, y = 3 * rng.normal(size=(5, 4)), targets(rng, 5, 4, soft=soft)
    for ours, slope, theirs in (
        (_losses.cross_entropy, _losses.entropy_slope, lambda a, b: functional.cross_entropy(a, b)),
        (_losses.squared_error, _losses.error_slope, lambda a, b: functional.mse_loss(a, b, reduction="sum") / len(a)),
    ):
        leaf = torch.tensor(h, requires_grad=True)
        value = theirs(leaf, torch.tensor(y))
        (gradient,) = torch.autograd.grad(value, leaf)
        assert ours(h, y) == pytest.approx(value.item(), rel=1e-12)
        np.testing.assert_allclose(slope(h, y), gradient, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_large_logits_are_right_by_torch_too(seed):
    for case in _losses._large_logits(seed):
        leaf = torch.tensor(case.args[0], requires_grad=True)
        value = functional.cross_entropy(leaf, torch.tensor(case.args[1]))
        (gradient,) = torch.autograd.grad(value, leaf)
        assert case.truth[0] == pytest.approx(value.item(), rel=1e-12)
        np.testing.assert_allclose(case.truth[1], gradient, atol=1e-12)


def test_the_repeated_descent_is_torch_s_sgd():
    case = _training._small(1)[0]
    trace = _training.follow(ps8.train_by_permutation, *case.args[:-1], np.random.default_rng(3))
    leaves = [torch.tensor(a, requires_grad=True) for a in trace.before]
    optimizer = torch.optim.SGD(leaves, lr=trace.lr)
    X, labels = torch.tensor(trace.X), torch.tensor(trace.labels)
    losses = []
    for epoch in trace.epochs:
        total = 0.0
        for order in epoch:
            loss = functional.cross_entropy(torch_forward(X[order], leaves, "tanh"), labels[order])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(order)
        losses.append(total / len(X))
    for ours, theirs in zip(trace.descent[0], leaves, strict=True):
        np.testing.assert_allclose(ours, theirs.detach(), rtol=1e-10)
    np.testing.assert_allclose(trace.means[""], losses, rtol=1e-12)


def test_no_right_start_is_refused():
    rng = np.random.default_rng(11)
    for _ in range(300):
        layer = ps8.LinearPlain(150, 400, rng)
        _random.judge_start(_random.Start((150, 400), [layer.W, layer.b]))


def test_the_spread_of_the_estimates_is_what_the_bounds_count_with():
    rng = np.random.default_rng(12)
    draws = rng.uniform(-1, 1, (400, 24000))
    assert np.std(draws.mean(axis=1)) * np.sqrt(3 * 24000) == pytest.approx(1, abs=0.15)
    assert np.std(np.mean(draws**2, axis=1)) / np.sqrt((1 / 5 - 1 / 9) / 24000) == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize(
    ("W", "said"),
    [
        (lambda n, m: np.full((m, n), 0.01), "units that start alike stay alike"),
        (lambda n, m: np.random.default_rng(1).uniform(0, np.sqrt(6 / (n + m)), (m, n)), "The mean of W should be 0"),
        (lambda n, m: np.random.default_rng(1).uniform(-0.05, 0.05, (m, n)), "The variance of W"),
        (lambda n, m: np.random.default_rng(1).normal(0, 1, (m, n)), "W reaches"),
        (lambda n, m: np.random.default_rng(1).uniform(-0.05, 0.05, (m, n + 1)), "should have shape"),
    ],
)
def test_a_wrong_start_is_told_apart(W, said):
    with pytest.raises(expect.Failure, match=said):
        _random.judge_start(_random.Start((150, 400), [W(150, 400), np.zeros(400)]))
