"""A cloud of inputs on its way to white, and the bowl that regression makes of it (syllabus W1–W3)."""

import math
from typing import Any, NamedTuple

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._cloud import Axes, Point, axes, cross, dots, ellipse, inputs, matrix, moments, white_cloud
from ._rates import steps_per_digit
from ._svg import RESET, Plot, control, direction, fixed, node, rich, table

STAGES = ("as they come", "centred", "scaled", "PCA", "ZCA")
RATIOS = (1.5, 2, 3, 4, 6, 8, 10)
REACH, FAR = 4.0, 3.0
LEVELS = [9 / 2.1**i for i in range(9)]
START = (-2.3, 1.5)
STEPS = 30
RANGES = {"stage": (0, 4), "angle": (0.0, 90.0), "ratio": (1.5, 10.0)}

ALT = (
    "Left, a cloud of points in the plane of two inputs with its covariance ellipse and the axes of its second "
    "moment; a dashed ellipse, whose centre can be dragged, shows the inputs as they come. Right, the elliptical "
    "contours of the regression loss and the path of gradient descent: long and narrow for a narrow or distant "
    "cloud, circles for a white one."
)
CAPTION = (
    "Two inputs (left; the ellipse is two standard deviations) and the bowl that linear regression makes of them "
    "(right, measured from its minimum, with gradient descent at its best step size). v_1 and v_M are the axes of the "
    "second moment about the cross. Drag the dashed cloud and go through the stages. PCA and ZCA give the same "
    "bowl: in what do they differ?"
)


class _State(NamedTuple):
    before: Axes
    after: list[Point]
    middle: Point
    left: Axes
    shallow: float
    steep: float
    turn: float
    path: list[Point]
    moved: float
    kappa: float
    factor: float
    steps: float
    correlation: float


