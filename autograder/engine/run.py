"""A run: which submissions have to be graded, workers kept busy, results written one by one as they come.

The order is the same for every result: first the autograded notebook, then the gradebook in one transaction with the
key, then the ledger. Whenever the run is stopped, what the gradebook knows is complete, and the next run goes on with
the rest.
"""

from __future__ import annotations

import fcntl
import logging
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError, programs_on_path
from autograder.engine.pool import AHEAD, GONE, Cluster, Local, Pool

__all__ = ["Options", "Step", "run"]

log = logging.getLogger(__name__)

LIVES = 3  #: workers that a submission may cost before it is left to a person
LOOK = 1.0  #: seconds between two looks at who takes too long


@dataclass(frozen=True)
class Options:
    """How to run.

    Parameters
    ----------
    jobs : int
        Local processes.
    scheduler : str
        Address of a Dask scheduler, in place of local processes.
    only : sequence of str
        Names of students; everybody if empty.
    force : bool
        Grade also what did not change.
    no_jail : bool
        Run students' code without a jail.
    dry : bool
        Write nothing.
    """

    jobs: int = 1
    scheduler: str = ""
    only: Sequence[str] = ()
    force: bool = False
    no_jail: bool = False
    dry: bool = False


@dataclass(frozen=True)
class Step:
    """One submission, graded.

    Parameters
    ----------
    student : str
        Whose.
    done : Done
        The grade.
    left, graded : int
        How many are still to come, and how many there are with this one.
    hashes, versions : dict of str to str
        What the grade depends on, as the ledger has it.
    """

    student: str
    done: Any
    left: int
    graded: int
    hashes: dict[str, str]
    versions: dict[str, str]


@dataclass
class _Flight:
    """A task under way."""

    student: str
    task: Any
    timestamp: datetime | None
    submission: str
    since: float = field(default_factory=time.monotonic)
    lives: int = LIVES
    overdue: bool = False


def run(course: Course, ps: str, options: Options = Options()) -> Iterator[Step]:
    """Grade what has to be graded, and yield each submission once it is in the gradebook.

    Raises
    ------
    CourseError
        If somebody else is grading this problem set in this folder, the gradebook or the disk cannot be written, or
        the cluster is gone. What was yielded before stays.
    """
    with _alone(course, ps):
        pool: Pool = (
            Cluster(options.scheduler)
            if options.scheduler
            else Local(options.jobs, ps, no_jail=options.no_jail)  # starts while this process imports nbgrader
        )
        ended = False
        try:
            steps = _Run(course, ps, options, pool).steps()
            for step in steps:
                yield step
                ended = step.left == 0
        finally:
            pool.close(now=not ended)  # what still runs then is work that nobody waits for


@contextmanager
def _alone(course: Course, ps: str) -> Iterator[None]:
    """Keep a second run on the same problem set in the same folder from grading everything twice."""
    path = course.root / "autograded" / f".{ps}.lock"
    try:
        path.parent.mkdir(exist_ok=True)
        file = path.open("w")
    except OSError as error:
        raise CourseError(f"{path.parent} cannot be written ({error.strerror})") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CourseError(f"{ps} is being graded by another process; wait until it is done") from None
        yield


