"""Walkers, their averages and what theory says of them, against hand-computed traces, numpy and torch."""

import math

import numpy as np
import pytest
import torch

from dlopt import stochastic
from dlopt.stochastic import RankOne, additive, crossing, ema_variance, escape_steps, sample_gradients, walk


def doubles(*values):
    return torch.tensor(values, dtype=torch.float64)


def source(seed):
    return torch.Generator().manual_seed(seed)


def test_a_walk_without_noise_is_gradient_descent():
    w = torch.tensor([[2.0, -1.0]], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    for _ in range(7):
        optimizer.zero_grad()
        (0.5 * (doubles(1, 4) * w**2).sum()).backward()
        optimizer.step()
    start = torch.tensor([[2.0, -1.0]], dtype=torch.float64)
    run = walk(additive(doubles(1, 4), doubles(0, 0), source(0)), start, lr=0.1, steps=7, record=[7])
    torch.testing.assert_close(run.last[0], w.detach())


def test_averages_by_hand():
    # w: 8, 4, 2, 1, ½; mean after the second update of 1, ½; moving average with γ = ¾
    start = doubles(8)[None]
    run = walk(lambda w: w, start, lr=0.5, steps=4, record=[1, 4], average_from=2, gamma=0.75)
    assert run.steps.tolist() == [1, 4]
    assert run.last.flatten().tolist() == [4, 0.5]
    assert run.average.flatten().tolist() == [4, 0.75]  # before it begins, the iterate itself
    by_hand = 8.0
    for w in (4, 2, 1, 0.5):
        by_hand = 0.75 * by_hand + 0.25 * w
    assert run.ema[1].item() == by_hand


def test_moving_average_is_torchs():
    weight = torch.nn.Linear(1, 1, bias=False, dtype=torch.float64)
    theirs = torch.optim.swa_utils.AveragedModel(
        weight, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(decay=0.9)
    )
    theirs.update_parameters(weight)  # the first call copies
    start = weight.weight.detach().clone()
    run = walk(lambda w: w - 1, start, lr=0.3, steps=5, record=[5], gamma=0.9)
    for _ in range(5):
        with torch.no_grad():
            weight.weight -= 0.3 * (weight.weight - 1)
        theirs.update_parameters(weight)
    torch.testing.assert_close(run.ema[0], theirs.module.weight.detach())


def test_schedule_counts_from_zero():
    run = walk(lambda w: torch.ones_like(w), doubles(0)[None], lr=lambda k: 10.0**k, steps=3, record=[3])
    assert run.last.item() == -111


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"gamma": 1.0}, "gamma must lie in"),
        ({"record": [5]}, "between 0 and 4"),
        ({"record": []}, "between 0 and 4"),
    ],
)
def test_walk_refuses_by_name(settings, message):
    with pytest.raises(ValueError, match=message):
        walk(lambda w: w, doubles(1)[None], **{"lr": 0.1, "steps": 4, "record": [0], **settings})


def test_additive_noise_has_the_stated_deviations():
    noisy = additive(doubles(1, 2), doubles(0.5, 3), source(1))
    sample = noisy(torch.ones(40_000, 2, dtype=torch.float64))
    np.testing.assert_allclose(sample.mean(dim=0), [1, 2], atol=0.05)
    np.testing.assert_allclose(sample.std(dim=0), [0.5, 3], rtol=0.02)


@pytest.mark.parametrize(("rho", "gamma"), [(0.9, 0.5), (-0.4, 0.9), (0.0, 0.8), (0.99, 0.99)])
def test_ema_variance_is_the_double_sum(rho, gamma):
    j = np.arange(6000)
    weights = (1 - gamma) * gamma**j
    # Σ w_j w_k ρ^|j−k| by one convolution per lag
    total = sum(
        (1 if d == 0 else 2) * rho**d * (weights[: len(weights) - d] @ weights[d:])
        for d in range(3000)
        if rho or d == 0
    )
    assert ema_variance(3.0, rho, gamma) == pytest.approx(3 * total, rel=1e-6)


@pytest.mark.parametrize(("growth", "push", "reach"), [(0.01, 0.02, 0.5), (0.05, 0.1, 2.0)])
def test_escape_time_is_when_the_median_crosses(growth, push, reach):
    steps = escape_steps(growth, push, reach)
    variance = 0.0
    for _ in range(math.floor(steps)):
        variance = (1 + growth) ** 2 * variance + push**2
    after = (1 + growth) ** 2 * variance + push**2
    assert 0.67449 * math.sqrt(variance) <= reach * 1.0001
    assert 0.67449 * math.sqrt(after) >= reach * 0.9999


def test_crossing_ignores_excursions_and_refuses_short_runs():
    assert crossing(doubles(5, 6), 1) == 0
    assert crossing(doubles(0, 2, 0, 2, 3), 1) == 3
    with pytest.raises(ValueError, match="run longer"):
        crossing(doubles(0, 2, 0), 1)


def test_rank_one_gradient_is_autograds():
    x = torch.randn(30, 4, generator=source(2), dtype=torch.float64)
    task = RankOne(x)
    A = torch.diag(task.spectrum)
    w = torch.randn(3, 4, generator=source(3), dtype=torch.float64, requires_grad=True)
    f = 0.25 * ((A - w[:, :, None] * w[:, None, :]) ** 2).sum()
    (theirs,) = torch.autograd.grad(f, w)
    torch.testing.assert_close(task.gradient(w.detach()), theirs)
    torch.testing.assert_close(task.x.T @ task.x / 30, A, atol=1e-12, rtol=0)


def test_rank_one_batches_are_unbiased():
    x = torch.randn(20, 3, generator=source(4), dtype=torch.float64)
    task = RankOne(x)
    w = doubles(0.3, -0.8, 0.5)
    many = task.noisy(4, source(5))(w.expand(40_000, 3))
    error = many.std(dim=0) / 200
    assert ((many.mean(dim=0) - task.gradient(w[None])[0]).abs() < 4 * error).all()


def test_sample_gradients_are_those_of_single_samples():
    x = torch.randn(5, 3, generator=source(6), dtype=torch.float64)
    y = torch.randn(5, generator=source(7), dtype=torch.float64)
    w = doubles(1, 2, 3).requires_grad_()

    def loss(w, x, y):
        return torch.tanh(x @ w - y).square().mean()

    alone = [torch.autograd.grad(loss(w, x[i : i + 1], y[i : i + 1]), w)[0] for i in range(5)]
    torch.testing.assert_close(sample_gradients(loss, w.detach(), x, y), torch.stack(alone))


def test_public_names_exist():
    assert all(hasattr(stochastic, name) for name in stochastic.__all__)
