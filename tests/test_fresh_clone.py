"""What a stranger does: clone, one command, look around; then the same command again."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from autograder.course import Course
from autograder.settings import load

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A fresh clone of what is committed."""
    folder = tmp_path_factory.mktemp("stranger") / "course"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


def make(clone: Path, *arguments: str) -> str:
    """Run make as a stranger would, without this test's environment; return what it printed."""
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "VIRTUAL_ENV", "PYTHON", "DLOPT"))
    }
    environment["PATH"] = os.pathsep.join(p for p in environment["PATH"].split(os.pathsep) if ".venv" not in p)
    done = subprocess.run(["make", *arguments], cwd=clone, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def first(clone):
    """What `make course` says the first time."""
    return make(clone, "course")


def test_make_alone_lists_the_targets(clone):
    said = make(clone)
    assert "make course" in said
    assert "make test" in said


def test_the_website_stands_with_every_number_checked(clone, first):
    claims = json.loads((clone / "_build" / "html" / "claims.json").read_text())
    rows = yaml.safe_load((clone / "dlopt" / "syllabus.yml").read_text(encoding="utf-8"))
    assert {row["id"] for row in rows if row["chapter"] == "02_quadratics"} <= {claim["id"] for claim in claims}
    assert all(claim["passed"] for claim in claims)


def test_the_problem_sets_are_released_without_answers(clone, first):
    for ps in load(Course(clone / "autograder")).names:
        source, released = (clone / place / ps / f"{ps}.ipynb" for place in ("solutions", "autograder/release"))
        assert "BEGIN SOLUTION" in source.read_text(encoding="utf-8")
        assert "BEGIN SOLUTION" not in released.read_text(encoding="utf-8")


def test_the_sample_class_is_graded_a_line_a_student_as_the_readme_shows(clone, first):
    shown = (clone / "README.md").read_text(encoding="utf-8")
    for sample in (clone / "autograder" / "sample_class" / "ps2_quadratics").glob("*.md"):
        (line,) = [line for line in first.splitlines() if line.startswith(f"{sample.stem} ")]
        assert line.rstrip() in shown
        assert (clone / "autograder" / "feedback" / sample.stem / "ps2_quadratics" / "ps2_quadratics.html").is_file()


def test_it_says_where_to_look(clone, first):
    for place in ("_build/html/index.html", "autograder/release/", "autograder/gradebook.db", "autograder/feedback/"):
        assert place in first
        assert (clone / place).exists()


def test_a_second_run_does_only_what_is_needed(clone, first):
    page = clone / "_build" / "html" / "chapters" / "02_quadratics.html"
    before = page.stat().st_mtime_ns
    said = make(clone, "course")
    assert "grading " not in said
    assert "making the release" not in said
    assert page.stat().st_mtime_ns == before


def test_nothing_generated_is_seen_by_git(clone, first):
    status = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
    assert status.stdout == ""
