"""The one place that writes the gradebook: a submission's scores, penalties and key in a single transaction.

Which submission was graded with which key stands in a table of its own in the same database, so that a grade and the
knowledge of it are written together or not at all. nbgrader takes no notice of the table.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import Column, MetaData, String, Table, Text, delete, insert, inspect, select
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from autograder.course import Course, CourseError, programs_on_path
from autograder.engine.task import Done
from autograder.judge.gradebook import enter

__all__ = ["GRADINGS", "Book", "forget_gradings", "line", "now", "patient", "seconds", "writing"]

log = logging.getLogger(__name__)

TRIES = 5  #: times that a grade is written, should others write the same rows at the same moment

GRADINGS = Table(
    "dlopt_grading",
    MetaData(),
    Column("assignment", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("notebook", String(64), nullable=False),  # SHA-256 of the autograded notebook
    Column("record", Text, nullable=False),  # the line of the ledger
)


class Book:
    """nbgrader's gradebook, opened once for a run.

    Parameters
    ----------
    course : Course
        Where it is.
    ps : str
        The problem set.

    Raises
    ------
    CourseError
        If the gradebook does not know the problem set, or cannot be opened for writing.
    """

    def __init__(self, course: Course, ps: str) -> None:
        programs_on_path()
        self.course, self.ps = course, ps
        with writing():
            self.gradebook = Gradebook(patient(course.db_url))
        self.db = self.gradebook.db
        try:
            self.gradebook.find_assignment(ps)
        except MissingEntry:
            self.close()
            raise CourseError(f"the gradebook knows no problem set {ps!r}: make its release first") from None
        with writing():
            _make_table(self.gradebook.engine)
        self.penalties = AssignLatePenalties(config=course.config())
        self.penalties.init_plugin()

    def __enter__(self) -> Book:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self.gradebook.close()

    def known(self) -> dict[str, tuple[str, str]]:
        """Return the key and the notebook's hash of every graded submission, by student."""
        wanted = select(GRADINGS.c.student, GRADINGS.c.key, GRADINGS.c.notebook).where(GRADINGS.c.assignment == self.ps)
        found = {row.student: (row.key, row.notebook) for row in self.db.execute(wanted)}
        self.db.rollback()  # a reader that stays in its transaction would block a writer elsewhere
        return found

    def records(self) -> Iterator[str]:
        """Yield the ledger's line of the latest grading of every student."""
        wanted = select(GRADINGS.c.record).where(GRADINGS.c.assignment == self.ps)
        lines = list(self.db.execute(wanted).scalars())
        self.db.rollback()
        return iter(lines)

    def record(self, student: str) -> str | None:
        """Return the ledger's line of a student's latest grading."""
        mine = (GRADINGS.c.assignment == self.ps) & (GRADINGS.c.student == student)
        found: str | None = self.db.execute(select(GRADINGS.c.record).where(mine)).scalar()
        return found

    def store(
        self, student: str, done: Done, *, timestamp: datetime | None, notebook: str, fields: dict[str, Any]
    ) -> str:
        """Enter a grade, the late penalty and the key; all of it or, whatever happens, nothing.

        Parameters
        ----------
        student : str
            Whose.
        done : Done
            The grade.
        timestamp : datetime, optional
            When it was handed in.
        notebook : str
            Hash of the autograded notebook on disk.
        fields : dict
            What the ledger's line holds besides.

        Returns
        -------
        str
            The ledger's line. It names the submission by the gradebook's own number, not the student.
        """
        for again in reversed(range(TRIES)):
            try:
                with self._transaction():
                    record = self._enter(student, done, timestamp, notebook, fields)
                break
            except (InvalidEntry, DBAPIError) as error:
                if not again or not _is_a_collision(error):
                    raise
            finally:
                self.db.remove()  # what was read is of no more use: memory stays flat over a large class
        return record

    def _enter(
        self, student: str, done: Done, timestamp: datetime | None, notebook: str, fields: dict[str, Any]
    ) -> str:
        """Write all rows of a grade; who calls commits. Return the ledger's line."""
        mine = (GRADINGS.c.assignment == self.ps) & (GRADINGS.c.student == student)
        self.db.execute(delete(GRADINGS).where(mine))  # before anything is read: from here on we write alone
        self.gradebook.update_or_create_student(student)
        known = {"timestamp": timestamp} if timestamp else {}
        submission = self.gradebook.update_or_create_submission(self.ps, student, **known)
        (written,) = (notebook for notebook in submission.notebooks if notebook.name == self.ps)
        enter(written, done.scores, done.comments)
        self._penalise(student, submission, written)
        self.db.flush()
        record = line(who=submission.id, notebook=notebook, **fields, **done.record())
        row = {"assignment": self.ps, "student": student, "key": done.key, "notebook": notebook, "record": record}
        self.db.execute(insert(GRADINGS).values(**row))
        return record

    def _penalise(self, student: str, submission: Any, written: Any) -> None:
        """Set the penalty for lateness, as nbgrader's `AssignLatePenalties` does within its own session."""
        written.late_submission_penalty = None
        late = submission.total_seconds_late
        if late <= 0:
            return
        self.db.flush()
        self.db.refresh(written)  # its score is a sum that the database makes
        penalty = self.penalties.plugin_inst.late_submission_penalty(student, written.score, late)
        if penalty is not None:
            written.late_submission_penalty = self.penalties._check_late_penalty(written, penalty)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Let nbgrader's methods, which commit as they go, write into one transaction, and every row only once."""
        commit, self.db.commit = self.db.commit, lambda: None
        try:
            yield
            self.db.commit = commit
            self.db.commit()
        except BaseException:
            self.db.commit = commit
            self.db.rollback()
            raise


