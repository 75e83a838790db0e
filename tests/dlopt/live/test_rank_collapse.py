"""The numbers of the live figure, on its whole control grid, against torch."""

import itertools
import re

import numpy as np
import pytest
import torch

from dlopt import collapse, live
from dlopt.live._random import normals, uniforms
from dlopt.live.rank_collapse import DEPTH, SAMPLES, WIDTH, journey

DRAWS = range(1, 9)
KINDS = list(itertools.product((False, True), (False, True)))


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("rank_collapse")


def reference(relu, norm, draw):
    """Torch's layers on the figure's weights, torch's singular values."""
    uniform = uniforms(draw)
    h = torch.tensor([normals(uniform, WIDTH) for _ in range(SAMPLES)], dtype=torch.float64)
    rows = []
    for depth in range(DEPTH + 1):
        if depth:
            weight = torch.tensor([normals(uniform, WIDTH) for _ in range(WIDTH)], dtype=torch.float64) / WIDTH**0.5
            h = torch.nn.functional.linear(h, weight)
            if norm:
                h = torch.nn.functional.batch_norm(h, None, None, training=True)
            h = torch.nn.functional.relu(h) if relu else h
            h = h if norm else h / h.square().mean().sqrt()
        sigma = torch.linalg.svdvals(h)
        kept = (sigma > 0.01 * sigma[0]).sum().item()
        rows.append((kept, collapse.participation_ratio(h).item(), collapse.mean_cosine(h).item()))
    return np.array(rows)


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize(("relu", "norm"), KINDS)
def test_every_depth_of_every_network_is_torchs(module, relu, norm, draw):
    theirs = reference(relu, norm, draw)
    assert np.abs(np.array(module("journey", relu, norm, draw)) - theirs).max() <= 1e-6
    assert np.abs(np.array(journey(relu, norm, draw)) - theirs).max() <= 1e-6


def test_state_looks_at_the_chosen_depth(module):
    for depth in range(0, DEPTH + 1, 7):
        state = module("state", {"depth": depth, "relu": True, "norm": True, "draw": 3})
        assert state["now"] == [module("journey", True, norm, 3)[depth] for norm in (False, True)]


def test_eigenvalues_are_numpys(module):
    rng = np.random.default_rng(0)
    for size in (1, 2, 5, 16):
        A = rng.normal(size=(size, size))
        got = module("eigenvalues", (A @ A.T).tolist())
        np.testing.assert_allclose(got, np.linalg.eigvalsh(A @ A.T)[::-1], rtol=1e-9, atol=1e-12)


NUMBER = re.compile(r"−?\d+\.\d+")


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize(("relu", "norm"), KINDS)
def test_python_and_the_module_say_the_same(module, relu, norm, draw):
    figure = live.RankCollapse(relu=relu, norm=norm, draw=draw)
    for depth in range(DEPTH + 1):
        figure.depth = depth
        theirs = module("describe", {"depth": depth, "relu": relu, "norm": norm, "draw": draw})
        ours = figure.describe()
        assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
        for a, b in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
            assert abs(float(a) - float(b)) < 0.11 if a.count(".") and len(a.split(".")[1]) == 1 else 0.011


def test_what_the_chapter_says_holds_for_every_draw(module):
    for draw in DRAWS:
        ends = {kind: module("journey", *kind, draw)[DEPTH] for kind in KINDS}
        assert ends[False, False][0] <= 4
        assert ends[True, False][0] <= 4
        assert ends[False, True][0] in (5, 6, 7, 8)
        assert ends[True, True][0] == 16
