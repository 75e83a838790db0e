"""nbgrader's fingerprint of a cell, by which anybody can tell what was released from what was written."""

from __future__ import annotations

import hashlib

from dlopt.notebooks._cells import Cell

__all__ = ["checksum"]


def checksum(cell: Cell) -> str:
    """Return what nbgrader would write as ``checksum`` into this cell if it were released as it is.

    A cell whose metadata hold another one has been edited since; one whose metadata hold the same is as released.
    Students have no nbgrader, hence this twin of ``nbgrader.utils.compute_checksum`` (0.9.6).

    Examples
    --------
    >>> meta = {"grade_id": "softmax_check", "grade": True, "locked": True, "points": 3}
    >>> checksum(Cell(1, "code", "check.softmax(softmax)", nbgrader=meta))
    '72b6304f97159310fbe3d967821187bd'
    """
    meta = cell.nbgrader
    grade, solution = bool(meta.get("grade")), bool(meta.get("solution"))
    locked = not solution and (grade or bool(meta.get("locked")))
    parts = [cell.source, cell.kind, str(grade), str(solution), str(locked), str(meta.get("grade_id", ""))]
    if grade:
        points = meta.get("points")
        parts.append(str(float(points)) if isinstance(points, int | float) else "")
    return hashlib.md5("".join(parts).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
