"""The arena's arithmetic against torch's optimizers, over its whole grid of settings."""

import itertools
import math
import re

import numpy as np
import pytest
import torch

from dlopt import live, surfaces
from dlopt.live.arena import GONE, RACERS, RHOS, STEPS, SURFACES, optimizer, place, walk

ALPHAS = [round(0.05 * k, 2) for k in range(20)]
POWERS = list(range(-3, 4))
STARTS = [(0.2, 0.3), (-0.6, 0.7), (0.9, -0.3), (0.0, 0.0)]
OURS = {0: surfaces.beale, 1: surfaces.quartic_saddle, 3: surfaces.rosenbrock, 5: surfaces.cliff}
USES_ALPHA = {"momentum", "nesterov", "adam", "amsgrad"}
USES_RHO = {"rmsprop", "adam", "amsgrad"}
NUMBER = re.compile(r"−?\d+\.\d+")


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("arena")


def test_names_and_settings_are_the_same_in_both_languages(module):
    assert [r[0] for r in module.run("module.RACERS")] == [racer.key for racer in RACERS]
    for ours, theirs in zip(SURFACES, module.run("module.SURFACES"), strict=True):
        assert (ours.name, ours.reach) == (theirs["name"], theirs["reach"])
        assert (list(ours.rates), list(ours.target)) == (theirs["rates"], theirs["target"])
        assert (list(ours.levels), ours.noise) == (theirs["levels"], theirs.get("noise", 0))
        assert (ours.log, ours.saddle) == (theirs.get("log", False), theirs.get("saddle", False))


