"""From bytes to cells, or to a sentence that says why not."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

from dlopt.notebooks._cells import MAX_BYTES, MAX_CELLS, MAX_PIECES, Cell, Unreadable, names, size

__all__ = ["read", "read_with_metadata"]

AGAIN = "Hand in the .ipynb file as Jupyter saves it."
SIGNATURES = {
    b"PK\x03\x04": "a zip archive (or an office document)",
    b"PK\x05\x06": "an empty zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"Rar!": "a rar archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"%PDF": "a PDF",
    b"{\\rtf": "an RTF document, as text editors that format save it",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"version https://git-lfs": "a Git LFS pointer instead of the file it points to",
}
PYTHON = re.compile(
    r"^(import \w|from \w+(\.\w+)* import |def \w+\(|class \w+|@\w|#!|# %%|print\(|\w+ = )", re.MULTILINE
)


def read(submission: bytes) -> tuple[list[Cell], list[str]]:
    """Read the cells of a notebook.

    Parameters
    ----------
    submission : bytes
        Anything at all.

    Returns
    -------
    tuple of (list of Cell, list of str)
        The cells, and what was mended.

    Raises
    ------
    Unreadable
        If this is no notebook, or a damaged one.
    """
    cells, notes, _ = read_with_metadata(submission)
    return cells, notes


def read_with_metadata(submission: bytes) -> tuple[list[Cell], list[str], dict[str, Any]]:
    """Read the cells of a notebook and, unchecked, the metadata of the notebook itself; see `read`."""
    notes: list[str] = []
    if len(submission) > MAX_BYTES:
        raise Unreadable(
            f"The file has {size(len(submission))}; at most {size(MAX_BYTES)} are read. "
            "Clear the outputs (Edit → Clear Outputs of All Cells), save and hand in again."
        )
    try:
        data = _parse(_decode(submission, notes), len(submission))
        cells = _cells(data, notes)
    except MemoryError:
        raise Unreadable(f"The file took more memory than there was to read it. {AGAIN}") from None
    metadata = data.get("metadata")
    return cells, notes, metadata if isinstance(metadata, dict) else {}


def _decode(submission: bytes, notes: list[str]) -> str:
    """Turn bytes into text, whatever Unicode they are in; bytes that are none become � with a note."""
    if not submission.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Unreadable(
            f"The file is empty ({size(len(submission))}, nothing written). Save the notebook and hand in again."
        )
    for start, what in SIGNATURES.items():
        if submission.startswith(start):
            raise Unreadable(f"A notebook was expected, but the file is {what}. {AGAIN}")
    encoding = json.detect_encoding(submission)
    try:
        return submission.decode(encoding)
    except UnicodeDecodeError:
        text = codecs.decode(submission, encoding, "replace")
    notes.append(
        f"Some bytes ({text.count(chr(0xFFFD))}) were no text in {encoding.upper().removesuffix('-SIG')}; "
        "each is now a �. Save notebooks with Jupyter rather than with another editor."
    )
    return text


def _parse(text: str, length: int) -> Any:
    """Parse JSON, as Python's and a little more generously: line breaks inside strings are text."""
    text = text.strip("\ufeff\0 \t\r\n")  # some disks fill up with NULs what they could not write
    if sum(map(text.count, ",[{")) > MAX_PIECES:
        raise Unreadable(
            f"The file is made of more than {MAX_PIECES} pieces of data, far more than a notebook needs. "
            "Clear the outputs (Edit → Clear Outputs of All Cells), save and hand in again."
        )
    try:
        # no number of a submission is ever used, and an int of 5000 digits would be refused
        return json.loads(text, strict=False, parse_int=float)
    except RecursionError:
        raise Unreadable(
            f"The file is JSON nested hundreds of levels deep, which no notebook is; it is damaged or made up. {AGAIN}"
        ) from None
    except json.JSONDecodeError as error:
        raise Unreadable(_diagnosis(text, error, length)) from None


