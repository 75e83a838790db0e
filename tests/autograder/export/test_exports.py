"""Exports in the formats that Canvas and Moodle write and read; nothing undecided becomes a 0, nothing a formula."""

import csv
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.__main__ import main
from autograder.course import CourseError
from autograder.export import CanvasExportPlugin, MoodleExportPlugin, PlainExportPlugin
from autograder.judge.outcome import CellOutcome
from autograder.sheets import read_sheet, safe, write_sheet

FILES = Path(__file__).parent / "files"
EVIL = '=HYPERLINK("http://evil.example")'
LOGGED = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def klass(paper):
    """Ada is right, Zoë half right, Bo ungradable in one check, and Eve's file is no notebook."""
    one, two = paper.checks
    who = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.org", "lms_user_id": "501"}
    paper.hand_in("ada", about=who)
    who = {"first_name": "Zoë", "last_name": "Brien", "email": "zoe@example.org"}
    paper.hand_in("zoe", {one: paper.report(one, "wrong")}, about=who)
    paper.hand_in("bo", {two: CellOutcome(two, "ungradable", None, "Our fault.")}, about={"last_name": EVIL})
    paper.hand_in("eve", ungradable="A notebook was expected.")
    with paper.course.gradebook() as gradebook:
        gradebook.add_student("absent")
        for name in ("ada", "zoe"):  # the answers in words, if there are any, are 0 as long as they are untouched
            assert not any(
                g.needs_manual_grade for n in gradebook.find_submission(paper.ps, name).notebooks for g in n.grades
            )
    return paper


def exported(paper, kind, tmp_path, **options):
    """Run an exporter; return its lines by the first column, and what it told."""
    target = tmp_path / "out.csv"
    plugin = kind(to=str(target), assignment=[paper.ps], **options)
    with paper.course.gradebook() as gradebook:
        plugin.export(gradebook)
    return read_sheet(target).rows, plugin.told


def totals(paper):
    one, two = paper.checks.values()
    return f"{one + two:g}", f"{one / 2 + two:g}"


def test_plain_has_nbgrader_s_columns_and_leaves_open_what_is_open(klass, tmp_path):
    (head, *rows), told = exported(klass, PlainExportPlugin, tmp_path)
    found = {row["student_id"]: row for row in (dict(zip(head, row, strict=True)) for row in rows)}
    full, half = totals(klass)
    assert {s: row["score"] for s, row in found.items()} == {
        "absent": "",
        "ada": full,
        "bo": "",
        "eve": "",
        "zoe": half,
    }
    assert found["zoe"]["first_name"] == "Zoë"
    assert found["bo"]["last_name"] == "'" + EVIL
    assert told.blank == ["bo", "eve"]


def test_what_is_there_so_far_goes_out_only_when_asked(klass, tmp_path):
    (head, *rows), told = exported(klass, PlainExportPlugin, tmp_path, partial=True)
    scores = {row[head.index("student_id")]: row[head.index("score")] for row in rows}
    assert scores["bo"] == f"{next(iter(klass.checks.values())):g}"
    assert scores["eve"] == ""
    assert told.blank == ["eve"]


def test_a_spreadsheet_is_told_the_encoding_and_a_platform_gets_its_own_back(klass, tmp_path):
    exported(klass, PlainExportPlugin, tmp_path)
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    for bom in (True, False):
        template = tmp_path / "template.csv"
        write_sheet(template, read_sheet(FILES / "moodle.csv").rows, bom=bom)
        exported(_worth(klass, template), MoodleExportPlugin, tmp_path, template=str(template))
        assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf") == bom


def _worth(paper, template):
    """Make a template's maximum that of the set."""
    worth = f"{sum(paper.checks.values()) + _by_hand(paper):.2f}"
    template.write_bytes(template.read_bytes().replace(b"8.00", worth.encode()))
    return paper


def _by_hand(paper):
    with paper.course.gradebook() as gradebook:
        return float(gradebook.find_assignment(paper.ps).max_score) - sum(paper.checks.values())


@pytest.fixture
def templates(klass, tmp_path):
    """The two platforms' files, with the set's maximum."""
    found = {}
    for name in ("canvas", "moodle"):
        found[name] = tmp_path / f"{name}.csv"
        found[name].write_bytes((FILES / f"{name}.csv").read_bytes())
        _worth(klass, found[name])
    return {name: str(path) for name, path in found.items()}


def test_canvas_gets_its_own_file_back_with_one_column_filled_in(klass, templates, tmp_path):
    (head, hidden, possible, *rows), told = exported(klass, CanvasExportPlugin, tmp_path, template=templates["canvas"])
    full, half = totals(klass)
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Problem set 6 (4711)"]
    assert hidden[-1] == "Manual Posting"
    assert possible[0] == "    Points Possible"
    assert [(row[1], row[-1]) for row in rows] == [("501", full), ("502", half), ("503", ""), ("599", "5"), ("600", "")]
    assert rows[2][0] == "'" + EVIL
    assert told.unknown == ["Nobody, Knows"]
    assert told.blank == ["bo"]
    assert told.missing == ["eve"]


