"""Exact line search beside the best constant step size, to play with (syllabus Q9)."""

import math
from typing import Any, NamedTuple

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._svg import RESET, Plot, control, fixed, node, player, power, table, toggle

STEPS = 20
KAPPAS = (1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20)
LEVELS = [6 / 2.1**i for i in range(9)]
REACH = 3.0

ALT = (
    "Elliptical contours of a ravine and the path of exact line searches from a start that can be dragged: every "
    "two segments meet at a right angle. Two dotted rays mark the starts for which line search is slowest."
)
CAPTION = (
    "Exact line search on ½(x² + y²/κ), so that λ_M = 1 and λ_1 = 1/κ, drawn to scale. Drag the ringed start, "
    "play the steps, compare with the constant step size η* = 2/(λ_1 + λ_M). On the dotted rays |x| = |y|/κ lie "
    "the worst starts. Where must you put the start so that line search beats the constant step, and where so "
    "that it arrives at once?"
)


class _Walk(NamedTuple):
    path: list[tuple[float, float]]
    alphas: list[float]


class _Summary(NamedTuple):
    alpha: float
    rate: float
    angle: float
    digits: float


def _written(value: float) -> str:
    return "–" if math.isnan(value) else fixed(value, 3)


def _gained(digits: float) -> str:
    return "all" if digits >= 14 else fixed(digits, 2)


