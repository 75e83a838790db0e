"""Calls made in series are the calls made one by one: same values, same exceptions, same arguments afterwards."""

import contextlib
import io

import numpy as np
import pytest

from dlopt.checks.trial import TrialEnded

STUDENT = """
import numpy as np
calls = 0
def twice(x):
    global calls
    calls += 1
    print("call", calls)
    x += 1
    return 2 * x
def picky(x):
    if x[0] > 1:
        raise ValueError("too large")
    return x[0]
def slow(x):
    while x[0] > 1:
        pass
    return x[0]
def odd(x):
    return open("/dev/null")
def ends(x):
    import os
    os._exit(3)
"""


@pytest.fixture
def names(guest):
    guest.cell(STUDENT)
    return {name: guest.fetch(name) for name in ("twice", "picky", "slow", "odd", "ends")}


def series(count=3):
    return [[np.full(2, float(i))] for i in range(count)]


def test_each_call_has_its_own_result_print_and_written_argument(names):
    args = series()
    made = names["twice"].call_in_series(args, 5.0)
    assert len(made) == 3
    for number, result in enumerate(made):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            np.testing.assert_array_equal(result(), 2.0 * (np.full(2, number) + 1))
        assert out.getvalue() == f"call {number + 1}\n"
        np.testing.assert_array_equal(args[number][0], np.full(2, number + 1.0))


def test_a_series_ends_with_the_first_exception(names):
    made = names["picky"].call_in_series(series(5), 5.0)
    assert [made[0](), made[1]()] == [0.0, 1.0]
    assert len(made) == 3
    with pytest.raises(ValueError, match="too large"):
        made[2]()


def test_a_series_ends_with_the_first_endless_loop(names):
    made = names["slow"].call_in_series(series(4), 0.2)
    assert len(made) == 3
    with pytest.raises(TrialEnded, match="did not finish"):
        made[2]()


def test_objects_stay_there(names):
    (first, *_) = names["odd"].call_in_series(series(2), 5.0)
    assert "TextIOWrapper" in repr(first())


def test_the_end_of_the_process_is_the_end_of_the_series(names):
    with pytest.raises(TrialEnded):
        names["ends"].call_in_series(series(2), 5.0)
