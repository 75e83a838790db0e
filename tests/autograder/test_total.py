"""The course's total: what counts how much, what is earned on top, what late costs, what still waits."""

import csv
import itertools
import shutil

import pytest

from autograder.__main__ import main
from autograder.course import Course
from autograder.settings import ProblemSet
from autograder.total import Grade, earned, possible

# as in nbgrader_config.py: nbgrader 0.9.6 on SQLAlchemy 2.1
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")

POINTS = {"a": 4.0, "b": 2.0, "c": 2.0}
FULL = [Grade(name, points, points) for name, points in POINTS.items()]

DECISIONS = [
    # what is decided, what is possible, what full marks earn, what 2 of 4 in a alone earn
    ({}, 8, 8, 2),
    ({"points": 20}, 20, 20, 5),
    ({"exercises": {"a": 8}}, 12, 12, 4),
    ({"exercises": {"c": 0}}, 6, 6, 2),
    ({"exercises": {"a": 8}, "points": 6}, 6, 6, 2),
    ({"bonus": ("c",)}, 6, 8, 2),
    ({"bonus": ("c",), "points": 12}, 12, 16, 4),
    ({"all_bonus": True}, 0, 8, 2),
    ({"all_bonus": True, "points": 4}, 0, 4, 1),
]


@pytest.mark.parametrize(("decided", "most", "full", "half_of_a"), DECISIONS)
def test_what_counts_is_what_is_decided(decided, most, full, half_of_a):
    one = ProblemSet("ps", **decided)
    assert possible(one, POINTS) == pytest.approx(most)
    assert earned(one, FULL, POINTS) == pytest.approx(full)
    assert earned(one, [Grade("a", 2, 4), Grade("b", 0, 2), Grade("c", 0, 2)], POINTS) == pytest.approx(half_of_a)


@pytest.mark.parametrize("decided", [decided for decided, *_ in DECISIONS])
def test_more_points_never_earn_less_and_late_takes_its_share_of_all(decided):
    one = ProblemSet("ps", **decided)
    totals = []
    for score in range(5):
        grades = [Grade("a", score, 4), *FULL[1:]]
        totals.append(earned(one, grades, POINTS))
        assert earned(one, grades, POINTS, late=0.25) == pytest.approx(0.75 * totals[-1])
    assert all(before <= after for before, after in itertools.pairwise(totals))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The root of a course of three sets, of which two have been graded for one of two students."""
    course = Course(tmp_path_factory.mktemp("graded"))
    with course.gradebook() as gb:
        gb.add_student("ada", first_name="Ada", last_name="Lovelace", email="ada@example.org")
        gb.add_student("bo", first_name="=Bo", last_name="Ek, Jr.")
        for ps, points in (
            ("ps6_batchnorm", {"BatchNorm": 5, "in_words": 2}),
            ("ps1_losses", {"mse": 2}),
            ("ps3_whitening", {"x": 1}),
        ):
            gb.add_assignment(ps)
            gb.add_notebook(ps, ps)
            for name, most in points.items():
                kind = "markdown" if name == "in_words" else "code"
                cell = f"{name}_check" if kind == "code" else name
                gb.add_grade_cell(cell, ps, ps, max_score=most, cell_type=kind)
        for ps, scores in (("ps6_batchnorm", {"BatchNorm_check": 4}), ("ps1_losses", {"mse_check": 1})):
            submission = gb.add_submission(ps, "ada")
            for grade in submission.notebooks[0].grades:
                grade.auto_score = scores.get(grade.cell.name)
                grade.needs_manual_grade = grade.cell.name not in scores
            gb.db.commit()
        gb.find_submission("ps1_losses", "ada").notebooks[0].late_submission_penalty = 0.5
        gb.db.commit()
    return course.root


@pytest.fixture
def gradebook(graded, tmp_path):
    """A copy of that course, to decide about."""
    shutil.copytree(graded, tmp_path / "autograder")
    (tmp_path / "solutions").symlink_to(Course().solutions)
    return Course(tmp_path / "autograder")


def rows(course, capsys):
    assert main(["scores", "--course", str(course.root)]) == 0
    path = capsys.readouterr().out.strip()
    with open(path, encoding="utf-8-sig", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def test_the_table_has_a_line_per_student_and_says_what_waits(gradebook, capsys):
    found = rows(gradebook, capsys)
    assert list(found) == ["bo", "ada"]  # by last name
    assert found["ada"] == {
        "id": "ada",
        "last_name": "Lovelace",
        "first_name": "Ada",
        "email": "ada@example.org",
        "ps1_losses": "0.5",  # half of the point went for being late
        "ps6_batchnorm": "4",
        "total": "4.5",
        "of": "9",
        "waits": "1",
    }
    assert (found["bo"]["ps1_losses"], found["bo"]["total"], found["bo"]["of"], found["bo"]["waits"]) == (
        "",
        "0",
        "9",
        "0",
    )


def test_no_spreadsheet_runs_a_name_and_a_comma_moves_no_column(gradebook, capsys):
    found = rows(gradebook, capsys)["bo"]
    assert (found["first_name"], found["last_name"]) == ("'=Bo", "Ek, Jr.")


def test_the_course_decides_what_counts_and_in_which_order(gradebook, capsys):
    (gradebook.root.parent / "course.yml").write_text(
        "sets:\n  ps6_batchnorm: {points: 70, exercises: {in_words: 0}}\n  ps1_losses: {bonus: true}\n"
    )
    ada = rows(gradebook, capsys)["ada"]
    assert list(ada)[4:] == ["ps6_batchnorm", "ps1_losses", "total", "of", "waits"]
    assert (ada["ps6_batchnorm"], ada["ps1_losses"], ada["total"], ada["of"]) == ("56", "0.5", "56.5", "70")


def test_a_set_that_is_not_in_the_course_counts_nothing(gradebook, capsys):
    (gradebook.root.parent / "course.yml").write_text("sets: {ps1_losses: }\n")
    ada = rows(gradebook, capsys)["ada"]
    assert (list(ada)[4:], ada["total"], ada["of"]) == (["ps1_losses", "total", "of", "waits"], "0.5", "2")
