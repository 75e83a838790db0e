"""A gradebook in PostgreSQL: a real server, the same rows as in SQLite, and every command works on it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.__main__ import main
from autograder.course import Course
from autograder.engine.ledger import Ledger
from autograder.engine.run import Options, run
from autograder.release import release
from autograder.samples import load, submit
from tests.autograder.engine.conftest import copied

pytestmark = pytest.mark.slow

PS = "ps6_batchnorm"


def rows(course):
    """Everything the gradebook says of scores and comments, but row numbers."""
    with course.gradebook() as gradebook:
        return sorted(
            (
                *(entry.student_id, entry.late_submission_penalty, entry.score, entry.max_score),
                sorted(
                    (g.cell.name, repr(g.auto_score), g.needs_manual_grade) for n in entry.notebooks for g in n.grades
                ),
                sorted((c.name, repr(c.auto_comment)) for n in entry.notebooks for c in n.comments),
            )
            for entry in gradebook.assignment_submissions(PS)
        )


@pytest.fixture(scope="module")
def courses(course, postgres, tmp_path_factory):
    """The sample class graded by the engine, in SQLite and in PostgreSQL."""
    made = []
    for db in ("", postgres.database()):
        one = Course(copied(course, tmp_path_factory.mktemp("clone") / "autograder", PS), db)
        release(one, PS)
        submit(one, PS)
        assert len(list(run(one, PS, Options(jobs=2)))) == len(load(PS))
        made.append(one)
    return made


def there(course):
    return ["--course", str(course.root), "--db", course.db]


def test_the_sample_class_has_the_same_rows_as_in_sqlite(courses):
    sqlite, postgres = courses
    assert not (postgres.root / "gradebook.db").exists()
    assert len(rows(postgres)) == len(load(PS))
    assert rows(postgres) == rows(sqlite)


def test_nothing_is_left_to_do(courses):
    assert list(run(courses[1], PS)) == []


def test_nbgrader_s_own_command_grades_into_it_and_changes_nothing(courses):
    _, postgres = courses
    before = rows(postgres)
    settings = postgres.root / "nbgrader_config.py"
    kept = settings.read_text(encoding="utf-8")
    own = f"\nc.CourseDirectory.db_url = {postgres.db_url!r}\nc.CourseDirectory.course_id = 'default_course'\n"
    settings.write_text(kept + own, encoding="utf-8")
    command = [Path(sys.executable).parent / "nbgrader", "autograde", PS, "--force", "--student=[a-c]*"]
    done = subprocess.run(command, cwd=postgres.root, capture_output=True, text=True)
    settings.write_text(kept, encoding="utf-8")
    assert done.returncode == 0, done.stderr[-4000:]
    assert not (postgres.root / "gradebook.db").exists()
    assert rows(postgres) == before


def test_the_commands_say_the_same_about_both(courses, capsys):
    said = []
    for course in courses:
        assert main(["grade", PS, *there(course)]) == 0
        assert main(["export", PS, "--to", "plain", *there(course)]) == 0
        assert main(["scores", *there(course)]) == 0
        files = {path.name: path.read_text(encoding="utf-8") for path in (course.root / "exports").glob("*.csv")}
        capsys.readouterr()
        assert main(["report", PS, "--json", "--names", *there(course)]) == 0
        report = json.loads(capsys.readouterr().out)
        said.append((files, {name: what for name, what in report.items() if name not in ("made", "slow")}))
    (files, report), (other_files, other_report) = said
    assert len(files) >= 2
    assert files == other_files
    assert report == other_report
    assert report["submissions"] == len(load(PS))


def test_regrade_finds_a_score_that_changed_and_explain_makes_it_anew(courses, capsys):
    _, postgres = courses
    student, check = load(PS)[0].name, "fold_batchnorm_check"
    with postgres.gradebook() as gradebook:
        grade = gradebook.find_grade(check, PS, PS, student)
        before, grade.auto_score = grade.auto_score, 0.125
        gradebook.db.commit()
    assert main(["regrade", PS, "--diff", *there(postgres)]) == 0
    changes = capsys.readouterr().out.splitlines()
    assert [line.partition(" (")[0] for line in changes] == [f"{student} {check}: 0.125 → {before:g}"]
    assert main(["grade", PS, "--only", student, "--force", *there(postgres)]) == 0
    capsys.readouterr()
    assert main(["explain", student, PS, *there(postgres)]) == 0
    assert "the notebook is the same, bit for bit" in capsys.readouterr().out


def test_forget_leaves_nothing_of_a_student_in_any_table(courses, postgres, capsys):
    _, course = courses
    student, others = load(PS)[-1].name, rows(course)
    database = re.search(r"/(\w+)\?", course.db)[1]
    tables = [
        name
        for (name,) in postgres.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", database=database)
    ]

    def mentions():
        found = {name: postgres.sql(f"SELECT t::text FROM {name} t", database=database) for name in tables}
        return {name for name, lines in found.items() if any(student in text for (text,) in lines)}

    assert {"student", "submitted_assignment", "dlopt_grading"} <= mentions()
    assert main(["forget", student, "--yes", *there(course)]) == 0
    capsys.readouterr()
    assert mentions() == set()
    assert rows(course) == [row for row in others if row[0] != student]
    assert len(list(Ledger(course, PS).lines())) >= len(others) - 1


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://grader@/grades?host=/nowhere", "/nowhere/.s.PGSQL.5432"),
        ("postgresq://grader@/grades", "the gradebook cannot be used: Can't load plugin"),
        ("grades", "the gradebook cannot be used: Could not parse"),
    ],
)
def test_a_database_that_cannot_be_reached_is_a_sentence(courses, capsys, address, said):
    assert main(["report", PS, "--course", str(courses[0].root), "--db", address]) == 1
    assert said in capsys.readouterr().err


def test_a_missing_driver_is_a_sentence(courses, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert main(["report", PS, "--course", str(courses[0].root), "--db", "postgresql://grader@/grades"]) == 1
    assert "postgresql needs psycopg: pip install -r requirements-cluster.txt" in capsys.readouterr().err
