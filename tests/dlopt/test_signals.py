"""Signals through layers are autograd's, and the theory agrees with quadrature, sampling and closed forms."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from dlopt import initialization, signals


@pytest.fixture(autouse=True)
def doubles():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


PHI = {"linear": lambda s: s, "tanh": np.tanh, "relu": lambda s: max(s, 0.0)}
SLOPE = {"linear": lambda s: 1.0, "tanh": lambda s: 1 / np.cosh(s) ** 2, "relu": lambda s: float(s > 0)}


def expectation(f, q):
    """E f(√q z)² by scipy's adaptive quadrature, split at 0."""
    sides = (
        integrate.quad(lambda z: f(math.sqrt(q) * z) ** 2 * stats.norm.pdf(z), *span, epsabs=1e-13, limit=200)[0]
        for span in ((-12, 0), (0, 12))
    )
    return sum(sides)


@pytest.mark.parametrize("activation", signals.ACTIVATIONS)
@pytest.mark.parametrize("q", [1e-6, 0.3, 1.0, 4.0, 50.0])
def test_variance_maps_are_gaussian_integrals(activation, q):
    forward = signals.next_variance(q, 1.7, activation)
    backward = signals.backward_factor(q, 1.7, activation)
    assert forward == pytest.approx(1.7 * expectation(PHI[activation], q), rel=1e-8)
    assert backward == pytest.approx(1.7 * expectation(SLOPE[activation], q), rel=1e-8)


