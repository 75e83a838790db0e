"""The numbers of the live figure, on its whole control grid, against torch and scikit-learn."""

import numpy as np
import pytest
import torch

from dlopt import live, spoiler
from dlopt.live.spoiler import DISTANCES, LR, STEPS


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("spoiler")


@pytest.fixture(scope="module")
def settled():
    """Weights after gradient descent by autograd, for every distance and both starts, all at once."""
    starts = torch.stack([spoiler.three_point_optimum(0.1), torch.zeros(3, dtype=torch.float64)])
    w = starts.repeat(len(DISTANCES), 1).requires_grad_()  # (90, 3)
    optimizer = torch.optim.SGD([w], lr=LR)
    x = torch.stack([spoiler.points(t) for t in DISTANCES for _ in range(2)])  # (90, 4, 3)
    targets = 0.5 + 0.4 * spoiler.SIGNS
    for _ in range(STEPS):
        optimizer.zero_grad()
        ((torch.sigmoid((x @ w[..., None])[..., 0]) - targets) ** 2).mean(dim=1).sum().backward()
        optimizer.step()
    return w.detach().reshape(len(DISTANCES), 2, 3)


def test_the_logistic_unit_ends_where_torch_ends(module, settled):
    for t, pair in zip(DISTANCES, settled, strict=True):
        for zero, w in zip((False, True), pair, strict=True):
            now = module("state", {"t": t, "zero": zero})
            np.testing.assert_allclose(now["unit"], w, rtol=0, atol=1e-6)
            assert now["right"] == int(((spoiler.points(t) @ w) * spoiler.SIGNS > 0).sum())
            assert abs(now["says"] - float(torch.sigmoid(spoiler.points(t)[3] @ w))) <= 1e-6


@pytest.mark.parametrize("t", DISTANCES)
def test_the_perceptron_is_scikit_learns(module, t):
    made, w = spoiler.mistakes(t)
    now = module("corrected", t)
    assert now["made"] == made
    np.testing.assert_allclose(now["w"], w, atol=1e-12)
    assert module("right", now["w"], t) == 4


def test_the_pulls_are_autograds(module):
    for t in DISTANCES:
        for kind, got in zip(("squared", "cross-entropy"), module("pulls", t), strict=True):
            w = spoiler.three_point_optimum(0.1).requires_grad_()
            # at this optimum the three near points pull with nothing, so all of the gradient is the spoiler's
            (g,) = torch.autograd.grad(spoiler.loss(w, t, kind=kind), w)
            assert abs(got - float(g.norm())) <= 1e-6
            assert got == pytest.approx(float(g.norm()), rel=1e-3)


def test_borders_are_where_the_score_vanishes(module):
    for w in ([2, 0, 1], [3, -1.5, 0.2], [0, 2, -1]):
        for x, y in module("border", w):
            assert abs(w[0] * x + w[1] * y + w[2]) <= 1e-9


def test_python_and_the_module_say_the_same(module):
    figure = live.Spoiler()
    for t in DISTANCES:
        for zero in (False, True):
            figure.set_trait("t", t)
            figure.set_trait("zero", zero)
            assert figure.describe() == module("describe", {"t": t, "zero": zero})
