"""``python -m autograder``: exit codes, one clear sentence, data on stdout and talk on stderr."""

import pytest

from autograder.__main__ import main, table
from autograder.grade import Result

PS = "ps2_quadratics"


@pytest.mark.parametrize("command", ["release", "grade"])
def test_an_unknown_set_is_a_usage_error_that_lists_the_choices(command, capsys, course):
    with pytest.raises(SystemExit) as stop:
        main([command, "ps22", "--course", str(course.root)])
    assert stop.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    there_is = ", ".join(course.problem_sets())
    assert there_is.startswith("ps1_losses, ps2_quadratics, ")
    assert last.endswith(f"there is no problem set 'ps22'; there is: {there_is}")


def test_releasing_prints_where_the_release_is_and_is_done_once(capsys, course, released):
    assert main(["release", PS, "--course", str(course.root)]) == 0
    out, err = capsys.readouterr()
    assert out == f"{released}\n"
    assert err == "ps2_quadratics: the release is up to date\n"


def test_grading_nobody_is_an_error_in_one_line(capsys, course, released, monkeypatch):
    monkeypatch.setattr("autograder.judge.intake.with_names", lambda *_: [])
    assert main(["grade", PS, "--course", str(course.root)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("python -m autograder: nobody has handed in ps2_quadratics:")
    assert err.count("\n") == 1


def test_what_waits_for_a_person_is_no_0():
    lines = table(PS, [Result("ada", {"quadratic": None}, 0, 3)]).splitlines()
    assert lines[2].split() == ["ada", "–", "/", "3", "–"]
