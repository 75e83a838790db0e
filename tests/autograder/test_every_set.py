"""What students receive, set by set: a clean source, whole exercises, and nothing that gives an answer away.

`test_contract.py` holds names, arguments and points to the contract; `test_release.py` the release itself.
"""

import ast
import json
import re
from functools import cache
from importlib import import_module

import nbformat
import pytest

from autograder import grading
from autograder.course import ROOT, Course
from autograder.misconceptions import table
from autograder.mutation.trial import exercises
from autograder.release import release
from autograder.samples import load

SETS = Course().problem_sets()
PROOFS = {"ps10_landscapes": ["proof_weight", "proof_layer", "proof_network"]}  #: what a person grades beside in_words
EXERCISES = [(ps, name) for ps in SETS for name in exercises(ps)]
SAMPLES = [pytest.param(ps, sample, id=f"{ps}-{sample.name}") for ps in SETS for sample in load(ps)]


def source(ps):
    return nbformat.read(ROOT.parent / "solutions" / ps / f"{ps}.ipynb", as_version=nbformat.NO_CONVERT)


@pytest.fixture(scope="module")
def cells(course):
    """A function: the cells of a set's release by grade_id, each source one string."""

    @cache
    def of(ps):
        found = json.loads(release(course, ps).read_text(encoding="utf-8"))["cells"]
        return {c["metadata"]["nbgrader"]["grade_id"]: {**c, "source": "".join(c["source"])} for c in found}

    return of


def secrets(ps):
    """Lines of the model solutions, the rubric among them, and what only grading says."""
    regions = [re.findall(r"### BEGIN SOLUTION\n(.*?)### END", cell.source, re.DOTALL) for cell in source(ps).cells]
    lines = {line.strip() for found in regions for text in found for line in text.splitlines()}
    lines = {line for line in lines if len(line) > 25}
    assert len(lines) > 10
    return [*sorted(lines), *(m.sentence for known in table(ps).misconceptions.values() for m in known)]


@pytest.mark.parametrize("ps", SETS)
def test_the_source_is_a_clean_notebook(ps):
    nb = source(ps)
    nbformat.validate(nb)
    assert (nb.nbformat, nb.nbformat_minor) == (4, 5)
    assert nb.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in nb.cells}) == len(nb.cells)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in nb.cells)


@pytest.mark.parametrize(("ps", "name"), EXERCISES)
def test_a_stub_is_documented_and_unanswered_and_its_points_stand_above_it(ps, name, cells):
    text, stub = cells(ps)[f"{name}_text"]["source"], cells(ps)[name]["source"]
    (thing,) = ast.parse(stub).body
    assert ast.get_docstring(thing)
    assert stub.endswith(
        "# YOUR CODE HERE\n" + " " * (4 + 4 * isinstance(thing, ast.ClassDef)) + "raise NotImplementedError()"
    )
    assert f"({exercises(ps)[name].points:g} point" in text


@pytest.mark.parametrize("ps", SETS)
def test_a_student_can_only_edit_the_answers(ps, cells):
    for cell in cells(ps).values():
        nbgrader = cell["metadata"]["nbgrader"]
        assert nbgrader["solution"] != nbgrader["locked"]
        assert cell["metadata"].get("editable", True) == nbgrader["solution"]


@pytest.mark.parametrize("ps", SETS)
def test_one_answer_in_words_is_for_a_person_and_its_rubric_stays_with_us(ps, cells):
    about = [c["metadata"]["nbgrader"] for c in cells(ps).values()]
    assert [n["grade_id"] for n in about if n["solution"] and n["grade"]] == [*PROOFS.get(ps, ()), "in_words"]
    assert cells(ps)["in_words"]["source"] == "YOUR ANSWER HERE"
    points = cells(ps)["in_words"]["metadata"]["nbgrader"]["points"]
    assert cells(ps)["in_words_text"]["source"].startswith(f"## In your own words ({points:g} points, graded by hand)")
    (ours,) = [c.source for c in source(ps).cells if c.metadata.nbgrader.grade_id == "in_words"]
    assert "Rubric" in ours


@pytest.mark.parametrize(("ps", "name"), [(ps, name) for ps, names in PROOFS.items() for name in names])
def test_a_part_of_a_proof_is_a_cell_for_text_whose_rubric_gives_partial_credit(ps, name, cells):
    cell, text = cells(ps)[name], cells(ps)[f"{name}_text"]["source"]
    points = cell["metadata"]["nbgrader"]["points"]
    assert (cell["cell_type"], cell["source"]) == ("markdown", "YOUR ANSWER HERE")
    assert 1 <= points <= 5
    assert f"({points:g} points)" in text
    (ours,) = [c.source for c in source(ps).cells if c.metadata.nbgrader.grade_id == name]
    steps = re.findall(r"^\d\. ", text, re.MULTILINE)
    assert len(steps) == points  # a point for each step, and each step has what is wanted and what is half of it
    assert len(re.findall(r"^\d\. ", ours, re.MULTILINE)) == points
    assert ours.count("(Wanted: ") == points
    assert ours.count("half") >= points


@pytest.mark.parametrize("ps", SETS)
def test_nothing_gives_an_answer_away(ps, cells):
    shipped = [path.read_text(encoding="utf-8") for path in (ROOT.parent / "dlopt").rglob("*.py")]
    hidden = [*secrets(ps), *map(str, grading.SEEDS)]
    for text in [*(cell["source"] for cell in cells(ps).values()), *shipped]:
        assert not [secret for secret in hidden if secret in text]


@pytest.mark.parametrize("ps", SETS)
def test_every_stub_fails_gracefully_and_so_does_every_picture(ps, cells, monkeypatch, capsys):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    student: dict[str, object] = {}
    drawn = 0
    for grade_id, cell in cells(ps).items():
        if cell["cell_type"] != "code":
            continue
        if grade_id.endswith("_check"):
            assert {row.status for row in eval(cell["source"], student).rows} == {"missing"}
            continue
        exec(compile(cell["source"], grade_id, "exec"), student)
        drawn += grade_id.endswith("_picture")
    said = capsys.readouterr().out.splitlines()
    assert len(said) == drawn >= len(exercises(ps)) / 2
    assert all(line.startswith("This picture draws itself once you have written ") for line in said)


@pytest.mark.parametrize("ps", SETS)
def test_the_set_links_to_its_chapter(ps):
    links = {link for cell in source(ps).cells for link in re.findall(r"\(book:chapters/(\w+)\)", cell.source)}
    assert links
    assert all((ROOT.parent / "chapters" / f"{link}.md").is_file() for link in links)


@pytest.mark.parametrize("ps", SETS)
def test_every_check_of_the_package_is_an_exercise(ps):
    assert set(import_module(f"dlopt.checks.{ps}").__all__) == set(exercises(ps))


@pytest.mark.parametrize(("ps", "sample"), SAMPLES)
def test_a_page_of_the_sample_class_says_what_each_answer_must_earn(ps, sample, cells):
    stubs = [name for name, cell in cells(ps).items() if cell["metadata"]["nbgrader"]["solution"]]
    assert list(sample.points) == stubs
    assert set(sample.answers) <= set(stubs)
