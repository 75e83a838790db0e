"""The numbers of the live figure, on its whole control grid, against torch's derivatives and solver."""

import itertools
import json
import math
import re

import numpy as np
import pytest
import torch
from scipy.optimize import root

from dlopt import live, surfaces
from dlopt.live import newton_surface
from dlopt.live._field import level_lines, outline
from dlopt.live._svg import Plot
from dlopt.live.newton_surface import CRITICAL, LEVELS, REACH, STEPS

ETAS = [0.1, 0.5, 1.0, 1.4, 2.0]
AXIS = np.linspace(-REACH, REACH, 45)  # 0.25 apart
GRID = [(float(x), float(y)) for x in AXIS for y in AXIS]
FINE = [(i / 10, j / 10) for i in range(-55, 56) for j in range(-55, 56)]  # where the arrow keys lead
KNOWN = {
    "minimum": [(3, 2), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)],
    "maximum": [(-0.270845, -0.923039)],
    "saddle": [(0.086678, 2.884255), (-3.073026, -0.081353), (-0.127961, -1.953715), (3.385154, 0.073852)],
}
NUMBER = re.compile(r"−?\d+\.\d+")


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("newton_surface")


def derivatives(points):
    """Gradients (n, 2) and Hessians (n, 2, 2) of ``surfaces.himmelblau`` by autograd."""
    w = torch.tensor(points, dtype=torch.float64).requires_grad_()
    (g,) = torch.autograd.grad(surfaces.himmelblau(w).sum(), w, create_graph=True)
    rows = [torch.autograd.grad(g[:, i].sum(), w, retain_graph=True)[0] for i in (0, 1)]
    return g.detach(), torch.stack(rows, dim=1)


def every(module, call, points):
    """Call the module once for every point."""
    return module.run(f"{json.dumps(points)}.map((w) => {call})")


def same(got, expected, rtol=1e-6):
    """Compare vectors by their length, as a component may vanish."""
    got, expected = np.asarray(got), np.asarray(expected)
    error = np.linalg.norm(got - expected, axis=-1) / np.maximum(1, np.linalg.norm(expected, axis=-1))
    assert error.max() <= rtol


