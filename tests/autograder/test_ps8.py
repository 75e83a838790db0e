"""Problem set 8 on its way through nbgrader: classes with state, random numbers and training, judged from outside."""

import json
import shutil

import pytest

from autograder.grade import grade
from autograder.release import release
from autograder.samples import load, submit
from dlopt.checks import ps8_backprop as check

pytestmark = pytest.mark.slow

PS = "ps8_backprop"
CLASS = load(PS)


@pytest.fixture(scope="module")
def graded(course):
    """Everybody's result: the sample class, and one who hands in the model solutions."""
    release(course, PS)
    submit(course, PS)
    model = course.notebook("submitted", PS, "model")
    model.parent.mkdir(parents=True)
    shutil.copy(course.solutions / PS / f"{PS}.ipynb", model)
    return {result.student: result for result in grade(course, PS)}


def outputs(course, student):
    cells = json.loads(course.notebook("autograded", PS, student).read_text(encoding="utf-8"))["cells"]
    return {c["metadata"]["nbgrader"]["grade_id"]: c["outputs"] for c in cells if c["cell_type"] == "code"}


@pytest.mark.parametrize("sample", CLASS, ids=lambda sample: sample.name)
def test_a_student_of_the_sample_class_earns_what_the_page_says(sample, graded):
    result = graded[sample.name]
    assert result.error == ""
    assert result.points == sample.points
    assert result.note == sample.note


def test_the_model_solutions_earn_full_points_and_wait_for_a_person(graded):
    total = sum(getattr(check, name).points for name in check.__all__)
    assert graded["model"].score == total == graded["model"].max_score - 2
    assert graded["model"].points["in_words"] is None


@pytest.mark.parametrize("student", ["model", "goran", "emeka"])
def test_no_cell_of_ours_ends_in_an_error(student, course, graded):
    for grade_id, found in outputs(course, student).items():
        assert not any(output["output_type"] == "error" for output in found), grade_id


def test_every_one_of_dmitri_s_mistakes_is_named(course, graded):
    shown = outputs(course, "dmitri")
    for name in check.__all__:
        assert "This looks familiar" in json.dumps(shown[f"{name}_check"], ensure_ascii=False), name
