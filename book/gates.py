"""What a built page must not be: broken links, pictures without words or too heavy, headings out of order."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html as markup

__all__ = ["IMAGE_BYTES", "findings", "pages"]

IMAGE_BYTES = 60_000
UTF8 = markup.HTMLParser(encoding="utf-8")


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
    trees = {page: markup.document_fromstring(page.read_bytes(), parser=UTF8) for page in pages(html)}
    anchors = {page: [str(id) for id in tree.xpath("//@id")] for page, tree in trees.items()}
    found = []
    for page, tree in trees.items():
        name = page.relative_to(html).as_posix()
        found += [f"{name}: {line}" for line in _headings(tree)]
        found += [f"{name}: {line}" for line in _pictures(tree, page)]
        if page.name != "404.html":  # its links start at the host, since nobody knows from where it is shown
            found += [f"{name}: {line}" for line in _links(tree, page, html, anchors)]
        twice = [id for id, count in Counter(anchors[page]).items() if count > 1]
        found += [f"{name}: the id {id!r} stands twice; links to it are ambiguous" for id in twice]
    return found


def _headings(tree: markup.HtmlElement) -> Iterator[str]:
    """Find headings that skip a level, and pages without exactly one title."""
    headings = tree.xpath("//article//*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6]")
    levels = [(int(tag.tag[1]), tag.text_content()[:40]) for tag in headings]
    titles = [text for level, text in levels if level == 1]
    if len(titles) != 1 and levels:
        yield f"expected one heading of level 1, found {len(titles)}"
    for (before, _), (level, text) in itertools.pairwise(levels):
        if level > before + 1:
            yield f"the heading {text!r} skips from level {before} to {level}; use level {before + 1}"


def _pictures(tree: markup.HtmlElement, page: Path) -> Iterator[str]:
    for tag in tree.xpath("//article//img"):
        source = str(tag.get("src", ""))
        if not str(tag.get("alt") or "").strip():
            yield f"the picture {source} has no alt text; say in words what it shows"
        if tag.get("loading") != "lazy":
            yield f'the picture {source} is loaded before it is seen; give it loading="lazy"'
        file = (page.parent / unquote(urlsplit(source).path)).resolve()
        scheme = urlsplit(source).scheme
        size = len(source) if scheme == "data" else file.stat().st_size if not scheme and file.is_file() else 0
        if size > IMAGE_BYTES:
            kilo, allowed = round(size / 1000), IMAGE_BYTES // 1000
            yield f"the picture {source[:80]} has {kilo} kB, allowed are {allowed}; draw fewer points"
    for tag in tree.xpath("//article//svg[not(ancestor::svg)]"):
        if (size := len(markup.tostring(tag, encoding="utf-8", with_tail=False))) > IMAGE_BYTES:
            kilo, allowed = round(size / 1000), IMAGE_BYTES // 1000
            yield f"a picture in the page itself has {kilo} kB, allowed are {allowed}; draw fewer points"
    for tag in tree.xpath("//article//*[self::object or self::embed]"):
        yield f"{tag.tag} shows nothing to who cannot see it; show pictures with img"


def _links(tree: markup.HtmlElement, page: Path, html: Path, anchors: dict[Path, list[str]]) -> Iterator[str]:
    for tag in tree.iter("a", "link", "script", "img", "source", "iframe"):
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
