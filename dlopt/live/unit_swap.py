"""Two hidden units on their way to each other's places, and the loss along it, to play with (syllabus N1)."""

import math
from typing import Any

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._svg import RESET, Plot, control, fixed, node, rich, table

RANGES = {"t": (0.0, 1.0), "angle": (10, 180), "bend": (0.0, 1.0)}
GRID = [i / 50 for i in range(51)]
Point = tuple[float, float]

ALT = (
    "Plane of the incoming weights: two arms from the origin, one ending in a circle, one in a square, on dotted "
    "ways that lead each to the other's place; crosses mark the places of the two units to be imitated. Beside "
    "it, the loss over the whole way, zero at both ends with a hump between."
)
CAPTION = (
    "Two ReLU units w_1 (solid, circle) and w_2 (dashed, square) exchange places; the crosses are the two units "
    "that they are to imitate. At t = 0 and t = 1 the network is the same and the loss is 0. With bend b = 0 they"
    " meet half way; with b = 1 they go round each other on a circle. Up to 90 degrees the highest loss on the "
    "way is the same for every bend: why?"
)


def _overlap(a: Point, b: Point) -> float:
    dot, cross = a[0] * b[0] + a[1] * b[1], abs(a[0] * b[1] - a[1] * b[0])
    return (cross + (math.pi - math.atan2(cross, dot)) * dot) / (2 * math.pi)


def _sum(us: list[Point], vs: list[Point]) -> float:
    return sum(_overlap(u, v) for u in us for v in vs)


class UnitSwap(LiveFigure):
    """Move two hidden units towards each other's places, straight or round each other.

    Parameters
    ----------
    t : float
        How far they have gone, 0 to 1.
    angle : int
        Angle between the two units, 10 to 180 degrees.
    bend : float
        0 for straight ways, 1 for a circle.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> print(UnitSwap(t=1).describe())
    Units 90 degrees apart, straight, at t = 1.00: loss 0.000. The highest loss on the way is 0.091.
    """

    _esm = bundle("unit_swap")
    title = traitlets.Unicode("Live figure: two hidden units exchange places").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    t = traitlets.Float(0.3).tag(sync=True, control=True)
    angle = traitlets.Int(90).tag(sync=True, control=True)
    bend = traitlets.Float(0.0).tag(sync=True, control=True)

    @traitlets.validate("t", "angle", "bend")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        return bounded("UnitSwap", name, proposal["value"], *RANGES[name])

    def _units(self, t: float) -> list[Point]:
        half = self.angle * math.pi / 360
        middle, reach = math.cos(half), math.sin(half)
        along, aside = 1 - 2 * t, 2 * self.bend * math.sqrt(t * (1 - t))
        return [(middle + reach * aside, reach * along), (middle - reach * aside, -reach * along)]

    def _loss(self, t: float) -> float:
        student, target = self._units(t), self._units(0)
        return 0.5 * _sum(student, student) - _sum(student, target) + 0.5 * _sum(target, target)

    def describe(self) -> str:
        """Say what the picture shows."""
        way = "straight" if self.bend == 0 else f"bend {fixed(self.bend)}"
        return (
            f"Units {self.angle} degrees apart, {way}, at t = {fixed(self.t)}: loss {fixed(self._loss(self.t), 3)}. "
            f"The highest loss on the way is {fixed(max(map(self._loss, GRID)), 3)}."
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        controls = control("t", "way gone", fixed(self.t), 0, 1, self.t)
        controls += control("α", "angle", f"{self.angle}°", 10, 180, self.angle)
        controls += control("b", "bend", fixed(self.bend), 0, 1, self.bend) + RESET
        names = ("shallow", "steep")
        rows = [
            (node("span", class_=f"live-swatch live-{name}") + rich(f"w_{i + 1}"), fixed(w[0]), fixed(w[1]))
            for i, (name, w) in enumerate(zip(names, self._units(self.t), strict=True))
        ]
        highest = max(map(self._loss, GRID))
        totals = [("loss now", fixed(self._loss(self.t), 3), ""), ("highest on the way", fixed(highest, 3), "")]
        readout = table(rows, totals, titles=("unit", "first", "second"))
        return {"main": self._plane(), "controls": controls, "side": self._profile(), "table": readout}

    def _plane(self) -> str:
        plot = Plot(
            *(350, 330, (22, 8, 34, 34), (-1.25, 1.75), (-1.3, 1.3)),
            x_ticks=[(v, fixed(v, 0)) for v in (-1, 0, 1)],
            y_ticks=[(v, fixed(v, 0)) for v in (-1, 0, 1)],
            x_label="first weight",
            y_label="second weight",
            alt=f"{self.alt} {self.describe()}",
        )
        way, target, now = [self._units(t) for t in GRID], self._units(0), self._units(self.t)
        for i in (0, 1):
            line = plot.points((w[i][0] for w in way), (w[i][1] for w in way))
            plot.inside.append(node("polyline", class_="live-rule", points=line))
        for p, q in target:
            at = f"M{plot.x(p):.2f} {plot.y(q):.2f}m-5 -5l10 10m-10 0l10 -10"
            plot.inside.append(node("path", class_="live-cross", d=at))
        for name, (u, v) in zip(("shallow", "steep"), now, strict=True):
            plot.inside.append(node("polyline", class_=f"live-{name}", points=plot.points([0, u], [0, v])))
        (u, v), (p, q) = now
        plot.inside.append(node("circle", class_="live-best", r=5.5, cx=f"{plot.x(u):.2f}", cy=f"{plot.y(v):.2f}"))
        corner = {"x": f"{plot.x(p) - 4.5:.2f}", "y": f"{plot.y(q) - 4.5:.2f}"}
        plot.inside.append(node("rect", class_="live-best", width=9, height=9, **corner))
        for i, (u, v) in enumerate(now):
            place = {"x": f"{plot.x(u) + (-14 if i else 14):.2f}", "y": f"{plot.y(v) + (18 if i else -10):.2f}"}
            tag = {"class_": f"live-{('shallow', 'steep')[i]} live-tag", "text_anchor": "middle"}
            plot.inside.append(node("text", rich(f"w_{i + 1}", "tspan"), **tag, **place))
        return str(plot)

    def _profile(self) -> str:
        plot = Plot(
            *(270, 200, (22, 8, 34, 38), (0, 1), (0, 0.55)),
            x_ticks=[(v, fixed(v, 1)) for v in (0, 0.5, 1)],
            y_ticks=[(v, fixed(v, 1)) for v in (0, 0.1, 0.2, 0.3, 0.4, 0.5)],
            x_label="t",
            y_label="loss",
            alt="Loss along the whole way from t = 0 to t = 1, with the present t marked.",
        )
        now = {"x1": plot.x(self.t), "x2": plot.x(self.t), "y1": plot.y(self._loss(self.t)), "y2": plot.y(0)}
        plot.inside = [
            node("polyline", class_="live-path", points=plot.points(GRID, map(self._loss, GRID))),
            node("line", class_="live-now", **now),
        ]
        plot.over.append(plot.grip(self.t, self._loss(self.t)))
        return str(plot)
