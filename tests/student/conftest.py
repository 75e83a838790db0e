"""What a student has: every release, the same with right answers in it, and a folder to work in."""

import copy
import json
import re
import shutil

import nbformat
import pytest

from autograder.course import ROOT, Course
from autograder.release import release

SETS = Course().problem_sets()


class Notebook:
    """A notebook that a student edits; cells are reached by their label."""

    def __init__(self, nb):
        self.nb = copy.deepcopy(nb)

    def index(self, label):
        labels = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in self.nb.cells]
        return labels.index(label)

    def __getitem__(self, label):
        return self.nb.cells[self.index(label)]

    @property
    def cells(self):
        return self.nb.cells

    def answer(self, label, source):
        self[label].source = source
        return self

    def edit(self, label, old, new):
        assert old in self[label].source
        self[label].source = self[label].source.replace(old, new)
        return self

    def drop(self, *labels):
        for label in labels:
            del self.nb.cells[self.index(label)]
        return self

    def move(self, label, to):
        self.nb.cells.insert(to, self.nb.cells.pop(self.index(label)))
        return self

    def double(self, label, source=None):
        twin = copy.deepcopy(self[label])
        twin.id = f"{twin.id}-twin"
        twin.source = twin.source if source is None else source
        self.nb.cells.insert(self.index(label) + 1, twin)
        return self

    def write(self, source, *, after, kind="code"):
        make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[kind]
        self.nb.cells.insert(self.index(after) + 1, make(source=source))
        return self

    def save(self, folder, name):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.nb, ensure_ascii=False, indent=1), encoding="utf-8")
        return path


@pytest.fixture(autouse=True, scope="session")
def this_clone():
    """Let kernels and servers import this clone's dlopt, whatever is installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT.parent))
        patch.delenv("DLOPT_GRADING", raising=False)
        yield


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """Return the path of a set's release, made once."""
    root = tmp_path_factory.mktemp("course") / "autograder"
    root.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT.parent / "solutions", root.parent / "solutions")
    course, made = Course(root), {}

    def of(ps):
        if ps not in made:
            made[ps] = release(course, ps)
        return made[ps]

    return of


@pytest.fixture(scope="session")
def blank(released):
    """Return a set's release, to be edited."""
    return lambda ps: Notebook(nbformat.read(released(ps), as_version=4))


@pytest.fixture(scope="session")
def solved(blank):
    """Return a set's release with the model solutions in its answer cells."""

    def of(ps):
        notebook = blank(ps)
        for cell in nbformat.read(ROOT.parent / "solutions" / ps / f"{ps}.ipynb", as_version=4).cells:
            if cell.metadata.nbgrader.solution:
                lines = cell.source.splitlines()
                answer = "\n".join(line for line in lines if not re.search("### (BEGIN|END) SOLUTION", line))
                notebook.answer(cell.metadata.nbgrader.grade_id, answer)
        return notebook

    return of
