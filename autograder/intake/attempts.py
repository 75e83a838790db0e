"""The newest attempt counts and lies where grading looks; older ones are kept in ``attempts/``."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.course import Course
from autograder.intake.sources import Refused
from autograder.judge.intake import TIMESTAMP, time_of

__all__ = ["Attempt", "Outcome", "keep", "place", "read_stamp"]


@dataclass(frozen=True)
class Attempt:
    """A notebook that somebody handed in.

    Parameters
    ----------
    student, name : str
        Whose, and what the file was called.
    data : bytes
        What it holds.
    time : datetime or None
        When it came, UTC.
    fits : bool
        Whether it is called like the problem set.
    late : bool
        Whether the name says that it came late.
    order : int
        Larger is newer, where times are not known.
    """

    student: str
    name: str
    data: bytes
    time: datetime | None = None
    fits: bool = True
    late: bool = False
    order: int = 0

    @property
    def rank(self) -> tuple[bool, datetime, int, str]:
        """The largest of a student's attempts counts."""
        return self.fits, self.time or datetime.min.replace(tzinfo=UTC), self.order, self.name


@dataclass(frozen=True)
class Outcome:
    """What became of one student's attempts.

    Parameters
    ----------
    student : str
        Whose.
    what : str
        "new", "newer" (what was there is kept), "unchanged", or "older" (what is there counts).
    attempt : Attempt
        The newest of them.
    kept : int
        How many older ones are kept.
    """

    student: str
    what: str
    attempt: Attempt
    kept: int = 0


def place(course: Course, ps: str, attempts: Sequence[Attempt], *, dry_run: bool = False) -> Outcome:
    """Put a student's newest attempt into ``submitted``, and the others into ``attempts``.

    Parameters
    ----------
    course, ps
        Where, and what for.
    attempts : sequence of Attempt
        All of one student, from one source.
    dry_run : bool
        Only say what would happen.

    Raises
    ------
    Refused
        If the student's folder is a link, or differs from another one in capitals only.
    """
    newest = max(attempts, key=lambda attempt: attempt.rank)
    target = course.notebook("submitted", ps, newest.student)
    _check(course, newest.student, target.parent)
    here = target.read_bytes() if target.is_file() else None
    known = read_stamp(target.parent)
    if here == newest.data and (newest.time is None or known == newest.time):
        what = "unchanged"
    elif target.parent.exists() and newest.time and known and newest.time < known:
        what = "older"
    else:
        what = "newer" if target.parent.exists() else "new"
    others = [a for a in attempts if a is not newest or what == "older"]
    if not dry_run:
        for other in others:
            keep(course, ps, other)
        if what in ("new", "newer"):
            _replace(course, ps, target, newest)
    return Outcome(newest.student, what, newest, len(others) + (what == "newer"))


def read_stamp(folder: Path) -> datetime | None:
    """Return the time in a folder's ``timestamp.txt``, UTC; None where there is none that can be read."""
    time, _ = time_of(folder)
    return time and time.replace(tzinfo=UTC)


def keep(course: Course, ps: str, attempt: Attempt) -> Path:
    """Write an attempt that does not count into ``attempts/<student>/<set>/<time>/``."""
    folder = course.root / "attempts" / attempt.student / ps / _label(attempt.time, attempt.data)
    if not folder.exists():
        _write(folder, ps, attempt)
    return folder


def _label(time: datetime | None, data: bytes) -> str:
    when = f"{time:%Y-%m-%dT%H-%M-%SZ}" if time else "time-unknown"
    return f"{when}-{hashlib.sha256(data).hexdigest()[:8]}"


def _write(folder: Path, ps: str, attempt: Attempt) -> None:
    folder.mkdir(parents=True)
    (folder / f"{ps}.ipynb").write_bytes(attempt.data)
    if attempt.time:
        (folder / TIMESTAMP).write_text(f"{attempt.time:%Y-%m-%d %H:%M:%S.%f} UTC", encoding="ascii")


def _replace(course: Course, ps: str, target: Path, attempt: Attempt) -> None:
    """Write beside, then exchange: whoever grades meanwhile sees the one or the other, never a half."""
    folder = target.parent
    incoming = folder.with_name(f".{ps}.incoming")
    shutil.rmtree(incoming, ignore_errors=True)
    _write(incoming, ps, attempt)
    if folder.exists():
        data = target.read_bytes() if target.is_file() else b""
        before = course.root / "attempts" / attempt.student / ps / _label(read_stamp(folder), data)
        before.parent.mkdir(parents=True, exist_ok=True)
        if before.exists():
            shutil.rmtree(before)
        os.rename(folder, before)
    os.rename(incoming, folder)


def _check(course: Course, student: str, folder: Path) -> None:
    for path in (folder, folder.parent, folder.parent.parent):
        if path.is_symlink():
            raise Refused(f"{path.relative_to(course.root)} is a link: nothing is written through it")
    beside = folder.parent.parent
    others = [path.name for path in beside.iterdir()] if beside.is_dir() else []
    twin = next((name for name in others if name != student and name.casefold() == student.casefold()), "")
    if twin:
        raise Refused(f"the id {student} differs from {twin}, who is there already, in capitals only")
