"""What a build does and refuses, played on a book of one small chapter."""

import json

import pytest

pytestmark = pytest.mark.slow

NAME = "02_quadratics"
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


EXPECTED = [("Q3", "", True, "02_quadratics"), ("Q4", "steps", True, "02_quadratics")]


@pytest.fixture(scope="module")
def built(make_book):
    book = make_book({NAME: CHAPTER})
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return book


@pytest.fixture
def book(built):
    """The small book, built and in order before and after each test."""
    yield built
    built.write(NAME, CHAPTER)


def executed_at(book):
    return book.outputs(NAME)[0]


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
    before = executed_at(book)
    book.write(NAME, CHAPTER.replace("Some prose.", "Better prose."))
    assert_builds(book)
    assert executed_at(book) == before
    assert "Better prose." in json.dumps(book.notebook(NAME))


def test_a_change_in_dlopt_runs_every_cell_again(book):
    assert_builds(book)
    before = executed_at(book)
    with (book.root / "dlopt" / "claims.py").open("a") as module:
        module.write("\n# changed\n")
    assert_builds(book)
    assert executed_at(book) != before


def test_a_change_in_the_design_reaches_the_site_without_running_a_cell(book):
    assert_builds(book)
    before = executed_at(book)
    with (book.root / "book" / "assets" / "course.css").open("a") as sheet:
        sheet.write("/* changed */\n")
    assert_builds(book)
    assert executed_at(book) == before
    assert "/* changed */" in (book.root / "_build/html/_static/course.css").read_text()


def test_a_cold_build_runs_every_cell_again(book):
    assert_builds(book)
    before = executed_at(book)
    assert_builds(book, "--cold")
    assert executed_at(book) != before


def test_a_claim_that_does_not_hold_fails_every_time(book):
    book.write(NAME, CHAPTER.replace("measured=0.5", "measured=0.6"))
    assert_fails(book, "Claim Q3 does not hold: measured 0.6", times=2)


def test_a_broken_reference_fails_every_time(book):
    book.write(NAME, CHAPTER + "\nSee {ref}`nowhere`.\n")
    assert_fails(book, "undefined label: 'nowhere'", times=2)


def test_a_citation_of_nothing_fails(book):
    book.write(NAME, CHAPTER + "\nAs {cite:t}`nobody1900` found.\n")
    assert_fails(book, 'could not find bibtex key "nobody1900"')


def test_a_label_given_twice_fails(book):
    book.write(NAME, CHAPTER + "\n(here)=\n## One\n\n(here)=\n## Two\n")
    assert_fails(book, "Duplicate")


def test_a_kernel_that_is_not_there_is_named(book):
    book.write(NAME, CHAPTER.replace("name: python3", "name: fortran77"))
    assert_fails(book, "NoSuchKernel: No such kernel named fortran77")


def test_a_part_claimed_twice_fails(book):
    book.write(NAME, CHAPTER.replace('"Q3", measured=0.5', '"Q4", part="steps", measured=0.5'))
    assert_fails(book, "duplicate")


def test_a_warning_printed_by_a_cell_fails(book):
    book.write(NAME, CHAPTER.replace("import time", "import time, warnings; warnings.warn('look here')"))
    assert_fails(book, "stderr")


def test_an_error_while_showing_a_result_fails(book):
    # as matplotlib's figures are shown: after the cell, which is not held to account
    bad = "get_ipython().events.register('post_execute', lambda: display(Bad()))"
    bad = f"class Bad:\n    def _repr_html_(self):\n        raise TypeError('no picture')\n\n{bad}"
    book.write(NAME, CHAPTER + f"\n```{{code-cell}} python\n{bad}\n```\n")
    assert_fails(book, "a cell shows an error: TypeError: no picture")


def test_a_mended_chapter_passes_again(book):
    book.write(NAME, CHAPTER.replace("measured=0.5", "measured=0.6"))
    assert book.build().returncode == 1
    book.write(NAME, CHAPTER)
    assert_builds(book)
