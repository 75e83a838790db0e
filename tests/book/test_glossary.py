"""The terms that chapters define come together on one page."""

import pytest
from lxml import html as markup

pytestmark = pytest.mark.slow

HEAD = "# {number} · A chapter\n\nSome prose.\n\n"
ONE = (
    HEAD.format(number=1)
    + """```{glossary}
zebra crossing
  Where a {term}`pedestrian` crosses, $x = 1$.
```
"""
)
TWO = (
    HEAD.format(number=2)
    + """```{glossary}
pedestrian
  Who walks. See {ref}`above <zebra>`.
```

A {term}`zebra crossing` has stripes.
"""
)
NAMES = ("01_losses", "02_quadratics")


@pytest.fixture(scope="module")
def book(make_book):
    book = make_book(dict(zip(NAMES, (ONE.replace("Some prose.", "(zebra)=\n## Zebra"), TWO), strict=True)))
    toc = book.root / "_toc.yml"
    toc.write_text(toc.read_text() + "- file: chapters/glossary\n")
    book.write("glossary", "# Glossary\n\n```{terms}\n```\n")
    return book


def build(book):
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    page = book.root / "_build" / "html" / "chapters" / "glossary.html"
    return markup.document_fromstring(page.read_text(encoding="utf-8"))


def test_terms_stand_in_order_and_lead_to_their_place(book):
    page = build(book)
    links = page.xpath("//dl[contains(@class, 'terms')]/dt/a")
    assert [link.text_content() for link in links] == ["pedestrian", "zebra crossing"]
    assert [link.get("href") for link in links] == [
        "02_quadratics.html#term-pedestrian",
        "01_losses.html#term-zebra-crossing",
    ]
    inside = page.xpath("//dl[contains(@class, 'terms')]/dd//a/@href")
    assert inside == ["01_losses.html#zebra", "02_quadratics.html#term-pedestrian"]
    assert page.xpath("//script[contains(@src, 'mathjax')]")  # a definition holds a formula


def test_a_new_meaning_reaches_the_list(book):
    book.write(NAMES[1], TWO.replace("Who walks.", "Who goes on foot."))
    assert "Who goes on foot." in build(book).text_content()


def test_a_term_defined_twice_fails(book):
    book.write(NAMES[1], TWO.replace("pedestrian\n", "zebra crossing\n"))
    done = book.build()
    assert done.returncode == 1
    assert "duplicate term description of zebra crossing" in done.stderr
