"""The numbers of the live figure, on its whole control grid, against numpy's linear algebra."""

import re

import numpy as np
import pytest

from dlopt import live
from dlopt.live._random import normals, uniforms
from dlopt.live.noisy_bowl import BATCHES, BURN, CURVATURES, STEPS

ETAS = [round(0.1 * i, 1) for i in range(1, 20)]
STARTS = [(-2.6, 1.2), (3.0, 3.0), (0.0, 0.0), (0.4, -2.9)]
TURN = np.array([[np.sqrt(3) / 2, -0.5], [0.5, np.sqrt(3) / 2]])
A = TURN @ np.diag(CURVATURES) @ TURN.T
NUMBER = re.compile(r"−?\d+\.\d+")


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("noisy_bowl")


def walk(eta, batch, draw, start):
    noise = np.array(normals(uniforms(draw), 2 * STEPS)).reshape(STEPS, 2) / np.sqrt(batch)
    path = [np.array(start)]
    for xi in noise @ TURN.T:
        path.append(path[-1] - eta * (A @ path[-1] + xi))
    return np.array(path)


def moments(eta, batch, start):
    """Mean and covariance of all iterates at once: e = M e₀ + K ξ with one big matrix K."""
    step = np.eye(2) - eta * A
    powers = [np.linalg.matrix_power(step, k) for k in range(STEPS + 1)]
    means = np.array([p @ np.array(start) for p in powers])
    kernel = np.zeros((STEPS + 1, 2, STEPS, 2))
    for k in range(1, STEPS + 1):
        for j in range(k):
            kernel[k, :, j] = -eta * powers[k - 1 - j]
    return means, kernel / np.sqrt(batch)


@pytest.mark.parametrize("batch", BATCHES)
def test_walk_on_every_setting(module, batch):
    for i, eta in enumerate(ETAS):
        for draw in range(1, 6):
            start = STARTS[(i + draw) % len(STARTS)]
            now = module("state", {"eta": eta, "batch": batch, "draw": draw, "start": start})
            path = walk(eta, batch, draw, start)
            np.testing.assert_allclose(now["path"], path, rtol=0, atol=1e-9)
            late = path[BURN + 1 :]
            means = np.cumsum(late, axis=0) / np.arange(1, len(late) + 1)[:, None]
            np.testing.assert_allclose(now["average"], means, rtol=0, atol=1e-9)
            assert now["radius"] == pytest.approx(np.sqrt((late**2).sum(axis=1).mean()), abs=1e-9)


@pytest.mark.parametrize("eta", ETAS)
def test_expectations_on_every_setting(module, eta):
    for i, batch in enumerate(BATCHES):
        start = STARTS[i % len(STARTS)]
        means, kernel = moments(eta, batch, start)
        squares = (means**2).sum(axis=1) + (kernel**2).sum(axis=(1, 2, 3))
        now = {"eta": eta, "batch": batch, "start": start}
        np.testing.assert_allclose(module("expected", now), squares, rtol=1e-9, atol=1e-12)
        mean, heard = means[BURN + 1 :].mean(axis=0), kernel[BURN + 1 :].mean(axis=0)
        assert module("expectedAverage", now) == pytest.approx((mean**2).sum() + (heard**2).sum(), rel=1e-9)


@pytest.mark.parametrize("eta", ETAS)
def test_ball_is_where_the_variance_stands_still(module, eta):
    for curvature in CURVATURES:
        v = module("settled", eta, 8, curvature)
        assert (1 - eta * curvature) ** 2 * v + eta**2 / 8 == pytest.approx(v, rel=1e-12)


@pytest.mark.parametrize("batch", BATCHES)
def test_python_and_the_module_say_the_same(module, batch):
    figure = live.NoisyBowl(batch=batch)
    for i, eta in enumerate(ETAS):
        for draw in (1, 1 + i % 5):
            figure.set_trait("start", STARTS[i % len(STARTS)])
            figure.set_trait("eta", eta)
            figure.set_trait("draw", draw)
            figure.set_trait("average", i % 2 == 1)
            now = {name: getattr(figure, name) for name in ("eta", "batch", "draw", "start", "average")}
            ours, theirs = figure.describe(), module("describe", now)
            assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
            for a, b in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
                assert abs(float(a) - float(b)) < 0.0011
