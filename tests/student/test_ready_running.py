"""What `ready` says once the cells have run: where it fails and why, and what the visible checks find."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.course import Course
from dlopt.ready import ready

SETS = Course().problem_sets()
PS = "ps6_batchnorm"
SAMPLE = ("ps2_quadratics", "ps6_batchnorm")


@pytest.fixture
def run(tmp_path):
    """Run a notebook; return what is said, and whether it can be handed in."""

    def at(notebook, name=f"{PS}.ipynb", limit=60.0):
        return ready(str(notebook.save(tmp_path, name)), here=tmp_path, limit=limit)

    return at


EVERY = [pytest.param(ps, marks=() if ps in SAMPLE else pytest.mark.exhaustive) for ps in SETS]


@pytest.mark.parametrize("ps", EVERY)
def test_right_answers_are_ready_to_hand_in(solved, run, ps):
    said, good = run(solved(ps), f"{ps}.ipynb", limit=300)
    assert good
    assert said.endswith("Ready to hand in. Grading asks the same questions with other numbers.")
    checks = [cell for cell in solved(ps).cells if cell.metadata.nbgrader.grade and cell.cell_type == "code"]
    assert said.count("✓ right") == len(checks)
    points = sum(cell.metadata.nbgrader.points for cell in checks)
    assert f"{points:g} / {points:g}\n" in said


@pytest.mark.parametrize("ps", EVERY)
def test_a_notebook_of_stubs_runs_to_its_end_without_an_error(blank, run, ps):
    said, good = run(blank(ps), f"{ps}.ipynb")
    assert not good
    assert "fails" not in said
    assert "run from top to bottom in a fresh kernel" in said


def test_half_right_is_said_by_the_line_of_the_table(solved, run):
    said, good = run(solved(PS).edit("fold_batchnorm", "scale * mean", "mean"))
    assert good
    assert "fold_batchnorm   1.25 / 3     ✗ not yet: “The biases b2 are right”" in said
    assert said.endswith("Can be handed in, but points are open in fold_batchnorm.")


FAILS = {
    "a slip of syntax": (
        lambda nb: nb.edit("fold_batchnorm", "scale = gamma /", "scale = = gamma /"),
        "Cell 14 (fold_batchnorm) fails: SyntaxError: invalid syntax, in line 15: “scale = = gamma / "
        "np.sqrt(var + eps)”. Python cannot read the cell, so nothing in it counts.",
    ),
    "a name from a cell that is gone": (
        lambda nb: nb.write("print(my_scale)", after="setup"),
        "Cell 4 fails: NameError: name 'my_scale' is not defined, in line 1: “print(my_scale)”. No cell "
        "defines my_scale. It may be misspelt, or live on in Jupyter's memory from a cell that is gone.",
    ),
    "a name that comes further down": (
        lambda nb: nb.write("print(EPS)", after="setup").write("EPS = 1e-5", after="fold_batchnorm_check"),
        "Cell 4 fails: NameError: name 'EPS' is not defined, in line 1: “print(EPS)”. Cell 17 defines it, further "
        "down: what a cell needs must stand above it.",
    ),
    "a file of one's own": (
        lambda nb: nb.write("open('notes.txt')", after="setup"),
        "Cell 4 fails: FileNotFoundError: [Errno 2] No such file or directory: 'notes.txt', in line 1: "
        "“open('notes.txt')”. While grading there are no files beside the notebook.",
    ),
    "a question to the reader": (
        lambda nb: nb.write("name = input('Who are you?')", after="setup"),
        "It waits for somebody to type (input()), and while grading nobody does.",
    ),
    "a package that is nowhere": (
        lambda nb: nb.write("import no_such_thing", after="setup"),
        "Cell 4 fails: ModuleNotFoundError: No module named 'no_such_thing', in line 1: “import no_such_thing”. It is "
        "not installed here",
    ),
    "the way out": (
        lambda nb: nb.write("import sys; sys.exit(3)", after="setup"),
        "Cell 4 fails: SystemExit: 3. A notebook must not end its kernel: take exit, quit or sys.exit out.",
    ),
    "its own exception, with colours": (
        lambda nb: nb.write("raise ValueError('\\x1b[31mred\\nsecond line')", after="setup"),
        "Cell 4 fails: ValueError: red, in line 1",
    ),
    "a cell that is needed by another and fails": (
        lambda nb: nb.write("helper = 1 / 0", after="setup").write("helper + 1", after="BatchNorm"),
        "NameError: name 'helper' is not defined, in line 1: “helper + 1”. Cell 4 should define it, and did "
        "not get that far.",
    ),
}


@pytest.mark.parametrize(("damage", "sentence"), FAILS.values(), ids=FAILS)
def test_a_cell_that_fails_is_named_with_place_line_and_reason(solved, run, damage, sentence):
    said, good = run(damage(solved(PS)))
    assert not good
    assert sentence in said
    assert "Not ready, because cell " in said
    assert "run from top to bottom" in said  # the cells below have run all the same


def test_an_endless_loop_costs_its_cell_and_the_rest_still_runs(solved, run):
    said, good = run(solved(PS).write("while True:\n    print('again')", after="setup"), limit=3)
    assert not good
    assert "Cell 4 did not finish within 3 seconds and was interrupted: does a loop never end?" in said
    assert said.count("✓ right") == 2


def test_a_loop_that_cannot_be_interrupted_ends_the_kernel(solved, run, monkeypatch):
    monkeypatch.setattr("dlopt.ready._kernel.GRACE", 1.0)
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    said, good = run(solved(PS).write(deaf, after="BatchNorm_check"), limit=3)
    assert not good
    assert "Cell 7 did not finish within 3 seconds and could not be interrupted; the kernel was ended." in said
    assert "which did not reach the end" in said
    assert "its check could not run" in said


@pytest.mark.parametrize("way", ["import os\nos._exit(1)", "exit()", "import os, signal\nos.kill(os.getpid(), 9)"])
def test_a_kernel_that_dies_is_missed_in_the_cell_that_ended_it(solved, run, way):
    said, good = run(solved(PS).write(way, after="setup"))
    assert not good
    assert (
        "The kernel died in cell 4. It calls exit or the like: take that out. The cells below it have not run." in said
    )


def test_a_picture_that_fails_follows_from_the_functions_it_draws(solved, run):
    broken = "def fold_batchnorm(gamma, beta, mean, var, eps, W, b):\n    return W[:, :1], b"
    said, good = run(solved(PS).answer("fold_batchnorm", broken))
    assert good
    assert "Cell 17 (folding_picture) fails: ValueError: " in said
    assert "The cell is ours and calls functions of yours: run their checks first." in said


def test_a_renamed_function_is_told_once_and_not_again_by_every_cell_that_misses_it(solved, run):
    said, good = run(solved(PS).edit("fold_batchnorm", "def fold_batchnorm(", "def fold_batch_norm("))
    assert not good
    assert "Did you mean fold_batchnorm?" in said
    assert "NameError" not in said
    assert "Above:" not in said.splitlines()[-1]


def test_the_readme_shows_what_is_said(solved, run):
    said, _ = run(solved(PS).edit("fold_batchnorm", "def fold_batchnorm(", "def fold_batch_norm("))
    shown = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    first, *lines = said.splitlines()
    assert first.rpartition(" in ")[0] in shown
    for line in lines:
        assert line in shown or line == "Good to know" or line.startswith("  · The guess")


def test_an_exercise_is_checked_even_where_its_check_is_gone_or_changed(solved, run):
    said, good = run(solved(PS).drop("fold_batchnorm_check").answer("BatchNorm_check", "print('skipped')"))
    assert good
    assert said.count("✓ right") == 2


def test_a_set_up_without_dlopt_says_what_to_install(solved, run):
    said, good = run(solved(PS).edit("setup", "from dlopt import batchnorm_pictures", "from dlopt import no_pictures"))
    assert not good
    assert "install the one that came with it (requirements.txt)" in said


def test_a_cell_that_asks_whether_it_is_ready_does_not_ask_for_ever(solved, run):
    ask = "import subprocess, sys\nprint(subprocess.run([sys.executable, '-m', 'dlopt', 'ready'], check=True))"
    assert run(solved(PS).write(ask, after="setup"))[1]


def test_nothing_is_written_and_the_file_stays_as_it_is(solved, tmp_path, monkeypatch):
    folder, home = tmp_path / "a folder, Ümläute", tmp_path / "home"
    home.mkdir()
    path = solved(PS).save(folder, f"{PS}.ipynb")
    before, stamp = path.read_bytes(), path.stat().st_mtime_ns
    monkeypatch.setenv("HOME", str(home))
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "matplotlib"))  # its font cache is not ours
    assert ready(str(path), here=tmp_path)[1]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, stamp)
    assert list(folder.iterdir()) == [path]
    assert [p for p in home.rglob("*") if p.is_file()] == []


class TestCommand:
    """``python -m dlopt ready`` as it is typed."""

    def call(self, *arguments, cwd, **variables):
        command = [sys.executable, "-m", "dlopt", *arguments]
        environment = {**os.environ, **variables}
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, encoding="utf-8")

    def test_ready_is_exit_status_0_and_plain_text(self, solved, tmp_path):
        solved(PS).save(tmp_path, f"{PS}.ipynb")
        done = self.call("ready", "ps6", cwd=tmp_path, PYTHONWARNINGS="error", PYTHONIOENCODING="utf-8")
        assert done.returncode == 0, done.stdout
        assert done.stderr == ""
        assert "\x1b" not in done.stdout
        assert "\r" not in done.stdout
        assert done.stdout.endswith("Ready to hand in. Grading asks the same questions with other numbers.\n")

    def test_not_ready_is_exit_status_1(self, blank, tmp_path):
        blank(PS).save(tmp_path, f"{PS}.ipynb")
        assert self.call("ready", "--no-run", cwd=tmp_path).returncode == 1

    def test_a_terminal_that_knows_only_ascii_gets_the_words(self, solved, tmp_path):
        solved(PS).save(tmp_path, f"{PS}.ipynb")
        done = self.call("ready", "--no-run", cwd=tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        assert done.returncode == 0
        assert "Looks ready to hand in" in done.stdout

    BROKEN = (
        "The notebook breaks off after 1 bytes: its end is missing, as after an upload or a save that was interrupted. "
        "Open it in Jupyter and save.\n"
    )
    EMPTY = "The notebook has no cells. Hand in the notebook that was handed out, with your answers in it.\n"

    @pytest.mark.parametrize(("text", "sentence"), [("{", BROKEN), ('{"cells": []}', EMPTY)])
    def test_what_is_no_notebook_gets_one_sentence_and_status_1(self, tmp_path, text, sentence):
        (tmp_path / "x.ipynb").write_text(text)
        done = self.call("ready", "x.ipynb", cwd=tmp_path, PYTHONIOENCODING="utf-8")
        assert (done.returncode, done.stderr) == (1, "")
        assert done.stdout == sentence

    @pytest.mark.parametrize("arguments", [(), ("reddy",), ("ready", "--limit", "0"), ("ready", "--limit", "soon")])
    def test_what_makes_no_sense_is_status_2_with_the_usage(self, tmp_path, arguments):
        done = self.call(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert done.stderr.startswith("usage: python -m dlopt")

    def test_it_is_quick_to_say_that_there_is_nothing(self, tmp_path):
        began = time.monotonic()
        assert self.call("ready", "ps1", cwd=tmp_path).returncode == 1
        assert time.monotonic() - began < 20


def test_dlopt_imports_neither_the_graders_nor_torch_to_say_it():
    code = "import dlopt.__main__, json, sys; print(json.dumps([name.split('.')[0] for name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"autograder", "nbgrader", "torch"} & set(json.loads(done.stdout))
