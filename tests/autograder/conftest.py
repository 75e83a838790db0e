"""A course root of the tests' own: nothing here touches the gradebook or the submissions of a real course."""

import json
import shutil
import warnings
from functools import cache

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import SAWarning

from autograder.course import ROOT, Course
from autograder.engine.book import GRADINGS, Book, line
from autograder.grade import grade
from autograder.judge import gradebook
from autograder.judge.notebooks import explained
from autograder.judge.outcome import CellOutcome, Graded
from autograder.release import release
from autograder.samples import submit
from dlopt.checks import Report
from dlopt.checks.report import Row

PS = "ps2_quadratics"
PAPER = "ps6_batchnorm"


class PaperClass:
    """Students whose grading is written down: ``hand_in`` enters one as the judge would have."""

    ps = PAPER

    def __init__(self, course):
        self.course = course
        self.released = json.loads(course.notebook("release", PAPER).read_text(encoding="utf-8"))
        self.checks = {
            cell["metadata"]["nbgrader"]["grade_id"]: cell["metadata"]["nbgrader"]["points"]
            for cell in self.released["cells"]
            if cell["metadata"].get("nbgrader", {}).get("grade") and cell["cell_type"] == "code"
        }

    def report(self, check, status="pass", misconception=None, **row):
        """A report whose first property, half of the points, has this status; the other one passes."""
        half = self.checks[check] / 2
        rows = (Row("first", "The first line", half, status, **row), Row("second", "The second line", half, "pass"))
        return Report(check.removesuffix("_check"), rows, misconception)

    def hand_in(self, student, reports=(), *, answers=(), notes=(), ungradable="", seconds=1.0, about=()):
        """Enter a submission; checks without a report of their own pass."""
        notebook = json.loads(json.dumps(self.released))
        given, reports = dict(answers), dict(reports)
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            cell["source"] = given.get(name, "".join(cell["source"]))
        cells = []
        for check, worth in self.checks.items():
            report = reports.get(check, self.report(check))
            if isinstance(report, CellOutcome):
                cells.append(report)
                continue
            kind = "pass" if report.earned == worth else "wrong"
            cells.append(CellOutcome(check, kind, report.earned, report=report.to_dict()))
        graded = Graded(notebook, [] if ungradable else cells, list(notes), ungradable)
        with warnings.catch_warnings(), self.course.gradebook() as open_book:
            warnings.filterwarnings("ignore", category=SAWarning, message="Object of type <Submitted")
            open_book.update_or_create_student(student, **dict(about))
            open_book.update_or_create_submission(PAPER, student)
        gradebook.save(self.course.db_url, student, PAPER, PAPER, graded)
        with Book(self.course, PAPER) as book:  # as the engine remembers a grading
            row = {"assignment": PAPER, "student": student, "key": "", "notebook": ""}
            book.db.execute(insert(GRADINGS).values(**row, record=line(seconds={"wall": seconds})))
            book.db.commit()
        for step in ("submitted", "autograded"):
            path = self.course.notebook(step, PAPER, student)
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(explained(graded) if step == "autograded" else notebook), encoding="utf-8")


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """An empty copy of the course: settings and solutions, no grades."""
    root = tmp_path_factory.mktemp("clone") / "autograder"
    root.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT.parent / "solutions", root.parent / "solutions")
    return Course(root)


@pytest.fixture(scope="session")
def released(course):
    """The path of the release."""
    return release(course, PS)


@pytest.fixture(scope="session")
def cells(released):
    """The cells of the release, each source one string."""
    cells = json.loads(released.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in cells]


@pytest.fixture(scope="session")
def grades(course):
    """A function: a problem set's results by student, of the sample class and of one with the model solutions."""

    @cache
    def of(ps):
        release(course, ps)
        submit(course, ps)
        model = course.notebook("submitted", ps, "model")
        model.parent.mkdir(parents=True)
        shutil.copy(course.solutions / ps / f"{ps}.ipynb", model)
        return {result.student: result for result in grade(course, ps)}

    return of


@pytest.fixture(scope="session")
def graded(grades):
    """Problem set 2's results."""
    return grades(PS)


@pytest.fixture(scope="session")
def paper_course(tmp_path_factory, course):
    """A course in which one small set is released and nobody has handed in."""
    root = tmp_path_factory.mktemp("paper") / "autograder"
    root.mkdir()
    shutil.copy(course.root / "nbgrader_config.py", root)
    shutil.copytree(course.solutions / PAPER, root.parent / "solutions" / PAPER)
    release(Course(root), PAPER)
    return Course(root)


@pytest.fixture
def paper(tmp_path, paper_course):
    """A course of its own in which outcomes are written down, not found out: no code runs."""
    shutil.copytree(paper_course.root.parent, tmp_path / "clone")
    return PaperClass(Course(tmp_path / "clone" / "autograder"))
