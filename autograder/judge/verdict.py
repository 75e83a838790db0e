"""From what a test cell did, in the judge's own process, to points.

A check of ours ends in a `dlopt.checks.Report`: its points are the sum of properties. Any other test follows
nbgrader's rules, without their accidents: an exception is 0, a number is partial credit, nothing, a truth value or a
text is full marks; an array or another collection was meant to be a number, and waits for a person.
Nothing is read from text, and printing or warning costs nothing.
"""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np

from autograder.bridge.proxies import StudentObject
from autograder.judge.outcome import CellOutcome
from dlopt.checks import Report

__all__ = ["of_error", "of_result"]

UNSCORED = (np.ndarray, np.generic, complex, list, tuple, dict, set, StudentObject)
"""What a number of points may have turned into, where it was computed from what a student's function returned."""

WORST_FIRST = ("crashed", "memory", "timeout", "error", "wrong")


def of_result(grade_id: str, points: float, result: Any) -> CellOutcome:
    """Judge a test cell that ran to its end.

    Parameters
    ----------
    grade_id : str
        The cell.
    points : float
        What it is worth.
    result : object
        The value of its last expression, or None.
    """
    if isinstance(result, Report):
        return _of_report(grade_id, points, result)
    if isinstance(result, bool | np.bool_ | str) or not isinstance(result, (numbers.Real, *UNSCORED)):
        return CellOutcome(grade_id, "pass", points)
    if not isinstance(result, numbers.Real):  # a student's result decides of which type a sum is
        said = f"the test ended in {_kind(result)}, which is no number of points; let it end in one, or in nothing"
        return CellOutcome(grade_id, "ungradable", None, said)
    score = float(result)
    if math.isfinite(score) and 0 <= score <= points:
        return CellOutcome(grade_id, "pass" if score == points else "wrong", score)
    said = f"the test returned {score:g} as partial credit, which is not between 0 and {points:g}"
    return CellOutcome(grade_id, "ungradable", None, said)


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return "an object of the student's" if isinstance(value, StudentObject) else f"a {type(value).__name__}"


def _of_report(grade_id: str, points: float, report: Report) -> CellOutcome:
    if not math.isclose(report.points, points):
        said = f"its properties are worth {report.points:g} points, the cell {points:g}: make the release anew"
        return CellOutcome(grade_id, "ungradable", None, said, report.to_dict())
    found = {row.status for row in report.rows}
    kind = "pass" if report.passed else next((k for k in WORST_FIRST if k in found), "wrong")
    return CellOutcome(grade_id, kind, report.earned, report=report.to_dict())


def of_error(grade_id: str, kind: str, reason: str) -> CellOutcome:
    """Judge a test cell that raised: 0 points, unless the fault is ours.

    Parameters
    ----------
    kind : str
        "ungradable" where the judge itself failed; otherwise what the student's code did.
    """
    return CellOutcome(grade_id, kind, None if kind == "ungradable" else 0.0, reason)
