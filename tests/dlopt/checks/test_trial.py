"""One call of a student's function spoils nothing but its own outcome."""

import sys
import warnings

import numpy as np
import pytest

from dlopt.checks import trial

A = np.arange(6.0).reshape(2, 3)


def test_every_call_gets_fresh_arguments():
    def spoil(x):
        x[:] = 0
        return 1.0

    outcome = trial.run(spoil, (A,), ("A",))
    assert outcome.changed == ("A",)
    assert A[1, 2] == 5


def test_arrays_inside_a_list_are_watched_too():
    def spoil(xs):
        xs[0] += 1

    assert trial.run(spoil, ([A, A],), ("params",)).changed == ("params",)


@pytest.mark.parametrize("layout", trial.LAYOUTS)
def test_a_layout_changes_memory_not_values(layout):
    laid = trial.lay_out(A, layout)
    assert np.array_equal(laid, A)
    assert laid.flags.writeable is (layout != "read-only")
    assert laid.flags.c_contiguous is (layout in ("C", "read-only"))


def test_an_unknown_layout_is_refused():
    with pytest.raises(ValueError, match="layout must be one of"):
        trial.lay_out(A, "diagonal")


def test_prints_and_warnings_cost_nothing_and_do_not_escape(capfd):
    def talk(x):
        print("hello")
        print("oh no", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        return float(np.float64(1.0) / np.float64(0.0) > 0)

    outcome = trial.run(talk, (1.0,), ("x",))
    assert outcome.kind == "returned"
    assert "hello" in outcome.printed
    assert capfd.readouterr() == ("", "")


def test_what_is_printed_is_cut():
    assert len(trial.run(lambda x: print("x" * 10**6), (1.0,), ("x",)).printed) == trial.PRINTED


def test_an_exception_is_quoted_with_its_line():
    def broken(x):
        return x @ np.ones(7)

    outcome = trial.run(broken, (A,), ("A",))
    assert outcome.kind == "raised"
    assert outcome.exception == "ValueError"
    assert "return x @ np.ones(7)" in outcome.error


def test_leaving_python_is_an_error_like_any_other():
    assert trial.run(lambda x: sys.exit(3), (1.0,), ("x",)).exception == "SystemExit"


def test_the_students_own_interrupt_is_passed_on():
    def interrupt(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trial.run(interrupt, (1.0,), ("x",))


def test_an_endless_loop_ends_even_if_it_catches_exceptions():
    def endless(x):
        while True:
            try:
                x += 1
            except Exception:  # what a careless student writes
                pass

    outcome = trial.run(endless, (1.0,), ("x",), limit=0.05)
    assert outcome.kind == "timeout"
    assert "0.05 seconds" in outcome.error


def test_a_stub_is_missing_not_wrong():
    def stub(x):
        raise NotImplementedError

    assert trial.run(stub, (1.0,), ("x",)).kind == "missing"


@pytest.mark.parametrize("kind", ["crashed", "memory"])
def test_code_that_ran_and_ended_elsewhere_says_how(kind):
    class Ended(trial.TrialEnded):
        pass

    Ended.kind = kind

    def gone(x):
        raise Ended("The Python process ended.")

    outcome = trial.run(gone, (1.0,), ("x",))
    assert (outcome.kind, outcome.error, outcome.exception) == (kind, "The Python process ended.", "")


def test_a_timeout_elsewhere_reads_like_one_here():
    class Late(trial.TrialEnded):
        kind = "timeout"

    def late(x):
        raise Late

    outcome = trial.run(late, (1.0,), ("x",), limit=3)
    assert outcome.kind == "timeout"
    assert "3 seconds" in outcome.error


def test_an_exception_that_knows_the_students_line_quotes_it():
    def elsewhere(x):
        error = ValueError("no")
        error.student_line = "y = x @ x"
        raise error

    assert trial.run(elsewhere, (1.0,), ("x",)).error == "It raised ValueError: no, in the line “y = x @ x”."
