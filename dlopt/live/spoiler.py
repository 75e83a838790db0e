"""A perceptron and a logistic unit on four points, the last of them far away, to play with (syllabus L6)."""

import math
from typing import Any

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._svg import RESET, Plot, control, fixed, node, rich, table, toggle

STEPS, LR = 4000, 0.4
U = math.log(9)  # the output is 0.9 at z = U
NEAR, FAR = 1.0, 12.0
SIGNS = (1, 1, -1, 1)
DISTANCES = [NEAR + i / 4 for i in range(45)]

ALT = (
    "Four points of the plane: positive at (1, 0) and (0, 1), negative at (−1, 0), and a positive one with a ring, the "
    "spoiler, straight below at (0, −t). The solid line of the perceptron leaves the negative point alone on one "
    "side; the dashed line of the logistic unit may have the spoiler on the wrong side as well."
)
CAPTION = (
    "Drag the ringed point up and down (the axes have different scales). Solid: the line where the perceptron stops; "
    "dashed: where the logistic unit stands after 4000 steps of gradient descent on the squared error, targets 0.9 and "
    "0.1. Beside it, the length of the gradient that the spoiler adds at the weights which fit the other three: how "
    "far away must it be for the unit to give up on it, and does it matter where the unit starts?"
)

Weights = tuple[float, float, float]


