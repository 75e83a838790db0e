"""What a notebook is reduced to, and the limits it must keep."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "MAX_BYTES",
    "MAX_CELLS",
    "MAX_PIECES",
    "MAX_SOURCE",
    "MAX_TEXT",
    "Cell",
    "Unreadable",
    "names",
    "printable",
    "size",
]

MAX_BYTES = 32 * 2**20  #: of the file
MAX_PIECES = 2_000_000  #: commas and brackets in it: what bounds the memory that parsing can take
MAX_CELLS = 2_000
MAX_SOURCE = 2**20  #: characters of one cell
MAX_TEXT = 4 * 2**20  #: characters of all cells that are kept


class Unreadable(Exception):  # noqa: N818 - an outcome, as graders call it
    """A file that cannot be read as a notebook.

    Parameters
    ----------
    sentence : str
        What was expected, what came, what to do.
    """


@dataclass
class Cell:
    """A cell of a submission, before anything is believed of it.

    Parameters
    ----------
    number : int
        Its place in the notebook, from 1.
    kind : str
        "code", "markdown" or "raw".
    source : str
        Its text.
    fault : str
        What stands where the text should be, such as "a number"; empty if it is text.
    grade_id, id : str
        nbgrader's and Jupyter's names of the cell; empty if it has none.
    attachments : dict
        As the file has them: unchecked.
    nbgrader : dict
        nbgrader's metadata of the cell, likewise.
    """

    number: int
    kind: str
    source: str = ""
    fault: str = ""
    grade_id: str = ""
    id: str = ""
    attachments: dict[str, Any] = field(default_factory=dict)
    nbgrader: dict[str, Any] = field(default_factory=dict)

    @property
    def blank(self) -> bool:
        """Whether nothing is written in it."""
        return not self.fault and not self.source.strip()

    def text(self) -> str:
        """Return the source, or refuse: to guess would mean to grade something else than was written.

        Raises
        ------
        Unreadable
            If it is no text, or too much of it.
        """
        called = f"Cell {self.number}" + (f" ({printable(self.grade_id)})" if self.grade_id else "")
        if self.fault:
            raise Unreadable(
                f"{called} holds {self.fault} where its text is expected; the file is damaged. "
                "Open the notebook in Jupyter, write the cell anew, save and hand in again."
            )
        if len(self.source) > MAX_SOURCE:
            raise Unreadable(
                f"{called} is {size(len(self.source))} long; at most {size(MAX_SOURCE)} are read. "
                "Take pasted data out of the cell and hand in again."
            )
        return self.source


def printable(text: object, limit: int = 40) -> str:
    """Cut a name from a submission to what can stand in a sentence."""
    clean = re.sub(r"[^\w .,:;()+/-]", "?", str(text)[: limit + 1])
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def names(items: Iterable[object], limit: int = 8) -> str:
    """Return "a, b and 3 more"."""
    listed = list(items)
    shown = ", ".join(printable(item, 100) for item in listed[:limit])
    return shown if len(listed) <= limit else f"{shown} and {len(listed) - limit} more"


def size(number: int) -> str:
    """Return a number of bytes or characters as "31.5 MB"."""
    return f"{number / 1e6:.1f} MB" if number >= 1e5 else f"{number} bytes"