def test_derivatives_are_those_of_autograd_on_the_whole_grid(module):
    here = every(module, "module.surface(w)", FINE)
    g, H = derivatives(FINE)
    same([h["slope"] for h in here], g)
    a, b, c = np.array([h["hessian"] for h in here]).T
    np.testing.assert_allclose(np.stack([[a, b], [b, c]]).transpose(2, 0, 1), H, rtol=1e-12, atol=1e-12)
    heights = surfaces.himmelblau(torch.tensor(FINE, dtype=torch.float64))
    np.testing.assert_allclose([h["loss"] for h in here], heights, rtol=1e-12)
    ours = every(module, "module.eigenvalues(module.surface(w).hessian)", FINE)
    np.testing.assert_allclose(ours, torch.linalg.eigvalsh(H), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("eta", ETAS)
def test_every_single_step_is_the_one_torch_takes(module, eta):
    g, H = derivatives(FINE)
    sound = torch.linalg.cond(H) < 1e6
    assert sound.float().mean() > 0.99
    start = torch.tensor(FINE, dtype=torch.float64)
    newton = start[sound] - eta * torch.linalg.solve(H[sound], g[sound])
    same(np.array(every(module, f"module.step(w, {eta}, true)", FINE))[sound.numpy()], newton)
    same(every(module, f"module.step(w, {eta}, false)", FINE), start - eta / 100 * g)


@pytest.mark.parametrize("newton", [True, False])
@pytest.mark.parametrize("eta", ETAS)
def test_a_walk_is_torchs_walk_step_by_step(module, eta, newton):
    starts = GRID[::7]
    walks = every(module, f"module.walk(w, {eta}, {json.dumps(newton)})", starts)
    w = torch.tensor(starts, dtype=torch.float64)
    sound = torch.ones(len(starts), dtype=torch.bool)  # well-conditioned so far: errors have not been magnified
    for k in range(1, STEPS + 1):
        g, H = derivatives(w.tolist())
        sound &= (torch.linalg.cond(H) < 100) if newton else (torch.linalg.matrix_norm(H, 2) * eta / 100 < 2.5)
        H = torch.where(sound[:, None, None], H, torch.eye(2, dtype=torch.float64))
        w = w - torch.where(sound[:, None], eta * torch.linalg.solve(H, g) if newton else eta / 100 * g, 0)
        assert all(len(walk) > k for walk, good in zip(walks, sound, strict=True) if good)
        rows = [i for i, good in enumerate(sound.tolist()) if good]
        same([walks[i][k] for i in rows], w[rows])
    assert len(rows) > len(starts) / 5


def test_the_nine_critical_points_are_those_scipy_finds_and_their_kinds_those_of_eigvalsh(module):
    assert len(module.run("module.CRITICAL")) == len(CRITICAL) == 9
    same(module.run("module.CRITICAL"), CRITICAL, 1e-12)
    g, _ = derivatives(CRITICAL)
    assert g.abs().max() < 1e-9
    seen = {"minimum": [], "maximum": [], "saddle": []}
    for w in CRITICAL:
        found = root(lambda v: derivatives([v.tolist()])[0][0].numpy(), np.array(w) + 0.02, tol=1e-12).x
        np.testing.assert_allclose(w, found, atol=1e-8)
        seen[module("shape", w)].append(w)
    for kind, known in KNOWN.items():
        np.testing.assert_allclose(sorted(seen[kind]), sorted(known), atol=1e-6)


def signature(at):
    """Kind of a point by torch's eigenvalues."""
    low, high = torch.linalg.eigvalsh(derivatives([at])[1])[0]
    return "minimum" if low > 0 else "maximum" if high < 0 else "saddle"


def test_ends_are_classified_as_eigvalsh_does(module):
    kinds = {at: kind for kind, known in KNOWN.items() for at in known}
    for start, eta in itertools.product(GRID[::11], (0.5, 1.0)):
        for now in module("state", {"eta": eta, "start": start, "steps": STEPS}):
            at, outside = now["at"], max(map(abs, now["at"])) > REACH
            off, nearest = min((math.dist(at, w), w) for w in kinds)
            if len(now["path"]) <= STEPS or outside:
                assert now["kind"] == "left the picture"
            elif off > newton_surface.NEAR:
                assert now["kind"] == "not yet there"
            else:
                assert now["kind"] == signature(at) == kinds[nearest]
            g, H = derivatives([at])
            assert abs(now["distance"] - off) <= 2e-6 * max(1, off)
            assert abs(now["slope"] - float(g.norm())) <= 1e-6 * max(1, float(g.norm()))
            same(now["eigenvalues"], torch.linalg.eigvalsh(H)[0])


def test_newton_goes_to_saddles_and_the_maximum_where_the_hessian_is_not_positive_definite(module):
    ends = every(module, f"module.summary(module.walk(w, 1, true), {STEPS}).kind", GRID)
    convex = (torch.linalg.eigvalsh(derivatives(GRID)[1])[:, 0] > 0).tolist()
    inside = [end for end, good in zip(ends, convex, strict=True) if good]
    outside = [end for end, good in zip(ends, convex, strict=True) if not good]
    assert inside.count("minimum") / len(inside) > 0.98
    assert outside.count("minimum") / len(outside) < 0.3
    assert (outside.count("saddle") + outside.count("maximum")) / len(outside) > 0.7


def test_gradient_descent_goes_to_no_maximum(module):
    ends = every(module, f"module.summary(module.walk(w, 1, false), {STEPS}).kind", GRID)
    assert "maximum" not in ends
    assert ends.count("minimum") > len(GRID) / 2


def test_gradient_descent_is_stable_below_the_step_size_the_docstring_names(module):
    limit = 200 / torch.linalg.eigvalsh(derivatives(KNOWN["minimum"])[1]).max()
    assert abs(limit - 1.495) < 1e-3
    for eta, stays in ((1.4, True), (1.6, False)):
        path = module("walk", (-3.78, -3.28), eta, False)
        assert (math.dist(path[-1], KNOWN["minimum"][2]) < 1e-3) == stays


def test_a_singular_hessian_and_a_runaway_end_the_walk(module):
    singular = (1.12, 1.2106535824764408)  # det H rounds to 0
    runaway = (5.5, 5.5)
    for start, eta, newton in ((singular, 1.0, True), (runaway, 2.0, False)):
        path = module("walk", start, eta, newton)
        assert len(path) <= STEPS
        same(path, newton_surface._walk(start, eta, newton), 1e-12)
        assert module("summary", path, STEPS)["kind"] == "left the picture"
    assert "Newton has left the picture" in live.NewtonSurface(start=singular, steps=3).describe()


SETTINGS = list(itertools.product((0.1, 1.0, 2.0), [*GRID[::101], (-0.6, 4.4), (0, 0)], (0, 1, 5, 12), (False, True)))


def test_python_and_the_module_say_the_same(module):
    figure = live.NewtonSurface()
    for eta, start, steps, compare in SETTINGS:
        setting = {"eta": eta, "start": start, "steps": steps, "compare": compare}
        for name, value in setting.items():
            figure.set_trait(name, value)
        ours, theirs = figure.describe(), module("describe", setting)
        assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
        for a, b in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
            a, b = (float(text.replace("−", "-")) for text in (a, b))
            assert abs(a - b) <= 0.11 + 1e-6 * abs(a)


def test_contours_are_level_closed_and_the_same_in_both_languages(module):
    plot = Plot(360, 366, (20, 8, 20, 26), (-REACH, REACH), (-REACH, REACH), [], [], "x", "y", "")
    module.run("(globalThis.area = { x: (v) => 26 + (v + 5.5) / 11 * 326, y: (v) => 346 - (v + 5.5) / 11 * 326 }, 0)")
    module.run("(globalThis.root = (x, y) => Math.sqrt(module.surface([x, y]).loss), 0)")

    def f(x, y):
        return math.sqrt((x * x + y - 11) ** 2 + (x + y * y - 7) ** 2)

    for level in LEVELS:
        ours = level_lines(f, REACH, 32, level)
        theirs = module.run(f"module.levelLines(root, {REACH}, 32, {level})")
        assert [len(line) for line in ours] == [len(line) for line in theirs]
        same(np.concatenate(ours), np.concatenate(theirs), 1e-9)
        assert all(line[0] == line[-1] for line in ours)
        heights = surfaces.himmelblau(torch.tensor(np.concatenate(ours))).sqrt()
        assert (heights - level).abs().max() < 0.35
        assert outline(plot, ours) == module.run(f"module.outline(area, module.levelLines(root, {REACH}, 32, {level}))")


@pytest.mark.parametrize("slant", [-0.3, 0.4, 1.0])
def test_an_open_contour_runs_from_edge_to_edge_with_the_high_ground_on_its_left(module, slant):
    [line] = level_lines(lambda x, y: y - slant * x, 2, 8, 0.1)
    for (x, y), (u, v) in itertools.pairwise(line):
        assert abs(y - slant * x - 0.1) < 1e-12
        assert (u - x) + slant * (v - y) >= 0  # runs to the right, below the high ground
    assert max(abs(line[0][0]), abs(line[0][1])) == max(abs(line[-1][0]), abs(line[-1][1])) == 2
    plot = Plot(40, 40, (0, 0, 0, 0), (-2, 2), (-2, 2), [], [], "", "", "")
    assert outline(plot, [line]).count("L") == 2
    module.run("(globalThis.small = { x: (v) => (v + 2) * 10, y: (v) => 40 - (v + 2) * 10 }, 0)")
    theirs = module.run(f"module.outline(small, module.levelLines((x, y) => y - {slant} * x, 2, 8, 0.1))")
    assert outline(plot, [line]) == theirs


def test_two_hills_in_one_cell_are_kept_apart(module):
    ours = level_lines(lambda x, y: x * y, 1, 1, 0.5)
    assert len(ours) == 2
    assert module.run("module.levelLines((x, y) => x * y, 1, 1, 0.5).length") == 2
