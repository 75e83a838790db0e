"""Every set on its way through nbgrader: the sample class, and one who hands in the model solutions."""

import base64
import json
import re
from io import BytesIO

import pytest
from PIL import Image

from autograder.course import Course
from autograder.mutation.trial import exercises
from autograder.samples import load

pytestmark = pytest.mark.slow

SETS = Course().problem_sets()
SAMPLES = [pytest.param(ps, sample, id=f"{ps}-{sample.name}") for ps in SETS for sample in load(ps)]


def outputs(course, ps, student):
    cells = json.loads(course.notebook("autograded", ps, student).read_text(encoding="utf-8"))["cells"]
    return {c["metadata"]["nbgrader"]["grade_id"]: c["outputs"] for c in cells if c["cell_type"] == "code"}


def total(ps):
    return sum(check.points for check in exercises(ps).values())


@pytest.mark.parametrize(("ps", "sample"), SAMPLES)
def test_a_student_of_the_sample_class_earns_what_the_page_says(ps, sample, grades):
    result = grades(ps)[sample.name]
    assert result.points == sample.points
    assert result.score == sample.score
    assert result.note == sample.note
    assert result.max_score > total(ps)  # the answer in words


@pytest.mark.parametrize("ps", SETS)
def test_the_model_solutions_earn_full_points_and_wait_for_a_person(ps, grades):
    assert grades(ps)["model"].score == total(ps)
    points = grades(ps)["model"].points
    waiting = [name for name in points if points[name] is None]
    assert waiting == [name for name in points if name not in exercises(ps)]
    assert waiting[-1] == "in_words"


@pytest.mark.parametrize("ps", SETS)
@pytest.mark.parametrize("student", ["model", "goran", "dmitri"])
def test_no_cell_of_ours_ends_in_an_error(ps, student, course, grades):
    assert student in grades(ps)
    for grade_id, found in outputs(course, ps, student).items():
        assert not any(output["output_type"] == "error" for output in found), grade_id


@pytest.mark.parametrize("ps", SETS)
def test_every_one_of_dmitri_s_mistakes_is_named(ps, course, grades):
    points, shown = grades(ps)["dmitri"].points, outputs(course, ps, "dmitri")
    (dmitri,) = [sample for sample in load(ps) if sample.name == "dmitri"]
    mistaken = [name for name, check in exercises(ps).items() if name in dmitri.answers and points[name] < check.points]
    assert mistaken
    for name in mistaken:
        assert "This looks familiar" in json.dumps(shown[f"{name}_check"], ensure_ascii=False), name


def test_a_loop_without_end_is_cut_off_with_a_sentence_and_costs_its_own_exercise(course, grades):
    emeka = grades("ps5_sgd")["emeka"]
    shown = {name: json.dumps(out, ensure_ascii=False) for name, out in outputs(course, "ps5_sgd", "emeka").items()}
    assert "was not done: does it ever end?" in shown["minibatches_check"]
    assert "It did not finish within 5 seconds: does a loop never end?" in shown["balanced_minibatches_check"]
    assert emeka.points["sgd_linear_regression"] == exercises("ps5_sgd")["sgd_linear_regression"].points


def test_a_photographed_proof_reaches_the_grader_and_the_feedback_page_as_a_picture_drawn_anew(course, grades):
    assert grades("ps10_landscapes")["aino"].points["proof_layer"] is None
    submitted, autograded = (
        json.loads(course.notebook(step, "ps10_landscapes", "aino").read_text(encoding="utf-8"))["cells"]
        for step in ("submitted", "autograded")
    )
    before, after = (
        {c["metadata"]["nbgrader"]["grade_id"]: c["attachments"] for c in cells if c.get("attachments")}
        for cells in (submitted, autograded)
    )
    assert {k: list(v) for k, v in after.items()} == {"proof_layer": ["page1.jpg"], "proof_network": ["page2.jpg"]}
    theirs, ours = (cells["proof_layer"]["page1.jpg"]["image/jpeg"] for cells in (before, after))
    assert base64.b64decode(ours) != base64.b64decode(theirs)
    assert Image.open(BytesIO(base64.b64decode(ours))).size == Image.open(BytesIO(base64.b64decode(theirs))).size
    page = course.notebook("feedback", "ps10_landscapes", "aino").with_suffix(".html").read_text(encoding="utf-8")
    shown = re.findall(r'<img[^>]*src="data:image/jpeg;base64,([^"]+)"', page)
    assert [re.sub(r"\s", "", data) for data in shown] == [ours, after["proof_network"]["page2.jpg"]["image/jpeg"]]
    assert 'src="attachment:' not in page
