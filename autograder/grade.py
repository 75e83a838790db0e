"""Grade what was handed in, on what changed since last time, and read it back into one line per student.

`autograder.engine` does the grading and keeps the gradebook; `autograder.deadlines` looks after what coming late costs;
the feedback is nbgrader's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder import deadlines
from autograder.course import Course
from autograder.engine.book import writing
from autograder.engine.feedback import pages
from autograder.engine.files import digest, write_whole
from autograder.engine.run import Options, Step, run

__all__ = ["Result", "export", "grade"]

Say = Callable[[str], None]


@dataclass(frozen=True)
class Result:
    """One student's outcome.

    Parameters
    ----------
    student : str
        Name.
    points : dict of str to float or None
        Points per exercise in the order of the notebook; None where a person still has to grade.
    score, max_score : float
        The sums, as the gradebook has them.
    note : str
        What an instructor should know: cells that could not run, nothing handed in.
    """

    student: str
    points: dict[str, float | None] = field(default_factory=dict)
    score: float = 0.0
    max_score: float = 0.0
    note: str = ""


def grade(
    course: Course,
    ps: str,
    *,
    force: bool = False,
    no_jail: bool = False,
    jobs: int = 1,
    scheduler: str = "",
    only: Sequence[str] = (),
    say: Say = lambda line: None,
    show: Callable[[Iterator[Step]], Iterator[Step]] | None = None,
) -> list[Result]:
    """Grade every submission of a problem set that changed, then write feedback where grades changed.

    Parameters
    ----------
    course : Course
        Where.
    ps : str
        Which problem set.
    force : bool
        Grade again even what did not change.
    no_jail : bool
        Run students' code without a jail: only where none can be had, and only for code you would run yourself.
    jobs : int
        Processes of this machine.
    scheduler : str
        Address of a Dask scheduler, in place of processes of this machine.
    only : sequence of str
        Students to grade; everybody if empty.
    say : callable
        Told what happens, line by line.
    show : callable, optional
        Looks at the steps as they pass, such as `autograder.engine.progress.Progress`; then ``say`` is told of none.

    Returns
    -------
    list of Result
        All students who handed in, graded now or earlier, by name.

    Raises
    ------
    CourseError
        If nobody handed in, or the grades cannot be written.
    """
    with writing():
        for said in deadlines.enter(course):
            say(said)
    options = Options(jobs=jobs, scheduler=scheduler, only=tuple(only), force=force, no_jail=no_jail)
    steps = run(course, ps, options)
    for step in steps if show is None else show(steps):
        if show is None:
            say(f"grading {step.student}")
    with writing():
        deadlines.renew_penalties(course, ps)
    results = _read_all(course, ps)
    _feedback(course, ps, [result.student for result in results], jobs, say)
    return results


def _read_all(course: Course, ps: str) -> list[Result]:
    """Read everybody's grades who handed in and is graded."""
    with course.gradebook() as gradebook:
        graded = {entry.student_id for entry in gradebook.assignment_submissions(ps)}
        students = [name for name in course.students("submitted", ps) if name in graded]
        return [
            _read_back(course, gradebook, ps, student)
            for student in students
            if course.notebook("autograded", ps, student).is_file()
        ]


def export(course: Course, ps: str) -> Path:
    """Write the gradebook's scores of one set to ``exports/<set>.csv``; see `autograder.export`."""
    from autograder.export import PlainExportPlugin

    target = course.root / "exports" / f"{ps}.csv"
    with course.gradebook() as gradebook:
        PlainExportPlugin(to=str(target), assignment=[ps]).write(gradebook)
    return target


