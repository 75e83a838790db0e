"""Newton's method and gradient descent among nine critical points, to play with (syllabus Q7)."""

import math
from typing import Any, NamedTuple

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._field import level_lines, outline
from ._svg import RESET, Plot, control, fixed, node, player, power, table, toggle

STEPS = 12
REACH = 5.5
NEAR = 0.05  # arrived, as far as the picture shows
LEVELS = [2.7 * k for k in (1, 2, 3, 4, 5)]  # of √L, which crosses the cells of the grid more evenly
RANGES = {"eta": (0.1, 2.0), "steps": (0, STEPS)}

ALT = (
    "Contours of Himmelblau's function: four minima drawn as circles, a maximum as a triangle between them, and four "
    "saddles as crosses. From a start that can be dragged, Newton's method walks to one of the nine."
)
CAPTION = (
    "Newton's method on Himmelblau's function, with every critical point marked by its kind. Drag the ringed start, "
    "play the steps, compare with gradient descent. The table: the eigenvalues λ of the Hessian H at the last point "
    "drawn, and its distance from the nearest critical point. What do the starts have in common from which "
    "Newton's method ends at a saddle or at the maximum?"
)

Point = tuple[float, float]


class _Here(NamedTuple):
    loss: float
    slope: Point
    hessian: tuple[float, float, float]


class _Summary(NamedTuple):
    path: list[Point]
    at: Point
    kind: str
    gone: bool
    eigenvalues: Point
    distance: float
    slope: float


def _surface(x: float, y: float) -> _Here:
    """Loss, gradient and the three entries of the Hessian of (x² + y − 11)² + (x + y² − 7)²."""
    s, t = x * x + y - 11, x + y * y - 7
    hessian = 12 * x * x + 4 * y - 42, 4 * (x + y), 12 * y * y + 4 * x - 26
    return _Here(s * s + t * t, (4 * x * s + 2 * t, 2 * s + 4 * y * t), hessian)


def _eigenvalues(a: float, b: float, c: float) -> Point:
    spread = math.hypot((a - c) / 2, b)
    return (a + c) / 2 - spread, (a + c) / 2 + spread


def _walk(start: Point, eta: float, newton: bool) -> list[Point]:
    """Up to 12 steps; ends early where the next would be beyond a million, or where H is singular."""
    path = [start]
    while len(path) <= STEPS:
        x, y = path[-1]
        _, (p, q), (a, b, c) = _surface(x, y)
        det = a * c - b * b
        if newton and det == 0:
            break
        along = ((c * p - b * q) / det, (a * q - b * p) / det) if newton else (p / 100, q / 100)
        x, y = x - eta * along[0], y - eta * along[1]
        if not math.hypot(x, y) < 1e6:
            break
        path.append((x, y))
    return path


_ROUGHLY = [
    (3, 2),
    (-2.8, 3.1),
    (3.6, -1.8),
    (-3.8, -3.3),
    (-0.3, -0.9),
    (-3.1, -0.1),
    (0.1, 2.9),
    (3.4, 0.1),
    (-0.1, -2),
]
CRITICAL = [_walk(near, 1, newton=True)[STEPS] for near in _ROUGHLY]  # Newton's method finds all kinds alike
NAMED = [CRITICAL[i] for i in (3, 4, 5)]  # one of each kind
MARKS = {
    "minimum": ("live-best", "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0"),
    "maximum": ("live-dots", "m-6 4.5h12l-6-10.5z"),
    "saddle": ("live-cross", "m-4.5-4.5l9 9m0-9l-9 9"),
}


def _shape(at: Point) -> str:
    """Say what the Hessian says of a critical point."""
    low, high = _eigenvalues(*_surface(*at).hessian)
    return "minimum" if low > 0 else "maximum" if high < 0 else "saddle"


def _place(at: Point) -> str:
    return f"({fixed(at[0])}, {fixed(at[1])})"


def _small(value: float) -> str:
    """Write a number that may be tiny."""
    if value >= 0.01:
        return fixed(value)
    return "< 10⁻¹⁰" if value < 1e-10 else f"≈ {power(round(math.log10(value)))}"


def _told(now: _Summary) -> str:
    if now.gone:
        return "has left the picture"
    low, high = (fixed(v, 1) for v in now.eigenvalues)
    how = "on its way" if now.kind == "not yet there" else f"at a {now.kind}"
    return f"is {how}, {_place(now.at)}, with eigenvalues {low} and {high}"


