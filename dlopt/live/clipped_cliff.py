"""Gradient descent on ½(wᵗ − y)², with and without clipping, to play with (syllabus N11)."""

import math
from typing import Any

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._svg import RESET, Plot, control, fixed, node, player, table, toggle

STEPS, GOAL, FAR = 40, 0.5, 1000.0
FACTORS = (1, 2, 3, 4, 6, 8, 12, 16, 20, 30)
THRESHOLDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
RATES = (0.005, 0.01, 0.02, 0.05, 0.1)
RANGES = {
    "factors": (1, 30),
    "start": (-1.4, 1.4),
    "rate": (0.005, 0.1),
    "threshold": (0.1, 100.0),
    "steps": (0, STEPS),
}
GRID = [(i - 80) / 50 for i in range(161)]

ALT = (
    "Loss against the weight: a flat plain between −1 and 1 with a narrow valley just below 1, and steep walls "
    "outside. Dots mark the steps of gradient descent, a diamond the present weight. Beside it, the powers of the"
    " present weight."
)
CAPTION = (
    "Loss ½(wᵗ − ½)² of a weight that is applied t times (solid), with the steps taken so far (dots; at the edge "
    "if they are outside) and the present weight (diamond). Dashed: its powers; dotted: where the last one should"
    " end. With t = 12 and clipping at c = 50 the run survives the wall; why does it still not learn?"
)


def _power(w: float, t: int) -> float:
    product = 1.0
    for _ in range(t):
        product *= w
    return product


def _short(v: float) -> str:
    if not math.isfinite(v):
        return "∞"
    return fixed(v, 3) if abs(v) < 1000 else f"{'−' if v < 0 else ''}over 1000"


