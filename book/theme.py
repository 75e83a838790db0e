"""Sphinx extension: adjust the installed theme.

The theme's templates are patched while the book is built and never copied into the repository. A patch
that does not find what it replaces stops the build: the theme has changed, and someone has to look.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util import logging

__all__ = ["PATCHES", "SCRIPT", "Patch", "package_folder", "setup"]

LOGGER = logging.getLogger(__name__)
PYDATA = "pydata_sphinx_theme/theme/pydata_sphinx_theme"
BOOK = "sphinx_book_theme/theme/sphinx_book_theme"


NEEDED_AT_ONCE = ("documentation_options.js", "doctools.js")  # the page's own inline scripts use them
STYLED = re.compile(r'style="width: (\d+)px; height: (\d+)px;"')
SVG_SIZE = re.compile(r'<svg[^>]*? width="([\d.]+)pt" height="([\d.]+)pt"')  # as matplotlib writes it


@dataclass(frozen=True)
class Patch:
    """One replacement in one template of the theme.

    Attributes
    ----------
    source : str
        The installed template, below site-packages.
    target : str
        Its name among the site's templates.
    start, end : str
        What is replaced: from the first ``start`` through the next ``end``.
    new : str
        What stands there instead.
    """

    source: str
    target: str
    start: str
    end: str
    new: str

    def apply(self, text: str) -> str:
        """Return ``text`` with the replacement made, or say that it no longer fits."""
        if text.count(self.start) != 1:
            raise ExtensionError(
                f"book.theme: {self.source} holds {self.start!r} {text.count(self.start)} times, expected once; "
                "the installed theme has changed, so look at PATCHES in book/theme.py"
            )
        head, _, rest = text.partition(self.start)
        if self.end not in rest:
            raise ExtensionError(f"book.theme: {self.source} has no {self.end!r} after {self.start!r}; see PATCHES")
        return head + self.new + rest.partition(self.end)[2]


SEARCH_TOOLS = "{{ pathto('_static/searchtools.js', 1) | e }}"
PATCHES = (
    # 1.6 MB of JavaScript for icons that the web font draws as well; and no script before the text
    Patch(
        f"{PYDATA}/static/webpack-macros.html",
        "static/webpack-macros.html",
        "<script defer src=\"{{ pathto('_static/scripts/fontawesome.js', 1) }}",
        "{% endmacro %}",
        "{% endmacro %}",
    ),
    # the search index must not hold up the first paint
    Patch(
        f"{PYDATA}/layout.html",
        "pydata_sphinx_theme/layout.html",
        f'<script src="{SEARCH_TOOLS}"></script>',
        "<script src=\"{{ pathto('searchindex.js', 1) | e }}\"></script>",
        f'<script defer fetchpriority="low" src="{SEARCH_TOOLS}"></script>\n'
        '    <script defer fetchpriority="low" src="{{ pathto(\'_static/language_data.js\', 1) | e }}"></script>\n'
        '    <script defer fetchpriority="low" src="{{ pathto(\'searchindex.js\', 1) | e }}"></script>',
    ),
    # a script after a style sheet waits for it, and all the rest of the page waits for the script
    Patch(
        f"{PYDATA}/layout.html",
        "pydata_sphinx_theme/layout.html",
        "  {{ _webpack.head_pre_assets() }}\n  {{- css() }}",
        "\n",
        "  {{- script() }}\n  {{ _webpack.head_pre_assets() }}{{ css() }}\n",
    ),
    Patch(
        f"{PYDATA}/layout.html",
        "pydata_sphinx_theme/layout.html",
        "{%- endblock css %}",
        "\n",
        "{% endblock css %}\n{%- block scripts %}{% endblock scripts %}\n",
    ),
    # the logo above the navigation belongs to some region of the page
    Patch(
        f"{PYDATA}/layout.html",
        "pydata_sphinx_theme/layout.html",
        '<div id="pst-primary-sidebar" class=',
        '"',
        '<div id="pst-primary-sidebar" role="region" aria-label="Site" class="',
    ),
    # the name that a screen reader announces must contain the words that are seen
    Patch(
        f"{PYDATA}/components/search-button-field.html",
        "search-button-field.html",
        "aria-label=\"{{ _('Search') }}\"",
        " ",
        "",
    ),
    # its icons carry titles of their own: Light, Dark, System Settings
    Patch(
        f"{PYDATA}/components/theme-switcher.html",
        "theme-switcher.html",
        "aria-label=\"{{ _('Color mode') }}\"",
        " ",
        "",
    ),
)
# The theme's script looks which blocks scroll, after every change of the page, and so lays out all of it. Those
# that are not near the screen can wait until they are: see content-visibility in assets/course.css.
SCRIPT = Patch(
    f"{PYDATA}/static/scripts/pydata-sphinx-theme.js",
    "scripts/pydata-sphinx-theme.js",
    ".forEach(e=>{e.tabIndex=e.scrollWidth>",
    'window.addEventListener("resize",t),',
    ".forEach(e=>{e.checkVisibility({contentVisibilityAuto:!0})&&(e.tabIndex=e.scrollWidth>"
    "e.clientWidth||e.scrollHeight>e.clientHeight?0:-1)})},t=_(e,300);"
    'window.addEventListener("resize",t),document.addEventListener("contentvisibilityautostatechange",t),',
)
EMPTY = ("sections/header.html",)  # sphinx-book-theme 1.3 would show a second search bar there


def write_templates(app: Sphinx, config: Config) -> None:
    """Write the patched templates where Sphinx finds them before the theme's own."""
    folder = Path(app.outdir).parent / "templates"
    made = dict.fromkeys(EMPTY, "")
    for patch in PATCHES:
        source = package_folder(patch.source.partition("/")[0]).parent / patch.source
        made[patch.target] = patch.apply(made.get(patch.target) or source.read_text(encoding="utf-8"))
    for name, text in made.items():
        _write(folder / name, text)
    config.templates_path.insert(0, str(folder))


