"""What grading one submission comes to: plain data, from the judge's process to the gradebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["KINDS", "CellOutcome", "Graded"]

KINDS = ("pass", "wrong", "error", "timeout", "memory", "crashed", "ungradable")
"""What can become of a property or a cell. *Ungradable* is our fault, and never a zero."""


@dataclass(frozen=True)
class CellOutcome:
    """What became of one graded cell.

    Parameters
    ----------
    grade_id : str
        The cell.
    kind : str
        One of `KINDS`; the worst of its properties.
    score : float or None
        Points; None where a person has to decide.
    reason : str
        A sentence for the instructor, where there is something to say.
    report : dict or None
        `dlopt.checks.Report.to_dict` of a check of ours; None of a plain test.
    """

    grade_id: str
    kind: str
    score: float | None
    reason: str = ""
    report: dict[str, Any] | None = None


@dataclass(frozen=True)
class Graded:
    """A graded submission.

    Parameters
    ----------
    notebook : dict
        The rebuilt notebook with outputs, as nbformat JSON.
    cells : list of CellOutcome
        One per test cell.
    notes : list of str
        What was mended, and what the instructor should know.
    ungradable : str
        Why the whole submission could not be graded; empty where it could.
    seconds : float
        How long running and judging it took, by the wall clock.
    """

    notebook: dict[str, Any]
    cells: list[CellOutcome] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ungradable: str = ""
    seconds: float = 0.0
