"""The numbers of the live figure, on its whole control grid, against dlopt.whitening."""

import json
import re

import numpy as np
import pytest
import torch

from dlopt import live, whitening
from dlopt.live._cloud import white_cloud
from dlopt.live.whitened_turn import GRID, RATIOS
from dlopt.quadratics import rotation

CLOUD = white_cloud()
ANGLES = list(range(0, 91, 5))


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("whitened_turn")


def cloud(angle, ratio):
    return (
        torch.tensor(CLOUD, dtype=torch.float64) @ torch.diag(torch.tensor([1, 1 / ratio]).double()) @ rotation(angle).T
    )


@pytest.mark.parametrize("ratio", RATIOS)
def test_every_turn_is_a_whitening_as_far_away_as_it_says(module, ratio):
    for angle in ANGLES:
        setting = {"angle": angle, "ratio": ratio, "cloud": CLOUD}
        got = module.run(
            f"{json.dumps(GRID)}.map((turn) => {{ const s = module.state({{ ...{json.dumps(setting)}, turn }}); "
            "return { moved: s.moved, after: s.after, curve: s.curve }; })"
        )
        x = cloud(angle, ratio)
        zca = whitening.zca(x)
        for i, (turn, now) in enumerate(zip(GRID, got, strict=True)):
            map = whitening.turned(zca, rotation(turn))
            assert abs(now["moved"] - whitening.moved(map, x)) <= 1e-6
            assert abs(now["curve"][i] - now["moved"]) <= 1e-6
            np.testing.assert_allclose(now["after"], map(x), atol=1e-6)


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("angle", ANGLES)
def test_the_turn_called_pca_is_pca(module, angle, ratio):
    x = cloud(angle, ratio)
    now = module("state", {"turn": 0, "angle": angle, "ratio": ratio, "cloud": CLOUD})
    turned = whitening.turned(whitening.zca(x), rotation(now["pca"]))(x)
    np.testing.assert_allclose(turned.abs(), whitening.pca(x)(x).abs(), atol=1e-6)
    assert now["least"] == pytest.approx(whitening.moved(whitening.zca(x), x), abs=1e-6)
    signs = [torch.diag(torch.tensor([a, b]).double()) for a in (1, -1) for b in (1, -1)]
    pca = [whitening.moved(whitening.turned(whitening.pca(x), s), x) for s in signs]
    assert min(abs(now["pcaMoved"] - p) for p in pca) <= 1e-6


NUMBER = re.compile(r"−?\d+(?:\.\d+)?")


@pytest.mark.parametrize("ratio", RATIOS)
def test_python_and_the_module_say_the_same(module, ratio):
    for angle in ANGLES[::2]:
        for turn in GRID[::6]:
            ours = live.WhitenedTurn(turn=turn, angle=angle, ratio=ratio).describe()
            theirs = module("describe", {"turn": turn, "angle": angle, "ratio": ratio, "cloud": CLOUD})
            assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
            for a, b in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
                assert abs(float(a.replace("−", "-")) - float(b.replace("−", "-"))) < 1.1e-3
