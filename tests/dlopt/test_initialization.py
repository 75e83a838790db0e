"""Weights have the variance their scheme promises, as torch's own initializers do."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from dlopt import initialization, networks


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def relu_gain(w, generator):
    return nn.init.kaiming_normal_(w, nonlinearity="relu", generator=generator)


TWINS = [
    ("Xavier", "normal", nn.init.xavier_normal_),
    ("Xavier", "uniform", nn.init.xavier_uniform_),
    ("He", "normal", relu_gain),
]


@pytest.mark.parametrize(("scheme", "law", "theirs"), TWINS)
@pytest.mark.parametrize("fans", [(300, 200), (50, 800)])
def test_draws_are_distributed_as_torchs(scheme, law, theirs, fans):
    fan_in, fan_out = fans
    ours = initialization.draw(fan_in, fan_out, scheme, seeded(1), law=law)
    other = theirs(torch.empty(fan_out, fan_in, dtype=torch.float64), generator=seeded(2))
    assert ours.shape == other.shape
    assert stats.ks_2samp(ours.flatten(), other.flatten()).pvalue > 1e-3


def test_standard_is_what_linear_layers_come_with():
    torch.manual_seed(0)
    theirs = nn.Linear(400, 3000)
    v = initialization.variance("standard", 400, 3000)
    for part, tolerance in ((theirs.weight, 0.02), (theirs.bias, 0.1)):
        assert part.var().item() == pytest.approx(v, rel=tolerance)
        assert part.abs().max().item() <= 400**-0.5 * (1 + 1e-6)


@pytest.mark.parametrize("law", ["normal", "uniform", "signs"])
@pytest.mark.parametrize("scheme", [*initialization.SCHEMES, 0.7])
def test_mean_is_zero_and_variance_the_schemes(law, scheme):
    w = initialization.draw(400, 300, scheme, seeded(3), law=law)
    v = initialization.variance(scheme, 400, 300)
    count = w.numel()
    assert abs(w.mean().item()) <= 4 * math.sqrt(v / count)
    assert w.pow(2).mean().item() == pytest.approx(v, rel=4 * math.sqrt(2 / count))


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [("LeCun", 1 / 40), ("fan-out", 1 / 10), ("Xavier", 2 / 50), ("He", 1 / 20), ("standard", 1 / 120), (3.0, 3 / 40)],
)
def test_variances_by_hand(scheme, expected):
    assert initialization.variance(scheme, 40, 10) == pytest.approx(expected, rel=1e-15)


def test_uniform_and_signs_keep_within_their_bounds():
    v = initialization.variance("Xavier", 30, 20)
    uniform = initialization.draw(30, 20, "Xavier", seeded(), law="uniform")
    assert uniform.abs().max() <= math.sqrt(6 / 50)
    signs = initialization.draw(30, 20, "Xavier", seeded(), law="signs")
    np.testing.assert_allclose(signs.abs(), math.sqrt(v), rtol=1e-12)


def test_copies_are_independent_matrices():
    many = initialization.draw(5, 4, "LeCun", seeded(), copies=3)
    assert many.shape == (3, 4, 5)
    assert len(torch.unique(many)) == 60


def test_stack_links_widths_and_treats_the_first_layer_apart():
    weights = initialization.stack([20, 500, 500, 3], "He", seeded(), first="standard")
    assert [tuple(w.shape) for w in weights] == [(500, 20), (500, 500), (3, 500)]
    assert weights[0].var().item() * 20 == pytest.approx(1 / 3, rel=0.05)
    assert weights[1].var().item() * 500 == pytest.approx(2, rel=0.05)


def test_fill_changes_every_linear_layer_and_clears_biases():
    net = networks.mlp([100, 200, 200, 100], seeded(), activation=nn.ReLU)
    with torch.no_grad():
        net[0].bias.fill_(3)
    assert initialization.fill(net, "He", seeded(4)) is net
    assert [type(m) for m in net[:3]] == [nn.Linear, nn.ReLU, nn.Linear]
    gains = [m.weight.var().item() * m.in_features for m in net if isinstance(m, nn.Linear)]
    assert gains == pytest.approx([2, 2, 1], rel=0.05)
    assert all(m.bias.abs().max() == 0 for m in net if isinstance(m, nn.Linear))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: initialization.variance("Glorot", 3, 3), "scheme must be one of LeCun"),
        (lambda: initialization.variance("He", 0, 3), "fan_in=0"),
        (lambda: initialization.variance(-1.0, 3, 3), "finite and ≥ 0"),
        (lambda: initialization.draw(3, 3, "He", seeded(), law="cauchy"), "law must be normal"),
    ],
)
def test_bad_input_gets_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("apart", [0.0, 1e-3, 1.0])
def test_align_shrinks_every_difference_between_units_alike(apart):
    net, before = (networks.mlp([5, 4, 3], seeded()) for _ in range(2))
    for each in (net, before):
        each[0].bias.data = torch.arange(4.0, dtype=torch.float64)
    initialization.align(net, apart)
    for ours, theirs in ((net[0].weight, before[0].weight), (net[0].bias, before[0].bias)):
        np.testing.assert_allclose((ours - ours[:1]).detach(), apart * (theirs - theirs[:1]).detach(), atol=1e-14)
    ours, theirs = net[2].weight, before[2].weight
    np.testing.assert_allclose((ours - ours[:, :1]).detach(), apart * (theirs - theirs[:, :1]).detach(), atol=1e-14)
    assert torch.equal(net[2].bias, before[2].bias)
    with pytest.raises(ValueError, match="needs a linear layer"):
        initialization.align(networks.mlp([5, 3], seeded()), apart)


def blobs():
    labels = torch.arange(60) % 2
    x = torch.randn(60, 3, generator=seeded(9), dtype=torch.float64) + 2.0 * labels[:, None]
    return x, labels


def test_learning_curve_is_plain_sgd():
    x, labels = blobs()
    net, twin = (networks.mlp([3, 4, 2], seeded()) for _ in range(2))
    seen = []
    losses = initialization.learning_curve(
        net, x, labels, lr=0.1, steps=20, batch=8, generator=seeded(5), watch=seen.append
    )
    picks = seeded(5)
    for step in range(20):  # the same by hand
        pick = torch.randint(60, (8,), generator=picks)
        loss = nn.functional.cross_entropy(twin(x[pick]), labels[pick])
        assert losses[step].item() == pytest.approx(loss.item(), rel=1e-12)
        for p, g in zip(twin.parameters(), torch.autograd.grad(loss, list(twin.parameters())), strict=True):
            p.data -= 0.1 * g
    assert seen == list(range(20))
    assert losses[-5:].mean() < losses[:5].mean()


def test_learning_curve_stops_where_the_loss_leaves_the_numbers():
    x, labels = blobs()
    net = networks.mlp([3, 4, 2], seeded(), activation=nn.ReLU)
    losses = initialization.learning_curve(net, 1e200 * x, labels, lr=1e200, steps=5, batch=8, generator=seeded())
    assert torch.isnan(losses[-1])
    with pytest.raises(ValueError, match="steps and batch"):
        initialization.learning_curve(net, x, labels, lr=1, steps=0, batch=8, generator=seeded())
