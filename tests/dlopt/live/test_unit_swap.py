"""The numbers of the live figure, on its whole control grid, against dlopt.teachers."""

import json

import numpy as np
import pytest
import torch

from dlopt import live, teachers
from dlopt.live.unit_swap import GRID

BENDS = [round(0.05 * i, 2) for i in range(21)]


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("unit_swap")


@pytest.mark.parametrize("angle", range(10, 181, 10))
def test_loss_is_the_expected_loss_of_student_and_teacher(module, angle):
    settings = [{"t": t, "angle": angle, "bend": bend} for bend in BENDS for t in GRID]
    student = torch.tensor(module.run(f"{json.dumps(settings)}.map(module.units)"), dtype=torch.float64)
    got = module.run(f"{json.dumps(settings)}.map(module.loss)")
    expected = teachers.expected_loss(student, student[0])
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("angle", [10, 90, 180])
@pytest.mark.parametrize("bend", [0, 0.5, 1])
def test_both_ends_are_the_same_network_and_the_way_is_symmetric(module, angle, bend):
    way = module("state", {"t": 0.5, "angle": angle, "bend": bend})["way"]
    assert abs(way[0]) < 1e-12
    assert abs(way[-1]) < 1e-12
    if bend == 0:
        np.testing.assert_allclose(way, way[::-1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("angle", range(10, 181, 10))
def test_python_and_the_module_say_the_same(module, angle):
    figure = live.UnitSwap(angle=angle)
    for bend in BENDS[::4]:
        for t in GRID[::5]:
            figure.set_trait("bend", bend)
            figure.set_trait("t", t)
            assert figure.describe() == module("describe", {"t": t, "angle": angle, "bend": bend})


def test_the_whole_way_fits_the_picture(module):
    highest = [
        module("state", {"t": 0, "angle": angle, "bend": bend})["highest"]
        for angle in range(10, 181, 10)
        for bend in BENDS
    ]
    assert max(highest) < 0.55
