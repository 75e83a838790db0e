"""The numbers of the live figure, on its whole control grid, against autograd and torch's own clipping."""

import itertools
import json

import numpy as np
import pytest
import torch

from dlopt import live
from dlopt.live.clipped_cliff import FACTORS, FAR, GOAL, RATES, STEPS, THRESHOLDS

STARTS = [round(-1.4 + 0.1 * i, 1) for i in range(29)]


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("clipped_cliff")


@pytest.mark.parametrize("factors", FACTORS)
@pytest.mark.parametrize("clip", [False, True])
def test_every_step_of_every_run_is_torchs(module, factors, clip):
    # a run on the wall is chaotic, so each step is compared from where the figure stood
    limits = THRESHOLDS if clip else THRESHOLDS[:1]
    settings = [
        {"factors": factors, "start": start, "rate": rate, "clip": clip, "threshold": threshold}
        for start, rate, threshold in itertools.product(STARTS, RATES, limits)
    ]
    paths = np.array(module.run(f"{json.dumps(settings)}.map(module.path)"))  # (settings, STEPS + 1)
    w = torch.tensor(paths[:, :-1], requires_grad=True)
    (g,) = torch.autograd.grad((0.5 * (w**factors - GOAL) ** 2).sum(), w)
    if clip:
        limit = torch.tensor([[s["threshold"]] for s in settings], dtype=torch.float64)
        g = g * (limit / g.abs()).clamp(max=1)
    reached = (w - torch.tensor([[s["rate"]] for s in settings]) * g).detach().clamp(-FAR, FAR).numpy()
    alive = abs(paths[:, :-1]) < FAR
    np.testing.assert_allclose(paths[:, 1:][alive], reached[alive], rtol=1e-6, atol=1e-6)
    assert (paths[:, 1:][~alive] == paths[:, :-1][~alive]).all()


@pytest.mark.parametrize("factors", FACTORS)
def test_loss_and_slope_are_torchs(module, factors):
    w = torch.tensor(STARTS, dtype=torch.float64, requires_grad=True)
    value = 0.5 * (w**factors - GOAL) ** 2
    (g,) = torch.autograd.grad(value.sum(), w)
    for name, expected in (("loss", value.detach()), ("slope", g)):
        got = module.run(f"{json.dumps(STARTS)}.map((w) => module.{name}(w, {factors}))")
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("factors", FACTORS)
def test_python_and_the_module_say_the_same(module, factors):
    figure = live.ClippedCliff(factors=factors)
    for k, (start, rate, clip) in enumerate(itertools.product(STARTS[::4], RATES, [False, True])):
        setting = {
            "start": start,
            "rate": rate,
            "clip": clip,
            "threshold": THRESHOLDS[k % 10],
            "steps": (7 * k) % (STEPS + 1),
        }
        for name, value in setting.items():
            figure.set_trait(name, value)
        assert figure.describe() == module("describe", {"factors": factors, **setting})


def test_clipping_bounds_every_step(module):
    path = module("path", {"factors": 12, "start": 1.2, "rate": 0.02, "clip": True, "threshold": 1})
    assert max(abs(np.diff(path))) <= 0.02 + 1e-12
    assert abs(path[-1] - 0.5 ** (1 / 12)) < 1e-3