class NewtonSurface(LiveFigure):
    """Follow w ← w − ηH⁻¹∇L on Himmelblau's function, and w ← w − (η/100)∇L from the same start.

    Parameters
    ----------
    eta : float
        Step size, 0.1 to 2: the damping of Newton's method; gradient descent takes a hundredth of it, and is stable
        at the steepest minimum below η = 1.49.
    start : tuple of float
        First iterate (x, y), within [−5.5, 5.5] twice.
    steps : int
        Number of steps shown, 0 to 12.
    compare : bool
        Show gradient descent as well.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> NewtonSurface(steps=12).describe().split(",")[0]
    'After 12 steps with η = 1.00 Newton is at a saddle'
    """

    _esm = bundle("newton_surface")
    title = traitlets.Unicode("Live figure: Newton's method among minima, saddles and a maximum").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    eta = traitlets.Float(1.0).tag(sync=True, control=True)
    start = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(-0.6, 4.4)).tag(
        sync=True, control=True
    )
    steps = traitlets.Int(1).tag(sync=True, control=True)
    compare = traitlets.Bool(False).tag(sync=True, control=True)

    @traitlets.validate("eta", "steps")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        bounded("NewtonSurface", name, proposal["value"], *RANGES[name])
        return proposal["value"]  # type: ignore[no-any-return]

    @traitlets.validate("start")
    def _in_plane(self, proposal: Any) -> Point:
        x, y = (bounded("NewtonSurface", "start", v, -REACH, REACH) for v in proposal["value"])
        return x, y

    def _summary(self, newton: bool) -> _Summary:
        """Say where a method is after the steps shown."""
        path = _walk(self.start, self.eta, newton)
        at = path[min(self.steps, len(path) - 1)]
        _, slope, hessian = _surface(*at)
        distance = min(math.dist(at, w) for w in CRITICAL)
        gone = self.steps >= len(path) or max(map(abs, at)) > REACH
        kind = "left the picture" if gone else "not yet there" if distance > NEAR else _shape(at)
        shown = path[: self.steps + 1]
        return _Summary(shown, at, kind, gone, _eigenvalues(*hessian), distance, math.hypot(*slope))

    def describe(self) -> str:
        """Say what the picture shows."""
        many = "step" if self.steps == 1 else "steps"
        first = f"After {self.steps} {many} with η = {fixed(self.eta)} Newton {_told(self._summary(True))}."
        return first + (f" Gradient descent {_told(self._summary(False))}." if self.compare else "")

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        controls = [
            control("η", "step size", fixed(self.eta), *RANGES["eta"], self.eta, marks=[(1.0, "full step", "after")]),
            player("step", self.steps, STEPS),
            toggle("gradient descent, step size η/100", self.compare),
            RESET,
        ]
        columns = []
        for now, shown in ((self._summary(True), True), (self._summary(False), self.compare)):
            both = ", ".join(fixed(v, 1) for v in now.eigenvalues)
            texts = [_place(now.at), now.kind, both, _small(now.distance), _small(now.slope)]
            columns.append([t if shown and (i == 1 or not now.gone) else "–" for i, t in enumerate(texts)])
        names = ("where", "kind", "λ of H", "off by", "‖∇L‖")
        rows = list(zip(names, *columns, strict=True))
        return {
            "main": self._plane(),
            "controls": "".join(controls),
            "table": table(rows, titles=("last point", "Newton", "descent"), class_="live-pair"),
        }

    def _plane(self) -> str:
        ticks = [(v, fixed(v, 0)) for v in (-4.0, -2.0, 0.0, 2.0, 4.0)]
        box = (-REACH, REACH)
        plot = Plot(360, 366, (20, 8, 20, 26), box, box, ticks, ticks, "x", "y", f"{self.alt} {self.describe()}")
        rings = (
            outline(plot, level_lines(lambda x, y: math.sqrt(_surface(x, y).loss), REACH, 32, level))
            for level in LEVELS
        )
        plot.inside.append(
            node("g", *(node("path", transform="scale(.1)", d=d) for d in rings), class_="live-contours")
        )
        for x, y in CRITICAL:
            name, d = MARKS[_shape((x, y))]
            plot.inside.append(node("path", class_=name, d=f"M{plot.points([x], [y])}{d}"))
        for x, y in NAMED:
            spot = {"text_anchor": "middle", "x": f"{plot.x(x):.2f}", "y": f"{plot.y(y) + 17:.2f}"}
            plot.inside.append(node("text", _shape((x, y)), class_="live-note live-tag", **spot))
        paths = self._summary(True).path, self._summary(False).path if self.compare else []
        for name, path in zip(("shallow", "steep"), paths, strict=True):
            points = plot.points([x for x, _ in path], [y for _, y in path])
            plot.inside.append(node("polyline", class_=f"live-{name}", points=points))
        spots = [plot.points([x], [y]).split(",") for path in paths for x, y in path[1:]]
        plot.inside.append(node("g", *(node("circle", r=2.5, cx=x, cy=y) for x, y in spots), class_="live-dots"))
        for name, at, text in (("shallow", 172, "Newton"), ("steep", 234, "gradient descent")):
            plot.over.append(node("text", text, class_=f"live-{name} live-tag", x=at, y=13))
        plot.over.append(plot.grip(*self.start))
        return str(plot)
