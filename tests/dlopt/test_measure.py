"""Numbers read off curves whose numbers are known."""

import math

import pytest
import torch

from dlopt.measure import asymptotic_rate, exponent, first_below, peak_saved_bytes, regime, saved_bytes


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        (0.6, "monotone"),
        (0.0, "one step"),
        (-0.7, "oscillating"),
        (-1.0, "undamped"),
        (-1.2, "diverging"),
        (1.0, "undamped"),
    ],
)
@pytest.mark.parametrize("start", [3.0, -1e-5])
def test_regime_of_a_geometric_sequence(factor: float, name: str, start: float) -> None:
    assert regime(start * factor ** torch.arange(8.0)) == name


def test_a_run_beyond_float64_diverges() -> None:
    assert regime(torch.tensor([1.0, -1e300, math.inf])) == "diverging"
    assert regime(torch.tensor([1.0, -1e300, math.nan])) == "diverging"


@pytest.mark.parametrize("bad", [torch.tensor([1.0, 2.0]), torch.tensor([0.0, 1.0, 2.0])])
def test_regime_refuses_what_says_nothing(bad: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="at least three errors"):
        regime(bad)


def test_rate_ignores_the_transient() -> None:
    t = torch.arange(300, dtype=torch.float64)
    assert asymptotic_rate(0.9**t + 50 * 0.5**t) == pytest.approx(0.9, abs=1e-12)


@pytest.mark.parametrize("last", [0.0, math.inf, math.nan])
def test_rate_refuses_the_end_of_float64(last: float) -> None:
    distances = torch.ones(20)
    distances[-1] = last
    with pytest.raises(ValueError, match="positive and finite"):
        asymptotic_rate(distances)


def test_rate_refuses_short_runs() -> None:
    with pytest.raises(ValueError, match="more than 10"):
        asymptotic_rate(torch.ones(10))


@pytest.mark.parametrize("power", [-2.0, 0.5, 3.0])
def test_exponent_of_a_power_law(power: float) -> None:
    x = torch.logspace(0, 3, 17, dtype=torch.float64)
    assert exponent(x, 7 * x**power) == pytest.approx(power, abs=1e-12)


def test_first_below() -> None:
    assert first_below(torch.tensor([4.0, 1.0, 3.0, 0.5]), 1.0) == 1
    with pytest.raises(ValueError, match="run longer"):
        first_below(torch.tensor([4.0, 3.0]), 1.0)


def test_saved_bytes_counts_every_storage_once() -> None:
    x = torch.ones(50, 4, dtype=torch.float64)
    w = torch.ones(4, 3, dtype=torch.float64, requires_grad=True)
    # tanh keeps its result (50, 3); the product keeps x, and w only if x wanted a gradient
    assert saved_bytes(lambda: torch.tanh(x @ w).sum()) == 8 * (50 * 3 + 50 * 4)
    assert saved_bytes(lambda: (w * w).sum()) == 8 * 12


def test_peak_is_known_for_a_chain_that_saves_every_result():
    w = torch.ones(50, dtype=torch.float64, requires_grad=True)
    for depth in (1, 4, 9):

        def chain(depth=depth):
            y = w
            for _ in range(depth):
                y = y.exp()  # saves its result
            return y.sum()

        assert peak_saved_bytes(chain) == depth * 400


def test_peak_with_checkpoints_is_boundaries_and_one_segment():
    from torch.utils.checkpoint import checkpoint_sequential

    blocks = torch.nn.Sequential(*[torch.nn.Tanh() for _ in range(16)])
    x = torch.zeros(10, dtype=torch.float64, requires_grad=True)
    peaks = [
        peak_saved_bytes(lambda k=k: checkpoint_sequential(blocks, k, x, use_reentrant=True).sum()) // 80
        for k in (1, 4, 16)
    ]
    assert peaks[1] < min(peaks[0], peaks[2])


def test_parameters_may_be_left_out_of_the_peak():
    layer = torch.nn.Linear(3, 2, dtype=torch.float64)
    x = torch.ones(5, 3, dtype=torch.float64, requires_grad=True)
    with_weights = peak_saved_bytes(lambda: layer(x).sum())
    assert with_weights - peak_saved_bytes(lambda: layer(x).sum(), layer.parameters()) == 3 * 2 * 8
