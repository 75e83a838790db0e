"""What the instructor's page says about the graders: its example is tried out, its numbers are counted again."""

import re

import numpy as np
import pytest

from autograder import grading
from autograder.course import ROOT, Course
from autograder.misconceptions import Table, table
from autograder.mutation import Report, plan, run
from autograder.mutation.equivalents import EQUIVALENTS
from autograder.mutation.trial import exercises
from autograder.quality import HEAD, quality
from dlopt.checks import ps2_quadratics

PAGE = (ROOT.parent / "docs" / "grading.md").read_text(encoding="utf-8")
SETS = Course().problem_sets()


def block(start: str) -> str:
    """Return the fenced block of the page that begins so."""
    (found,) = re.findall(rf"^```\w*\n({re.escape(start)}.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return found


def line(ps: str) -> list[str]:
    """Return the cells of a set's line in the table."""
    found = re.findall(rf"^\| {ps} \|.*$", PAGE, re.MULTILINE)
    assert len(found) == 1, f"no line for {ps}: see python -m autograder quality"
    return [cell.strip() for cell in found[0].strip("|").split("|")]


@pytest.fixture
def added(monkeypatch):
    """The table of problem set 2 with the page's example in it, as grading would see it."""
    before = table("ps2_quadratics")
    extended = Table(before.right_answers, {name: list(known) for name, known in before.misconceptions.items()})
    exec(block("@wrong("), {"wrong": extended.wrong, "np": np})
    monkeypatch.setattr(grading, "known", lambda name: extended.misconceptions.get(name, []))
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    return extended.misconceptions["newton_step"]


def test_the_example_of_a_misconception_loses_what_it_says_and_is_recognised(added):
    example = added[-1]
    assert example not in table("ps2_quadratics").misconceptions["newton_step"]
    report = ps2_quadratics.newton_step(example.answer)
    assert tuple(row.name for row in report.rows if row.status not in ("pass", "later")) == example.loses
    assert report.misconception == (example.name, example.sentence)


def test_nobody_else_is_mistaken_for_the_example(added):
    for other in added[:-1]:
        assert ps2_quadratics.newton_step(other.answer).misconception == (other.name, other.sentence)


def test_the_example_of_an_equivalent_mutant_is_an_entry():
    (exercise, entries), *more = eval("{" + block('"mse"') + "}").items()
    assert not more
    assert entries.items() <= EQUIVALENTS[exercise].items()


def test_the_table_has_a_line_for_every_set_and_no_other():
    assert HEAD in PAGE
    assert re.findall(r"^\| (ps\w+) \|", PAGE, re.MULTILINE) == SETS


@pytest.mark.parametrize("ps", SETS)
def test_the_table_counts_exercises_points_and_answers(ps):
    known, checks = table(ps), exercises(ps)
    right = sum(map(len, known.right_answers.values()))
    wrong = sum(map(len, known.misconceptions.values()))
    points = sum(check.points for check in checks.values())
    assert line(ps)[1:5] == [str(len(checks)), f"{points:g}", str(right), str(wrong)]


@pytest.mark.parametrize("ps", SETS)
def test_the_table_counts_mutants(ps):
    trials = plan(ps)
    assert line(ps)[7:9] == [str(len(trials)), str(sum(trial.equivalent for trial in trials))]


@pytest.mark.parametrize("ps", SETS)
def test_every_mistake_is_named_and_half_of_them_are_told_about_without_the_table(ps):
    named, told = (float(cell.strip("%")) for cell in line(ps)[5:7])  # `make exhaustive` measures them
    assert named == 100
    assert told >= 50


@pytest.mark.exhaustive
@pytest.mark.parametrize("ps", SETS)
def test_the_table_says_what_is_measured(ps):
    assert line(ps) == [cell.strip() for cell in str(quality(ps)).strip("|").split("|")]


@pytest.mark.exhaustive
def test_the_example_of_a_report_is_what_the_command_prints():
    assert block("ps6_batchnorm") == f"{Report('ps6_batchnorm', list(run(plan('ps6_batchnorm'))))}\n"
