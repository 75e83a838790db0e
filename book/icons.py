"""Sphinx extension: of the icon font's 1,400 glyphs, serve those that the site shows (157 kB become a few)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pydata_sphinx_theme
from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging

__all__ = ["setup", "used"]

LOGGER = logging.getLogger(__name__)
FONT = Path("vendor", "fontawesome", "webfonts", "fa-solid-900.woff2")
INSTALLED = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
NAMED = re.compile(r'((?:\.fa-[\w-]+:before,?)+)\{content:"\\([0-9a-f]+)"')  # .fa-house:before{content:"\f015"}
OTHER = re.compile(r"\\(f[0-9a-f]{3})\b")


def used(pages: str, sheet: str) -> set[int]:
    r"""Return the code points a site needs.

    Parameters
    ----------
    pages : str
        All HTML and JavaScript that may name icons by class, ``fa-house``.
    sheet : str
        The theme's style sheet: it says which code point a name stands for, and draws some icons by itself.

    Examples
    --------
    >>> sheet = '.fa-house:before,.fa-home:before{content:"\\f015"}.fa-gear:before{content:"\\f013"}'
    >>> sheet += '.note:after{content:"\\f05a"}'
    >>> [hex(code) for code in sorted(used('<i class="fas fa-home"></i>', sheet))]
    ['0xf015', '0xf05a']
    """
    names = set(re.findall(r"\bfa-[\w-]+", pages))
    codes = {int(code, 16) for rule, code in NAMED.findall(sheet) if names & set(re.findall(r"fa-[\w-]+", rule))}
    return codes | {int(code, 16) for code in OTHER.findall(NAMED.sub("", sheet))}


def slim(app: Sphinx, exception: Exception | None) -> None:
    """Replace the copied font by one that holds only the used glyphs."""
    static = Path(app.outdir, "_static")
    if exception is not None or app.builder.format != "html" or not (static / FONT).exists():
        return
    named = [*Path(app.outdir).rglob("*.html"), *static.glob("*.js"), *static.glob("scripts/*.js")]
    pages = "\n".join(file.read_text(encoding="utf-8") for file in named)
    sheets = [*static.glob("styles/*.css"), *static.glob("*.css")]
    codes = used(pages, "\n".join(file.read_text(encoding="utf-8") for file in sheets))
    if len(codes) < 5:
        raise ExtensionError(
            "book.icons: the theme's style sheet names no icons as expected; see NAMED in book/icons.py"
        )
    font = TTFont(INSTALLED / FONT, recalcTimestamp=False)
    options = subset.Options(flavor="woff2", desubroutinize=True, layout_features=[], recalc_timestamp=False)
    maker = subset.Subsetter(options)
    maker.populate(unicodes=codes)
    maker.subset(font)
    font.flavor = "woff2"
    font.save(static / FONT)


def setup(app: Sphinx) -> dict[str, Any]:
    """Run when every page is written."""
    app.connect("build-finished", slim)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
