"""``nbgrader validate``, for students who have nbgrader: its messages, and ours where it only says "partial"."""

import os
import subprocess
import sys

import pytest

from autograder.course import Course

SETS = Course().problem_sets()
SAMPLE = ("ps2_quadratics", "ps6_batchnorm")
EVERY = [pytest.param(ps, marks=() if ps in SAMPLE else pytest.mark.exhaustive) for ps in SETS]


@pytest.fixture
def validate(tmp_path):
    """Validate a notebook as a student would; return what is printed."""

    def at(notebook, ps):
        path = notebook.save(tmp_path, f"{ps}.ipynb")
        command = [sys.executable, "-m", "nbgrader", "validate", path.name]
        own = {**os.environ, "HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(command, cwd=tmp_path, env=own, capture_output=True, text=True, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        return done.stdout

    return at


@pytest.mark.parametrize("ps", EVERY)
def test_right_answers_pass(solved, validate, ps):
    assert validate(solved(ps), ps) == "Success! Your notebook passes all the tests.\n"


@pytest.mark.parametrize("ps", EVERY)
def test_every_stub_is_named_as_one(blank, validate, ps):
    said = validate(blank(ps), ps)
    graded = [cell for cell in blank(ps).cells if cell.metadata.nbgrader.grade]
    assert f"VALIDATION FAILED ON {len(graded)} CELL(S)!" in said
    checks = [cell for cell in graded if cell.cell_type == "code"]
    assert said.count(": not yet implemented (0 of ") == len(checks)
    assert said.count("You did not provide a response.") == len(graded) - len(checks)
    assert "Partial credit" not in said
    assert "Traceback" not in said


def test_a_wrong_answer_shows_its_table(solved, validate):
    said = validate(solved("ps6_batchnorm").edit("fold_batchnorm", "scale * mean", "mean"), "ps6_batchnorm")
    assert "VALIDATION FAILED ON 1 CELL(S)!" in said
    assert "fold_batchnorm: 1.25 of 3 points" in said
    assert "✗ not yet" in said


def test_a_changed_check_is_named(solved, validate):
    said = validate(solved("ps6_batchnorm").answer("fold_batchnorm_check", "print('fine')"), "ps6_batchnorm")
    assert "THE CONTENTS OF 1 TEST CELL(S) HAVE CHANGED!" in said
    assert "print('fine')" in said
