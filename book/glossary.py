"""Sphinx extension: ``{terms}`` lists the terms that the chapters define, each with the way back to its place.

A chapter defines a term where it needs it, in a ``{glossary}`` of Sphinx's own; ``{term}`` links there. The list is
written again on every build, since what it says depends on all other pages (see book.ledger).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from docutils.utils import new_document  # type: ignore[import-untyped]
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from book.course import CHAPTERS
from book.ledger import depend_on_all_pages

__all__ = ["Term", "defined", "setup"]


@dataclass(frozen=True)
class Term:
    """A term and where it is defined.

    Attributes
    ----------
    name : str
        As the chapter writes it.
    page : str
        Name of the page, as Sphinx counts.
    anchor : str
        Its place on the page.
    chapter : str
        What the list calls the page, ``"2 · Quadratic convergence"``.
    meaning : list of nodes
        The definition, with its references unresolved.
    """

    name: str
    page: str
    anchor: str
    chapter: str
    meaning: list[nodes.Node]


class Terms(SphinxDirective):
    """All terms of the book in the order of the alphabet."""

    def run(self) -> list[nodes.Node]:
        """Return a placeholder."""
        depend_on_all_pages(self.env)
        return [TermList()]


class TermList(nodes.General, nodes.Element):  # type: ignore[misc]
    """A spot that is filled once all pages have been read."""


def defined(env: BuildEnvironment) -> Iterator[Term]:
    """Yield the terms of the chapters, chapter by chapter."""
    for chapter in CHAPTERS:
        if chapter.docname not in env.found_docs:
            continue
        for glossary in env.get_doctree(chapter.docname).findall(addnodes.glossary):
            for item in glossary.findall(nodes.definition_list_item):
                meaning = [child for part in item.findall(nodes.definition) for child in part.children]
                for term in item.findall(nodes.term):
                    name = f"{chapter.number} · {chapter.title}"
                    yield Term(term.astext(), chapter.docname, term["ids"][0], name, meaning)


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the terms into their place."""
    for place in list(doctree.findall(TermList)):
        terms = sorted(defined(app.env), key=lambda term: term.name.casefold())
        listed = nodes.definition_list(classes=["terms"])
        for term in terms:
            goal = f"{app.builder.get_relative_uri(docname, term.page)}#{term.anchor}"
            link = nodes.reference("", term.name, refuri=goal, internal=True)
            meaning = nodes.definition("", *(child.deepcopy() for child in term.meaning))
            meaning += nodes.paragraph("", term.chapter, classes=["term-chapter"])
            listed += nodes.definition_list_item("", nodes.term("", "", link), meaning)
        passage = new_document(docname, doctree.settings)
        passage += listed
        app.env.apply_post_transforms(passage, docname)
        if next(passage.findall(nodes.math), None) is not None:  # or MathJax would be left out
            app.env.get_domain("math").data["has_equations"][docname] = True
        place.replace_self(passage.children or nodes.paragraph("", "No term has been defined yet."))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and the event."""
    app.add_node(TermList)
    app.add_directive("terms", Terms)
    app.connect("doctree-resolved", fill)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
