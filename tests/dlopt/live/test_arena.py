"""The arena's arithmetic against torch's optimizers, over its whole grid of settings."""

import itertools
import math
import re

import numpy as np
import pytest
import torch

from dlopt import live
from dlopt.live.arena import GONE, NOISE, RACERS, RHOS, STEPS, SURFACES, optimizer, place, walk

ALPHAS = [round(0.05 * k, 2) for k in range(20)]
POWERS = list(range(-3, 4))
STARTS = [(0.2, 0.3), (-0.6, 0.7), (0.9, -0.3), (0.0, 0.0)]
CHAOS = 1e-8  # disturbances have grown by a factor of a million
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
    loss = ground.loss(w)
    (slope,) = torch.autograd.grad(loss.sum(), w)
    theirs = torch.tensor(module.run(f"{w.tolist()}.map((w) => module.SURFACES[{surface}].at(...w))"))
    torch.testing.assert_close(theirs[:, 0].double(), loss.detach(), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(theirs[:, 1:].double(), slope, rtol=1e-6, atol=1e-6)
    least = ground.loss(ground.target)
    assert ground.saddle or least <= loss.min() + 1e-12


def settings(index):
    """All settings of the sliders that a racer feels."""
    name = RACERS[index].key
    alphas = ALPHAS if name in USES_ALPHA else [0.9]
    rhos = RHOS if name in USES_RHO else [0.99]
    return list(itertools.product(POWERS, alphas, rhos))


def truth(index, surface, starts, grid):
    """Every walk of a racer on a surface at once, (settings, starts, 1 + 2, STEPS + 1, 2): a parameter group a setting.

    Beside each walk go two that are disturbed at every step by up to 1e-14 of what the coordinate has been: a hundred
    roundings. Where they part from it, nobody's arithmetic can tell where the method really is.
    """
    ground, key = SURFACES[surface], RACERS[index].key
    rng = np.random.default_rng(0)
    method = optimizer(index, [torch.zeros(1, requires_grad=True)], 1.0, 0.9, 0.99)
    groups = [torch.tensor(np.repeat(starts, 3, axis=0), requires_grad=True) for _ in grid]
    for w, (p, a, r) in zip(groups, grid, strict=True):
        felt = {"lr": ground.rates[index] * 2.0**p, "alpha": r if key == "rmsprop" else a, "betas": (a, r)}
        method.add_param_group({"params": [w], **felt})
    if key == "adagrad":  # whose sums start in its constructor
        method.state.update({w: {"step": torch.tensor(0.0), "sum": torch.zeros_like(w)} for w in groups})
    path = [torch.stack([w.detach() for w in groups])]
    top = path[0].abs()
    size = 1e-14 * torch.tensor([0.0, 1.0, 1.0], dtype=torch.float64).repeat(len(starts))[:, None]

    def closure():
        w = torch.stack([w.detach() for w in groups]).requires_grad_()
        (slope,) = torch.autograd.grad(ground.loss(w).sum(), w)
        t = len(path) - 1
        slope = slope + ground.noise * torch.tensor(NOISE[2 * t : 2 * t + 2], dtype=torch.float64)
        for one, g in zip(groups, slope, strict=True):
            one.grad = g

    for _ in range(STEPS):
        method.step(closure)
        now = torch.stack([w.detach() for w in groups])
        top = torch.maximum(top, now.abs())
        now += size * top * torch.from_numpy(rng.uniform(-1, 1, now.shape))
        for one, w in zip(groups, now, strict=True):
            one.data.copy_(w)
        path.append(now)
    walks = torch.stack(path, dim=2).numpy()
    return walks.reshape(len(grid), len(starts), 3, STEPS + 1, 2)


def compared(module, index, surface, starts, grid):
    """Hold the module's walks to `truth`; return the share of steps that could be compared."""
    ground = SURFACES[surface]
    at = [tuple(v * ground.reach for v in start) for start in starts]
    walks = truth(index, surface, at, grid)
    rates = [[ground.rates[index] * 2.0**p, a, r] for p, a, r in grid]
    call = f"module.walk({index}, {surface}, at, ...s).flat().join(' ')"  # many numbers: text is faster than JSON
    told = module.context.eval(
        f"{rates}.map((s) => {[list(v) for v in at]}.map((at) => {call}).join('\\n')).join('\\n')"
    )
    steps, sure = 0, 0
    for line, (setting, start) in zip(
        told.split("\n"), itertools.product(range(len(grid)), range(len(at))), strict=True
    ):
        theirs = np.array(line.split(), dtype=float).reshape(-1, 2)
        ours, *disturbed = walks[setting, start]
        outside = ~(np.abs(ours).max(axis=1) <= GONE * ground.reach)
        length = int(outside.argmax()) if outside.any() else STEPS + 1
        n = min(length, len(theirs))
        scale = np.maximum(1, np.abs(ours[:n]).max(axis=1))
        error = np.abs(theirs[:n] - ours[:n]).max(axis=1) / scale
        apart = np.max([np.abs(other[:n] - ours[:n]).max(axis=1) for other in disturbed], axis=0) / scale
        calm = np.maximum.accumulate(np.where(np.isfinite(apart), apart, 1)) <= CHAOS
        case = RACERS[index].key, ground.name, at[start], grid[setting]
        assert error[calm].max() <= 1e-6, (*case, error[calm].max())
        assert not calm.all() or len(theirs) == length, (*case, length, len(theirs))
        steps, sure = steps + length, sure + int(calm.sum())
    return sure / steps


@pytest.mark.parametrize("surface", range(len(SURFACES)))
@pytest.mark.parametrize("index", range(len(RACERS)), ids=lambda i: RACERS[i].key)
def test_a_walk_is_that_of_the_optimizer_on_a_sample_of_settings(module, index, surface):
    grid = settings(index)
    assert compared(module, index, surface, STARTS[:2], grid[:: max(1, len(grid) // 9)]) > 0.5


@pytest.mark.exhaustive
@pytest.mark.parametrize("surface", range(len(SURFACES)))
@pytest.mark.parametrize("index", range(len(RACERS)), ids=lambda i: RACERS[i].key)
def test_a_walk_is_that_of_the_optimizer_on_the_whole_grid(module, index, surface):
    """Every position of every slider that the racer feels; chaotic walks as far as they can be told."""
    share = compared(module, index, surface, STARTS, settings(index))
    assert share > 0.5, share


@pytest.mark.parametrize("surface", range(len(SURFACES)))
@pytest.mark.parametrize("index", range(len(RACERS)), ids=lambda i: RACERS[i].key)
def test_the_widget_walks_as_all_do_at_once(index, surface):
    ground = SURFACES[surface]
    at = tuple(v * ground.reach for v in STARTS[0])
    for setting in [(-1, 0.5, 0.9), (0, 0.9, 0.99), (3, 0.95, 0.999)]:
        p, a, r = setting
        alone = np.array(walk(index, surface, at, ground.rates[index] * 2.0**p, a, r))
        ours, *disturbed = truth(index, surface, [at], [setting])[0, 0]
        apart = np.max([np.abs(other - ours).max(axis=1) for other in disturbed], axis=0)
        n = min(len(alone), int((np.append(apart, 1) > CHAOS).argmax()))
        np.testing.assert_allclose(alone[:n], ours[:n], rtol=1e-6, atol=1e-6)


def test_a_walk_thrown_far_off_the_cliff_has_a_place(module):
    far = walk(2, 5, (2.25, -0.75), 1.6, 0.95, 0.99)  # Nesterov, at the largest step: far to the left and back
    assert min(x for x, _ in far) < -30  # where e^(−25 x) has overflowed
    assert len(far) == len(module("walk", 2, 5, (2.25, -0.75), 1.6, 0.95, 0.99))
    for k in range(len(far)):
        assert place(far, 5, k).loss == pytest.approx(module("place", far, 5, k)["loss"])


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
