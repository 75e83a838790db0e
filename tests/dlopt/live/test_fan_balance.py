"""The numbers of the live figure, on its whole control grid, against layers drawn by dlopt's schemes."""

import json

import numpy as np
import pytest

from dlopt import initialization, live
from dlopt.live._size import size
from dlopt.live.fan_balance import LAYERS, RATIOS

MIXES = [round(0.05 * i, 2) for i in range(21)]


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("fan_balance")


def chain(ratio, mix, turns):
    """Follow actual widths: forward N_x·var w, backward N_y·var w, with var w from the harmonic mean."""
    width, widths = 1.0, [1.0]
    for layer in range(LAYERS):
        width *= 1 / ratio if turns and layer % 2 else ratio
        widths.append(width)
    fan_in, fan_out = np.array(widths[:-1]), np.array(widths[1:])
    v = 1 / ((1 - mix) * fan_in + mix * fan_out)
    forward = np.cumprod(np.append(1, fan_in * v))
    backward = np.append(np.cumprod((fan_out * v)[::-1])[::-1], 1)
    return forward, backward


@pytest.mark.parametrize("turns", [True, False])
@pytest.mark.parametrize("ratio", RATIOS)
def test_twelve_layers_multiply_the_factors_of_each(module, ratio, turns):
    got = module.run(
        f"{json.dumps(MIXES)}.map((mix) => module.chain({{ ratio: {ratio!r}, mix, turns: {json.dumps(turns)} }}))"
    )
    for mix, ours in zip(MIXES, got, strict=True):
        np.testing.assert_allclose(ours, chain(ratio, mix, turns), rtol=1e-10)


@pytest.mark.parametrize("fans", [(100, 400), (300, 200), (90, 30)])
@pytest.mark.parametrize(("mix", "scheme"), [(0, "LeCun"), (0.5, "Xavier"), (1, "fan-out")])
def test_the_three_marks_are_the_schemes(module, mix, scheme, fans):
    v = initialization.variance(scheme, *fans)
    assert module("factors", fans[1] / fans[0], mix) == pytest.approx([fans[0] * v, fans[1] * v], rel=1e-12)


@pytest.mark.parametrize("ratio", RATIOS)
def test_lecun_pays_once_and_xavier_in_every_layer(module, ratio):
    lecun = module("chain", {"ratio": ratio, "mix": 0, "turns": True})
    assert lecun[0] == pytest.approx([1] * (LAYERS + 1))
    assert lecun[1][0] == pytest.approx(1)  # n_L / n_0
    xavier = module("chain", {"ratio": ratio, "mix": 0.5, "turns": True})
    per_pair = 4 * ratio / (1 + ratio) ** 2
    assert xavier[0][LAYERS] == pytest.approx(per_pair ** (LAYERS / 2))


@pytest.mark.parametrize("ratio", [r for r in RATIOS if r != 1])
def test_dragging_to_a_factor_finds_its_mix(module, ratio):
    for mix in MIXES:
        assert module("mixFor", ratio, module("factors", ratio, mix)[0]) == pytest.approx(mix)
    assert module("mixFor", ratio, 100 if ratio > 1 else 0.01) == 0
    assert module("mixFor", 1, 1) == 0.5


@pytest.mark.parametrize("turns", [True, False])
@pytest.mark.parametrize("ratio", RATIOS)
def test_python_and_the_module_say_the_same(module, ratio, turns):
    figure = live.FanBalance(ratio=ratio, turns=turns)
    for mix in MIXES:
        figure.set_trait("mix", mix)
        assert figure.describe() == module("describe", {"ratio": ratio, "mix": mix, "turns": turns})


@pytest.mark.parametrize("value", [0.0, 1e-30, 9.994e-4, 0.001, 0.5, 1.0, 999.9, 1000.0, 3.2e7, 1e300])
def test_sizes_are_written_alike(module, value):
    assert module("size", value) == size(value)
