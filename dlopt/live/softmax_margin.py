"""Softmax and cross-entropy of three logits at a temperature, to play with (syllabus L1, L2, L5)."""

import math
from typing import Any

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._svg import RESET, Plot, control, fixed, node, table

TEMPERATURES = (0.25, 0.5, 0.7, 1, 1.4, 2, 3, 4)
REACH, TOP = 2.0, 8.0
GRID = [(i - 40) / 10 for i in range(81)]

ALT = (
    "Against the margin of the true class: cross-entropy falls from a straight line of slope −1/T on the left to "
    "zero on the right; its pull on the true logit, dashed, falls from 1/T to zero; the 0–1 loss is a step. A ring "
    "marks the present logits."
)
CAPTION = (
    "Cross-entropy of three logits, class 1 being the true one, against the margin h_1 − max(h_2, h_3). Solid: the "
    "loss; dashed: how hard it pulls the true logit up, (1 − p_1)/T; broad: the 0–1 loss. Beside it, the "
    "probabilities (solid) and probability minus target (dashed). Scaling all logits by 2 and doubling T leave the "
    "probabilities as they are; what does doubling T do to the pull?"
)


class SoftmaxMargin(LiveFigure):
    """Move three logits and the temperature of their softmax; class 1 is the true one.

    Parameters
    ----------
    first, second, third : float
        Logits h₁, h₂, h₃, −2 to 2.
    temperature : float
        T, 0.25 to 4: probabilities are those of the logits over T.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> print(SoftmaxMargin(first=0, second=0, third=0).describe().split(": ")[0])
    At margin 0.0 and temperature 1 the decision is undecided
    """

    _esm = bundle("softmax_margin")
    title = traitlets.Unicode("Live figure: softmax, margin and temperature").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    first = traitlets.Float(0.2).tag(sync=True, control=True)
    second = traitlets.Float(1.2).tag(sync=True, control=True)
    third = traitlets.Float(-0.5).tag(sync=True, control=True)
    temperature = traitlets.Float(1.0).tag(sync=True, control=True)

    @traitlets.validate("first", "second", "third", "temperature")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        low, high = (0.25, 4.0) if name == "temperature" else (-REACH, REACH)
        return bounded("SoftmaxMargin", name, proposal["value"], low, high)

    @property
    def _margin(self) -> tuple[float, float]:
        """Margin of class 1, and by how much the best rival leads the other."""
        return self.first - max(self.second, self.third), abs(self.second - self.third)

    def _probabilities(self) -> list[float]:
        logits = (self.first, self.second, self.third)
        powers = [math.exp((h - max(logits)) / self.temperature) for h in logits]
        return [e / sum(powers) for e in powers]

    def _loss(self, margin: float) -> float:
        rest = -margin / self.temperature + math.log1p(math.exp(-self._margin[1] / self.temperature))
        return max(rest, 0.0) + math.log1p(math.exp(-abs(rest)))

    def _pull(self, margin: float) -> float:
        return -math.expm1(-self._loss(margin)) / self.temperature

    def describe(self) -> str:
        """Say what the picture shows."""
        margin = self._margin[0]
        verdict = "right" if margin > 1e-9 else "wrong" if margin < -1e-9 else "undecided"
        return (
            f"At margin {fixed(margin, 1)} and temperature {self.temperature:g} the decision is {verdict}: the true "
            f"class has probability {fixed(self._probabilities()[0], 3)}, the loss is {fixed(self._loss(margin), 3)}, "
            f"and its gradient pulls the true logit up with {fixed(self._pull(margin), 3)}."
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        names = ("logit of the true class", "logit of class 2", "logit of class 3")
        logits = (self.first, self.second, self.third)
        controls = [
            control(f"h{'₁₂₃'[k]}", name, fixed(logits[k], 1), -REACH, REACH, logits[k]) for k, name in enumerate(names)
        ]
        near = min(range(len(TEMPERATURES)), key=lambda i: abs(TEMPERATURES[i] - self.temperature))
        controls += [control("T", "temperature", f"{self.temperature:g}", 0, len(TEMPERATURES) - 1, near), RESET]
        p = self._probabilities()
        rows = [
            (name, fixed(p[k], 3), fixed((p[k] - (k == 0)) / self.temperature, 3))
            for k, name in enumerate(("1 (true)", "2", "3"))
        ]
        margin = self._margin[0]
        totals = (("shallow", "loss", fixed(self._loss(margin), 3)), ("max", "0–1 loss", "0" if margin > 1e-9 else "1"))
        last = [(node("span", class_=f"live-swatch live-{kind}") + name, text, "") for kind, name, text in totals]
        return {
            "main": self._curves(),
            "controls": "".join(controls),
            "side": self._bars(p),
            "table": table(rows, last, titles=("class", "p", "∂L/∂h")),
        }

    def _curves(self) -> str:
        plot = Plot(
            *(360, 330, (22, 8, 34, 30), (-4, 4), (0, TOP)),
            x_ticks=[(v, fixed(v, 0)) for v in (-4, -2, 0, 2, 4)],
            y_ticks=[(v, fixed(v, 0)) for v in (0, 2, 4, 6, 8)],
            x_label="margin h_1 − max(h_2, h_3)",
            y_label="loss",
            alt=f"{self.alt} {self.describe()}",
        )
        margin = self._margin[0]
        height = min(self._loss(margin), TOP)
        now = {"x1": plot.x(margin), "x2": plot.x(margin), "y1": plot.y(height), "y2": plot.y(0)}
        plot.inside = [
            node("polyline", class_="live-max", points=plot.points([-4, 0, 0, 4], [1, 1, 0, 0])),
            node("polyline", class_="live-shallow", points=plot.points(GRID, map(self._loss, GRID))),
            node("polyline", class_="live-steep", points=plot.points(GRID, map(self._pull, GRID))),
            node("line", class_="live-now", **now),
        ]
        beside = self._loss(-2.2)  # where the curve's name shall stand
        tags = (
            ("shallow", -1.5 if beside > 6.9 else -2.2, min(beside + 0.4, 7.3), "cross-entropy"),
            ("steep", -3.9, max(0.3, self._pull(-4) - 0.75), "its pull"),
        )
        for name, x, y, text in tags:
            place = {"x": plot.x(x), "y": f"{plot.y(y):.2f}"}
            plot.inside.append(node("text", text, class_=f"live-{name} live-tag", **place))
        plot.over.append(plot.grip(margin, height))
        return str(plot)

    def _bars(self, p: list[float]) -> str:
        plot = Plot(
            *(270, 200, (24, 8, 34, 34), (0, 3), (-1, 1)),
            x_ticks=[(0.5, "true"), (1.5, "2"), (2.5, "3")],
            y_ticks=[(v, fixed(v, 0)) for v in (-1, 0, 1)],
            x_label="class",
            y_label="probability, and minus target",
            alt="Stems of the three probabilities and of probability minus target.",
        )
        plot.inside = [node("path", class_="live-limit", d=f"M{plot.x(0)} {plot.y(0)}H{plot.x(3)}")]
        for k, value in enumerate(p):
            for name, x, height in (("shallow", k + 0.38, value), ("steep", k + 0.62, value - (k == 0))):
                points = plot.points([x, x], [0, height])
                plot.inside.append(node("polyline", class_=f"live-{name}", style="stroke-width: 9", points=points))
        return str(plot)
