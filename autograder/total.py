"""The course's total: what every student has earned in every set, weighted as ``course.yml`` says.

Notebooks, gradebook, feedback and formgrader keep the points that the checks give; only this table weighs them. So
what a set counts can change in the middle of a term without grading anything again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.scores import Score, people, scores
from autograder.settings import ProblemSet, load
from autograder.sheets import number, write_sheet

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
    with course.gradebook() as gradebook:
        known = {assignment.name for assignment in gradebook.assignments}
        found = {one.name: scores(gradebook, one.name) for one in settings.sets if one.name in known}
        everyone = people(gradebook).values()
    begun = [one for one in settings.sets if any(score.submitted for score in found.get(one.name, ()))]
    by_student = {one.name: {score.student: score for score in found[one.name]} for one in begun}
    rows = [_row(who, begun, by_student) for who in everyone]
    rows.sort(key=lambda row: [cell.casefold() for cell in row[1:3]])
    head = ["id", "last_name", "first_name", "email", *(one.name for one in begun), "total", "of", "waits"]
    target = course.root / "exports" / "course.csv"
    write_sheet(target, [head, *rows], bom=True)
    return target


def _exercise(cell: str) -> str:
    return cell.removesuffix("_check")


def _row(who: Score, begun: Sequence[ProblemSet], found: Mapping[str, Mapping[str, Score]]) -> list[str]:
    """Return one student's line."""
    cells, total, of, waits = [], 0.0, 0.0, 0
    for one in begun:
        score = found[one.name][who.student]
        points = {_exercise(name): worth for name, worth in score.max_points.items()}
        of += possible(one, points)
        if not score.submitted:
            cells.append("")
            continue
        grades = [Grade(_exercise(name), got or 0.0, score.max_points[name]) for name, got in score.points.items()]
        value = earned(one, grades, points, score.penalty / score.raw if score.raw else 0.0)
        cells.append(number(value))
        total += value
        waits += len(score.marked)
    return [who.student, who.last_name, who.first_name, who.email, *cells, number(total), number(of), str(waits)]
