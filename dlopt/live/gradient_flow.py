"""Gradient descent as Euler's method, beside the flow it follows, to play with (syllabus Q11)."""

import math
from typing import Any

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._rates import regime, worst
from ._svg import RESET, Plot, control, fixed, node, player, power, table

TIME = 12
KAPPAS = (1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50)
LEVELS = [8 / 2.1**i for i in range(9)]
REACH = 3.0
ANGLE = 30
C, S = math.cos(math.radians(ANGLE)), math.sin(math.radians(ANGLE))
RANGES = {"eta": (0.1, 2.4), "kappa": (1.0, 50.0), "time": (0, TIME)}

ALT = (
    "Elliptical contours of a quadratic. From a start that can be dragged, a smooth curve bends into the valley and "
    "on to the minimum; the dashed path of gradient descent jumps across it."
)
CAPTION = (
    "The gradient flow (smooth) and gradient descent, which is Euler's method for it, on a quadratic with λ_1 = 1/κ "
    "and λ_M = 1. The panel: how far step k is from the flow at time kη, with the step size η and with half of it. "
    "How small must η be before half the step size means half the distance, and what happens to the two lines "
    "beyond η = 2/λ_M?"
)

Path = list[tuple[float, float]]


class GradientFlow(LiveFigure):
    """Compare the flow e^(−At)w₀ with Euler's steps w ← w − ηAw; A has eigenvalues 1/κ and 1.

    Parameters
    ----------
    eta : float
        Step size, 0.1 to 2.4; with λ_M = 1 Euler's method is stable below 2.
    kappa : float
        Condition number, which is the stiffness of the flow, 1 to 50.
    start : tuple of float
        First iterate (w₁, w₂), within [−3, 3] twice.
    time : int
        Time up to which both are shown, 0 to 12.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> GradientFlow(eta=1.6).describe().split(". ")[-1]
    'Descent is oscillating; its stability limit is η = 2.'
    """

    _esm = bundle("gradient_flow")
    title = traitlets.Unicode("Live figure: gradient descent beside the gradient flow").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    eta = traitlets.Float(1.4).tag(sync=True, control=True)
    kappa = traitlets.Float(5.0).tag(sync=True, control=True)
    start = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(-2.7, 0.9)).tag(
        sync=True, control=True
    )
    time = traitlets.Int(8).tag(sync=True, control=True)

    @traitlets.validate("eta", "kappa", "time")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        bounded("GradientFlow", name, proposal["value"], *RANGES[name])
        return proposal["value"]  # type: ignore[no-any-return]

    @traitlets.validate("start")
    def _in_plane(self, proposal: Any) -> tuple[float, float]:
        x, y = (bounded("GradientFlow", "start", v, -REACH, REACH) for v in proposal["value"])
        return x, y

    def _turn(self, shallow: float, steep: float) -> tuple[float, float]:
        """Start times a factor along each eigendirection, in the plane."""
        x, y = self.start
        a, b = (C * x + S * y) * shallow, (C * y - S * x) * steep
        return C * a - S * b, S * a + C * b

    def _flow(self, t: float) -> tuple[float, float]:
        return self._turn(math.exp(-t / self.kappa), math.exp(-t))

    def _euler(self, eta: float) -> Path:
        steps = math.floor(self.time / eta + 1e-9)
        return [self._turn((1 - eta / self.kappa) ** k, (1 - eta) ** k) for k in range(steps + 1)]

    def _gaps(self, eta: float) -> list[float]:
        return [math.dist(w, self._flow(k * eta)) for k, w in enumerate(self._euler(eta))]

    def _measures(self) -> tuple[float, float, float]:
        """Largest distance from the flow, the same with η/2, their ratio."""
        gap, halved = max(self._gaps(self.eta)), max(self._gaps(self.eta / 2))
        return gap, halved, gap / halved if gap > 0 and halved > 1e-12 else math.nan

    @property
    def _overall(self) -> str:
        return worst([regime(1 - self.eta * (1 / self.kappa)), regime(1 - self.eta)])

    def describe(self) -> str:
        """Say what the picture shows."""
        limit = f"Descent is {self._overall}; its stability limit is η = 2."
        steps, eta = len(self._euler(self.eta)) - 1, fixed(self.eta)
        if steps == 0:
            return f"Up to time {self.time} there is no whole step of size η = {eta} yet. {limit}"
        gap, halved, quotient = self._measures()
        ratio = "" if math.isnan(quotient) else f", smaller by the factor {fixed(quotient, 2)}"
        return (
            f"Up to time {self.time} descent takes {steps} {'step' if steps == 1 else 'steps'} of size η = {eta} and "
            f"strays from the flow by at most {fixed(gap, 3)}; with half the step size by {fixed(halved, 3)}{ratio}. "
            f"{limit}"
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        near = min(range(len(KAPPAS)), key=lambda i: abs(KAPPAS[i] - self.kappa))
        controls = [
            control("η", "step size", fixed(self.eta), *RANGES["eta"], self.eta, marks=[(2.0, "2/λ_M", "before")]),
            control("κ", "condition number", f"{self.kappa:g}", 0, len(KAPPAS) - 1, near),
            player("time", self.time, TIME),
            RESET,
        ]
        gap, halved, ratio = self._measures()
        rows = [
            ("with step η", fixed(gap, 3), ""),
            ("with step η/2", fixed(halved, 3), ""),
            ("their ratio", "–" if math.isnan(ratio) else fixed(ratio, 2), "→ 2 as η → 0"),
        ]
        stable = ("stable below", "η = 2", node("b", self._overall))
        return {
            "main": self._plane(),
            "controls": "".join(controls),
            "side": self._distance(),
            "table": table(rows, [stable], titles=("distance", "largest", "remark")),
        }

    def _plane(self) -> str:
        ticks = [(v, fixed(v, 0)) for v in (-2.0, 0.0, 2.0)]
        box = (-REACH, REACH)
        plot = Plot(360, 366, (20, 8, 20, 26), box, box, ticks, ticks, "w_1", "w_2", f"{self.alt} {self.describe()}")
        smooth, path = [self._flow(self.time * (i / 60) ** 2) for i in range(61)], self._euler(self.eta)
        plot.inside = [plot.contours(LEVELS, (1 / self.kappa, 1.0), ANGLE)]
        for name, line in (("shallow", smooth), ("steep", path)):
            points = plot.points(*zip(*line, strict=True))
            plot.inside.append(node("polyline", class_=f"live-{name}", points=points))
        spots = [plot.points([x], [y]).split(",") for x, y in path[1:]]
        plot.inside.append(node("g", *(node("circle", r=2.5, cx=x, cy=y) for x, y in spots), class_="live-dots"))
        cross = f"M{plot.x(0) - 5} {plot.y(0)}h10M{plot.x(0)} {plot.y(0) - 5}v10"
        plot.inside.append(node("path", class_="live-cross", d=cross))
        for name, x, text in (("shallow", 230, "flow"), ("steep", 275, "descent")):
            plot.over.append(node("text", text, class_=f"live-{name} live-tag", x=x, y=13))
        plot.over.append(plot.grip(*self.start))
        return str(plot)

    def _distance(self) -> str:
        plot = Plot(
            *(270, 222, (24, 8, 34, 34), (0, TIME), (1e-3, 1e2)),
            x_ticks=[(k, str(k)) for k in (0, 4, 8, 12)],
            y_ticks=[(10.0**p, power(p)) for p in (2, 1, 0, -1, -2, -3)],
            x_label="time t = kη",
            y_label="distance from the flow",
            alt="Distance of descent from the flow against time, logarithmic, with step size η and with half of it.",
            log_y=True,
        )
        for name, eta in (("path", self.eta / 2), ("steep", self.eta)):
            gaps = self._gaps(eta)[1:]
            points = plot.points((k * eta for k in range(1, len(gaps) + 1)), (max(v, 1e-14) for v in gaps))
            plot.inside.append(node("polyline", class_=f"live-{name}", points=points))
        for name, x, text in (("live-steep live-tag", 150, "step η"), ("live-note", 204, "step η/2")):
            plot.inside.append(node("text", text, class_=name, x=x, y=39))
        return str(plot)
