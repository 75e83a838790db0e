"""What `ready` says of a notebook that nobody has run yet: each slip by its name, place and cure."""

import json

import nbformat
import pytest

from autograder.course import Course
from dlopt.notebooks import Unreadable
from dlopt.ready import INVENTORY, problem_sets, ready

SETS = Course().problem_sets()
PS = "ps1_losses"


@pytest.fixture
def look(tmp_path):
    """Look at a notebook without running it; return what is said, and whether it can be handed in."""

    def at(notebook, name=f"{PS}.ipynb", what=None):
        path = notebook.save(tmp_path, name)
        return ready(what or str(path), here=tmp_path, execute=False)

    return at


def test_there_are_checks_for_every_set_that_is_released():
    assert problem_sets() == SETS


@pytest.mark.parametrize("ps", SETS)
def test_every_release_says_how_to_ask_and_holds_an_inventory_of_its_cells(blank, ps):
    notebook = blank(ps)
    assert f"`python -m dlopt ready {ps.split('_')[0]}`" in notebook.cells[-1].source
    inventory = notebook.nb.metadata[INVENTORY]
    assert inventory["set"] == ps
    assert inventory["cells"] == [cell.metadata.nbgrader.grade_id for cell in notebook.cells]


@pytest.mark.parametrize("ps", SETS)
def test_nothing_filled_in_is_not_ready_and_every_answer_is_named(blank, look, ps):
    said, good = look(blank(ps), f"{ps}.ipynb")
    assert not good
    assert said.endswith("Not ready, because nothing has been filled in yet.")
    answers = [cell for cell in blank(ps).cells if cell.metadata.nbgrader.solution]
    assert said.count("still the stub (cell ") + said.count("still empty (cell ") == len(answers)


@pytest.mark.parametrize("ps", SETS)
def test_right_answers_are_ready_as_far_as_can_be_seen_without_running(solved, look, ps):
    said, good = look(solved(ps), f"{ps}.ipynb")
    assert good
    assert said.endswith("Looks ready to hand in, but it has not been run.")
    assert "To mend" not in said
    assert "To look at" not in said


STOPS = {
    "renamed by one letter": (
        lambda nb: nb.edit("softmax", "def softmax(", "def soft_max("),
        "Cell 8 (softmax) defines soft_max, but the check and grading call softmax. "
        "Did you mean softmax? Rename soft_max.",
    ),
    "renamed beyond likeness": (
        lambda nb: nb.edit("mse", "def mse(", "def squared("),
        "Cell 26 (mse) defines squared, but the check and grading call mse.",
    ),
    "deleted": (lambda nb: nb.drop("mse"), "The cell mse was deleted. Copy your answers into a fresh copy"),
    "deleted, and written elsewhere": (
        lambda nb: nb.write(nb["mse"].source, after="mse_check").drop("mse"),
        "The cell mse is gone; cell 27 defines mse, but answers are collected by their cell's label.",
    ),
    "deleted, and written elsewhere under a name like it": (
        lambda nb: nb.write("def mse_loss(f, y): ...", after="mse_check").drop("mse"),
        "The cell mse was deleted. Cell 27 defines mse_loss: is that it?",
    ),
    "its label renamed": (
        lambda nb: nb["mse"].metadata.nbgrader.update(grade_id="my_mse") or nb,
        "The cell mse is gone; cell 26 (my_mse) defines mse",
    ),
    "turned into text": (
        lambda nb: nb["mse"].update(cell_type="markdown") or nb,
        "Cell 26 (mse) has been turned into markdown, so nothing in it runs. Click it and choose Code",
    ),
    "twice, with different contents": (
        lambda nb: nb.double("mse", "def mse(f, y):\n    return 0.0"),
        "The cell mse is there 2 times (cell 26, cell 27) with different contents, and only one can be graded.",
    ),
    "an answer in words deleted": (
        lambda nb: nb.drop("in_words"),
        "The cell in_words, for your answer in words, was deleted.",
    ),
    "no labels at all": (
        lambda nb: [cell.metadata.pop("nbgrader") for cell in nb.cells] and nb,
        "Most cells have lost nbgrader's label, by which answers are found (title, rules, setup and 40 more); it "
        "defines one_hot, softmax, log_softmax",
    ),
}


