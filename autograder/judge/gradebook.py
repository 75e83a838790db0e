"""Write what the judge found into nbgrader's gradebook: one transaction per submission.

Scores that people gave, their comments, extensions and late penalties are nbgrader's business and stay as they are.
"""

from __future__ import annotations

from typing import Any

from nbformat import from_dict
from nbgrader import utils
from nbgrader.api import Gradebook

from autograder.judge.outcome import Graded

__all__ = ["save"]

NO_RESPONSE = "No response."  # nbgrader's own words for an answer left as released


def save(db_url: str, student: str, problem_set: str, notebook_name: str, graded: Graded) -> None:
    """Enter every automatic score and comment of a submission, or none of them.

    Parameters
    ----------
    db_url : str
        The gradebook, as SQLAlchemy says it.
    student, problem_set, notebook_name : str
        Whose submission. It must exist.
    graded : Graded
        What the judge found. Where a score is None, the cell is left for a person: ``auto_score`` is NULL and
        ``needs_manual_grade`` is set.

    Raises
    ------
    nbgrader.api.MissingEntry
        If the gradebook does not know the submission.
    """
    scores = {cell.grade_id: cell.score for cell in graded.cells}
    reasons = {cell.grade_id: cell.reason for cell in graded.cells if cell.score is None and cell.reason}
    cells = {_grade_id(cell): cell for cell in from_dict(graded.notebook).cells if _grade_id(cell)}  # type: ignore[no-untyped-call]
    with Gradebook(db_url) as gradebook:
        submission = gradebook.find_submission_notebook(notebook_name, problem_set, student)
        for grade in submission.grades:
            grade.auto_score = _auto_score(grade.cell.name, cells, scores, graded)
            grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        for comment in submission.comments:
            comment.auto_comment = _auto_comment(comment.name, cells, reasons, graded)
        gradebook.db.commit()


def _grade_id(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _auto_score(name: str, cells: dict[str, Any], scores: dict[str, float | None], graded: Graded) -> float | None:
    """Return the automatic score of a cell; None leaves it to a person."""
    if graded.ungradable:
        return None
    if name in scores:
        return scores[name]
    # answers and tasks: nbgrader's own rule, 0 where nothing was written, otherwise a person decides
    score = utils.determine_grade(cells[name])[0] if name in cells else None
    return None if score is None else float(score)


def _auto_comment(name: str, cells: dict[str, Any], reasons: dict[str, str], graded: Graded) -> str | None:
    if graded.ungradable:
        return f"Not graded: {graded.ungradable}"
    cell = cells.get(name)
    if name in reasons:
        return f"Not graded: {reasons[name]}"
    if cell is None or utils.is_task(cell):
        return None
    untouched = cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)
    return NO_RESPONSE if untouched else None
