"""The release that answers are put into: from the gradebook, and from the source notebook, the same one."""

import json
import shutil

import nbformat
import pytest

from autograder.course import ROOT, Course, CourseError
from autograder.rebuild import rebuild, release_from_gradebook, release_from_source
from autograder.release import release

PS = "ps2_quadratics"


@pytest.fixture(scope="module")
def small_course(tmp_path_factory, small_release):
    """A course with the small notebook as its problem set, solutions and all, released."""
    root = tmp_path_factory.mktemp("small") / "autograder"
    source = root.parent / "solutions" / "small" / "small.ipynb"
    source.parent.mkdir(parents=True)
    root.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", root)
    nb = nbformat.from_dict(json.loads(json.dumps(small_release)))
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in nb.cells}
    cells["f"].source = "def f(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION"
    cells["essay"].source = "Because of this and that."
    source.write_text(nbformat.writes(nb))
    course = Course(root)
    release(course, "small")
    return course


def from_gradebook(course, ps):
    released = nbformat.read(course.notebook("release", ps), as_version=4)
    with course.gradebook() as gradebook:
        return release_from_gradebook(gradebook, ps, ps, released)


def test_from_the_source_solutions_are_gone_and_hidden_tests_are_not(small_course, cell_of):
    made = release_from_source(small_course, "small")
    assert cell_of(made, "f").source == "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert cell_of(made, "essay").source == "YOUR ANSWER HERE"
    assert "assert f(2) == 4" in cell_of(made, "f_check").source
    assert "One point per line." in cell_of(made, "drawing").source


def test_from_the_gradebook_it_is_the_same_notebook(small_course):
    assert from_gradebook(small_course, "small") == release_from_source(small_course, "small")


def test_so_it_is_for_ps2(course, released):
    assert from_gradebook(course, PS) == release_from_source(course, PS)


def test_what_students_got_is_rebuilt_without_a_note(small_course):
    """Though its hidden tests are gone."""
    submission = small_course.notebook("release", "small").read_bytes()
    result = rebuild(submission, from_gradebook(small_course, "small"))
    assert b"HIDDEN" not in submission
    assert result.notebook == release_from_source(small_course, "small")
    assert result.notes == []


def test_unanswered_cells_keep_the_checksum_that_nbgrader_knows_them_by(small_course, cell_of):
    from nbgrader.utils import compute_checksum

    nb = rebuild(small_course.notebook("release", "small").read_bytes(), from_gradebook(small_course, "small")).notebook
    for name in ("f", "f_check", "essay", "title"):
        assert cell_of(nb, name).metadata.nbgrader["checksum"] == compute_checksum(cell_of(nb, name))


def test_a_gradebook_of_other_cells_is_refused(small_course):
    released = nbformat.read(small_course.notebook("release", "small"), as_version=4)
    released.cells[0].metadata.nbgrader["grade_id"] = "heading"
    with (
        small_course.gradebook() as gradebook,
        pytest.raises(CourseError, match="differ in the cells heading, title: make the release again"),
    ):
        release_from_gradebook(gradebook, "small", "small", released)


def test_a_missing_source_is_refused(small_course):
    with pytest.raises(CourseError, match="there is no"):
        release_from_source(small_course, "ps99")
