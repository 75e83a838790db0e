"""The numbers of the live figure, on its whole control grid, against torch walking all settings at once."""

import re

import numpy as np
import pytest
import torch

from dlopt import live, schedules
from dlopt.live._random import uniforms
from dlopt.live.decaying_steps import DELAY, LAST, RUNS, SEED, START, TIMES

ETAS = [round(0.2 * i, 1) for i in range(1, 10)]
ALPHAS = [round(0.1 * i, 1) for i in range(16)]
NUMBER = re.compile(r"−?\d+\.\d+")


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("decaying_steps")


@pytest.fixture(scope="module")
def truth():
    """Root mean squares of 32 runs (times, η, α), and mean and variance by their recursion."""
    eta = torch.tensor(ETAS, dtype=torch.float64)[:, None, None]
    alpha = torch.tensor(ALPHAS, dtype=torch.float64)[None, :, None]
    uniform = uniforms(SEED)
    flips = np.array([int(uniform() * 2**32) for _ in range(LAST)])
    coins = torch.from_numpy(flips[:, None] >> np.arange(RUNS) & 1).double() * 2 - 1
    e = torch.full((len(ETAS), len(ALPHAS), RUNS), START, dtype=torch.float64)
    m, v = e[..., 0].clone(), torch.zeros(len(ETAS), len(ALPHAS), dtype=torch.float64)
    kept = []
    for k in range(LAST):
        step = eta * (1 + k / DELAY) ** -alpha
        e = e - step * (e + coins[k])  # the gradient of ½e², and noise
        s = step[..., 0]
        m, v = m - s * m, v - 2 * s * v + s**2 * (v + 1)
        if k + 1 in TIMES:
            kept.append(torch.stack([(e**2).mean(dim=-1).sqrt(), m.abs(), v.sqrt()]))
    return torch.stack(kept)  # (times, 3, η, α)


@pytest.mark.parametrize("i", range(len(ETAS)), ids=map(str, ETAS))
def test_runs_and_expectations_on_every_setting(module, truth, i):
    for j, alpha in enumerate(ALPHAS):
        now = module("state", {"eta": ETAS[i], "alpha": alpha})
        for row, name in enumerate(("measured", "start", "noise")):
            np.testing.assert_allclose(now[name], truth[:, row, i, j], rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_schedule_is_the_books_polynomial(module, alpha):
    factor = schedules.polynomial(alpha, DELAY)
    got = [module("stepSize", 0.6, alpha, k) for k in (0, 1, 10, 999)]
    assert got == pytest.approx([0.6 * factor(k) for k in (0, 1, 10, 999)], rel=1e-12)


@pytest.mark.parametrize("eta", ETAS)
def test_python_and_the_module_say_the_same(module, eta):
    figure = live.DecayingSteps(eta=eta)
    for alpha in (0.0, 0.1, 0.5, 0.6, 1.0, 1.1, 1.5):
        figure.set_trait("alpha", alpha)
        ours, theirs = figure.describe(), module("describe", {"eta": eta, "alpha": alpha})
        assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
        for a, b in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
            assert abs(float(a) - float(b)) < 0.0011


def test_times_are_the_same_in_both_languages(module):
    assert module.run("module.TIMES") == TIMES


@pytest.mark.parametrize(
    ("alpha", "sums", "fate"),
    [
        (0, "∞, ∞", "stays in a ball"),
        (0.5, "∞, ∞", "arrives"),
        (0.6, "∞, finite", "arrives"),
        (1, "∞, finite", "arrives"),
        (1.1, "finite, finite", "stalls short"),
    ],
)
def test_conditions(module, alpha, sums, fate):
    assert module("verdict", alpha) == [sums, fate]
    assert list(live.DecayingSteps(alpha=alpha)._verdict) == [*sums.split(", "), fate]
