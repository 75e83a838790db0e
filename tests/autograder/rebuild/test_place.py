"""What survives of a submission: answers by grade_id, and the student's own cells in place."""

import copy

import pytest
from nbformat.v4 import new_code_cell, new_output

from autograder.rebuild import Ungradable, rebuild

RIGHT = "def f(x):\n    return x * x"


def test_a_submission_as_it_should_be_is_the_release_with_the_answers(ps2, ps2_release):
    ps2.answer("quadratic", "def quadratic(A, b, w): return 0, w")
    expected = copy.deepcopy(ps2.nb)
    result = rebuild(ps2.bytes, ps2_release)
    assert result.notebook == expected
    assert result.notes == []


def test_an_untouched_submission_is_the_release_itself(ps2, ps2_release):
    """Then nbgrader's checksum says "No response.", as it should."""
    assert rebuild(ps2.bytes, ps2_release).notebook == ps2_release


def test_hidden_tests_come_back_and_are_no_edit(small, rebuilt, small_release, cell_of):
    result = rebuilt(small)
    assert cell_of(result.notebook, "f_check").source == cell_of(small_release, "f_check").source
    assert "HIDDEN" in cell_of(result.notebook, "f_check").source
    assert result.notes == []


def test_the_marking_scheme_of_a_task_comes_back(small, rebuilt, cell_of):
    assert "One point per line." in cell_of(rebuilt(small).notebook, "drawing").source


def test_magic_lines_of_an_answer_stay_text(small, rebuilt, cell_of):
    source = "%%time\n!ls\n%load_ext x\n?f"
    assert cell_of(rebuilt(small.answer("f", source)).notebook, "f").source == source


def test_nothing_but_sources_survives(small, rebuilt, small_release, cell_of):
    """Neither tags nor points nor outputs nor notebook metadata of the student's."""
    small.answer("f", RIGHT)
    small["f"].metadata.update(tags=["skip-execution"], evil=True)
    small["f"].outputs = [new_output("stream", text="all tests passed")]
    small["f_check"].metadata.update(tags=["skip-execution"])
    small["f_check"].metadata.nbgrader.update(points=100, locked=False, grade=False, solution=True)
    small["title"].metadata.nbgrader.update(solution=True)
    small["title"].source = "# Mine"
    small.nb.metadata = {"kernelspec": {"name": "bash", "display_name": "sh"}, "dlopt": 1}
    nb = rebuilt(small).notebook
    assert nb.metadata == small_release.metadata
    for cell, original in zip(nb.cells, small_release.cells, strict=True):
        assert cell.metadata == original.metadata
        assert cell.source == (RIGHT if cell.id == "f" else original.source)


def test_own_cells_keep_their_place_and_lose_everything_but_their_text(small, rebuilt, sources):
    helper = small.write("def helper(): pass", before="f")
    helper.metadata.update(tags=["remove"], nbgrader={"grade": True, "points": 9, "grade_id": ""})
    helper.outputs = [new_output("stream", text="x")]
    small.write("f(3)", after="f_check")
    small.write("My notes", kind="markdown")
    result = rebuilt(small)
    texts = sources(result.notebook)
    assert texts[0] == "My notes"
    assert texts[texts.index("def helper(): pass") + 1].startswith("def f")
    assert texts[texts.index("f(3)") - 1].startswith("assert f(1)")
    assert all(cell.metadata == {} for cell in result.notebook.cells if cell.id.startswith("cell-"))
    assert result.notes == []


def test_blank_own_cells_are_left_out(small, rebuilt, small_release, sources):
    small.write("  \n", after="f")
    assert sources(rebuilt(small).notebook) == sources(small_release)


def test_rebuilding_twice_gives_the_same_notebook(small, rebuilt):
    small.write("f(3)", after="f_check")
    assert rebuilt(small).notebook == rebuilt(small).notebook


class TestInstructorsCells:
    def test_what_was_written_into_a_check_cell_is_left_out_with_a_note(self, small, rebuilt, small_release, sources):
        small["f_check"].source = RIGHT + "\n" + small["f_check"].source
        result = rebuilt(small)
        assert sources(result.notebook) == sources(small_release)
        assert any("f_check had been edited" in note for note in result.notes)

    def test_lines_taken_out_of_a_check_cell_come_back(self, small, rebuilt, small_release, cell_of):
        small["f_check"].source = "pass"
        assert cell_of(rebuilt(small).notebook, "f_check").source == cell_of(small_release, "f_check").source

    def test_a_deleted_one_comes_back_with_a_note(self, small, rebuilt, small_release):
        result = rebuilt(small.drop("setup", "f_check"))
        assert result.notebook == rebuilt(small).notebook
        assert [c.id for c in result.notebook.cells] == [c.id for c in small_release.cells]
        assert result.notes == ["Missing, and put back: setup, f_check."]

    def test_a_copy_of_a_check_cell_counts_once(self, small, rebuilt, small_release, sources):
        small.copy("f_check")
        result = rebuilt(small)
        assert sources(result.notebook) == sources(small_release)
        assert any("more than once" in note for note in result.notes)

    def test_moved_cells_are_back_in_place(self, small, rebuilt, small_release):
        small.answer("f", RIGHT)
        small.nb.cells.reverse()
        result = rebuilt(small)
        order = [c.id for c in result.notebook.cells if c.metadata]
        assert order == [c.id for c in small_release.cells if c.metadata]
        assert any("moved" in note for note in result.notes)

    def test_a_damaged_one_is_no_harm(self, small, rebuilt, small_release, sources):
        small["f_check"].source = 5
        assert sources(rebuilt(small).notebook) == sources(small_release)


