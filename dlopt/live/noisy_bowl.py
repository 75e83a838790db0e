"""SGD around the minimum of a bowl, with the noise ball and averaging, to play with (syllabus G3, G4, G5)."""

import math
from typing import Any

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._random import normals, uniforms
from ._svg import RESET, Plot, control, fixed, node, power, table, toggle

STEPS, BURN = 160, 60
BATCHES = (1, 2, 4, 8, 16, 32, 64)
CURVATURES = (0.25, 1.0)
LEVELS = [5 / 2.1**i for i in range(8)]
REACH = 3.0
ANGLE = 30
C, S = math.cos(math.radians(ANGLE)), math.sin(math.radians(ANGLE))
RANGES = {"eta": (0.1, 1.9), "batch": (1, 64), "draw": (1, 5)}

ALT = (
    "Elliptical contours of a bowl. From a start that can be dragged, a jagged path of stochastic gradient descent "
    "runs to the middle and wanders about inside a drawn ellipse, two standard deviations wide in each direction."
)
CAPTION = (
    "SGD on a bowl with curvatures 0.25 and 1 and gradient noise of variance 1/B in each direction. The ellipse is "
    "the noise ball in theory, two standard deviations. The broad line in the panel is the expected distance. Double "
    "B, or halve η: which of the two also changes the time to get there? And when does averaging beat every iterate?"
)

Path = list[tuple[float, float]]


def _rms(squares: list[float]) -> float:
    return math.sqrt(sum(squares) / len(squares))


