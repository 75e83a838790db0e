"""The report as one HTML page that needs nothing else: no network, no script, no fonts, styles inside.

Jinja2 escapes whatever is put into the template; only the two drawings, made here from numbers and from the names of
exercises, are marked as safe.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder.report import charts

__all__ = ["render"]

HERE = Path(__file__).parent

WORDS = {
    "wrong": "wrong",
    "error": "raised an error",
    "timeout": "out of time",
    "memory": "out of memory",
    "crashed": "crashed",
    "missing": "not implemented",
    "later": "not reached",
}
"""What a status is called where many students' are counted."""

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What the page may load, should something hostile ever get past the escaping: nothing."""


def render(report: dict[str, Any]) -> str:
    """Return the page.

    Parameters
    ----------
    report : dict
        From `autograder.report.data.class_report`.
    """
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(points=points, percent=percent)
    scores = report["scores"]
    return environment.get_template("page.html.j2").render(
        report=report,
        policy=POLICY,
        styles=Markup((HERE / "page.css").read_text(encoding="utf-8")),  # our own file
        histogram=Markup(charts.score_histogram(scores["values"], scores["max"])),  # drawn from numbers
        rates=Markup(charts.rates(report["exercises"])),  # drawn from numbers and exercises' names
        counts=charts.score_counts(scores["values"], scores["max"]),
        words=WORDS,
    )


def points(value: float | None) -> str:
    """Write points as the tables of the course do; a dash where there are none yet."""
    return "–" if value is None else f"{round(value, 2):g}"


def percent(share: float) -> str:
    """Write a share in per cent."""
    return f"{100 * share:.0f} %"
