"""Every link leads somewhere, and no page asks another host for anything."""

import re
from urllib.parse import urlsplit

import pytest
from lxml import html as markup

from book import gates

pytestmark = pytest.mark.slow

LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "object": "data"}


@pytest.fixture(scope="module")
def trees(site):
    """The parsed pages by path."""
    return {page: markup.document_fromstring(page.read_bytes(), parser=gates.UTF8) for page in site.pages}


def is_local(url):
    parts = urlsplit(url)
    return not parts.scheme and not parts.netloc


def test_no_gate_finds_anything(site):
    assert gates.findings(site.html) == []


def test_no_page_loads_anything_from_another_host(trees):
    foreign = [
        (page.name, tag.tag, url)
        for page, tree in trees.items()
        for tag in tree.iter(*LOADS)
        if (url := tag.get(LOADS[tag.tag])) and not is_local(url)
        if not url.startswith("data:") and tag.get("rel") != "canonical"
    ]
    assert foreign == []


def test_no_style_sheet_loads_anything_from_another_host(site):
    for sheet in site.html.rglob("*.css"):
        urls = re.findall(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)", sheet.read_text(encoding="utf-8"))
        assert not [u for pair in urls for u in pair if u.startswith(("http:", "https:", "//"))], sheet.name


def test_a_chapter_offers_notebook_source_edit_and_issue(site, trees):
    for source in site.notebooks:
        page = trees[site.html / "chapters" / f"{source.stem}.html"]
        links = page.xpath("//*[contains(@class, 'article-header-buttons')]//a/@href")
        for ending in (f"{source.stem}.ipynb", f"{source.stem}.md"):
            assert [url for url in links if url.endswith(f"_sources/chapters/{ending}")]
        assert [url for url in links if f"/edit/main/chapters/{source.name}" in url]
        assert [url for url in links if "/issues/new" in url]


def test_the_wheel_is_offered(site, trees):
    page = trees[site.html / "chapters" / "downloads.html"]
    assert [url for url in page.xpath("//ul[contains(@class, 'downloads')]//a/@href") if url.endswith(".whl")]
