"""Momentum on a quadratic, to play with: every direction is a point in the plane of ηλ and α (syllabus A1)."""

import math
from typing import Any

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._rates import steps_per_digit
from ._svg import RESET, Plot, control, fixed, node, rich, table

STEPS = 60
START = (2.6, 1.6)
LEVELS = [6 / 2.1**i for i in range(9)]
RANGES = {"eta": (0.02, 4.0), "alpha": (0.0, 0.98), "kappa": (1.0, 100.0)}
HIGH = RANGES["eta"][1]
NAMES = ("shallow", "steep")
SYMBOLS = ("λ_1", "λ_M")

ALT = (
    "The plane of ηλ (across) and momentum α (up). Two curves that start together at ηλ = 1, α = 0 part upwards, to "
    "ηλ = 0 and to ηλ = 4: between them directions ring, left of them they creep, right of them they flip, and beyond "
    "a slanted line from 2 to 4 they diverge. Two points at the same height stand for the shallow and the steep "
    "direction, inside a trapezoid whose outline is the set of points with the present rate. Beside it: the path."
)
CAPTION = (
    "Momentum on a bowl with curvatures λ_1 = 1/κ (square) and λ_M = 1 (ring): drag the ring, or move it with the "
    "arrow keys. The broad outline joins all points whose rate is the present one; everything inside it is faster. "
    "The diamond marks the best setting. Why must both points sit on corners of their trapezoid when the rate is best?"
)


def radius(step: float, alpha: float) -> float:
    """Return the larger size of the roots of r² − (1 + α − ηλ) r + α."""
    s = 1 + alpha - step
    gap = s * s - 4 * alpha
    return math.sqrt(alpha) if gap < 0 else (abs(s) + math.sqrt(gap)) / 2


def motion(step: float, alpha: float) -> str:
    """Name what one eigendirection does."""
    s = 1 + alpha - step
    gap = s * s - 4 * alpha
    if radius(step, alpha) > 1 - 1e-9:
        return "diverging"
    if abs(gap) < 1e-9 and s > -1e-9:
        return "critical"
    if gap < 0:
        return "ringing"
    return "creeping" if s > 0 else "flipping"


