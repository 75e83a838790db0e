"""The numbers of the live figure, on its whole control grid, against numpy and dlopt.whitening."""

import json
import re

import numpy as np
import pytest
import torch

from dlopt import descent, live, whitening
from dlopt.live._cloud import white_cloud
from dlopt.live.whitened_cloud import RATIOS, STAGES, START, STEPS

CLOUD = white_cloud()
CENTRES = [(1.6, 1.2), (0.0, 0.0), (-4.0, 2.5)]
ANGLES = list(range(0, 91, 5))
MAPS = [None, whitening.centring, whitening.scaling, whitening.pca, whitening.zca]


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("whitened_cloud")


def cloud(angle, ratio, centre):
    turn = np.deg2rad(angle)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return torch.from_numpy(np.array(CLOUD) @ np.diag([1, 1 / ratio]) @ rotation.T + centre)


def test_the_cloud_is_white():
    np.testing.assert_allclose(np.cov(np.array(CLOUD).T, bias=True), np.eye(2), atol=1e-6)
    np.testing.assert_allclose(np.mean(CLOUD, axis=0), 0, atol=1e-6)


@pytest.mark.parametrize("stage", range(5), ids=STAGES)
@pytest.mark.parametrize("ratio", RATIOS)
def test_every_setting_against_dlopt(module, stage, ratio):
    settings = [{"stage": stage, "ratio": ratio, "angle": a, "centre": c} for a in ANGLES for c in CENTRES]
    got = module.run(f"{json.dumps(settings)}.map((s) => module.state({{ ...s, cloud: {json.dumps(CLOUD)} }}))")
    for setting, now in zip(settings, got, strict=True):
        x = cloud(setting["angle"], ratio, setting["centre"])
        map = (MAPS[stage] or whitening.centring)(x)
        z = x if stage == 0 else map(x)
        after = np.array(now["after"])
        if stage == 3:  # signs are free
            np.testing.assert_allclose(abs(after), abs(z), atol=1e-6)
        else:
            np.testing.assert_allclose(after, z, atol=1e-6)
            assert abs(now["moved"] - whitening.moved(map, x)) <= 1e-6
        second = whitening.second_moment(torch.from_numpy(after))
        lam, vectors = np.linalg.eigh(second.numpy())
        np.testing.assert_allclose([now["shallow"], now["steep"]], lam, atol=1e-6)
        assert abs(now["kappa"] - whitening.condition(z)) <= 1e-6 * now["kappa"]
        assert abs(now["factor"] - (now["kappa"] - 1) / (now["kappa"] + 1)) <= 1e-6
        if now["kappa"] > 1.01:
            axis = [np.cos(np.deg2rad(now["turn"])), np.sin(np.deg2rad(now["turn"]))]
            assert abs(abs(axis @ vectors[:, 1]) - 1) <= 1e-6
        assert abs(now["correlation"] - np.corrcoef(after.T)[0, 1]) <= 1e-6


@pytest.mark.parametrize("stage", range(5), ids=STAGES)
def test_the_path_is_torchs(module, stage):
    now = module("state", {"stage": stage, "angle": 35, "ratio": 3, "centre": CENTRES[0], "cloud": CLOUD})
    second = whitening.second_moment(torch.tensor(now["after"], dtype=torch.float64))
    lr = 2 / float(torch.trace(second))
    start = torch.tensor(START, dtype=torch.float64)
    path = descent.descend(lambda w: 0.5 * w @ second @ w, start, lr=lr, steps=STEPS)
    np.testing.assert_allclose(now["path"], path, atol=1e-6)


def test_at_45_degrees_scaling_does_nothing_and_at_0_everything(module):
    def kappa(stage, angle):
        setting = {"stage": stage, "angle": angle, "ratio": 4, "centre": (0, 0), "cloud": CLOUD}
        return module("state", setting)["kappa"]

    assert abs(kappa(2, 45) - 16) < 1e-3
    assert abs(kappa(2, 0) - 1) < 1e-5


NUMBER = re.compile(r"−?\d+\.\d+")


@pytest.mark.parametrize("stage", range(5), ids=STAGES)
def test_python_and_the_module_say_the_same(module, stage):
    for ratio in RATIOS:
        for angle in ANGLES[::3]:
            for centre in CENTRES:
                figure = live.WhitenedCloud(stage=stage, ratio=ratio, angle=angle, centre=centre)
                setting = {"stage": stage, "ratio": ratio, "angle": angle, "centre": centre, "cloud": CLOUD}
                ours, theirs = figure.describe(), module("describe", setting)
                assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
                for a, b in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
                    a, b = (float(v.replace("−", "-")) for v in (a, b))
                    assert abs(a - b) <= 0.11 if abs(a) > 10 else abs(a - b) < 0.011
