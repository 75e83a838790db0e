import json
import shutil
import subprocess
import sys

import pytest

from book.build import ROOT

#: What is no source: compiled Python, and what students handed in.
left_behind = shutil.ignore_patterns(
    "__pycache__", ".*", "release", "submitted", "autograded", "feedback", "exports", "*.db"
)


class Book:
    """A copy of the machinery around a few small chapters."""

    def __init__(self, root, chapters):
        self.root = root
        for name in ("_config.yml", "pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, root / name)
        for name in ("book", "dlopt", "autograder"):
            shutil.copytree(ROOT / name, root / name, ignore=left_behind)
        (root / "chapters").mkdir()
        (root / "chapters" / "references.bib").write_text("")
        files = "".join(f"- file: chapters/{name}\n" for name in (*chapters, "ledger"))
        (root / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{files}")
        (root / "index.md").write_text("# A book\n\n```{chapter-map}\n```\n")
        (root / "chapters" / "ledger.md").write_text("# Checked\n\n```{ledger}\n```\n")
        for name, text in chapters.items():
            self.write(name, text)

    def write(self, name, text):
        (self.root / "chapters" / f"{name}.md").write_text(text)

    def build(self, *options):
        command = [sys.executable, "-m", "book", "build", *options]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True)

    @property
    def claims(self):
        path = self.root / "_build" / "html" / "claims.json"
        return [(c["id"], c["part"], c["passed"], c["chapter"]) for c in json.loads(path.read_text())]

    def notebook(self, name):
        """The chapter as its reader downloads it."""
        path = self.root / "_build" / "html" / "_sources" / "chapters" / f"{name}.ipynb"
        return json.loads(path.read_text())

    def outputs(self, name):
        """What each of its code cells printed."""
        cells = [cell for cell in self.notebook(name)["cells"] if cell["cell_type"] == "code"]
        return ["".join("".join(output.get("text", "")) for output in cell["outputs"]).strip() for cell in cells]


@pytest.fixture(scope="session")
def make_book(tmp_path_factory):
    """Make a small book of named chapters."""
    return lambda chapters: Book(tmp_path_factory.mktemp("book"), chapters)
