"""Chapters run beside one another, once; played on a book of three that keep a log of when they ran."""

import itertools
import os

import pytest

pytestmark = pytest.mark.slow

NAMES = ("02_one", "03_two", "04_three")
CHAPTER = """---
jupytext: {{text_representation: {{extension: .md, format_name: myst}}}}
kernelspec: {{name: python3, display_name: Python 3}}
---
# {number} · A chapter

Some prose.

```{{code-cell}} python
import time
from pathlib import Path

start, logs = time.time(), Path({logs!r})
with (logs / {name!r}).open("a") as log:
    log.write(f"{{start}}\\n")
for _ in range(300):  # half a minute for another chapter to come, if any does
    if len(list(logs.iterdir())) > 1:
        break
    time.sleep(0.1)
time.sleep(1)
print(start, time.time())
```
"""
CELL_END = "print(start, time.time())\n"


class Chapters:
    """The three chapters and how often each has run."""

    def __init__(self, make_book, logs):
        self.logs = logs
        self.texts = {name: CHAPTER.format(number=int(name[:2]), name=name, logs=str(logs)) for name in NAMES}
        self.book = make_book(self.texts)

    @property
    def runs(self):
        return [len((self.logs / name).read_text().splitlines()) for name in NAMES]

    @property
    def outputs(self):
        return [self.book.outputs(name) for name in NAMES]

    def change(self, name, old, new):
        assert old in self.texts[name]
        self.book.write(name, self.texts[name].replace(old, new))

    def build(self):
        done = self.book.build()
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def built(make_book, tmp_path_factory):
    chapters = Chapters(make_book, tmp_path_factory.mktemp("logs"))
    chapters.build()
    return chapters


@pytest.fixture
def chapters(built):
    """The three, built as they were at first."""
    for name, text in built.texts.items():
        built.book.write(name, text)
    built.build()
    return built


def test_each_chapter_ran_once_and_jupyter_book_ran_none_again(chapters):
    assert chapters.runs == [1, 1, 1]
    logged = [(chapters.logs / name).read_text().strip() for name in NAMES]
    assert [output.split()[0] for [output] in chapters.outputs] == logged


@pytest.mark.skipif(os.cpu_count() == 1, reason="one core runs one chapter at a time")
def test_chapters_run_at_the_same_time(chapters):
    spans = [tuple(map(float, output.split())) for [output] in chapters.outputs]
    assert any(max(a[0], b[0]) < min(a[1], b[1]) for a, b in itertools.combinations(spans, 2))


def test_new_prose_runs_no_chapter(chapters):
    runs, outputs = chapters.runs, chapters.outputs
    for name in NAMES:
        chapters.change(name, "Some prose.", "Better prose.")
    chapters.build()
    assert (chapters.runs, chapters.outputs) == (runs, outputs)
    assert "Better prose." in str(chapters.book.notebook("03_two"))


def test_a_failing_chapter_fails_every_time_and_what_ran_beside_it_is_kept(chapters):
    one, two, three = chapters.runs
    chapters.change("03_two", CELL_END, "raise ValueError('no valley here')\n")
    chapters.change("04_three", CELL_END, CELL_END + "print('anew')\n")
    for times in (1, 2):
        done = chapters.book.build()
        assert done.returncode == 1
        assert "03_two.md: WARNING: Executing notebook failed: CellExecutionError" in done.stderr
        assert "ValueError: no valley here" in done.stderr
        assert "04_three" not in done.stderr
        assert chapters.runs == [one, two + times, three + 1]
    chapters.book.write("03_two", chapters.texts["03_two"])
    chapters.build()
    assert chapters.runs == [one, two + 2, three + 1]
    assert chapters.book.outputs("04_three")[0].endswith("anew")
