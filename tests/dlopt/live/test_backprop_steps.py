"""Every number of the live figure, on its whole control grid, against autograd."""

import itertools

import numpy as np
import pytest
import torch

from dlopt import live
from dlopt.live.backprop_steps import BASE, LAST, NAMES, TARGET, X, run

CHANGES = [round(-1.5 + 0.1 * i, 1) for i in range(31)]
GRID = list(itertools.product(range(6), CHANGES, (False, True)))


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("backprop_steps")


def by_autograd(edge, change, relu):
    """Every value and gradient, by a library that has never seen the figure's formulas."""
    weights = torch.tensor(BASE, dtype=torch.float64)
    weights[edge] += change
    weights.requires_grad_()
    x = torch.tensor(X, dtype=torch.float64, requires_grad=True)
    z = x @ weights[:4].view(2, 2)
    y = z.relu() if relu else z.tanh()
    s = weights[4:] @ y
    loss = 0.5 * (s - TARGET) ** 2
    gs, gy, gz, gw, gx = torch.autograd.grad(loss, [s, y, z, weights, x], retain_graph=True)
    (slope,) = torch.autograd.grad(y.sum(), z)
    numbers = {"z": z, "y": y, "s": s, "loss": loss, "gs": gs, "slope": slope, "gy": gy, "gz": gz, "gw": gw, "gx": gx}
    return {name: value.detach().numpy() for name, value in numbers.items()}


def test_every_number_is_autograds_on_the_whole_grid(module):
    for edge, change, relu in GRID:
        expected = by_autograd(edge, change, relu)
        state = module("state", {"edge": edge, "change": change, "relu": relu})
        ours = run(state["weights"], relu)._asdict()
        for name, value in expected.items():
            np.testing.assert_allclose(state["now"][name], value, rtol=0, atol=1e-12, err_msg=f"{name} {edge} {change}")
            np.testing.assert_allclose(ours[name], value, rtol=0, atol=1e-12)


def test_the_promise_is_the_gradient_times_the_change_and_the_deed_the_difference(module):
    for edge, change, relu in GRID:
        start, end = by_autograd(edge, 0.0, relu), by_autograd(edge, change, relu)
        state = module("state", {"edge": edge, "change": change, "relu": relu})
        assert state["promised"] == pytest.approx(start["gw"][edge] * change, abs=1e-12)
        assert state["actual"] == pytest.approx(end["loss"] - start["loss"], abs=1e-12)


def test_the_profile_is_the_loss(module):
    for edge in range(6):
        for relu in (False, True):
            expected = [by_autograd(edge, (i - 30) / 20, relu)["loss"] for i in range(61)]
            np.testing.assert_allclose(module("profile", edge, relu), expected, rtol=0, atol=1e-12)
            assert max(expected) < 2.0  # the side panel's top


@pytest.mark.parametrize("steps", range(LAST + 1))
def test_python_and_the_module_say_and_write_the_same(module, steps):
    figure = live.BackpropSteps(steps=steps)
    for edge, change, relu in GRID[::3]:
        figure.edge, figure.change, figure.relu = edge, change, relu
        given = {"steps": steps, "edge": edge, "change": change, "relu": relu}
        assert figure.describe() == module("describe", given)
        nodes, edges, bends = figure._texts()
        written = module("texts", given)
        assert [list(pair) for pair in nodes] == written["nodes"]
        assert [list(pair) for pair in edges] == written["edges"]
        assert bends == written["bends"]


def test_gradients_appear_in_the_order_of_the_backward_pass(module):
    given = {"edge": 0, "change": 0.0, "relu": False}
    counts = [sum(pull != "" for _, pull in module("texts", {"steps": k, **given})["nodes"]) for k in range(LAST + 1)]
    assert counts == [0, 0, 0, 0, 2, 4, 6, 8]


def test_a_closed_gate_passes_nothing_on(module):
    now = module("state", {"edge": 0, "change": 0.0, "relu": True})["now"]
    assert now["z"][1] < 0
    assert now["gz"][1] == 0
    assert now["gw"][1] == now["gw"][3] == now["gw"][5] == 0
    assert len(NAMES) == len(now["gw"])
