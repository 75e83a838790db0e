"""The command line: 0 done, 1 failed in one line, 2 wrong usage."""

import pytest

from book import build
from book.__main__ import main


@pytest.mark.parametrize("arguments", [[], ["bake"], ["build", "--warm"], ["serve", "--port", "http"]])
def test_wrong_usage_exits_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: python -m book" in capsys.readouterr().err


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    for command in ("build", "serve", "wheel"):
        assert command in text


def test_serving_what_is_not_built_fails_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(build, "ROOT", tmp_path)
    assert main(["serve"]) == 1
    assert capsys.readouterr().err == "book: there is no site yet; build it with: make book\n"


def test_a_failed_build_fails_in_one_line(monkeypatch, capsys):
    def fail(**_):
        raise build.BuildError("the build failed")

    monkeypatch.setattr(build, "build", fail)
    assert main(["build"]) == 1
    assert capsys.readouterr().err == "book: the build failed\n"
