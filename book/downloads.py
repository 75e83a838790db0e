"""Sphinx extension: what a reader can take home.

Each chapter as an executed notebook and as its MyST source, beside the page; the dlopt wheel and the
released problem sets in the folder ``downloads`` of the site, with the solutions that ``course.yml`` lets out.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import nbformat
from docutils import nodes  # type: ignore[import-untyped]
from jupyter_cache import get_cache
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from autograder.course import Course
from autograder.settings import load

__all__ = ["executed", "setup"]


class Offer(nodes.General, nodes.Element):  # type: ignore[misc]
    """A list of files to download; ``kind`` says which."""


class Downloads(SphinxDirective):
    """``{downloads} wheel``, ``{downloads} problem-sets``, ``{downloads} solutions`` or ``{downloads} chapters``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return a placeholder."""
        kind = self.arguments[0]
        if kind not in LISTS:
            raise self.error(f"downloads: expected one of {', '.join(LISTS)}, got {kind!r}")
        self.env.metadata[self.env.docname]["offers downloads"] = True
        return [Offer(kind=kind)]


def stock(app: Sphinx) -> Path:
    """Return the folder in which ``python -m book`` lays wheel and problem sets ready."""
    return Path(app.outdir).parent / "downloads"


def _course(app: Sphinx) -> Course:
    return Course(Path(app.srcdir) / "autograder")


def _notebooks(env: BuildEnvironment) -> list[str]:
    """Name the pages that are notebooks, in order."""
    folder = Path(env.mystnb_config.output_folder)  # type: ignore[attr-defined]
    # a page whose front matter is wrong has been warned about; here it is no notebook
    pages = (doc for doc in env.found_docs if "kernelspec" in env.metadata[doc])
    return sorted(doc for doc in pages if (folder / f"{doc}.ipynb").exists())


def executed(app: Sphinx, docname: str) -> Any:
    """Return a page as a notebook with its outputs.

    They come from the execution cache: what myst-nb leaves in ``jupyter_execute`` has none when the page
    was not executed anew. The text is the page's present one.
    """
    config = app.env.mystnb_config  # type: ignore[attr-defined]
    text = (Path(config.output_folder) / f"{docname}.ipynb").read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    _, merged = get_cache(config.execution_cache_path).merge_match_into_notebook(notebook)
    return merged


def write_files(app: Sphinx, exception: Exception | None) -> None:
    """Lay notebooks beside the copied sources, and the rest into ``downloads``."""
    if exception is not None or app.builder.format != "html":
        return
    for docname in _notebooks(app.env):
        target = Path(app.outdir, "_sources", f"{docname}.ipynb")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = nbformat.writes(executed(app, docname))  # type: ignore[no-untyped-call]
        target.write_text(text + "\n", encoding="utf-8")
    shutil.rmtree(Path(app.outdir, "downloads"), ignore_errors=True)
    if stock(app).is_dir():
        shutil.copytree(stock(app), Path(app.outdir, "downloads"), ignore=shutil.ignore_patterns(".*"))


def name_notebook(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Tell the theme's download button that there is a notebook."""
    if pagename in _notebooks(app.env):
        context["ipynb_source"] = f"{pagename}.ipynb"


def offers(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Name the pages that list downloads: written on every build, since the files are no sources of theirs."""
    return [doc for doc, meta in env.metadata.items() if meta.get("offers downloads")]


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the lists into their places."""
    up = "../" * docname.count("/")
    for place in list(doctree.findall(Offer)):
        place.replace_self(nodes.raw("", LISTS[place["kind"]](app, up), format="html"))


def _wheel(app: Sphinx, up: str) -> str:
    return _list([_file(f, up) for f in sorted(stock(app).glob("*.whl"))], "The wheel is not built here.")


def _problem_sets(app: Sphinx, up: str) -> str:
    settings = load(_course(app))
    sets = [(one, stock(app) / f"{one.name}.zip") for one in settings.sets]
    entries = [_file(file, up) + _until(one.deadline, settings.timezone) for one, file in sets if file.is_file()]
    return _list(entries, "None is released yet.")


def _until(deadline: datetime | None, timezone: str) -> str:
    """Say until when a set can be handed in, as the course's clocks show it.

    Examples
    --------
    >>> _until(datetime.fromisoformat("2026-10-02T20:59Z"), "Europe/Helsinki")
    ', due on Friday, 2 October 2026, 23:59 (Europe/Helsinki)'
    """
    if deadline is None:
        return ""
    local = deadline.astimezone(ZoneInfo(timezone))
    return f", due on {local:%A}, {local.day} {local:%B %Y, %H:%M} ({timezone})"


def _solutions(app: Sphinx, up: str) -> str:
    files = [stock(app) / "solutions" / f"{name}_solution.ipynb" for name in load(_course(app)).names]
    return _list([_file(file, up, "downloads/solutions") for file in files if file.is_file()], "None is published yet.")


def _chapters(app: Sphinx, up: str) -> str:
    entries = []
    for docname in _notebooks(app.env):
        title = escape(app.env.titles[docname].astext())
        path = f"{up}_sources/{docname}"
        entries.append(
            f'{title}: <a download href="{path}.ipynb">executed notebook (.ipynb)</a>, '
            f'<a download href="{path}.md">MyST source (.md)</a>'
        )
    return _list(entries, "No chapter is here yet.")


LISTS = {"wheel": _wheel, "problem-sets": _problem_sets, "solutions": _solutions, "chapters": _chapters}


def _file(file: Path, up: str, folder: str = "downloads") -> str:
    size = file.stat().st_size
    human = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"
    return f'<a download href="{up}{folder}/{escape(file.name)}">{escape(file.name)}</a> ({human})'


def _list(entries: list[str], otherwise: str) -> str:
    if not entries:
        return f"<p><em>{otherwise}</em></p>"
    return '<ul class="downloads">' + "".join(f"<li>{entry}</li>" for entry in entries) + "</ul>"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register directive and events."""
    app.add_node(Offer)
    app.add_directive("downloads", Downloads)
    app.connect("env-updated", offers)
    app.connect("doctree-resolved", fill)
    app.connect("html-page-context", name_notebook, priority=400)  # before the theme makes its buttons
    app.connect("build-finished", write_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
