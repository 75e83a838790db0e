"""Grading again changes what the machine gave and nothing that a person gave."""

import pytest
from nbgrader.api import Gradebook

pytestmark = pytest.mark.slow

PS = "ps2_quadratics"
LATE = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
DUE = "2030-01-10 12:00:00"


def half(sheet):
    return sheet.honest("quadratic", "softmax").answer(words="Because it is so.")


def broken(sheet):
    return sheet.honest().text()[:5000]


@pytest.fixture(scope="module")
def classroom(open_classroom, instructors):
    """A class graded once, then by a person, then again."""
    room = open_classroom(instructors)
    with (room.course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(LATE)
    with Gradebook(room.course.db_url) as gradebook:
        gradebook.update_or_create_assignment(PS, duedate=DUE)
    room.hand_in("ada", lambda sheet: sheet.honest())
    room.hand_in("ben", half)
    room.hand_in("cleo", broken)
    room.hand_in("late", lambda sheet: {f"{PS}.ipynb": sheet.honest(), "timestamp.txt": "2030-01-11 12:00:00 UTC"})
    room.autograde()
    return room


def graded_by_a_person(classroom):
    with classroom.course.gradebook() as gradebook:
        words = gradebook.find_grade("words", PS, PS, "ben")
        words.manual_score, words.needs_manual_grade = 1.5, False
        gradebook.find_grade("quadratic_check", PS, PS, "ben").manual_score = 0.5
        gradebook.find_grade("softmax_check", PS, PS, "ben").extra_credit = 0.25
        gradebook.find_comment("words", PS, PS, "ben").manual_comment = "Go on."
        gradebook.find_grade("root_check", PS, PS, "cleo").manual_score = 1.0
        gradebook.db.commit()


def test_grading_again_is_as_if_nothing_had_happened(classroom):
    before, pages = classroom.rows(), classroom.result("ben").notebook
    classroom.autograde("--force")
    assert classroom.rows() == before
    assert classroom.result("ben").notebook == pages


def test_what_a_person_gave_stays(classroom):
    graded_by_a_person(classroom)
    classroom.autograde("--force")
    with classroom.course.gradebook() as gradebook:
        words = gradebook.find_grade("words", PS, PS, "ben")
        assert (words.auto_score, words.manual_score, words.score) == (None, 1.5, 1.5)
        quadratic = gradebook.find_grade("quadratic_check", PS, PS, "ben")
        assert (quadratic.auto_score, quadratic.manual_score, quadratic.score) == (3.0, 0.5, 0.5)
        assert quadratic.needs_manual_grade  # as nbgrader has it: somebody should look whether that still holds
        softmax = gradebook.find_grade("softmax_check", PS, PS, "ben")
        assert (softmax.auto_score, softmax.extra_credit, softmax.score) == (2.0, 0.25, 2.25)
        assert gradebook.find_comment("words", PS, PS, "ben").comment == "Go on."
        root = gradebook.find_grade("root_check", PS, PS, "cleo")
        assert (root.auto_score, root.score) == (None, 1.0)


def test_late_penalties_are_nbgraders(classroom):
    with classroom.course.gradebook() as gradebook:
        late, ada = (gradebook.find_submission(PS, name) for name in ("late", "ada"))
        assert late.total_seconds_late == 24 * 3600
        assert late.late_submission_penalty == 12  # everything, by the policy of this course
        assert late.score == 12  # nbgrader subtracts where it exports
        assert (ada.late_submission_penalty or 0, ada.score) == (0, 12)


def test_a_mended_submission_is_graded_and_a_broken_one_waits(classroom):
    others = [row for row in classroom.rows()["grades"] if row[0] not in ("cleo", "ada")]
    for name, text in (("cleo", classroom.sheet().honest().text()), ("ada", broken(classroom.sheet()))):
        classroom.course.notebook("submitted", PS, name).write_text(text)
    classroom.autograde("--force")
    cleo, ada = classroom.result("cleo"), classroom.result("ada")
    assert cleo.points["quadratic"] == 3
    assert "quadratic" not in cleo.manual
    assert not any((comment or "").startswith("Not graded") for comment in cleo.comments.values())
    assert set(ada.points.values()) == {None}
    assert [row for row in classroom.rows()["grades"] if row[0] not in ("cleo", "ada")] == others


def test_what_is_handed_in_later_is_graded_without_being_asked_twice(classroom):
    folder = classroom.course.notebook("submitted", PS, "late").parent
    (folder / "timestamp.txt").write_text("2030-01-11 11:59:59 UTC")
    classroom.course.notebook("submitted", PS, "late").write_text(broken(classroom.sheet()))
    classroom.autograde()
    assert classroom.result("late").points["quadratic"] == 3  # an older file replaces nothing
    (folder / "timestamp.txt").write_text("2030-01-11 12:00:01 UTC")
    classroom.autograde()
    assert set(classroom.result("late").points.values()) == {None}
