"""CSV files that spreadsheets and learning platforms read as they are meant."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import CourseError

__all__ = ["Sheet", "is_formula", "number", "read_sheet", "safe", "write_sheet"]

NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)|-")
BOM = "\ufeff"


@dataclass
class Sheet:
    """A CSV file: its rows, and whether it began with a byte order mark."""

    rows: list[list[str]]
    bom: bool = False


def is_formula(cell: str) -> bool:
    r"""Tell whether a spreadsheet would compute a cell instead of showing it.

    Excel and LibreOffice compute what begins with ``=``, ``+``, ``-`` or ``@``, also after a tab or a carriage return:
    a student called ``=HYPERLINK(…)`` would reach whoever opens the file. Numbers are none, nor is a lone ``-`` as
    Moodle writes where it has no date.

    Examples
    --------
    >>> [is_formula(cell) for cell in ("=1+1", "-1.5", "-", "Ada")]
    [True, False, False, False]
    """
    begins = cell.lstrip(" \n")[:1] in ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
    return begins and not NUMBER.fullmatch(cell)


def safe(cell: str) -> str:
    r"""Return a cell that no spreadsheet takes for a formula: an apostrophe in front makes it text.

    Examples
    --------
    >>> [safe(cell) for cell in ("=1+1", "-1.5", "-", "@x", "Ada", "\t=1")]
    ["'=1+1", '-1.5', '-', "'@x", 'Ada', "'\t=1"]
    """
    return f"'{cell}" if is_formula(cell) else cell


def number(value: float | None) -> str:
    """Write points with a point and at most four decimals; nothing where nobody has decided.

    Examples
    --------
    >>> number(2.0), number(1 / 3), number(None)
    ('2', '0.3333', '')
    """
    return "" if value is None else f"{round(value, 4):.4f}".rstrip("0").rstrip(".")


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file that a platform wrote: UTF-8, with commas or semicolons.

    Raises
    ------
    CourseError
        If it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} cannot be read as UTF-8: {error}") from None
    bom, text = text.startswith(BOM), text.removeprefix(BOM)
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    if not rows:
        raise CourseError(f"{path} is empty")
    return Sheet(rows, bom)


def write_sheet(path: Path, rows: Iterable[Sequence[str]], *, bom: bool) -> None:
    """Write a CSV file, every cell safe, in one go.

    Parameters
    ----------
    path : Path
        Where to.
    rows : iterable of sequences of str
        The cells.
    bom : bool
        Begin with a byte order mark. Excel takes a CSV file without one for the system's old code page, and shows
        ``ZoÃ«``. Platforms read UTF-8 either way; for them, a file is as it came.
    """
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([safe(cell) for cell in row] for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue(), encoding="utf-8-sig" if bom else "utf-8", newline="")
