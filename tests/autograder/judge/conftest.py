"""A small course for submissions that mean harm, or had an accident: plain ``nbgrader autograde`` grades them all.

The problem set is the first exercises of the real one, without pictures, and three exercises that an instructor
tests with plain nbgrader cells. A case is a function that edits a freshly fetched notebook; its docstring says who
does such a thing and why.
"""

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.course import ROOT, Course

PS = "ps2_quadratics"
BIN = Path(sys.executable).parent
EXERCISES = ("quadratic", "condition_number", "newton_step")
POINTS = {"quadratic": 3, "condition_number": 2, "newton_step": 2, "softmax": 2, "root": 1, "digits": 2}
SECRET = "correct horse battery staple"  # in the grader's environment, and in no student's
HIDDEN = "0.646082"  # expected by a hidden test

PLAIN = {
    "softmax": (
        "def softmax(x):\n    ### BEGIN SOLUTION\n"
        "    e = np.exp(x - x.max())\n    return e / e.sum()\n    ### END SOLUTION",
        "def close(one, other):\n    return np.allclose(one, other, atol=1e-5)\n"
        "assert np.allclose(softmax(np.zeros(4)), 0.25)\n"
        "assert np.isclose(softmax(np.array([1.0, 2.0, 3.0])).sum(), 1)\n"
        "### BEGIN HIDDEN TESTS\n"
        f"assert close(softmax(np.array([0.3, 1.5, 0.1]))[1], {HIDDEN})\n"
        "### END HIDDEN TESTS",
    ),
    "root": (
        "def root(x):\n    ### BEGIN SOLUTION\n    if x < 0:\n        raise ValueError('negative')\n"
        "    return x**0.5\n    ### END SOLUTION",
        "import unittest\n"
        "assert close(root(9.0), 3.0)\n"
        "with unittest.TestCase().assertRaises(ValueError):\n    root(-1.0)",
    ),
    "digits": (
        "def digits():\n    ### BEGIN SOLUTION\n    return [3, 1, 4, 1]\n    ### END SOLUTION",
        "0.5 * sum(a == b for a, b in zip(digits(), [3, 1, 4, 1], strict=True))",
    ),
}
"""Exercises with an instructor's own tests: asserts with hidden ones, an expected exception, partial credit."""


def about(grade_id: str, points: float | None = None, **kwargs: bool) -> dict[str, Any]:
    """nbgrader's metadata of a cell."""
    flags = {"grade": points is not None, "locked": False, "solution": False, "task": False, **kwargs}
    worth = {} if points is None else {"points": points}
    return {"nbgrader": {"grade_id": grade_id, "schema_version": 3, **flags, **worth}}


def source() -> Any:
    """The instructor's notebook of the small problem set."""
    real = nbformat.read(ROOT.parent / "solutions" / PS / f"{PS}.ipynb", as_version=4)
    kept = {"title", "setup", *EXERCISES, *(f"{name}_check" for name in EXERCISES)}
    real.cells = [c for c in real.cells if c.metadata["nbgrader"]["grade_id"] in kept]
    assert len(real.cells) == len(kept)
    for name, (solution, test) in PLAIN.items():
        real.cells.append(new_code_cell(solution, metadata=about(name, solution=True), id=name))
        real.cells.append(
            new_code_cell(test, metadata=about(f"{name}_check", POINTS[name], locked=True), id=f"t-{name}")
        )
    words = new_markdown_cell("Write here.", metadata=about("words", 2.0, solution=True), id="words")
    real.cells.append(words)
    return real


class Sheet:
    """A student's notebook, as fetched: edit it and hand it in."""

    def __init__(self, released: Any, answers: dict[str, str]) -> None:
        self.nb = copy.deepcopy(released)
        self.answers = answers

    @property
    def cells(self) -> list[Any]:
        """Its cells."""
        found: list[Any] = self.nb.cells
        return found

    def cell(self, grade_id: str) -> Any:
        """A cell by nbgrader's label."""
        return next(c for c in self.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)

    def where(self, grade_id: str) -> int:
        """Its place."""
        return self.cells.index(self.cell(grade_id))

    def answer(self, **sources: str) -> "Sheet":
        """Write answers."""
        for grade_id, text in sources.items():
            self.cell(grade_id).source = dedent(text).strip("\n")
        return self

    def honest(self, *grade_ids: str) -> "Sheet":
        """Write right answers, by default all of them."""
        return self.answer(**{name: self.answers[name] for name in grade_ids or self.answers})

    def add(self, after: str, text: str, kind: Callable[..., Any] = new_code_cell, **metadata: Any) -> "Sheet":
        """Add a cell of one's own behind another."""
        self.cells.insert(self.where(after) + 1, kind(dedent(text).strip("\n"), metadata=metadata))
        return self

    def text(self) -> str:
        """The notebook as a file."""
        return json.dumps(self.nb, indent=1, ensure_ascii=False)


