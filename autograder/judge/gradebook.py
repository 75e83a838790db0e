"""Write what the judge found into nbgrader's gradebook: one transaction per submission.

Scores that people gave, their comments, extensions and late penalties are nbgrader's business and stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nbformat import from_dict

from autograder.judge.outcome import Graded
from autograder.patience import nbgrader_utils

__all__ = ["enter", "entries", "save"]

utils = nbgrader_utils()

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
    from nbgrader.api import Gradebook  # here, so that a worker, which writes no gradebook, need not import it

    with Gradebook(db_url) as gradebook:
        submission = gradebook.find_submission_notebook(notebook_name, problem_set, student)
        names = [grade.cell.name for grade in submission.grades], [comment.name for comment in submission.comments]
        enter(submission, *entries(graded, *names))
        gradebook.db.commit()


def entries(
    graded: Graded, grades: Iterable[str], comments: Iterable[str]
) -> tuple[dict[str, float | None], dict[str, str | None]]:
    """Return the automatic score of each of these cells, and the automatic comment of each of those.

    Parameters
    ----------
    graded : Graded
        What the judge found.
    grades, comments : iterable of str
        Names of the cells with points, and of the cells that students write in.
    """
    scores = {cell.grade_id: cell.score for cell in graded.cells}
    reasons = {cell.grade_id: cell.reason for cell in graded.cells if cell.score is None and cell.reason}
    cells = {_grade_id(cell): cell for cell in from_dict(graded.notebook).cells if _grade_id(cell)}  # type: ignore[no-untyped-call]
    return (
        {name: _auto_score(name, cells, scores, graded) for name in grades},
        {name: _auto_comment(name, cells, reasons, graded) for name in comments},
    )


def enter(submission: Any, scores: Mapping[str, float | None], comments: Mapping[str, str | None]) -> None:
    """Put automatic scores and comments into a submitted notebook of the gradebook; who calls commits."""
    known = submission.notebook  # asked for all its cells at once, where each grade and comment would ask for its own
    names = {cell.id: cell.name for cell in (*known.grade_cells, *known.solution_cells, *known.task_cells)}
    for grade in submission.grades:
        grade.auto_score = scores.get(names.get(grade.cell_id, ""))
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
    for comment in submission.comments:
        comment.auto_comment = comments.get(names.get(comment.cell_id, ""))


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
