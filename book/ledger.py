"""Sphinx extension: gather the claims that the chapters checked, for readers and as ``claims.json``.

`dlopt.claims` marks its badges so that myst-nb writes them beside each executed page
(``<page>.glue.json``), on cached builds too; here they are read back after all pages are known.

Two directives, ``{ledger}`` (the page "What this book checked") and ``{chapter-map}`` (the landing page).
Pages that use them are written again on every build, since what they say depends on all the others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from book.course import CHAPTERS
from dlopt import syllabus
from dlopt.claims import Claim

__all__ = ["depend_on_all_pages", "gather", "setup"]

Record = dict[str, Any]


def gather(env: BuildEnvironment) -> list[Record]:
    """Return the claims of every page, in the order of the syllabus, as ``claims.json`` lists them."""
    folder = Path(env.mystnb_config.output_folder)  # type: ignore[attr-defined]
    found: list[Record] = []
    for docname in sorted(env.found_docs):
        # the file of a page that lost its last claim stays behind: ask the environment, not the folder
        if NbMetadataCollector.get_doc_data(env)[docname].get("glue"):
            found += read_glue(folder / f"{docname}.glue.json", chapter=docname.rsplit("/", 1)[-1])
    order = {row.id: place for place, row in enumerate(syllabus.rows())}
    return sorted(found, key=lambda c: (c["chapter"], order[c["id"]]))


def read_glue(path: Path, chapter: str) -> Iterator[Record]:
    """Yield the claims among a page's glued outputs, each with its chapter."""
    for output in json.loads(path.read_text(encoding="utf-8")).values():
        record = output.get("metadata", {}).get("dlopt_claim")
        if record is not None:
            yield {**record, "chapter": chapter}


class Placeholder(nodes.General, nodes.Element):  # type: ignore[misc]
    """A spot that is filled once all pages have been read; ``kind`` says with what."""


class Ledger(SphinxDirective):
    """One section per page with claims, headed by the progress over the whole course."""

    def run(self) -> list[nodes.Node]:
        """Return sections with placeholders: titles must stand before the table of contents is made."""
        depend_on_all_pages(self.env)
        result: list[nodes.Node] = [Placeholder(kind="progress")]
        pages = [(c.name, f"{c.number} · {c.title}") for c in CHAPTERS] + [("conventions", "Conventions")]
        for name, title in pages:
            if f"chapters/{name}" in self.env.found_docs:
                section = nodes.section(ids=[f"checked-{name}"])
                section += nodes.title("", title)
                section += Placeholder(kind="table", chapter=name)
                result.append(section)
        return result


class ChapterMap(SphinxDirective):
    """The nine chapters with their questions: what is there, and what is coming."""

    def run(self) -> list[nodes.Node]:
        """Return a placeholder."""
        depend_on_all_pages(self.env)
        return [Placeholder(kind="map")]


def depend_on_all_pages(env: BuildEnvironment) -> None:
    """Have the page that is being read written again on every build."""
    env.metadata[env.docname]["depends on all pages"] = True