@pytest.mark.parametrize("surface", range(len(SURFACES)))
def test_losses_and_slopes_are_those_of_autograd(module, surface):
    ground = SURFACES[surface]
    axis = torch.linspace(-ground.reach, ground.reach, 13, dtype=torch.float64)
    w = torch.cartesian_prod(axis, axis).requires_grad_()
    loss = ground.loss(w[:, 0], w[:, 1])
    (slope,) = torch.autograd.grad(loss.sum(), w)
    theirs = torch.tensor(module.run(f"{w.tolist()}.map((w) => module.SURFACES[{surface}].at(...w))"))
    torch.testing.assert_close(theirs[:, 0].double(), loss.detach(), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(theirs[:, 1:].double(), slope, rtol=1e-6, atol=1e-6)
    if surface in OURS:
        torch.testing.assert_close(loss.detach(), OURS[surface](w.detach()), rtol=1e-12, atol=1e-12)
    least = ground.loss(*torch.tensor(ground.target, dtype=torch.float64))
    assert ground.saddle or least <= loss.min() + 1e-12


def settings(index):
    """All settings of the sliders that a racer feels."""
    name = RACERS[index].key
    alphas = ALPHAS if name in USES_ALPHA else [0.9]
    rhos = RHOS if name in USES_RHO else [0.99]
    return list(itertools.product(POWERS, alphas, rhos))


def compared(module, index, surface, start, lr, alpha, rho):
    """The differences of the two languages step by step, relative where large, and how many points each has."""
    theirs = np.array(module("walk", index, surface, start, lr, alpha, rho))
    ours = np.array(walk(index, surface, start, lr, alpha, rho))
    n = min(len(ours), len(theirs))
    return (
        np.abs(ours[:n] - theirs[:n]).max(axis=1) / np.maximum(1, np.abs(ours[:n]).max(axis=1)),
        len(ours),
        len(theirs),
    )


def agrees(module, index, surface, start, lr, alpha, rho):
    """Ask for equality to 1e-6 as long as the walk itself does not magnify a change of 1e-13 in its start to 1e-8."""
    error, ours, theirs = compared(module, index, surface, start, lr, alpha, rho)
    if error.max() <= 1e-6 and ours == theirs:
        return True
    nudged = np.array(walk(index, surface, (start[0] * (1 + 1e-13) + 1e-15, start[1]), lr, alpha, rho))
    base = np.array(walk(index, surface, start, lr, alpha, rho))
    n = min(len(nudged), len(base))
    apart = np.abs(nudged[:n] - base[:n]).max(axis=1) / np.maximum(1, np.abs(base[:n]).max(axis=1))
    wild = np.flatnonzero(apart > 1e-9)
    first_bad = int(np.argmax(error > 1e-6)) if error.max() > 1e-6 else len(error)
    assert wild.size, (RACERS[index].key, SURFACES[surface].name, start, lr, alpha, rho, error.max(), ours, theirs)
    assert first_bad >= wild[0], "it differs before the walk became chaotic"
    return False


@pytest.mark.parametrize("surface", range(len(SURFACES)))
@pytest.mark.parametrize("index", range(len(RACERS)), ids=lambda i: RACERS[i].key)
def test_a_walk_is_that_of_torch_s_optimizer(module, index, surface):
    ground = SURFACES[surface]
    grid = settings(index)
    sample = grid if len(grid) <= 7 else grid[:: max(1, len(grid) // 9)]
    tame = [
        agrees(module, index, surface, tuple(v * ground.reach for v in start), ground.rates[index] * 2.0**p, a, r)
        for start in STARTS[:2]
        for p, a, r in sample
    ]
    assert np.mean(tame) > 0.6  # the others are chaotic: their walks are compared until then


@pytest.mark.exhaustive
@pytest.mark.parametrize("surface", range(len(SURFACES)))
@pytest.mark.parametrize("index", range(len(RACERS)), ids=lambda i: RACERS[i].key)
def test_a_walk_is_that_of_torch_s_optimizer_on_the_whole_grid(module, index, surface):
    ground = SURFACES[surface]
    for start, (p, a, r) in itertools.product(STARTS, settings(index)):
        at = tuple(v * ground.reach for v in start)
        agrees(module, index, surface, at, ground.rates[index] * 2.0**p, a, r)


def test_the_source_of_truth_are_the_optimizers_of_the_chapter():
    w = torch.zeros(2, requires_grad=True)
    kinds = [type(optimizer(i, [w], 0.1, 0.9, 0.99)).__module__.split(".")[0] for i in range(len(RACERS))]
    assert kinds.count("torch") == 6
    assert kinds.count("dlopt") == 2


def test_a_walk_that_leaves_ends_there(module):
    path = walk(0, 0, (4.0, 4.0), 0.08, 0.9, 0.99)
    assert len(path) <= STEPS
    assert max(map(abs, path[-1])) <= GONE * SURFACES[0].reach
    assert place(path, 0, STEPS).gone
    assert module("place", path, 0, STEPS)["gone"]


def test_everybody_meets_the_same_noise(module):
    quiet = live.Arena(surface=2)
    noisy = live.Arena(surface=4)
    assert quiet.paths() == live.Arena(surface=2).paths()
    first = [np.subtract(path[1], path[0]) for path in noisy.paths()]
    assert first[0] == pytest.approx(first[1] * 5)  # gradient descent and momentum: step sizes 0.05 and 0.01


STATES = [
    {"surface": s, "start": start, "power": p, "alpha": 0.9, "rho": 0.99, "steps": k}
    for s, start, (p, k) in itertools.product(range(6), STARTS[:2], [(0, 0), (0, 1), (-1, 20), (0, 120), (3, 60)])
]


@pytest.mark.parametrize("off", [(), ("gd", "rprop"), tuple(r.key for r in RACERS)], ids=["all", "some", "none"])
def test_python_and_the_module_say_the_same(module, off):
    on = {racer.key: racer.key not in off for racer in RACERS}
    for state in STATES:
        ours, theirs = live.Arena(**state, **on).describe(), module("describe", {**state, **on})
        assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs), state
        for a, b in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
            assert math.isclose(float(a.replace("−", "-")), float(b.replace("−", "-")), abs_tol=0.011)


def test_numbers_in_the_table_are_written_alike(module):
    from dlopt.live.arena import _small

    for value in (0.0, 1e-12, 3e-5, 0.009, 0.01, 1.234, 999.0, 1000.0, -0.5, -2000.0):
        assert module("small", value) == _small(value)


def test_a_memory_that_is_not_on_the_list_is_refused():
    with pytest.raises(Exception, match="Arena: rho must lie in"):
        live.Arena(rho=0.7)
