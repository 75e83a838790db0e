"""Backpropagation in indices and along paths against autograd, and mistakes that are what they say."""

import pytest
import torch
from torch import nn

from dlopt import backprop

SIZES = [3, 4, 2, 2]


def by_autograd(weights, x, target):
    leaves = [torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in weights]
    y = torch.tensor(x, dtype=torch.float64)
    for w in leaves:
        y = torch.tanh(torch.cat([torch.ones(1, dtype=torch.float64), y]) @ w)
    loss = 0.5 * ((y - torch.tensor(target, dtype=torch.float64)) ** 2).sum()
    return loss, torch.autograd.grad(loss, leaves)


@pytest.fixture
def example():
    weights = backprop.small_network(SIZES, torch.Generator().manual_seed(1))
    return weights, [0.3, -1.2, 0.7], [0.5, -0.5]


def test_in_indices_agrees_with_autograd(example):
    loss, slopes = backprop.in_indices(*example)
    expected, grads = by_autograd(*example)
    assert loss == pytest.approx(expected.item(), rel=1e-14)
    for ours, theirs in zip(slopes, grads, strict=True):
        torch.testing.assert_close(torch.tensor(ours, dtype=torch.float64), theirs, rtol=0, atol=1e-14)


@pytest.mark.parametrize("edge", [(0, 0), (1, 3), (3, 2)])
def test_the_derivative_is_the_sum_over_paths(example, edge):
    total, count = backprop.path_sum(*example, edge=edge)
    assert count == 2 * 2
    assert total == pytest.approx(by_autograd(*example)[1][0][edge].item(), abs=1e-14)


def test_disguised_is_right_forward_and_to_order_backward():
    z = torch.linspace(-3, 3, 7, dtype=torch.float64, requires_grad=True)
    y = backprop.disguised(z.tanh(), via=backprop.FAULTS["1 − y for 1 − y²"](z))
    (slope,) = torch.autograd.grad(y.sum(), z)
    torch.testing.assert_close(y.detach(), z.detach().tanh(), rtol=0, atol=0)
    torch.testing.assert_close(slope, 1 - z.detach().tanh(), rtol=0, atol=1e-15)


@pytest.mark.parametrize("fault", [None, *backprop.FAULTS, "stranger's matrix"])
def test_every_fault_computes_the_same_function(fault):
    def make(fault):
        return backprop.Faulty([3, 5, 4, 2], torch.Generator().manual_seed(0), fault)

    x = torch.randn(6, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    faulty, right = make(fault), make(None)
    torch.testing.assert_close(faulty(x), right(x), rtol=0, atol=1e-15)
    grads = [torch.autograd.grad(net(x).square().sum(), list(net.weights)) for net in (faulty, right)]
    last, first = [(a - b).abs().max().item() for a, b in (pair for pair in zip(*grads, strict=True))][::-2]
    assert last < 1e-13  # the last layer is behind no fault
    assert (first > 1e-3) == (fault is not None)


def test_without_a_fault_it_is_an_ordinary_network():
    net = backprop.Faulty([3, 5, 2], torch.Generator().manual_seed(0))
    plain = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).double()
    with torch.no_grad():
        for layer, weight, bias in zip(plain[::2], net.weights, net.biases, strict=True):
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
    x = torch.randn(6, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    torch.testing.assert_close(net(x), plain(x))


def test_an_unknown_fault_is_refused():
    with pytest.raises(ValueError, match="fault must be one of"):
        backprop.Faulty([2, 1], torch.Generator(), fault="typo")


def test_fit_is_torch_s_loop_and_a_right_gradient_learns():
    x = torch.randn(60, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    labels = (x[:, 0] > 0).long()
    net = backprop.Faulty([3, 8, 2], torch.Generator().manual_seed(1))
    losses = backprop.fit(net, x, labels, lr=0.5, batch_size=20, steps=200, generator=torch.Generator().manual_seed(2))
    assert losses.shape == (200,)
    assert losses[-20:].mean() < 0.3 * losses[:20].mean()
    again = backprop.Faulty([3, 8, 2], torch.Generator().manual_seed(1))
    order = torch.randperm(60, generator=torch.Generator().manual_seed(2))[:20]
    first = torch.nn.functional.cross_entropy(again(x[order]), labels[order])
    torch.testing.assert_close(losses[0], first.detach())