class LineSearch(LiveFigure):
    """Choose η anew at each step, so as to go down as far as possible along the gradient of ½(x² + y²/κ).

    Parameters
    ----------
    kappa : float
        Condition number, 1 to 20.
    start : tuple of float
        First iterate (x, y), within [−3, 3] twice; the default, on the ray x = y/κ, is a worst one.
    steps : int
        Number of steps shown, 0 to 20.
    compare : bool
        Show the constant step size η* = 2/(1 + 1/κ) as well.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> LineSearch(steps=3).describe()
    'Step 3 at κ = 4 had size 1.600: the new gradient stands at 90.0° to the old. The rate was 0.600; the worst case is 0.600.'
    """  # noqa: E501

    _esm = bundle("line_search")
    title = traitlets.Unicode("Live figure: exact line search in a ravine").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    kappa = traitlets.Float(4.0).tag(sync=True, control=True)
    start = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(0.7, 2.8)).tag(sync=True, control=True)
    steps = traitlets.Int(6).tag(sync=True, control=True)
    compare = traitlets.Bool(False).tag(sync=True, control=True)

    @traitlets.validate("kappa", "steps")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        low, high = {"kappa": (1.0, 20.0), "steps": (0, STEPS)}[name]
        bounded("LineSearch", name, proposal["value"], low, high)
        return proposal["value"]  # type: ignore[no-any-return]

    @traitlets.validate("start")
    def _in_plane(self, proposal: Any) -> tuple[float, float]:
        x, y = (bounded("LineSearch", "start", v, -REACH, REACH) for v in proposal["value"])
        return x, y

    @property
    def _worst_case(self) -> tuple[float, float]:
        return 2 / (1 + 1 / self.kappa), (self.kappa - 1) / (self.kappa + 1)

    def _walk(self, constant: float | None = None) -> _Walk:
        """Take every step, by exact line search or with a constant step size."""
        x, y = self.start
        b = 1 / self.kappa
        path, alphas, first = [(x, y)], [], x * x + b * y * (b * y)
        for _ in range(STEPS):
            p, q = x, b * y
            slope = p * p + q * q
            alpha = math.nan
            if slope > 1e-24 * first:
                alpha = slope / (p * p + b * q * q) if constant is None else constant
                x, y = x - alpha * p, y - alpha * q
            path.append((x, y))
            alphas.append(alpha)
        return _Walk(path, alphas)

    def _losses(self, path: list[tuple[float, float]]) -> list[float]:
        values = [0.5 * (x * x + y * y / self.kappa) for x, y in path]
        return [value / values[0] if values[0] > 0 else 0.0 for value in values]

    def _summary(self, walk: _Walk) -> _Summary:
        """Say what the last shown step did."""
        k, loss = self.steps, self._losses(walk.path)
        digits = -math.log10(loss[k]) if loss[k] > 1e-14 else 14.0
        if k == 0 or math.isnan(walk.alphas[k - 1]):
            return _Summary(math.nan, math.nan, math.nan, digits)
        (p, q), (r, s) = ((x, y / self.kappa) for x, y in walk.path[k - 1 : k + 1])
        angle = math.degrees(math.atan2(abs(p * s - q * r), p * r + q * s))
        arrived = k < STEPS and math.isnan(walk.alphas[k])
        rate = math.sqrt(loss[k] / loss[k - 1])
        return _Summary(walk.alphas[k - 1], rate, math.nan if arrived else angle, digits)

    def describe(self) -> str:
        """Say what the picture shows."""
        eta, bound = self._worst_case
        searched, kept = self._summary(self._walk()), self._summary(self._walk(eta))
        worst = f"the worst case is {fixed(bound, 3)}"
        last = f"No step yet; at κ = {self.kappa:g} {worst} per step."
        if self.steps > 0 and math.isnan(searched.rate):
            last = "The line search has arrived: nothing is left but rounding."
        elif self.steps > 0:
            turned = f"the new gradient stands at {fixed(searched.angle, 1)}° to the old"
            turned = "it arrived" if math.isnan(searched.angle) else turned
            last = (
                f"Step {self.steps} at κ = {self.kappa:g} had size {fixed(searched.alpha, 3)}: {turned}. The rate was "
                f"{fixed(searched.rate, 3)}; {worst}."
            )
        beside = (
            f" Digits of loss gained so far: {_gained(searched.digits)} by line search, "
            f"{_gained(kept.digits)} by the constant step η* = {fixed(eta, 3)}."
        )
        return last + (beside if self.compare else "")

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        eta, bound = self._worst_case
        near = min(range(len(KAPPAS)), key=lambda i: abs(KAPPAS[i] - self.kappa))
        controls = [
            control("κ", "condition number", f"{self.kappa:g}", 0, len(KAPPAS) - 1, near),
            player("step", self.steps, STEPS),
            toggle("compare with constant step η*", self.compare),
            RESET,
        ]
        columns = []
        for made, shown in ((self._summary(self._walk()), True), (self._summary(self._walk(eta)), self.compare)):
            angle = "–" if math.isnan(made.angle) else f"{fixed(made.angle, 1)}°"
            texts = (_written(made.alpha), _written(made.rate), angle, _gained(made.digits))
            columns.append(texts if shown else ("–",) * 4)
        names = ("step size", "rate", "angle of gradients", "digits of loss gained")
        rows = list(zip(names, *columns, strict=True))
        worst = (node("span", class_="live-swatch live-max") + "rate at worst", fixed(bound, 3), "")
        return {
            "main": self._plane(),
            "controls": "".join(controls),
            "side": self._decay(),
            "table": table(rows, [worst], titles=("last step", "search", "constant")),
        }

    def _shown(self) -> tuple[_Walk, _Walk]:
        """Walk both ways as far as the picture shows; nothing of the second unless asked."""
        both = self._walk(), self._walk(self._worst_case[0])
        search, constant = (_Walk(walk.path[: self.steps + 1], []) for walk in both)
        return search, constant if self.compare else _Walk([], [])

    def _plane(self) -> str:
        ticks = [(v, fixed(v, 0)) for v in (-2.0, 0.0, 2.0)]
        box = (-REACH, REACH)
        plot = Plot(360, 366, (20, 8, 20, 26), box, box, ticks, ticks, "x", "y", f"{self.alt} {self.describe()}")
        plot.inside = [plot.contours(LEVELS, (1.0, 1 / self.kappa), 0)]
        for side in (-REACH / self.kappa, REACH / self.kappa):
            ends = {"x1": plot.x(-side), "y1": plot.y(-REACH), "x2": plot.x(side), "y2": plot.y(REACH)}
            plot.inside.append(node("line", class_="live-rule", **ends))
        for name, walk in zip(("shallow", "steep"), self._shown(), strict=True):
            points = plot.points([x for x, _ in walk.path], [y for _, y in walk.path])
            plot.inside.append(node("polyline", class_=f"live-{name}", points=points))
        spots = [(plot.x(x), plot.y(y)) for x, y in self._shown()[0].path]
        dots = (node("circle", r=2.5, cx=f"{x:.2f}", cy=f"{y:.2f}") for x, y in spots[1:])
        cross = f"M{plot.x(0) - 5} {plot.y(0)}h10M{plot.x(0)} {plot.y(0) - 5}v10"
        plot.inside += [
            node("path", class_="live-limit", d=_corners(spots)),
            node("g", *dots, class_="live-dots"),
            node("path", class_="live-cross", d=cross),
        ]
        plot.over.append(plot.grip(*self.start))
        return str(plot)

    def _decay(self) -> str:
        plot = Plot(
            *(270, 222, (24, 8, 34, 34), (0, STEPS), (1e-8, 1e2)),
            x_ticks=[(k, str(k)) for k in (0, 10, 20)],
            y_ticks=[(10.0**p, power(p)) for p in (0, -4, -8)],
            x_label="step",
            y_label="loss, relative to the start",
            alt="Loss relative to the start against the step, logarithmic, under the straight line of the worst case.",
            log_y=True,
        )
        worst = [self._worst_case[1] ** (2 * k) for k in range(STEPS + 1)]
        search, constant = (self._losses(walk.path) for walk in self._shown())
        for name, values in (("max", worst), ("shallow", search), ("steep", constant)):
            points = plot.points(range(len(values)), (max(v, 1e-30) for v in values))  # zero lies far below
            plot.inside.append(node("polyline", class_=f"live-{name}", points=points))
        tags = (
            ("live-shallow live-tag", 40, "search"),
            ("live-steep live-tag", 96, "constant η*"),
            ("live-note", 192, "worst case"),
        )
        plot.inside += [node("text", text, class_=name, x=x, y=39) for name, x, text in tags]
        return str(plot)


def _corners(spots: list[tuple[float, float]]) -> str:
    """Draw little squares where the path turns by 90° and there is room for them."""
    d = ""
    for before, (x, y), after in zip(spots, spots[1:], spots[2:], strict=False):
        arms = [(p - x, q - y, math.hypot(p - x, q - y)) for p, q in (before, after)]
        if min(arms[0][2], arms[1][2]) < 16:
            break
        (a, b), (c, e) = ((7 * p / length, 7 * q / length) for p, q, length in arms)
        d += f"M{x + a:.2f},{y + b:.2f}L{x + a + c:.2f},{y + b + e:.2f}L{x + c:.2f},{y + e:.2f}"
    return d