def _read_back(course: Course, gradebook: Any, ps: str, student: str) -> Result:
    """Read one student's grades from the gradebook, and what went wrong from the autograded notebook."""
    submission = gradebook.find_submission(ps, student)
    grades = {
        g.cell.name: None if g.needs_manual_grade else float(g.score) for n in submission.notebooks for g in n.grades
    }
    comments = [comment.auto_comment for n in submission.notebooks for comment in n.comments]
    score, max_score = float(submission.score), float(submission.max_score)
    late = _late(submission.total_seconds_late, float(submission.late_submission_penalty))
    autograded = json.loads(course.notebook("autograded", ps, student).read_text(encoding="utf-8"))
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in autograded["cells"]]
    points = {str(i).removesuffix("_check"): grades[i] for i in ids if i in grades}
    notes = ["nothing filled in"] if comments and all(comment == "No response." for comment in comments) else []
    said = [*late, *_said(autograded), *notes, *_troubles(autograded)]
    return Result(student, points, score, max_score, "; ".join(said))


def _late(seconds: float, penalty: float) -> list[str]:
    """Say how late a submission came, and what that costs.

    Examples
    --------
    >>> _late(90000, 2.5), _late(59, 0), _late(0, 0)
    (['25 h late, which takes 2.5 points off'], ['1 min late'], [])
    """
    if seconds <= 0:
        return []
    minutes = math.ceil(seconds / 60)
    how = f"{minutes} min late" if minutes < 120 else f"{minutes // 60} h late"
    return [f"{how}, which takes {penalty:g} points off" if penalty else how]


def _said(autograded: dict[str, Any]) -> Iterator[str]:
    """Yield what the judge could not grade, and what it had to mend or begin again."""
    judge = autograded["metadata"]["judge"]
    if judge["ungradable"]:
        yield f"UNGRADABLE: {judge['ungradable']}"
    for cell in judge["cells"]:
        if cell["kind"] == "ungradable":
            yield f"UNGRADABLE {cell['grade_id']}: {cell['reason']}"
        elif cell["kind"] in ("timeout", "memory", "crashed"):
            yield f"{cell['kind']} in {cell['grade_id']}"
    yield from judge["notes"]


def _troubles(autograded: dict[str, Any]) -> Iterator[str]:
    """Name the student's cells that ended in an error."""
    for number, cell in enumerate(autograded["cells"], start=1):
        nbgrader = cell["metadata"].get("nbgrader", {})
        errors = [output["ename"] for output in cell.get("outputs", []) if output["output_type"] == "error"]
        if not errors or nbgrader.get("locked"):
            continue
        kind = {"SyntaxError": "syntax error", "IndentationError": "syntax error", "OutOfTime": "timeout"}
        yield f"{kind.get(errors[0], errors[0])} in cell {nbgrader.get('grade_id') or number}"


def _feedback(course: Course, ps: str, students: Sequence[str], jobs: int, say: Say) -> None:
    """Write the pages of those whose grades, or whose grader's comments, are not the ones on their page."""
    file = course.root / "autograded" / f".{ps}.json"
    shown: dict[str, str] = json.loads(file.read_text()).get("feedback", {}) if file.is_file() else {}
    with course.gradebook() as gradebook:
        now = {student: _shown(course, gradebook, ps, student) for student in students}
    wanted = [
        student
        for student in students
        if shown.get(student) != now[student]
        or not course.notebook("feedback", ps, student).with_suffix(".html").is_file()
    ]
    for student, failure in pages(course, ps, wanted, jobs):
        shown.pop(student, None)
        if failure:
            say(f"no feedback for {student}:\n{failure}")
        else:
            shown[student] = now[student]
    if wanted:
        write_whole(file, json.dumps({"feedback": shown}, indent=1).encode(), 0o644)


def _shown(course: Course, gradebook: Any, ps: str, student: str) -> str:
    """Hash what a feedback page shows: the autograded notebook, the grades, the comments, what coming late costs."""
    notebooks = gradebook.find_submission(ps, student).notebooks
    said = [(c.name, c.comment) for n in notebooks for c in n.comments]
    given = [(g.cell.name, g.score, g.extra_credit) for n in notebooks for g in n.grades]
    late = [n.late_submission_penalty or 0 for n in notebooks]
    notebook = digest(course.notebook("autograded", ps, student).read_bytes())
    return digest(json.dumps([notebook, said, given, late]).encode())
