"""What nbgrader's metadata of the release say, and how sources are compared."""

from __future__ import annotations

from typing import Any

__all__ = ["adds_to", "bare", "is_answer", "is_manual", "label", "same"]


def label(cell: Any) -> str:
    """Return the grade_id of a cell of the release; empty where nbgrader takes no notice of the cell."""
    meta = nbgrader(cell)
    noticed = any(meta.get(key) for key in ("grade", "solution", "locked", "task"))
    return str(meta.get("grade_id") or "") if noticed else ""


def nbgrader(cell: Any) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell; empty where it has none."""
    found: dict[str, Any] = cell.metadata.get("nbgrader", {})
    return found


def is_answer(cell: Any) -> bool:
    """Tell whether students write into this cell; a locked task keeps its text and its marking scheme."""
    meta = nbgrader(cell)
    return bool(meta.get("solution") or (meta.get("task") and not meta.get("locked")))


def is_manual(cell: Any) -> bool:
    """Tell whether a person grades what is written in this cell, or below it."""
    meta = nbgrader(cell)
    return bool((meta.get("solution") and meta.get("grade")) or meta.get("task"))


def bare(source: str) -> str:
    """Return a source without blanks at the ends of lines and of the cell."""
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))


def same(one: str, other: str) -> bool:
    """Compare sources, but for such blanks."""
    return bare(one) == bare(other)


def adds_to(theirs: str, original: str) -> bool:
    """Tell whether a source has lines that the original has not, in that order; hidden tests are lines fewer."""
    lines = iter([line.strip() for line in original.split("\n")])
    return not all(line in lines for line in map(str.strip, theirs.split("\n")) if line)
