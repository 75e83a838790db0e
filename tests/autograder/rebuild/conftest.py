"""Submissions to rebuild: the release of ps2, and a small notebook with every kind of cell that nbgrader knows."""

import copy
import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.course import Course
from autograder.rebuild import Rebuilt, rebuild, release_from_source

PS = "ps2_quadratics"


class Submission:
    """A notebook that a student edits; cells are reached by grade_id."""

    def __init__(self, nb):
        self.nb = copy.deepcopy(nb)

    def index(self, grade_id):
        return next(
            i for i, c in enumerate(self.nb.cells) if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
        )

    def __getitem__(self, grade_id):
        return self.nb.cells[self.index(grade_id)]

    def answer(self, grade_id, source):
        self[grade_id].source = source
        return self

    def drop(self, *grade_ids):
        for grade_id in grade_ids:
            del self.nb.cells[self.index(grade_id)]
        return self

    def write(self, source, *, after=None, before=None, kind="code"):
        """Insert an ordinary cell of the student's own."""
        cell = new_code_cell(source) if kind == "code" else new_markdown_cell(source)
        place = self.index(after) + 1 if after else self.index(before) if before else 0
        self.nb.cells.insert(place, cell)
        return cell

    def copy(self, grade_id, source=None, *, at=None):
        """Copy a cell with its label, as JupyterLab's copy and split do; behind the original unless told where."""
        cell = copy.deepcopy(self[grade_id])
        cell.id = f"copy-{len(self.nb.cells)}"
        if source is not None:
            cell.source = source
        self.nb.cells.insert(self.index(grade_id) + 1 if at is None else at, cell)
        return cell

    @property
    def bytes(self):
        return json.dumps(self.nb).encode()


def meta(grade_id, *, solution=False, grade=False, locked=False, task=False, points=None):
    made = {"grade_id": grade_id, "solution": solution, "grade": grade, "locked": locked, "task": task}
    made["schema_version"] = 3
    return {"nbgrader": made if points is None else {**made, "points": points}}


@pytest.fixture(scope="session")
def ps2_release():
    """The real thing."""
    return release_from_source(Course(), PS)


@pytest.fixture(scope="session")
def small_release():
    """One cell of each kind: text, set-up, an open cell, solution, hidden test, essay, task."""
    cells = [
        new_markdown_cell("# Title", metadata=meta("title", locked=True)),
        new_code_cell("import numpy as np", metadata=meta("setup", locked=True)),
        new_code_cell("x = 1  # change me"),
        new_markdown_cell("A picture follows."),
        new_code_cell(
            "def f(x):\n    raise NotImplementedError()",
            metadata=meta("f", solution=True),
            outputs=[new_output("stream", text="old")],
            execution_count=7,
        ),
        new_code_cell(
            "assert f(1) == 1\n### BEGIN HIDDEN TESTS\nassert f(2) == 4\n### END HIDDEN TESTS",
            metadata=meta("f_check", grade=True, locked=True, points=2),
        ),
        new_markdown_cell("YOUR ANSWER HERE", metadata=meta("essay", solution=True, grade=True, points=3)),
        new_markdown_cell(
            "Draw it.\n### BEGIN MARK SCHEME\nOne point per line.\n### END MARK SCHEME",
            metadata=meta("drawing", task=True, locked=True, points=1),
        ),
        new_markdown_cell("The end", metadata=meta("closing", locked=True)),
    ]
    for number, cell in enumerate(cells):
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id", f"open-{number}")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def without_hidden(nb):
    """What nbgrader hands out: hidden tests and marking schemes are gone."""
    nb = copy.deepcopy(nb)
    for cell in nb.cells:
        cell.source = cell.source.split("\n### BEGIN")[0]
    return nb


@pytest.fixture
def ps2(ps2_release):
    return Submission(ps2_release)


@pytest.fixture
def small(small_release):
    return Submission(without_hidden(small_release))


@pytest.fixture
def rebuilt(small_release):
    """Rebuild a `Submission` (or bytes) on the small release; the result is always a valid notebook without outputs."""

    def run(submission) -> Rebuilt:
        before = copy.deepcopy(small_release)
        result = rebuild(submission if isinstance(submission, bytes) else submission.bytes, small_release, name="small")
        assert small_release == before
        nbformat.validate(result.notebook)
        assert (result.notebook.nbformat, result.notebook.nbformat_minor) == (4, 5)
        assert all(cell.get("outputs", []) == [] for cell in result.notebook.cells)
        return result

    return run


@pytest.fixture(scope="session")
def sources():
    """The sources of a notebook, top to bottom."""
    return lambda nb: [cell.source for cell in nb.cells]


@pytest.fixture(scope="session")
def cell_of():
    """A cell of a notebook, by grade_id."""
    return lambda nb, grade_id: Submission.__getitem__(_view(nb), grade_id)


def _view(nb):
    view = object.__new__(Submission)
    view.nb = nb
    return view
