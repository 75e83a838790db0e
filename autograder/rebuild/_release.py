"""The instructor's notebook as answers are put into it: with hidden tests, without solutions."""

from __future__ import annotations

import copy
import json
from contextlib import chdir
from itertools import takewhile
from typing import TYPE_CHECKING, Any, cast

import nbformat

from autograder.course import Course, CourseError
from autograder.rebuild._labels import label

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["release_from_gradebook", "release_from_source"]

_nbformat: Any = nbformat  # typed in part only


def release_from_gradebook(gradebook: Any, assignment: str, notebook: str, released: NotebookNode) -> NotebookNode:
    """Put the gradebook's cells into the notebook that students received.

    The gradebook keeps the source of every labelled cell as it was before hidden tests and marking schemes
    were removed, its points and its checksum; that is what nbgrader overwrites submissions with, also when they are
    graded once more after the release was made anew. It keeps neither the order of the cells, nor those
    without a label, nor pictures in texts: these the released notebook has.

    Parameters
    ----------
    gradebook : nbgrader.api.Gradebook
        Open.
    assignment, notebook : str
        Names in the gradebook.
    released : nbformat.NotebookNode
        ``release/<assignment>/<notebook>.ipynb``. Not changed.

    Returns
    -------
    nbformat.NotebookNode
        Equal to what `release_from_source` makes, while the source is the one that was released.

    Raises
    ------
    CourseError
        If gradebook and released notebook do not have the same cells.
    """
    row = gradebook.find_notebook(notebook, assignment)
    kept = {cell.name: cell for cell in row.source_cells}
    points = {cell.name: cell.max_score for cell in [*row.grade_cells, *row.task_cells]}
    nb = copy.deepcopy(released)
    labelled = {label(cell): cell for cell in nb.cells if label(cell)}
    differing = sorted(set(kept) ^ set(labelled))
    if differing:
        raise CourseError(
            f"gradebook and release of {notebook} differ in the cells {', '.join(differing)}: make the release again"
        )
    for name, cell in labelled.items():
        cell.source, cell.cell_type = kept[name].source, kept[name].cell_type
        cell.metadata.nbgrader["checksum"] = kept[name].checksum
        if name in points:
            cell.metadata.nbgrader["points"] = points[name]
    if row.kernelspec and json.loads(row.kernelspec):
        nb.metadata["kernelspec"] = _nbformat.from_dict(json.loads(row.kernelspec))
    return nb


def release_from_source(course: Course, ps: str) -> NotebookNode:
    """Make the notebook from ``solutions/<ps>/<ps>.ipynb``, as nbgrader does up to where it fills the gradebook.

    Runs the preprocessors that the course configures for ``nbgrader generate_assignment``, in their order and with
    their settings, up to ``SaveCells``: solutions are cleared then, hidden tests are not. Touches no gradebook.

    Parameters
    ----------
    course : Course
        Where.
    ps : str
        Which problem set.

    Raises
    ------
    CourseError
        If there is no such source notebook.
    """
    from nbconvert.exporters import NotebookExporter
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    source = course.solutions / ps / f"{ps}.ipynb"
    if not source.is_file():
        raise CourseError(f"there is no {source}")
    config = course.config()
    coursedir = CourseDirectory(config=config, root=str(course.root), assignment_id=ps)
    converter = GenerateAssignment(coursedir=coursedir, config=config)
    exporter: Any = cast(Any, NotebookExporter)(config=converter.config)
    exporter._preprocessors = []
    names = {"assignment": ps, "notebook": ps, "student": ".", "db_url": coursedir.db_url}
    with chdir(course.root):  # settings may name files in it
        for preprocessor in takewhile(_comes_before_saving, converter.preprocessors):
            exporter.register_preprocessor(preprocessor)
        text, _ = exporter.from_filename(str(source.resolve()), resources={"unique_key": ps, "nbgrader": names})
    nb: NotebookNode = _nbformat.reads(text, as_version=4)
    return nb


def _comes_before_saving(preprocessor: Any) -> bool:
    name = preprocessor if isinstance(preprocessor, str) else preprocessor.__name__
    return name.rsplit(".", 1)[-1] != "SaveCells"
