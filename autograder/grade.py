"""Grade what was handed in: nbgrader's autograde, feedback and export, on what changed since last time.

The grading itself is nbgrader's; this module decides which submissions need it, and reads the
gradebook back into one line per student.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from glob import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from autograder import deadlines
from autograder.course import ROOT, Course, CourseError
from autograder.judge.converter import shared_judge

__all__ = ["Result", "checks_of", "export", "grade"]

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
    error : str
        nbgrader's log, where the submission could not be graded at all.
    """

    student: str
    points: dict[str, float | None] = field(default_factory=dict)
    score: float = 0.0
    max_score: float = 0.0
    note: str = ""
    error: str = ""


def grade(
    course: Course, ps: str, *, force: bool = False, no_jail: bool = False, say: Say = lambda line: None
) -> list[Result]:
    """Grade every submission of a problem set that changed, and write feedback where grades changed.

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
    say : callable
        Told what happens, line by line.

    Returns
    -------
    list of Result
        All students who handed in, graded now or earlier, by name.

    Raises
    ------
    CourseError
        If nobody handed in.
    """
    students = course.students("submitted", ps)
    if not students:
        raise CourseError(f"nobody has handed in {ps}: {course.root / 'submitted'} has no */{ps}/{ps}.ipynb")
    memory = _Memory(course, ps)
    for said in deadlines.enter(course):
        say(said)
    with shared_judge(no_jail=no_jail):
        errors = {student: _grade_one(course, ps, student, memory, force=force, say=say) for student in students}
    deadlines.renew_penalties(course, ps)
    return [_result(course, ps, student, error, memory, say) for student, error in errors.items()]


def _grade_one(course: Course, ps: str, student: str, memory: _Memory, *, force: bool, say: Say) -> str | None:
    """Grade one submission if it changed; return nbgrader's log where that failed."""
    key = _submission_key(course, ps, student)
    if not force and memory.graded.get(student) == key and _is_graded(course, ps, student):
        return None
    say(f"grading {student}")
    memory.forget(student)
    error = course.convert("Autograde", ps, escape(student))
    if error is None:
        memory.graded[student] = key
        memory.save()
    return error


def _result(course: Course, ps: str, student: str, error: str | None, memory: _Memory, say: Say) -> Result:
    """Read one student's outcome, and write the feedback page if grades changed."""
    if error is not None:
        return Result(student, error=error)
    result = _read_back(course, ps, student)
    _feedback(course, ps, result, memory, say)
    memory.save()
    return result


def export(course: Course, ps: str) -> Path:
    """Write the gradebook's scores of one set to ``exports/<set>.csv``; see `autograder.export.Scores`."""
    from autograder.export import Scores

    target = course.root / "exports" / f"{ps}.csv"
    target.parent.mkdir(exist_ok=True)
    with course.gradebook() as gradebook:
        Scores(to=str(target), assignment=[ps]).export(gradebook)
    return target


class _Memory:
    """Which submission was graded by what, and which grades are in which feedback: ``autograded/.<set>.json``."""

    def __init__(self, course: Course, ps: str) -> None:
        self.file = course.root / "autograded" / f".{ps}.json"
        known = json.loads(self.file.read_text()) if self.file.is_file() else {}
        self.graded: dict[str, str] = known.get("graded", {})
        self.feedback: dict[str, str] = known.get("feedback", {})

    def forget(self, student: str) -> None:
        self.graded.pop(student, None)
        self.feedback.pop(student, None)
        self.save()

    def save(self) -> None:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(json.dumps({"graded": self.graded, "feedback": self.feedback}, indent=1))


def _submission_key(course: Course, ps: str, student: str) -> str:
    """Hash what decides a grade: what was handed in, what it is checked by, and in which environment."""
    digest = hashlib.sha256(f"{sys.version} {version('nbgrader')} {version('numpy')} {version('scipy')}".encode())
    handed_in = sorted((course.root / "submitted" / student / ps).rglob("*"))
    settings = [course.notebook("release", ps), course.root / "nbgrader_config.py"]
    for path in [*handed_in, *settings, *checks_of(ps)]:
        if path.is_file() and not path.is_symlink():  # which would be as large as it likes
            digest.update(f"\n{path.name} {path.stat().st_size}\n".encode("utf-8", "surrogateescape"))
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def checks_of(ps: str) -> list[Path]:
    """Return the modules that decide the grades of a problem set: shared ones and its own, not those of other sets.

    Examples
    --------
    >>> names = [path.name for path in checks_of("ps2_quadratics")]
    >>> "ps2.py" in names, "report.py" in names, "ps8.py" in names
    (True, True, False)
    """
    mine = ps.split("_")[0]
    found = []
    machinery = [ROOT / name for name in ("rebuild", "jail", "bridge", "judge", "references")]
    for folder in (ROOT.parent / "dlopt" / "checks", ROOT / "misconceptions", *machinery):
        for path in folder.rglob("*.py"):
            sets = re.findall(r"^ps\d+", path.relative_to(folder).as_posix())
            if not sets or sets == [mine]:
                found.append(path)
    return sorted([*found, ROOT / "grading.py"])


def _is_graded(course: Course, ps: str, student: str) -> bool:
    """Tell whether the gradebook and the folder of autograded notebooks still hold this submission."""
    from nbgrader.api import MissingEntry

    if not course.notebook("autograded", ps, student).is_file():
        return False
    with course.gradebook() as gradebook:
        try:
            gradebook.find_submission(ps, student)
        except MissingEntry:
            return False
    return True


def _read_back(course: Course, ps: str, student: str) -> Result:
    """Read one student's grades from the gradebook, and what went wrong from the autograded notebook."""
    with course.gradebook() as gradebook:
        submission = gradebook.find_submission(ps, student)
        grades = {
            g.cell.name: None if g.needs_manual_grade else float(g.score)
            for n in submission.notebooks
            for g in n.grades
        }
        comments = [comment.auto_comment for n in submission.notebooks for comment in n.comments]
        score, max_score = float(submission.score), float(submission.max_score)
        late = _late(submission.total_seconds_late, float(submission.late_submission_penalty))
    autograded = json.loads(course.notebook("autograded", ps, student).read_text(encoding="utf-8"))
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in autograded["cells"]]
    points = {str(i).removesuffix("_check"): grades[i] for i in ids if i in grades}
    notes = ["nothing filled in"] if comments and all(comment == "No response." for comment in comments) else []
    return Result(
        student, points, score, max_score, "; ".join([*late, *_said(autograded), *notes, *_troubles(autograded)])
    )


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


def _feedback(course: Course, ps: str, result: Result, memory: _Memory, say: Say) -> None:
    """Write the student's feedback page, if the grades or the grader's comments are not those on it."""
    with course.gradebook() as gradebook:
        notebooks = gradebook.find_submission(ps, result.student).notebooks
        said = [(c.name, c.comment) for n in notebooks for c in n.comments]
        given = [(g.cell.name, g.score, g.extra_credit) for n in notebooks for g in n.grades]
        late = [n.late_submission_penalty or 0 for n in notebooks]
    key = hashlib.sha256(json.dumps([memory.graded.get(result.student), said, given, late]).encode()).hexdigest()
    page = course.notebook("feedback", ps, result.student).with_suffix(".html")
    if memory.feedback.get(result.student) == key and page.is_file():
        return
    failure = course.convert("GenerateFeedback", ps, escape(result.student))
    if failure:
        say(f"no feedback for {result.student}:\n{failure}")
    else:
        memory.feedback[result.student] = key