@pytest.mark.parametrize(("damage", "sentence"), STOPS.values(), ids=STOPS)
def test_what_would_lose_work_is_not_ready(solved, look, damage, sentence):
    said, good = look(damage(solved(PS)))
    assert not good
    assert sentence in said
    assert said.splitlines()[-1].startswith(f"Not ready, because {sentence[0].lower()}{sentence[1:20]}")


BUTS = {
    "a check changed": (
        lambda nb: nb.answer("mse_check", "check.mse(lambda f, y: 0)"),
        "Locked, and changed all the same: cell 27 (mse_check). Grading uses them as they were handed out",
    ),
    "imports in the locked first cell": (
        lambda nb: nb.edit("setup", "import numpy as np", "import numpy as np\nimport itertools"),
        "Locked, and changed all the same: cell 3 (setup).",
    ),
    "a check deleted": (lambda nb: nb.drop("mse_check"), "Deleted, though locked: mse_check. Grading puts it back."),
    "text and picture deleted": (
        lambda nb: nb.drop("mse_text", "prices_picture"),
        "Deleted, though locked: prices_picture, mse_text.",
    ),
    "a check twice": (lambda nb: nb.double("mse_check"), "There more than once: mse_check. Delete the copies."),
    "an answer twice": (
        lambda nb: nb.double("mse"),
        "The cell mse is there 2 times (cell 26, cell 27). Delete the copies that you do not need.",
    ),
    "reordered": (
        lambda nb: nb.move("mse_check", 5),
        "Not where they were handed out: mse_check. Grading puts cells back in order",
    ),
    "half of a stub left": (
        lambda nb: nb.answer("mse", nb["mse"].source + "\n    raise NotImplementedError()"),
        "Cell 26 (mse) still has a line raise NotImplementedError()",
    ),
    "words missing": (
        lambda nb: nb.answer("in_words", "YOUR ANSWER HERE"),
        "Your answer in words, cell 37 (in_words), is still empty.",
    ),
    "words rubbed out": (
        lambda nb: nb.answer("in_words", " \n"),
        "Your answer in words, cell 37 (in_words), is still empty.",
    ),
    "a package that grading lacks": (
        lambda nb: nb.write("from scipy.special import logsumexp", after="setup"),
        "Cell 4 imports scipy, which grading does not have: there this fails, although it works here.",
    ),
}


@pytest.mark.parametrize(("damage", "sentence"), BUTS.values(), ids=BUTS)
def test_what_costs_points_or_is_mended_on_the_way_can_be_handed_in_but(solved, look, damage, sentence):
    said, good = look(damage(solved(PS)))
    assert good
    assert sentence in said
    assert said.splitlines()[-1] == "Can be handed in, but there is one thing to look at above."


NOTES = {
    "text changed": (
        lambda nb: nb.edit("mse_text", "##", "# !"),
        "The text of cell 25 (mse_text) was changed; grading shows it as it was handed out.",
    ),
    "a label of its own": (
        lambda nb: nb.write("1 + 1", after="mse_check").cells[27].metadata.update(nbgrader={"grade_id": "extra"}) or nb,
        "Labelled as no cell of this problem set, and taken for cells of your own: extra.",
    ),
    "no guess": (lambda nb: nb, "The guess that cell 18 (prices_picture_text) asks for stands nowhere near it."),
}


@pytest.mark.parametrize(("change", "sentence"), NOTES.values(), ids=NOTES)
def test_what_costs_nothing_is_said_and_stays_ready(solved, look, change, sentence):
    said, good = look(change(solved(PS)))
    assert good
    assert sentence in said
    assert said.splitlines()[-1].startswith("Looks ready")


