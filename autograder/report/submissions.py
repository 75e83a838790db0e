"""What the judge left in the autograded notebooks, read back as plain data.

Only the notebook's ``judge`` metadata, which the judge wrote, say how things went; outputs are never read. Cell
sources are read for examples and comparison, as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.course import Course
from autograder.scores import Score

__all__ = ["Submission", "released_code", "submissions"]


@dataclass(frozen=True)
class Submission:
    """One graded submission.

    Parameters
    ----------
    score : Score
        What the gradebook says.
    cells : dict of str to dict
        What became of each test cell, by grade_id, with its report.
    answers : dict of str to str
        The code of the answer cells, by grade_id.
    notes : list of str
        What was mended and noted.
    ungradable : str
        Why nothing of it could be graded; empty where it could.
    seconds : float
        How long grading it took; 0 where it is not known, as after nbgrader's own ``autograde``.
    """

    score: Score
    cells: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    ungradable: str = ""
    seconds: float = 0.0

    @property
    def student(self) -> str:
        """Whose."""
        return self.score.student

    @property
    def names(self) -> list[str]:
        """What must not be shown where names are hidden."""
        mine = self.score
        return [n for n in (mine.student, mine.email, mine.lms_user_id, mine.first_name, mine.last_name) if n]


def submissions(course: Course, ps: str, found: list[Score], seconds: Mapping[str, float]) -> list[Submission]:
    """Return every submission that has been graded; ``seconds`` says how long that took, by student."""
    graded = [score for score in found if score.submitted and _has(course, ps, score.student)]
    return [replace(_read(course, ps, score), seconds=seconds.get(score.student, 0.0)) for score in graded]


def released_code(course: Course, ps: str) -> str:
    """Return all code of the release: stubs, set-up and checks."""
    return "\n".join(source for _, source in _code(_load(course, "release", ps, ".")))


def _has(course: Course, ps: str, student: str) -> bool:
    return course.notebook("autograded", ps, student).is_file()


def _load(course: Course, step: str, ps: str, student: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(course.notebook(step, ps, student).read_text(encoding="utf-8"))
    return loaded


def _read(course: Course, ps: str, score: Score) -> Submission:
    notebook = _load(course, "autograded", ps, score.student)
    judge = notebook["metadata"].get("judge", {})
    return Submission(
        score,
        {cell["grade_id"]: cell for cell in judge.get("cells", [])},
        {about["grade_id"]: source for about, source in _code(notebook) if about.get("solution")},
        list(judge.get("notes", [])),
        str(judge.get("ungradable", "")),
    )


def _code(notebook: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield nbgrader's metadata and the source of every code cell that nbgrader knows."""
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "code" and about.get("grade_id"):
            yield about, "".join(cell["source"])