def _is_a_collision(error: BaseException | None) -> bool:
    """Tell whether another grader was first with a row, such as a student new to both, or held one that we need."""
    if isinstance(error, InvalidEntry):  # in place of what the database said
        error = error.__context__
    state = str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
    return isinstance(error, IntegrityError) or state.startswith("40")  # 40: the database undid a deadlock


def _make_table(engine: Any) -> None:
    """Make the table of gradings, unless it is there, or another grader is making it at this moment."""
    try:
        GRADINGS.create(engine, checkfirst=True)
    except DBAPIError:
        if not inspect(engine).has_table(GRADINGS.name):
            raise


@contextmanager
def writing() -> Iterator[None]:
    """Say in one sentence what keeps grades from being written: a full disk, a file that is read-only, a lock.

    Raises
    ------
    CourseError
        In place of what the system or the database says.
    """
    try:
        yield
    except (OSError, SQLAlchemyError, InvalidEntry) as error:
        said = str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error)
        raise CourseError(
            f"grades cannot be written ({said}); what was graded before is kept: mend this, and grade again"
        ) from error


def seconds(gradebook: Any, ps: str) -> dict[str, float]:
    """Return how long each student's latest grading took, by the wall clock, where the engine did it."""
    if not inspect(gradebook.engine).has_table(GRADINGS.name):
        return {}
    wanted = select(GRADINGS.c.student, GRADINGS.c.record).where(GRADINGS.c.assignment == ps)
    rows = gradebook.db.execute(wanted).all()
    return {row.student: float(json.loads(row.record)["seconds"].get("wall", 0.0)) for row in rows}


def forget_gradings(gradebook: Any, student: str) -> None:
    """Delete what the engine keeps of a student in a gradebook."""
    if inspect(gradebook.engine).has_table(GRADINGS.name):
        gradebook.db.execute(delete(GRADINGS).where(GRADINGS.c.student == student))
        gradebook.db.commit()


def patient(db_url: str) -> str:
    """Return the address of a database with a minute's patience for another writer."""
    return f"{db_url}?timeout=60" if db_url.startswith("sqlite:") and "?" not in db_url else db_url


def now() -> str:
    """Return the time as it stands in the ledger."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def line(**fields: Any) -> str:
    """Return one line of JSON."""
    return json.dumps(fields, ensure_ascii=False, sort_keys=True)
