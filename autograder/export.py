"""The table of scores: what ``nbgrader export`` writes in this course.

nbgrader's own exporter joins values with commas as they are, and counts what could not be graded as 0. Here a name
stays in its cell and is never a formula, and a score that nobody has given yet is empty.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.plugins import CsvExportPlugin

__all__ = ["COLUMNS", "Scores", "cell"]

COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


def cell(value: Any) -> str:
    """Write a value so that no spreadsheet takes it for a formula.

    Examples
    --------
    >>> cell("ana"), cell(2.5), cell(None), cell("=1+1")
    ('ana', '2.5', '', "'=1+1")
    """
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


class Scores(CsvExportPlugin):  # type: ignore[misc]  # nbgrader ships no types
    """Exports scores to ``grades.csv``, or to the file named by ``--to``, in nbgrader's own columns."""

    def export(self, gradebook: Any) -> None:
        """Write the table."""
        target = self.to or "grades.csv"
        self.log.info("Exporting grades to %s", target)
        with open(target, "w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(COLUMNS)
            for row in self._rows(gradebook):
                table.writerow([cell(row[name]) for name in COLUMNS])

    def _rows(self, gradebook: Any) -> Iterator[dict[str, Any]]:
        for assignment in gradebook.assignments:
            for student in gradebook.students:
                if self.assignment and assignment.name not in self.assignment:
                    continue
                if self.student and student.id not in [str(name) for name in self.student]:
                    continue
                yield {**_about(assignment, student), **_scores(gradebook, assignment, student)}


def _about(assignment: Any, student: Any) -> dict[str, Any]:
    names = {name: getattr(student, name) for name in ("last_name", "first_name", "email")}
    about = {"assignment": assignment.name, "duedate": assignment.duedate, "max_score": assignment.max_score}
    return {**about, "student_id": student.id, **names}


def _scores(gradebook: Any, assignment: Any, student: Any) -> dict[str, Any]:
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:  # nothing was handed in: 0, as nbgrader has it
        return {"timestamp": None, "raw_score": 0.0, "late_submission_penalty": 0.0, "score": 0.0}
    penalty = submission.late_submission_penalty
    known = {"timestamp": submission.timestamp, "late_submission_penalty": penalty}
    if _waits(submission):
        return {**known, "raw_score": None, "score": None}
    return {**known, "raw_score": submission.score, "score": max(0.0, submission.score - (penalty or 0.0))}


def _waits(submission: Any) -> bool:
    """Tell whether a test cell has no score: what could not be graded is a person's to decide, and not 0 till then."""
    for notebook in submission.notebooks:
        locked = {source.name for source in notebook.notebook.source_cells if source.locked}
        for grade in notebook.grades:
            if grade.cell.name in locked and grade.auto_score is None and grade.manual_score is None:
                return True
    return False
