"""What problem set 5 takes for right, held against torch, against brute force and against chance."""

import itertools
import math

import numpy as np
import pytest
import torch

from autograder.misconceptions import ps5
from autograder.references import ps5 as reference
from dlopt.checks import ps5_sgd as check
from dlopt.checks.ps5_sgd import (
    _average,
    _balanced,
    _minibatches,
    _orders,
    _played,
    _regression,
    _rounds,
    _scaling,
    _schedules,
    _step,
)

SEEDS = [1, 2, 3, 7919]


def played(lr0, k, make):
    """The step size that torch's scheduler has in force at update k."""
    optimizer = torch.optim.SGD([torch.zeros((), requires_grad=True)], lr=lr0)
    scheduler = make(optimizer)
    for _ in range(k):
        optimizer.step()
        scheduler.step()
    return optimizer.param_groups[0]["lr"]


SCHEDULERS = torch.optim.lr_scheduler


@pytest.mark.parametrize("seed", SEEDS)
def test_schedules_are_those_of_torch(seed):
    s = _schedules
    for case in s._inverse_start(seed) + s._inverse_later(seed):
        lr0, k = case.args
        theirs = played(lr0, k, lambda o: SCHEDULERS.LambdaLR(o, lambda i: 1 / (i + 1)))
        assert case.truth.lr == pytest.approx(theirs, rel=1e-9)
    for case in s._exponential_start(seed) + s._exponential_later(seed):
        lr0, beta, k = case.args
        theirs = played(lr0, k, lambda o, beta=beta: SCHEDULERS.ExponentialLR(o, math.exp(-beta)))
        assert case.truth.lr == pytest.approx(theirs, rel=1e-9)
    for case in s._linear_between(seed) + s._linear_end(seed) + s._linear_after(seed):
        lr0, lr_tau, tau, k = case.args
        theirs = played(lr0, k, lambda o, a=lr0, b=lr_tau, tau=tau: SCHEDULERS.LinearLR(o, 1.0, b / a, tau))
        assert case.truth.lr == pytest.approx(theirs, rel=1e-7)
    for case in s._step_first(seed) + s._step_drop(seed) + s._step_later(seed):
        lr0, factor, every, k = case.args
        theirs = played(lr0, k, lambda o, every=every, factor=factor: SCHEDULERS.StepLR(o, every, factor))
        assert case.truth.lr == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_scaling_is_a_rule_of_three(seed):
    for case in _scaling._scaled_up(seed) + _scaling._scaled_down(seed):
        lr, old, new = case.args
        assert case.truth.lr / new == pytest.approx(lr / old, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_step_is_torch_s(seed):
    for case in _step._steps(seed):
        params, grads, lr = case.args
        leaves = [torch.tensor(p, requires_grad=True) for p in params]
        for leaf, g in zip(leaves, grads, strict=True):
            leaf.grad = torch.tensor(g)
        torch.optim.SGD(leaves, lr=lr).step()
        for ours, theirs in zip(case.truth, leaves, strict=True):
            np.testing.assert_allclose(ours, theirs.detach(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_average_is_that_of_torch_s_averaged_model(seed):
    for case in _average._many(seed):
        gamma, steps, _ = case.args
        model = torch.nn.ParameterList([torch.nn.Parameter(torch.tensor(p)) for p in steps[0]])
        averaged = torch.optim.swa_utils.AveragedModel(
            model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(gamma)
        )
        for params, right in zip(steps, case.truth, strict=True):
            with torch.no_grad():
                for leaf, p in zip(model, params, strict=True):
                    leaf.copy_(torch.tensor(p))
            averaged.update_parameters(model)
            for ours, theirs in zip(right, averaged.module, strict=True):
                np.testing.assert_allclose(ours, theirs.detach(), rtol=1e-7, atol=1e-9)


def descent(case, order_of):
    """Losses by torch's autograd and optimizer, in a given order of the samples per epoch."""
    X, y, lr, batch_size, num_epochs = case.args[:5]
    X, y = torch.tensor(X), torch.tensor(y)
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=lr)
    losses = [0.5 * torch.mean((y - X @ w) ** 2).item()]
    for epoch in range(num_epochs):
        order = order_of(epoch, len(X))
        for rows in torch.utils.data.BatchSampler(order, batch_size, drop_last=False):
            optimizer.zero_grad()
            (0.5 * torch.mean((y[rows] - X[rows] @ w) ** 2)).backward()
            optimizer.step()
        losses.append(0.5 * torch.mean((y - X @ w) ** 2).item())
    return np.array(losses)


@pytest.mark.parametrize("cases", [_regression._whole, _regression._parts, _regression._rests])
@pytest.mark.parametrize("seed", SEEDS)
def test_losses_that_do_not_depend_on_the_order_are_torch_s_in_three_orders(cases, seed):
    for case in cases(seed):
        for start in range(3):
            rng = np.random.default_rng(start)
            theirs = descent(case, lambda epoch, n, rng=rng: rng.permutation(n).tolist())
            np.testing.assert_allclose(case.truth.losses, theirs, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_all_orders_are_tried_where_the_order_matters(seed):
    for case in _regression._few(seed):
        every = case.args[-1]
        rng = np.random.default_rng(seed)
        for _ in range(4):
            theirs = descent(case, lambda epoch, n, rng=rng: rng.permutation(n).tolist())
            assert np.min(np.max(np.abs(every - theirs), axis=1)) < 1e-10
        assert len(np.unique(every[:, -1].round(10))) > 3  # it does matter


@pytest.mark.parametrize("seed", SEEDS)
def test_the_long_run_settles_in_one_order_and_not_in_many(seed):
    (case,) = _regression._long(seed)
    rng = np.random.default_rng(seed)
    once = rng.permutation(12).tolist()
    assert _regression.settled(descent(case, lambda epoch, n: once))
    assert not _regression.settled(descent(case, lambda epoch, n: rng.permutation(n).tolist()))


@pytest.mark.slow
def test_no_right_order_looks_unshuffled_or_unbalanced():
    """Of 6000 right answers in other orders none may fail; the bounds allow less than one in 10⁶."""
    for seed in range(1000):
        for case in _minibatches._orders(1):
            X, y, size = case.args[:3]
            sources = map(np.random.default_rng, (seed, seed, seed + 10**6))
            went = _played.rounds(reference.minibatches, X, y, size, *sources)
            _rounds.judge_order(_rounds.gone((X, y, size), went))
        for case in _balanced._orders(1):
            X, labels, size = case.args[:3]
            sources = map(np.random.default_rng, (seed, seed, seed + 10**6))
            went = _played.rounds(ps5.balanced_by_rounds, X, labels, size, *sources)
            _rounds.judge_order(_rounds.gone((X, labels, size), went), mixed=False)


def test_an_ordinary_shuffle_is_found_unbalanced_in_every_case():
    """By chance it would balance one of these cases less than once in 10⁶; here, never in 400 shuffles."""
    for case in _balanced._spread(1) + _balanced._named(1)[:4]:
        X, labels, size = case.args[:3]
        rngs = map(np.random.default_rng, range(400))
        dealt = [_played.deal(ps5.balanced_by_luck, X, labels, size, rng) for rng in rngs]
        assert min(case.reading((X, labels, size), found).spread()[0] for found in dealt) > 1, case.label


def test_neighbours_in_a_row_are_rare_in_random_orders():
    """Their number is nearly Poisson with mean 1: of 40 samples, 20 or more have probability 1e-19."""
    rng = np.random.default_rng(0)
    counts = [np.sum(np.diff(rng.permutation(40)) % 40 == 1) for _ in range(20_000)]
    assert np.mean(counts) == pytest.approx(1, abs=0.05)
    assert max(counts) < 12
    assert math.exp(-1) / math.factorial(20) * 1.1 < 1e-18


def test_the_lent_reference_is_right():
    assert check.minibatches(reference.minibatches).passed
    assert sorted(reference.__all__) == sorted(check.sgd_linear_regression.lent[1])


def test_all_orders_of_three_samples_by_hand():
    """One feature, x = 1, y = 1, 2, 3, single samples, lr = ½: w after an epoch is ½y₃ + ¼y₂ + ⅛y₁ for each order."""
    y = np.array([1.0, 2.0, 3.0])
    problem = _orders.Problem(np.ones((3, 1)), y, 0.5, 1, 1)
    ends = [np.dot([0.125, 0.25, 0.5], order) for order in itertools.permutations(y)]
    losses = sorted(0.5 * np.mean((y - w) ** 2) for w in ends)
    assert np.allclose(sorted(_orders.possible(problem)[:, 1]), losses)