class TestCellsOfTheReleaseWithoutLabel:
    def test_they_are_not_repeated(self, small, rebuilt, small_release):
        assert len(rebuilt(small).notebook.cells) == len(small_release.cells)

    def test_a_deleted_one_comes_back(self, small, rebuilt, small_release, sources):
        del small.nb.cells[2]
        assert sources(rebuilt(small).notebook) == sources(small_release)

    def test_an_edited_one_has_the_last_word(self, small, rebuilt, sources):
        small.nb.cells[2].source = "x = 2"
        texts = sources(rebuilt(small).notebook)
        assert texts[2:5] == ["x = 1  # change me", "x = 2", "A picture follows."]

    def test_own_cells_stay_between_them(self, small, rebuilt, sources):
        small.nb.cells.insert(3, new_code_cell("print(x)"))
        assert sources(rebuilt(small).notebook)[2:5] == ["x = 1  # change me", "print(x)", "A picture follows."]


class TestDuplicates:
    def test_the_answered_copy_is_graded_not_the_stub(self, small, rebuilt, cell_of):
        small.copy("f", RIGHT, at=1)
        result = rebuilt(small)
        assert cell_of(result.notebook, "f").source == RIGHT
        assert "Cell f is there 2 times; the answered copy is graded." in result.notes

    def test_of_several_answers_the_last_is_graded_and_the_others_run_before_it(self, small, rebuilt, cell_of, sources):
        """As in the student's own notebook, run from top to bottom."""
        small.answer("f", "def f(x): return 0")
        small.copy("f", RIGHT, at=len(small.nb.cells))
        result = rebuilt(small)
        texts = sources(result.notebook)
        assert cell_of(result.notebook, "f").source == RIGHT
        assert texts.index("def f(x): return 0") < texts.index(RIGHT)
        assert sum(c.metadata.get("nbgrader", {}).get("grade_id") == "f" for c in result.notebook.cells) == 1
        assert any("different answers" in note for note in result.notes)

    def test_a_cell_split_in_jupyterlab_keeps_both_halves_in_order(self, small, rebuilt, sources):
        """JupyterLab 4 gives both halves the same metadata, the label with it."""
        small.answer("f", "def g(x):\n    return x")
        small.copy("f", "f = g")
        texts = sources(rebuilt(small).notebook)
        place = texts.index("def g(x):\n    return x")
        assert texts[place + 1] == "f = g"
        assert texts[place + 2].startswith("assert")

    def test_a_cell_split_elsewhere_keeps_its_second_half_below_it(self, small, rebuilt, sources):
        """Where the second half has no label, it is an ordinary cell."""
        small.answer("f", "def g(x):\n    return x")
        small.write("f = g", after="f")
        texts = sources(rebuilt(small).notebook)
        assert texts[texts.index("f = g") - 1] == "def g(x):\n    return x"

    def test_a_blank_copy_is_no_answer(self, small, rebuilt, cell_of):
        small.answer("f", RIGHT).copy("f", "\n")
        assert cell_of(rebuilt(small).notebook, "f").source == RIGHT

    def test_equal_answers_run_once(self, small, rebuilt, sources):
        small.answer("f", RIGHT).copy("f", RIGHT + "  \n")
        assert sum("return x * x" in text for text in sources(rebuilt(small).notebook)) == 1


