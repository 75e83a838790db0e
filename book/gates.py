"""What a built page must not be: broken links, pictures without words or too heavy, headings out of order."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

__all__ = ["IMAGE_BYTES", "findings", "pages"]

IMAGE_BYTES = 60_000


def pages(html: Path) -> list[Path]:
    """List the pages that a reader can reach."""
    return sorted(p for p in html.rglob("*.html") if "_static" not in p.parts)


def findings(html: Path) -> list[str]:
    """Return a sentence for everything that is wrong with a built site: page, what, what to do.

    Parameters
    ----------
    html : Path
        The site's folder.
    """
    soups = {page: BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser") for page in pages(html)}
    anchors = {page: [str(tag["id"]) for tag in soup.find_all(id=True)] for page, soup in soups.items()}
    found = []
    for page, soup in soups.items():
        name = page.relative_to(html).as_posix()
        found += [f"{name}: {line}" for line in _headings(soup)]
        found += [f"{name}: {line}" for line in _pictures(soup, page)]
        if page.name != "404.html":  # its links start at the host, since nobody knows from where it is shown
            found += [f"{name}: {line}" for line in _links(soup, page, html, anchors)]
        twice = [id for id, count in Counter(anchors[page]).items() if count > 1]
        found += [f"{name}: the id {id!r} stands twice; links to it are ambiguous" for id in twice]
    return found


def _headings(soup: BeautifulSoup) -> Iterator[str]:
    """Find headings that skip a level, and pages without exactly one title."""
    levels = [(int(tag.name[1]), tag.get_text()[:40]) for tag in soup.select("article :is(h1,h2,h3,h4,h5,h6)")]
    titles = [text for level, text in levels if level == 1]
    if len(titles) != 1 and levels:
        yield f"expected one heading of level 1, found {len(titles)}"
    for (before, _), (level, text) in itertools.pairwise(levels):
        if level > before + 1:
            yield f"the heading {text!r} skips from level {before} to {level}; use level {before + 1}"


def _pictures(soup: BeautifulSoup, page: Path) -> Iterator[str]:
    for tag in soup.select("article img"):
        source = str(tag.get("src", ""))
        if not str(tag.get("alt") or "").strip():
            yield f"the picture {source} has no alt text; say in words what it shows"
        if tag.get("loading") != "lazy":
            yield f'the picture {source} is loaded before it is seen; give it loading="lazy"'
        file = (page.parent / unquote(urlsplit(source).path)).resolve()
        if not urlsplit(source).scheme and file.is_file() and file.stat().st_size > IMAGE_BYTES:
            size = round(file.stat().st_size / 1000)
            yield f"the picture {source} has {size} kB, allowed are {IMAGE_BYTES // 1000}; draw fewer points"


def _links(soup: BeautifulSoup, page: Path, html: Path, anchors: dict[Path, list[str]]) -> Iterator[str]:
    for tag in soup.find_all(["a", "link", "script", "img", "source", "iframe"]):
        url = str(tag.get("href") or tag.get("src") or "")
        parts = urlsplit(url)
        if not url or parts.scheme or parts.netloc:
            continue
        goal = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        if not goal.is_relative_to(html.resolve()) and parts.path:
            yield f"the link {url} leaves the site's folder"
        elif not goal.is_file():
            yield f"the link {url} leads nowhere"
        elif parts.fragment and goal in anchors and unquote(parts.fragment) not in anchors[goal]:
            yield f"the link {url} leads to a page without that place"
