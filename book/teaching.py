"""Sphinx extension: ``{teaching-plan}``, the plan of `autograder.teaching` as a page of the site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from docutils.statemachine import StringList  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import nested_parse_with_titles

from autograder.course import Course
from autograder.teaching import chapters, plan

__all__ = ["TeachingPlan", "setup", "sources"]


def sources(root: Path) -> list[Path]:
    """List the files that the plan is made of, beside syllabus and chapters."""
    return [root / "autograder" / "teaching.yml", root / "autograder" / "effort.yml", root / "solutions"]


class TeachingPlan(SphinxDirective):
    """``{teaching-plan}``: weeks, chapters, topics by lecture, and the effort of every exercise."""

    def run(self) -> list[nodes.Node]:
        """Return the plan's sections."""
        root = Path(self.env.srcdir)
        files = [
            file for source in sources(root) for file in ([source] if source.is_file() else source.glob("*/*.ipynb"))
        ]
        for file in [*files, *(root / "chapters" / f"{chapter.name}.md" for chapter in chapters())]:
            self.env.note_dependency(str(file))
        text = plan(Course(root / "autograder"), site=True)
        passage = nodes.section()
        passage.document = self.state.document
        nested_parse_with_titles(self.state, StringList(text.splitlines(), source="teaching plan"), passage)
        return list(passage.children)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("teaching-plan", TeachingPlan)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
