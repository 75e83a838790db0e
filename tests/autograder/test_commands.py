"""The commands about a whole course: they say how course.yml is understood, and keep to what it says."""

from datetime import UTC, datetime

import pytest

from autograder.__main__ import COMMANDS, main
from autograder.commands import overview
from autograder.course import ROOT, Course
from autograder.settings import load

DECIDED = """timezone: Europe/Helsinki
late: {percent_per_day: 10, at_most_percent: 50, grace_minutes: 15}
sets:
  ps2_quadratics: {deadline: 2026-10-02 23:59, solution: 2026-10-04 12:00, bonus: [newton_step]}
  ps1_losses: {points: 30}
  ps6_batchnorm: {bonus: true}
"""


@pytest.fixture
def course(tmp_path):
    """A course that has decided something."""
    (tmp_path / "autograder").mkdir()
    (tmp_path / "solutions").symlink_to(ROOT.parent / "solutions")
    (tmp_path / "course.yml").write_text(DECIDED)
    return Course(tmp_path / "autograder")


def test_the_overview_says_how_the_file_is_understood(course):
    text = overview(load(course), course, datetime(2026, 10, 5, tzinfo=UTC))
    assert text.splitlines() == [
        "set             points  deadline              solution",
        "ps2_quadratics  23 + 2  Fri 2026-10-02 23:59  Sun 2026-10-04 12:00 (published)",
        "ps1_losses      30      none                  never",
        "ps6_batchnorm   0 + 10  none                  never",
        "times: Europe/Helsinki; coming late costs 10 % of a score per day begun, at most 50 %; 15 minutes are free",
    ]


def test_the_command_prints_it_and_what_may_surprise(course, capsys):
    assert main(["course", "--course", str(course.root)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("set             points  deadline")
    assert "ps2_quadratics: what is handed in after its solution is published still earns 80% of a score." in err


def test_without_a_file_it_says_so(course, capsys):
    (course.root.parent / "course.yml").unlink()
    assert main(["course", "--course", str(course.root)]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "times: UTC; coming late costs nothing"
    assert err.startswith("there is no ")


@pytest.mark.parametrize("command", [["release", "ps3_whitening"], ["grade", "ps3_whitening"]])
def test_a_set_that_is_not_in_the_course_is_a_usage_error(course, command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([*command, "--course", str(course.root)])
    assert stop.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert "ps3_whitening is not in the course: " in last
    assert last.endswith("course.yml names ps2_quadratics, ps1_losses, ps6_batchnorm; add it there")


@pytest.mark.parametrize("command", [["release"], ["grade", "ps1_losses"], ["course"], ["scores"]])
def test_a_file_that_cannot_be_meant_stops_every_command_that_asks_it(course, command, capsys):
    (course.root.parent / "course.yml").write_text(DECIDED.replace("bonus", "bonos"))
    assert main([*command, "--course", str(course.root)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "course.yml, line 4: nothing is known of 'bonos' in ps2_quadratics. Did you mean bonus?" in err
    assert not (course.root / "gradebook.db").exists()


def test_every_command_is_explained_and_told_of_in_the_documentation(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    pages = [ROOT.parent / "README.md", *(ROOT.parent / "docs").glob("*.md")]
    documented = " ".join(page.read_text(encoding="utf-8") for page in pages)
    for name, text in COMMANDS.items():
        assert " ".join(text.split()) in said
        assert f"autograder {name}" in documented or f"make {name}" in documented, name
