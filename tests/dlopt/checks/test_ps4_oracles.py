"""The right values of problem set 4 against torch: its autograd, its initializers, and chance itself."""

import numpy as np
import pytest
import scipy.stats
import torch

from autograder.references import ps4 as reference
from dlopt.checks import ps4_initialization as check
from dlopt.checks.ps4_initialization import _backward, _chain, _forward, _weights
from dlopt.checks.ps4_initialization._initializers import RULES
from dlopt.checks.ps4_initialization._weights import Sample

SEEDS = (1, 2, 7)
CURVES = {"linear": lambda s: s, "tanh": torch.tanh, "relu": torch.relu}
CHAINS = [
    drawn
    for seed in SEEDS
    for drawn in [
        *(drawn for activation in CURVES for drawn in _forward.chains(seed, activation)),
        *_forward.tiny_chains(seed),
        *_backward.resting(seed),
    ]
]
TORCH = {
    "lecun_normal": lambda W: torch.nn.init.kaiming_normal_(W, nonlinearity="linear"),
    "xavier_uniform": torch.nn.init.xavier_uniform_,
    "xavier_normal": torch.nn.init.xavier_normal_,
    "he_normal": lambda W: torch.nn.init.kaiming_normal_(W, nonlinearity="relu"),
}
JUDGES = (_weights.judge_type, _weights.judge_scale, _weights.judge_law, _weights.judge_independence)


@pytest.mark.parametrize("drawn", CHAINS, ids=_forward.label)
def test_signals_and_gradients_are_torch_s(drawn):
    signals = [torch.tensor(drawn.x, requires_grad=True)]
    for W in drawn.weights:
        signals.append(CURVES[drawn.activation](signals[-1] @ torch.tensor(W).T))
    gradients = torch.autograd.grad((signals[-1] * torch.tensor(drawn.dy)).sum(), signals[:-1])
    for ours, theirs in zip(drawn.signals(), signals, strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-10, atol=1e-13)
    for ours, theirs in zip(drawn.gradients(), [*gradients, torch.tensor(drawn.dy)], strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-9, atol=1e-12)
    theirs = [torch.var(s, correction=0).item() for s in gradients]
    np.testing.assert_allclose(_chain.variances(drawn.gradients()[:-1]), theirs, rtol=1e-9, atol=1e-12)


def test_the_cases_hold_what_should_tell_answers_apart():
    for seed in SEEDS:
        drawn = _forward.chains(seed, "linear")
        assert any(np.allclose(c.x.mean(axis=0), 0) for c in drawn)
        assert any(np.abs(c.x.mean()) > 0.5 for c in drawn)
        assert {len(c.x) for c in drawn} >= {1, 4}
        assert {len(c.weights) for c in drawn} >= {1, 3}
        assert any(W.shape[0] != W.shape[1] for c in drawn for W in c.weights)
        assert {1} == {n for c in _forward.tiny_chains(seed)[:1] for n in (*c.x.shape, *c.weights[0].shape)}
        assert all(any((s == 0).any() for s in c.sums()) for c in _backward.resting(seed))


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize(("fan_in", "fan_out"), [(360, 80), (80, 360), (1, 8000)])
def test_torch_s_draws_are_right(name, fan_in, fan_out):
    with torch.random.fork_rng():
        torch.manual_seed(fan_in)
        W = TORCH[name](torch.empty(fan_out, fan_in, dtype=torch.float64)).numpy()
    for judge in JUDGES:
        judge(Sample(RULES[name], fan_in, fan_out, W))


@pytest.mark.parametrize("law", ["normal", "uniform"])
def test_the_kurtosis_and_its_scatter_are_scipy_s(law):
    name = {"normal": "norm", "uniform": "uniform"}[law]
    frozen = getattr(scipy.stats, name)()
    centred = [frozen.expect(lambda z, k=k: (z - frozen.mean()) ** k) for k in (2, 4, 6, 8)]
    m2, m4, m6, m8 = centred
    kurtosis, spread = _weights.KURTOSIS[law]
    assert kurtosis == pytest.approx(m4 / m2**2, rel=1e-6)
    slope = -2 * m4 / m2**3  # of m4/m2² by m2
    by_delta = (m8 - m4**2) / m2**4 + slope**2 * (m4 - m2**2) + 2 * slope / m2**2 * (m6 - m4 * m2)
    assert spread == pytest.approx(by_delta, rel=1e-3)
    assert scipy.stats.norm.sf(3) * 2 == pytest.approx(_weights.BEYOND_3, rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", RULES)
def test_right_draws_stay_far_inside_every_bound(name, monkeypatch):
    """With bounds of 4.5 instead of 6.5 standard deviations 1000 matrices still pass, but for one in 1000 or so."""
    monkeypatch.setattr(_weights, "SPREAD", 4.5)
    rng = np.random.default_rng(0)
    failures = 0
    for _ in range(500):
        for fan_in, fan_out in ((350, 80), (1, 8000)):
            sample = Sample(RULES[name], fan_in, fan_out, getattr(reference, name)(fan_in, fan_out, rng))
            try:
                for judge in JUDGES:
                    judge(sample)
            except _weights.Failure:
                failures += 1
    assert failures <= 3


@pytest.mark.parametrize("name", reference.__all__)
def test_what_is_lent_is_right(name):
    assert getattr(check, name)(getattr(reference, name)).passed
