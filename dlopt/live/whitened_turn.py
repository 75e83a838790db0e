"""Once a cloud is white it may be turned: how far each turn takes it from where it was (syllabus W3)."""

import math
from typing import Any, NamedTuple

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._cloud import Axes, Point, axes, cross, dots, ellipse, inputs, matrix, moments, white_cloud
from ._svg import RESET, Plot, control, fixed, node, rich, table

RATIOS = (1.5, 2, 3, 4, 6, 8, 10)
REACH, TALL = 3.0, 8.0
GRID = [5 * i - 180 for i in range(73)]
SHOWN = 4
RANGES = {"turn": (-180.0, 180.0), "angle": (0.0, 90.0), "ratio": (1.5, 10.0)}

ALT = (
    "Left, a dashed narrow ellipse, where the cloud was, and a circle, where it is after whitening and turning; dotted "
    "lines join ten points to their images. Right, the mean squared distance against the angle of the turn: a cosine "
    "with its lowest point at no turn, marked ZCA."
)
CAPTION = (
    "A centred cloud (dashed), whitened by QΣ^(−1/2) where Q turns by φ. Ten dotted lines show how far points have "
    "travelled; the curve is the mean of their squares. v_1 and v_M are where the cloud's short and long axis have "
    "gone. Turn the ring, then the cloud: for which clouds are PCA and ZCA the same, and why does κ not care?"
)


class _State(NamedTuple):
    before: list[Point]
    after: list[Point]
    long: Axes
    moved: float


def _distance(variances: Point, turn: float) -> float:
    first, second = variances
    return first + second + 2 - 2 * math.cos(math.radians(turn)) * (math.sqrt(first) + math.sqrt(second))