class MomentumPlane(LiveFigure):
    """Move η, α and κ: e ← (1 + α − ηλ)e − αe_before along two directions of curvature 1/κ and 1.

    Parameters
    ----------
    eta : float
        Step size, 0.02 to 4; with λ_M = 1 it diverges beyond 2(1 + α).
    alpha : float
        Momentum, 0 to 0.98.
    kappa : float
        Condition number, 1 to 100.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> MomentumPlane(eta=1.0, alpha=0.0, kappa=10).describe().split(". ")[1]
    'Overall rate 0.900: one more digit every 21.9 steps'
    """

    _esm = bundle("momentum_plane")
    title = traitlets.Unicode("Live figure: momentum on a quadratic").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    eta = traitlets.Float(1.6).tag(sync=True, control=True)
    alpha = traitlets.Float(0.2).tag(sync=True, control=True)
    kappa = traitlets.Float(20.0).tag(sync=True, control=True)

    @traitlets.validate("eta", "alpha", "kappa")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        return bounded("MomentumPlane", name, proposal["value"], *RANGES[name])

    @property
    def _steps(self) -> tuple[float, float]:
        return self.eta / self.kappa, self.eta

    @property
    def _rates(self) -> list[float]:
        return [radius(step, self.alpha) for step in self._steps]

    @property
    def _best(self) -> tuple[float, float, float]:
        q = 1 / math.sqrt(self.kappa)
        rate = (1 - q) / (1 + q)
        return (2 / (1 + q)) ** 2, rate * rate, rate

    def _errors(self) -> list[list[float]]:
        """Signed errors along v₁ and v_M at every step."""
        paths = []
        for step, first in zip(self._steps, START, strict=True):
            path = [first, first]  # at rest
            for _ in range(STEPS):
                path.append((1 + self.alpha - step) * path[-1] - self.alpha * path[-2])
            paths.append(path[1:])
        return paths

    def describe(self) -> str:
        """Say what the picture shows."""
        each = [
            f"the {name} one at ηλ = {fixed(step, 3)} is {motion(step, self.alpha)}, rate {fixed(rate, 3)}"
            for name, step, rate in zip(NAMES, self._steps, self._rates, strict=True)
        ]
        price = steps_per_digit(max(self._rates))
        digits = {math.inf: "the error never shrinks", 0.0: "the minimum is reached at once"}.get(
            price, "" if math.isinf(price) else f"one more digit every {fixed(price, 1)} steps"
        )
        eta, alpha, rate = (fixed(v, 3) for v in self._best)
        return (
            f"Of the two directions, {each[0]}; {each[1]}. Overall rate {fixed(max(self._rates), 3)}: {digits}. "
            f"The best setting is η = {eta} with α = {alpha}, rate {rate}."
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        eta, alpha, rate = self._best
        controls = [
            control("η", "step size", fixed(self.eta), *RANGES["eta"], self.eta, marks=[(eta, "η*", "after")]),
            control("α", "momentum", fixed(self.alpha), *RANGES["alpha"], self.alpha, marks=[(alpha, "α*", "after")]),
            control("κ", "condition number", f"{self.kappa:g}", 0, 2, math.log10(self.kappa)),
            RESET,
        ]
        price = steps_per_digit(max(self._rates))
        rows = (
            [
                (f"{name} {rich(symbol)}", fixed(own, 3), motion(step, self.alpha))
                for name, symbol, own, step in zip(NAMES, SYMBOLS, self._rates, self._steps, strict=True)
            ],
            [
                (node("span", class_="live-swatch live-max") + "rate", fixed(max(self._rates), 3), ""),
                ("steps per digit", "never" if math.isinf(price) else fixed(price, 1), ""),
            ],
            [
                (node("span", class_="live-gem") + "best η, α", f"{fixed(eta)}, {fixed(alpha)}", ""),
                ("their rate", fixed(rate, 3), ""),
            ],
        )
        readout = table(*rows, titles=("direction", "rate", "regime"))
        return {"main": self._plane(), "controls": "".join(controls), "side": self._bowl(), "table": readout}

    def _plane(self) -> str:
        plot = Plot(
            *(360, 350, (22, 8, 34, 34), (0, HIGH), (0, 1)),
            x_ticks=[(v, str(v)) for v in (0, 1, 2, 3, 4)],
            y_ticks=[(v, fixed(v)) for v in (0, 0.25, 0.5, 0.75, 1)],
            x_label="ηλ",
            y_label="momentum α",
            alt=f"{self.alt} {self.describe()}",
        )

        def at(x: float, y: float) -> str:
            return f"{plot.x(x):.2f} {plot.y(y):.2f}"

        alphas = [(i / 25) ** 2 for i in range(26)]
        plot.inside = [
            node("path", class_="live-forbidden", d=f"M{at(2, 0)}L{at(4, 1)}L{at(4, 0)}Z"),
            node("path", class_="live-limit", d=f"M{at(2, 0)}L{at(4, 1)}"),
        ]
        for sign in (-1, 1):
            border = plot.points(((1 + sign * math.sqrt(a)) ** 2 for a in alphas), alphas)
            plot.inside.append(node("polyline", class_="live-rule", points=border))
        tags = (
            (0.3, 0.03, "creeping", "middle"),
            (1, 0.88, "ringing", "middle"),
            (1.7, 0.03, "flipping", "middle"),
            (3.95, 0.3, "diverging", "end"),
        )
        for x, y, text, anchor in tags:
            plot.inside.append(node("text", text, class_="live-note", x=plot.x(x) + 3, y=plot.y(y), text_anchor=anchor))
        r = min(max(self._rates), 2.0)
        outline = plot.points((1 - r, (1 - r) ** 2, (1 + r) ** 2, 1 + r), (0, r * r, r * r, 0))
        left, right = (plot.x(step) for step in self._steps)
        height = plot.y(self.alpha)
        plot.inside += [
            node("polyline", class_="live-max", points=outline),
            *(
                node("polyline", class_=f"live-{name}", points=plot.points((step, step), (self.alpha, 0)))
                for name, step in zip(NAMES, self._steps, strict=True)
            ),
            node("line", class_="live-now", x1=left, x2=right, y1=height, y2=height),
        ]
        plot.over.append(node("rect", class_="live-dots", width=8, height=8, x=left - 4, y=height - 4))
        lift = 26 if self.alpha > 0.9 else -14
        for i, (name, symbol) in enumerate(zip(NAMES, SYMBOLS, strict=True)):
            place = {"x": (left, right)[i], "y": height + (lift if i else 2 * lift)}
            text = rich(symbol, "tspan")
            plot.over.append(node("text", text, class_=f"live-{name} live-tag", text_anchor="middle", **place))
        gem = f"translate({at(self._best[0], self._best[1])})"
        plot.over += [
            node("path", class_="live-best", d="M0 -6L6 0L0 6L-6 0Z", transform=gem),
            plot.grip(self.eta, self.alpha),
        ]
        return str(plot)

    def _bowl(self) -> str:
        ticks = [(v, fixed(v, 0)) for v in (-2.0, 0.0, 2.0)]
        plot = Plot(
            *(270, 236, (20, 8, 34, 26), (-3.0, 3.0), (-2.4, 2.4)),
            x_ticks=ticks,
            y_ticks=ticks,
            x_label="error along v_1",
            y_label="along v_M",
            alt="Path of 60 steps in the bowl, along the two eigendirections.",
        )
        first, second = self._errors()
        spots = (plot.points([x], [y]).split(",") for x, y in zip(first, second, strict=True))
        cross = f"M{plot.x(0) - 5} {plot.y(0)}h10M{plot.x(0)} {plot.y(0) - 5}v10"
        plot.inside = [
            plot.contours(LEVELS, (1 / self.kappa, 1.0), 0),
            node("polyline", class_="live-path", points=plot.points(first, second)),
            node("g", *(node("circle", r=2, cx=x, cy=y) for x, y in spots), class_="live-dots"),
            node("path", class_="live-cross", d=cross),
        ]
        return str(plot)
