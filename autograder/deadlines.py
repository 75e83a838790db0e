"""Deadlines of ``course.yml`` in nbgrader's gradebook, and what coming late costs.

nbgrader does the rest: formgrader shows the deadlines, extensions move them, and ``AssignLatePenalties`` takes off
what `LatePolicy` says. Both read the gradebook, so it has to know before anybody is graded.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import BasePlugin
from nbgrader.preprocessors import AssignLatePenalties, NbGraderPreprocessor
from traitlets import Float, Unicode

from autograder.course import Course
from autograder.settings import Late, ProblemSet, load

__all__ = ["EnterDeadline", "LatePolicy", "enter", "renew_penalties"]

#: nbgrader warns of everybody who is late, on every run; `autograder.grade` says it once, in the student's line.
QUIET = logging.getLogger(f"{__name__}.nbgrader")
QUIET.setLevel(logging.ERROR)


class LatePolicy(BasePlugin):  # type: ignore[misc]  # nbgrader ships no types
    """nbgrader's plug-in for late submissions, with the policy of ``course.yml``; it costs nothing by default."""

    percent_per_day = Float(0.0, help="Percentage of the score for each day begun.").tag(config=True)
    at_most_percent = Float(100.0, help="Largest percentage of the score.").tag(config=True)
    grace_minutes = Float(0.0, help="So much later costs nothing.").tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Return the points to take off; None for none."""
        late = Late(self.percent_per_day, self.at_most_percent, self.grace_minutes)
        return late.share(total_seconds_late) * score or None


class EnterDeadline(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """Enter a set's deadline when its release is made, so that plain ``nbgrader generate_assignment`` does as well."""

    course = Unicode("", help="The course root, in which nbgrader_config.py lies.").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Leave the notebook as it is; write into the gradebook."""
        about = resources["nbgrader"]
        settings = load(Course(Path(self.course)))
        if about["assignment"] in settings.names:
            with Gradebook(about["db_url"]) as gradebook:
                _enter(gradebook, settings[about["assignment"]])
        return nb, resources


def enter(course: Course) -> list[str]:
    """Bring the gradebook's deadlines up to date with ``course.yml``.

    A set about whose deadline the file says nothing keeps the one that formgrader may have given it.

    Returns
    -------
    list of str
        A sentence for each deadline that changed.
    """
    settings = load(course)
    if not course.has_gradebook:
        return []
    with course.gradebook() as gradebook:
        return [said for one in settings.sets if (said := _enter(gradebook, one))]


def _enter(gradebook: Any, one: ProblemSet) -> str:
    """Set the deadline of one set; say what changed, if anything did."""
    if one.deadline is None and not one.no_deadline:
        return ""
    wanted = one.deadline.astimezone(UTC).replace(tzinfo=None) if one.deadline else None  # nbgrader keeps naive UTC
    try:
        assignment = gradebook.find_assignment(one.name)
    except MissingEntry:
        return ""  # not released yet
    if assignment.duedate == wanted:
        return ""
    before = _shown(assignment.duedate)
    assignment.duedate = wanted
    gradebook.db.commit()
    return f"{one.name}: the deadline in the gradebook is now {_shown(wanted)}; it was {before}"


def _shown(deadline: datetime | None) -> str:
    return f"{deadline:%Y-%m-%d %H:%M} UTC" if deadline else "none"


def renew_penalties(course: Course, ps: str) -> None:
    """Let nbgrader work out late penalties again, of those who are late or were.

    It does so when it autogrades; but a score changes afterwards, when a person grades an answer in words, and so
    does lateness, when a deadline or an extension does.
    """
    with course.gradebook() as gradebook:
        late = [
            submission.student_id
            for submission in gradebook.assignment_submissions(ps)
            if submission.total_seconds_late > 0 or submission.late_submission_penalty
        ]
    if not late:
        return
    config = course.config()
    for student in late:
        about = {"notebook": ps, "assignment": ps, "student": student, "db_url": course.db_url}
        preprocessor = AssignLatePenalties(config=config, log=QUIET)
        preprocessor.preprocess(nbformat.v4.new_notebook(), {"nbgrader": about})  # type: ignore[no-untyped-call]