class NoisyBowl(LiveFigure):
    """Walk ``w ← w − η (Aw + ξ)``, A with eigenvalues ¼ and 1, ξ of variance 1/B in each direction.

    Parameters
    ----------
    eta : float
        Step size, 0.1 to 1.9.
    batch : int
        Batch size B, 1 to 64.
    average : bool
        Show the mean of the iterates after step 60 as well.
    draw : int
        Which draw of the noise, 1 to 5.
    start : tuple of float
        First iterate (w₁, w₂), within [−3, 3] twice.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> NoisyBowl(eta=0.5, batch=4).describe().split("; ")[-1]
    'expected 0.592.'
    """

    _esm = bundle("noisy_bowl")
    title = traitlets.Unicode("Live figure: stochastic gradient descent in a noisy bowl").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    eta = traitlets.Float(0.5).tag(sync=True, control=True)
    batch = traitlets.Int(4).tag(sync=True, control=True)
    average = traitlets.Bool(False).tag(sync=True, control=True)
    draw = traitlets.Int(1).tag(sync=True, control=True)
    start = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(-2.6, 1.2)).tag(
        sync=True, control=True
    )

    @traitlets.validate("eta", "batch", "draw")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        bounded("NoisyBowl", name, proposal["value"], *RANGES[name])
        return proposal["value"]  # type: ignore[no-any-return]

    @traitlets.validate("start")
    def _in_plane(self, proposal: Any) -> tuple[float, float]:
        x, y = (bounded("NoisyBowl", "start", v, -REACH, REACH) for v in proposal["value"])
        return x, y

    @property
    def _first(self) -> tuple[float, float]:
        x, y = self.start
        return C * x + S * y, C * y - S * x

    def _walk(self) -> tuple[Path, Path]:
        """Take all steps; return the iterates and the means of those after step BURN."""
        noise, push = normals(uniforms(self.draw), 2 * STEPS), self.eta / math.sqrt(self.batch)
        (a, b), p, q = self._first, 0.0, 0.0
        path, average = [(float(self.start[0]), float(self.start[1]))], []
        for k in range(STEPS):
            a = (1 - self.eta * CURVATURES[0]) * a - push * noise[2 * k]
            b = (1 - self.eta * CURVATURES[1]) * b - push * noise[2 * k + 1]
            path.append((C * a - S * b, S * a + C * b))
            if (n := k + 1 - BURN) > 0:
                p, q = p + path[-1][0], q + path[-1][1]
                average.append((p / n, q / n))
        return path, average

    def _settled(self, curvature: float) -> float:
        """Variance in which one direction settles."""
        return self.eta / (self.batch * curvature * (2 - self.eta * curvature))

    def _expected(self) -> list[float]:
        """Compute the expected squared distance after every step."""
        total = [0.0] * (STEPS + 1)
        for first, curvature in zip(self._first, CURVATURES, strict=True):
            for k in range(STEPS + 1):
                kept = (1 - self.eta * curvature) ** (2 * k)
                total[k] += kept * first**2 + (1 - kept) * self._settled(curvature)
        return total

    def _expected_average(self) -> float:
        """Compute the expected squared distance of the last average."""
        n, total = STEPS - BURN, 0.0
        for first, curvature in zip(self._first, CURVATURES, strict=True):
            rho = 1 - self.eta * curvature
            heard = (rho ** max(0, BURN - j) * (1 - rho ** (STEPS - max(j, BURN))) / (1 - rho) for j in range(STEPS))
            share = sum(c * c for c in heard)
            mean = first * rho ** (BURN + 1) * (1 - rho**n) / ((1 - rho) * n)
            total += mean**2 + self.eta**2 / self.batch * (share / n**2)
        return total

    def _numbers(self) -> tuple[float, float, float, float]:
        """Return the rms of the iterates and what is expected, then the same of the average."""
        path, average = self._walk()
        radius = _rms([x * x + y * y for x, y in path[BURN + 1 :]])
        return radius, _rms(self._expected()[BURN + 1 :]), math.hypot(*average[-1]), math.sqrt(self._expected_average())

    def describe(self) -> str:
        """Say what the picture shows."""
        radius, foretold, mean, foretold_mean = (fixed(v, 3) for v in self._numbers())
        beside = f" Their average ends {mean} from it; expected {foretold_mean}." if self.average else ""
        return (
            f"At η = {fixed(self.eta, 1)} with B = {self.batch}, the iterates after step {BURN} lie {radius} from the "
            f"minimum (root mean square); expected {foretold}.{beside}"
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        near = min(range(len(BATCHES)), key=lambda i: abs(BATCHES[i] - self.batch))
        controls = [
            control("η", "step size", fixed(self.eta, 1), *RANGES["eta"], self.eta),
            control("B", "batch size", str(self.batch), 0, len(BATCHES) - 1, near),
            control("i", "draw of the noise", str(self.draw), *RANGES["draw"], self.draw),
            toggle(f"average the iterates after step {BURN}", self.average),
            RESET,
        ]
        radius, foretold, mean, foretold_mean = (fixed(v, 3) for v in self._numbers())
        rows = [
            ("iterates", radius, foretold),
            ("average", *((mean, foretold_mean) if self.average else ("–", "–"))),
        ]
        quotient = ("η / B", fixed(self.eta / self.batch, 4), "")
        return {
            "main": self._plane(),
            "controls": "".join(controls),
            "side": self._distance(),
            "table": table(rows, [quotient], titles=("distance", "found", "theory")),
        }

    def _plane(self) -> str:
        ticks = [(v, fixed(v, 0)) for v in (-2.0, 0.0, 2.0)]
        box = (-REACH, REACH)
        plot = Plot(360, 366, (20, 8, 20, 26), box, box, ticks, ticks, "w_1", "w_2", f"{self.alt} {self.describe()}")
        plot.inside = [plot.contours(LEVELS, CURVATURES, ANGLE)]
        path, average = self._walk()
        lines = []
        for name, line in (("shallow", path), ("steep", average if self.average else [])):
            points = plot.points([x for x, _ in line], [y for _, y in line])
            lines.append(node("polyline", class_=f"live-{name}", points=points))
        unit, ox, oy = plot.x(1) - plot.x(0), plot.x(0), plot.y(0)
        radii = [f"{2 * unit * math.sqrt(self._settled(curvature)):.2f}" for curvature in CURVATURES]
        turn = f"rotate({-ANGLE} {ox} {oy})"
        ball = node("ellipse", class_="live-limit", cx=ox, cy=oy, transform=turn, rx=radii[0], ry=radii[1])
        cross = node("path", class_="live-cross", d=f"M{ox - 5} {oy}h10M{ox} {oy - 5}v10")
        plot.inside += [lines[0], ball, lines[1], cross]
        for name, x, text in (("shallow", 215, "iterates"), ("steep", 275, "average")):
            plot.over.append(node("text", text, class_=f"live-{name} live-tag", x=x, y=13))
        plot.over.append(plot.grip(*self.start))
        return str(plot)

    def _distance(self) -> str:
        plot = Plot(
            *(270, 222, (24, 8, 34, 34), (0, STEPS), (0.01, 30)),
            x_ticks=[(k, str(k)) for k in (0, 60, 160)],
            y_ticks=[(10.0**p, power(p)) for p in (1, 0, -1, -2)],
            x_label="step",
            y_label="distance from the minimum",
            alt="Distance from the minimum against the step, logarithmic: iterates, their average, what is expected.",
            log_y=True,
        )
        path, average = self._walk()
        ahead = [math.sqrt(v) for v in self._expected()]
        means = [math.hypot(*w) for w in average] if self.average else []
        for name, values, first in (
            ("max", ahead, 0),
            ("shallow", [math.hypot(*w) for w in path], 0),
            ("steep", means, BURN + 1),
        ):
            thin = values[::2]
            points = plot.points((first + 2 * k for k in range(len(thin))), (max(v, 1e-9) for v in thin))
            plot.inside.append(node("polyline", class_=f"live-{name}", points=points))
        plot.inside.append(node("text", "broad: expected", class_="live-note", x=150, y=39))
        return str(plot)
