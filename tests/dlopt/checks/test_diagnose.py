"""`diagnose` names the slip that was made, and says nothing of numbers it does not understand."""

import numpy as np
import pytest

from dlopt.checks import diagnose
from dlopt.checks.diagnose import Context

RNG = np.random.default_rng(0)
VECTOR = np.array([1.5, -2.0, 4.0, 0.3])
MATRIX = RNG.normal(size=(4, 4))
PATH = np.cumsum(RNG.normal(size=(7, 3)), axis=0)
SAMPLES = Context(factors={"N": 5.0}, terms={"b": np.array([1.0, 1.0, 2.0, 0.0])})

SLIPS = [
    (-VECTOR, VECTOR, "Every sign is flipped"),
    (-2.0, 2.0, "The sign is flipped"),
    (2 * VECTOR, VECTOR, "too large by a factor of 2"),
    (VECTOR / 2, VECTOR, "too small by a factor of 2"),
    (5 * VECTOR, VECTOR, "too large by a factor of N"),
    (VECTOR / 5, VECTOR, "too small by a factor of N"),
    (-5 * VECTOR, VECTOR, "too large by a factor of N and the sign is flipped"),
    (3.7 * VECTOR, VECTOR, "the same factor, 3.7"),
    (0 * VECTOR, VECTOR, "Every entry is 0"),
    (VECTOR - [1, 1, 2, 0], VECTOR, "b is left out"),
    (VECTOR - [0.5, 0.5, 1, 0], VECTOR, "only half of b is there"),
    (VECTOR - [2, 2, 4, 0], VECTOR, "b carries the wrong sign"),
    (MATRIX.T, MATRIX, "transpose"),
    (1 / VECTOR, VECTOR, "reciprocal"),
    (VECTOR**2, VECTOR, "square of"),
    (VECTOR[::-1], VECTOR, "order is reversed"),
    (VECTOR[[1, 0, 3, 2]], VECTOR, "another order"),
    (VECTOR + 0.25, VECTOR, "off by the same constant"),
    (np.abs(VECTOR), VECTOR, "some signs are flipped"),
    (np.diag(np.diag(MATRIX)), MATRIX, "Only the diagonal is right"),
    (MATRIX + np.eye(4), MATRIX, "Only the diagonal is wrong"),
    (PATH[1:], PATH, "first one is missing"),
    (PATH[:-1], PATH, "last one is missing"),
    (np.vstack([PATH, PATH[-1] + 1]), PATH, "one step too many"),
    (np.vstack([PATH[0] + 1, PATH]), PATH, "one row too many at the start"),
    (PATH[-1], PATH, "last row only"),
    (np.tile(PATH[-1], (7, 1)), PATH, "same array was stored every time"),
    (np.tile(PATH[0], (7, 1)), PATH, "nothing moves"),
    (np.vstack([PATH[:1], PATH[:-1]]), PATH, "one step late"),
    (np.vstack([PATH[1:], PATH[-1:]]), PATH, "one step ahead"),
    (np.vstack([PATH[:3], PATH[3:] + 1]), PATH, "row 3 is the first"),
    (VECTOR, VECTOR.sum(), "sum of these numbers is right"),
    (VECTOR, VECTOR.mean(), "mean of these numbers is right"),
    (VECTOR.mean(), VECTOR, "mean of the right entries"),
    (MATRIX, MATRIX.sum(axis=0), "summed over axis 0"),
    (MATRIX, MATRIX.mean(axis=1), "averaged over axis 1"),
]


@pytest.mark.parametrize(("actual", "expected", "sentence"), SLIPS)
def test_names_the_slip(actual, expected, sentence):
    assert sentence in diagnose(actual, expected, SAMPLES)


def test_names_a_transpose_that_changes_the_shape():
    wide = RNG.normal(size=(2, 5))
    assert "transpose" in diagnose(wide.T, wide)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (VECTOR, VECTOR),
        (RNG.normal(size=4), VECTOR),
        (np.array([np.nan, 1, 2, 3]), VECTOR),
        ("four", VECTOR),
        ([], VECTOR),
        ([[1.0], [1.0, 2.0]], VECTOR),
        (RNG.normal(size=(2, 2, 2)), VECTOR),
    ],
)
def test_says_nothing_where_nothing_generic_fits(actual, expected):
    assert diagnose(actual, expected, SAMPLES) == ""


@pytest.mark.parametrize("seed", range(20))
def test_unrelated_numbers_are_never_explained(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(2, 6, size=rng.integers(1, 3)))
    assert diagnose(rng.normal(size=shape), rng.normal(size=shape), SAMPLES) == ""