def live_pages(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Name the pages to write whatever has changed."""
    return [doc for doc, meta in env.metadata.items() if meta.get("depends on all pages")]


def reread(app: Sphinx, env: BuildEnvironment, added: set[str], *_: set[str]) -> list[str]:
    """Name the pages to read again when a page is new: their sections change."""
    return live_pages(app, env) if added else []


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put what the pages checked into the placeholders."""
    places = list(doctree.findall(Placeholder))
    if not places:
        return
    records = gather(app.env)

    def link(page: str, anchor: str = "") -> str:
        target = app.builder.get_relative_uri(docname, page)
        return escape(f"{target}#{anchor}" if anchor else target)

    for place in places:
        if place["kind"] == "progress":
            up = "../" * docname.count("/")
            html = progress(records) + f'<p>For programs: <a href="{up}claims.json">claims.json</a>.</p>'
        elif place["kind"] == "map":
            html = chapter_map(records, app.env.found_docs, link)
        else:
            chapter = place["chapter"]
            html = table([r for r in records if r["chapter"] == chapter], f"chapters/{chapter}", link)
        place.replace_self(nodes.raw("", html, format="html"))


def progress(records: Iterable[Record]) -> str:
    """Say how many rows of the syllabus have been checked."""
    records = list(records)
    done, all_rows = len({r["id"] for r in records}), len(syllabus.rows())
    return (
        '<div class="ledger-progress">'
        f"<p><strong>{done} of {all_rows} rows so far</strong>, by {len(records)} checks.</p>"
        f'<progress value="{done}" max="{all_rows}" aria-label="Rows checked">{done} of {all_rows}</progress></div>'
    )


def table(records: list[Record], page: str, link: Any) -> str:
    """Write one page's claims: a line per row of the syllabus, below it a line per check."""
    if not records:
        return '<p class="ledger-empty">No check here yet.</p>'
    lines = []
    for id, parts in groupby(records, key=lambda r: r["id"]):
        topic = formulas(escape(syllabus.row(id).topic))
        lines.append(
            f'<tr class="ledger-row"><th scope="rowgroup" colspan="6">'
            f'<span class="ledger-id">{id}</span> {topic}</th></tr>'
        )
        lines += [_line(Claim(**_claim_fields(r)), page, link) for r in parts]
    return (
        '<div class="ledger-scroll" tabindex="0" role="region" '
        f'aria-label="Checked claims of {escape(page.rpartition("/")[2])}">'
        '<table class="ledger"><thead><tr><th scope="col">Check</th><th scope="col">Measured</th>'
        '<th scope="col"><span class="visually-hidden">Relation</span></th><th scope="col">Theory</th>'
        '<th scope="col">Off by</th>'
        f'<th scope="col">Allowed</th></tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    )


def formulas(text: str) -> str:
    """Set the indices and exponents of the syllabus's plain-text formulas.

    Examples
    --------
    >>> formulas("ŵ=A^{1/2}w, λ_M, (1−μ/L)^t")
    'ŵ=A<sup>1/2</sup>w, λ<sub>M</sub>, (1−μ/L)<sup>t</sup>'
    """
    text = re.sub(r"(\w)_(\w)(?!\w)", r"\1<sub>\2</sub>", text)
    exponent = r"\^(?:\{([^}]*)\}|\(([^)]*)\)|(\w))"  # A^{1/2}, λ^(−1/2), (1−μ/L)^t
    return re.sub(exponent, lambda m: f"<sup>{m[1] or m[2] or m[3]}</sup>", text)


def _line(claim: Claim, page: str, link: Any) -> str:
    mark, verdict = ("✓", "passed") if claim.passed else ("✗", "failed")
    name = formulas(escape(claim.part or "the claim as it stands"))
    off, allowed = "", ""
    if claim.tolerance is not None:
        off, allowed = _short(abs(claim.measured - claim.theory), 2), _short(claim.tolerance, 2)
    return (
        f'<tr><td><span class="ledger-mark" role="img" aria-label="{verdict}">{mark}</span> '
        f'<a href="{link(page, claim.anchor)}">{name}</a></td>'
        f"<td>{_short(claim.measured)}</td><td>{escape(claim.sign)}</td><td>{_short(claim.theory)}</td>"
        f"<td>{off}</td><td>{allowed}</td></tr>"
    )


def _short(value: float, digits: int = 6) -> str:
    return f"{value:.{digits}g}".replace("-", "−")


def _claim_fields(record: Record) -> Record:
    return {k: record[k] for k in ("id", "part", "measured", "theory", "relation", "tolerance")}


def chapter_map(records: Iterable[Record], pages: Iterable[str], link: Any) -> str:
    """Write the list of chapters; those that exist are links and say how many rows they check."""
    checked = {(r["chapter"], r["id"]) for r in records}
    items = []
    for chapter in CHAPTERS:
        title = f'<span class="map-number">{chapter.number}</span> {escape(chapter.title)}'
        if chapter.docname in pages:
            done = sum((chapter.name, row.id) in checked for row in chapter.rows)
            title = f'<a href="{link(chapter.docname)}">{title}</a>'
            state = "ready" if done == len(chapter.rows) else "begun"
            word = f"{done} of {len(chapter.rows)} topics checked"
        else:
            state, word = "coming", f"coming · {len(chapter.rows)} topics"
        items.append(
            f'<li class="map-{state}"><p class="map-title">{title}</p>'
            f'<p class="map-question">{escape(chapter.question)}</p><p class="map-state">{word}</p></li>'
        )
    return f'<ol class="chapter-map">{"".join(items)}</ol>'


def write_json(app: Sphinx, exception: Exception | None) -> None:
    """Write ``claims.json`` into the site root, once everything else has succeeded."""
    if exception is None and app.builder.format == "html":
        text = json.dumps(gather(app.env), ensure_ascii=False, indent=1, allow_nan=False)
        Path(app.outdir, "claims.json").write_text(text + "\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register directives and events."""
    app.add_node(Placeholder)
    app.add_directive("ledger", Ledger)
    app.add_directive("chapter-map", ChapterMap)
    app.connect("env-get-outdated", reread)
    app.connect("env-updated", live_pages)
    app.connect("doctree-resolved", fill)
    app.connect("build-finished", write_json)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
