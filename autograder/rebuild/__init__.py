"""The first station of grading: what was handed in becomes the instructor's notebook with the student's answers in it.

`rebuild` takes from a submission the sources of its answer cells, by ``grade_id``, and the student's own
cells, in place. Everything else comes from the release: text, set-up and check cells, their order, tags,
metadata and points. A file that cannot be read raises `Ungradable`, whose sentence says what was expected,
what came and what to do; no other exception leaves this package, whatever the bytes.
"""

from autograder.rebuild._cells import MAX_BYTES, Rebuilt, Ungradable
from autograder.rebuild._find import NOTEBOOK, find_notebook, read_file, read_notebook
from autograder.rebuild._place import rebuild
from autograder.rebuild._release import release_from_gradebook, release_from_source

__all__ = [
    "MAX_BYTES",
    "NOTEBOOK",
    "Rebuilt",
    "Ungradable",
    "find_notebook",
    "read_file",
    "read_notebook",
    "rebuild",
    "release_from_gradebook",
    "release_from_source",
]
