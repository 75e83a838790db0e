"""Problem set 1 on its way through nbgrader: what students receive, and what the sample class earns for it."""

import ast
import json
import re
import shutil

import nbformat
import pytest

from autograder import grading
from autograder.course import ROOT
from autograder.grade import grade
from autograder.misconceptions import ps1
from autograder.release import release
from autograder.samples import load, submit
from dlopt import loss_pictures as pictures
from dlopt.checks import ps1_losses as check
from dlopt.syllabus import rows

PS = "ps1_losses"
SOURCE = ROOT.parent / "solutions" / PS / f"{PS}.ipynb"
CLASS = load(PS)
EXERCISES = [
    "one_hot",
    "softmax",
    "log_softmax",
    "cross_entropy",
    "cross_entropy_grad",
    "mse",
    "mse_grad",
    "softmax_jacobian",
    "perceptron",
]


@pytest.fixture(scope="module")
def ours(course):
    """The cells of the release, each source one string, by grade_id."""
    cells = json.loads(release(course, PS).read_text(encoding="utf-8"))["cells"]
    return {cell["metadata"]["nbgrader"]["grade_id"]: {**cell, "source": "".join(cell["source"])} for cell in cells}


@pytest.fixture(scope="module")
def results(course, ours):
    """Everybody's result: the sample class, and one who hands in the model solutions."""
    submit(course, PS)
    model = course.notebook("submitted", PS, "model")
    model.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(course.solutions / PS / f"{PS}.ipynb", model)
    return {result.student: result for result in grade(course, PS)}


def outputs(course, student):
    cells = json.loads(course.notebook("autograded", PS, student).read_text(encoding="utf-8"))["cells"]
    return {c["metadata"]["nbgrader"]["grade_id"]: c["outputs"] for c in cells if c["cell_type"] == "code"}


def test_the_source_is_a_clean_notebook():
    nb = nbformat.read(SOURCE, as_version=nbformat.NO_CONVERT)
    nbformat.validate(nb)
    assert len({cell.id for cell in nb.cells}) == len(nb.cells)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in nb.cells)


def test_the_exercises_come_in_the_order_of_the_contract_and_each_has_its_check(ours):
    assert [name for name in ours if name in check.__all__] == EXERCISES
    assert set(check.__all__) == set(EXERCISES)


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_has_contract_stub_and_a_check_of_one_line(ours, name):
    text, stub, cell = (ours[grade_id] for grade_id in (f"{name}_text", name, f"{name}_check"))
    (function,) = [node for node in ast.parse(stub["source"]).body if isinstance(node, ast.FunctionDef)]
    assert f"> `{name}({', '.join(a.arg for a in function.args.args)})`" in text["source"]
    assert ast.get_docstring(function)
    assert stub["source"].endswith("# YOUR CODE HERE\n    raise NotImplementedError()")
    assert cell["source"] == f"check.{name}({name})"
    points = getattr(check, name).points
    assert cell["metadata"]["nbgrader"]["points"] == points
    assert f"({points:g} points)" in text["source"]


def test_a_student_can_only_edit_the_answers(ours):
    for cell in ours.values():
        nbgrader = cell["metadata"]["nbgrader"]
        assert nbgrader["solution"] != nbgrader["locked"]
        assert cell["metadata"].get("editable", True) == nbgrader["solution"]


def test_one_answer_in_words_is_graded_by_hand(ours):
    written = [c for c in ours.values() if c["metadata"]["nbgrader"]["solution"] and c["metadata"]["nbgrader"]["grade"]]
    assert [cell["source"] for cell in written] == ["YOUR ANSWER HERE"]
    assert "Rubric" in SOURCE.read_text(encoding="utf-8")


def test_the_release_and_the_package_contain_no_solution_no_hidden_seed_and_no_misconception(ours):
    sources = "".join(cell.source for cell in nbformat.read(SOURCE, as_version=4).cells if cell.cell_type == "code")
    regions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END", sources, re.DOTALL)
    secrets = {line.strip() for region in regions for line in region.splitlines() if len(line.strip()) > 25}
    assert len(secrets) > 8
    shipped = [path.read_text(encoding="utf-8") for path in (ROOT.parent / "dlopt").rglob("*.py")]
    for text in ["\n".join(cell["source"] for cell in ours.values()), *shipped]:
        assert not any(secret in text for secret in [*secrets, *map(str, grading.SEEDS)])
        assert not any(m.sentence in text for known in ps1.TABLE.misconceptions.values() for m in known)


def test_every_stub_fails_gracefully(ours, monkeypatch, capsys):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    student: dict[str, object] = {}
    for cell in (cell for cell in ours.values() if cell["cell_type"] == "code"):
        if not cell["metadata"]["nbgrader"]["grade"]:
            exec(compile(cell["source"], cell["metadata"]["nbgrader"]["grade_id"], "exec"), student)
            continue
        report = eval(cell["source"], student)
        assert report.earned == 0
        assert {row.status for row in report.rows} == {"missing"}
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(pictures.__all__)
    assert all(line.startswith("This picture draws itself once you have written ") for line in said)


def test_the_notebook_links_to_a_chapter_of_the_syllabus():
    text = SOURCE.read_text(encoding="utf-8")
    assert set(re.findall(r"\(book:chapters/([\w.-]+)\)", text)) == {"01_losses"} <= {row.chapter for row in rows()}


@pytest.mark.parametrize("sample", CLASS, ids=lambda sample: sample.name)
def test_a_page_says_what_each_answer_must_earn(sample, ours):
    stubs = [name for name, cell in ours.items() if cell["metadata"]["nbgrader"]["solution"]]
    assert list(sample.points) == stubs
    assert set(sample.answers) <= set(stubs)


@pytest.mark.slow
@pytest.mark.parametrize("sample", CLASS, ids=lambda sample: sample.name)
def test_a_student_of_the_sample_class_earns_what_the_page_says(sample, results):
    result = results[sample.name]
    assert result.error == ""
    assert result.points == sample.points
    assert result.note == sample.note


@pytest.mark.slow
def test_the_model_solutions_earn_all_that_no_person_has_to_grade(results):
    total = sum(getattr(check, name).points for name in check.__all__)
    assert results["model"].score == total == results["model"].max_score - 2
    assert results["model"].points["in_words"] is None


@pytest.mark.slow
@pytest.mark.parametrize("student", ["model", "goran", "farah"])
def test_no_cell_of_ours_ends_in_an_error(student, course, results):
    for grade_id, found in outputs(course, student).items():
        assert not any(output["output_type"] == "error" for output in found), grade_id


@pytest.mark.slow
def test_every_one_of_dmitri_s_mistakes_is_named(course, results):
    shown = outputs(course, "dmitri")
    for name in check.__all__:
        assert "This looks familiar" in json.dumps(shown[f"{name}_check"], ensure_ascii=False), name
