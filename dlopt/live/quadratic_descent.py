"""Gradient descent on a rotated quadratic, to play with (syllabus Q1–Q4)."""

import math
from typing import Any

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._rates import regime, worst
from ._svg import RESET, Plot, control, direction, fixed, node, power, rich, table

STEPS = 40
KAPPAS = (1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 50, 70, 100)
LEVELS = [9 / 2.1**i for i in range(10)]
REACH = 3.0
RANGES = {"eta": (0.02, 2.5), "kappa": (1.0, 100.0), "angle": (0.0, 180.0)}

ALT = (
    "Elliptical contours of a quadratic with the two eigendirections through its minimum, and the path of "
    "40 gradient descent steps from a start that can be dragged."
)
CAPTION = (
    "Gradient descent on a quadratic whose curvatures are λ_1 = 1/κ and λ_M = 1. The plane: 40 steps from the "
    "ringed start towards the cross; drag the start, or move it with the arrow keys. The panel: along each "
    "eigendirection the error follows a straight line of its own. Which of the two gets steeper when you raise "
    "η, and when does it turn round?"
)


class QuadraticDescent(LiveFigure):
    """Drag the start, move η, κ and the angle: w ← w − ηAw on ½ wᵀAw, A with eigenvalues 1/κ and 1.

    Parameters
    ----------
    eta : float
        Step size, 0.02 to 2.5; with λ_M = 1 it diverges beyond 2.
    kappa : float
        Condition number, 1 to 100.
    angle : float
        Angle of the shallow eigendirection, degrees, 0 to 180.
    start : tuple of float
        First iterate (w₁, w₂), within [−3, 3] twice.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> QuadraticDescent(eta=1.6, kappa=10).describe().split(":")[1]
    ' oscillating, rate predicted 0.840, measured 0.840.'
    """

    _esm = bundle("quadratic_descent")
    title = traitlets.Unicode("Live figure: gradient descent on a rotated quadratic").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    eta = traitlets.Float(1.6).tag(sync=True, control=True)
    kappa = traitlets.Float(10.0).tag(sync=True, control=True)
    angle = traitlets.Float(30.0).tag(sync=True, control=True)
    start = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(-2.6, 0.4)).tag(
        sync=True, control=True
    )

    @traitlets.validate("eta", "kappa", "angle")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        return bounded("QuadraticDescent", name, proposal["value"], *RANGES[name])

    @traitlets.validate("start")
    def _in_plane(self, proposal: Any) -> tuple[float, float]:
        x, y = (bounded("QuadraticDescent", "start", v, -REACH, REACH) for v in proposal["value"])
        return x, y

    @property
    def _factors(self) -> tuple[float, float]:
        return 1 - self.eta * (1 / self.kappa), 1 - self.eta

    def _turned(self) -> tuple[float, float, float, float]:
        """Cosine and sine of the angle, and the start in the eigenbasis."""
        c, s = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        x, y = self.start
        return c, s, c * x + s * y, c * y - s * x

    def _errors(self) -> tuple[list[float], list[float]]:
        """Signed error along v₁ and v_M after k = 0 … STEPS steps, in closed form."""
        (shallow, steep), (_, _, a, b) = self._factors, self._turned()
        return [a * shallow**k for k in range(STEPS + 1)], [b * steep**k for k in range(STEPS + 1)]

    def _measured(self) -> float:
        norms = [math.hypot(a, b) for a, b in zip(*self._errors(), strict=True)]
        last = max(k for k, norm in enumerate(norms) if k == 0 or norm > 1e-8 * norms[0])
        return norms[last] / norms[last - 1] if last else math.nan

    def describe(self) -> str:
        """Say what the picture shows."""
        shallow, steep = (f"{fixed(f, 3)} ({regime(f)})" for f in self._factors)
        measured = self._measured()
        last = "" if math.isnan(measured) else f", measured {fixed(measured, 3)}"
        missing = abs(self._turned()[2]) < 1e-9 and self.kappa > 1
        never = " The start has no error along the shallow direction, so that factor never shows." if missing else ""
        return (
            f"Each step multiplies the error by {shallow} along the shallow direction and by {steep} along "
            f"the steep one. Overall: {worst([regime(f) for f in self._factors])}, rate predicted "
            f"{fixed(max(map(abs, self._factors)), 3)}{last}.{never}"
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        shallow, steep = self._factors
        measured = self._measured()
        overall = node("b", worst([regime(shallow), regime(steep)]))
        marks = [(2 / (1 + 1 / self.kappa), "η*", "before"), (2.0, "2/λ_M", "after")]
        controls = [
            control("η", "step size", fixed(self.eta), *RANGES["eta"], self.eta, marks=marks),
            control("κ", "condition number", f"{self.kappa:g}", 0, 2, math.log10(self.kappa)),
            control("θ", "angle", f"{self.angle:g}°", *RANGES["angle"], self.angle),
            RESET,
        ]
        rows = (
            [
                (direction("shallow", "λ_1"), fixed(shallow, 3), regime(shallow)),
                (direction("steep", "λ_M"), fixed(steep, 3), regime(steep)),
            ],
            [
                ("rate, predicted", fixed(max(abs(shallow), abs(steep)), 3), overall),
                ("rate, measured", "–" if math.isnan(measured) else fixed(measured, 3), ""),
            ],
        )
        return {
            "main": self._plane(),
            "controls": "".join(controls),
            "side": self._decay(),
            "table": table(*rows),
        }

    def _plane(self) -> str:
        ticks = [(v, fixed(v, 0)) for v in (-2.0, 0.0, 2.0)]
        box = (-REACH, REACH)
        plot = Plot(360, 366, (20, 8, 20, 26), box, box, ticks, ticks, "w_1", "w_2", f"{self.alt} {self.describe()}")
        c, s, _, _ = self._turned()
        path = [(c * a - s * b, s * a + c * b) for a, b in zip(*self._errors(), strict=True)]
        spots = [plot.points([x], [y]).split(",") for x, y in path[1:]]
        plot.inside = [plot.contours(LEVELS, (1 / self.kappa, 1.0), self.angle)]
        for name, p, q in (("shallow", c, s), ("steep", -s, c)):
            ends = {"x1": plot.x(-5 * p), "y1": plot.y(-5 * q), "x2": plot.x(5 * p), "y2": plot.y(5 * q)}
            plot.inside.append(node("line", class_=f"live-{name} live-axis", **ends))
        plot.inside += [
            node("polyline", class_="live-path", points=plot.points(*zip(*path, strict=True))),
            node("g", *(node("circle", r=2.5, cx=x, cy=y) for x, y in spots), class_="live-dots"),
        ]
        for name, label, p, q in (("shallow", "v_1", c, s), ("steep", "v_M", -s, c)):
            place = {"x": plot.x(2.7 * p - 0.17 * q), "y": plot.y(2.7 * q + 0.17 * p) + 4}
            text = rich(label, "tspan")
            plot.inside.append(node("text", text, class_=f"live-{name} live-tag", text_anchor="middle", **place))
        cross = f"M{plot.x(0) - 5} {plot.y(0)}h10M{plot.x(0)} {plot.y(0) - 5}v10"
        plot.inside.append(node("path", class_="live-cross", d=cross))
        plot.over.append(plot.grip(*self.start))
        return str(plot)

    def _decay(self) -> str:
        plot = Plot(
            *(270, 222, (24, 8, 34, 34), (0, STEPS), (1e-6, 1e2)),
            x_ticks=[(k, str(k)) for k in (0, 20, 40)],
            y_ticks=[(10.0**p, power(p)) for p in (2, 0, -2, -4, -6)],
            x_label="step",
            y_label="error along v_1 and v_M",
            alt="Error along each eigendirection against the step, logarithmic: straight lines.",
            log_y=True,
        )
        for name, signed in zip(("shallow", "steep"), self._errors(), strict=True):
            points = plot.points(range(STEPS + 1), (max(abs(e), 1e-14) for e in signed))  # zero lies far below
            plot.inside.append(node("polyline", class_=f"live-{name}", points=points))
        return str(plot)