class WhitenedTurn(LiveFigure):
    """Turn a whitened cloud and see how far it is from the original, ``E‖x − QΣ^(−1/2)x‖²``.

    Parameters
    ----------
    turn : float
        Angle of Q, −180 to 180 degrees; 0 is ZCA.
    angle : float
        Of the cloud's long axis, 0 to 90 degrees.
    ratio : float
        Of its two standard deviations, 1.5 to 10; the larger is 1.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> print(WhitenedTurn(turn=0, ratio=2).describe().split(". ")[0])
    Whitened and turned by 0°, the cloud has moved by 0.250 in the mean square
    """

    _esm = bundle("whitened_turn")
    title = traitlets.Unicode("Live figure: turning a whitened cloud away from where it was").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    cloud = traitlets.List(default_value=white_cloud()).tag(sync=True)
    turn = traitlets.Float(60.0).tag(sync=True, control=True)
    angle = traitlets.Float(30.0).tag(sync=True, control=True)
    ratio = traitlets.Float(3.0).tag(sync=True, control=True)

    @traitlets.validate("turn", "angle", "ratio")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        return bounded("WhitenedTurn", name, proposal["value"], *RANGES[name])

    def _state(self) -> _State:
        before = inputs(self.angle, self.ratio, (0.0, 0.0), self.cloud)
        covariance = moments(before)[1]
        (a, b), (d, e) = matrix(4, covariance)
        c, s = math.cos(math.radians(self.turn)), math.sin(math.radians(self.turn))
        white = [(a * x + b * y, d * x + e * y) for x, y in before]
        after = [(c * u - s * v, s * u + c * v) for u, v in white]
        moved = sum((x - u) ** 2 + (y - v) ** 2 for (x, y), (u, v) in zip(before, after, strict=True)) / len(before)
        return _State(before, after, axes(covariance), moved)

    def describe(self) -> str:
        """Say what the picture shows."""
        now = self._state()
        least, pca = _distance(now.long.values, 0), _distance(now.long.values, now.long.angle)
        return (
            f"Whitened and turned by {fixed(self.turn, 0)}°, the cloud has moved by {fixed(now.moved, 3)} in the mean "
            f"square. Least is ZCA, no turn, with {fixed(least, 3)}; PCA is the turn by {fixed(-now.long.angle, 0)}° "
            f"and moves it by {fixed(pca, 3)}. The condition number is 1 at every turn."
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        now = self._state()
        near = min(range(len(RATIOS)), key=lambda i: abs(RATIOS[i] - self.ratio))
        controls = [
            control("φ", "turn", f"{fixed(self.turn, 0)}°", -180, 180, self.turn),
            control("θ", "angle of the cloud", f"{self.angle:g}°", 0, 90, self.angle),
            control("r", "ratio of spreads", f"{self.ratio:g}", 0, len(RATIOS) - 1, near),
            RESET,
        ]
        least, pca = _distance(now.long.values, 0), _distance(now.long.values, now.long.angle)
        rows = [
            (node("span", class_="live-gem") + "ZCA", "0°", fixed(least, 3)),
            ("PCA", f"{fixed(-now.long.angle, 0)}°", fixed(pca, 3)),
            ("this one", f"{fixed(self.turn, 0)}°", fixed(now.moved, 3)),
        ]
        return {
            "main": self._plane(now),
            "controls": "".join(controls),
            "side": self._curve(now, least, pca),
            "table": table(rows, [("condition κ", "1", "")], titles=("map", "turn", "moved by")),
        }

    def _plane(self, now: _State) -> str:
        ticks = [(v, fixed(v, 0)) for v in (-2.0, 0.0, 2.0)]
        box = (-REACH, REACH)
        words = f"{self.alt} {self.describe()}"
        plot = Plot(360, 366, (20, 8, 20, 26), box, box, ticks, ticks, "input 1", "input 2", words)
        ways, lines, names = [], [], []
        for (x, y), (u, v) in list(zip(now.before, now.after, strict=True))[::SHOWN]:
            ends = {"x1": plot.x(x), "y1": plot.y(y), "x2": plot.x(u), "y2": plot.y(v)}
            ways.append(node("line", class_="live-rule", **{k: f"{p:.2f}" for k, p in ends.items()}))
        for name, label, more in (("shallow", "v_1", 90), ("steep", "v_M", 0)):
            direction = math.radians(now.long.angle + self.turn + more)
            c, s = math.cos(direction), math.sin(direction)
            lines.append(node("polyline", class_=f"live-{name}", points=plot.points([0, 2 * c], [0, 2 * s])))
            where = {"x": f"{plot.x(2.3 * c):.2f}", "y": f"{plot.y(2.3 * s) + 4:.2f}", "text_anchor": "middle"}
            names.append(node("text", rich(label, "tspan"), class_=f"live-{name} live-tag", **where))
        plot.inside = [
            node("g", ellipse(plot, (0.0, 0.0), Axes((1.0, 1.0), 0.0)), class_="live-contours"),
            ellipse(plot, (0.0, 0.0), now.long, class_="live-rule"),
            *(*ways, dots(plot, now.after), *lines, *names, cross(plot)),
        ]
        return str(plot)

    def _curve(self, now: _State, least: float, pca: float) -> str:
        plot = Plot(
            *(270, 256, (24, 8, 34, 26), (-180, 180), (0, TALL)),
            x_ticks=[(v, f"{fixed(v, 0)}°") for v in (-90, 0, 90)],
            y_ticks=[(v, str(v)) for v in (0, 2, 4, 6)],
            x_label="turn φ",
            y_label="mean squared distance",
            alt="Mean squared distance against the turn: a cosine, least at no turn.",
        )
        x, y = plot.x(-now.long.angle), plot.y(pca)
        heights = [_distance(now.long.values, t) for t in GRID]
        plot.inside = [
            node("path", class_="live-rule", d=f"M{x:.2f} {plot.y(0)}V{y:.2f}"),
            node("polyline", class_="live-path", points=plot.points(GRID, heights)),
        ]
        gem = f"translate({plot.x(0):.2f} {plot.y(least):.2f})"
        named = (("PCA", "end", x - 3, plot.y(0) - 4), ("ZCA", "middle", plot.x(0), plot.y(least) - 12))
        plot.over = [
            *(
                node("text", t, class_="live-note", text_anchor=anchor, x=f"{a:.2f}", y=f"{b:.2f}")
                for t, anchor, a, b in named
            ),
            node("path", class_="live-best", d="M0 -6L6 0L0 6L-6 0Z", transform=gem),
            plot.grip(self.turn, now.moved),
        ]
        return str(plot)
