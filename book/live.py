"""Sphinx extension: ``{live}`` puts a live figure on a page that is no notebook, such as the landing page."""

from __future__ import annotations

import ast
import json
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from docutils.parsers.rst import directives  # type: ignore[import-untyped]
from ipywidgets.embed import dependency_state, embed_data
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from dlopt import live
from dlopt.live._base import LiveFigure

__all__ = ["Live", "embedded", "setup"]


def embedded(figure: LiveFigure, name: str) -> str:
    """Return a figure as HTML: its static picture, and the state from which live_host.js brings it to life.

    Parameters
    ----------
    figure : LiveFigure
        The figure as it shall first be seen.
    name : str
        Stands for the widget's random identity, so that the same page is the same file.
    """
    own = dependency_state([figure], drop_defaults=False)  # and of no other figure made in this process
    models = embed_data(views=[figure], state=own)["manager_state"]
    ids = [figure.model_id, *(other for other in models["state"] if other != figure.model_id)]
    named = json.dumps(models)
    html = figure.static_html()
    for index, model in enumerate(ids):
        calm = f"{name}-{index}" if index else name
        named, html = named.replace(model, calm), html.replace(model, calm)
    state = json.dumps(json.loads(named), sort_keys=True).replace("</", "<\\/")
    return f'{html}<script type="application/vnd.jupyter.widget-state+json">{state}</script>'


class Live(SphinxDirective):
    """``{live} QuadraticDescent``: options are its traits as Python literals, the content its caption."""

    required_arguments = 1
    has_content = True
    option_spec = dict.fromkeys(("eta", "kappa", "angle", "start"), directives.unchanged_required)

    def run(self) -> list[nodes.Node]:
        """Return the figure."""
        kind = self.arguments[0]
        if kind not in live.__all__:
            raise self.error(f"live: expected one of {', '.join(live.__all__)}, got {kind!r}")
        if "kernelspec" in self.env.metadata[self.env.docname]:
            raise self.error(f"live: this page is a notebook; show live.{kind}(…) as the last line of a cell")
        traits = {name: ast.literal_eval(text) for name, text in self.options.items()}
        figure = getattr(live, kind)(**traits, caption=" ".join(self.content))
        up = "../" * self.env.docname.count("/")
        host = f'<script async fetchpriority="high" src="{up}_static/live_host.js"></script>'
        name = f"live-{self.env.docname.replace('/', '-')}"
        return [nodes.raw("", embedded(figure, name) + host, format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("live", Live)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
