"""From a submitted notebook to the gradebook, through nbgrader's own machinery."""

import csv
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from autograder.__main__ import main
from autograder.course import Course
from autograder.grade import export, grade
from dlopt.checks import ps2_quadratics as check

pytestmark = pytest.mark.slow

PS = "ps2_quadratics"
TOTAL = sum(getattr(check, name).points for name in check.__all__)
WORDS = 2
BIN = Path(sys.executable).parent


def outputs(course, student):
    """Every output of the code cells of an autograded notebook, by grade_id."""
    cells = json.loads(course.notebook("autograded", PS, student).read_text(encoding="utf-8"))["cells"]
    return {c["metadata"]["nbgrader"]["grade_id"]: c["outputs"] for c in cells if c["cell_type"] == "code"}


def feedback(course, student):
    return course.notebook("feedback", PS, student).with_suffix(".html")


def test_an_untouched_release_shows_no_traceback_and_earns_nothing(course, graded):
    assert graded["goran"].score == 0
    for grade_id, found in outputs(course, "goran").items():
        assert not any(output["output_type"] == "error" for output in found), grade_id
        if grade_id.endswith("_check"):
            (table,) = found
            assert "not yet implemented" in "".join(table["data"]["text/html"])
            assert "not yet implemented (0 of" in "".join(table["data"]["text/plain"])


def test_grading_mode_holds_in_the_judge_and_nowhere_else(course, graded):
    assert "DLOPT_GRADING" not in os.environ
    shown = json.dumps(outputs(course, "dmitri")["condition_number_check"], ensure_ascii=False)
    assert "You divide the smallest eigenvalue by the largest." in shown


def test_what_is_said_of_a_missing_answer_fits_on_a_page(course, graded):
    (said,) = (o["text"] for o in outputs(course, "hana")["gradient_descent_check"] if o["output_type"] == "stream")
    assert "There is no gradient_descent to grade: its cell stopped with SyntaxError" in said
    assert max(map(len, said.splitlines())) <= 100


def test_feedback_holds_the_table_with_its_hint_and_the_misconception(course, graded):
    page = feedback(course, "dmitri").read_text(encoding="utf-8")
    assert 'class="dlopt-report"' in page
    assert "This looks familiar:" in page
    assert "Hint" in page
    for name in graded:
        assert feedback(course, name).is_file()


def test_the_export_has_a_line_per_student(course, graded):
    with export(course, PS).open(encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    lost = {name for name, result in graded.items() if "UNGRADABLE" in result.note}
    assert {
        name for name, row in rows.items() if row["score"] == ""
    } == lost  # a person has to decide, and not 0 till then
    assert {n: float(row["score"]) for n, row in rows.items() if n not in lost} == {
        n: r.score for n, r in graded.items() if n not in lost
    }
    assert {float(row["max_score"]) for row in rows.values()} == {TOTAL + WORDS}


def test_a_second_run_grades_nobody_and_changes_nothing(course, graded, capsys):
    files = [path for step in ("autograded", "feedback") for path in (course.root / step).rglob(f"{PS}.*")]
    times = {path: path.stat().st_mtime_ns for path in files}
    assert len(times) == 2 * len(graded)
    assert main(["grade", PS, "--course", str(course.root)]) == 0
    out, err = capsys.readouterr()
    assert "grading" not in err
    assert len(out.splitlines()) == 2 + len(graded)
    assert {path: path.stat().st_mtime_ns for path in files} == times


def test_only_what_changed_is_graded_again(course, graded):
    target = course.notebook("submitted", PS, "model")
    before = target.read_text(encoding="utf-8")
    said: list[str] = []
    try:
        target.write_text(before.replace("0.5 * w @ A @ w", "w @ A @ w"), encoding="utf-8")
        results = {result.student: result for result in grade(course, PS, say=said.append)}
        assert said == ["grading model"]
        assert results["model"].score < TOTAL
        assert {**results, "model": None} == {**graded, "model": None}
    finally:
        target.write_text(before, encoding="utf-8")
        grade(course, PS)


def test_a_grader_s_comment_renews_the_feedback_and_no_grade(course, graded):
    others = {name: feedback(course, name).stat().st_mtime_ns for name in graded if name != "hana"}
    with course.gradebook() as gradebook:
        gradebook.find_comment("gradient_descent", PS, PS, "hana").manual_comment = "One bracket away from full points."
        gradebook.db.commit()
    said: list[str] = []
    grade(course, PS, say=said.append)
    assert said == []
    assert "One bracket away from full points." in feedback(course, "hana").read_text(encoding="utf-8")
    assert {name: feedback(course, name).stat().st_mtime_ns for name in others} == others


def test_a_submission_that_cannot_be_graded_stops_nobody_else(course, graded, capsys):
    broken = course.notebook("submitted", PS, "zoe")
    broken.parent.mkdir(parents=True)
    try:
        broken.write_text("no notebook", encoding="utf-8")
        assert main(["grade", PS, "--course", str(course.root)]) == 0
        out, err = capsys.readouterr()
        assert "a person has to look, and until then the score is too low: aino, jonas, model, zoe" in err
        (line,) = [line for line in out.splitlines() if line.startswith("zoe")]
        assert "UNGRADABLE: A notebook was expected, but the file is no valid JSON" in line
        assert line.count("–") == 2 + len(check.__all__)  # the score, each exercise, and the answer in words
        for other in graded:
            assert any(line.startswith(other) for line in out.splitlines())
    finally:
        with course.gradebook() as gradebook:
            gradebook.remove_student("zoe")
        shutil.rmtree(broken.parents[1])


@pytest.fixture
def plain(tmp_path, course, released):
    """A course with one submission, for nbgrader's own commands."""
    other = Course(tmp_path / "autograder")
    other.root.mkdir()
    shutil.copy(course.root / "nbgrader_config.py", other.root)
    shutil.copytree(course.solutions, other.solutions)
    handed_in = other.notebook("submitted", PS, "model")
    handed_in.parent.mkdir(parents=True)
    shutil.copy(course.solutions / PS / f"{PS}.ipynb", handed_in)
    return other


def test_plain_nbgrader_commands_work_as_they_stand(plain):
    for command in ("generate_assignment", "autograde", "generate_feedback", "export"):
        arguments = [command] if command == "export" else [command, PS]
        done = subprocess.run([BIN / "nbgrader", *arguments], cwd=plain.root, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "Warning" not in done.stderr
    assert feedback(plain, "model").is_file()
    with (plain.root / "grades.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["student_id"], float(row["score"])) == ("model", TOTAL)


def test_formgrader_finds_the_course_from_its_folder(course, graded, tmp_path):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [BIN / "jupyter-server", "--no-browser", f"--port={port}", "--IdentityProvider.token=", "--allow-root"],
        cwd=course.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": str(BIN), "HOME": str(tmp_path)},
    )
    try:
        address = f"http://localhost:{port}/formgrader/api/submissions/{PS}"
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(address, timeout=30) as reply:
                    found = {entry["student"]: entry["score"] for entry in json.load(reply)}
                break
            except OSError:
                assert time.monotonic() < deadline, "the server never answered"
                time.sleep(0.3)
        assert found == {name: result.score for name, result in graded.items()}
    finally:
        server.terminate()
        server.wait(timeout=30)
