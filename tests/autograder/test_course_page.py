"""What docs/course.md shows is what the commands print."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest

from autograder import commands
from autograder.__main__ import main
from autograder.course import ROOT, Course
from autograder.roster import COLUMNS
from autograder.settings import load
from autograder.total import Grade, earned, possible

PAGE = (ROOT.parent / "docs" / "course.md").read_text(encoding="utf-8")
OCTOBER = datetime(2026, 10, 5, tzinfo=UTC)


def shown(command):
    """What the page shows below a command, once for each time."""
    consoles = re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    pieces = [piece for console in consoles for piece in re.split(r"^\$ ", console, flags=re.MULTILINE)]
    return [piece.partition("\n")[2] for piece in pieces if piece.partition("\n")[0] == command]


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with the page's example, in the folder where commands run."""
    (example,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "autograder").mkdir()
    (tmp_path / "solutions").symlink_to(ROOT.parent / "solutions")
    (tmp_path / "course.yml").write_text(example)
    monkeypatch.chdir(tmp_path)
    return Course(tmp_path / "autograder")


@pytest.fixture
def run(course, capsys):
    """A function: what a command of the page prints, talk and data, in whichever order they are shown."""

    def printed(*arguments):
        main([*arguments, "--course", str(course.root)])
        out, err = capsys.readouterr()
        return sorted((out + err).splitlines())

    return printed


def test_the_overview(run, monkeypatch):
    class Then(datetime):
        @classmethod
        def now(cls, tz=None):
            return OCTOBER

    monkeypatch.setattr(commands, "datetime", Then)
    assert run("course") == sorted(shown("python -m autograder course")[0].splitlines())


def test_the_refusal(course, run):
    text = (course.root.parent / "course.yml").read_text()
    text = text.replace("deadline: 2026-10-02 23:59", "dedline: 2026-10-02").replace("day: 10", "day: -10")
    (course.root.parent / "course.yml").write_text(text)
    assert run("course") == sorted(shown("python -m autograder course")[1].splitlines())


def test_the_roster(course, run):
    (course.root.parent / "students.csv").write_text(shown("cat students.csv")[0])
    assert run("roster", "students.csv") == sorted(shown("python -m autograder roster students.csv")[0].splitlines())


def test_the_roster_that_is_refused(course, run):
    bad = ["id,first_name,last_name,email", "ada,Ada,King,ada@example.org", "../bo,Bo,Ek,"]
    bad += ['cy,=HYPERLINK("x"),Berg,cy at home', "ada,Ada,King,"]
    (course.root.parent / "bad.csv").write_text("\n".join(bad))
    assert run("roster", "bad.csv") == sorted(shown("python -m autograder roster bad.csv")[0].splitlines())


@pytest.mark.parametrize("column", COLUMNS)
def test_the_names_of_the_columns(column):
    (line,) = re.findall(rf"^\| {column}[^|]* \|(.*)\|$", PAGE, re.MULTILINE)
    assert re.findall(r"`([^`]+)`", line) == list(COLUMNS[column])


def test_the_total(course):
    """All points but those of the answer in words, which waits; one of the two eight hours late."""
    settings, own = load(course), course.exercises("ps2_quadratics")
    one = settings["ps2_quadratics"]
    grades = [Grade(name, 0 if name == "in_words" else points, points) for name, points in own.items()]
    late = settings.late.share(8 * 3600)
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(shown("cat autograder/exports/course.csv")[0]))}
    assert float(rows["ada"]["total"]) == pytest.approx(earned(one, grades, own))
    assert float(rows["bo"]["total"]) == pytest.approx(earned(one, grades, own, late))
    assert float(rows["ada"]["of"]) == possible(one, own)
