"""Deadlines: from course.yml into the gradebook, where nbgrader shows them and takes off what lateness costs."""

import csv
import logging
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from traitlets.config import Config

from autograder.__main__ import main
from autograder.course import ROOT, Course
from autograder.deadlines import LatePolicy
from autograder.grade import grade

PS = "ps6_batchnorm"
BIN = Path(sys.executable).parent
DUE = datetime(2026, 10, 2, 20, 59)  # as nbgrader keeps it: UTC, and no zone
DECIDED = """timezone: Europe/Helsinki
late: {percent_per_day: 10, at_most_percent: 50, grace_minutes: 15}
sets:
  ps6_batchnorm:
    deadline: 2026-10-02 23:59
"""

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Object of type <Submitted")]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of its own, with a deadline and a price for being late."""
    root = tmp_path_factory.mktemp("due") / "autograder"
    root.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", root)
    (root.parent / "solutions").mkdir()
    (root.parent / "solutions" / PS).symlink_to(ROOT.parent / "solutions" / PS)
    (root.parent / "course.yml").write_text(DECIDED)
    done = nbgrader(root, "generate_assignment", PS)
    assert done.returncode == 0, done.stderr
    return Course(root)


def nbgrader(root, *arguments):
    return subprocess.run([BIN / "nbgrader", *arguments], cwd=root, capture_output=True, text=True)


@pytest.fixture
def decide(course):
    """A function: change course.yml until the end of the test."""
    file = course.root.parent / "course.yml"
    yield lambda before, now: file.write_text(DECIDED.replace(before, now))
    file.write_text(DECIDED)
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(PS, duedate=DUE)


def due(course):
    with course.gradebook() as gradebook:
        return gradebook.find_assignment(PS).duedate


def hand_in(course, student, timestamp):
    folder = course.root / "submitted" / student / PS
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(course.solutions / PS / f"{PS}.ipynb", folder)
    if timestamp:
        (folder / "timestamp.txt").write_text(timestamp)


def penalty(course, student):
    with course.gradebook() as gradebook:
        submission = gradebook.find_submission(PS, student)
        return submission.score, submission.late_submission_penalty


def test_plain_nbgrader_enters_the_deadline_with_the_release(course):
    assert due(course) == DUE


def test_formgrader_shows_it_in_the_course_s_time_zone(course):
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    config = course.config()
    api = NbGraderAPI(CourseDirectory(config=config, root=str(course.root)), config=config)
    assert api.get_assignment(PS)["display_duedate"].startswith("2026-10-02 23:59:00 EEST")


@pytest.mark.parametrize(
    ("now", "expected", "said"),
    [
        (
            "deadline: 2026-10-05 12:00",
            datetime(2026, 10, 5, 9),
            "is now 2026-10-05 09:00 UTC; it was 2026-10-02 20:59",
        ),
        ("deadline: none", None, "is now none; it was 2026-10-02 20:59 UTC"),
        ("deadline: 2026-10-02 23:59", DUE, ""),
        ("points: 5", DUE, ""),  # the file says nothing: what formgrader was told stays
    ],
)
def test_a_deadline_that_changes_reaches_the_gradebook_with_the_next_command(
    course, decide, capsys, now, expected, said
):
    decide("deadline: 2026-10-02 23:59", now)
    assert main(["release", "--course", str(course.root)]) == 0
    assert due(course) == expected
    err = capsys.readouterr().err
    assert said in err
    assert bool(said) == ("the deadline in the gradebook" in err)


@pytest.mark.parametrize(("hours", "share"), [(0.2, None), (0.3, 0.1), (25, 0.2), (1000, 0.5)])
def test_the_policy_is_a_plug_in_of_nbgrader(hours, share):
    decided = {"percent_per_day": 10, "at_most_percent": 50, "grace_minutes": 15}
    plugin = LatePolicy(config=Config(LatePolicy=decided), log=logging.getLogger("quiet"))
    found = plugin.late_submission_penalty("ada", 8.0, timedelta(hours=hours).total_seconds())
    assert found == (None if share is None else pytest.approx(share * 8))
    assert LatePolicy().late_submission_penalty("ada", 8.0, 1e6) is None  # nothing decided costs nothing


@pytest.fixture(scope="module")
def graded(course):
    """The results of four who handed in: in time, within the grace, two days late, and nobody knows when."""
    hand_in(course, "ada", "2026-10-02 23:58:00 Europe/Helsinki")
    hand_in(course, "bo", "2026-10-02 21:10:00 UTC")
    hand_in(course, "cy", "2026-10-04 12:00:00 UTC")
    hand_in(course, "di", "")
    return {result.student: result for result in grade(course, PS)}


def test_late_points_are_taken_off_by_nbgrader_and_said(course, graded):
    assert {name: penalty(course, name) for name in graded} == {
        "ada": (8, 0),
        "bo": (8, 0),
        "cy": (8, pytest.approx(1.6)),
        "di": (8, 0),
    }
    assert graded["bo"].note.startswith("11 min late; ")
    assert graded["cy"].note.startswith("39 h late, which takes 1.6 points off; ")
    assert not any(" late" in graded[name].note for name in ("ada", "di"))


def test_the_export_has_the_score_that_is_left(course, graded):
    assert main(["scores", "--course", str(course.root)]) == 0
    with (course.root / "exports" / "course.csv").open(encoding="utf-8-sig", newline="") as file:
        totals = {row["id"]: row["total"] for row in csv.DictReader(file)}
    assert totals == {"ada": "8", "bo": "8", "cy": "6.4", "di": "8"}


def test_points_a_person_gives_later_are_late_as_well_and_nobody_is_graded_again(course, graded):
    with course.gradebook() as gradebook:
        by_hand = gradebook.find_grade("in_words", PS, PS, "cy")
        by_hand.manual_score, by_hand.needs_manual_grade = 2, False
        gradebook.db.commit()
    said = []
    results = {result.student: result for result in grade(course, PS, say=said.append)}
    assert said == []
    assert penalty(course, "cy") == (10, pytest.approx(2))
    page = course.notebook("feedback", PS, "cy").with_suffix(".html").read_text(encoding="utf-8")
    assert "39 h late, which takes 2 points off" in results["cy"].note
    assert "Score: 8.0 / 10.0" in " ".join(page.split())


def test_an_extension_and_a_later_deadline_take_the_penalty_back(course, graded, decide):
    try:
        with course.gradebook() as gradebook:
            gradebook.grant_extension(PS, "cy", days=2)
        grade(course, PS)
        assert penalty(course, "cy")[1] == 0
    finally:
        with course.gradebook() as gradebook:
            gradebook.grant_extension(PS, "cy")
    grade(course, PS)
    assert penalty(course, "cy")[1] > 0
    decide("2026-10-02 23:59", "2026-10-09 23:59")
    grade(course, PS)
    assert penalty(course, "cy")[1] == 0


@pytest.mark.parametrize("command", [("generate_assignment", PS), ("autograde", PS, "--force")])
def test_plain_nbgrader_does_nothing_with_a_file_that_cannot_be_meant(course, graded, decide, command):
    before = {path: path.stat().st_mtime_ns for path in course.root.rglob("*.ipynb")}
    decide("deadline:", "dedline:")
    done = nbgrader(course.root, *command)
    assert done.returncode == 1
    assert "course.yml, line 5: nothing is known of 'dedline' in ps6_batchnorm. Did you mean deadline?" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in course.root.rglob("*.ipynb")} == before
