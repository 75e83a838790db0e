"""Problem set 5 on its way through nbgrader: iterators of every kind, loops without end, a question for a person."""

import ast
import json
import re
import shutil

import nbformat
import pytest

from autograder import grading
from autograder.course import ROOT
from autograder.grade import grade
from autograder.misconceptions import ps5
from autograder.release import release
from autograder.samples import load, submit
from dlopt import sgd_pictures as pictures
from dlopt import syllabus
from dlopt.checks import ps5_sgd as check

pytestmark = pytest.mark.slow

PS = "ps5_sgd"
CLASS = load(PS)
SOURCE = ROOT.parent / "solutions" / PS / f"{PS}.ipynb"


@pytest.fixture(scope="module")
def cells(course):
    """The cells of the release by grade_id, each source one string."""
    found = json.loads(release(course, PS).read_text(encoding="utf-8"))["cells"]
    return {c["metadata"]["nbgrader"]["grade_id"]: {**c, "source": "".join(c["source"])} for c in found}


@pytest.fixture(scope="module")
def graded(course, cells):
    """Everybody's result: the sample class, and one who hands in the model solutions."""
    submit(course, PS)
    model = course.notebook("submitted", PS, "model")
    model.parent.mkdir(parents=True)
    shutil.copy(course.solutions / PS / f"{PS}.ipynb", model)
    return {result.student: result for result in grade(course, PS)}


def outputs(course, student):
    found = json.loads(course.notebook("autograded", PS, student).read_text(encoding="utf-8"))["cells"]
    return {c["metadata"]["nbgrader"]["grade_id"]: c["outputs"] for c in found if c["cell_type"] == "code"}


def test_the_source_is_a_clean_notebook():
    nb = nbformat.read(SOURCE, as_version=nbformat.NO_CONVERT)
    nbformat.validate(nb)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in nb.cells)


@pytest.mark.parametrize("name", check.__all__)
def test_an_exercise_has_contract_stub_and_a_check_of_one_line(cells, name):
    text, stub, cell = (cells[grade_id] for grade_id in (f"{name}_text", name, f"{name}_check"))
    (thing,) = ast.parse(stub["source"]).body
    assert thing.name == name
    assert f"{name}({', '.join(getattr(check, name).parameters)})`" in text["source"]
    assert ast.get_docstring(thing)
    assert stub["source"].endswith("raise NotImplementedError()")
    assert cell["source"] == f"check.{name}({name})"
    assert cell["metadata"]["nbgrader"]["points"] == getattr(check, name).points
    assert f"({getattr(check, name).points:g} point" in text["source"]


def test_the_release_gives_nothing_away(cells):
    text = "\n".join(cell["source"] for cell in cells.values())
    answers = re.findall(r"### BEGIN SOLUTION\n(.*?)### END", SOURCE.read_text(encoding="utf-8"), re.DOTALL)
    assert not answers  # the source is JSON, with \n written out
    nb = nbformat.read(SOURCE, as_version=4)
    regions = [re.findall(r"### BEGIN SOLUTION\n(.*?)### END", c.source, re.DOTALL) for c in nb.cells]
    secrets = {line.strip() for found in regions for region in found for line in region.splitlines()}
    secrets = {line for line in secrets if len(line) > 25}
    assert len(secrets) > 15
    shipped = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT.parent / "dlopt").rglob("*.py"))
    sentences = [m.sentence for known in ps5.TABLE.misconceptions.values() for m in known]
    for secret in [*secrets, *sentences]:
        assert secret not in text
        assert secret not in shipped
    assert not any(str(seed) in text for seed in grading.SEEDS)


def test_the_answer_in_words_is_graded_by_hand_and_its_rubric_stays_with_us(cells):
    assert cells["in_words"]["source"] == "YOUR ANSWER HERE"
    assert cells["in_words"]["metadata"]["nbgrader"]["points"] == 2
    assert "(2 points, graded by hand)" in cells["in_words_text"]["source"]


def test_the_chapter_it_links_to_is_in_the_plan():
    nb = nbformat.read(SOURCE, as_version=4)
    (link,) = {link for cell in nb.cells for link in re.findall(r"\(book:chapters/(\w+)\)", cell.source)}
    assert link in {row.chapter for row in syllabus.rows()}


def test_every_stub_fails_gracefully(cells, monkeypatch, capsys):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    student: dict[str, object] = {}
    for grade_id, cell in cells.items():
        if cell["cell_type"] != "code":
            continue
        if not grade_id.endswith("_check"):
            exec(compile(cell["source"], grade_id, "exec"), student)
            continue
        report = eval(cell["source"], student)
        assert {row.status for row in report.rows} == {"missing"}
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(pictures.__all__)
    assert all(line.startswith("This picture draws itself once you have written ") for line in said)


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


@pytest.mark.parametrize("student", ["model", "goran", "chloe"])
def test_no_cell_of_ours_ends_in_an_error(student, course, graded):
    for grade_id, found in outputs(course, student).items():
        assert not any(output["output_type"] == "error" for output in found), grade_id


def test_a_loop_without_end_is_cut_off_with_a_sentence_and_costs_its_own_exercise(course, graded):
    shown = {name: json.dumps(out, ensure_ascii=False) for name, out in outputs(course, "emeka").items()}
    assert "was not done: does it ever end?" in shown["minibatches_check"]
    assert "It did not finish within 5 seconds: does a loop never end?" in shown["balanced_minibatches_check"]
    assert graded["emeka"].points["sgd_linear_regression"] == check.sgd_linear_regression.points


@pytest.mark.parametrize("name", ["minibatches", "linear_decay", "EMA"])
def test_dmitri_s_mistakes_are_named(name, course, graded):
    assert "This looks familiar" in json.dumps(outputs(course, "dmitri")[f"{name}_check"], ensure_ascii=False)


def test_a_picture_stands_below_every_second_exercise(cells):
    assert sum(grade_id.endswith("_picture") for grade_id in cells) >= len(check.__all__) / 2