@pytest.mark.parametrize("activation", signals.ACTIVATIONS)
def test_signals_are_those_of_a_torch_network(activation):
    modules = {"linear": torch.nn.Identity, "tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}
    weights = initialization.stack([7, 5, 6, 4], 1.5, seeded())
    net = torch.nn.Sequential()
    for w in weights:
        layer = torch.nn.Linear(*reversed(w.shape), bias=False)
        layer.weight.data = w
        net.extend([layer, modules[activation]()])
    x = torch.randn(9, 7, generator=seeded(1))
    dy = torch.randn(9, 4, generator=seeded(2))
    trace = signals.propagate(x, weights, activation)
    inside = x.clone().requires_grad_()
    out = net(inside)
    np.testing.assert_allclose(trace.activations[-1], out.detach(), rtol=1e-13)
    (dx,) = torch.autograd.grad(out, inside, dy)
    at_inputs, at_sums = trace.backward(dy)
    np.testing.assert_allclose(at_inputs[0], dx, rtol=1e-12, atol=1e-15)
    for w, above, below in zip(weights, at_sums, at_inputs, strict=True):
        np.testing.assert_allclose(above @ w, below, rtol=1e-12, atol=1e-15)  # (N, out) @ (out, in)
    assert [len(part) for part in (trace.inputs, trace.sums, at_inputs, at_sums)] == [4, 3, 3, 3]


def test_a_stack_of_networks_is_each_of_them():
    weights = [initialization.draw(6, 6, 1.0, seeded(k), copies=3) for k in range(2)]
    x = torch.randn(3, 4, 6, generator=seeded(5))
    together = signals.propagate(x, weights, "tanh").activations[-1]
    for k in range(3):
        alone = signals.propagate(x[k], [w[k] for w in weights], "tanh").activations[-1]
        np.testing.assert_allclose(together[k], alone, rtol=1e-13)


def test_weight_gradients_are_those_of_the_mean_loss():
    weights = [w.requires_grad_() for w in initialization.stack([7, 5, 6], 1.5, seeded())]
    readout = initialization.draw(6, 3, 1.0, seeded(8))
    x, labels = torch.randn(9, 7, generator=seeded(1)), torch.arange(9) % 3
    h = torch.tanh(torch.tanh(x @ weights[0].T) @ weights[1].T)
    loss = torch.nn.functional.cross_entropy(h @ readout.T, labels)
    truth = torch.autograd.grad(loss, weights)
    trace = signals.propagate(x, [w.detach() for w in weights], "tanh")
    dy = signals.loss_gradient(trace.inputs[-1], readout, labels)
    for ours, theirs in zip(trace.weight_gradients(trace.backward(dy)[1]), truth, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize("activation", signals.ACTIVATIONS)
def test_mean_field_is_what_wide_layers_do(activation):
    gain = 2.0 if activation == "relu" else 1.3
    weights = initialization.stack([600] * 7, gain, seeded(3))
    trace = signals.propagate(torch.randn(60, 600, generator=seeded(4)), weights, activation)
    at_inputs, _ = trace.backward(torch.randn(60, 600, generator=seeded(5)))
    q, chi = signals.mean_field(gain, 6, activation)
    measured = [s.detach().pow(2).mean().item() for s in trace.sums]
    np.testing.assert_allclose(measured, q, rtol=0.25)  # one draw, not yet infinitely wide
    assert at_inputs[0].pow(2).mean().item() == pytest.approx(chi.prod().item(), rel=0.25)


def test_saturated_units_are_counted_after_every_tanh():
    net = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Tanh(), torch.nn.Hardtanh(-0.5, 0.5), torch.nn.Tanh())
    x = torch.tensor([[-3.0, 0.1], [1.0, 2.0]])  # tanh: −0.995, 0.0997, 0.762, 0.964
    assert signals.saturated_units(net, x, 0.9).tolist() == [0.5, 0.0]


@pytest.mark.parametrize("activation", ["linear", "relu"])
@pytest.mark.parametrize(("width", "gain"), [(4, 1.0), (16, 2.0), (64, 0.5)])
def test_log_growth_is_that_of_sampled_layers(activation, width, gain):
    count = 40_000
    s = math.sqrt(gain / width) * np.random.default_rng(0).standard_normal((count, width))  # ‖h‖ = 1
    h = s if activation == "linear" else np.maximum(s, 0)
    growth = np.log((h**2).sum(axis=1)[(h > 0).any(axis=1)])
    drift, spread = signals.log_growth(width, gain, activation)
    assert growth.mean() == pytest.approx(drift, abs=4 * math.sqrt(spread / count))
    assert growth.var() == pytest.approx(spread, rel=0.1)


@pytest.mark.parametrize("q", [0.05, 1.0, 9.0])
def test_saturated_share_is_that_of_a_sample(q):
    h = np.tanh(math.sqrt(q) * np.random.default_rng(1).standard_normal(200_000))
    share = (np.abs(h) > 0.9).mean()
    assert signals.saturated(q, 0.9) == pytest.approx(share, abs=4 * math.sqrt(0.25 / 200_000))


def test_saturated_averages_over_samples_and_knows_zero():
    assert signals.saturated(0.0, 0.9) == 0
    both = signals.saturated(np.array([1.0, 4.0]), 0.9)
    assert both == pytest.approx((signals.saturated(1.0, 0.9) + signals.saturated(4.0, 0.9)) / 2)


@pytest.mark.parametrize("activation", signals.ACTIVATIONS)
def test_jacobian_is_autograds(activation):
    w = initialization.draw(5, 4, 1.0, seeded())
    s = torch.randn(3, 5, generator=seeded(1))
    got = signals.jacobian(w, s, activation)
    phi = signals.ACTIVATIONS[activation]
    for k in range(3):
        truth = torch.autograd.functional.jacobian(lambda v: phi(v) @ w.T, s[k])
        np.testing.assert_allclose(got[k], truth, rtol=1e-12, atol=1e-15)


def test_quarter_circle_is_a_density_with_the_moments_it_states():
    def moment(power):
        return integrate.quad(lambda x: x**power * signals.quarter_circle(np.array(x)).item(), 0, 2)[0]

    assert moment(0) == pytest.approx(1, rel=1e-8)
    assert moment(1) == pytest.approx(8 / (3 * math.pi), rel=1e-8)
    assert moment(2) == pytest.approx(1, rel=1e-8)
    sampled = torch.linalg.svdvals(initialization.draw(400, 400, 1.0, seeded())).numpy()
    below = integrate.quad(lambda x: signals.quarter_circle(np.array(x)).item(), 0, 1)[0]
    assert (sampled < 1).mean() == pytest.approx(below, abs=0.01)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: signals.propagate(torch.ones(1, 1), [], "gelu"), "activation must be one of linear, tanh, relu"),
        (lambda: signals.log_growth(4, 1.0, "tanh"), "linear or relu"),
        (lambda: signals.saturated(1.0, 1.5), "between 0 and 1"),
    ],
)
def test_bad_input_gets_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()
