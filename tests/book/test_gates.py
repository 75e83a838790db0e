"""What is not fit to be read stops the build, in a sentence."""

import pytest

from book import gates

GOOD = """<html><article><h1 id="top">Title</h1><h2>Part</h2>
<a href="two.html#place">there</a><a href="https://elsewhere.example/x">elsewhere</a>
<img src="small.svg" alt="A line that falls" loading="lazy"></article></html>"""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "two.html").write_text('<article><h1>Two</h1><p id="place">.</p></article>')
    (tmp_path / "small.svg").write_text("<svg/>")
    (tmp_path / "large.svg").write_text("<svg>" + "x" * gates.IMAGE_BYTES)

    def findings(old, new):
        assert GOOD.count(old) == 1
        (tmp_path / "one.html").write_text(GOOD.replace(old, new))
        return gates.findings(tmp_path)

    return findings


def test_a_page_in_order_passes(site):
    assert site("Title", "Another title") == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("two.html#place", "three.html", "one.html: the link three.html leads nowhere"),
        ("two.html#place", "two.html#gone", "one.html: the link two.html#gone leads to a page without that place"),
        ("two.html#place", "../two.html", "one.html: the link ../two.html leaves the site's folder"),
        ("A line that falls", " ", "one.html: the picture small.svg has no alt text; say in words what it shows"),
        (' loading="lazy"', "", 'one.html: the picture small.svg is loaded before it is seen; give it loading="lazy"'),
        ("small", "large", "one.html: the picture large.svg has 60 kB, allowed are 60; draw fewer points"),
        (
            'src="small.svg"',
            f'src="data:image/png;base64,{"x" * gates.IMAGE_BYTES}"',
            f"one.html: the picture data:image/png;base64,{'x' * 58} has 60 kB, allowed are 60; draw fewer points",
        ),
        (
            "<h2>Part</h2>",
            f"<h2>Part</h2><svg>{'x' * gates.IMAGE_BYTES}</svg>",
            "one.html: a picture in the page itself has 60 kB, allowed are 60; draw fewer points",
        ),
        (
            "<h2>Part</h2>",
            '<h2>Part</h2><object data="small.svg"></object>',
            "one.html: object shows nothing to who cannot see it; show pictures with img",
        ),
        ("<h2>Part</h2>", "<h3>Part</h3>", "one.html: the heading 'Part' skips from level 1 to 3; use level 2"),
        ("<h2>Part</h2>", "<h1>Part</h1>", "one.html: expected one heading of level 1, found 2"),
        ("<h2>", '<h2 id="top">', "one.html: the id 'top' stands twice; links to it are ambiguous"),
    ],
)
def test_each_fault_is_named_with_its_page(site, old, new, sentence):
    assert site(old, new) == [sentence]
