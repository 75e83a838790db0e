"""The engine leaves behind what nbgrader's own command leaves: the same rows, the same files, to the byte."""

from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.engine.run import Options, run

pytestmark = pytest.mark.slow

PS = "ps2_quadratics"
LATE = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\nc.Autograde.limits = {'call_seconds': 2.0}\n"
DUE = "2030-01-10 12:00:00"
CLASS = {
    "ada": lambda sheet: sheet.honest(),
    "ben": lambda sheet: sheet.honest("quadratic", "softmax").answer(words="Because it is so."),
    "cleo": lambda sheet: sheet.honest().text()[:5000],
    "dan": lambda sheet: {"notes.txt": "nothing"},
    "eve": lambda sheet: sheet.honest().answer(root="def root(x):\n    import os\n    os._exit(3)"),
    "late": lambda sheet: {f"{PS}.ipynb": sheet.honest(), "timestamp.txt": "2030-01-11 12:00:00 UTC"},
    "offset": lambda sheet: {f"{PS}.ipynb": sheet.honest(), "timestamp.txt": "2030-01-10 13:30:00 +0100"},
    "when": lambda sheet: {f"{PS}.ipynb": sheet.honest(), "timestamp.txt": "yesterday"},
    "an[n]a": lambda sheet: sheet.honest(),
    "endless": lambda sheet: sheet.honest().answer(root="def root(x):\n    while True:\n        pass"),
    "\u202enobody": lambda sheet: sheet.honest(),  # a name that turns what follows around
    "lost": lambda sheet: {"mine (1).ipynb": sheet.honest()},
}
LINKED = {"lynn": "ada", "leo": "nobody"}  # hand in a link to another's folder, there or not
GRADED = {name for name in CLASS if name.isprintable()} | set(LINKED)


def files(course, step):
    """What lies in a folder; of notebooks the cells, for nbgrader indents them and breaks their lines."""
    root = course.root / step
    found = [path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return {str(path.relative_to(root)): (content(path), path.stat().st_mode) for path in found}


def content(path):
    return nbformat.read(path, as_version=4) if path.suffix == ".ipynb" else path.read_bytes()


def by_a_person(course):
    with course.gradebook() as gradebook:
        words = gradebook.find_grade("words", PS, PS, "ben")
        words.manual_score, words.needs_manual_grade = 1.5, False
        gradebook.find_grade("quadratic_check", PS, PS, "ben").manual_score = 0.5
        gradebook.find_grade("softmax_check", PS, PS, "late").extra_credit = 0.25
        gradebook.find_comment("words", PS, PS, "ben").manual_comment = "Go on."
        gradebook.grant_extension(PS, "late", minutes=5)
        gradebook.db.commit()


@pytest.fixture(scope="module")
def rooms(open_classroom, instructors, tmp_path_factory):
    """The same class twice."""
    room = open_classroom(instructors)
    with (room.course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(LATE)
    with Gradebook(room.course.db_url) as gradebook:
        gradebook.update_or_create_assignment(PS, duedate=DUE)
    for student, case in CLASS.items():
        room.hand_in(student, case)
    for student, other in LINKED.items():
        link = room.course.notebook("submitted", PS, student).parent
        link.parent.mkdir()
        link.symlink_to(Path("..") / other / PS)
    return room, room.twin(tmp_path_factory.mktemp("twin"))


def test_rows_and_notebooks_are_nbgrader_s(rooms):
    theirs, ours = rooms
    theirs.autograde()
    steps = list(run(ours.course, PS, Options(jobs=2)))
    assert {step.student for step in steps} == GRADED
    assert [step.left for step in steps] == list(reversed(range(len(GRADED))))
    assert ours.rows() == theirs.rows()
    assert files(ours.course, "autograded") == files(theirs.course, "autograded")
    assert sum(name.endswith(".ipynb") for name in files(ours.course, "autograded")) == len(GRADED)  # and times beside
    assert all("is a link to another folder" in ours.result(student).judge["ungradable"] for student in LINKED)
    assert ours.result("endless").kinds["root"] == "timeout"


def test_and_they_still_are_after_a_person_graded_and_the_machine_again(rooms):
    for room in rooms:
        by_a_person(room.course)
    theirs, ours = rooms
    theirs.autograde("--force")
    assert len(list(run(ours.course, PS, Options(jobs=1, force=True)))) == len(GRADED)
    assert ours.rows() == theirs.rows()
    assert files(ours.course, "autograded") == files(theirs.course, "autograded")


def test_nothing_is_left_to_do(rooms):
    assert list(run(rooms[1].course, PS)) == []