def test_a_guess_beside_the_question_is_found(solved, look):
    for after in ("prices_picture_text", "prices_picture"):
        said, _ = look(solved(PS).write("I guess m = 2.2.", after=after, kind="markdown"))
        assert "guess" not in said


def test_cells_of_one_s_own_helpers_and_magics_are_nobody_s_business(solved, look):
    notebook = solved(PS).write("%matplotlib inline\n!ls\nhelper = 3", after="setup").write("", after="setup")
    notebook = notebook.write("%%timeit\nhelper", after="setup").write("*a thought*", after="setup", kind="markdown")
    said, good = look(notebook)
    assert good
    assert "To look at" not in said


def test_an_answer_may_stand_in_a_helper_cell_and_be_assigned(solved, look):
    notebook = solved(PS)
    notebook.write(notebook["mse"].source, after="setup").answer("mse", "mse = mse  # see above")
    said, good = look(notebook)
    assert good
    assert "To mend" not in said


NAMES = ["ps1_losses (1).ipynb", "my homework.ipynb", "Übung 1 – Лоссы.ipynb", "PS1_LOSSES.ipynb", "folder x/ps1.ipynb"]


@pytest.mark.parametrize("name", NAMES)
def test_another_file_name_is_said(solved, look, name):
    said, good = look(solved(PS), name)
    assert good
    file = name.split("/")[-1]
    assert f"The file is called {file}; ps1_losses.ipynb is what the course collects. Rename it." in said


def test_without_the_inventory_exercises_are_still_known_by_their_checks(solved, look):
    notebook = solved(PS)
    del notebook.nb.metadata[INVENTORY]
    said, good = look(notebook.drop("mse").move("mse_grad", 4))
    assert not good
    assert "The cell mse was deleted." in said
    assert "written; a person reads it" in said


@pytest.mark.parametrize(
    "inventory", [3, [], {"set": 7, "cells": "x", "by_hand": [1]}, {"set": "ps99", "cells": [None]}]
)
def test_an_inventory_that_makes_no_sense_is_none(solved, look, inventory):
    notebook = solved(PS)
    notebook.nb.metadata[INVENTORY] = inventory
    assert look(notebook)[1]


def test_metadata_of_odd_front_ends_are_taken_as_they_come(solved, look):
    notebook = solved(PS)
    for cell in notebook.cells:
        cell.metadata.update({"colab": {"base_uri": "x"}, "vscode": {"languageId": "python"}, "tags": 3})
        cell.metadata.nbgrader.pop("checksum", None)
    notebook["mse_check"].metadata.nbgrader["points"] = "three"
    assert look(notebook)[1]


def test_format_3_is_read(solved, tmp_path):
    path = tmp_path / f"{PS}.ipynb"
    old = nbformat.convert(nbformat.from_dict(json.loads(json.dumps(solved(PS).nb))), 3)
    path.write_text(json.dumps(old), encoding="utf-8")
    said, good = ready(str(path), execute=False)
    assert good
    assert "The notebook is in an older format" in said