def _logistic(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def _score(w: Weights, x: Weights) -> float:
    return w[0] * x[0] + w[1] * x[1] + w[2] * x[2]


class Spoiler(LiveFigure):
    """Move the spoiler (0, −t) away and see which unit still separates.

    Parameters
    ----------
    t : float
        Distance of the spoiler, 1 to 12.
    zero : bool
        Start the logistic unit from zero weights instead of the optimum of the three near points.

    Raises
    ------
    traitlets.TraitError
        If t lies outside its range.

    Examples
    --------
    >>> Spoiler(t=8).describe().split(": ")[1].split(". ")[0]
    'the perceptron separates all four points after 12 corrections'
    """

    _esm = bundle("spoiler")
    title = traitlets.Unicode("Live figure: perceptron and logistic unit with a spoiler").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    t = traitlets.Float(2.0).tag(sync=True, control=True)
    zero = traitlets.Bool(False).tag(sync=True, control=True)

    @traitlets.validate("t")
    def _in_range(self, proposal: Any) -> float:
        return bounded("Spoiler", "t", proposal["value"], NEAR, FAR)

    @property
    def _samples(self) -> list[Weights]:
        return [(1, 0, 1), (0, 1, 1), (-1, 0, 1), (0, -self.t, 1)]

    def _corrected(self) -> tuple[Weights, int]:
        """Follow Rosenblatt's rule until all four points are right."""
        samples = self._samples
        w: Weights = (0.0, 0.0, 0.0)
        made = n = clean = 0
        while clean < 4:
            x, sign = samples[n], SIGNS[n]
            clean += 1
            if sign * _score(w, x) <= 0:
                w = (w[0] + sign * x[0], w[1] + sign * x[1], w[2] + sign * x[2])
                made, clean = made + 1, 0
            n = (n + 1) % 4
        return w, made

    def _descended(self) -> Weights:
        """Descend the mean of (y − d)²."""
        samples = [(x, 0.9 if sign > 0 else 0.1) for x, sign in zip(self._samples, SIGNS, strict=True)]
        w: Weights = (0.0, 0.0, 0.0) if self.zero else (U, U, 0.0)
        for _ in range(STEPS):
            a = b = c = 0.0
            for x, target in samples:
                y = _logistic(_score(w, x))
                slope = 0.5 * (y - target) * y * (1 - y)
                a, b, c = a + slope * x[0], b + slope * x[1], c + slope * x[2]
            w = (w[0] - LR * a, w[1] - LR * b, w[2] - LR * c)
        return w

    def _right(self, w: Weights) -> int:
        return sum(sign * _score(w, x) > 0 for x, sign in zip(self._samples, SIGNS, strict=True))

    def describe(self) -> str:
        """Say what the picture shows."""
        unit = self._descended()
        right, says = self._right(unit), _logistic(_score(unit, self._samples[3]))
        left = f"leaves the spoiler on the wrong side ({right} of 4 right)"
        return (
            f"Spoiler at t = {fixed(self.t)}: the perceptron separates all four points after {self._corrected()[1]} "
            f"corrections. The logistic unit, started from {'zero' if self.zero else 'the three-point optimum'}, "
            f"{'separates all four points too' if right == 4 else left} after {STEPS} steps; at the spoiler it says "
            f"{fixed(says)} and should say 0.90."
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        (perceptron, made), unit = self._corrected(), self._descended()
        controls = control("t", "distance of the spoiler", fixed(self.t), NEAR, FAR, self.t)
        controls += toggle("start the logistic unit from zero", self.zero) + RESET
        names = ("points right", "corrections, steps", "weight of x_1", "weight of x_2", "bias")
        pairs = [("4 of 4", f"{self._right(unit)} of 4"), (str(made), str(STEPS))]
        pairs += [(fixed(a, 0), fixed(b)) for a, b in zip(perceptron, unit, strict=True)]
        rows = [(rich(name), *pair) for name, pair in zip(names, pairs, strict=True)]
        return {
            "main": self._plane(perceptron, unit),
            "controls": controls,
            "side": self._strengths(),
            "table": table(rows, titles=("line", "solid", "dashed")),
        }

    def _plane(self, *lines: Weights) -> str:
        plot = Plot(
            *(360, 400, (20, 8, 20, 34), (-3, 3), (-13, 2)),
            x_ticks=[(v, fixed(v, 0)) for v in (-2, 0, 2)],
            y_ticks=[(v, fixed(v, 0)) for v in (-12, -8, -4, 0)],
            x_label="x_1",
            y_label="x_2",
            alt=f"{self.alt} {self.describe()}",
        )
        for name, (a, b, c) in zip(("shallow", "steep"), lines, strict=True):
            norm = a * a + b * b
            px, py, reach = -a * c / norm, -b * c / norm, 40 / math.sqrt(norm)
            ends = plot.points([px - b * reach, px + b * reach], [py + a * reach, py - a * reach])
            plot.inside.append(node("polyline", class_=f"live-{name}", points=ends))
        for x, y, sign in zip((1, 0, -1, 0), (0, 1, 0, -self.t), SIGNS, strict=True):
            upright = f"M{plot.x(x)} {plot.y(y) - 6}v12" if sign > 0 else ""
            across = f"M{plot.x(x) - 6} {plot.y(y)}h12"
            plot.inside.append(node("path", class_="live-cross", d=across + upright))
        for name, text, y in (("shallow", "perceptron", 352), ("steep", "logistic unit", 368)):
            plot.inside.append(node("text", text, class_=f"live-{name} live-tag", x=40, y=y))
        plot.over.append(plot.grip(0, -self.t))
        return str(plot)

    def _strengths(self) -> str:
        plot = Plot(
            *(270, 210, (24, 8, 34, 38), (NEAR, FAR), (1e-12, 1e2)),
            x_ticks=[(v, str(v)) for v in (4, 8, 12)],
            y_ticks=[(1, "1"), (1e-5, "10⁻⁵"), (1e-10, "10⁻¹⁰")],
            x_label="distance t",
            y_label="pull of the spoiler",
            alt="How hard the spoiler pulls at the three-point optimum against its distance, on a logarithmic axis.",
            log_y=True,
        )
        outputs = [_logistic(-U * t) for t in DISTANCES]
        lengths = [math.hypot(t, 1) / 4 for t in DISTANCES]
        squared = [2 * (0.9 - y) * y * (1 - y) * r for y, r in zip(outputs, lengths, strict=True)]
        entropy = [(0.9 - y) * r for y, r in zip(outputs, lengths, strict=True)]
        for name, pulls in (("steep", squared), ("shallow", entropy)):
            plot.inside.append(node("polyline", class_=f"live-{name}", points=plot.points(DISTANCES, pulls)))
        here = {"x1": plot.x(self.t), "x2": plot.x(self.t), "y1": plot.y(1e2), "y2": plot.y(1e-12)}
        plot.inside.append(node("line", class_="live-now", **here))
        for name, text, x, y in (("steep", "squared error", 50, 150), ("shallow", "cross-entropy", 120, 42)):
            plot.inside.append(node("text", text, class_=f"live-{name} live-tag", x=x, y=y))
        return str(plot)
