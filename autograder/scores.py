"""Read a problem set's scores out of nbgrader's gradebook, for the class report and the exports alike.

A cell that has neither an automatic nor a manual score is *open*: nobody knows yet what it is worth, so it is None and
never 0. The whole set is read with a handful of queries, however many students there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from autograder.course import CourseError

__all__ = ["Score", "people", "scores"]

NAMES = ("first_name", "last_name", "email", "lms_user_id")


@dataclass
class Score:
    """What the gradebook says of one student and one problem set.

    Parameters
    ----------
    student, first_name, last_name, email, lms_user_id : str
        Who; empty where the gradebook does not say.
    submitted : bool
        Whether there is a submission.
    timestamp : datetime or None
        When it was handed in, UTC.
    points : dict of str to float or None
        Points by the name of the graded cell, extra credit included; None where nobody has decided yet.
    max_points : dict of str to float
        What each cell is worth.
    tests : set of str
        The cells that are graded by machine: the others are a person's from the beginning.
    marked : list of str
        The cells that nbgrader marks for a person to look at.
    penalty : float
        What nbgrader takes off for lateness.
    """

    student: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    submitted: bool = False
    timestamp: datetime | None = None
    points: dict[str, float | None] = field(default_factory=dict)
    max_points: dict[str, float] = field(default_factory=dict)
    tests: frozenset[str] = frozenset()
    marked: list[str] = field(default_factory=list)
    penalty: float = 0.0

    @property
    def full_name(self) -> str:
        """First and last name, as far as they are known."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)

    @property
    def open(self) -> list[str]:
        """The cells that still wait for a score."""
        return [name for name, points in self.points.items() if points is None]

    @property
    def ungraded(self) -> list[str]:
        """Those of them that a machine should have graded, and could not."""
        return [name for name in self.open if name in self.tests]

    @property
    def judged(self) -> bool:
        """Whether any cell has a score."""
        return any(points is not None for points in self.points.values())

    @property
    def raw(self) -> float:
        """The sum so far."""
        return sum(points or 0.0 for points in self.points.values())

    @property
    def max_score(self) -> float:
        """What the whole set is worth."""
        return sum(self.max_points.values())

    @property
    def final(self) -> float | None:
        """The score less the penalty; None where it is not known, because nothing came or something is open.

        Examples
        --------
        >>> Score("ada", submitted=True, points={"a": 2.0, "b": None}).final is None
        True
        >>> Score("ada", submitted=True, points={"a": 2.0}, penalty=0.5).final
        1.5
        """
        return self.sofar if self.submitted and not self.open else None

    @property
    def sofar(self) -> float | None:
        """The score less the penalty, open cells counted as 0; None where no cell has one."""
        return max(0.0, self.raw - self.penalty) if self.judged else None


def scores(gradebook: Any, ps: str) -> list[Score]:
    """Return every student of the gradebook with what is known of a problem set, by student.

    Raises
    ------
    CourseError
        If the gradebook does not know the problem set.
    """
    from nbgrader.api import MissingEntry, SubmittedAssignment, SubmittedNotebook

    try:
        assignment = gradebook.find_assignment(ps)
    except MissingEntry:
        raise CourseError(f"the gradebook knows no {ps}: release it first") from None
    found = people(gradebook)
    cells = {cell.id: cell for notebook in assignment.notebooks for cell in _graded(notebook)}
    tests = frozenset(source.name for nb in assignment.notebooks for source in nb.source_cells if source.locked)
    mine = SubmittedAssignment.assignment_id == assignment.id
    times = gradebook.db.query(SubmittedAssignment.student_id, SubmittedAssignment.timestamp)
    for student, time in times.filter(mine):
        found[student].submitted, found[student].timestamp = True, time
    penalties = gradebook.db.query(SubmittedAssignment.student_id, SubmittedNotebook.late_submission_penalty)
    penalties = penalties.join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    for student, penalty in penalties.filter(mine):
        found[student].penalty += float(penalty or 0.0)
    given = {(student, cell): (points, marked) for student, cell, points, marked in _given(gradebook, mine)}
    for score in found.values():
        score.tests, score.max_points = tests, {cell.name: float(cell.max_score) for cell in cells.values()}
        for key, cell in cells.items() if score.submitted else ():
            score.points[cell.name], marked = given.get((score.student, key), (None, True))
            score.marked += [cell.name] if marked else []
    return sorted(found.values(), key=lambda score: score.student)


def people(gradebook: Any) -> dict[str, Score]:
    """Return every student of the gradebook, sorted by id, with the names and nothing else."""
    from nbgrader.api import Student

    # columns, not objects: nbgrader's objects bring sums over the whole gradebook with every row
    columns = (Student.id, *(getattr(Student, name) for name in NAMES))
    # sorted here: databases differ in how they sort, and without being told to, they do not
    return {
        key: Score(key, **_named(names)) for key, *names in sorted(gradebook.db.query(*columns), key=lambda r: r.id)
    }


def _given(gradebook: Any, mine: Any) -> Iterator[tuple[str, str, float | None, bool]]:
    """Yield student, cell, points with extra credit, and whether nbgrader marks it for a person."""
    from nbgrader.api import Grade, SubmittedAssignment, SubmittedNotebook

    scored = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade)
    query = gradebook.db.query(SubmittedAssignment.student_id, Grade.cell_id, *scored).select_from(Grade)
    query = query.join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
    query = query.join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    for student, cell, auto, manual, extra, marked in query.filter(mine):
        points = auto if manual is None else manual
        yield student, cell, None if points is None else float(points) + float(extra or 0.0), bool(marked)


def _graded(notebook: Any) -> list[Any]:
    return [*notebook.grade_cells, *notebook.task_cells]


def _named(values: Iterable[object]) -> dict[str, Any]:
    return {name: str(value or "") for name, value in zip(NAMES, values, strict=True)}
