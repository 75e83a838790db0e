"""The rate of gradient descent as a function of its step size, to play with (syllabus Q1, Q3, Q13)."""

import math
from typing import Any

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._rates import regime, steps_per_digit, worst
from ._svg import RESET, Plot, control, direction, fixed, node, rich, table

RANGES = {"eta": (0.02, 2.5), "kappa": (1.0, 100.0)}
HIGH = RANGES["eta"][1]

ALT = (
    "Rate against step size η: the branches |1 − ηλ| of the shallow and of the steep direction are straight "
    "lines, their maximum is V-shaped with its lowest point at η*; beyond η = 2/λ of the steep direction it "
    "exceeds 1."
)
CAPTION = (
    "The rate max(|1 − ηλ_1|, |1 − ηλ_M|), with λ_1 = 1/κ and λ_M = 1, is the upper of two branches (broad "
    "line). The diamond marks the best step size η* = 2/(λ_1 + λ_M); in the shaded part, beyond 2/λ_M, descent "
    "diverges. As κ grows, what happens to the distance between the best step size and the first one that "
    "diverges?"
)


class RateCurve(LiveFigure):
    """Slide η along the curve max(|1 − ηλ₁|, |1 − ηλ_M|) with λ₁ = 1/κ, λ_M = 1.

    Parameters
    ----------
    eta : float
        Step size, 0.02 to 2.5.
    kappa : float
        Condition number λ_M/λ₁, 1 to 100.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> print(RateCurve(eta=1, kappa=10).describe().split(". ")[0])
    At η = 1.00 the rate is 0.900, set by the shallow direction: monotone, one more digit every 21.9 steps
    """

    _esm = bundle("rate_curve")
    title = traitlets.Unicode("Live figure: the rate of gradient descent against its step size").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    eta = traitlets.Float(0.6).tag(sync=True, control=True)
    kappa = traitlets.Float(5.0).tag(sync=True, control=True)

    @traitlets.validate("eta", "kappa")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        return bounded("RateCurve", name, proposal["value"], *RANGES[name])

    def _factors(self, eta: float) -> tuple[float, float]:
        return 1 - eta * (1 / self.kappa), 1 - eta

    def _rate(self, eta: float) -> float:
        return max(map(abs, self._factors(eta)))

    @property
    def _best(self) -> tuple[float, float]:
        return 2 / (1 / self.kappa + 1), (self.kappa - 1) / (self.kappa + 1)

    def _price(self) -> str:
        steps = steps_per_digit(self._rate(self.eta))
        if steps == math.inf:
            return "never"
        return "one step" if steps < 0.1 else fixed(steps, 1)

    def describe(self) -> str:
        """Say what the picture shows."""
        shallow, steep = map(abs, self._factors(self.eta))
        who = "the shallow direction" if shallow > steep else "the steep direction"
        who = "both directions equally" if abs(shallow - steep) < 1e-9 else who
        steps = steps_per_digit(self._rate(self.eta))
        digits = {math.inf: "the error never shrinks", 0.0: "the minimum is reached in one step"}.get(
            steps, f"one more digit every {self._price()} steps"
        )
        best, best_rate = (fixed(v, 3) for v in self._best)
        overall = worst([regime(f) for f in self._factors(self.eta)])
        return (
            f"At η = {fixed(self.eta)} the rate is {fixed(self._rate(self.eta), 3)}, set by {who}: "
            f"{overall}, {digits}. The best step size is {best} with rate {best_rate}."
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        shallow, steep = self._factors(self.eta)
        marks = [(self._best[0], "η*", "before"), (2.0, "2/λ_M", "after")]
        controls = control("η", "step size", fixed(self.eta), *RANGES["eta"], self.eta, marks=marks)
        controls += control("κ", "condition number", f"{self.kappa:g}", 0, 2, math.log10(self.kappa)) + RESET
        overall = node("b", worst([regime(shallow), regime(steep)]))
        best, best_rate = (fixed(v, 3) for v in self._best)
        rows = (
            [
                (direction("shallow", "λ_1"), fixed(shallow, 3), regime(shallow)),
                (direction("steep", "λ_M"), fixed(steep, 3), regime(steep)),
            ],
            [
                (
                    node("span", class_="live-swatch live-max") + "rate",
                    fixed(self._rate(self.eta), 3),
                    overall,
                ),
                ("steps per digit", self._price(), ""),
            ],
            [(node("span", class_="live-gem") + "best η*", best, ""), ("its rate", best_rate, "")],
        )
        return {"main": self._curve(), "controls": controls, "table": table(*rows)}

    def _curve(self) -> str:
        plot = Plot(
            *(360, 340, (22, 8, 34, 34), (0, HIGH), (0, 1.5)),
            x_ticks=[(v, fixed(v, 1)) for v in (0, 0.5, 1, 1.5, 2)],
            y_ticks=[(v, fixed(v)) for v in (0, 0.25, 0.5, 0.75, 1, 1.25)],
            x_label="step size η",
            y_label="rate",
            alt=f"{self.alt} {self.describe()}",
        )
        left, right, top, bottom = plot.x(0), plot.x(HIGH), plot.y(1.5), plot.y(0)
        (best, best_rate), rate = self._best, self._rate(self.eta)
        limit = f"M{left} {plot.y(1)}H{right}M{plot.x(2)} {top}V{bottom}"
        beyond = {"x": plot.x(2), "y": top, "width": right - plot.x(2), "height": bottom - top}
        plot.inside = [
            node("rect", class_="live-forbidden", **beyond),
            node("path", class_="live-limit", d=limit),
            node("line", class_="live-rule", x1=plot.x(1), x2=plot.x(1), y1=top, y2=bottom),
        ]
        knots = [0, best, HIGH]
        whole = plot.points(knots, map(self._rate, knots))
        plot.inside.append(node("polyline", class_="live-max", points=whole))
        for i, (name, knee) in enumerate((("shallow", self.kappa), ("steep", 1.0))):
            knots = [0, min(knee, HIGH), HIGH]
            branch = plot.points(knots, (abs(self._factors(v)[i]) for v in knots))
            plot.inside.append(node("polyline", class_=f"live-{name}", points=branch))
        drop = f"M{plot.x(best)} {plot.y(best_rate)}V{bottom}"
        now = {"x1": plot.x(self.eta), "x2": plot.x(self.eta), "y1": plot.y(rate), "y2": bottom}
        plot.inside += [node("path", class_="live-rule", d=drop), node("line", class_="live-now", **now)]
        beside = [abs(self._factors(v)[0]) for v in (2, HIGH)]  # the shallow branch where its name shall stand
        height = plot.y(min(beside)) + 16 if min(beside) > 0.15 else plot.y(max(beside)) - 8
        tags = (
            ("shallow", "|1 − ηλ_1|", right - 5, height, "end"),
            ("steep", "|1 − ηλ_M|", left + 8, plot.y(0.3), "start"),
        )
        for name, text, x, y, anchor in tags:
            given = {"x": x, "y": y, "text_anchor": anchor}
            plot.inside.append(node("text", rich(text, "tspan"), class_=f"live-{name} live-tag", **given))
        for eta, text in ((0.5, "monotone"), (1.5, "oscillating"), (2.25, "diverging")):
            plot.over.append(node("text", text, class_="live-note", x=plot.x(eta), y=top - 6, text_anchor="middle"))
        gem = f"translate({plot.x(best):.2f} {plot.y(best_rate):.2f})"
        plot.over += [
            node("path", class_="live-best", d="M0 -6L6 0L0 6L-6 0Z", transform=gem),
            node("text", "η*", class_="live-tag", x=plot.x(best) - 5, y=bottom - 6, text_anchor="end"),
            plot.grip(self.eta, rate),
        ]
        return str(plot)
