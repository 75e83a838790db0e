"""The notebooks at both ends of the judge: what comes in is rebuilt and made harmless, what goes out says why.

Here rather than in ``converter``, so that a worker of the engine need not import nbgrader's commands.
"""

from __future__ import annotations

import re
from typing import Any

import nbformat

from autograder.judge import harmless
from autograder.judge.intake import HandedIn
from autograder.judge.outcome import CellOutcome, Graded
from autograder.rebuild import Rebuilt, Ungradable, rebuild

__all__ = ["explained", "imports_beside", "rebuilt"]


def explained(graded: Graded) -> Any:
    """Return the graded notebook with what the judge has to say on top, and as data in its metadata."""
    notebook: Any = nbformat.from_dict(graded.notebook)  # type: ignore[no-untyped-call]
    notebook.metadata["judge"] = {
        "cells": [as_data(cell) for cell in graded.cells],
        "notes": graded.notes,
        "ungradable": graded.ungradable,
    }
    waits = "A person has to look at it: until then, a score of 0 on this page is no grade."
    said = [f"**This submission could not be graded.** {graded.ungradable} {waits}"] if graded.ungradable else []
    said += [f"- {note}" for note in graded.notes]
    if said:
        text = harmless.markdown("### From the grader\n\n" + "\n".join(said))
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text, id="from-the-grader"))  # type: ignore[no-untyped-call]
    return notebook


def rebuilt(came: HandedIn, release: Any) -> Rebuilt | Graded:
    """Return the release with the answers of what came, its texts harmless; or, where there is none, the outcome."""
    if came.problem:
        return Graded(release, notes=list(came.notes), ungradable=came.problem)
    try:
        made = rebuild(came.data, release, name=came.name)
    except Ungradable as problem:
        return Graded(release, notes=list(came.notes), ungradable=str(problem))
    calm(made.notebook, release)
    return made


def as_data(cell: CellOutcome) -> dict[str, Any]:
    """Return what became of a cell for the class report to read, property by property, without the pictures."""
    report = dict(cell.report) if cell.report else None
    if report:
        report["rows"] = [{key: value for key, value in row.items() if key != "picture"} for row in report["rows"]]
    data: dict[str, Any] = harmless.data({**vars(cell), "report": report})
    return data


def imports_beside(release: Any) -> list[str]:
    """Return the import statements of the release's cells that are not locked: tests may rely on them."""
    from autograder.judge.run import imports_of  # the judge itself, which not all who write notebooks need

    cells = [c for c in release.cells if c.cell_type == "code"]
    about = [c.metadata.get("nbgrader", {}) for c in cells]
    return [s for c, m in zip(cells, about, strict=True) if not m.get("locked") for s in imports_of(c.source)]


def calm(notebook: Any, release: Any) -> None:
    """Make the texts a student wrote harmless; what stands as released stays as it is, to the byte."""
    ours = {(cell.id, cell.source) for cell in release.cells}
    for cell in notebook.cells:
        if cell.cell_type == "code" or (cell.id, cell.source) in ours:
            continue
        if cell.cell_type == "raw":  # nbconvert writes raw cells into the page as they are
            cell.cell_type, cell.source = "markdown", "```text\n" + cell.source.replace("```", "` ` `") + "\n```"
        cell.source = _without_lost_pictures(harmless.markdown(cell.source), set(cell.get("attachments", {})))


def _without_lost_pictures(source: str, kept: set[str]) -> str:
    """Name pictures that were left out as text: nbconvert makes no page of a notebook that refers to a lost one."""
    return re.sub(r"attachment:([^)\]\s]*)", lambda m: m[0] if m[1] in kept else f"left out, {m[1]}", source)
