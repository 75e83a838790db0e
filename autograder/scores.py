"""The course's total: what every student has earned in every set, weighted as ``course.yml`` says.

Notebooks, gradebook, feedback and formgrader keep the points that the checks give; only this table weighs them. So
what a set counts can change in the middle of a term without grading anything again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.export import cell
from autograder.settings import ProblemSet, load

__all__ = ["Grade", "earned", "export_scores", "possible"]


@dataclass(frozen=True)
class Grade:
    """One exercise of one submission.

    Parameters
    ----------
    exercise : str
        Its name.
    score : float
        As the gradebook has it, extra credit included.
    max_score : float
        The points of its cell.
    """

    exercise: str
    score: float
    max_score: float


def _counts(one: ProblemSet, exercise: str, own: float) -> float:
    """Return what an exercise counts before the set's own points scale it."""
    return one.exercises.get(exercise, own)


def _regular(one: ProblemSet, points: dict[str, float]) -> float:
    """Return what the exercises that are no bonus add up to."""
    return sum(_counts(one, name, own) for name, own in points.items() if name not in one.bonus)


def _scale(one: ProblemSet, points: dict[str, float]) -> float:
    return 1.0 if one.points is None else one.points / _regular(one, points)


def possible(one: ProblemSet, points: dict[str, float]) -> float:
    """Return what a set adds to the largest possible total; a bonus adds nothing.

    Parameters
    ----------
    one : ProblemSet
        What is decided about the set.
    points : dict of str to float
        Its exercises with the points of their cells.

    Examples
    --------
    >>> possible(ProblemSet("ps2"), {"a": 3, "b": 2}), possible(ProblemSet("ps2", bonus=("b",)), {"a": 3, "b": 2})
    (5.0, 3.0)
    """
    return 0.0 if one.all_bonus else float(_regular(one, points) * _scale(one, points))


def earned(one: ProblemSet, grades: Iterable[Grade], points: dict[str, float], late: float = 0.0) -> float:
    """Return what a submission earns.

    Parameters
    ----------
    one : ProblemSet
        What is decided about the set.
    grades : iterable of Grade
        The submission's exercises.
    points : dict of str to float
        The set's exercises with the points of their cells.
    late : float
        The share that coming late costs.

    Examples
    --------
    >>> grades = [Grade("a", 1.5, 3), Grade("b", 2, 2)]
    >>> earned(ProblemSet("ps2", points=30, bonus=("b",)), grades, {"a": 3, "b": 2}, late=0.1)
    31.5
    """
    total = sum(_counts(one, g.exercise, g.max_score) * g.score / g.max_score for g in grades if g.max_score)
    return (1 - late) * total * _scale(one, points)


def export_scores(course: Course) -> Path:
    """Write ``exports/course.csv``: a line per student, a column per set, the total, and of how much.

    Sets count from the moment at which something of them is graded. An empty cell is a set that was not handed in;
    ``waits`` counts the exercises that a person still has to grade, for which nothing is in the total yet.
    """
    settings = load(course)
    target = course.root / "exports" / "course.csv"
    target.parent.mkdir(exist_ok=True)
    with course.gradebook() as gradebook:
        known = {assignment.name: assignment for assignment in gradebook.assignments}
        begun = [one for one in settings.sets if one.name in known and known[one.name].num_submissions]
        points = {one.name: _points(known[one.name]) for one in begun}
        of = sum(possible(one, points[one.name]) for one in begun)
        rows: list[list[Any]] = [_row(gradebook, student, begun, points, of) for student in gradebook.students]
    head = ["id", "last_name", "first_name", "email", *(one.name for one in begun), "total", "of", "waits"]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        rows.sort(key=lambda row: [str(cell).casefold() for cell in row[1:3]])
        writer.writerows(rows)
    return target


def _points(assignment: Any) -> dict[str, float]:
    """Return the released exercises of a set with their points."""
    return {
        cell.name.removesuffix("_check"): float(cell.max_score)
        for notebook in assignment.notebooks
        for cell in notebook.grade_cells
    }


def _row(
    gradebook: Any, student: Any, begun: list[ProblemSet], points: dict[str, dict[str, float]], of: float
) -> list[Any]:
    """Return one student's line."""
    from nbgrader.api import MissingEntry

    cells, total, waits = [], 0.0, 0
    for one in begun:
        try:
            submission = gradebook.find_submission(one.name, student.id)
        except MissingEntry:
            cells.append("")
            continue
        found = [grade for notebook in submission.notebooks for grade in notebook.grades]
        grades = [Grade(g.cell.name.removesuffix("_check"), float(g.score), float(g.max_score)) for g in found]
        late = submission.late_submission_penalty / submission.score if submission.score else 0.0
        score = earned(one, grades, points[one.name], late)
        cells.append(_number(score))
        total += score
        waits += sum(grade.needs_manual_grade for grade in found)
    who = (student.id, student.last_name, student.first_name, student.email)
    return [*map(cell, who), *cells, _number(total), _number(of), waits]


def _number(value: float) -> str:
    return f"{round(value, 4):g}"
