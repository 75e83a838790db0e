"""Canvas: the gradebook's CSV file (Gradebook → Import and Export).

Canvas knows a student by ``ID``, else ``SIS User ID``, else ``SIS Login ID``, else the name, and an assignment by
the number in its column's name, ``Problem set 2 (4711)``. So the safe way is to fill in a file that Canvas exported.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from traitlets import Unicode

from autograder.course import CourseError
from autograder.export.base import Exporter
from autograder.scores import Score
from autograder.sheets import number, read_sheet, write_sheet

__all__ = ["CanvasExportPlugin"]

PEOPLE = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
NEEDED = ("Student", "ID", "Section")
POSSIBLE = "    Points Possible"


class CanvasExportPlugin(Exporter):
    """Write a CSV file that Canvas's gradebook imports."""

    column = Unicode("", help="Name of the assignment's column in the template, if it cannot be guessed.").tag(
        config=True
    )

    def write(self, gradebook: Any) -> None:
        """Fill in the template; without one, write the columns that an import needs."""
        ps, found = self.one_set(gradebook)
        if self.template:
            self._fill(ps, found)
        else:
            rows = [[*PEOPLE, ps], [POSSIBLE, "", "", "", "", number(max((s.max_score for s in found), default=0.0))]]
            rows += [[_name(s), s.lms_user_id, "", s.student, "", self.cell(s)] for s in found]
            write_sheet(self.target, rows, bom=False)

    def _fill(self, ps: str, found: list[Score]) -> None:
        sheet = read_sheet(Path(self.template))
        head = sheet.rows[0]
        if any(name not in head for name in NEEDED):
            raise CourseError(f"{self.template} is no gradebook of Canvas: it needs the columns {', '.join(NEEDED)}")
        column = self._column(ps, head)
        left = {score.student: score for score in found}
        seen = False
        rows = [[*(head[n] for n in _people(head)), head[column]]]
        for row in sheet.rows[1:]:
            row = [*row, *[""] * (len(head) - len(row))]
            cell = row[column]
            if row[0].strip() == POSSIBLE.strip():
                seen = True
                self._check_scale(cell, found)
            elif seen and row[0].strip() not in ("Student, Test", "Test, Student"):
                score = _find(dict(zip(head, row, strict=False)), found)
                if score is None:
                    self.told.unknown.append(row[0])
                else:
                    left.pop(score.student, None)
                    cell = self.cell(score)
            rows.append([*(row[n] for n in _people(head)), cell])
        self.told.missing = [s.student for s in left.values() if s.submitted]
        write_sheet(self.target, rows, bom=sheet.bom)

    def _check_scale(self, cell: str, found: list[Score]) -> None:
        """Refuse to write points of 25 where Canvas thinks of 100: its import would say nothing."""
        worth = max((score.max_score for score in found), default=0.0)
        if re.fullmatch(r"\d+(\.\d+)?", cell.strip()) and abs(float(cell) - worth) > 0.005:
            raise CourseError(
                f"in Canvas the assignment is worth {number(float(cell))}, here {number(worth)}: set its points in "
                "Canvas to the latter and export again"
            )

    def _column(self, ps: str, head: list[str]) -> int:
        """Find the assignment's column: by the option, by its whole title, or by "2" in "Problem set 2 (4711)"."""
        titles = [re.sub(r"\s*\(\d+\)$", "", name) for name in head]
        number_of = re.match(r"ps(\d+)", ps)
        like = re.compile(rf"(ps|problem set|set)[ _-]?0*{number_of[1] if number_of else '?'}\b", re.IGNORECASE)
        if self.column:
            fitting = [n for n, name in enumerate(head) if self.column in (name, titles[n])]
        else:
            after = head.index("Section") + 1
            exact = [n for n, name in enumerate(titles) if name.casefold() == ps.casefold()]
            fitting = exact or [n for n in range(after, len(head)) if like.search(titles[n].replace("_", " "))]
        if len(fitting) != 1:
            what = "no column" if not fitting else "several columns"
            raise CourseError(f"{self.template} has {what} for {ps}: name it with --column; there are {head}")
        return fitting[0]


def _people(head: list[str]) -> list[int]:
    """Return the columns up to Section: an import needs them, and nothing else but the score."""
    return list(range(head.index("Section") + 1))


def _name(score: Score) -> str:
    """Return the name as Canvas sorts it: last name, comma, first name."""
    return ", ".join(part for part in (score.last_name, score.first_name) if part) or score.student


def _find(row: dict[str, str], found: list[Score]) -> Score | None:
    """Find the student of a line, as Canvas itself would: by number, then login, then name, where one fits."""
    keys: tuple[Callable[[Score], object], ...] = (
        lambda s: s.lms_user_id and s.lms_user_id == row["ID"],
        lambda s: s.student in (row.get("SIS Login ID"), row.get("SIS User ID")),
        lambda s: s.email and s.email == row.get("SIS Login ID"),
        lambda s: s.full_name and row["Student"] in (s.full_name, _name(s)),
    )
    for key in keys:
        fitting = [score for score in found if key(score)]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None
