"""The numbers of the live figure, on its whole control grid, against the flow itself and dlopt.linear_nets."""

import json

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from dlopt import linear_nets, live
from dlopt.live.stage_learning import GRID

SIGMAS = [round(0.2 + 0.1 * i, 1) for i in range(19)]
RESTS = [1 + 0.5 * i for i in range(11)]


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("stage_learning")


@pytest.mark.parametrize("rest", RESTS)
def test_strengths_are_those_of_dlopt_for_every_mode_and_time(module, rest):
    u0 = 10**-rest
    got = module.run(f"{json.dumps(SIGMAS)}.map((s) => {json.dumps(GRID)}.map((t) => module.strength(s, {u0!r}, t)))")
    sigma, times = (torch.tensor(v, dtype=torch.float64) for v in (SIGMAS, GRID))
    np.testing.assert_allclose(np.array(got).T, linear_nets.mode_curve(sigma, u0, times), rtol=1e-9, atol=0)


@pytest.mark.parametrize("rest", [1, 3.5, 6])
@pytest.mark.parametrize("s", [0.2, 1.0, 2.0])
def test_strength_solves_the_flow_of_a_and_b(module, rest, s):
    u0 = 10**-rest

    def flow(_, w):
        return [w[1] * (s - w[0] * w[1]), w[0] * (s - w[0] * w[1])]

    found = solve_ivp(flow, (0, 20), [u0**0.5] * 2, method="DOP853", t_eval=GRID, rtol=1e-11, atol=1e-13)
    got = module.run(f"{json.dumps(GRID)}.map((t) => module.strength({s}, {u0!r}, t))")
    np.testing.assert_allclose(got, found.y[0] * found.y[1], rtol=0, atol=1e-6)


@pytest.mark.parametrize("rest", RESTS)
def test_half_times_and_loss(module, rest):
    for s in SIGMAS:
        half = module("halfTime", s, 10**-rest)
        assert abs(module("strength", s, 10**-rest, half) - s / 2) < 1e-9
    now = module("state", {"first": 2, "second": 1, "third": 0.5, "rest": rest, "time": 0})
    assert abs(now["loss"] - sum(0.5 * (s - 10**-rest) ** 2 for s in (2, 1, 0.5))) < 1e-9


@pytest.mark.parametrize("rest", RESTS)
def test_python_and_the_module_say_the_same(module, rest):
    figure = live.StageLearning(rest=rest)
    for k, time in enumerate(GRID[::4]):
        values = (SIGMAS[k % 19], SIGMAS[(3 * k) % 19], SIGMAS[(7 * k + 2) % 19])
        setting = dict(zip(("first", "second", "third"), values, strict=True)) | {"rest": rest, "time": time}
        for name, value in setting.items():
            figure.set_trait(name, value)
        assert figure.describe() == module("describe", setting)
