"""Accidents of honest students: each is mended, or costs its own exercise and no other, or waits for a person."""

import re

import pytest

from autograder.course import ROOT
from tests.redteam.accidents.classes import ALL, NEIGHBOURS, chosen
from tests.redteam.accidents.page import page, sentences
from tests.redteam.accidents.register import POINTS, REGISTER

QUICK, SLOW = chosen(slow=False), chosen(slow=True)
TO_DO = r"[.)] (Hand in|Save|Open|Resolve|Rename|Download|Take|Clear|Copy|Write) "
PAGE = ROOT.parent / "docs" / "accidents.md"


def called(accident):
    return accident.name


def as_documented(accident, result):
    said = "\n".join(sentences(result))
    assert re.search(accident.says, said), said
    if accident.ungradable:
        assert {name: result.points[name] for name in POINTS} == dict.fromkeys(POINTS)
        assert result.manual == {*POINTS, "words"}
        assert all(comment.startswith("Not graded: ") for comment in result.comments.values())
        assert "could not be graded" in result.notebook.cells[0].source
        assert re.search(TO_DO, said), said
        return
    assert result.judge["ungradable"] == ""
    assert {name: result.points[name] for name in POINTS} == accident.points, said
    assert {name: result.kinds[name] for name in accident.kinds} == accident.kinds
    right = {name for name, most in POINTS.items() if accident.points[name] == most}
    assert {name for name, kind in result.kinds.items() if kind == "pass"} == right
    assert all(f"{name}: " in said for name in POINTS if name not in right)
    assert all(f"- {note}"[:40] in result.notebook.cells[0].source for note in result.judge["notes"])
    assert re.search(accident.shown, result.shown())
    if not accident.says:
        assert said == ""


@pytest.mark.parametrize("accident", QUICK, ids=called)
def test_an_accident_costs_its_own_exercise_at_most(accident, quickly):
    as_documented(accident, quickly.graded[accident.name])


@pytest.mark.slow
@pytest.mark.parametrize("accident", SLOW, ids=called)
def test_what_never_ends_costs_its_own_exercise_at_most(accident, slowly):
    as_documented(accident, slowly.graded[accident.name])


def neighbours_are_as_they_were(graded):
    for name in NEIGHBOURS:
        assert graded.together[name] == graded.alone[name]
    everything = {name: result.points for name, result in graded.room.results(NEIGHBOURS).items()}
    assert {name: everything["zoe"][name] for name in POINTS} == POINTS
    assert everything["odd"]["digits"] == 1.5
    assert everything["mina"] == {**dict.fromkeys(POINTS, 0.0), "quadratic": 3, "softmax": 2, "words": 0}


def test_the_rest_of_the_class_keeps_its_grades_to_the_byte(quickly):
    neighbours_are_as_they_were(quickly)


@pytest.mark.slow
def test_the_rest_of_the_class_keeps_its_grades_after_long_waits(slowly):
    neighbours_are_as_they_were(slowly)


def test_the_gradebook_knows_nobody_and_no_cell_more(quickly):
    with quickly.room.course.gradebook() as gradebook:
        known = {student.id for student in gradebook.students}
        (assignment,) = gradebook.assignments
        assert {cell.name for cell in assignment.notebooks[0].grade_cells} == {
            *(f"{name}_check" for name in POINTS),
            "words",
        }
    assert known == {*NEIGHBOURS, *(accident.student for accident in QUICK)}


def test_nobody_is_given_a_zero_for_a_file_that_cannot_be_read():
    assert sum(accident.ungradable for accident in REGISTER.values()) >= 20
    assert not [accident.name for accident in REGISTER.values() if accident.ungradable and accident.lost]


def test_the_register_is_large_and_every_case_is_told():
    assert len(REGISTER) >= 100
    assert len(ALL) == len(REGISTER)
    assert len({accident.told for accident in REGISTER.values()}) == len(REGISTER)
    assert all(len(accident.told) < 160 for accident in REGISTER.values())


@pytest.mark.slow
def test_the_page_of_accidents_says_what_the_grader_says(quickly, slowly):
    graded = {**quickly.graded, **slowly.graded}
    assert PAGE.read_text(encoding="utf-8") == page((accident, graded[accident.name]) for accident in ALL)