@dataclass
class Graded:
    """What became of a submission, from gradebook and autograded notebook."""

    points: dict[str, float | None]
    manual: set[str]
    comments: dict[str, str | None]
    notebook: Any
    judge: dict[str, Any] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, str]:
        """The outcome of each test cell, by exercise."""
        return {c["grade_id"].removesuffix("_check"): c["kind"] for c in self.judge["cells"]}

    def reason(self, exercise: str) -> str:
        """What the judge says about one test cell."""
        (found,) = [c["reason"] for c in self.judge["cells"] if c["grade_id"] == f"{exercise}_check"]
        return str(found)

    def shown(self) -> str:
        """All outputs of cells the instructor did not write, as text."""
        cells = [c for c in self.notebook.cells if not c.metadata.get("nbgrader", {}).get("locked")]
        return json.dumps([c.get("outputs") for c in cells], ensure_ascii=False)


class Classroom:
    """A course, its released notebook, and plain nbgrader."""

    def __init__(self, root: Path, notebook: Any, environment: dict[str, str] | None = None) -> None:
        self.course, self.ps = Course(root), PS
        root.mkdir(parents=True)
        shutil.copy(ROOT / "nbgrader_config.py", root)
        folder = self.course.solutions / PS
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{PS}.ipynb")
        self.environment = {**os.environ, "DLOPT_SECRET": SECRET, **(environment or {})}
        assert self.nbgrader("generate_assignment", PS).returncode == 0
        self.released = nbformat.read(self.course.notebook("release", PS), as_version=4)
        solved = [(c.metadata.get("nbgrader", {}), c.source) for c in notebook.cells if c.cell_type == "code"]
        self.answers = {m["grade_id"]: s for m, s in solved if m.get("solution")}

    def nbgrader(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of nbgrader in the course."""
        command = [str(BIN / "nbgrader"), *arguments]
        return subprocess.run(
            command, cwd=self.course.root, env=self.environment, capture_output=True, text=True, errors="replace"
        )

    def twin(self, folder: Path) -> "Classroom":
        """The same course as it is now, in another folder, with a gradebook of its own."""
        shutil.copytree(self.course.root.parent, folder, dirs_exist_ok=True, symlinks=True)
        other = Classroom.__new__(Classroom)
        for name, value in vars(self).items():
            setattr(other, name, value)
        other.course = Course(folder / self.course.root.name)
        return other

    def sheet(self) -> Sheet:
        """A notebook as students receive it."""
        return Sheet(self.released, self.answers)

    def hand_in(self, student: str, case: Callable[[Sheet], Any]) -> None:
        """Let a case edit a fresh notebook and hand in what it returns: the sheet, a file, or several by name."""
        made = case(self.sheet())
        files = made if isinstance(made, dict) else {f"{PS}.ipynb": made}
        folder = self.course.notebook("submitted", PS, student).parent
        folder.mkdir(parents=True)
        for name, content in files.items():
            data = content.text() if isinstance(content, Sheet) else content
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())

    def autograde(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Grade everybody who handed in."""
        done = self.nbgrader("autograde", PS, *arguments)
        assert done.returncode == 0, done.stderr[-4000:]
        assert "Traceback" not in done.stderr, done.stderr[-4000:]
        return done

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything the gradebook knows but row numbers."""
        with self.course.gradebook() as gradebook:
            notebooks = [n for s in gradebook.assignment_submissions(PS) for n in s.notebooks]
            return {
                "grades": sorted(
                    (
                        *(n.student.id, g.cell.name, repr(g.auto_score), repr(g.manual_score)),
                        *(g.extra_credit, g.score, bool(g.needs_manual_grade)),
                    )
                    for n in notebooks
                    for g in n.grades
                ),
                "comments": sorted(
                    (n.student.id, c.name, repr(c.auto_comment), repr(c.manual_comment))
                    for n in notebooks
                    for c in n.comments
                ),
                "scores": sorted((n.student.id, n.score, n.late_submission_penalty) for n in notebooks),
            }

    def result(self, student: str) -> Graded:
        """Read a student's grades."""
        return self.results([student])[student]

    def results(self, students: Iterable[str]) -> dict[str, Graded]:
        """Read the grades of several."""
        with self.course.gradebook() as gradebook:
            return {student: self._result(gradebook, student) for student in students}

    def _result(self, gradebook: Any, student: str) -> Graded:
        (submitted,) = gradebook.find_submission(PS, student).notebooks
        scores = {g.cell.name.removesuffix("_check"): g.auto_score for g in submitted.grades}
        manual = {g.cell.name.removesuffix("_check") for g in submitted.grades if g.needs_manual_grade}
        comments = {c.name: c.auto_comment for c in submitted.comments}
        notebook = nbformat.read(self.course.notebook("autograded", PS, student), as_version=4)
        return Graded(scores, manual, comments, notebook, dict(notebook.metadata.get("judge", {})))


@pytest.fixture(scope="session")
def instructors():
    """The instructor's notebook of the small problem set."""
    return source()


@pytest.fixture(scope="session")
def open_classroom(tmp_path_factory):
    """Open a course with a notebook as its only problem set."""

    def opened(notebook: Any, **environment: str) -> Classroom:
        return Classroom(tmp_path_factory.mktemp("course") / "autograder", notebook, environment)

    return opened
