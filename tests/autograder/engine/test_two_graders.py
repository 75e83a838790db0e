"""Two graders at once, on two problem sets or on one, in SQLite and in PostgreSQL: every grade is whole."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from autograder.course import Course
from autograder.engine.book import GRADINGS
from autograder.release import release
from tests.autograder.engine.conftest import copied

pytestmark = pytest.mark.slow

SETS = "ps6_batchnorm", "ps3_whitening"
WRITER = Path(__file__).with_name("writer.py")
COUNT = 30
RUN = """
import sys
from pathlib import Path
from autograder.course import Course
from autograder.engine.run import Options, run
if __name__ == "__main__":
    for step in run(Course(Path(sys.argv[1]), sys.argv[2]), sys.argv[3], Options(jobs=1)):
        print(step.student, flush=True)
"""


@pytest.fixture(scope="module")
def empty(course, tmp_path_factory):
    """A course with two problem sets, released, and its gradebook in SQLite."""
    one = Course(copied(course, tmp_path_factory.mktemp("two") / "autograder", *SETS))
    for ps in SETS:
        release(one, ps)
    return one


@pytest.fixture(params=["sqlite", "postgresql"])
def course_in(request, empty, tmp_path):
    """The course, its gradebook in one of the databases."""
    root = tmp_path / "clone" / "autograder"
    shutil.copytree(empty.root.parent, root.parent)
    if request.param == "sqlite":
        return Course(root)
    there = Course(root, request.getfixturevalue("postgres").database())
    for ps in SETS:
        release(there, ps)
    return there


def started(*arguments):
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True},
    )


def at_once(course, jobs):
    """Let writers begin at the same moment; return what they said on stderr."""
    writers = [started(WRITER, course.root, course.db, ps, score, COUNT) for ps, score in jobs]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n", writer.stderr.read()
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    said = [writer.communicate(timeout=120)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * len(writers), said
    return said


def grades(course, ps):
    """Each student's scores, the ones in the ledger's line, and the key, as sets of values."""
    with course.gradebook() as gradebook:
        kept = {row.student: row for row in gradebook.db.execute(select(GRADINGS).where(GRADINGS.c.assignment == ps))}
        return {
            entry.student_id: (
                {
                    grade.auto_score
                    for notebook in entry.notebooks
                    for grade in notebook.grades
                    if grade.cell.name in json.loads(kept[entry.student_id].record)["scores"]
                },
                set(json.loads(kept[entry.student_id].record)["scores"].values()),
                {float(kept[entry.student_id].key)},
            )
            for entry in gradebook.assignment_submissions(ps)
        }


def test_on_two_sets_nobody_who_is_new_to_both_is_lost(course_in):
    at_once(course_in, [(SETS[0], "0.25"), (SETS[1], "0.5")])
    for ps, score in zip(SETS, (0.25, 0.5), strict=True):
        assert grades(course_in, ps) == {f"s{number:03}": ({score},) * 3 for number in range(COUNT)}


def test_on_the_same_set_each_grade_is_one_grader_s_and_never_a_mixture(course_in):
    jobs = [(SETS[0], "0.25"), (SETS[0], "0.5"), (SETS[0], "0.25")]
    for _ in range(2):  # the second time all rows are there
        at_once(course_in, jobs)
        found = grades(course_in, SETS[0])
        assert len(found) == COUNT
        for scores, recorded, key in found.values():
            assert scores == recorded == key
            assert scores in ({0.25}, {0.5})


def test_two_runs_on_two_sets_grade_everybody(course_in):
    students = [f"s{number}" for number in range(4)]
    for ps in SETS:
        for student in students:
            target = course_in.notebook("submitted", ps, student)
            target.parent.mkdir(parents=True)
            shutil.copy(course_in.notebook("release", ps), target)
    runs = [started("-c", RUN, course_in.root, course_in.db, ps) for ps in SETS]
    said = [one.communicate(timeout=200) for one in runs]
    assert [one.returncode for one in runs] == [0, 0], said
    assert [sorted(names.split()) for names, _ in said] == [students, students]
    with course_in.gradebook() as gradebook:
        for ps in SETS:
            assert sorted(entry.student_id for entry in gradebook.assignment_submissions(ps)) == students