class WhitenedCloud(LiveFigure):
    """Centre, scale and whiten a cloud of two inputs, and watch the bowl of linear regression.

    Parameters
    ----------
    stage : int
        0 as they come, 1 centred, 2 scaled, 3 PCA-whitened, 4 ZCA-whitened.
    angle : float
        Of the cloud's long axis, 0 to 90 degrees.
    ratio : float
        Of its two standard deviations, 1.5 to 10; the larger is 1.
    centre : tuple of float
        Of the inputs as they come, within [−4, 4] twice.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> print(WhitenedCloud(stage=4).describe().split(";")[0])
    Inputs ZCA: the second moment has eigenvalues 1.000 and 1.000, κ = 1.0
    """

    _esm = bundle("whitened_cloud")
    title = traitlets.Unicode("Live figure: whitening a cloud of two inputs, and the bowl it makes").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    cloud = traitlets.List(default_value=white_cloud()).tag(sync=True)
    stage = traitlets.Int(0).tag(sync=True, control=True)
    angle = traitlets.Float(35.0).tag(sync=True, control=True)
    ratio = traitlets.Float(3.0).tag(sync=True, control=True)
    centre = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(1.6, 1.2)).tag(
        sync=True, control=True
    )

    @traitlets.validate("stage", "angle", "ratio")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        bounded("WhitenedCloud", name, proposal["value"], *RANGES[name])
        return proposal["value"]  # type: ignore[no-any-return]

    @traitlets.validate("centre")
    def _in_plane(self, proposal: Any) -> Point:
        x, y = (bounded("WhitenedCloud", "centre", v, -REACH, REACH) for v in proposal["value"])
        return x, y

    def _state(self) -> _State:
        before = inputs(self.angle, self.ratio, self.centre, self.cloud)
        mean, _ = moments(before)
        covariance = moments(before, mean)[1]
        w = matrix(self.stage, covariance)
        centred = [(x - mean[0], y - mean[1]) for x, y in before]
        mapped = [(w[0][0] * x + w[0][1] * y, w[1][0] * x + w[1][1] * y) for x, y in centred]
        moved = sum((x - u) ** 2 + (y - v) ** 2 for (x, y), (u, v) in zip(centred, mapped, strict=True)) / len(before)
        after = before if self.stage == 0 else mapped
        middle, second = moments(after)
        left = moments(after, middle)[1]
        (steep, shallow), turn = axes(second)
        eta = 2 / (steep + shallow)
        path = [START]
        for _ in range(STEPS):
            x, y = path[-1]
            path.append((x - eta * (second[0] * x + second[1] * y), y - eta * (second[1] * x + second[2] * y)))
        factor = 1 - eta * shallow
        return _State(
            *(axes(covariance), after, middle, axes(left), shallow, steep, turn, path, moved),
            *(steep / shallow, factor, steps_per_digit(max(factor, 0.0)), left[1] / math.sqrt(left[0] * left[2])),
        )

    def describe(self) -> str:
        """Say what the picture shows."""
        now = self._state()
        speed = "arrives in one step" if now.factor < 1e-3 else f"takes {_price(now)} steps per digit"
        far = f" The map has moved the centred inputs by {fixed(now.moved, 3)} in the mean square."
        return (
            f"Inputs {STAGES[self.stage]}: the second moment has eigenvalues {fixed(now.shallow, 3)} and "
            f"{fixed(now.steep, 3)}, κ = {fixed(now.kappa, 1)}; gradient descent with the best step size {speed}. "
            f"The correlation of the two inputs is {fixed(now.correlation)}.{far if self.stage > 1 else ''}"
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        now = self._state()
        near = min(range(len(RATIOS)), key=lambda i: abs(RATIOS[i] - self.ratio))
        controls = [
            control("z", "inputs", STAGES[self.stage], 0, 4, self.stage),
            control("r", "ratio of spreads", f"{self.ratio:g}", 0, len(RATIOS) - 1, near),
            control("θ", "angle", f"{self.angle:g}°", 0, 90, self.angle),
            RESET,
        ]
        rows = (
            [
                (direction("shallow", "λ_1"), fixed(now.shallow, 3), fixed(now.factor, 3)),
                (direction("steep", "λ_M"), fixed(now.steep, 3), fixed(-now.factor, 3)),
            ],
            [("condition κ", fixed(now.kappa, 1), ""), ("steps per digit", _price(now), "")],
            [("correlation", fixed(now.correlation), ""), ("moved by", fixed(now.moved, 3), "")],
        )
        return {
            "main": self._plane(now),
            "controls": "".join(controls),
            "side": self._bowl(now),
            "table": table(*rows, titles=("direction", "λ", "1 − η*λ")),
        }

    def _plane(self, now: _State) -> str:
        ticks = [(v, fixed(v, 0)) for v in (-2.0, 0.0, 2.0)]
        box = (-REACH, REACH)
        words = f"{self.alt} {self.describe()}"
        plot = Plot(360, 366, (20, 8, 20, 26), box, box, ticks, ticks, "input 1", "input 2", words)
        lines, names = [], []
        for name, label, value, more in (("shallow", "v_1", now.shallow, 90), ("steep", "v_M", now.steep, 0)):
            c, s = math.cos(math.radians(now.turn + more)), math.sin(math.radians(now.turn + more))
            size = 2 * math.sqrt(value)
            ends = plot.points([-size * c, size * c], [-size * s, size * s])
            lines.append(node("polyline", class_=f"live-{name}", points=ends))
            at = min(size + 0.3, 3.6)
            where = {"x": f"{plot.x(at * c):.2f}", "y": f"{plot.y(at * s) + 4:.2f}", "text_anchor": "middle"}
            names.append(node("text", rich(label, "tspan"), class_=f"live-{name} live-tag", **where))
        plot.inside = [
            node("g", ellipse(plot, now.middle, now.left), class_="live-contours"),
            ellipse(plot, self.centre, now.before, class_="live-rule"),
            *(dots(plot, now.after), *lines, *names, cross(plot)),
        ]
        plot.over.append(plot.grip(*self.centre))
        return str(plot)

    def _bowl(self, now: _State) -> str:
        ticks = [(v, fixed(v, 0)) for v in (-2.0, 0.0, 2.0)]
        box = (-FAR, FAR)
        words = (
            "Contours of the regression loss over the two weights, measured from the minimum, and the path of descent."
        )
        plot = Plot(270, 290, (20, 8, 34, 26), box, box, ticks, ticks, "error in w_1", "error in w_2", words)
        plot.inside = [
            plot.contours(LEVELS, (now.shallow / now.steep, 1.0), round(now.turn + 90, 2)),
            node("polyline", class_="live-path", points=plot.points(*zip(*now.path, strict=True))),
            *(dots(plot, now.path[1:]), cross(plot)),
        ]
        return str(plot)


def _price(now: _State) -> str:
    return "one step" if now.factor < 1e-3 else fixed(now.steps, 1)