class _Run:
    """One run over the submissions of a problem set."""

    def __init__(self, course: Course, ps: str, options: Options, pool: Pool) -> None:
        from autograder.engine.book import Book
        from autograder.engine.keys import Keys
        from autograder.engine.ledger import Ledger
        from autograder.judge.client import longest

        programs_on_path()
        self.course, self.ps, self.options, self.pool = course, ps, options, pool
        self.source = _Source(course, ps)
        settings = course.root / "nbgrader_config.py"
        self.keys = Keys.make(ps, self.source.release, settings, no_jail=options.no_jail)
        self.ledger = Ledger(course, ps)
        self.book = Book(course, ps)
        self.flying: dict[Future[Any], _Flight] = {}
        self.longest = longest(ps, self.source.limits)

    def steps(self) -> Iterator[Step]:
        """Grade, write, yield."""
        with self.book:
            if not self.options.dry:
                self.ledger.complete(self.book.records())
            due = self._due()
            total, graded = len(due), 0
            waiting = iter(due)
            more = True
            while more or self.flying:
                while more and len(self.flying) < self.pool.wanted:
                    student = next(waiting, None)
                    more = student is not None
                    if student is not None:
                        for flight, done in self._begin(student):
                            graded += 1
                            yield self._step(flight, done, total - graded, graded)
                for flight, done in self._landed():
                    self._write(flight, done)
                    graded += 1
                    yield self._step(flight, done, total - graded, graded)

    def _due(self) -> list[str]:
        """Return who has to be graded: whose key changed, or whose autograded notebook is gone."""
        known = self.book.known()
        chosen = self.source.students(self.options.only)
        return [student for student in chosen if self.options.force or not self._is_graded(student, known)]

    def _is_graded(self, student: str, known: dict[str, tuple[str, str]]) -> bool:
        from autograder.engine.keys import folder

        if student not in known or not self.course.notebook("autograded", self.ps, student).is_file():
            return False
        return known[student][0] == self.keys.of(folder(self.source.folder(student)))

    def _step(self, flight: _Flight, done: Any, left: int, graded: int) -> Step:
        from autograder.engine.keys import environment

        return Step(flight.student, done, left, graded, self._hashes(flight), environment())

    def _hashes(self, flight: _Flight) -> dict[str, str]:
        parts = {"release": self.keys.release, "checks": self.keys.checks, "settings": self.keys.settings}
        return {**parts, "submission": flight.submission}

    def _begin(self, student: str) -> Iterator[tuple[_Flight, Any]]:
        """Give a submission to a worker; yield the outcome at once where there is no notebook to give."""
        from autograder.engine.keys import folder
        from autograder.engine.task import Task
        from autograder.judge.intake import handed_in
        from autograder.judge.outcome import Graded

        place = self.source.folder(student)
        submission = folder(place)  # before the files are read: what comes in between is graded next time
        came = handed_in(place, self.ps)
        task = Task(
            key=self.keys.of(submission),
            problem_set=self.ps,
            release=self.source.release,
            submission=came.data,
            name=came.name,
            notes=came.notes,
            checks=self.keys.checks,
            no_jail=self.options.no_jail,
            limits=self.source.limits,
        )
        flight = _Flight(student, task, came.time, submission)
        if not came.problem:
            self.flying[self.pool.submit(task)] = flight
            return
        from autograder.engine import work  # late: it brings the judge, which only workers need

        nothing = Graded(work.parsed(task.release), notes=list(came.notes), ungradable=came.problem)
        done = work.finished(task, nothing)
        self._write(flight, done)
        yield flight, done

    def _landed(self) -> Iterator[tuple[_Flight, Any]]:
        """Wait for results; give what a dead worker had to another."""
        from autograder.engine.task import StaleError

        ready, _ = wait(self.flying, LOOK, FIRST_COMPLETED)
        for future in ready:
            flight = self.flying.pop(future)
            try:
                yield flight, future.result()
                continue
            except CancelledError:
                raise CourseError(GONE) from None
            except StaleError as error:
                raise CourseError(f"{error}; what is graded is kept") from None
            except Exception as error:
                if not isinstance(error, BrokenExecutor) and type(error).__name__ != "KilledWorker":
                    raise
            flight.lives -= 1
            if flight.overdue or flight.lives <= 0:
                from autograder.engine import work

                reason = "took too long" if flight.overdue else f"stopped {LIVES} times"
                yield flight, work.given_up(flight.task, reason)
            else:
                flight.since = time.monotonic()
                self.flying[self.pool.submit(flight.task)] = flight
        self._watch()

    def _watch(self) -> None:
        """End workers that have had a task for longer than any session may last."""
        for future, flight in self.flying.items():
            if not flight.overdue and time.monotonic() - flight.since > AHEAD * self.longest:
                flight.overdue = True
                self.pool.kill(future)

    def _write(self, flight: _Flight, done: Any) -> None:
        """Write a result: notebook, gradebook, ledger."""
        from autograder.engine.book import now, writing
        from autograder.engine.files import digest, write_whole
        from autograder.engine.keys import environment
        from autograder.judge.intake import TIMESTAMP, stamp

        if self.options.dry:
            return
        fields = {
            **{"id": uuid.uuid4().hex, "when": now(), "set": self.ps, "key": done.key},
            **{"hashes": self._hashes(flight), "versions": environment()},
        }
        target = self.course.notebook("autograded", self.ps, flight.student)
        with writing():
            write_whole(target, done.notebook, self.source.permissions)
            beside = target.with_name(TIMESTAMP)
            if flight.timestamp is None:
                beside.unlink(missing_ok=True)
            else:
                write_whole(beside, stamp(flight.timestamp), self.source.permissions)
            sha = digest(done.notebook)
            record = self.book.store(flight.student, done, timestamp=flight.timestamp, notebook=sha, fields=fields)
            self.ledger.append(record)


class _Source:
    """What was handed in, and the release, as nbgrader's settings say where they are."""

    def __init__(self, course: Course, ps: str) -> None:
        import nbformat
        from nbgrader.coursedir import CourseDirectory

        from autograder.judge.converter import Autograde

        config = course.config()
        self.coursedir = CourseDirectory(config=config, root=str(course.root), assignment_id=ps)
        self.ps = ps
        converter = Autograde(coursedir=self.coursedir, config=config)
        self.permissions = int(str(converter.permissions), 8)
        self.limits: dict[str, Any] = dict(converter.limits)
        self.release: bytes = nbformat.writes(converter._release(ps)).encode()  # type: ignore[no-untyped-call]
        self.root = course.root

    def folder(self, student: str) -> Path:
        """Return where a student's submission lies."""
        return Path(self.coursedir.format_path(self.coursedir.submitted_directory, student, self.ps))

    def students(self, only: Sequence[str]) -> list[str]:
        """Return who handed in, sorted; those of ``only`` if it names any."""
        from autograder.judge.intake import with_names

        excluded = set(str(self.coursedir.student_id_exclude).split(","))
        found = with_names(self.folder("*"), self.root, log)
        names = sorted({path.parent.name for path in found} - excluded)
        if not names:
            raise CourseError(
                f"nobody has handed in {self.ps}: {self.root / 'submitted'} has no */{self.ps}/{self.ps}.ipynb"
            )
        strangers = sorted(set(only) - set(names))
        if strangers:
            raise CourseError(f"nothing of {self.ps} was handed in by {', '.join(strangers)}")
        return [name for name in names if not only or name in only]
