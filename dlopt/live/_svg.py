"""The static twin of ``_kit.js``: the same plot areas and table, written as text at build time."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from html import escape

Ticks = Sequence[tuple[float, str]]


def fixed(value: float, digits: int = 2) -> str:
    """Write a number with a true minus sign and no negative zero.

    Examples
    --------
    >>> fixed(-0.6), fixed(-0.001)
    ('−0.60', '0.00')
    """
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)  # as JavaScript's toFixed
    return f"{rounded + 0:f}".replace("-", "−")


def power(exponent: int) -> str:
    """Write a power of ten.

    Examples
    --------
    >>> power(-4)
    '10⁻⁴'
    """
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def rich(text: str, tag: str = "sub") -> str:
    """Write ``λ_M`` with a subscript, in HTML or (tag "tspan") in SVG."""
    wrap = r"<sub>\1</sub>" if tag == "sub" else r'<tspan class="live-sub">\1</tspan>'
    return re.sub(r"_(\w)", wrap, escape(text))


def node(name: str, *children: str, **attributes: object) -> str:
    """Write an element; ``class_`` is class and ``text_anchor`` text-anchor."""
    given = "".join(f' {k.rstrip("_").replace("_", "-")}="{escape(str(v))}"' for k, v in attributes.items())
    return f"<{name}{given}>" if name == "input" else f"<{name}{given}>{''.join(children)}</{name}>"


@dataclass
class Plot:
    """A plot area; its geometry, classes and ticks are those of ``plot`` in ``_kit.js``."""

    width: int
    height: int
    margin: tuple[int, int, int, int]  # top, right, bottom, left
    x_domain: tuple[float, float]
    y_domain: tuple[float, float]
    x_ticks: Ticks
    y_ticks: Ticks
    x_label: str
    y_label: str
    alt: str
    log_y: bool = False
    inside: list[str] = field(default_factory=list)
    over: list[str] = field(default_factory=list)

    def x(self, value: float) -> float:
        """Horizontal pixel of a value."""
        _, right, _, left = self.margin
        low, high = self.x_domain
        return left + (value - low) / (high - low) * (self.width - left - right)

    def y(self, value: float) -> float:
        """Vertical pixel of a value."""
        top, _, bottom, _ = self.margin
        low, high = self.y_domain
        if self.log_y:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        return self.height - bottom - (value - low) / (high - low) * (self.height - top - bottom)

    def points(self, xs: Iterable[float], ys: Iterable[float]) -> str:
        """Points as a polyline wants them; far beyond the picture is far enough."""

        def near(p: float) -> str:
            return f"{max(-9999.0, min(9999.0, p)):.2f}"

        return " ".join(f"{near(self.x(x))},{near(self.y(y))}" for x, y in zip(xs, ys, strict=True))

    def contours(self, levels: Iterable[float], curvatures: tuple[float, float], angle: float) -> str:
        """Contours of ½ wᵀAw: exact ellipses of semi-axes √(2c/λ), turned by ``angle`` degrees."""
        unit, cx, cy = self.x(1) - self.x(0), self.x(0), self.y(0)
        turn = f"rotate({-angle} {cx} {cy})"
        axes = [[f"{unit * math.sqrt(2 * level / curvature):.2f}" for curvature in curvatures] for level in levels]
        drawn = (node("ellipse", cx=cx, cy=cy, rx=rx, ry=ry, transform=turn) for rx, ry in axes)
        return node("g", *drawn, class_="live-contours")

    def grip(self, x: float, y: float) -> str:
        """Mark the point that the live figure lets the reader move."""
        ring = node("circle", class_="live-ring", r=9) + node("circle", class_="live-core", r=3.5)
        return node("g", ring, transform=f"translate({self.x(x):.2f} {self.y(y):.2f})")

    def __str__(self) -> str:
        """Write the SVG."""
        top, right, bottom, left = self.margin
        w, h = self.width - left - right, self.height - top - bottom
        axes = [node("rect", class_="live-ground", x=left, y=top, width=w, height=h)]
        for value, text in self.x_ticks:
            x = self.x(value)
            axes.append(node("line", x1=x, x2=x, y1=top, y2=top + h))
            axes.append(node("text", text, x=x, y=top + h + 15, text_anchor="middle"))
        for value, text in self.y_ticks:
            y = self.y(value)
            axes.append(node("line", x1=left, x2=left + w, y1=y, y2=y))
            axes.append(node("text", text, x=left - 6, y=y + 4, text_anchor="end"))
        title = rich(self.x_label, "tspan")
        axes.append(node("text", title, class_="live-title", x=left + w, y=self.height - 3, text_anchor="end"))
        axes.append(node("text", rich(self.y_label, "tspan"), class_="live-title", x=2, y=11))
        box = f"{left} {top} {w} {h}"
        return node(
            "svg",
            node("g", *axes, class_="live-axes"),
            node("svg", *self.inside, x=left, y=top, width=w, height=h, viewBox=box),
            *self.over,
            class_="live-plot",
            viewBox=f"0 0 {self.width} {self.height}",
            role="img",
            aria_label=self.alt,
        )


def control(
    symbol: str,
    name: str,
    shown: str,
    low: float,
    high: float,
    value: float,
    marks: Iterable[tuple[float, str, str]] = (),
) -> str:
    """Draw a slider at rest: same size as the live one, so that nothing jumps when it takes over."""
    label = node("span", node("i", symbol), f" {name}", class_="live-name")
    track = {"min": low, "max": high, "step": "any", "value": value}
    rest = node("input", type="range", disabled="", aria_label=f"{name} {symbol}".strip(), **track)
    drawn = (
        node("span", node("span", rich(text)), class_=f"live-{side}", style=f"--at:{(at - low) / (high - low):.4f}")
        for at, text, side in marks
    )
    below = node("span", *drawn, class_="live-marks", aria_hidden="true")
    return node("label", label, node("output", shown), rest, below, class_="live-control")


def toggle(name: str, on: bool) -> str:
    """Draw a checkbox at rest."""
    box = node("input", type="checkbox", disabled="", **({"checked": ""} if on else {}))
    return node("label", box, node("span", rich(name)), class_="live-toggle")


def player(name: str, value: int, last: int) -> str:
    """Draw Back, Play and Step at rest, and the number they move."""
    texts = ("Back to start", "Play", "Step")
    classes = ("live-reset", "live-reset live-play", "live-reset")
    buttons = (node("button", t, type="button", disabled="", class_=c) for t, c in zip(texts, classes, strict=True))
    shown = node("output", f"{name} {value} of {last}")
    return node("div", *buttons, shown, class_="live-player", role="group", aria_label=name)


RESET = node("button", "Reset", type="button", disabled="", class_="live-reset")


def table(
    *groups: Sequence[tuple[str, str, str]],
    titles: tuple[str, ...] = ("direction", "1 − ηλ", "regime"),
    **attributes: str,
) -> str:
    """Lay out the readout: first cell HTML, the others text."""
    heads = "".join(node("th", t, scope="col") for t in titles)
    bodies = (
        node(
            "tbody",
            *(node("tr", node("th", a, scope="row"), node("td", b), node("td", c)) for a, b, c in group),
        )
        for group in groups
    )
    return node("table", node("thead", node("tr", heads)), *bodies, **attributes)


def direction(name: str, symbol: str) -> str:
    """Name an eigendirection behind a swatch of its line."""
    return node("span", class_=f"live-swatch live-{name}") + f"{name} {rich(symbol)}"
