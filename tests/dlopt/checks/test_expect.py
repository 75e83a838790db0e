"""Every way a result can miss its contract has a sentence of its own."""

import numpy as np
import pytest

from dlopt.checks import Failure, expect


def failure(call, *args, **kwargs) -> Failure:
    with pytest.raises(Failure) as caught:
        call(*args, **kwargs)
    return caught.value


@pytest.mark.parametrize("value", [1.5, np.float64(1.5), float("1e300")])
def test_a_float_is_a_python_float_or_a_float64(value):
    expect.scalar(value)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (None, "is None"),
        (np.array(1.5), "numpy array of shape ()"),
        (np.array([1.5]), "numpy array of shape (1,)"),
        (np.ones(3), "numpy array of shape (3,)"),
        (2, "type int"),
        (True, "type bool"),
        (np.float32(1.5), "type numpy.float32"),
        (1 + 0j, "type complex"),
        ("1.5", "type str"),
        ([1.5], "a list of length 1"),
        (float("nan"), "is NaN"),
        (float("-inf"), "is infinite"),
    ],
)
def test_what_is_no_float_is_named(value, part):
    assert part in failure(expect.scalar, value).message


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (None, "is None"),
        ([1.0, 2.0, 3.0], "a list of length 3"),
        (np.ones((3, 1)), "shape (3, 1)"),
        (np.ones(4), "shape (4,)"),
        (np.ones(3, dtype=np.float32), "dtype float32"),
        (np.ones(3, dtype=int), "dtype int64"),
        (np.ones(3, dtype=complex), "dtype complex128"),
        (np.array([1.0, np.nan, 2.0]), "NaN at index 1"),
        (np.array([1.0, 2.0, np.inf]), "infinite at index 2"),
    ],
)
def test_what_is_no_vector_is_named(value, part):
    assert part in failure(expect.array, value, (3,)).message


def test_a_transposed_shape_gets_a_clue():
    assert "transposed" in failure(expect.array, np.ones((2, 5)), (5, 2)).clue


def test_a_missing_row_gets_a_clue():
    assert "one row too few" in failure(expect.array, np.ones((4, 2)), (5, 2)).clue


@pytest.mark.parametrize("value", [[1.0, 2.0], np.array([[1.0], [2.0]]), np.array([1, 2]), np.array([1 + 0j, 2])])
def test_values_are_read_from_lists_columns_integers_and_empty_imaginary_parts(value):
    expect.close(value, [1.0, 2.0])


@pytest.mark.parametrize("value", [None, "two", object(), [[1.0], [1.0, 2.0]], {"a": 1.0}, np.array([1j, 2.0])])
def test_values_are_not_read_from_what_holds_none(value):
    failure(expect.close, value, [1.0, 2.0])


@pytest.mark.parametrize("error", [0.9e-6, -0.9e-6])
def test_the_contract_allows_a_relative_error_of_1e_6(error):
    expect.close(3.0 * (1 + error), 3.0)
    expect.close(0.9e-9, 0.0)


@pytest.mark.parametrize("error", [1.2e-6, -1.2e-6])
def test_and_no_more(error):
    failure(expect.close, 3.0 * (1 + error), 3.0)
    failure(expect.close, 1.2e-9, 0.0)


def test_a_trajectory_is_measured_by_its_largest_entry():
    want = np.array([[1000.0], [1e-3]])
    near = want + 5e-4
    expect.close(near, want, trajectory=True)
    failure(expect.close, near, want)


def test_a_difference_is_quoted_with_both_numbers_and_its_place():
    message = failure(expect.close, [1.0, 2.0], [1.0, 2.5]).message
    assert "at [1]: expected 2.5, got 2" in message


@pytest.mark.parametrize(
    ("value", "part"), [(3, "type int"), ("Minimum", "'Minimum'"), (None, "None"), ("a" * 300, "…")]
)
def test_text_must_be_one_of_the_choices(value, part):
    assert part in failure(expect.text, value, ("minimum", "maximum")).message


def test_a_tuple_is_a_tuple_of_the_right_length():
    assert expect.parts((1, 2), ("loss", "gradient")) == (1, 2)
    assert "a list of length 2" in failure(expect.parts, [1, 2], ("loss", "gradient")).message
    assert "tuple of length 3" in failure(expect.parts, (1, 2, 3), ("loss", "gradient")).message


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (1.0, np.float64(1.0 + 1e-8), True),
        (1.0, 1, False),
        (True, 1.0, False),
        (np.ones(2), [1.0, 1.0], False),
        (np.ones(2), np.ones(2, dtype=np.float32), False),
        (np.array([np.nan, 1]), np.array([np.nan, 1]), True),
        (np.array([np.inf, 1]), np.array([-np.inf, 1]), False),
        ((1.0, np.ones(2)), (1.0, np.ones(2)), True),
        ("saddle", "saddle", True),
        (None, None, True),
        (np.array(["a"]), np.array(["a"]), False),
        (np.array([True, False]), np.array([True, False]), True),
        (np.array([True, False]), np.array([True, True]), False),
    ],
)
def test_two_results_are_the_same_in_kind_and_number(a, b, same):
    assert expect.same_result(a, b) is same
