"""What a submission is reduced to, and the two ways this can end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dlopt.notebooks import MAX_BYTES, MAX_CELLS, MAX_SOURCE, MAX_TEXT, Cell, names, printable, size
from dlopt.notebooks import Unreadable as Ungradable  # a case for the instructor: never a zero

__all__ = [
    "MAX_BYTES",
    "MAX_CELLS",
    "MAX_SOURCE",
    "MAX_TEXT",
    "Cell",
    "Rebuilt",
    "Ungradable",
    "names",
    "printable",
    "size",
]


@dataclass(frozen=True)
class Rebuilt:
    """A submission on the instructor's notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Valid nbformat 4.5, without outputs; cells and metadata of the release, answers and own cells of the student.
    notes : list of str
        What was mended or left out, a sentence each; empty for a submission as it should be.
    """

    notebook: Any
    notes: list[str] = field(default_factory=list)
