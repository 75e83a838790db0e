"""From a source notebook with solutions to the notebook that students receive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from autograder.course import Course, CourseError
from autograder.rebuild._labels import is_manual, label
from autograder.site import book_links, site_address
from dlopt.ready import INVENTORY

__all__ = ["BookLinks", "HandInHelp", "is_current", "is_released", "release", "site_address"]


class BookLinks(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """Turn ``[chapter 2](book:chapters/02_quadratics)`` into a link to the book where students read it.

    Where that is, forks decide: the ``site`` of this class is the ``html.baseurl`` of ``_config.yml``. While it is
    empty the words stay and the link goes.
    """

    site = Unicode("", help="Address of the book's site, such as https://example.org/course").tag(config=True)

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Rewrite the links of one markdown cell."""
        if cell.cell_type == "markdown":
            cell.source = book_links(cell.source, self.site)
        return cell, resources


class HandInHelp(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader ships no types
    """Let a student see whether the notebook is ready to hand in.

    The notebook's metadata get an inventory of its cells, by which ``python -m dlopt ready`` misses what was deleted
    or moved; the last cell of text gets the line that says so. So no source notebook has to carry either.
    """

    line = (
        "**Is it ready?** Save, and type `python -m dlopt ready {short}` in a terminal in the folder of this notebook "
        "(*File → New → Terminal*). It runs the notebook from top to bottom and says what is missing, renamed or still "
        "a stub. It only looks: your file stays as it is."
    )

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Write the inventory and the line."""
        ps = resources["metadata"]["name"]
        labelled = [cell for cell in nb.cells if label(cell)]
        nb.metadata[INVENTORY] = {
            "set": ps,
            "cells": [label(cell) for cell in labelled],
            "by_hand": [label(cell) for cell in labelled if is_manual(cell)],
        }
        last = nb.cells[-1] if nb.cells else None
        if last is not None and last.cell_type == "markdown" and not is_manual(last):
            last.source = f"{last.source.rstrip()}\n\n{self.line.format(short=ps.partition('_')[0])}"
        return nb, resources


def is_released(course: Course, ps: str) -> bool:
    """Tell whether the release is there and known to the gradebook."""
    from nbgrader.api import MissingEntry

    if not course.notebook("release", ps).is_file() or not course.has_gradebook:
        return False
    with course.gradebook() as gradebook:
        try:
            gradebook.find_assignment(ps)
        except MissingEntry:
            return False
    return True


def is_current(course: Course, ps: str) -> bool:
    """Tell whether a release is newer than what it is made from."""
    settings = [course.root / "nbgrader_config.py", course.root.parent / "_config.yml", Path(__file__)]
    files = [path for path in [*(course.solutions / ps).rglob("*"), *settings] if path.is_file()]
    released = course.notebook("release", ps)
    return is_released(course, ps) and max(file.stat().st_mtime for file in files) <= released.stat().st_mtime


def release(course: Course, ps: str) -> Path:
    """Make the student version of a problem set and enter its cells into the gradebook.

    Raises
    ------
    CourseError
        If nbgrader refuses, with the reason it logs.
    """
    failure = course.convert("GenerateAssignment", ps)
    if failure:
        raise CourseError(f"nbgrader could not make the release of {ps}:\n{failure}")
    return course.notebook("release", ps)
