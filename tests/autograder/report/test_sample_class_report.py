"""The report on the bundled sample class, graded for real."""

import json

import pytest

from autograder.report.data import class_report

pytestmark = pytest.mark.slow

PS = "ps2_quadratics"


def test_the_report_agrees_with_the_grades(course, graded):
    found = class_report(course, PS, names=True)
    able = [result for student, result in graded.items() if student != "jonas"]
    assert found["scores"]["values"] == sorted(result.score for result in able)
    for exercise in found["exercises"]:
        points = [result.points[exercise["name"]] for result in able]
        given = [value for value in points if value is not None]
        assert exercise["mean"] == pytest.approx(sum(given) / len(given), abs=1e-3)
        assert exercise["open"] == points.count(None)
    assert [entry["student"] for entry in found["waiting"]] == ["aino", "jonas", "model"]
    troubles = {entry["student"]: entry["troubles"] for entry in found["slow"]}
    assert troubles["luca"] == ["timeout in exact_line_search_check"]
    mistakes = {(found["exercise"], found["name"]): found["students"] for found in found["misconceptions"]}
    assert "dmitri" in mistakes["condition_number", "upside down"]


def test_autograded_notebooks_keep_what_the_judge_found(course, graded):
    judge = json.loads(course.notebook("autograded", PS, "dmitri").read_text(encoding="utf-8"))["metadata"]["judge"]
    for cell in judge["cells"]:
        rows = cell["report"]["rows"]
        assert sum(row["points"] for row in rows if row["status"] == "pass") == cell["score"]
        assert not any("picture" in row for row in rows)