def patch_script(app: Sphinx, exception: Exception | None) -> None:
    """Write the theme's script, patched, over the copy that Sphinx has made."""
    if exception is None and app.builder.format == "html":
        source = package_folder(SCRIPT.source.partition("/")[0]).parent / SCRIPT.source
        _write(Path(app.outdir, "_static", SCRIPT.target), SCRIPT.apply(source.read_text(encoding="utf-8")))


def set_options(app: Sphinx, config: Config) -> None:
    """Set the theme's options that Jupyter Book's own settings cannot reach."""
    config.html_theme_options["logo"] = {"text": config.html_title}
    config.notfound_urls_prefix = (urlsplit(config.html_baseurl).path.rstrip("/") + "/") or "/"
    config.html_theme_options["footer_content_items"] = ["extra-footer.html"]


def _write(path: Path, text: str) -> None:
    """Write only what differs: Sphinx compares dates."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def package_folder(name: str) -> Path:
    """Return where an installed package lies."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ExtensionError(f"book.theme: the package {name!r} is not installed; see requirements.txt")
    return Path(spec.origin).parent


def refuse_tracebacks(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of an error shown on a page: one raised while displaying a figure does not fail its cell."""
    for block in doctree.findall(nodes.literal_block):
        if "traceback" in block["classes"]:
            last = block.astext().strip().splitlines()[-1]
            LOGGER.warning("a cell shows an error: %s", last, location=block, type="book", subtype="traceback")


def calm_icons(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Draw brand icons with the font that the page loads anyway: a second font would cost 110 kB."""
    for button in context.get("header_buttons", []):
        for entry in [button, *button.get("buttons", [])]:
            if entry.get("icon", "").startswith("fab "):
                entry["icon"] = "fas fa-code-branch"


def rest_pictures(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Load pictures as they come near, and leave them their room before."""
    for image in doctree.findall(nodes.image):
        image["loading"] = "lazy"
        file = Path(app.srcdir, image["uri"])
        size = SVG_SIZE.search(file.read_text(encoding="utf-8")) if file.suffix == ".svg" and file.exists() else None
        if size and "width" not in image:
            image["width"], image["height"] = (str(round(float(points) * 4 / 3)) for points in size.groups())


def describe_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Tell search engines what a page is about: in the words of its first paragraph."""
    first = next((p.astext() for p in doctree.findall(nodes.paragraph)), "") if doctree else ""
    words = " ".join(first.split()) or f"{context.get('title', pagename)}: {app.config.html_title}"
    short = textwrap.shorten(words, 160, placeholder=" …")
    context["metatags"] = f'{context.get("metatags", "")}\n<meta name="description" content="{escape(short)}" />'


def mend_body(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Mend what docutils writes: sizes that distort pictures on a phone, and a role ARIA has withdrawn.

    Code can be reached by keyboard from the start: until it comes near, `SCRIPT` does not know whether it scrolls. So
    can tables, which scroll on a phone.
    """
    if "body" in context:
        body = STYLED.sub(r'width="\1" height="\2"', context["body"])
        body = body.replace('role="doc-biblioentry"', 'role="listitem"')
        body = body.replace(
            'class="pst-scrollable-table-container">', 'class="pst-scrollable-table-container" tabindex="0">'
        )
        context["body"] = body.replace('<div class="highlight"><pre>', '<div class="highlight"><pre tabindex="0">')


def defer_scripts(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Let no script hold up the page: on a slow line each costs a round trip before the first figure lives."""
    for script in context.get("script_files", []):
        attributes, file = getattr(script, "attributes", {}), str(getattr(script, "filename", None) or "")
        if file and "async" not in attributes and not file.endswith(NEEDED_AT_ONCE):
            attributes["defer"] = "defer"
            attributes["fetchpriority"] = "low"  # formulas, half of all bytes, may follow the text and the figures


def setup(app: Sphinx) -> dict[str, Any]:
    """Register events; after the theme's own where they complete what it has made."""
    # Jupyter Book always sets it, for an extension that this site leaves out
    app.add_config_value("comments_config", {}, "env")
    app.connect("config-inited", write_templates, priority=900)
    app.connect("config-inited", set_options)
    app.connect("doctree-read", refuse_tracebacks)
    app.connect("html-page-context", calm_icons, priority=900)
    app.connect("doctree-resolved", rest_pictures)
    app.connect("html-page-context", describe_page)
    app.connect("html-page-context", mend_body, priority=900)
    app.connect("html-page-context", defer_scripts, priority=950)
    app.connect("build-finished", patch_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
