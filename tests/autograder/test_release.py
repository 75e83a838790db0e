"""What students receive: every exercise with its contract, and nothing that gives it away."""

import ast
import json
import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from autograder import grading
from autograder.course import ROOT, CourseError
from autograder.misconceptions import ps2
from autograder.release import is_current, is_released, release, site_address
from dlopt import pictures
from dlopt.checks import ps2_quadratics as check

PS = "ps2_quadratics"
SOURCE = ROOT.parent / "solutions" / PS / f"{PS}.ipynb"
EXERCISES = [
    "quadratic",
    "gradient_descent",
    "condition_number",
    "convergence_rate",
    "optimal_learning_rate",
    "to_eigenbasis",
    "exact_line_search",
    "newton_step",
    "classify_critical_point",
]
SHIPPED = sorted((ROOT.parent / "dlopt").rglob("*.py"))


def source_cells():
    return nbformat.read(SOURCE, as_version=4).cells


def secret_lines():
    """The lines between BEGIN SOLUTION and END SOLUTION that say something."""
    regions = [re.findall(r"### BEGIN SOLUTION\n(.*?)### END", c.source, re.DOTALL) for c in source_cells()]
    lines = {line.strip() for region in regions for text in region for line in text.splitlines()}
    return sorted(line for line in lines if len(line) > 25)


def code(cells, grade_id):
    (found,) = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id]
    return found


def test_the_source_is_a_clean_notebook():
    nb = nbformat.read(SOURCE, as_version=nbformat.NO_CONVERT)
    nbformat.validate(nb)
    assert (nb.nbformat, nb.nbformat_minor) == (4, 5)
    assert len({cell.id for cell in nb.cells}) == len(nb.cells)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in nb.cells)
    assert nb.metadata.kernelspec.name == "python3"


def test_the_exercises_come_in_the_order_of_the_contract_and_each_has_its_check(cells):
    stubs = [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if cell["metadata"]["nbgrader"]["solution"]]
    assert stubs == [*EXERCISES, "in_words"]
    assert set(check.__all__) == set(EXERCISES)


@pytest.mark.parametrize("name", EXERCISES)
def test_an_exercise_has_contract_stub_and_a_check_of_one_line(cells, name):
    text, stub, cell = (code(cells, grade_id) for grade_id in (f"{name}_text", name, f"{name}_check"))
    (function,) = [node for node in ast.parse(stub["source"]).body if isinstance(node, ast.FunctionDef)]
    signature = f"{name}({', '.join(a.arg for a in function.args.args)})"
    assert f"> `{signature}`" in text["source"]
    assert ast.get_docstring(function)
    assert stub["source"].endswith("# YOUR CODE HERE\n    raise NotImplementedError()")
    assert cell["source"] == f"check.{name}({name})"
    points = getattr(check, name).points
    assert cell["metadata"]["nbgrader"]["points"] == points
    assert f"({points:g} points)" in text["source"]
    assert 1 <= points <= 5


def test_a_student_can_only_edit_the_stubs(cells):
    for cell in cells:
        nbgrader = cell["metadata"]["nbgrader"]
        assert nbgrader["solution"] != nbgrader["locked"]
        assert cell["metadata"].get("editable", True) == nbgrader["solution"]


def test_the_release_contains_no_solution_no_hidden_seed_and_no_misconception(released):
    assert len(secret_lines()) > 10
    text = released.read_text(encoding="utf-8")
    plain = json.dumps(text, ensure_ascii=False)
    for secret in [*secret_lines(), *map(str, grading.SEEDS), "SOLUTION", "autograder"]:
        assert secret not in text
        assert secret not in plain
    assert not any(m.sentence in text for known in ps2.TABLE.misconceptions.values() for m in known)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT.parent)))
def test_nothing_that_students_install_knows_what_grading_knows(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"^\s*(from|import) autograder", text, re.MULTILINE)
    assert not any(str(seed) in text.replace("_", "") for seed in grading.SEEDS)
    assert not any(m.sentence in text for known in ps2.TABLE.misconceptions.values() for m in known)
    assert not any(line in text for line in secret_lines())


def test_every_stub_fails_gracefully(cells, monkeypatch, capsys):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    student: dict[str, object] = {}
    for cell in (cell for cell in cells if cell["cell_type"] == "code"):
        nbgrader = cell["metadata"]["nbgrader"]
        if not nbgrader["grade"]:
            exec(compile(cell["source"], nbgrader["grade_id"], "exec"), student)
            continue
        report = eval(cell["source"], student)
        assert report.earned == 0
        assert {row.status for row in report.rows} == {"missing"}
        assert "not yet implemented" in report.to_html()
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(pictures.__all__)
    assert all(line.startswith("This picture draws itself once you have written ") for line in said)


def test_links_lead_to_the_site_where_there_is_one_and_go_where_there_is_none(course, released, cells, tmp_path):
    assert "[" not in code(cells, "title")["source"]
    assert "book:" not in released.read_text(encoding="utf-8")
    other = type(course)(tmp_path / "autograder")
    shutil.copytree(course.solutions, other.solutions)
    other.root.mkdir()
    shutil.copy(course.root / "nbgrader_config.py", other.root)
    (tmp_path / "_config.yml").write_text("html: {baseurl: 'https://example.org/course/'}")
    assert "(https://example.org/course/chapters/02_quadratics.html)" in release(other, PS).read_text()


@pytest.mark.parametrize("text", ["", "title: no site", "html:", "html: {baseurl: ''}"])
def test_a_book_without_an_address_has_none(tmp_path, text):
    (tmp_path / "_config.yml").write_text(text)
    assert site_address(tmp_path / "_config.yml") == ""
    assert site_address(tmp_path / "missing.yml") == ""


def test_the_chapter_that_the_notebook_links_to_exists():
    links = [link for cell in source_cells() for link in re.findall(r"\(book:([\w/.-]+)\)", cell.source)]
    assert links
    for link in links:
        assert (ROOT.parent / f"{link}.md").is_file()


def test_a_release_is_made_anew_only_when_its_source_is_newer(course, released):
    assert is_released(course, PS)
    assert is_current(course, PS)
    source = course.solutions / PS / f"{PS}.ipynb"
    before = source.stat()
    try:
        later = released.stat().st_mtime + 10
        os.utime(source, (later, later))
        assert is_released(course, PS)
        assert not is_current(course, PS)
    finally:
        os.utime(source, (before.st_atime, before.st_mtime))


def test_nbgrader_s_refusal_reaches_the_instructor(course, released, tmp_path):
    broken = type(course)(tmp_path / "autograder")
    shutil.copytree(course.solutions, broken.solutions)
    broken.root.mkdir()
    shutil.copy(course.root / "nbgrader_config.py", broken.root)
    notebook = broken.solutions / PS / f"{PS}.ipynb"
    notebook.write_text(notebook.read_text(encoding="utf-8").replace("### END SOLUTION", "###"), encoding="utf-8")
    with pytest.raises(CourseError, match=r"could not make the release of ps2_quadratics"):
        release(broken, PS)


def test_a_folder_without_settings_is_no_course(tmp_path, course):
    with pytest.raises(CourseError, match=re.escape("it has no nbgrader_config.py")):
        release(type(course)(Path(tmp_path)), PS)