def _diagnosis(text: str, error: json.JSONDecodeError, length: int) -> str:
    """Say what a file that is no JSON is instead."""
    if re.match(r"<(!doctype|html|head|body|\?xml|!--)", text, re.IGNORECASE):
        return (
            "A notebook was expected, but the file is an HTML page: the page that shows the notebook, or a log-in "
            "page, was saved instead of it. Download the notebook itself (File → Download) and hand in the .ipynb file."
        )
    if re.search(r"^(<{7}|>{7}) ", text, re.MULTILINE):
        return (
            "The file holds the marks of an unfinished git merge (<<<<<<< and >>>>>>>), so it is no notebook any more. "
            "Resolve the conflict (nbdime merges notebooks), open the result in Jupyter, save and hand in again."
        )
    if text.startswith("{") and (error.pos >= len(text) or not text.endswith("}")):
        return (
            f"The notebook breaks off after {size(length)}: its end is missing, as after an upload or a save that was "
            "interrupted. Open it in Jupyter, save and hand in again."
        )
    if not text.startswith(("{", "[")) and PYTHON.search(text[:5000]):
        return (
            "A notebook was expected, but the file looks like a Python script. Write the answers into the notebook "
            "that was handed out and hand in that."
        )
    if 100 * (text.count("\ufffd") + text.count("\0")) > len(text):
        return f"A notebook was expected, but the file is not even text. {AGAIN}"
    return (
        "A notebook was expected, but the file is no valid JSON: "
        f"{error.msg} at line {error.lineno}, column {error.colno}. "
        "Open it in Jupyter; if that fails as well, copy the answers into a fresh copy of the notebook."
    )


def _cells(data: Any, notes: list[str]) -> list[Cell]:
    """Find the cells in what was parsed, in format 4 or an older one."""
    if not isinstance(data, dict):
        raise Unreadable(f"A notebook was expected, but the file holds {_what(data)} as JSON. {AGAIN}")
    version = data.get("nbformat")
    if "cells" in data:
        if isinstance(version, float) and version >= 5:
            raise Unreadable(
                f"The notebook says it is in format {version:g}, but formats 3 and 4 are read. "
                "Save it with the Jupyter version of the course and hand in again."
            )
        if version != 4:
            notes.append("The file does not say correctly which notebook format it is in; it was read as format 4.")
        cells = data["cells"]
    elif isinstance(data.get("worksheets"), list):
        notes.append("The notebook is in an older format; it was read as format 3 and upgraded.")
        sheets = [sheet.get("cells") for sheet in data["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    else:
        raise Unreadable(
            "The file is JSON, but no notebook: a list of cells is expected, and it has "
            f"{names(data) or 'nothing'}. {AGAIN}"
        )
    if not isinstance(cells, list):
        raise Unreadable(f"The notebook's cells should be a list, but are {_what(cells)}; the file is damaged. {AGAIN}")
    if not cells:
        raise Unreadable(
            "The notebook has no cells. Hand in the notebook that was handed out, with your answers in it."
        )
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"The notebook has {len(cells)} cells; at most {MAX_CELLS} are read. {AGAIN}")
    return [_cell(cell, number, notes) for number, cell in enumerate(cells, start=1)]


def _cell(raw: Any, number: int, notes: list[str]) -> Cell:
    """Take from a cell the few things that are looked at, each of the type it should have."""
    if not isinstance(raw, dict):
        raise Unreadable(f"Cell {number} of the notebook is {_what(raw)}, not a cell; the file is damaged. {AGAIN}")
    kind, source = raw.get("cell_type"), raw.get("source", raw.get("input"))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    cell = Cell(number, kind if kind in ("code", "markdown", "raw") else "markdown" if kind == "html" else "raw")
    if kind == "heading":  # of format 3
        level = raw.get("level")
        cell.kind = "markdown"
        source = (
            f"{'#' * int(level if level in (1, 2, 3, 4, 5, 6) else 1)} {source}" if isinstance(source, str) else source
        )
    if isinstance(source, str):
        cell.source = _clean(source, number, notes)
    else:
        cell.fault = "a list of more than lines of text" if isinstance(source, list) else _what(source)
    metadata = raw.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    cell.nbgrader = nbgrader if isinstance(nbgrader, dict) else {}
    grade_id = cell.nbgrader.get("grade_id")
    cell.grade_id = grade_id if isinstance(grade_id, str) else ""
    cell.id = raw["id"] if isinstance(raw.get("id"), str) else ""
    cell.attachments = raw["attachments"] if isinstance(raw.get("attachments"), dict) else {}
    return cell


def _clean(source: str, number: int, notes: list[str]) -> str:
    """Normalise line ends, and replace halves of characters, which no file could be written with."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if re.search("[\ud800-\udfff]", source):
        source = source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        notes.append(f"Cell {number} held half a character (a lone surrogate), which is now a �.")
    return source


def _what(value: Any) -> str:
    """Name a JSON value's type."""
    kinds: list[tuple[type, str]] = [(bool, "true or false"), (dict, "an object"), (list, "a list"), (str, "a text")]
    return "nothing" if value is None else next((name for kind, name in kinds if isinstance(value, kind)), "a number")
