"""The numpy network against autograd of its torch twin, which shares no line with it."""

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from dlopt import lockstep


@pytest.fixture
def batch():
    rng = np.random.default_rng(3)
    return rng.normal(size=(9, 5)), rng.integers(0, 4, size=9), lockstep.start([5, 7, 6, 4], rng)


def test_loss_and_slopes_are_autograds(batch):
    x, labels, weights = batch
    weights = tuple(W + 0.1 for W in weights)  # biases that are not zero
    X, T = lockstep.columns(x, labels, classes=4)
    loss, slopes = lockstep.loss_and_slopes(weights, X, T)
    net = lockstep.twin(weights)
    expected = binary_cross_entropy_with_logits(net(torch.from_numpy(x)), torch.from_numpy(T.T.copy()), reduction="sum")
    (expected / 9).backward()
    assert loss == pytest.approx(expected.item() / 9, rel=1e-14)
    for S, layer in zip(slopes, net[::2], strict=True):
        np.testing.assert_allclose(S[:, 1:], layer.weight.grad, rtol=0, atol=1e-15)
        np.testing.assert_allclose(S[:, 0], layer.bias.grad, rtol=0, atol=1e-15)


def test_huge_scores_do_not_overflow(batch):
    x, labels, weights = batch
    X, T = lockstep.columns(x, labels, classes=4)
    loss, slopes = lockstep.loss_and_slopes(tuple(1e3 * W for W in weights), X, T)
    assert np.isfinite(loss)
    assert all(np.isfinite(S).all() for S in slopes)


def test_marching_leaves_the_start_alone_and_visits_every_sample(batch):
    x, labels, weights = batch
    before = [W.copy() for W in weights]
    wide = lockstep.start([5, 7, 6, 10], np.random.default_rng(0))
    race = lockstep.march(wide, x, labels, lr=0.1, batch_size=4, epochs=3, rng=np.random.default_rng(1))
    assert race.numpy.shape == race.torch.shape == (9,)  # 4 + 4 + 1 samples, three times
    np.testing.assert_allclose(race.numpy, race.torch, rtol=0, atol=1e-13)
    for W, layer in zip(race.weights, race.net[::2], strict=True):
        np.testing.assert_allclose(W[:, 1:], layer.weight.detach(), rtol=0, atol=1e-13)
    assert all((a == b).all() for a, b in zip(before, weights, strict=True))


def test_accuracy_is_the_twins(batch):
    x, labels, weights = batch
    said = lockstep.twin(weights)(torch.from_numpy(x)).argmax(dim=1).numpy()
    assert lockstep.accuracy(weights, x, labels) == pytest.approx((said == labels).mean())


def test_another_depth_is_refused():
    with pytest.raises(ValueError, match="needs four sizes"):
        lockstep.start([3, 2], np.random.default_rng(0))