class TestWhichNotebook:
    @pytest.fixture
    def folder(self, tmp_path, solved):
        solved(PS).save(tmp_path, f"{PS}.ipynb")
        return tmp_path

    @pytest.mark.parametrize(
        "what", [None, "ps1", "ps1_losses", "ps1_l", "ps1_losses.ipynb", ".", "./ps1_losses.ipynb"]
    )
    def test_is_found_by_prefix_name_path_or_by_being_there(self, folder, what, monkeypatch):
        monkeypatch.chdir(folder)
        assert ready(what, execute=False)[0].startswith(
            "ps1_losses.ipynb, problem set 1: 43 cells, 24 of code, not run."
        )

    def test_a_set_may_lie_in_a_folder_of_its_name(self, tmp_path, solved):
        solved(PS).save(tmp_path / PS, f"{PS}.ipynb")
        assert ready("ps1", here=tmp_path, execute=False)[1]

    def test_copies_beside_the_right_name_do_not_confuse_it(self, folder, solved):
        solved(PS).save(folder, f"{PS} (1).ipynb")
        assert ready("ps1", here=folder, execute=False)[0].startswith("ps1_losses.ipynb,")

    def test_a_copy_alone_is_taken_and_two_are_not(self, tmp_path, solved):
        solved(PS).save(tmp_path, f"{PS} (1).ipynb")
        assert "The file is called ps1_losses (1).ipynb" in ready("ps1", here=tmp_path, execute=False)[0]
        solved(PS).save(tmp_path, f"{PS}-Copy2.ipynb")
        with pytest.raises(
            Unreadable, match=r"Several notebooks could be meant: ps1_losses \(1\).ipynb, ps1_losses-Copy2"
        ):
            ready("ps1", here=tmp_path)

    @pytest.mark.parametrize(
        ("what", "sentence"),
        [
            ("ps1", r"There is no ps1_losses.ipynb in .*. Change to its folder \(cd …\), or give its path."),
            (None, r"There is no notebook of a problem set in "),
            ("ps", r"“ps” could be ps1_losses, ps2_quadratics"),
            ("homework", r"“homework” is none of the problem sets ps1_losses, .*, and no file has this name."),
            ("ps77", r"“ps77” is none of the problem sets"),
            ("lost.ipynb", r"There is no file lost.ipynb here"),
            ("no/such", r"There is no file no/such here"),
        ],
    )
    def test_what_is_not_there_gets_a_sentence(self, tmp_path, what, sentence):
        with pytest.raises(Unreadable, match=sentence):
            ready(what, here=tmp_path)


class TestNoNotebook:
    BYTES = (
        (b"", "The file is empty"),
        (b"%PDF-1.7 ...", "the file is a PDF"),
        (b"PK\x03\x04...", "the file is a zip archive"),
        (b"def softmax(h):\n    return h\n", "the file looks like a Python script"),
        (b"<!doctype html><p>Log in", "the file is an HTML page"),
        (b'{"cells": [\n<<<<<<< HEAD\n{}\n=======\n>>>>>>> theirs\n]}', "marks of an unfinished git merge"),
        (b'{"cells": [{"cell_type": "code", ', "breaks off after"),
        (b'{"cells": [,], "nbformat": 4}', "no valid JSON"),
        (b"[1, 2]", "the file holds a list as JSON"),
        (b'{"a": 1}', "The file is JSON, but no notebook"),
        (b'{"cells": [], "nbformat": 4}', "The notebook has no cells"),
        (b'{"cells": [3], "nbformat": 4}', "Cell 1 of the notebook is a number, not a cell"),
        (b'{"cells": [], "nbformat": 5}', "says it is in format 5"),
        (b"\x00\xff\xfe\x01" * 99, "A notebook was expected"),
        (b"[" * 100_000, "nested hundreds of levels deep"),
        (
            b'{"cells": [{"cell_type": "code", "source": "1", "metadata": {}}], "nbformat": 4}',
            "none of the problem sets ps1_losses, .*: it imports no checks",
        ),
        (
            b'{"cells": [{"cell_type": "code", "source": "from dlopt.checks import ps99_x as check"}], "nbformat": 4}',
            "it asks for the checks ps99_x, which this dlopt does not have",
        ),
    )

    @pytest.mark.parametrize(("data", "sentence"), BYTES, ids=[sentence for _, sentence in BYTES])
    def test_says_what_it_is(self, tmp_path, data, sentence):
        path = tmp_path / "file.ipynb"
        path.write_bytes(data)
        with pytest.raises(Unreadable, match=sentence):
            ready(str(path))

    def test_too_large(self, tmp_path):
        path = tmp_path / "file.ipynb"
        with path.open("wb") as file:
            file.truncate(40 * 2**20)
        with pytest.raises(Unreadable, match=r"The file has more than 33.6 MB, and such files are not collected"):
            ready(str(path))
