"""The plain CSV file: nbgrader's columns, for a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.export.base import Exporter
from autograder.scores import Score
from autograder.sheets import number, write_sheet

__all__ = ["PlainExportPlugin"]

COLUMNS = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


class PlainExportPlugin(Exporter):
    """Write the columns of nbgrader's own CSV export, with two differences.

    What a machine should have graded and could not is empty, as is what was not handed in, where nbgrader writes 0; and
    cells are quoted and safe, where nbgrader joins them with commas. Answers that a person has yet to read count 0.
    """

    def write(self, gradebook: Any) -> None:
        """Write the file."""
        rows: list[Sequence[str]] = [COLUMNS]
        for ps, found in self.read(gradebook).items():
            due = gradebook.find_assignment(ps).duedate
            for s in found:
                score = self.cell(s)
                known = bool(score)
                raw, penalty = (number(s.raw), number(s.penalty)) if known else ("", "")
                times = [str(time) if time else "" for time in (due, s.timestamp)]
                who = [s.student, s.last_name, s.first_name, s.email]
                rows.append([ps, *times, *who, raw, penalty, score, number(s.max_score)])
        write_sheet(self.target, rows, bom=True)

    def cell(self, score: Score) -> str:
        """Return the score so far; empty where a test cell has none."""
        value = score.sofar if self.partial or not score.ungraded else None
        if score.submitted and value is None:
            self.told.blank.append(score.student)
        return number(value)
