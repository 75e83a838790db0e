"""Nothing of a forgotten student is left in the course, nor in free pages of the gradebook; others lose nothing."""

import io
import json
import shutil
import sqlite3
import zipfile
from contextlib import closing

import pytest

from autograder.__main__ import main
from autograder.course import CourseError
from autograder.forget import forget

CANARY = "qanary"
EMAIL = "qanary@example.org"


@pytest.fixture
def planted(paper, capsys):
    """A class in which the canary has left something in every place."""
    course, ps = paper.course, paper.ps
    there = ["--course", str(course.root)]
    for student in ("ada", CANARY, "qanaryson"):
        about = (
            {"first_name": "Q.", "last_name": "Qanary", "email": EMAIL} if student == CANARY else {"first_name": "x"}
        )
        paper.hand_in(student, about=about, answers={"fold_batchnorm": f"# {student}"}, notes=[f"by {student}"])
        page = course.notebook("feedback", ps, student).with_suffix(".html")
        page.parent.mkdir(parents=True)
        page.write_text(student)
        page.chmod(0o444)
        page.parent.chmod(0o555)
        older = course.root / "attempts" / student / ps / "time-unknown-0" / f"{ps}.ipynb"
        older.parent.mkdir(parents=True)
        older.write_text(student)
    with course.gradebook() as gradebook:
        gradebook.find_comment("in_words", ps, ps, CANARY).manual_comment = f"Dear {CANARY}"
        gradebook.db.commit()
    shutil.copy(course.root / "gradebook.db", course.root / "gradebook.db.2026-11-28.backup")
    for kind in ("plain", "canvas", "moodle", "feedback"):
        assert main(["export", ps, "--to", kind, *there]) == 0
    assert main(["report", ps, *there]) == 0
    assert main(["report", ps, "--json", "--names", *there, "-o", str(course.root / "reports" / "names.json")]) == 0
    memory = {"graded": {CANARY: "1", "ada": "2"}, "last": f"graded {CANARY}", "feedback": {}}
    (course.root / "autograded" / f".{ps}.json").write_text(json.dumps(memory))
    lines = [json.dumps({"student": name, "score": 1}) for name in (CANARY, "ada", EMAIL)]
    with course.gradebook() as gradebook:
        number = gradebook.find_submission(ps, CANARY).id
    (course.root / "ledger").mkdir()
    (course.root / "ledger" / f"{ps}.jsonl").write_text(f'{{"who": "{number}"}}\n{{"who": "another"}}\n')
    (course.root / "ledger.jsonl").write_text("\n".join(lines) + "\n")
    (course.root / ".nbgrader.log").write_text(f"grading ada\ngrading {CANARY}\n")
    (course.root / "grades.csv").write_text(f"student_id,last_name\nada,x\n{CANARY},Qanary\n")
    (course.root / "cache").mkdir()
    (course.root / "cache" / "result.bin").write_bytes(b"\0" + CANARY.encode() + b"\0")
    capsys.readouterr()
    return paper


def mentions(root):
    """Grep the tree for the canary: names of files, contents, and what is packed in zips."""
    found = []
    for path in root.rglob("*"):
        text = path.name.encode()
        if path.is_file():
            data = path.read_bytes()
            text += data
            if zipfile.is_zipfile(io.BytesIO(data)):
                with zipfile.ZipFile(path) as archive:
                    text += b"".join(name.encode() + archive.read(name) for name in archive.namelist())
        if CANARY.encode() in text.lower().replace(b"qanaryson", b""):
            found.append(path.relative_to(root).as_posix())
    return found


def test_nothing_is_left_of_a_forgotten_student(planted, capsys):
    root = planted.course.root
    assert len(mentions(root)) > 15
    assert main(["forget", CANARY, "--yes", "--course", str(root)]) == 0
    assert mentions(root) == []
    out = capsys.readouterr().out
    for place in (
        "gradebook: the rows",
        f"submitted/{CANARY}/",
        f"attempts/{CANARY}/",
        f"{planted.ps}-canvas.csv",
        "ledger",
    ):
        assert place in out


def test_everybody_else_keeps_everything(planted):
    course, ps = planted.course, planted.ps
    forget(course, CANARY)
    for step, name in (("submitted", f"{ps}.ipynb"), ("autograded", f"{ps}.ipynb"), ("feedback", f"{ps}.html")):
        for student in ("ada", "qanaryson"):
            assert (course.root / step / student / ps / name).is_file()
    with course.gradebook() as gradebook:
        assert [s.id for s in gradebook.students] == ["ada", "qanaryson"]
        assert gradebook.find_submission(ps, "ada").score > 0
    assert json.loads((course.root / "autograded" / f".{ps}.json").read_text())["graded"] == {"ada": "2"}
    assert (course.root / "ledger.jsonl").read_text() == '{"student": "ada", "score": 1}\n'
    assert (course.root / ".nbgrader.log").read_text() == "grading ada\n"
    assert (course.root / "ledger" / f"{ps}.jsonl").read_text() == '{"who": "another"}\n'
    with closing(sqlite3.connect(course.root / "gradebook.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_gradebook_s_rows_alone_would_not_be_enough(planted):
    with planted.course.gradebook() as gradebook:
        gradebook.remove_student(CANARY)
    assert CANARY.encode() in (planted.course.root / "gradebook.db").read_bytes().lower()


def test_it_asks_first_and_takes_nothing_but_the_id_for_a_yes(planted, monkeypatch, capsys):
    root = planted.course.root
    before = mentions(root)
    for said in ("yes\n", "\n", ""):
        monkeypatch.setattr("sys.stdin", io.StringIO(said))
        assert main(["forget", CANARY, "--course", str(root)]) == 1
    assert main(["forget", CANARY, "--dry-run", "--course", str(root)]) == 0
    assert mentions(root) == before
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{CANARY}\n"))
    assert main(["forget", CANARY, "--course", str(root)]) == 0
    assert mentions(root) == []
    capsys.readouterr()


def test_a_student_who_is_called_like_our_code_takes_none_of_it_along(planted):
    package = planted.course.root / "packed"
    package.mkdir()
    for name in ("__init__.py", "page.css", "schema.json"):
        (package / name).write_text(f'"{CANARY}"')
    forget(planted.course, CANARY)
    assert [path.read_text() for path in sorted(package.iterdir())] == [f'"{CANARY}"'] * 3


def test_settings_are_named_and_left_to_people(planted, capsys):
    root = planted.course.root
    (root / "intake.yml").write_text(f"rules: []\naliases: {{x: {CANARY}}}\n")
    assert main(["forget", CANARY, "--yes", "--course", str(root)]) == 1
    assert mentions(root) == ["intake.yml"]
    assert "NOT deleted intake.yml: it still mentions the student" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["nemo", "..", ".", "", "../submitted/ada", "a\\b"])
def test_who_is_unknown_is_a_sentence(planted, name):
    before = sorted(planted.course.root.rglob("*"))
    with pytest.raises(CourseError, match=r"nothing here is about|is no student's id"):
        forget(planted.course, name)
    assert sorted(planted.course.root.rglob("*")) == before
