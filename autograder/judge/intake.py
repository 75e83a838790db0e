"""What is looked at of a submission's folder before its notebook: its name, whether it is one, and the time it came.

All three may be somebody else's invention: a name with a line break, a link to a neighbour's folder, a pipe called
``timestamp.txt``.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.rebuild import Ungradable, read_file

__all__ = ["NAMELESS", "TIMESTAMP", "is_name", "must_be_a_folder", "time_of"]

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


def must_be_a_folder(folder: Path) -> None:
    """Refuse a submission whose folder, or the student's folder around it, is a link to another.

    Raises
    ------
    Ungradable
        If it is: who hands in a link to a neighbour's folder would get the neighbour's points.
    """
    if folder.is_symlink() or folder.parent.is_symlink():
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
        said = read_file(path, most=MAX_TIME).decode().strip()
        return (parse_utc(said) if said else None), ""
    except (Ungradable, ValueError, OverflowError, TypeError, AttributeError):  # all that dateutil is known to raise
        return None, NO_TIME
