"""The numbers of the live figure, on its whole control grid, against torch, scipy and dlopt's theory."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from dlopt import live, signals
from dlopt.live._random import normals, uniforms
from dlopt.live.signal_depth import BINS, EDGE, GAINS, KINDS, LAYERS, VALUES, WIDTHS

NAMES = ("linear", "tanh", "relu")


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("signal_depth")


def drawn(seed, *shape):
    """What the figure draws."""
    return torch.tensor(normals(uniforms(seed), math.prod(shape)), dtype=torch.float64).reshape(shape)


def close(actual, expected, tolerance=1e-6):
    np.testing.assert_allclose(np.array(actual, dtype=float), expected, rtol=tolerance, atol=1e-300)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", range(3), ids=KINDS)
def test_every_draw_is_torchs_network(module, kind, width):
    weights = drawn(4, LAYERS, width, width)
    x = drawn(5, VALUES // width, width)
    dy = drawn(6, VALUES // width, width)
    for gain in GAINS:
        trace = signals.propagate(x, list(weights * (gain / width) ** 0.5), NAMES[kind])
        back, _ = trace.backward(dy)
        got = module("sample", {"gain": gain, "kind": kind, "width": width})
        close(got["signal"], [h.detach().pow(2).mean() / x.pow(2).mean() for h in trace.inputs])
        close(got["gradient"], [d.pow(2).mean() / dy.pow(2).mean() for d in [*back, dy]])
        last = trace.activations[-1].flatten()
        np.testing.assert_allclose(got["activations"][-1], last, rtol=1e-6, atol=1e-6 * last.abs().max().item())


@pytest.mark.parametrize("gain", GAINS)
@pytest.mark.parametrize("kind", range(3), ids=KINDS)
def test_predictions_are_the_theory_of_signals(module, kind, gain):
    got = module("predict", {"gain": gain, "kind": kind})
    q, signal, chi = gain, [1.0], []
    for _ in range(LAYERS):
        signal.append(signals.next_variance(q, 1.0, NAMES[kind]))
        chi.append(signals.backward_factor(q, gain, NAMES[kind]))
        q = gain * signal[-1]
    close(got["signal"], signal)
    close(got["sums"], gain * np.array(signal[:-1]))
    close(got["gradient"], np.append(np.cumprod(chi[::-1])[::-1], 1))


@pytest.mark.parametrize("q", [1e-8, 0.01, 0.3, 1.0, 7.0, 1e6])
@pytest.mark.parametrize("kind", range(3), ids=KINDS)
def test_shares_are_those_of_a_normal_sum(module, kind, q):
    edges = np.linspace(-EDGE, EDGE, BINS + 1)
    edges[0], edges[-1] = -np.inf, np.inf
    with np.errstate(invalid="ignore", divide="ignore"):
        s = [edges, np.arctanh(np.clip(edges, -1, 1)), np.where(edges > 0, edges, -np.inf)][kind]
    expected = np.diff(stats.norm.cdf(s, scale=np.sqrt(q)))
    np.testing.assert_allclose(module("shares", {"kind": kind}, q), expected, rtol=0, atol=1e-6)


def test_normal_distribution_function_to_seven_digits(module):
    z = np.linspace(-6, 6, 241)
    got = module.run(f"{z.tolist()}.map(module.below)")
    np.testing.assert_allclose(got, stats.norm.cdf(z), rtol=0, atol=2e-7)


def test_histogram_counts_all_and_piles_up_beyond_the_edges(module):
    values = [-1e9, -2.0, -0.05, 0.0, 0.05, 0.2, 1.99, 2.0, 50.0, 1.0]
    got = module("histogram", values)
    inside = np.clip(values, -EDGE, np.nextafter(EDGE, 0))
    np.testing.assert_allclose(got, np.histogram(inside, BINS, (-EDGE, EDGE))[0] / len(values), atol=1e-12)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", range(3))
def test_python_and_the_module_say_the_same(module, kind, width):
    figure = live.SignalDepth(kind=kind, width=width)
    for i, gain in enumerate(GAINS):
        figure.set_trait("gain", gain)
        figure.set_trait("layer", LAYERS - i)
        now = {"gain": gain, "kind": kind, "width": width, "layer": LAYERS - i}
        assert figure.describe() == module("describe", now)


def test_a_width_between_the_marks_is_refused():
    import traitlets

    with pytest.raises(traitlets.TraitError, match="width must be one of"):
        live.SignalDepth(width=20)
