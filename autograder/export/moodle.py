"""Moodle: the assignment's grading worksheet (Submissions → Download grading worksheet, Upload grading worksheet).

Moodle reads a line by ``Identifier`` ("Participant 4711"), a number that it makes for every assignment anew, and takes
``Grade`` where it changed. Nobody else knows these numbers, so the worksheet has to come from Moodle.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.course import CourseError
from autograder.export.base import Exporter
from autograder.intake.rules import same_name
from autograder.scores import Score
from autograder.sheets import number, read_sheet, write_sheet

__all__ = ["MoodleExportPlugin", "find"]

NEEDED = ("Identifier", "Grade", "Last modified (grade)")


class MoodleExportPlugin(Exporter):
    """Fill in a grading worksheet of Moodle's; without one, write a file for Moodle's gradebook import."""

    def write(self, gradebook: Any) -> None:
        """Write the file."""
        ps, found = self.one_set(gradebook)
        if self.template:
            self._fill(found)
        else:
            head = ["ID number", "First name", "Last name", "Email address", ps]
            rows = [[s.student, s.first_name, s.last_name, s.email, self.cell(s)] for s in found]
            write_sheet(self.target, [head, *rows], bom=False)

    def _fill(self, found: list[Score]) -> None:
        sheet = read_sheet(Path(self.template))
        head = sheet.rows[0]
        if any(name not in head for name in NEEDED):
            raise CourseError(f"{self.template} is no grading worksheet of Moodle: it needs {', '.join(NEEDED)}")
        grade = head.index("Grade")
        left = {score.student: score for score in found}
        rows = [head]
        for row in sheet.rows[1:]:
            row = [*row, *[""] * (len(head) - len(row))]
            about = dict(zip(head, row, strict=False))
            score = find(about, found)
            if score is None:
                self.told.unknown.append(about.get("Full name") or about["Identifier"])
            else:
                left.pop(score.student, None)
                self._check_scale(about, score)
                row[grade] = self.cell(score)
            rows.append(row)
        self.told.missing = [s.student for s in left.values() if s.submitted]
        write_sheet(self.target, rows, bom=sheet.bom)

    def _check_scale(self, about: dict[str, str], score: Score) -> None:
        """Refuse to write 25 of 25 points where Moodle thinks of 100."""
        text = (about.get("Maximum Grade") or about.get("Maximum grade") or "").replace(",", ".")
        worth = float(text) if re.fullmatch(r"\d+(\.\d*)?", text) else None
        if worth is not None and abs(worth - score.max_score) > 0.005:
            raise CourseError(
                f"in Moodle the assignment is worth {number(worth)}, here {number(score.max_score)}: "
                "set its maximum grade in Moodle to the latter and download the worksheet again"
            )


def find(row: dict[str, str], found: list[Score]) -> Score | None:
    """Find the student of a line: by e-mail, ID number, participant number, then full name, where one fits."""
    participant = re.sub(r"^\D+", "", row["Identifier"])
    keys: tuple[Callable[[Score], object], ...] = (
        lambda s: s.email and s.email.casefold() == row.get("Email address", "").casefold(),
        lambda s: s.student in (row.get("ID number"), row.get("Username"), row.get("Email address")),
        lambda s: s.student == f"participant-{participant}",
        lambda s: same_name(s.full_name, row.get("Full name", "")) or same_name(s.student, row.get("Full name", "")),
    )
    for key in keys:
        fitting = [score for score in found if key(score)]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None
