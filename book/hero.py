"""Sphinx extension: the picture on the landing page, computed when the page is made.

Three walks of gradient descent down one ravine, ½(x² + κy²); only the step size differs.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

__all__ = ["WALKS", "setup", "walk"]

KAPPA = 20.0
START = (-10.0, 1.0)
STEPS = 40
WALKS = (  # css class, step size, what the legend says
    ("careful", 0.4 / KAPPA, "a fifth of the largest stable step"),
    ("best", 2 / (1 + KAPPA), "the best fixed step"),
    ("daring", 1.98 / KAPPA, "1 % below the largest stable step"),
)
SCALE, LEFT, TOP, WIDTH, HEIGHT = 48.0, -11.2, 2.7, 720, 260


def walk(eta: float) -> list[tuple[float, float]]:
    """Return the points of gradient descent on ½(x² + κy²): x ← (1 − η)x, y ← (1 − ηκ)y.

    Examples
    --------
    >>> walk(1 / KAPPA)[1]
    (-9.5, 0.0)
    """
    points = [START]
    for _ in range(STEPS):
        x, y = points[-1]
        points.append(((1 - eta) * x, (1 - eta * KAPPA) * y))
    return points


def svg() -> str:
    """Draw contours and walks; colours come from the style sheet, shapes tell the walks apart as well."""
    x0, y0 = _pixel(0, 0)
    rings = [
        f'<ellipse cx="{x0:.1f}" cy="{y0:.1f}" rx="{a * SCALE:.1f}" ry="{a * SCALE / KAPPA**0.5:.1f}"/>'
        for a in (1.5, 3.5, 6.0, 8.75, 11.83)
    ]
    parts = [f'<g class="hero-rings">{"".join(rings)}</g>']
    for name, eta, _ in WALKS:
        pixels = [_pixel(x, y) for x, y in walk(eta)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in pixels)
        marks = "".join(_mark(name, x, y) for x, y in pixels[1:])
        parts.append(f'<g class="hero-{name}"><polyline points="{line}"/>{marks}</g>')
    x, y = _pixel(*START)
    parts.append(f'<circle class="hero-end" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>')
    parts.append(f'<path class="hero-end" d="M{x0 - 5:.1f} {y0:.1f}h10m-5 -5v10"/>')
    label = "Contours of a long narrow valley. One walk creeps along its floor and stops half way, one arrives "
    label += "after a few swings, one swings from wall to wall all the way."
    return f'<svg class="hero" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def _pixel(x: float, y: float) -> tuple[float, float]:
    return (x - LEFT) * SCALE, (TOP - y) * SCALE


def _mark(name: str, x: float, y: float) -> str:
    if name == "best":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6"/>'
    if name == "careful":
        return f'<rect x="{x - 2:.1f}" y="{y - 2:.1f}" width="4" height="4"/>'
    return f'<path d="M{x - 2:.1f} {y - 2:.1f}l4 4m0 -4l-4 4"/>'


class Hero(SphinxDirective):
    """``{descent}``: the picture with its legend; the content is the caption."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return picture, legend and caption."""
        legend = "".join(
            f'<li><svg viewBox="0 0 24 10" aria-hidden="true" class="hero-key"><g class="hero-{name}">'
            f'<polyline points="1,5 23,5"/>{_mark(name, 12, 5)}</g></svg>{text}</li>'
            for name, _, text in WALKS
        )
        figure = nodes.container(classes=["hero-figure"])
        figure += nodes.raw("", f'{svg()}<ul class="hero-legend">{legend}</ul>', format="html")
        self.state.nested_parse(self.content, self.content_offset, figure)
        return [figure]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("descent", Hero)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
