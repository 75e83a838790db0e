"""A course root of the tests' own: nothing here touches the gradebook or the submissions of a real course."""

import json
import shutil
from functools import cache

import pytest

from autograder.course import ROOT, Course
from autograder.grade import grade
from autograder.release import release
from autograder.samples import submit

PS = "ps2_quadratics"


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
