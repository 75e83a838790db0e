"""Symmetries and paths, against plain torch networks and hand-made cases."""

import itertools

import pytest
import torch
from torch import nn

from dlopt import landscapes
from dlopt.cohort import Cohort, train


@pytest.fixture
def nets():
    return Cohort([4, 6, 6, 3], 5, torch.Generator().manual_seed(0)).double()


@pytest.fixture
def data():
    g = torch.Generator().manual_seed(1)
    return torch.randn(40, 4, generator=g, dtype=torch.float64), torch.randint(3, (40,), generator=g)


def sequential(weights, member):
    """Build one member out of torch's own layers."""
    layers = []
    for i in range(len(weights) // 2):
        w, b = weights[f"weights.{i}"][member], weights[f"biases.{i}"][member, 0]
        layer = nn.Linear(w.shape[1], w.shape[0], dtype=w.dtype)
        layer.weight, layer.bias = nn.Parameter(w.clone()), nn.Parameter(b.clone())
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def test_losses_are_those_of_ordinary_networks(nets, data):
    weights = landscapes.weights_of(nets)
    got = landscapes.loss_of(nets, weights, *data)
    for r in range(5):
        expected = nn.functional.cross_entropy(sequential(weights, r)(data[0]), data[1])
        torch.testing.assert_close(got[r], expected)


def test_gradient_norms_are_autograds(nets, data):
    weights = landscapes.weights_of(nets)
    got = landscapes.gradient_norms(nets, weights, *data)
    net = sequential(weights, 3)
    nn.functional.cross_entropy(net(data[0]), data[1]).backward()
    expected = torch.cat([p.grad.flatten() for p in net.parameters()]).norm()
    torch.testing.assert_close(got[3], expected)


@pytest.mark.parametrize("layer", [0, 1])
def test_renumbered_networks_compute_the_same_function(nets, data, layer):
    orders = torch.stack([torch.randperm(6, generator=torch.Generator().manual_seed(r)) for r in range(5)])
    weights = landscapes.weights_of(nets)
    moved = landscapes.permuted(weights, layer, orders)
    for r in range(5):
        torch.testing.assert_close(sequential(moved, r)(data[0]), sequential(weights, r)(data[0]))
    assert torch.equal(moved[f"biases.{layer}"][2, 0, 4], weights[f"biases.{layer}"][2, 0, orders[2, 4]])


@pytest.mark.parametrize("layer", [0, 1])
def test_stretched_networks_compute_the_same_function(nets, data, layer):
    factors = torch.rand(5, 6, generator=torch.Generator().manual_seed(2), dtype=torch.float64) * 5 + 0.1
    weights = landscapes.weights_of(nets)
    moved = landscapes.rescaled(weights, layer, factors)
    for r in range(5):
        torch.testing.assert_close(sequential(moved, r)(data[0]), sequential(weights, r)(data[0]))
    assert not torch.allclose(moved[f"weights.{layer}"], weights[f"weights.{layer}"])


def test_refuses_what_is_no_symmetry(nets):
    weights = landscapes.weights_of(nets)
    with pytest.raises(ValueError, match="permutations"):
        landscapes.permuted(weights, 0, torch.zeros(5, 6, dtype=torch.long))
    with pytest.raises(ValueError, match="> 0"):
        landscapes.rescaled(weights, 0, torch.tensor([-1.0]))


def test_curves_start_and_end_where_they_should(nets):
    a = landscapes.weights_of(nets)
    b = {name: w + 1 for name, w in a.items()}
    bend = {name: w + 7 for name, w in a.items()}
    for curve in (landscapes.straight(a, b), landscapes.bezier(a, bend, b)):
        for name in a:
            torch.testing.assert_close(curve(0.0)[name], a[name])
            torch.testing.assert_close(curve(1.0)[name], b[name])
    torch.testing.assert_close(landscapes.bezier(a, bend, b)(0.5)["biases.0"], a["biases.0"] + 0.25 + 3.5)


def test_a_trained_bend_lowers_the_loss_on_the_way(data):
    x, labels = data
    nets = Cohort([4, 12, 3], 4, torch.Generator().manual_seed(0)).double()
    train(nets, x, labels, lr=0.2, batch_size=20, steps=400, generator=torch.Generator().manual_seed(1), momentum=0.9)
    both = landscapes.weights_of(nets)
    a, b = ({name: w[half] for name, w in both.items()} for half in (slice(2), slice(2, 4)))
    ts = [i / 10 for i in range(11)]
    g = torch.Generator().manual_seed(2)
    bend = landscapes.connect(nets, a, b, x, labels, lr=0.03, steps=300, batch_size=20, generator=g)
    line = landscapes.barrier(landscapes.walk(nets, landscapes.straight(a, b), ts, x, labels), ts)
    curve = landscapes.barrier(landscapes.walk(nets, landscapes.bezier(a, bend, b), ts, x, labels), ts)
    assert (curve < 0.5 * line).all()


def test_no_loss_on_the_detour_exceeds_its_corners(data):
    nets = Cohort([4, 8, 3], 6, torch.Generator().manual_seed(0)).double()
    both = landscapes.weights_of(nets)
    a, b = ({name: w[half] for name, w in both.items()} for half in (slice(3), slice(3, 6)))
    corners = landscapes.detour(a, b)
    heights = torch.stack([landscapes.loss_of(nets, c, *data) for c in corners]).amax(dim=0)
    torch.testing.assert_close(landscapes.loss_of(nets, corners[1], *data), landscapes.loss_of(nets, corners[2], *data))
    for leg in itertools.pairwise(corners):
        way = landscapes.walk(nets, landscapes.straight(*leg), [i / 20 for i in range(21)], *data)
        assert (way <= heights + 1e-12).all()


def test_halves_need_an_even_number():
    nets = Cohort([4, 5, 3], 1, torch.Generator().manual_seed(0))
    with pytest.raises(ValueError, match="even"):
        landscapes.halved(landscapes.weights_of(nets), first=True)
