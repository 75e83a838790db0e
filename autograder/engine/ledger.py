"""The append-only ledger, ``ledger/<set>.jsonl``: one line of JSON per grading, oldest first.

A line names hashes, versions, seeds, outcome and scores, and the submission by the gradebook's own number, so that a
name never leaves the gradebook. The gradebook keeps each submission's latest line as well: `Ledger.complete` writes
those that a crash between the two kept from the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from autograder.course import Course

__all__ = ["Ledger"]

LAST = 1 << 16


class Ledger:
    """The ledger of one problem set.

    Parameters
    ----------
    course : Course
        Where.
    ps : str
        Which.
    """

    def __init__(self, course: Course, ps: str) -> None:
        self.path: Path = course.root / "ledger" / f"{ps}.jsonl"

    def append(self, record: str) -> None:
        """Add one line; it is on the disk when this returns."""
        self.path.parent.mkdir(exist_ok=True)
        with self.path.open("ab") as file:
            if file.tell() and self._ends_within_a_line():
                file.write(b"\n")  # the machine stopped while a line was written: it stays, and is no JSON
            file.write(record.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _ends_within_a_line(self) -> bool:
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"

    def lines(self) -> Iterator[dict[str, Any]]:
        """Yield every record, oldest first; a line that a crash cut short is passed over."""
        if not self.path.is_file():
            return
        with self.path.open(encoding="utf-8", errors="replace") as file:
            for text in file:
                try:
                    yield json.loads(text)
                except ValueError:
                    continue

    def complete(self, records: Iterable[str]) -> int:
        """Add those of the gradebook's lines that are not here yet; return how many."""
        here = {record["id"] for record in self.lines()}
        missing = [record for record in records if json.loads(record)["id"] not in here]
        for record in missing:
            self.append(record)
        return len(missing)
