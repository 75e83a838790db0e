"""The report's two pictures, as SVG in the course's style; the page says the same in words and in tables."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from html import escape
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlopt import plotting
from dlopt.compact_svg import compact

__all__ = ["rates", "score_counts", "score_histogram"]

BINS = 10
WIDTH = 4.8  #: inches, as in the chapters: legible on a phone


def score_counts(values: Sequence[float], worth: float) -> list[tuple[float, float, int]]:
    """Count scores in ten equal steps from 0 to what the set is worth: (from, below, how many).

    The last step includes its end, and extra credit beyond it.

    Examples
    --------
    >>> score_counts([0, 9.9, 10], 10)[-1]
    (9.0, 10.0, 2)
    """
    edges = np.linspace(0.0, worth or 1.0, BINS + 1)
    counts = np.histogram(np.clip(values, 0.0, edges[-1]), edges)[0]
    return [(float(a), float(b), int(n)) for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)]


def score_histogram(values: Sequence[float], worth: float) -> str:
    """Draw how many submissions got how many points, as an SVG element."""
    counts = score_counts(values, worth)
    with mpl.rc_context():
        plotting.use()
        figure = Figure(figsize=(WIDTH, 2.4), layout="constrained")
        axes = figure.add_subplot()
        starts, widths = [a for a, _, _ in counts], [b - a for a, b, _ in counts]
        tall = [n for *_, n in counts]
        bars = axes.bar(starts, tall, widths, align="edge", color=plotting.PALETTE[0], edgecolor="none")
        axes.bar_label(bars, [str(n) if n else "" for *_, n in counts], color=plotting.INK, fontsize=10)
        axes.set(xlabel="points", ylabel="submissions", xlim=(0, counts[-1][1]))
        axes.margins(y=0.15)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        said = "; ".join(f"{n} with {a:g} to {b:g} points" for a, b, n in counts if n)
        return _inline(figure, "scores", f"Bar chart of the scores. {said}.")


def rates(exercises: Sequence[dict[str, Any]]) -> str:
    """Draw the mean share of the points of each exercise, as an SVG element."""
    shown = [exercise for exercise in exercises if exercise["mean"] is not None]
    with mpl.rc_context():
        plotting.use()
        figure = Figure(figsize=(WIDTH, 0.7 + 0.34 * max(len(shown), 1)), layout="constrained")
        axes = figure.add_subplot()
        shares = [100 * exercise["mean"] / (exercise["points"] or 1.0) for exercise in shown]
        bars = axes.barh(range(len(shown)), shares, height=0.62, color=plotting.PALETTE[2])
        axes.bar_label(bars, [f" {share:.0f} %" for share in shares], color=plotting.INK, fontsize=10)
        axes.set_yticks(range(len(shown)), [exercise["name"] for exercise in shown])
        axes.set(xlim=(0, 112), xticks=range(0, 101, 25), xlabel="mean share of the points, in %")
        axes.invert_yaxis()
        said = "; ".join(f"{e['name']} {share:.0f} %" for e, share in zip(shown, shares, strict=True))
        return _inline(figure, "rates", f"Bar chart of the mean share of the points. {said}.")


def _inline(figure: Figure, name: str, alternative: str) -> str:
    """Return a figure as an ``<svg>`` that belongs into a page: with a text alternative, and with ids of its own."""
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = compact(file.getvalue())
    svg = re.sub(r"<(metadata|style)\b.*?</\1>", "", svg[svg.index("<svg") :], flags=re.DOTALL)  # styles are the page's
    svg = re.sub(r'(\bid="|"#|url\(#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r'(<svg[^>]*?) (?:width="[^"]*")', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) (?:height="[^"]*")', r"\1", svg, count=1)
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(alternative)}"', 1)
