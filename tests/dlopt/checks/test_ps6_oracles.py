"""What problem set 6 takes for right, held against torch: its layer, its autograd, and both layers in a row."""

import numpy as np
import pytest
import torch

from dlopt.checks.ps6_batchnorm import _batches, _cases, _folding

SEEDS = [1, 2, 3, 7919]


def twin(f, eps=1e-5, momentum=0.1, **values):
    """Torch's layer, with known numbers in it."""
    layer = torch.nn.BatchNorm1d(f, eps=float(eps), momentum=float(momentum), dtype=torch.float64)
    with torch.no_grad():
        for name, value in values.items():
            getattr(layer, {"gamma": "weight", "beta": "bias"}.get(name, name)).copy_(torch.tensor(value))
    return layer


def same(ours, theirs):
    theirs = theirs.detach().numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-10 * max(1, np.max(np.abs(theirs))))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_batch_has_the_statistics_that_it_is_made_of(seed):
    rng = _cases.generator(seed, 99)
    for n, f in ((2, 3), (7, 1), (5, 5)):
        b = _cases.batch(rng, n, rng.normal(size=f), rng.uniform(0.1, 3, f))
        x = torch.tensor(b.x)
        same(b.mean, x.mean(0))
        same(b.std**2, x.var(0, unbiased=False))
        same(b.unbiased, x.var(0, unbiased=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_outputs_are_those_of_torch_in_both_modes(seed):
    for case in _batches.forward(seed):
        f, eps, x = case.args
        same(case.truth.y, twin(f, eps)(torch.tensor(x)))
    for case in _batches.forward_quiet(seed) + _batches.forward_eval(seed):
        if len(case.args) == 3:
            f, eps, x = case.args
            same(case.truth.y, twin(f, eps or 1e-5)(torch.tensor(x)))
        else:
            eps, gamma, beta, mean, var, x = case.args
            layer = twin(len(mean), eps, gamma=gamma, beta=beta, running_mean=mean, running_var=var)
            same(case.truth.y, layer.eval()(torch.tensor(x)))


@pytest.mark.parametrize("seed", SEEDS)
def test_running_statistics_are_those_of_torch_after_every_batch(seed):
    for case in _batches.streams(seed):
        f, momentum, batches = case.args
        layer = twin(f, momentum=0.1 if momentum is None else momentum)
        for x, mean, var in zip(batches, *case.truth, strict=True):
            layer(torch.tensor(x))
            same(mean, layer.running_mean)
            same(var, layer.running_var)


@pytest.mark.parametrize("cases", [_batches.backward, _batches.backward_quiet, _batches.backward_eval])
@pytest.mark.parametrize("seed", SEEDS)
def test_gradients_are_those_of_autograd(cases, seed):
    for case in cases(seed):
        eps, gamma, beta, *statistics, x, dy = case.args
        known = dict(zip(("running_mean", "running_var"), statistics, strict=False))
        layer = twin(len(gamma), eps, gamma=gamma, beta=beta, **known).train(not statistics)
        leaf = torch.tensor(x, requires_grad=True)
        y = layer(leaf)
        y.backward(torch.tensor(dy))
        slopes = case.truth.gradient
        # torch itself rounds where a large gradient cancels to a small one
        np.testing.assert_allclose(slopes.dx, leaf.grad, rtol=1e-7, atol=1e-11 * np.max(np.abs(dy)) / np.sqrt(eps))
        same(slopes.gamma, layer.weight.grad)
        same(slopes.beta, layer.bias.grad)
        same(case.truth.y, y)


@pytest.mark.parametrize("cases", [_folding._folds, _folding._small_variances])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_folded_layer_does_what_torch_s_two_layers_do(cases, seed):
    for case in cases(seed):
        gamma, beta, mean, var, eps, W, b = case.args
        norm = twin(len(gamma), eps, gamma=gamma, beta=beta, running_mean=mean, running_var=var).eval()
        linear = torch.nn.Linear(*W.T.shape, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(W))
            linear.bias.copy_(torch.tensor(b))
        W2, b2 = case.truth
        x = mean + np.sqrt(var + eps) * np.random.default_rng(seed).normal(size=(20, len(mean)))
        np.testing.assert_allclose(x @ W2.T + b2, linear(norm(torch.tensor(x))).detach(), rtol=1e-8, atol=1e-9)
