"""Notebook files, read without believing anything of them: what students' own check and grading both look at.

`read` turns any bytes into cells, or raises `Unreadable`, whose sentence says what was expected, what came and what
to do. Nothing here runs a cell, and no other exception comes out, whatever the bytes.
"""

from dlopt.notebooks._cells import (
    MAX_BYTES,
    MAX_CELLS,
    MAX_PIECES,
    MAX_SOURCE,
    MAX_TEXT,
    Cell,
    Unreadable,
    names,
    printable,
    size,
)
from dlopt.notebooks._checksum import checksum
from dlopt.notebooks._read import read, read_with_metadata

__all__ = [
    "MAX_BYTES",
    "MAX_CELLS",
    "MAX_PIECES",
    "MAX_SOURCE",
    "MAX_TEXT",
    "Cell",
    "Unreadable",
    "checksum",
    "names",
    "printable",
    "read",
    "read_with_metadata",
    "size",
]