def test_canvas_without_a_template_has_what_its_import_asks_for(klass, tmp_path):
    (head, possible, *rows), _ = exported(klass, CanvasExportPlugin, tmp_path)
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", klass.ps]
    assert possible[0].strip() == "Points Possible"
    assert ["Lovelace, Ada", "501", "", "ada", "", totals(klass)[0]] in rows


def test_moodle_gets_its_own_worksheet_back_with_the_grades_filled_in(klass, templates, tmp_path):
    before = read_sheet(Path(templates["moodle"])).rows
    after, told = exported(klass, MoodleExportPlugin, tmp_path, template=templates["moodle"])
    full, half = totals(klass)
    assert [row[5] for row in after] == ["Grade", full, half, "", "5.00"]
    assert after[2][-1] == 'well done, "Zoë"'
    assert after[3][1] == "'=HYPERLINK(1)"
    for old, new in zip(before, after, strict=True):
        assert old[:1] + old[2:5] + old[6:] == new[:1] + new[2:5] + new[6:]
    assert told.unknown == ["Nobody Knows"]
    assert told.missing == ["eve"]


@pytest.mark.parametrize(("kind", "name"), [(CanvasExportPlugin, "canvas"), (MoodleExportPlugin, "moodle")])
def test_another_maximum_on_the_platform_is_refused(klass, tmp_path, kind, name):
    template = tmp_path / "t.csv"
    template.write_bytes((FILES / f"{name}.csv").read_bytes().replace(b"8.00", b"100.00"))
    with pytest.raises(CourseError, match="is worth 100, here"):
        exported(klass, kind, tmp_path, template=str(template))


@pytest.mark.parametrize(
    ("kind", "said"), [(CanvasExportPlugin, "no gradebook"), (MoodleExportPlugin, "no grading worksheet")]
)
def test_another_file_is_refused(klass, tmp_path, kind, said):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CourseError, match=said):
        exported(klass, kind, tmp_path, template=str(tmp_path / "t.csv"))


def test_a_column_that_cannot_be_guessed_is_asked_for(klass, templates, tmp_path):
    file = Path(templates["canvas"])
    file.write_text(file.read_text(encoding="utf-8").replace("Problem set 6 (4711)", "Norms (4711)"), encoding="utf-8")
    with pytest.raises(CourseError, match="--column"):
        exported(klass, CanvasExportPlugin, tmp_path, template=str(file))
    (head, *_), _ = exported(klass, CanvasExportPlugin, tmp_path, template=str(file), column="Norms")
    assert head[-1] == "Norms (4711)"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\n="])
def test_no_cell_is_a_formula(tmp_path, start):
    cell = f"{start}cmd|' /C calc'!A0"
    write_sheet(tmp_path / "x.csv", [[cell]], bom=True)
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file)) == ["'" + cell]
    assert safe("-2.5") == "-2.5"


@LOGGED
def test_nbgrader_s_own_command_runs_the_exporters(klass, tmp_path):
    target = tmp_path / "out.csv"
    options = [f"--to={target}", f"--assignment=['{klass.ps}']"]
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", "--exporter=autograder.export.PlainExportPlugin", *options],
        cwd=klass.course.root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert len(read_sheet(target).rows) == 6
    assert "left empty" in done.stderr


def test_feedback_pages_go_into_one_zip(klass, templates, tmp_path, capsys):
    for student in ("ada", "zoe"):
        page = klass.course.notebook("feedback", klass.ps, student).with_suffix(".html")
        page.parent.mkdir(parents=True)
        page.write_text(f"for {student}")
    there = ["--course", str(klass.course.root), "-o", str(tmp_path / "f.zip")]
    assert main(["export", klass.ps, "--to", "feedback", *there]) == 0
    assert "without a page: bo, eve" in capsys.readouterr().err
    with zipfile.ZipFile(tmp_path / "f.zip") as archive:
        assert archive.namelist() == [f"ada/{klass.ps}.html", f"zoe/{klass.ps}.html"]
        assert archive.read(f"zoe/{klass.ps}.html") == b"for zoe"
    assert main(["export", klass.ps, "--to", "feedback", "--template", templates["moodle"], *there]) == 0
    with zipfile.ZipFile(tmp_path / "f.zip") as archive:
        assert archive.namelist()[1] == f"Zoë Brien_802_assignsubmission_file_/{klass.ps}.html"


def test_the_command_says_who_is_not_in_the_file(klass, templates, capsys):
    there = ["--course", str(klass.course.root)]
    assert main(["export", klass.ps, "--to", "canvas", "--template", templates["canvas"], *there]) == 0
    out, err = capsys.readouterr()
    assert out == f"{klass.course.root / 'exports' / klass.ps}-canvas.csv\n"
    assert "in the file and not in the gradebook; these lines are as they were: 'Nobody, Knows'" in err
    assert main(["export", klass.ps, "--to", "moodle", "--template", "nowhere.csv", *there]) == 1
    assert capsys.readouterr().err.count("\n") == 1
