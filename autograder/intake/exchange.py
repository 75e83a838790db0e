"""nbgrader's own ``collect``, for courses whose students use its exchange; older attempts are kept here as well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError
from autograder.intake.attempts import Attempt, Outcome, keep, read_stamp

__all__ = ["collect_exchange"]


def collect_exchange(course: Course, ps: str, *, dry_run: bool = False) -> list[Outcome]:
    """Collect from the exchange of ``nbgrader_config.py``: its ``c.Exchange.root`` and ``c.CourseDirectory.course_id``.

    Parameters
    ----------
    course, ps
        Where, and what for.
    dry_run : bool
        Only list what is there.

    Raises
    ------
    CourseError
        If nbgrader refuses, with the reason it logs.
    """
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange.default import ExchangeCollect
    from nbgrader.utils import capture_log

    config = course.config()
    coursedir = CourseDirectory(config=config, root=str(course.root), assignment_id=ps)
    app: Any = ExchangeCollect(coursedir=coursedir, config=config)
    app.update = True
    if dry_run:
        app.copy_files = lambda: None
    before = {student: _read(course, ps, student) for student in course.students("submitted", ps)}
    result = capture_log(app)
    if not result["success"]:
        raise CourseError(f"nbgrader could not collect {ps}:\n{result.get('log') or result.get('error')}")
    if dry_run:
        return [_planned(record, before) for record in app.src_records]
    outcomes = []
    for student in sorted(record["username"] for record in app.src_records):
        now, earlier = _read(course, ps, student), before.get(student)
        if earlier is None or earlier == now:
            outcomes.append(Outcome(student, "new" if earlier is None else "unchanged", now))
        else:
            keep(course, ps, earlier)
            outcomes.append(Outcome(student, "newer", now, 1))
    return outcomes


def _read(course: Course, ps: str, student: str) -> Attempt:
    path = course.notebook("submitted", ps, student)
    data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    return Attempt(student, path.name, data, read_stamp(path.parent))


def _planned(record: dict[str, Any], before: dict[str, Attempt]) -> Outcome:
    from datetime import UTC

    student, time = record["username"], record["timestamp"].replace(tzinfo=UTC)
    known = before.get(student)
    what = "new" if known is None else "newer" if known.time is None or time > known.time else "unchanged"
    return Outcome(student, what, Attempt(student, Path(record["filename"]).name, b"", time))
