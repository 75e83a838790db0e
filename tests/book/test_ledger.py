"""The ledger tells what the pages checked, no more and no less."""

import json
from html.parser import HTMLParser

import pytest

from book import course, ledger
from dlopt import syllabus

RECORDS = [
    {
        "id": "Q3",
        "part": "best step",
        "measured": 0.5,
        "theory": 0.5,
        "relation": "≈",
        "tolerance": 1e-6,
        "passed": True,
    },
    {
        "id": "Q3",
        "part": "rate < 1",
        "measured": 0.9,
        "theory": 1.0,
        "relation": "<",
        "tolerance": None,
        "passed": True,
    },
    {"id": "Q4", "part": "", "measured": 1.0, "theory": 1.0, "relation": "≈", "tolerance": 0.0, "passed": True},
]


def link(page, anchor=""):
    return f"{page}.html#{anchor}"


class Words(HTMLParser):
    """The text of a fragment, its links, and a check that every tag is closed."""

    def __init__(self, html):
        super().__init__()
        self.words, self.links, self.open = [], [], []
        self.feed(html)
        assert self.open == []
        self.text = " ".join("".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data + " ")


def test_claims_are_read_from_what_myst_nb_glued(tmp_path):
    outputs = {
        "claim:Q3:best step": {"metadata": {"scrapbook": {}, "dlopt_claim": RECORDS[0]}, "data": {}},
        "another glued value": {"metadata": {"scrapbook": {}}, "data": {"text/plain": "5"}},
    }
    path = tmp_path / "02_quadratics.glue.json"
    path.write_text(json.dumps(outputs))
    assert list(ledger.read_glue(path, "02_quadratics")) == [{**RECORDS[0], "chapter": "02_quadratics"}]


def test_a_row_stands_once_above_its_checks():
    page = Words(ledger.table(RECORDS, "chapters/02_quadratics", link))
    assert page.text.count(syllabus.row("Q4").topic.split(";")[0]) == 1
    for words in (
        "best step 0.5 ≈ 0.5 0 1e−06",
        "rate < 1 0.9 < 1",
        "the claim as it stands 1 = 1 0 0",
    ):
        assert words in page.text
    assert page.links == [
        "chapters/02_quadratics.html#claim-Q3-best-step",
        "chapters/02_quadratics.html#claim-Q3-rate-1",
        "chapters/02_quadratics.html#claim-Q4",
    ]


def test_a_page_without_claims_says_so():
    assert Words(ledger.table([], "chapters/conventions", link)).text == "No check here yet."


def test_progress_counts_rows_not_checks():
    assert "2 of 82 rows so far , by 3 checks." in Words(ledger.progress(RECORDS)).text


def test_the_map_tells_chapters_that_exist_from_those_to_come():
    records = [{**r, "chapter": "02_quadratics"} for r in RECORDS]
    page = Words(ledger.chapter_map(records, {"chapters/02_quadratics"}, link))
    assert page.links == ["chapters/02_quadratics.html#"]
    assert "2 of 13 topics checked" in page.text
    assert page.text.count("coming") == len(course.CHAPTERS) - 1


def test_a_chapter_counts_as_ready_only_with_all_its_rows():
    rows = [{"id": row.id, "chapter": "02_quadratics"} for row in syllabus.rows() if row.chapter == "02_quadratics"]
    assert "map-ready" in ledger.chapter_map(rows, {"chapters/02_quadratics"}, link)
    assert "map-ready" not in ledger.chapter_map(rows[1:], {"chapters/02_quadratics"}, link)


def test_every_chapter_of_the_syllabus_is_on_the_map():
    assert [c.name for c in course.CHAPTERS] == sorted({row.chapter for row in syllabus.rows()})
    assert [c.number for c in course.CHAPTERS] == list(range(1, 10))
    assert sum(len(c.rows) for c in course.CHAPTERS) == 82


@pytest.mark.parametrize("row", syllabus.rows(), ids=lambda r: r.id)
def test_no_formula_is_left_half_set(row):
    assert not {"_", "^", "{", "}"} & set(ledger.formulas(row.topic).replace("log_softmax", ""))
