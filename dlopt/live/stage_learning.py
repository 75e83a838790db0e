"""Three modes of a two-layer linear network, learned one after another, to play with (syllabus N5)."""

import math
from typing import Any

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._svg import RESET, Plot, control, fixed, node, rich, table

NAMES = ("first", "second", "third")
LINES = ("shallow", "steep", "max")
END, TOP = 20.0, 2.0
RANGES = dict.fromkeys(NAMES, (0.2, TOP)) | {"rest": (1.0, 6.0), "time": (0.0, END)}
GRID = [i / 5 for i in range(101)]

ALT = (
    "Strength of three modes over time: each curve stays near zero for a while, then rises in an S to its "
    "singular value, the strongest first. Beside it, the loss over time, a staircase with one step down for each "
    "mode."
)
CAPTION = (
    "Three modes of a two-layer linear network (solid s_1, dashed s_2, broad s_3), all starting at strength 10⁻ᵏ,"
    " by the exact solution. Each sleeps for a time of about ln(s/u_0)/2s and then rises. What must you change to"
    " have the loss fall in one step instead of three?"
)


class StageLearning(LiveFigure):
    """Choose three singular values and how weak the start is; watch the modes being learned in stages.

    Parameters
    ----------
    first, second, third : float
        Singular values, 0.2 to 2.
    rest : float
        k, 1 to 6: every mode starts at strength 10⁻ᵏ.
    time : float
        Time, 0 to 20, in units of steps times step size.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> print(StageLearning(rest=3).describe().split(",")[0])
    Modes 1.8 (half learned at 2.1)
    """

    _esm = bundle("stage_learning")
    title = traitlets.Unicode("Live figure: modes of a linear network, learned in stages").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    first = traitlets.Float(1.8).tag(sync=True, control=True)
    second = traitlets.Float(1.0).tag(sync=True, control=True)
    third = traitlets.Float(0.5).tag(sync=True, control=True)
    rest = traitlets.Float(3.0).tag(sync=True, control=True)
    time = traitlets.Float(4.0).tag(sync=True, control=True)

    @traitlets.validate(*NAMES, "rest", "time")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        return bounded("StageLearning", name, proposal["value"], *RANGES[name])

    @property
    def _sigmas(self) -> tuple[float, float, float]:
        return self.first, self.second, self.third

    def _strengths(self, t: float) -> list[float]:
        u0 = 10**-self.rest
        decays = [math.exp(-2 * s * t) for s in self._sigmas]
        return [s / (1 - d + (s / u0) * d) for s, d in zip(self._sigmas, decays, strict=True)]

    def _halves(self) -> list[float]:
        return [math.log(s / 10**-self.rest - 1) / (2 * s) for s in self._sigmas]

    def _loss(self, t: float) -> float:
        return sum(0.5 * (s - u) ** 2 for s, u in zip(self._sigmas, self._strengths(t), strict=True))

    def describe(self) -> str:
        """Say what the picture shows."""
        pairs = zip(self._sigmas, self._halves(), strict=True)
        modes = ", ".join(f"{fixed(s, 1)} (half learned at {fixed(half, 1)})" for s, half in pairs)
        strengths = ", ".join(fixed(u) for u in self._strengths(self.time))
        return (
            f"Modes {modes}, from strength 10^−{fixed(self.rest, 1)}. At time {fixed(self.time, 1)} their strengths "
            f"are {strengths} and the loss is {fixed(self._loss(self.time), 3)}."
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        controls = [
            control(f"s{'₁₂₃'[i]}", f"of mode {i + 1}", fixed(s, 1), 0.2, TOP, s) for i, s in enumerate(self._sigmas)
        ]
        controls.append(control("k", "start at 10⁻ᵏ", fixed(self.rest, 1), 1, 6, self.rest))
        controls += [control("t", "time", fixed(self.time, 1), 0, END, self.time), RESET]
        found = zip(LINES, self._strengths(self.time), self._halves(), strict=True)
        rows = [
            (node("span", class_=f"live-swatch live-{line}") + rich(f"s_{i + 1}"), fixed(u), fixed(half, 1))
            for i, (line, u, half) in enumerate(found)
        ]
        last = [("loss", fixed(self._loss(self.time), 3), "")]
        readout = table(rows, last, titles=("mode", "strength", "half-time"))
        return {"main": self._curves(), "controls": "".join(controls), "side": self._losses(), "table": readout}

    def _curves(self) -> str:
        plot = Plot(
            *(360, 330, (22, 8, 34, 34), (0, END), (0, TOP * 1.05)),
            x_ticks=[(v, str(v)) for v in (0, 5, 10, 15, 20)],
            y_ticks=[(v, fixed(v, 1)) for v in (0, 0.5, 1, 1.5, 2)],
            x_label="time",
            y_label="mode strength",
            alt=f"{self.alt} {self.describe()}",
        )
        ways = [self._strengths(t) for t in GRID]
        for i, line in enumerate(LINES):
            drawn = plot.points(GRID, (way[i] for way in ways))
            plot.inside.append(node("polyline", class_=f"live-{line}", points=drawn))
        now = {"x1": plot.x(self.time), "x2": plot.x(self.time), "y1": plot.y(0), "y2": plot.y(TOP * 1.05)}
        plot.inside.append(node("line", class_="live-now", **now))
        for i, (line, height) in enumerate(zip(LINES, ways[-1], strict=True)):
            kind = "live-tag" if line == "max" else f"live-{line} live-tag"
            at = {"text_anchor": "end", "x": f"{plot.x(END - 0.4):.2f}", "y": f"{plot.y(height) + 15:.2f}"}
            plot.inside.append(node("text", rich(f"s_{i + 1}", "tspan"), class_=kind, **at))
        plot.over.append(plot.grip(self.time, 0))
        return str(plot)

    def _losses(self) -> str:
        plot = Plot(
            *(270, 200, (22, 8, 34, 34), (0, END), (0, 6)),
            x_ticks=[(v, str(v)) for v in (0, 10, 20)],
            y_ticks=[(v, str(v)) for v in (0, 2, 4, 6)],
            x_label="time",
            y_label="loss",
            alt="Loss over time: a staircase with one step for each mode.",
        )
        now = {"x1": plot.x(self.time), "x2": plot.x(self.time), "y1": plot.y(0), "y2": plot.y(self._loss(self.time))}
        plot.inside = [
            node("polyline", class_="live-path", points=plot.points(GRID, map(self._loss, GRID))),
            node("line", class_="live-now", **now),
        ]
        return str(plot)
