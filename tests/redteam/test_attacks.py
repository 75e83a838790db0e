"""Every attack, graded beside honest neighbours by plain ``nbgrader autograde``: none gains, learns, harms or stops.

All attacks of a group are one class, graded by one call; the tests look at what it left.
"""

import csv
import re
import sqlite3
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from lxml import html

from autograder.engine.run import Options, run
from tests.redteam import course as planted
from tests.redteam.attacks import ATTACKS, KINDS

GROUPS = {
    "notebooks and values": ("notebook", "values"),
    "tests and the bridge": ("tests", "bridge"),
    "secrets and damage": ("secrets", "damage"),
    "limits": ("service",),
    "pages and folders": ("page", "folder"),
}
NEIGHBOURS = {
    "aaron": lambda sheet: sheet.honest().answer(words=f"{planted.OF_A_NEIGHBOUR} is what I think."),
    "mira": lambda sheet: sheet.honest("condition_number", "softmax").answer(
        digits="def digits():\n    return [3, 1, 4, 2]"
    ),
    "zoe": lambda sheet: sheet.honest(),
}


@dataclass
class Room:
    """A graded class: the attacks of a group, the neighbours, and how these had been graded alone."""

    attacks: dict[str, Any]
    first: planted.Target
    target: planted.Target
    alone: dict[str, Any]
    rows: dict[str, Any]
    state: dict[str, str]
    temporary: set[Any]
    log: str

    @property
    def known(self) -> set[str]:
        """Who must be in the gradebook."""
        return {"nobody", *NEIGHBOURS, *(a.student for a in self.attacks.values() if a.outcome != "refused")}


def rows_of(target, students):
    return {table: [r for r in rows if r[0] in students] for table, rows in target.rows().items()}


@pytest.fixture(scope="module")
def rooms(tmp_path_factory):
    first = planted.Target(tmp_path_factory.mktemp("course") / "autograder")
    for name, case in NEIGHBOURS.items():
        first.hand_in(name, case)
    first.autograde()
    alone = first.results(NEIGHBOURS), rows_of(first, NEIGHBOURS)

    @cache
    def graded(group):
        target = first.copy(tmp_path_factory.mktemp("course") / "autograder")
        before = target.state(), set(target.tmp.iterdir())
        attacks = {name: a for name, a in ATTACKS.items() if a.group in GROUPS[group]}
        for attack in attacks.values():
            target.hand_in(attack.student, attack.submission)
        return Room(attacks, first, target, *alone, *before, target.autograde("--force").stderr)

    return graded


@pytest.fixture
def room(rooms, request):
    return rooms(request.param)


def of(*outcomes):
    """Parametrise by attacks with these outcomes, each with its room."""
    group = {kind: group for group, kinds in GROUPS.items() for kind in kinds}
    cases = [pytest.param(group[a.group], a, id=f"{a.group}-{n}") for n, a in ATTACKS.items() if a.outcome in outcomes]
    return pytest.mark.parametrize(("room", "attack"), cases, indirect=["room"])


every_room = pytest.mark.parametrize("room", GROUPS, indirect=True)


def test_there_are_at_least_fifty_and_some_of_each_kind():
    assert len(ATTACKS) >= 50
    assert {attack.group for attack in ATTACKS.values()} == set(KINDS)
    assert sorted(kind for kinds in GROUPS.values() for kind in kinds) == sorted(KINDS)


@of("graded")
def test_an_attack_earns_what_its_honest_part_deserves(room, attack):
    result = room.target.result(attack.student)
    assert result.judge["ungradable"] == ""
    found = {exercise: result.points[exercise] for exercise in planted.WORTH}
    assert found == {exercise: attack.earns.get(exercise, 0.0) for exercise in planted.WORTH}, attack.told
    assert {exercise: result.kinds[exercise] for exercise in attack.kinds} == attack.kinds
    assert {exercise for exercise, kind in result.kinds.items() if kind == "pass"} <= set(attack.earns)


@of("ungradable")
def test_what_cannot_be_graded_has_no_points_and_waits_for_a_person(room, attack):
    result = room.target.result(attack.student)
    assert set(result.points.values()) == {None}
    assert result.manual == {*planted.WORTH, "words"}


@of("graded", "ungradable")
def test_an_attack_learns_no_secret(room, attack):
    assert planted.secrets_in(room.target, attack.student) == []


