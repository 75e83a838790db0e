"""Scores as nbgrader itself would sum them, whatever people have done to them."""

import pytest

from autograder.course import CourseError
from autograder.scores import scores


def test_scores_are_nbgrader_s_own(paper):
    one, _ = paper.checks
    paper.hand_in("ada", {one: paper.report(one, "wrong")})
    paper.hand_in("bo", about={"first_name": "Bo"})
    paper.hand_in("eve", ungradable="no notebook")
    with paper.course.gradebook() as gradebook:
        gradebook.add_student("absent")
        grade = gradebook.find_grade(one, paper.ps, paper.ps, "bo")
        grade.manual_score, grade.extra_credit = 0.25, 1.5
        gradebook.find_submission_notebook(paper.ps, paper.ps, "bo").late_submission_penalty = 0.5
        gradebook.db.commit()
        found = {score.student: score for score in scores(gradebook, paper.ps)}
        for student in ("ada", "bo", "eve"):
            theirs = gradebook.find_submission(paper.ps, student)
            assert found[student].raw == theirs.score
            assert found[student].max_score == theirs.max_score
            assert found[student].penalty == theirs.late_submission_penalty
    assert found["bo"].final == found["bo"].raw - 0.5
    assert found["bo"].first_name == "Bo"
    assert (found["eve"].final, found["eve"].sofar, len(found["eve"].open)) == (None, None, len(found["eve"].points))
    assert (found["absent"].submitted, found["absent"].final, found["absent"].points) == (False, None, {})


def test_an_unknown_set_is_a_sentence(paper):
    with paper.course.gradebook() as gradebook, pytest.raises(CourseError, match="knows no ps9_nothing"):
        scores(gradebook, "ps9_nothing")