class TestMissingAnswers:
    def test_the_stub_comes_back_with_a_note(self, small, rebuilt, small_release):
        result = rebuilt(small.drop("f"))
        assert result.notebook.cells[4] == {**small_release.cells[4], "outputs": [], "execution_count": None}
        assert result.notes == ["Missing, and unanswered therefore: f."]

    def test_an_answer_in_a_new_cell_in_its_place_is_not_undone_by_the_stub(self, small, rebuilt, sources):
        small.write(RIGHT, after="f")
        texts = sources(rebuilt(small.drop("f")).notebook)
        assert [text.split("\n")[-1].strip() for text in texts[4:7]] == [
            "# This cell was missing; another one defines f.",
            "return x * x",
            "### END HIDDEN TESTS",
        ]

    def test_a_stub_does_not_come_back_where_cells_above_were_joined(self, small, rebuilt, sources):
        small["setup"].source += "\n\n" + RIGHT
        small.write(RIGHT, before="setup")
        result = rebuilt(small.drop("f"))
        assert "Missing, and answered in other cells: f." in result.notes
        assert "raise NotImplementedError()" not in "".join(sources(result.notebook))

    def test_a_mention_of_the_name_is_no_answer(self, small, rebuilt):
        small.write("f = None  # def f(x)\nif True:\n    def f(x): pass", before="setup")
        assert "Missing, and unanswered therefore: f." in rebuilt(small.drop("f")).notes

    def test_a_changed_label_makes_an_ordinary_cell(self, small, rebuilt, sources):
        small.answer("f", RIGHT)["f"].metadata.nbgrader["grade_id"] = "f_mine<script>"
        result = rebuilt(small)
        texts = sources(result.notebook)
        assert texts[texts.index(RIGHT) + 1].startswith("assert")
        assert any("f_mine?script?" in note for note in result.notes)

    def test_lost_labels_are_recognised_by_cell_id(self, small, rebuilt, small_release, cell_of):
        """Some tools remove the metadata of every cell."""
        small.answer("f", RIGHT)
        for cell in small.nb.cells:
            cell.metadata = {}
        result = rebuilt(small)
        assert cell_of(result.notebook, "f").source == RIGHT
        assert len(result.notebook.cells) == len(small_release.cells)
        assert any("lost nbgrader's label" in note for note in result.notes)

    def test_a_notebook_without_labels_and_ids_is_ungradable(self, small, rebuilt):
        for number, cell in enumerate(small.nb.cells):
            cell.metadata, cell.id = {}, f"new-{number}"
        with pytest.raises(
            Ungradable, match=r"none of the cells in which the answers of small are expected \(f, essay\)"
        ):
            rebuilt(small)

    def test_another_problem_set_is_ungradable_even_if_some_labels_are_alike(self, small, ps2_release):
        with pytest.raises(Ungradable, match=r"\(quadratic, gradient_descent, condition_number and 7 more\)"):
            rebuild(small.bytes, ps2_release)

    def test_all_answers_deleted_is_a_submission_without_answers(self, small, rebuilt):
        assert "unanswered therefore: f, essay" in rebuilt(small.drop("f", "essay")).notes[0]


class TestChangedKinds:
    @pytest.mark.parametrize("kind", ["markdown", "raw"])
    def test_an_answer_turned_into_text_is_code_again(self, small, rebuilt, cell_of, kind):
        small.answer("f", RIGHT)["f"].cell_type = kind
        result = rebuilt(small)
        assert (cell_of(result.notebook, "f").cell_type, cell_of(result.notebook, "f").source) == ("code", RIGHT)
        assert result.notes == [f"Cell f had been turned into {kind}; it is code again."]

    def test_an_essay_turned_into_code_is_text_again(self, small, rebuilt, cell_of):
        small.answer("essay", "Because.")["essay"].cell_type = "code"
        assert cell_of(rebuilt(small).notebook, "essay").cell_type == "markdown"

    def test_an_unknown_kind_of_own_cell_is_never_run(self, small, rebuilt):
        small.write("print(1)", after="f").cell_type = "javascript"
        assert {c.cell_type for c in rebuilt(small).notebook.cells if c.source == "print(1)"} == {"raw"}


class TestDamagedSources:
    @pytest.mark.parametrize(
        ("source", "what"),
        [
            (5, "a number"),
            (None, "nothing"),
            (True, "true or false"),
            ({}, "an object"),
            (["a", 1], "a list of more than lines of text"),
        ],
    )
    def test_of_an_answer_they_are_ungradable_never_a_zero(self, small, rebuilt, source, what):
        small["f"].source = source
        with pytest.raises(Ungradable, match=rf"Cell 5 \(f\) holds {what} where its text is expected"):
            rebuilt(small)

    def test_of_an_own_cell_as_well_for_an_answer_may_need_it(self, small, rebuilt):
        small.write("x", after="f").source = 3
        with pytest.raises(Ungradable, match="Cell 6 holds a number"):
            rebuilt(small)

    def test_a_list_of_lines_is_text(self, small, rebuilt, cell_of):
        small["f"].source = RIGHT.splitlines(keepends=True)
        assert cell_of(rebuilt(small).notebook, "f").source == RIGHT

    @pytest.mark.parametrize("end", ["\r\n", "\r"])
    def test_line_ends_of_other_systems_are_line_ends(self, small, rebuilt, cell_of, end):
        small.answer("f", RIGHT.replace("\n", end))
        assert cell_of(rebuilt(small).notebook, "f").source == RIGHT

    def test_half_a_character_is_replaced_with_a_note(self, small, rebuilt, cell_of):
        result = rebuilt(small.answer("f", "s = '\ud83d'"))
        assert cell_of(result.notebook, "f").source == "s = '�'"
        assert "lone surrogate" in result.notes[0]

    def test_a_cell_of_megabytes_is_ungradable(self, small, rebuilt):
        with pytest.raises(Ungradable, match=r"Cell 5 \(f\) is 2.0 MB long"):
            rebuilt(small.answer("f", "x" * 2_000_000))

    def test_so_are_many_large_ones_together(self, small, rebuilt):
        for _ in range(6):
            small.write("x" * 1_000_000, after="f")
        with pytest.raises(Ungradable, match=r"The cells hold 6.0 MB of text"):
            rebuilt(small)