class ClippedCliff(LiveFigure):
    """Walk towards a cliff, with gradients clipped or not.

    Parameters
    ----------
    factors : int
        t, how often the weight is applied, 1 to 30.
    start : float
        First weight, −1.4 to 1.4.
    rate : float
        Step size, 0.005 to 0.1.
    clip : bool
        Whether gradients are clipped.
    threshold : float
        Longest gradient if they are, 0.1 to 100.
    steps : int
        Steps taken, 0 to 40.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> print(ClippedCliff(clip=False, steps=2).describe())
    12 factors, step size 0.02, gradients as they are. After 2 of 40 steps: the run is lost, beyond ±1000.
    """

    _esm = bundle("clipped_cliff")
    title = traitlets.Unicode("Live figure: a cliff, and gradients clipped or not").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    factors = traitlets.Int(12).tag(sync=True, control=True)
    start = traitlets.Float(1.2).tag(sync=True, control=True)
    rate = traitlets.Float(0.02).tag(sync=True, control=True)
    clip = traitlets.Bool(True).tag(sync=True, control=True)
    threshold = traitlets.Float(1.0).tag(sync=True, control=True)
    steps = traitlets.Int(10).tag(sync=True, control=True)

    @traitlets.validate("factors", "start", "rate", "threshold", "steps")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        return bounded("ClippedCliff", name, proposal["value"], *RANGES[name])

    def _loss(self, w: float) -> float:
        rest = _power(w, self.factors) - GOAL
        return 0.5 * (rest * rest)

    def _slope(self, w: float) -> float:
        return (_power(w, self.factors) - GOAL) * self.factors * _power(w, self.factors - 1)

    def _path(self) -> list[float]:
        found = [self.start]
        for _ in range(STEPS):
            w = found[-1]
            if abs(w) >= FAR:
                found.append(w)
                continue
            g = self._slope(w)
            if self.clip and abs(g) > self.threshold:
                g = math.copysign(self.threshold, g)
            reached = w - self.rate * g
            found.append(reached if abs(reached) < FAR else math.copysign(FAR, reached))
        return found

    def _now(self) -> tuple[float, float, float]:
        """Weight, loss and gradient after the steps taken."""
        w = self._path()[self.steps]
        return (w, math.inf, math.inf) if abs(w) >= FAR else (w, self._loss(w), self._slope(w))

    def describe(self) -> str:
        """Say what the picture shows."""
        w, loss, slope = self._now()
        how = f"gradients clipped at {self.threshold:g}" if self.clip else "gradients as they are"
        where = f"w = {_short(w)}, the loss is {_short(loss)}, the gradient {_short(slope)}"
        where = "the run is lost, beyond ±1000" if loss == math.inf and abs(w) >= FAR else where
        return (
            f"{self.factors} {'factor' if self.factors == 1 else 'factors'}, step size {self.rate:g}, {how}. "
            f"After {self.steps} of {STEPS} steps: {where}."
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""

        def choice(symbol: str, name: str, values: tuple[float, ...], value: float) -> str:
            near = min(range(len(values)), key=lambda i: abs(values[i] - value))
            return control(symbol, name, f"{value:g}", 0, len(values) - 1, near)

        controls = player("step", self.steps, STEPS) + choice("t", "factors", FACTORS, self.factors)
        controls += control("w₀", "start", fixed(self.start, 1), -1.4, 1.4, self.start)
        controls += choice("η", "step size", RATES, self.rate) + choice("c", "threshold", THRESHOLDS, self.threshold)
        controls += toggle("clip the gradient", self.clip) + RESET
        first = (self.start, self._loss(self.start), self._slope(self.start))
        found = zip(("weight w", "loss", "gradient"), self._now(), first, strict=True)
        rows = [(name, _short(v), _short(v0)) for name, v, v0 in found]
        readout = table(rows, titles=("quantity", "now", "at the start"))
        return {"main": self._cliff(), "controls": controls, "side": self._growth(), "table": readout}

    def _cliff(self) -> str:
        plot = Plot(
            *(360, 320, (22, 8, 34, 34), (-1.6, 1.6), (0, 2)),
            x_ticks=[(v, fixed(v, 0)) for v in (-1, 0, 1)],
            y_ticks=[(v, fixed(v, 1)) for v in (0, 0.5, 1, 1.5, 2)],
            x_label="weight w",
            y_label="loss",
            alt=f"{self.alt} {self.describe()}",
        )

        def at(v: float) -> tuple[str, str]:
            height = min(self._loss(max(-9.0, min(9.0, v))), 2.0)
            return f"{plot.x(max(-1.6, min(1.6, v))):.2f}", f"{plot.y(height):.2f}"

        path = self._path()
        line = plot.points(GRID, map(self._loss, GRID))
        spots = [node("circle", cx=p, cy=q, r=2.5) for p, q in map(at, path[: self.steps])]
        p, q = at(path[self.steps])
        plot.inside = [
            node("polyline", class_="live-shallow", points=line),
            node("g", *spots, class_="live-dots"),
            node("line", class_="live-now", x1=p, x2=p, y1=plot.y(0), y2=q),
            node("path", class_="live-best", d="M0 -6L6 0L0 6L-6 0Z", transform=f"translate({p} {q})"),
        ]
        tag = {"x": plot.x(0), "y": f"{plot.y(0.125) - 8:.2f}", "text_anchor": "middle"}
        plot.inside.append(node("text", "loss", class_="live-shallow live-tag", **tag))
        plot.over.append(plot.grip(self.start, 0))
        return str(plot)

    def _growth(self) -> str:
        plot = Plot(
            *(270, 200, (22, 8, 34, 38), (0, 30), (-2, 4)),
            x_ticks=[(v, str(v)) for v in (0, 10, 20, 30)],
            y_ticks=[(v, fixed(v, 0)) for v in (-2, 0, 2, 4)],
            x_label="power",
            y_label="w to that power",
            alt="The powers of the present weight, from 0 to the number of factors.",
        )
        w, powers = self._path()[self.steps], range(self.factors + 1)
        plot.inside = [
            node("path", class_="live-limit", d=f"M{plot.x(0)} {plot.y(0)}H{plot.x(30)}"),
            node("path", class_="live-rule", d=f"M{plot.x(0)} {plot.y(GOAL)}H{plot.x(30)}"),
            node("polyline", class_="live-steep", points=plot.points(powers, (_power(w, k) for k in powers))),
        ]
        tag = {"x": f"{plot.x(29.5):.2f}", "y": f"{plot.y(3.4):.2f}", "text_anchor": "end"}
        plot.inside.append(node("text", "powers of w", class_="live-steep live-tag", **tag))
        return str(plot)
