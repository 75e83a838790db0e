"""What students receive: every exercise with its contract, and nothing that gives it away."""

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

PS = "ps2_quadratics"
SOURCE = ROOT.parent / "solutions" / PS / f"{PS}.ipynb"
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
