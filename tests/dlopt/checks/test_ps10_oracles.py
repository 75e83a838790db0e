"""The right values of problem set 10 against torch, scipy, exact laws and chance itself."""

import math

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import torch
from torch.nn.utils import prune

from autograder.misconceptions import ps10
from dlopt import linear_nets, random_hessians
from dlopt.checks import ps10_landscapes as check
from dlopt.checks.ps10_landscapes import _cases, _clip, _line, _mask, _modes, _permute, _rescale, _saddles

SEEDS = (1, 2, 7)


def cases(*generators):
    return [case for seed in SEEDS for cases in generators for case in cases(seed)]


# --- networks, the line, clipping


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_case_s_network_says_what_torch_s_says(activation):
    net = _cases.draw(np.random.default_rng(0), 5, 3, 2)
    x = np.random.default_rng(1).normal(size=(6, 3))
    W1, b1, W2 = map(torch.tensor, net.parts)
    theirs = torch.nn.functional.linear(getattr(torch, activation)(torch.tensor(x) @ W1.T + b1), W2)
    np.testing.assert_allclose(_cases.outputs(net, x, activation), theirs.numpy(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("case", cases(_permute._any, _rescale._any), ids=lambda case: case.label[:40])
def test_the_expected_network_computes_the_same_function(case):
    x = np.random.default_rng(3).normal(size=(9, case.args[0].shape[1]))
    for activation in ("tanh", "relu") if case.args[3].dtype.kind == "i" else ("relu",):
        before, after = (_cases.outputs(n, x, activation) for n in (_cases.Net(*case.args[:3]), case.truth))
        np.testing.assert_allclose(after, before, rtol=1e-9, atol=1e-9)


def test_permutations_are_neither_their_own_inverse_nor_leave_a_unit_in_place():
    perms = [case.args[3] for case in cases(_permute._orders)]
    assert all(np.any(perm != np.argsort(perm)) for perm in perms)
    assert all(np.all(perm != np.arange(len(perm))) for perm in perms)


@pytest.mark.parametrize("case", cases(_line._between, _line._ends, _line._beyond), ids=lambda case: case.label[:30])
def test_the_expected_point_is_torch_s_lerp(case):
    for a, b, point in zip(*case.args[:2], case.truth, strict=True):
        theirs = torch.lerp(torch.tensor(a), torch.tensor(b), float(case.args[2])).numpy()
        np.testing.assert_allclose(point, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("case", cases(_clip._all, _clip._tiny, _clip._nothing), ids=lambda case: case.label[:40])
def test_the_expected_gradient_is_torch_s_but_for_its_small_number(case):
    pieces = [torch.tensor(g, requires_grad=True) for g in case.args[0]]
    for piece, g in zip(pieces, case.args[0], strict=True):
        piece.grad = torch.tensor(g)
    norm = float(torch.nn.utils.clip_grad_norm_(pieces, case.args[1]))
    for piece, expected in zip(pieces, case.truth.grads, strict=True):
        # torch divides by norm + 1e-6
        np.testing.assert_allclose(piece.grad.numpy(), expected, rtol=1.1e-6 / norm if norm else 0, atol=1e-15)


def test_small_norms_and_their_exact_factors_are_told_from_torch_s():
    assert all(1e-4 < _clip._length(case.args[0]) < 1e-2 for case in cases(_clip._tiny))
    assert {"clip_exact"} == {
        row.name for row in check.clip_by_norm(ps10.clip_with_epsilon).rows if row.status not in ("pass", "later")
    }


# --- masks


@pytest.mark.parametrize("case", cases(_mask._various, _mask._ends, _mask._ties), ids=lambda case: case.label[:40])
def test_the_count_is_that_of_the_contract_and_no_half_integer(case):
    W, sparsity = case.args
    exact = (1 - sparsity) * W.size
    assert case.truth == round(exact)
    assert abs(exact % 1 - 0.5) > 0.05


def test_ties_lie_where_the_line_is_drawn():
    for case in cases(_mask._ties):
        ordered = np.sort(np.abs(case.args[0]), axis=None)[::-1]
        assert ordered[case.truth - 1] == ordered[case.truth]


@pytest.mark.parametrize("case", cases(_mask._telling), ids=lambda case: case.label[:40])
def test_the_mask_of_torch_s_pruning_is_right(case):
    layer = torch.nn.Module()
    layer.register_parameter("weight", torch.nn.Parameter(torch.tensor(case.args[0])))
    pruned = prune.l1_unstructured(layer, "weight", amount=case.args[0].size - case.truth)
    mask = pruned.weight_mask.numpy().astype(bool)
    _mask.mask_count(case, mask)
    _mask.mask_largest(case, mask)


# --- one mode


def torch_walk(a0, b0, sigma, lr, num_steps):
    a, b = (torch.tensor(float(v), dtype=torch.float64, requires_grad=True) for v in (a0, b0))
    optimizer = torch.optim.SGD([a, b], lr=lr)
    strengths = [a.item() * b.item()]
    for _ in range(num_steps):
        optimizer.zero_grad()
        ((sigma - a * b) ** 2).backward()
        optimizer.step()
        strengths.append(a.item() * b.item())
    return np.array(strengths)


@pytest.mark.parametrize(
    "case", cases(_modes._balanced, _modes._unbalanced, _modes._wild), ids=lambda case: case.label[:60]
)
def test_torch_s_walk_follows_from_itself_and_no_other_does(case):
    walk = torch_walk(*case.args)
    _modes._follows(case, walk)
    for step in range(len(walk)):
        wrong = walk.copy()
        wrong[step] += 1e-4 * np.abs(walk).max()
        with pytest.raises(_modes.Failure):
            _modes._follows(case, wrong)


def test_torch_s_walk_settles():
    for case in cases(_modes._long):
        _modes.mode_settles(case, torch_walk(*case.args))


def test_a_walk_by_hand():
    """Step η = 0.1 on (2 − ab)² from a = b = 1: a = b = 1.2, then 1.2 + 0.2·0.56·1.2 = 1.3344."""
    (case,) = [c for c in _modes._balanced(1) if c.args == (1.0, 1.0, 2.0, 0.1, 2)]
    _modes._follows(case, np.array([1.0, 1.44, 1.3344**2]))


@pytest.mark.filterwarnings("ignore:one by one")
@pytest.mark.parametrize("answer", ps10.TABLE.right_answers["mode_strength"])
def test_small_steps_follow_the_flow(answer):
    """The logistic curve for a = b, scipy's integration otherwise; a² − b² is kept by the flow."""
    sigma, lr, steps = 2.0, 1e-4, 8000
    times = torch.arange(steps + 1, dtype=torch.float64) * lr * 2  # the chapter's loss has a ½
    curve = linear_nets.mode_curve(torch.tensor([sigma], dtype=torch.float64), 0.04, times).numpy()[:, 0]
    np.testing.assert_allclose(answer(0.2, 0.2, sigma, lr, steps), curve, atol=2e-3)

    def slope(_, w):
        return 2 * (sigma - w[0] * w[1]) * w[::-1]

    flow = scipy.integrate.solve_ivp(slope, (0, lr * steps), [1.0, 0.1], rtol=1e-9, atol=1e-10, dense_output=True)
    a, b = flow.sol(np.arange(steps + 1) * lr)
    np.testing.assert_allclose(a**2 - b**2, 0.99, atol=1e-6)
    np.testing.assert_allclose(answer(1.0, 0.1, sigma, lr, steps), a * b, atol=2e-3)


# --- random Hessians


@pytest.mark.parametrize("n", [2, 3])
def test_the_known_shares_are_de_bruijn_s(n):
    exact = 1 - 2 * math.exp(random_hessians.log_probability(n))
    assert _saddles.KNOWN[n] == pytest.approx(exact, abs=2e-5)


def test_the_share_of_two_by_two_is_a_cone():
    assert _saddles.KNOWN[2] == pytest.approx(math.cos(math.pi / 4), abs=1e-15)


def test_large_matrices_have_both_signs_beyond_doubt():
    assert 2 * math.exp(random_hessians.log_probability(min(_saddles.LARGE))) * 100 < 1e-15


@pytest.mark.parametrize("samples", [_saddles.FEW, _saddles.MANY])
@pytest.mark.parametrize("n", [2, 3])
def test_a_right_answer_misses_the_bounds_less_than_once_in_a_billion(n, samples):
    law = scipy.stats.binom(samples, _saddles.KNOWN[n])
    reach = _saddles.SPREAD * math.sqrt(_saddles.KNOWN[n] * (1 - _saddles.KNOWN[n]) / samples)
    low, high = (samples * (_saddles.KNOWN[n] + sign * reach) for sign in (-1, 1))
    assert law.cdf(math.ceil(low) - 1) + law.sf(math.floor(high)) < 1e-9


@pytest.mark.parametrize(("n", "share", "believed"), [(2, 0.6807, 1.5e-3), (3, 0.9398, 0.025)])
def test_a_first_look_seldom_believes_entries_that_are_uniform(n, share, believed):
    drawn = np.random.default_rng(n).uniform(-1, 1, (400_000, n, n))
    values = np.linalg.eigvalsh(drawn + drawn.swapaxes(1, 2))
    assert np.mean((values[:, 0] < 0) & (values[:, -1] > 0)) == pytest.approx(share, abs=0.003)
    law = scipy.stats.binom(_saddles.FEW, share)
    reach = _saddles.NEAR * math.sqrt(_saddles.KNOWN[n] * (1 - _saddles.KNOWN[n]) / _saddles.FEW)
    low, high = (_saddles.FEW * (_saddles.KNOWN[n] + sign * reach) for sign in (-1, 1))
    assert law.cdf(math.floor(high)) - law.cdf(math.ceil(low) - 1) < believed


def test_twelve_shares_agree_by_chance_never():
    law = scipy.stats.binom(40, _saddles.KNOWN[2])
    alike = np.sum(law.pmf(np.arange(41)) ** 2)
    assert alike == pytest.approx(0.098, abs=5e-4)
    assert alike**11 < 1e-11  # the first of twelve is free, where all of one generator's are compared


def test_the_share_without_symmetrizing_is_the_one_that_is_told():
    rng = np.random.default_rng(5)
    diagonal, beside = rng.normal(size=(2, 400_000)), rng.normal(size=400_000)
    assert np.mean(diagonal[0] * diagonal[1] < beside**2) == pytest.approx(0.7683, abs=0.003)


@pytest.mark.slow
@pytest.mark.parametrize("n", [2, 3])
def test_right_draws_stay_far_inside_the_bounds(n, monkeypatch):
    """With 4.5 instead of 6.5 standard deviations, one in 10⁵ would miss: 200 do not."""
    monkeypatch.setattr(_saddles, "SPREAD", 4.5)
    rng = np.random.default_rng(n)
    for _ in range(200):
        _saddles._judge_share(_saddles._count(ps10.saddles_at_once, n, rng))


# --- what the written proof is given


def test_the_density_of_a_product_and_the_share_that_hits_are_those_of_part_a():
    def density(p):
        return math.log(2 / abs(p)) / 4

    total, _ = scipy.integrate.quad(density, 0, 2)
    assert 2 * total == pytest.approx(1, rel=1e-9)
    for w in np.linspace(-1, 1, 21):
        for eps in (0.01, 0.1, 0.5, 1.0):
            hit, _ = scipy.integrate.quad(density, w - eps, w + eps, points=[0] if abs(w) < eps else None)
            assert hit >= eps / 6


@pytest.mark.parametrize("seed", range(5))
def test_a_random_network_of_the_theorem_s_size_contains_the_target(seed):
    """Three layers of at most four units, ε = ½, δ = 0.01: one pair per weight, ReLU between, none at the end."""
    rng, layers, d, eps, delta = np.random.default_rng(seed), 3, 4, 0.5, 0.01
    n = math.ceil(12 * layers * d / eps * math.log(layers * d**2 / delta))
    h = g = rng.random((200, d))  # inputs
    for layer in range(layers):
        W = rng.normal(size=(d, d))
        W /= np.abs(W).sum(axis=1, keepdims=True)
        u, v = rng.uniform(0, 1, size=(d, n)), rng.uniform(-2, 2, size=(d, d, n))
        chosen = np.abs(u * v - W[..., None]).argmin(axis=2)
        j = np.arange(d)
        hat = np.stack([u[j, chosen[k]] * v[k, j, chosen[k]] for k in range(d)])
        assert np.abs(hat - W).max() <= eps / (2 * layers * d)
        h, g = h @ W.T, g @ hat.T
        if layer < layers - 1:
            h, g = np.maximum(h, 0), np.maximum(g, 0)
    assert np.abs(h - g).max() <= eps
