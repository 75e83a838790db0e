"""Every attack, graded beside honest neighbours by plain ``nbgrader autograde``: none gains, learns, harms or stops."""

import csv
import importlib
import re
import sqlite3

import pytest

from tests.redteam import course as planted
from tests.redteam.register import ATTACKS, KINDS

for module in ("notebook", "values", "meddling", "bridge", "secrets", "damage", "service", "pages", "folders"):
    importlib.import_module(f"tests.redteam.{module}")

GRADED = [name for name, attack in ATTACKS.items() if attack.outcome == "graded"]
KNOWN = [name for name, attack in ATTACKS.items() if attack.outcome != "refused"]
NEIGHBOURS = {
    "aaron": lambda sheet: sheet.honest().answer(words=f"{planted.OF_A_NEIGHBOUR} is what I think."),
    "mira": lambda sheet: sheet.honest("condition_number", "softmax").answer(
        digits="def digits():\n    return [3, 1, 4, 2]"
    ),
    "zoe": lambda sheet: sheet.honest(),
}


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    return planted.Target(tmp_path_factory.mktemp("course") / "autograder")


@pytest.fixture(scope="module")
def alone(target):
    """The neighbours, graded without any attacker around: their results, their rows, and the state of the course."""
    for name, case in NEIGHBOURS.items():
        target.hand_in(name, case)
    target.autograde()
    return target.results(NEIGHBOURS), rows_of(target, NEIGHBOURS), target.state(), set(target.tmp.iterdir())


@pytest.fixture(scope="module")
def log(target, alone):
    """All attacks and their neighbours, graded by one call of nbgrader; what it said."""
    for attack in ATTACKS.values():
        target.hand_in(attack.student, attack.submission)
    return target.autograde("--force").stderr


@pytest.fixture(scope="module")
def graded(target, log):
    return {name: target.result(ATTACKS[name].student) for name in KNOWN}


def rows_of(target, students):
    return {table: [r for r in rows if r[0] in students] for table, rows in target.rows().items()}


def test_there_are_at_least_fifty_and_some_of_each_kind():
    assert len(ATTACKS) >= 50
    assert {attack.kind for attack in ATTACKS.values()} == set(KINDS)


@pytest.mark.parametrize("name", GRADED)
def test_an_attack_earns_what_its_honest_part_deserves(name, graded):
    attack, result = ATTACKS[name], graded[name]
    assert result.judge["ungradable"] == ""
    found = {exercise: result.points[exercise] for exercise in planted.WORTH}
    assert found == {exercise: attack.earns.get(exercise, 0.0) for exercise in planted.WORTH}, attack.tries
    assert {exercise: result.kinds[exercise] for exercise in attack.kinds} == attack.kinds
    assert {exercise for exercise, kind in result.kinds.items() if kind == "pass"} <= set(attack.earns)


@pytest.mark.parametrize("name", [name for name in KNOWN if name not in GRADED])
def test_what_cannot_be_graded_has_no_points_and_waits_for_a_person(name, graded):
    assert set(graded[name].points.values()) == {None}
    assert graded[name].manual == {*planted.WORTH, "words"}


@pytest.mark.parametrize("name", KNOWN)
def test_an_attack_learns_no_secret(name, target, graded):
    assert planted.secrets_in(target, ATTACKS[name].student) == []


@pytest.mark.parametrize("name", ATTACKS)
def test_the_outcome_is_said_in_words(name, target, log):
    attack = ATTACKS[name]
    if attack.outcome == "refused":
        assert re.search(attack.says, log)
        return
    said = planted.shown_to_the_student(target, attack.student)
    assert re.search(attack.says, said)
    result = target.result(attack.student)
    for exercise, kind in result.kinds.items():  # nobody is left to guess
        cell = result.cell(f"{exercise}_check")
        assert kind == "pass" or cell.outputs, exercise


def test_neighbours_are_graded_as_if_they_were_alone(target, alone, log):
    results, rows, _, _ = alone
    for name, before in results.items():
        after = target.result(name)
        assert after.points == before.points
        assert after.kinds == before.kinds
        assert after.notebook == before.notebook
    assert rows_of(target, NEIGHBOURS) == rows
    assert {exercise: results["zoe"].points[exercise] for exercise in planted.WORTH} == planted.WORTH
    assert results["mira"].points["digits"] == 1.5


def test_the_gradebook_is_sound_and_knows_nobody_and_no_cell_more(target, log):
    with sqlite3.connect(target.course.root / "gradebook.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    with target.course.gradebook() as gradebook:
        assert {s.id for s in gradebook.students} == {"nobody", *NEIGHBOURS, *(ATTACKS[name].student for name in KNOWN)}
        (assignment,) = gradebook.assignments
        (notebook,) = assignment.notebooks
        worth = {cell.name.removesuffix("_check"): cell.max_score for cell in notebook.grade_cells}
    assert worth == {**planted.WORTH, "words": 2}


def test_the_machine_and_the_course_are_as_they_were(target, alone, log):
    _, _, state, temporary = alone
    assert planted.leftovers() == []
    assert target.state() == state
    assert set(target.tmp.iterdir()) == temporary


def test_exported_scores_are_a_line_each_and_no_formulas(target, log):
    done = target.nbgrader("export")
    assert done.returncode == 0, done.stderr
    with (target.course.root / "grades.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line for line in lines if None in line or None in line.values()] == []
    students = {line["student_id"].removeprefix("'"): line for line in lines}
    assert len(lines) == len(students)
    assert set(students) == {"nobody", *NEIGHBOURS, *(ATTACKS[name].student for name in KNOWN)}
    assert not [cell for line in lines for cell in line.values() if re.match(r"[=+@\t\r-]", cell)]
    assert float(students["zoe"]["score"]) == sum(planted.WORTH.values())
    assert students["linked_notebook"]["score"] == ""


def pages():
    return [name for name, attack in ATTACKS.items() if attack.kind == "page"]
