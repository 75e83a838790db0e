"""Problem set 4: what students receive, and its way through nbgrader with an answer that a person has to read."""

import ast
import json
import re
import shutil

import nbformat
import pytest

from autograder import grading
from autograder.course import ROOT
from autograder.grade import grade
from autograder.misconceptions import ps4
from autograder.release import release
from autograder.samples import load, submit
from dlopt import initialization_pictures
from dlopt.checks import ps4_initialization as check

PS = "ps4_initialization"
SOURCE = ROOT.parent / "solutions" / PS / f"{PS}.ipynb"
CLASS = load(PS)
EXERCISES = [
    "lecun_normal",
    "xavier_uniform",
    "xavier_normal",
    "he_normal",
    "forward_variances",
    "backward_variances",
]
TOTAL = sum(getattr(check, name).points for name in EXERCISES)
WORDS = 3


@pytest.fixture(scope="module")
def released(course):
    return release(course, PS)


@pytest.fixture(scope="module")
def cells(released):
    return json.loads(released.read_text(encoding="utf-8"))["cells"]


@pytest.fixture(scope="module")
def graded(course, released):
    """Everybody's result: the sample class, and one who hands in the model solutions."""
    submit(course, PS)
    model = course.notebook("submitted", PS, "model")
    model.parent.mkdir(parents=True)
    shutil.copy(course.solutions / PS / f"{PS}.ipynb", model)
    return {result.student: result for result in grade(course, PS)}


def code(cells, grade_id):
    (found,) = [cell for cell in cells if cell["metadata"]["nbgrader"]["grade_id"] == grade_id]
    return {**found, "source": "".join(found["source"])}


def secrets():
    """Lines of the model solutions, the rubric among them."""
    sources = [cell.source for cell in nbformat.read(SOURCE, as_version=4).cells]
    regions = [re.findall(r"### BEGIN SOLUTION\n(.*?)### END", source, re.DOTALL) for source in sources]
    lines = {line.strip() for found in regions for text in found for line in text.splitlines()}
    return sorted(line for line in lines if len(line) > 25)


def test_the_source_is_a_clean_notebook():
    nb = nbformat.read(SOURCE, as_version=nbformat.NO_CONVERT)
    nbformat.validate(nb)
    assert (nb.nbformat, nb.nbformat_minor) == (4, 5)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in nb.cells)


def test_exercises_come_in_the_order_of_the_contract_and_a_written_answer_at_the_end(cells):
    stubs = [c["metadata"]["nbgrader"]["grade_id"] for c in cells if c["metadata"]["nbgrader"]["solution"]]
    assert stubs == [*EXERCISES, "in_words"]
    assert set(check.__all__) == set(EXERCISES)


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_has_contract_stub_and_a_check_of_one_line(cells, name):
    text, stub, cell = (code(cells, grade_id) for grade_id in (f"{name}_text", name, f"{name}_check"))
    (function,) = ast.parse(stub["source"]).body
    defaults = [""] * (len(function.args.args) - len(function.args.defaults))
    defaults += [f"={ast.unparse(d)}" for d in function.args.defaults]
    arguments = ", ".join(a.arg + d for a, d in zip(function.args.args, defaults, strict=True))
    assert f"> `{name}({arguments})`" in text["source"]
    assert ast.get_docstring(function)
    assert stub["source"].endswith("# YOUR CODE HERE\n    raise NotImplementedError()")
    assert cell["source"] == f"check.{name}({name})"
    points = getattr(check, name).points
    assert cell["metadata"]["nbgrader"]["points"] == points
    assert f"({points:g} points)" in text["source"]


def test_the_written_answer_is_for_a_person_and_its_rubric_stays_with_us(cells):
    answer = code(cells, "in_words")
    about = answer["metadata"]["nbgrader"]
    assert (about["grade"], about["solution"], about["points"]) == (True, True, WORDS)
    assert answer["cell_type"] == "markdown"
    assert answer["source"] == "YOUR ANSWER HERE"
    assert "Rubric" in code(nbformat.read(SOURCE, as_version=4).cells, "in_words")["source"]


def test_nothing_gives_an_answer_away(released):
    assert len(secrets()) > 10
    shipped = [released, *(ROOT.parent / "dlopt").rglob("*.py")]
    known = [m.sentence for found in ps4.TABLE.misconceptions.values() for m in found]
    for path in shipped:
        text = path.read_text(encoding="utf-8")
        for secret in [*secrets(), *known, *map(str, grading.SEEDS)]:
            assert secret not in text, path


def test_every_stub_fails_gracefully(cells, monkeypatch, capsys):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    student: dict[str, object] = {}
    for cell in (cell for cell in cells if cell["cell_type"] == "code"):
        source = "".join(cell["source"])
        if not cell["metadata"]["nbgrader"]["grade"]:
            exec(source, student)
            continue
        report = eval(source, student)
        assert {row.status for row in report.rows} == {"missing"}
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(initialization_pictures.__all__)
    assert all(line.startswith("This picture draws itself once you have written ") for line in said)


@pytest.mark.slow
@pytest.mark.parametrize("sample", CLASS, ids=lambda sample: sample.name)
def test_a_student_of_the_sample_class_earns_what_the_page_says(sample, graded):
    result = graded[sample.name]
    assert result.error == ""
    assert result.points == sample.points
    assert result.note == sample.note
    assert result.max_score == TOTAL + WORDS


@pytest.mark.slow
def test_the_model_solutions_earn_full_points_and_leave_the_words_to_a_person(graded):
    assert graded["model"].score == TOTAL
    assert graded["model"].points["in_words"] is None


@pytest.mark.slow
@pytest.mark.parametrize("student", ["model", "goran", "dmitri"])
def test_no_cell_ends_in_an_error(student, course, graded):
    for cell in json.loads(course.notebook("autograded", PS, student).read_text(encoding="utf-8"))["cells"]:
        assert not any(output["output_type"] == "error" for output in cell.get("outputs", []))


@pytest.mark.slow
def test_every_one_of_dmitri_s_mistakes_is_named(course, graded):
    cells = json.loads(course.notebook("autograded", PS, "dmitri").read_text(encoding="utf-8"))["cells"]
    for name in EXERCISES:
        shown = json.dumps(code(cells, f"{name}_check")["outputs"], ensure_ascii=False)
        assert "This looks familiar" in shown, name
