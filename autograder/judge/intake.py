"""What is taken from a submission's folder: its name, whether it is one, the time it came, and the notebook's bytes.

All of them may be somebody else's invention: a name with a line break, a link to a neighbour's folder, a pipe called
``timestamp.txt``.
"""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.patience import nbgrader_utils
from autograder.rebuild import Ungradable, find_notebook, read_file, read_notebook

__all__ = [
    "TIMESTAMP",
    "HandedIn",
    "handed_in",
    "is_linked",
    "is_name",
    "must_be_a_folder",
    "parse_time",
    "stamp",
    "time_of",
    "with_names",
]

TIMESTAMP = "timestamp.txt"
MAX_TIME = 200  #: bytes of a time
NO_TIME = (
    f"{TIMESTAMP} should hold the time of handing in and holds something else; it counts as in time. If "
    "it came late, correct that file and grade again."
)
NAMELESS = "cannot be a student's name: it has signs that are not printable. Rename the folder to grade it"


def is_name(text: str) -> bool:
    r"""Tell whether a folder can be called so: gradebook, pages and tables show names as they are.

    Examples
    --------
    >>> is_name("Ana-María 2"), is_name("ana\n"), is_name("\u202eana"), is_name("\udcff")
    (True, False, False, False)
    """
    return text.isprintable()


def with_names(pattern: Path, root: Path, log: logging.Logger) -> list[Path]:
    """Return the submissions' folders that match a pattern, and links in their place wherever they lead, sorted.

    Names that nobody could read are left out, and logged.
    """
    places = (student / pattern.name for student in root.glob(os.path.relpath(pattern.parent, root)))
    found = sorted(place for place in places if place.is_dir() or place.is_symlink())
    for nameless in (path for path in found if not is_name(str(path))):
        log.error("%r is left out: it %s", str(nameless.relative_to(root)), NAMELESS)
    return [path for path in found if is_name(str(path))]


def is_linked(folder: Path) -> bool:
    """Tell whether a submission's folder, or the student's folder around it, is a link to another."""
    return folder.is_symlink() or folder.parent.is_symlink()


def must_be_a_folder(folder: Path) -> None:
    """Refuse a submission whose folder, or the student's folder around it, is a link to another.

    Raises
    ------
    Ungradable
        If it is: who hands in a link to a neighbour's folder would get the neighbour's points.
    """
    if is_linked(folder):
        raise Ungradable(
            "What was handed in is a link to another folder, and links are not followed. Hand in the notebook."
        )


def time_of(folder: Path) -> tuple[datetime | None, str]:
    """Read the time of submission that nbgrader's exchange, or a person, has left in a folder.

    Parameters
    ----------
    folder : Path
        Of one submission.

    Returns
    -------
    time : datetime or None
        None where there is none.
    note : str
        What is wrong with the file, a sentence; empty where nothing is.
    """
    path = folder / TIMESTAMP
    if not os.path.lexists(path):
        return None, ""
    try:
        data = read_file(path, most=MAX_TIME)
    except Ungradable:
        return None, NO_TIME
    time = parse_time(data)
    naive = time.replace(tzinfo=None) if time else None  # as nbgrader keeps times
    return naive, NO_TIME if time is None and data.strip() else ""


def parse_time(data: bytes) -> datetime | None:
    """Read a time as nbgrader writes it, in UTC; None where it is no time.

    nbgrader 0.9.6 takes an offset such as ``+0100`` for 100 seconds, so offsets are read here.

    Examples
    --------
    >>> parse_time(b"2026-11-01 02:00:00 +0100") == parse_time(b"2026-11-01 01:00:00.0 UTC")
    True
    """
    try:
        said = data.decode().strip()
        offset = re.search(r"[+-]\d\d:?\d\d$", said)
        if offset:
            time = datetime.fromisoformat(said.replace(f" {offset[0]}", offset[0]))
        else:
            time = nbgrader_utils().parse_utc(said)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError, AttributeError):  # all that dateutil is known to raise
        return None


def stamp(time: datetime) -> bytes:
    """Return what `TIMESTAMP` holds for a time; beside a graded notebook it says which submission was graded.

    nbgrader grades again, without being forced, what was handed in later.

    Examples
    --------
    >>> parse_time(stamp(datetime(2026, 11, 1, 2, 0)))
    datetime.datetime(2026, 11, 1, 2, 0, tzinfo=datetime.timezone.utc)
    """
    return f"{time} UTC\n".encode()


@dataclass(frozen=True)
class HandedIn:
    """What came in a submission's folder.

    Parameters
    ----------
    time : datetime or None
        When, where that is known.
    data : bytes
        The notebook's file.
    name : str
        What the file is called, for sentences.
    notes : tuple of str
        What is odd about it and does no harm.
    problem : str
        Why there is nothing to grade; empty where there is.
    """

    time: datetime | None
    data: bytes = b""
    name: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""


def handed_in(folder: Path, ps: str) -> HandedIn:
    """Take from a submission's folder what is graded; links are not followed, and nothing is waited for."""
    time, note = time_of(folder)
    notes = (note,) if note else ()
    try:
        must_be_a_folder(folder)
        path, found = find_notebook(folder, ps)
        return HandedIn(time, read_notebook(path), path.name, (*notes, *found))
    except Ungradable as problem:
        return HandedIn(time, notes=notes, problem=str(problem))
