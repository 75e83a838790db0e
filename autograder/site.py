"""Where the book's site is, and links from notebooks to its pages."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

__all__ = ["book_links", "site_address"]


def site_address(config: Path) -> str:
    """Read the book's address from a ``_config.yml``; empty where it names none, or where there is no such file."""
    if not config.is_file():
        return ""
    settings = yaml.safe_load(config.read_text()) or {}
    return str((settings.get("html") or {}).get("baseurl") or "")


def book_links(text: str, site: str) -> str:
    """Let links such as ``[chapter 2](book:chapters/02_quadratics)`` lead to the site; without one, the words stay.

    Examples
    --------
    >>> book_links("See [chapter 2](book:chapters/02_quadratics).", "https://example.org/course/")
    'See [chapter 2](https://example.org/course/chapters/02_quadratics.html).'
    >>> book_links("See [chapter 2](book:chapters/02_quadratics).", "")
    'See chapter 2.'
    """
    target = rf"[\1]({site.rstrip('/')}/\2.html)" if site else r"\1"
    return re.sub(r"\[([^\]]*)\]\(book:([\w/.-]+)\)", target, text)
