"""One sample of a batch is dragged: what do the others' outputs do? (syllabus B5, B11)."""

import math
from collections.abc import Sequence
from typing import Any

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._random import normals, uniforms
from ._svg import RESET, Plot, control, fixed, node, table

ALPHAS = (0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
OTHERS = [-0.5, 0.2, 0.4, 1.1, 2.3]
REST, SEEN, EPS = -1.5, 30, 1e-5
LOW, HIGH = -4.0, 8.0
RANGES = {"x": (LOW, HIGH), "alpha": (0.01, 1.0), "seen": (0, SEEN)}
Moments = tuple[float, float]

ALT = (
    "Six numbers on the middle line, their outputs in train mode on the line above and in eval mode on the line below, "
    "joined by lines. Small upright ticks mark the outputs before the first number was moved."
)
CAPTION = (
    "A batch of six pre-activations (middle), normalized with its own statistics (above, solid) and with running "
    "statistics from earlier batches (below, dashed). Ticks: the outputs while x₁ stood at −1.5. Drag x₁, or move its "
    "slider: above, everybody moves. In which mode does α matter, and can any α make the two lines agree for every x₁?"
)


def _moments(values: Sequence[float]) -> Moments:
    """Mean and biased variance."""
    mean = sum(values) / len(values)
    return mean, sum((v - mean) ** 2 for v in values) / len(values)


def history() -> list[list[float]]:
    """Return the batches seen, six numbers each: normal with mean ½ and deviation 1.5.

    Examples
    --------
    >>> len(history()), len(history()[0])
    (30, 6)
    """
    uniform = uniforms(6)
    return [[0.5 + 1.5 * v for v in normals(uniform, 6)] for _ in range(SEEN)]


def _scaled(values: Sequence[float], by: Moments) -> list[float]:
    return [(v - by[0]) / math.sqrt(by[1] + EPS) for v in values]


class BatchCoupling(LiveFigure):
    """Drag one sample of a batch: in train mode the others' outputs move, in eval mode they stand still.

    Parameters
    ----------
    x : float
        The first pre-activation, −4 to 8; the other five are fixed.
    alpha : float
        Weight of the newest batch in the running statistics (torch's momentum), 0.01 to 1.
    seen : int
        How many batches came before, 0 to 30.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> BatchCoupling(x=4.0).describe().split(", the ")[-1]
    'outputs of the other five have moved by up to 0.95 in train mode and by 0.00 in eval mode.'
    """

    _esm = bundle("batch_coupling")
    title = traitlets.Unicode("Live figure: the batch that couples its samples").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    x = traitlets.Float(-1.5).tag(sync=True, control=True)
    alpha = traitlets.Float(0.1).tag(sync=True, control=True)
    seen = traitlets.Int(20).tag(sync=True, control=True)

    @traitlets.validate("x", "alpha", "seen")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        bounded("BatchCoupling", name, proposal["value"], *RANGES[name])
        return proposal["value"]  # type: ignore[no-any-return]

    def _running(self) -> list[Moments]:
        """Return running mean and variance after 0, 1, … batches, from (0, 1)."""
        path = [(0.0, 1.0)]
        for batch in history():
            mean, variance = _moments(batch)
            m, v = path[-1]
            new = (1 - self.alpha) * m + self.alpha * mean, (1 - self.alpha) * v + self.alpha * variance * (6 / 5)
            path.append(new)
        return path

    def _used(self) -> tuple[Moments, Moments]:
        return _moments([self.x, *OTHERS]), self._running()[self.seen]

    def _outputs(self) -> tuple[list[list[float]], list[list[float]]]:
        """Return outputs in train and in eval mode, now and with the first sample at rest."""
        now, rest = [self.x, *OTHERS], [REST, *OTHERS]
        batch, running = self._used()
        return [_scaled(now, batch), _scaled(now, running)], [_scaled(rest, _moments(rest)), _scaled(rest, running)]

    def _moved(self) -> list[float]:
        return [
            max(abs(a - b) for a, b in zip(o[1:], r[1:], strict=True)) for o, r in zip(*self._outputs(), strict=True)
        ]

    def describe(self) -> str:
        """Say what the picture shows."""
        (mean, variance), (m, v) = self._used()
        train, still = self._moved()
        return (
            f"With x₁ = {fixed(self.x, 1)} the batch has mean {fixed(mean)} and variance {fixed(variance)}; the "
            f"running statistics after {self.seen} batches are {fixed(m)} and {fixed(v)}. "
            f"Compared with x₁ = {fixed(REST, 1)}, the outputs of the other five have moved by up to {fixed(train)} "
            f"in train mode and by {fixed(still)} in eval mode."
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        near = min(range(len(ALPHAS)), key=lambda i: abs(ALPHAS[i] - self.alpha))
        controls = [
            control("x₁", "one sample", fixed(self.x, 1), LOW, HIGH, self.x),
            control("α", "momentum", f"{self.alpha:g}", 0, len(ALPHAS) - 1, near),
            control("n", "batches seen", str(self.seen), 0, SEEN, self.seen),
            RESET,
        ]
        names = ("mean used", "variance used", "others moved by")
        columns = [[*used, moved] for used, moved in zip(self._used(), self._moved(), strict=True)]
        rows = [(name, fixed(a), fixed(b)) for name, a, b in zip(names, *columns, strict=True)]
        return {
            "main": self._rows(),
            "controls": "".join(controls),
            "side": self._memory(),
            "table": table(rows, titles=("mode", "train", "eval")),
        }

    def _rows(self) -> str:
        plot = Plot(
            *(360, 300, (22, 8, 34, 38), (LOW - 0.5, HIGH + 0.5), (-0.4, 2.4)),
            x_ticks=[(v, fixed(v, 0)) for v in (-4, -2, 0, 2, 4, 6, 8)],
            y_ticks=[(2, "train"), (1, "x"), (0, "eval")],
            x_label="value",
            y_label="outputs above and below",
            alt=f"{self.alt} {self.describe()}",
        )
        batch = [self.x, *OTHERS]
        outputs, rest = self._outputs()
        for k, (name, out) in enumerate(zip(("shallow", "steep"), outputs, strict=True)):
            for a, b in zip(batch, out, strict=True):
                points = plot.points([a, b], [1, 2 - 2 * k])
                plot.inside.append(node("polyline", class_=f"live-{name}", points=points))
        ticks = [f"M{plot.x(v):.2f} {plot.y(2 - 2 * k) - 9}v18" for k, out in enumerate(rest) for v in out]
        plot.inside.append(node("path", class_="live-rule", d="".join(ticks)))
        spots = [(v, 1.0) for v in OTHERS] + [(v, 2.0 - 2 * k) for k, out in enumerate(outputs) for v in out]
        dots = []
        for i, (v, row) in enumerate(spots):
            cx, cy = plot.points([v], [row]).split(",")
            dots.append(node("circle", r=5 if i in (5, 11) else 3, cx=cx, cy=cy))
        plot.inside.append(node("g", *dots, class_="live-dots"))
        for name, text, at in (("shallow", "train mode", 2), ("steep", "eval mode", 0)):
            given = {"text_anchor": "end", "x": plot.x(HIGH + 0.4), "y": plot.y(at) + 4}
            plot.inside.append(node("text", text, class_=f"live-{name} live-tag", **given))
        given = {"text_anchor": "middle", "x": plot.x(self.x), "y": plot.y(1) - 14}
        plot.inside.append(node("text", "x₁", class_="live-tag", **given))
        plot.over.append(plot.grip(self.x, 1))
        return str(plot)

    def _memory(self) -> str:
        plot = Plot(
            *(270, 200, (22, 8, 34, 34), (0, SEEN), (-2, 7)),
            x_ticks=[(v, str(v)) for v in (0, 10, 20, 30)],
            y_ticks=[(v, str(v)) for v in (0, 2, 4, 6)],
            x_label="batches seen",
            y_label="running statistics",
            alt="Running mean and running variance against the number of batches seen, with the batches' own as dots.",
        )
        dots = []
        for k, batch in enumerate(history()):
            cx, cy = plot.points([k + 1], [_moments(batch)[0]]).split(",")
            dots.append(node("circle", r=1.5, cx=cx, cy=cy))
        plot.inside.append(node("g", *dots, class_="live-dots"))
        path = self._running()
        for k, name in enumerate(("shallow", "steep")):
            points = plot.points(range(len(path)), (p[k] for p in path))
            plot.inside.append(node("polyline", class_=f"live-{name}", points=points))
        x = plot.x(self.seen)
        plot.inside.append(node("line", class_="live-now", x1=x, x2=x, y1=plot.y(-2), y2=plot.y(7)))
        for name, text, at in (("shallow", "mean", -1.6), ("steep", "variance", 5.8)):
            plot.inside.append(node("text", text, class_=f"live-{name} live-tag", x=plot.x(1), y=plot.y(at)))
        return str(plot)
