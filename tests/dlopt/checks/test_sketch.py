"""The little picture beside a wrong path."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from dlopt.checks import ps2_quadratics as check
from dlopt.checks import sketch

SVG = ET.fromstring(sketch.paths(np.array([[0.0, 0.0], [9.0, 9.0]]), np.array([[0.0, 0.0], [1.0, 2.0]])))


def test_it_is_one_svg_with_a_description():
    assert SVG.tag == "svg"
    assert "yours" in SVG.attrib["aria-label"]


def test_the_start_they_share_is_drawn_at_one_spot():
    right, theirs = (line.attrib["points"].split()[0] for line in SVG.iter("polyline"))
    assert right == theirs


def test_a_path_that_explodes_still_draws():
    assert "nan" not in sketch.paths(np.array([[0.0, 0.0], [1e300, -1e300]]), np.eye(2))


def test_points_in_space_are_refused():
    with pytest.raises(ValueError, match="shape"):
        sketch.paths(np.zeros((2, 3)), np.eye(2))


def test_a_wrong_descent_is_drawn_and_a_right_one_is_not():
    def uphill(A, b, w0, lr, num_steps):
        path = [w0]
        for _ in range(num_steps):
            path.append(path[-1] + lr * (A @ path[-1] - b))
        return np.array(path)

    rows = check.gradient_descent(uphill).rows
    assert [bool(row.picture) for row in rows] == [False, False, True, False]