@of("graded", "ungradable")
def test_the_outcome_is_said_in_words(room, attack):
    assert re.search(attack.says, planted.shown_to_the_student(room.target, attack.student))
    result = room.target.result(attack.student)
    tests = {c.metadata.nbgrader.grade_id: c for c in result.notebook.cells if "nbgrader" in c.metadata}
    for exercise, kind in result.kinds.items():  # nobody is left to guess
        assert kind == "pass" or tests[f"{exercise}_check"].outputs or result.reason(exercise), exercise


@of("refused")
def test_what_is_nobodys_name_is_left_out_in_words(room, attack):
    assert re.search(attack.says, room.log)


@every_room
def test_neighbours_are_graded_as_if_they_were_alone(room):
    for name, before in room.alone.items():
        after = room.target.result(name)
        assert (after.points, after.kinds, after.notebook) == (before.points, before.kinds, before.notebook)
    assert rows_of(room.target, NEIGHBOURS) == room.rows
    assert {exercise: room.alone["zoe"].points[exercise] for exercise in planted.WORTH} == planted.WORTH
    assert room.alone["mira"].points["digits"] == 1.5


@every_room
def test_the_gradebook_is_sound_and_knows_nobody_and_no_cell_more(room):
    with sqlite3.connect(room.target.course.root / "gradebook.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    with room.target.course.gradebook() as gradebook:
        assert {student.id for student in gradebook.students} == room.known
        (assignment,) = gradebook.assignments
        (notebook,) = assignment.notebooks
        worth = {cell.name.removesuffix("_check"): cell.max_score for cell in notebook.grade_cells}
    assert worth == {**planted.WORTH, "words": 2}


@every_room
def test_the_machine_and_the_course_are_as_they_were(room):
    assert planted.leftovers() == []
    assert room.target.state() == room.state
    assert set(room.target.tmp.iterdir()) == room.temporary


@every_room
def test_exported_scores_are_a_line_each_and_no_formulas(room):
    done = room.target.nbgrader("export")
    assert done.returncode == 0, done.stderr
    with (room.target.course.root / "grades.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert not [line for line in lines if None in line or None in line.values()]
    students = {line["student_id"].removeprefix("'"): line for line in lines}
    assert set(students) == room.known
    assert len(lines) == len(students)
    assert not [cell for line in lines for cell in line.values() if re.match(r"[=+@\t\r-]", cell)]
    assert float(students["zoe"]["score"]) == sum(planted.WORTH.values())
    for attack in room.attacks.values():
        if attack.outcome == "ungradable":
            assert students[attack.student]["score"] == ""


SAMPLE = ("notebooks and values", "pages and folders")
THROUGH = [pytest.param(g, marks=() if g in SAMPLE else pytest.mark.exhaustive) for g in GROUPS]


@pytest.mark.parametrize("room", THROUGH, indirect=True)
def test_the_engine_gives_them_the_same(room, tmp_path):
    twin = room.first.copy(tmp_path / "autograder")
    for attack in room.attacks.values():
        twin.hand_in(attack.student, attack.submission)
    graded = {step.student for step in run(twin.course, planted.PS, Options(jobs=2, force=True))}
    assert graded == room.known - {"nobody"}
    assert twin.rows() == room.target.rows()
    for student in graded:
        assert twin.result(student).kinds == room.target.result(student).kinds
    assert planted.leftovers() == []


PAGES = [pytest.param("pages and folders", a, id=f"page-{n}") for n, a in ATTACKS.items() if a.group == "page"]
ACTIVE = {"script", "iframe", "object", "embed", "form", "input", "base", "meta", "svg", "math", "video"}


@pytest.mark.parametrize(("room", "attack"), PAGES, indirect=["room"])
def test_nothing_of_a_students_acts_on_the_feedback_page(room, attack):
    done = room.target.nbgrader("generate_feedback", planted.PS, f"--student={attack.student}")
    assert done.returncode == 0, done.stderr
    page = room.target.course.notebook("feedback", planted.PS, attack.student).with_suffix(".html")
    shown = html.parse(str(page)).getroot().xpath("//body//div[@id='notebook-container']//*")
    assert len(shown) > 100
    for element in shown:
        assert element.tag not in ACTIVE or "alert" not in html.tostring(element, encoding="unicode"), element.tag
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (element.tag, name)
            if name in ("href", "src", "action"):
                assert not re.match(r"(?i)[\s\x00-\x20]*(javascript|vbscript|file|data:(?!image/(png|jpeg)))", value), (
                    value
                )
            assert not (element.tag == "img" and re.match(r"(?i)(https?:)?//|/|\.\.", element.get("src", "")))
