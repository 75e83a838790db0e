"""Sphinx extension: live figures on the pages of the site.

``{live}`` puts one on a page that is no notebook, such as the landing page. And what the figures of a page have in
common, their style and the first part of their modules, is written once and not once per figure.
"""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from docutils.parsers.rst import directives  # type: ignore[import-untyped]
from ipywidgets.embed import dependency_state, embed_data
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from dlopt import live
from dlopt.live._base import LiveFigure

__all__ = ["Live", "embedded", "lighter", "setup"]

STATE = "application/vnd.jupyter.widget-state+json"
PLACE = "<div data-live="
ASSETS = Path(__file__).parent / "assets"


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
    return f'<script type="{STATE}">{state}</script>{html}'


def lighter(states: dict[str, Any]) -> dict[str, Any]:
    """Take out what the widgets of a page have in common.

    Parameters
    ----------
    states : dict
        The widgets of a page, as ipywidgets embeds them.

    Returns
    -------
    dict
        The same without their style, and with ``shared``: the text that all their modules begin with, which
        live_host.js puts back.

    Examples
    --------
    >>> made = lighter({"state": {"a": {"state": {"_esm": "kit();a();"}}, "b": {"state": {"_esm": "kit();b();"}}}})
    >>> made["shared"], made["state"]["b"]["state"]["_esm"]
    ('kit();', 'b();')
    """
    models = {name: {**model, "state": dict(model["state"])} for name, model in states["state"].items()}
    having = [model["state"] for model in models.values() if "_esm" in model["state"]]
    common = os.path.commonprefix([state["_esm"] for state in having])  # noqa: RUF071  characters are meant
    for state in having:
        state["_esm"] = state["_esm"][len(common) :]
        state.pop("_css", None)
    return {**states, "state": models, "shared": common}


def write_once(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Write before the first figure of a page all that it needs: the host, the style, the state of the figures.

    The host in the page itself: as a file it would wait for style sheets that have the six connections to a server.
    """
    scripts, body = context.get("script_files", []), context.get("body", "")
    if PLACE not in body:
        return
    states = [script for script in scripts if getattr(script, "attributes", {}).get("type") == STATE]
    style = f"<style>{LiveFigure._css}</style>"
    first, _, rest = body.replace(style, "").partition(PLACE)
    host = (ASSETS / "live_host.js").read_text(encoding="utf-8")
    written = f'<script type="module" async>{host}</script>{style}'  # a module: style sheets do not hold it up
    for script in states:
        text = json.dumps(lighter(json.loads(script.attributes["body"]))).replace("</", "<\\/")
        written += f'<script type="{STATE}">{text}</script>'
    context["body"] = f"{first}{written}{PLACE}{rest}"
    done = {id(script) for script in scripts if str(getattr(script, "filename", "")).endswith("live_host.js")}
    done |= {id(script) for script in states}
    context["script_files"] = [script for script in scripts if id(script) not in done]


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
        name = f"live-{self.env.docname.replace('/', '-')}"
        return [nodes.raw("", embedded(figure, name), format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive, and what lightens the pages."""
    app.add_directive("live", Live)
    app.connect("html-page-context", write_once, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
