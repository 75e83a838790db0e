"""The teaching plan on the site: the same plan, with links that lead somewhere there."""

import re

import pytest
from lxml import html as markup

from autograder.course import ROOT, Course
from autograder.teaching import chapters, plan
from dlopt import syllabus

pytestmark = pytest.mark.slow

PAGE = "# Plan\n\n```{teaching-plan}\n```\n"


@pytest.fixture(scope="module")
def book(make_book):
    """A book of nine chapters that are nothing but their titles, and the page."""
    titles = {chapter.name: f"# {chapter.title}\n\nA word.\n" for chapter in chapters()}
    book = make_book({**titles, "teaching": PAGE})
    (book.root / "solutions").symlink_to(ROOT.parent / "solutions")
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    return book


def page(book):
    return markup.document_fromstring((book.root / "_build" / "html" / "chapters" / "teaching.html").read_bytes())


def rows(book, head):
    """The cells below a table's head."""
    for table in page(book).xpath("//article//table"):
        if [cell.text_content().strip() for cell in table.xpath(".//th")][: len(head)] == head:
            yield from (
                [cell.text_content().strip() for cell in row.xpath("./td")] for row in table.xpath(".//tbody/tr")
            )


def test_every_topic_and_every_exercise_is_on_it(book):
    assert [row[0] for row in rows(book, ["row", "topic"])] == [row.id for row in syllabus.rows()]
    exercises = [row[0].removesuffix(" (by hand)") for row in rows(book, ["exercise", "points"])]
    assert exercises == [name for ps in Course().problem_sets() for name in Course().exercises(ps)]


def test_weeks_lead_to_their_chapters(book):
    links = page(book).xpath("//article//table[1]//a/@href")
    assert [link for link in links if "_" in link][: len(chapters())] == [
        f"{chapter.name}.html" for chapter in chapters()
    ]


def test_a_new_estimate_is_on_the_page_after_the_next_build(book):
    file = book.root / "autograder" / "effort.yml"
    before = file.read_text(encoding="utf-8")
    (minutes,) = re.findall(r"one_hot: \[(\d+),", before)
    try:
        file.write_text(before.replace(f"one_hot: [{minutes},", "one_hot: [17,"), encoding="utf-8")
        assert book.build().returncode == 0
        (row,) = [row for row in rows(book, ["exercise", "points"]) if row[0] == "one_hot"]
        assert row[2] == "17"
    finally:
        file.write_text(before, encoding="utf-8")


def test_it_says_what_the_page_of_the_repository_says():
    """Without links and the words for instructors the two are the same."""
    plain = [
        re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text).replace("`", "")
        for text in (plan(Course(), site=True), plan(Course()))
    ]
    assert plain[1].endswith(plain[0])
