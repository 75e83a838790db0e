"""Looking before and after: what a new check would change, and why a score is what it is. No grade is written here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from autograder.course import Course, CourseError
from autograder.engine.files import digest
from autograder.engine.run import Options, Step, run

if TYPE_CHECKING:
    from autograder.engine.book import Book

__all__ = ["Change", "changes", "explain"]


@dataclass(frozen=True)
class Change:
    """A score that grading again would change.

    Parameters
    ----------
    student, cell : str
        Whose, and in which cell.
    before, after : float or None
        The automatic score in the gradebook, and the one it would be.
    why : str
        What changed since (the submission, the checks, …), and the first property that now decides.
    """

    student: str
    cell: str
    before: float | None
    after: float | None
    why: str

    def __str__(self) -> str:
        """Write a line."""
        return f"{self.student} {self.cell}: {_points(self.before)} → {_points(self.after)} ({self.why})"


def _points(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def changes(course: Course, ps: str, options: Options) -> Iterator[Change]:
    """Grade again what would be graded again, and yield every score that differs; write nothing.

    Parameters
    ----------
    course : Course
        Where.
    ps : str
        Which problem set.
    options : Options
        As for `autograder.engine.run.run`; ``force`` tries everybody, otherwise those whose key changed.
    """
    from autograder.engine.book import Book

    with Book(course, ps) as book:
        for step in run(course, ps, replace(options, dry=True)):
            scores, record = _kept(book, step.student)
            for cell in sorted(set(scores) | set(step.done.scores)):
                before, after = scores.get(cell), step.done.scores.get(cell)
                if before != after:
                    yield Change(step.student, cell, before, after, _why(record, step, cell))


def _kept(book: Book, student: str) -> tuple[dict[str, float | None], dict[str, Any]]:
    """Return the automatic scores in the gradebook and the ledger's record; empty for who is not graded yet."""
    from nbgrader.api import MissingEntry

    try:
        notebooks = book.gradebook.find_submission(book.ps, student).notebooks
        scores = {grade.cell.name: grade.auto_score for notebook in notebooks for grade in notebook.grades}
        return scores, json.loads(book.record(student) or "{}")
    except MissingEntry:
        return {}, {}
    finally:
        book.db.remove()  # memory stays flat over a large class, and nobody who writes is kept waiting


def _why(record: dict[str, Any], step: Step, cell: str) -> str:
    """Name what differs from the latest grading, and what decides now."""
    if not record:
        return "not graded before"
    now = {**step.hashes, "versions": digest(json.dumps(step.versions, sort_keys=True).encode())}
    then = {**record["hashes"], "versions": digest(json.dumps(record["versions"], sort_keys=True).encode())}
    changed = [name for name in now if now[name] != then.get(name)] or ["nothing that is hashed"]
    return f"changed: {', '.join(changed)}{_decides(step.done, cell)}"


def _decides(done: Any, cell: str) -> str:
    """Return the first property of a cell that does not hold, in the words that the student reads."""
    if done.ungradable:
        return f"; {done.ungradable}"
    for outcome in done.cells:
        if outcome.grade_id == cell:
            rows = (outcome.report or {}).get("rows", [])
            lost = [f"{row['line']}: {row['message']}" for row in rows if row["status"] != "pass"]
            return f"; {(lost or [outcome.reason or outcome.kind])[0]}"
    return ""


def explain(course: Course, ps: str, student: str, *, no_jail: bool = False) -> Iterator[str]:
    """Yield the lines that say why a score is what it is, and whether it is the same when made anew.

    Raises
    ------
    CourseError
        If the submission was never graded by the engine.
    """
    from autograder.engine.book import Book

    with Book(course, ps) as book:
        scores, record = _kept(book, student)
    if not record:
        raise CourseError(f"{student} has no grade in {ps} that the ledger knows of")
    yield f"{student}, {ps}: graded {record['when']}, {record['outcome']}"
    yield from (f"  {name}: {value}" for name, value in record["hashes"].items())
    yield f"  seeds: {', '.join(map(str, record['seeds']))}"
    yield f"  versions: {', '.join(f'{name} {value}' for name, value in record['versions'].items())}"
    (step,) = run(course, ps, Options(only=(student,), force=True, no_jail=no_jail, dry=True))
    for cell, score in scores.items():
        again = step.done.scores.get(cell)
        same = "" if again == score else f", and {_points(again)} when graded anew"
        yield f"{cell}: {_points(score)}{same}{_decides(step.done, cell)}"
    if digest(step.done.notebook) == record["notebook"]:
        yield "Graded anew, the notebook is the same, bit for bit."
    else:
        yield f"Graded anew, the notebook is another one ({_why(record, step, '')})."
