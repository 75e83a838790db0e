"""What a build does and refuses, played on a book of one small chapter."""

import json
import shutil
import subprocess
import sys

import pytest

from book.build import ROOT

pytestmark = pytest.mark.slow

CHAPTER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
---
# 2 · A chapter

Some prose.

```{code-cell} python
import time
from dlopt import claims
print(time.time_ns())
```

```{code-cell} python
claims.check("Q4", measured=1, theory=1, atol=0, part="steps")
claims.check("Q3", measured=0.5, theory=0.5, rtol=1e-9)
```
"""


class Book:
    """A copy of the machinery around one small chapter."""

    def __init__(self, root):
        self.root = root
        for name in ("_config.yml", "pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, root / name)
        for name in ("book", "dlopt"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        (root / "chapters").mkdir()
        (root / "chapters" / "references.bib").write_text("")
        (root / "_toc.yml").write_text(
            "format: jb-book\nroot: index\nchapters:\n- file: chapters/02_quadratics\n- file: chapters/ledger\n"
        )
        (root / "index.md").write_text("# A book\n\n```{chapter-map}\n```\n")
        (root / "chapters" / "ledger.md").write_text("# Checked\n\n```{ledger}\n```\n")
        self.write(CHAPTER)

    def write(self, text):
        (self.root / "chapters" / "02_quadratics.md").write_text(text)

    def build(self, *options):
        command = [sys.executable, "-m", "book", "build", *options]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True)

    @property
    def claims(self):
        path = self.root / "_build" / "html" / "claims.json"
        return [(c["id"], c["part"], c["passed"], c["chapter"]) for c in json.loads(path.read_text())]

    @property
    def notebook(self):
        path = self.root / "_build" / "html" / "_sources" / "chapters" / "02_quadratics.ipynb"
        return json.loads(path.read_text())

    @property
    def executed_at(self):
        [first, _] = [cell for cell in self.notebook["cells"] if cell["cell_type"] == "code"]
        return "".join(first["outputs"][0]["text"]).strip()


EXPECTED = [("Q3", "", True, "02_quadratics"), ("Q4", "steps", True, "02_quadratics")]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("book"))
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return book


@pytest.fixture
def book(built):
    """The small book, built and in order before and after each test."""
    yield built
    built.write(CHAPTER)


def assert_builds(book, *options):
    done = book.build(*options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert book.claims == EXPECTED
    return done.stdout


def assert_fails(book, message, times=1):
    for _ in range(times):
        done = book.build()
        assert done.returncode == 1
        assert message in done.stderr
        assert not (book.root / "_build" / "html" / "claims.json").exists()


def test_a_second_build_has_nothing_to_do(book):
    assert_builds(book)
    assert "nothing has changed" in assert_builds(book)


def test_new_prose_runs_no_cell_and_loses_no_output(book):
    assert_builds(book)
    before = book.executed_at
    book.write(CHAPTER.replace("Some prose.", "Better prose."))
    assert_builds(book)
    assert book.executed_at == before
    assert "Better prose." in json.dumps(book.notebook)


def test_a_change_in_dlopt_runs_every_cell_again(book):
    assert_builds(book)
    before = book.executed_at
    with (book.root / "dlopt" / "claims.py").open("a") as module:
        module.write("\n# changed\n")
    assert_builds(book)
    assert book.executed_at != before


def test_a_change_in_the_design_reaches_the_site_without_running_a_cell(book):
    assert_builds(book)
    before = book.executed_at
    with (book.root / "book" / "assets" / "course.css").open("a") as sheet:
        sheet.write("/* changed */\n")
    assert_builds(book)
    assert book.executed_at == before
    assert "/* changed */" in (book.root / "_build/html/_static/course.css").read_text()


def test_a_cold_build_runs_every_cell_again(book):
    assert_builds(book)
    before = book.executed_at
    assert_builds(book, "--cold")
    assert book.executed_at != before


def test_a_claim_that_does_not_hold_fails_every_time(book):
    book.write(CHAPTER.replace("measured=0.5", "measured=0.6"))
    assert_fails(book, "Claim Q3 does not hold: measured 0.6", times=2)


def test_a_broken_reference_fails_every_time(book):
    book.write(CHAPTER + "\nSee {ref}`nowhere`.\n")
    assert_fails(book, "undefined label: 'nowhere'", times=2)


def test_a_part_claimed_twice_fails(book):
    book.write(CHAPTER.replace('"Q3", measured=0.5', '"Q4", part="steps", measured=0.5'))
    assert_fails(book, "duplicate")


def test_a_warning_printed_by_a_cell_fails(book):
    book.write(CHAPTER.replace("import time", "import time, warnings; warnings.warn('look here')"))
    assert_fails(book, "stderr")


def test_an_error_while_showing_a_result_fails(book):
    # as matplotlib's figures are shown: after the cell, which is not held to account
    bad = "get_ipython().events.register('post_execute', lambda: display(Bad()))"
    bad = f"class Bad:\n    def _repr_html_(self):\n        raise TypeError('no picture')\n\n{bad}"
    book.write(CHAPTER + f"\n```{{code-cell}} python\n{bad}\n```\n")
    assert_fails(book, "a cell shows an error: TypeError: no picture")


def test_a_mended_chapter_passes_again(book):
    book.write(CHAPTER.replace("measured=0.5", "measured=0.6"))
    assert book.build().returncode == 1
    book.write(CHAPTER)
    assert_builds(book)
