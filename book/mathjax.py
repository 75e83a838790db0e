"""Sphinx extension: serve MathJax from the site itself, and let it do no more than a page needs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from book.theme import package_folder

__all__ = ["MATHJAX", "setup"]

MATHJAX = (  # of 24 MB, what a page with formulas can ask for
    "tex-chtml.js",
    "input/tex/extensions/*.js",
    "ui/lazy.js",
    "output/chtml/fonts/**/*",
    "a11y/*.js",
    "sre/mathmaps/base.json",
    "sre/mathmaps/en.json",
)

# MathJax would measure the text around each formula; a page has hundreds, and each measurement lays out all of it.
# The text is the same everywhere, so one formula in the line and one on display speak for all.
MEASURE_ONCE = """
window.MathJax.startup = { ready() {
  MathJax.startup.defaultReady();
  const jax = MathJax.startup.output;
  jax.getMetricMaps = ({ math }) => [false, true].map((display) => {
    const first = [...math].find((item) => item.display === display && jax.adaptor.parent(item.start.node));
    if (!first) return new Map();
    const sample = jax.getTestElement(jax.adaptor.parent(first.start.node), display);
    const sizes = jax.measureMetrics(sample, false);
    jax.adaptor.remove(sample);
    return { get: () => sizes };
  });
} };
"""


def copy_mathjax(app: Sphinx, exception: Exception | None) -> None:
    """Copy MathJax from its wheel into the site, once."""
    if exception is not None or app.builder.format != "html":
        return
    source = package_folder("sphinx-mathjax-offline") / "static" / "mathjax"
    target = Path(app.outdir, "_static", "mathjax")
    for pattern in MATHJAX:
        for file in source.glob(pattern):
            copy = target / file.relative_to(source)
            if file.is_file() and not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)


def spare_mathjax(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Leave MathJax out where there are no formulas: Sphinx counts those of all pages below, so the first has all."""
    scripts = context.get("script_files", [])
    if not app.env.get_domain("math").data["has_equations"].get(pagename, False):
        scripts = [s for s in scripts if app.config.mathjax_path not in str(getattr(s, "filename", s))]
        scripts = [s for s in scripts if "window.MathJax" not in _body(s)]
    for script in scripts:
        if _body(script).startswith("window.MathJax ="):
            script.attributes["body"] = _body(script).removesuffix(MEASURE_ONCE) + MEASURE_ONCE
    context["script_files"] = scripts


def _body(script: Any) -> str:
    return str(getattr(script, "attributes", {}).get("body", ""))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register events; after Sphinx's own, which adds MathJax to the pages."""
    app.connect("html-page-context", spare_mathjax, priority=900)
    app.connect("build-finished", copy_mathjax)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
