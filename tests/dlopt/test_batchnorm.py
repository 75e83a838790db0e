"""Variations on torch's layer against torch's layer and numpy."""

import numpy as np
import pytest
import torch
from torch import nn

from dlopt.batchnorm import GhostBatchNorm, Noise, as_linear, population_statistics


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def test_one_ghost_of_the_whole_batch_is_the_plain_layer():
    x = torch.randn(12, 5, generator=rng())
    ghost, plain = GhostBatchNorm(5, ghost=12), nn.BatchNorm1d(5)
    torch.testing.assert_close(ghost(x), plain(x))
    torch.testing.assert_close(ghost.running_var, plain.running_var)
    torch.testing.assert_close(ghost.eval()(x), plain.eval()(x))


def test_ghosts_know_nothing_of_one_another():
    x = torch.randn(12, 5, generator=rng(), requires_grad=True)
    y = GhostBatchNorm(5, ghost=4)(x)
    (slope,) = torch.autograd.grad(y[0].sum() * 3 + y[0, 0], x)
    assert slope[:4].abs().max() > 1e-3
    assert slope[4:].abs().max() == 0


def test_pairs_become_plus_and_minus_one():
    x = torch.randn(8, 3, generator=rng())
    np.testing.assert_allclose(GhostBatchNorm(3, ghost=2)(x).detach().abs(), 1, atol=1e-2)


def test_a_ghost_needs_two_samples():
    with pytest.raises(ValueError, match="ghost must be at least 2, got 1"):
        GhostBatchNorm(3, ghost=1)


def test_noise_has_the_moments_of_its_definition():
    """Over many calls: E[s] = 1.125, E[m] = 0, var m = 1/12 + 0.2²/12."""
    noise, x = Noise(rng(1)), torch.zeros(2, 2000, dtype=torch.float64)
    shifts = torch.cat([noise(x) for _ in range(20)])
    assert abs(shifts.mean()) < 0.01
    assert shifts.var().item() == pytest.approx((1 + 0.2**2) / 12, rel=0.05)
    scales = torch.cat([noise(x + 1e6) for _ in range(20)]) / 1e6
    assert scales.mean().item() == pytest.approx(1.125, abs=0.01)
    assert scales.var().item() == pytest.approx((0.25**2 + 0.2**2) / 12, rel=0.05)


def test_noise_is_silent_in_eval_mode():
    x = torch.randn(4, 3)
    assert torch.equal(Noise(rng()).eval()(x), x)


@pytest.fixture
def trained():
    """BN with every number moved away from its default, between two linear layers."""
    torch.manual_seed(3)
    net = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Linear(6, 3)).double()
    with torch.no_grad():
        net[1].weight.uniform_(0.5, 2)
        net[1].bias.normal_()
    for _ in range(5):
        net(torch.randn(16, 4, dtype=torch.float64) + 2)
    return net.eval()


def test_an_affine_map_is_read_off_exactly(trained):
    x = torch.randn(10, 4, dtype=torch.float64)
    torch.testing.assert_close(as_linear(trained, 4)(x), trained(x), rtol=1e-10, atol=1e-10)


def test_reading_off_agrees_with_torchs_own_folding(trained):
    ours = as_linear(trained[:2].eval(), 4)
    theirs = nn.utils.fusion.fuse_linear_bn_eval(trained[0], trained[1])
    torch.testing.assert_close(ours.weight, theirs.weight, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(ours.bias, theirs.bias, rtol=1e-10, atol=1e-12)


def test_a_network_in_train_mode_is_refused():
    with pytest.raises(ValueError, match=r"call \.eval\(\) first"):
        as_linear(nn.BatchNorm1d(3), 3)


def test_population_statistics_are_averages_over_batches():
    batches = [torch.randn(7, 4, generator=rng(i), dtype=torch.float64) * i + i for i in range(1, 5)]
    norm = nn.BatchNorm1d(4).double().eval()
    population_statistics(norm, batches)
    np.testing.assert_allclose(
        norm.running_mean, np.mean([b.numpy().mean(axis=0) for b in batches], axis=0), rtol=1e-12
    )
    biased = np.mean([b.numpy().var(axis=0) for b in batches], axis=0)
    np.testing.assert_allclose(norm.running_var, 7 / 6 * biased, rtol=1e-12)
    assert norm.momentum == 0.1
    assert not norm.training
