"""Every known answer to the problem sets gets the same report through the bridge as beside the checks."""

import inspect
from functools import cache
from importlib import import_module

import numpy as np
import pytest

from autograder.course import Course
from autograder.jail.limits import Limits
from autograder.misconceptions import table
from autograder.mutation.trial import exercises
from dlopt.checks import ps2_quadratics

# what a student's notebook does not have: the table that the answers are listed in
TABLE = """
class Table:
    def __init__(self, *args, **kwargs): pass
    def right(self, *args, **kwargs): return lambda answer: answer
    wrong = right
"""

SETS = Course().problem_sets()


def answers(ps):
    known = table(ps)
    found = [(name, answer) for name, answers in known.right_answers.items() for answer in answers]
    return found + [(name, m.answer) for name, ms in known.misconceptions.items() for m in ms]


@pytest.fixture(scope="module")
def students(guests):
    """A function that returns the one guest in which all answers of a problem set were typed."""

    @cache
    def of(ps):
        # only the checks' own limits count, and one session holds the answers of many students
        guest = guests(Limits(call_seconds=90.0, cpu_seconds=7200, wall_seconds=7200.0))
        known = import_module(f"autograder.misconceptions.{ps.split('_')[0]}")
        source = inspect.getsource(known).replace("from autograder.misconceptions import Table", TABLE)
        assert guest.cell(source).status == "ok"
        return guest

    return of


def same_report(guest, ps, name, answer, monkeypatch, mode):
    if mode == "grading":
        monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    else:
        monkeypatch.delenv("DLOPT_GRADING", raising=False)
    check = exercises(ps)[name]
    guest.turn()  # as before each cell
    return check(guest.fetch(answer.__name__)), check(answer)


SAMPLE = 5  #: every so-manyth answer is graded in `make test`, all of them in `make exhaustive`


def every_answer():
    for ps in SETS:
        for k, (name, answer) in enumerate(answers(ps)):
            for mode in ("visible", "grading"):
                marks = [pytest.mark.slow] if name == "train" else []
                if mode == "grading" and k % SAMPLE:
                    marks = [pytest.mark.exhaustive]
                yield pytest.param(ps, name, answer, mode, marks=marks, id=f"{ps}-{answer.__name__}-{mode}")


@pytest.mark.parametrize(("ps", "name", "answer", "mode"), list(every_answer()))
def test_a_report_is_the_same_through_the_bridge(students, ps, name, answer, mode, monkeypatch):
    there, here = same_report(students(ps), ps, name, answer, monkeypatch, mode)
    assert there == here


BROKEN = {
    "raises": "def broken(A):\n    return A @ np.ones(77)",
    "raises in a helper": "def helper(A):\n    return A[99]\n\ndef broken(A):\n    return helper(A)",
    "returns nothing": "def broken(A):\n    np.linalg.eigvalsh(A)",
    "returns a vector": "def broken(A):\n    return np.linalg.eigvalsh(A)",
    "returns NaN": "def broken(A):\n    return float('nan')",
    "returns a complex number": "def broken(A):\n    return np.linalg.cond(A) + 0j",
    "returns a string": "def broken(A):\n    return '5'",
    "returns an object": "class Odd:\n    pass\n\ndef broken(A):\n    return Odd()",
    "returns an array of objects": "def broken(A):\n    return np.array([None, 1], dtype=object)",
    "writes into its argument": "def broken(A):\n    A *= 2\n    return float(np.linalg.cond(A))",
    "warns and prints": "import warnings\n\ndef broken(A):\n    warnings.warn('x'); print(1); return 1 / np.float64(0)",
    "is a stub": "def broken(A):\n    raise NotImplementedError",
    "leaves": "import sys\n\ndef broken(A):\n    sys.exit(3)",
    "recurses": "def broken(A):\n    return broken(A)",
    "has another signature": "def broken():\n    return 1.0",
    "raises its own": "class Mine(ValueError):\n    pass\n\ndef broken(A):\n    raise Mine('so')",
    "raises KeyError": "def broken(A):\n    return {}['κ']",
    "assumes two": "def broken(A):\n    (a, b), (c, d) = A\n    return 1.0",
}


@pytest.mark.parametrize("source", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_is_reported_the_same(shared, source, tmp_path, monkeypatch):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    assert shared.cell(f"import numpy as np\n{source}").status == "ok"
    there = ps2_quadratics.condition_number(shared.fetch("broken"))
    file = tmp_path / "answer.py"
    file.write_text(source)
    namespace = {"np": np, "__name__": "__main__"}
    exec(compile(source, str(file), "exec"), namespace)
    here = ps2_quadratics.condition_number(namespace["broken"])
    assert there == here


def test_an_endless_loop_costs_one_limit_and_leaves_the_session_alive(shared, monkeypatch):
    monkeypatch.setattr(ps2_quadratics.condition_number, "limit", 0.3)
    shared.cell("def endless(A):\n    while len(A) == 2:\n        pass\n    return 1.0")
    report = ps2_quadratics.condition_number(shared.fetch("endless"))
    assert report.rows[0].status == "timeout"
    assert "0.3 seconds" in report.rows[0].message
    assert shared.ended is None
    assert shared.cell("1 + 1").status == "ok"
