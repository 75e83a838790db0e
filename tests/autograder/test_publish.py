"""Published solutions: when their moment has come, and without anything that stays with us."""

import ast
import json
from datetime import UTC, datetime, timedelta

import pytest

from autograder import grading
from autograder.course import ROOT, Course
from autograder.misconceptions import table
from autograder.mutation.trial import exercises
from autograder.publish import publish, solution

SETS = Course().problem_sets()
NOON = datetime(2026, 10, 2, 12, tzinfo=UTC)


@pytest.fixture
def decided(tmp_path):
    """A course of two sets; the solution of one is published at noon."""
    (tmp_path / "autograder").mkdir()
    (tmp_path / "solutions").symlink_to(ROOT.parent / "solutions")
    (tmp_path / "course.yml").write_text("sets: {ps6_batchnorm: {solution: 2026-10-02 12:00Z}, ps1_losses: }")
    return Course(tmp_path / "autograder")


def test_a_solution_is_there_from_its_moment_on_and_gone_when_it_is_taken_back(decided, tmp_path):
    folder = tmp_path / "out"
    assert publish(decided, folder, NOON - timedelta(seconds=1)) == []
    assert not folder.exists()
    (made,) = publish(decided, folder, NOON)
    assert made.name == "ps6_batchnorm_solution.ipynb"
    before = made.stat().st_mtime_ns
    publish(decided, folder, NOON + timedelta(days=1))
    assert made.stat().st_mtime_ns == before
    (tmp_path / "course.yml").write_text("")
    assert publish(decided, folder, NOON) == []
    assert list(folder.iterdir()) == []


def cells(ps):
    return json.loads(solution(Course(), ps))["cells"]


@pytest.mark.parametrize("ps", SETS)
def test_a_solution_answers_everything_and_keeps_to_itself_what_grading_knows(ps):
    text = solution(Course(), ps)
    for secret in ("### BEGIN", "### END", "nbgrader", "autograder", "(book:", *map(str, grading.SEEDS)):
        assert secret not in text, secret
    assert not any(m.sentence in text for known in table(ps).misconceptions.values() for m in known)
    assert not any(cell.get("outputs") for cell in cells(ps))
    code = [cell["source"] for cell in cells(ps) if cell["cell_type"] == "code"]
    assert not [source for source in code if "YOUR CODE" in source or "NotImplementedError" in source]
    assert {node.name for source in code for node in ast.parse(source).body if hasattr(node, "name")} >= set(
        exercises(ps)
    )


def test_its_answers_earn_all_points(monkeypatch):
    """The notebook as a student would run it, without its pictures."""
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    names: dict[str, object] = {}
    code = [cell["source"] for cell in cells("ps2_quadratics") if cell["cell_type"] == "code"]
    for source in code:
        if not source.startswith(("pictures.", "check.")):
            exec(compile(source, "cell", "exec"), names)
    reports = [eval(source, names) for source in code if source.startswith("check.")]
    assert len(reports) == len(exercises("ps2_quadratics"))
    assert all(row.status == "pass" for report in reports for row in report.rows)


def test_hidden_tests_and_marking_schemes_are_left_out(decided, tmp_path):
    source = tmp_path / "course" / "solutions" / "ps1_x" / "ps1_x.ipynb"
    source.parent.mkdir(parents=True)
    hidden = "assert f(1) == 1\n### BEGIN HIDDEN TESTS\nassert f(7919) == 2\n### END HIDDEN TESTS\nf(2)"
    marks = "Prove it.\n### BEGIN MARK SCHEME\n2 points for the bound\n### END MARK SCHEME"
    code = {"cell_type": "code", "metadata": {"nbgrader": {"grade": True}}, "source": hidden.splitlines(keepends=True)}
    words = {"cell_type": "markdown", "metadata": {}, "source": marks}
    source.write_text(json.dumps({"cells": [code, words], "metadata": {}}))
    found = json.loads(solution(Course(tmp_path / "course" / "autograder"), "ps1_x"))["cells"]
    assert [cell["source"] for cell in found] == ["assert f(1) == 1\nf(2)", "Prove it."]
    assert found[0]["metadata"] == {}
