"""Solutions on the site: those whose moment has come, and of all others not a line."""

import json
import re
import shutil
import zipfile

import pytest
from lxml import html as markup

from autograder.course import ROOT

pytestmark = pytest.mark.slow

CHAPTER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
---
# 2 · A chapter

```{code-cell} python
1 + 1
```
"""
DOWNLOADS = "# Downloads\n\n```{downloads} problem-sets\n```\n\n## Solutions\n\n```{downloads} solutions\n```\n"
OUT, LATER, NEVER, NOT_IN_THE_COURSE = "ps6_batchnorm", "ps2_quadratics", "ps1_losses", "ps3_whitening"
SETS = (OUT, LATER, NEVER, NOT_IN_THE_COURSE)
DECIDED = f"""timezone: Europe/Helsinki
sets:
  {LATER}: {{deadline: 2099-10-02 23:59, solution: 2099-10-09 12:00}}
  {OUT}: {{deadline: 2020-10-02 23:59, solution: 2020-10-09 12:00}}
  {NEVER}:
"""


@pytest.fixture(scope="module")
def book(make_book):
    """A small book with four released sets, three of them in the course; one solution is due, one is for later."""
    book = make_book({"02_quadratics": CHAPTER, "downloads": DOWNLOADS})
    shutil.copy(ROOT.parent / "constraints.txt", book.root)
    for ps in SETS:
        shutil.copytree(ROOT.parent / "solutions" / ps, book.root / "solutions" / ps)
        release = book.root / "autograder" / "release" / ps
        release.mkdir(parents=True)
        (release / f"{ps}.ipynb").write_text('{"cells": []}')
    (book.root / "course.yml").write_text(DECIDED)
    build(book)
    return book


def build(book):
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr


def everything(book):
    """Every byte that the site serves, those inside archives included, by file."""
    found = {}
    for path in (book.root / "_build" / "html").rglob("*"):
        if path.suffix in (".zip", ".whl"):
            archive = zipfile.ZipFile(path)
            found |= {f"{path.name}/{name}": archive.read(name) for name in archive.namelist()}
        elif path.is_file():
            found[path.name] = path.read_bytes()
    return {name: content.decode(errors="replace") for name, content in found.items()}


def answers(ps):
    """The lines of a set's answers that nobody would write by chance."""
    source = json.loads((ROOT.parent / "solutions" / ps / f"{ps}.ipynb").read_text(encoding="utf-8"))
    text = "\n".join("".join(cell["source"]) for cell in source["cells"])
    regions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", text, re.DOTALL)
    lines = {line.strip() for region in regions for line in region.splitlines()}
    return [line for line in lines if len(line) > 40]


def listed(book):
    page = markup.document_fromstring((book.root / "_build" / "html" / "chapters" / "downloads.html").read_bytes())
    return [(a.get("href"), a.getparent().text_content()) for a in page.xpath("//ul[@class='downloads']//a")]


@pytest.mark.parametrize("ps", [LATER, NEVER, NOT_IN_THE_COURSE])
def test_of_an_unpublished_solution_nothing_is_in_the_site(book, ps):
    site = everything(book)
    secrets = set(answers(ps)) - set(answers(OUT))  # some sentences of the rubrics are the same
    assert len(secrets) > 5
    assert not [
        (name, line)
        for line in secrets
        for name, text in site.items()
        if line in text or json.dumps(line)[1:-1] in text
    ]
    assert not [name for name, text in site.items() if "BEGIN SOLUTION" in text or f"{ps}_solution" in name + text]


def test_the_published_one_is_offered_whole(book):
    site = everything(book)
    published = json.loads(site[f"{OUT}_solution.ipynb"])
    text = "\n".join(cell["source"] for cell in published["cells"])
    assert all(line in text for line in answers(OUT))
    assert (f"../downloads/solutions/{OUT}_solution.ipynb") in [href for href, _ in listed(book)]


def test_sets_are_offered_in_the_order_of_the_course_with_their_deadlines(book):
    zips = [(href.rpartition("/")[2], text) for href, text in listed(book) if href.endswith(".zip")]
    assert [name for name, _ in zips] == [f"{ps}.zip" for ps in (LATER, OUT, NEVER)]
    assert zips[0][1].endswith(", due on Friday, 2 October 2099, 23:59 (Europe/Helsinki)")
    assert "due" not in zips[2][1]


def test_a_solution_that_is_taken_back_is_gone_with_the_next_build(book):
    file = book.root / "course.yml"
    try:
        file.write_text(DECIDED.replace("solution: 2020-10-09 12:00", "solution: never"))
        build(book)
        assert not [name for name, text in everything(book).items() if f"{OUT}_solution" in name + text]
        assert "None is published yet." in everything(book)["downloads.html"]
    finally:
        file.write_text(DECIDED)
        build(book)
    assert f"{OUT}_solution.ipynb" in everything(book)


def test_a_file_that_cannot_be_meant_fails_the_build_in_its_own_words(book):
    file = book.root / "course.yml"
    try:
        file.write_text(DECIDED.replace("solution:", "sollution:"))
        done = book.build()
        assert done.returncode == 1
        assert "book: course.yml, line 3: nothing is known of 'sollution' in ps2_quadratics" in done.stderr
        assert "Traceback" not in done.stderr
    finally:
        file.write_text(DECIDED)
