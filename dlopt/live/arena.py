"""Eight optimizers on six surfaces, racing from a point of the reader's choice (syllabus A1 to A11)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._field import level_lines, outline
from ._random import normals, uniforms
from ._svg import RESET, Plot, control, fixed, node, player, power, table, toggle

if TYPE_CHECKING:
    import torch

STEPS = 120
GONE = 50  # half-widths of the picture from its centre: a walk ends there
NOISE = normals(uniforms(7), 2 * STEPS)  # the same noise for everyone
RHOS = (0.5, 0.9, 0.99, 0.999)
TAGS = (("shallow", 122, "momentum"), ("third", 208, "Rprop"), ("steep", 260, "Adam"))  # one a colour
RANGES = {"surface": (0, 5), "power": (-3, 3), "alpha": (0.0, 0.95), "steps": (0, STEPS)}

Point = tuple[float, float]


class Racer(NamedTuple):
    """A method: trait, name, line, dashes, marker."""

    key: str
    name: str
    line: str
    dashes: str
    marker: str


RACERS = [
    Racer("gd", "gradient descent", "shallow", "none", "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0"),
    Racer("momentum", "momentum", "shallow", "7 3", "m-5-5h10v10h-10z"),
    Racer("nesterov", "Nesterov", "shallow", "2 3", "m0-7l7 7l-7 7l-7-7z"),
    Racer("rprop", "Rprop", "third", "14 3", "m-6 5h12l-6-11z"),
    Racer("adagrad", "AdaGrad", "third", "4 5", "m-6-5h12l-6 11z"),
    Racer("rmsprop", "RMSprop", "steep", "10 3 2 3 2 3", "m-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z"),
    Racer("adam", "Adam", "steep", "8 3 2 3", "m-6-5h5l1 2l1-2h5l-4 5l4 5h-5l-1-2l-1 2h-5l4-5z"),
    Racer("amsgrad", "AMSGrad", "steep", "1 5", "m0-7l2 5h5l-4 3l2 6l-5-4l-5 4l2-6l-4-3h5z"),
]


@dataclass(frozen=True)
class Surface:
    """What is walked on, and the base step sizes in the order of `RACERS`: rounded from a search on this surface."""

    name: str
    formula: str  # in `dlopt.surfaces`
    reach: float
    target: Point
    levels: tuple[float, ...]
    rates: tuple[float, ...]
    log: bool = False
    noise: float = 0.0
    saddle: bool = False

    def loss(self, w: Any) -> torch.Tensor:
        """Evaluate the surface at points (…, 2)."""
        import torch  # here: the figure's other parts, and whoever only imports it, can do without

        from dlopt import surfaces

        found: torch.Tensor = getattr(surfaces, self.formula)(torch.as_tensor(w, dtype=torch.float64))
        return found


SURFACES = [
    Surface(
        "Beale’s function",
        "beale",
        5,
        (3, 0.5),
        (0.3, 1, 2.2, 4, 6.5),
        (0.01, 0.005, 0.005, 0.1, 1, 0.2, 0.5, 0.5),
        log=True,
    ),
    Surface(
        "the saddle y⁴ − x⁴",
        "quartic_saddle",
        1.25,
        (0, 0),
        (-2, -0.5, -0.05, 0.05, 0.5, 2),
        (0.02, 0.005, 0.005, 0.01, 0.5, 0.05, 0.1, 0.1),
        saddle=True,
    ),
    Surface(
        "a tilted narrow valley",
        "tilted_valley",
        5,
        (0, 0),
        (0.5, 3, 9, 20, 40),
        (0.05, 0.02, 0.02, 0.02, 1, 0.1, 0.5, 0.5),
    ),
    Surface(
        "Rosenbrock’s valley",
        "rosenbrock",
        2.5,
        (1, 1),
        (0.2, 0.8, 1.8, 3, 4.4),
        (0.02, 0.01, 0.01, 0.05, 0.5, 0.02, 0.5, 0.5),
        log=True,
    ),
    Surface(
        "a noisy bowl",
        "bowl",
        5,
        (0, 0),
        (0.5, 2, 5, 10, 18),
        (0.05, 0.01, 0.01, 0.1, 0.5, 0.05, 0.1, 0.1),
        noise=3.0,
    ),
    Surface(
        "a cliff",
        "cliff",
        2.5,
        (0, 0),
        (0.05, 0.2, 0.5, 1.2, 2.2),
        (1, 0.2, 0.2, 0.05, 0.5, 0.1, 0.2, 0.2),
    ),
]
ALT = (
    "Contours of a surface with a cross at its minimum or saddle. From a ringed start that can be dragged, up to eight "
    "optimizers walk, each with a line and a marker of its own; a table says where each of them is."
)
CAPTION = (
    "The arena. Drag the ringed start, choose a surface, play. Each optimizer has a step size that suits the surface; "
    "η multiplies them all. α is also Adam's β₁, and ρ, the memory of RMSprop, its β₂. The table: the loss, and the "
    "distance from the cross. Boxes switch racers off. On which surface does your favourite lose?"
)


class _Place(NamedTuple):
    at: Point
    gone: bool
    loss: float
    away: float


def optimizer(index: int, params: list[torch.Tensor], lr: float, alpha: float, rho: float) -> torch.optim.Optimizer:
    """Make the optimizer that a racer is: the source of truth for both languages."""
    import torch

    from dlopt import optimizers

    makers: list[Callable[[], torch.optim.Optimizer]] = [
        lambda: torch.optim.SGD(params, lr=lr),
        lambda: optimizers.HeavyBall(params, lr=lr, alpha=alpha),
        lambda: optimizers.Nesterov(params, lr=lr, alpha=alpha),
        lambda: torch.optim.Rprop(params, lr=lr),
        lambda: torch.optim.Adagrad(params, lr=lr),
        lambda: torch.optim.RMSprop(params, lr=lr, alpha=rho),
        lambda: torch.optim.Adam(params, lr=lr, betas=(alpha, rho)),
        lambda: torch.optim.Adam(params, lr=lr, betas=(alpha, rho), amsgrad=True),
    ]
    return makers[index]()


@lru_cache(maxsize=4096)
def walk(index: int, surface: int, start: Point, lr: float, alpha: float, rho: float) -> tuple[Point, ...]:
    """Up to `STEPS` steps of one method, start first; ends early where the next point is far outside.

    Parameters
    ----------
    index, surface : int
        Which of `RACERS` and `SURFACES`.
    start : tuple of float
        First point (x, y).
    lr, alpha, rho : float
        Step size, momentum (Adam's β₁) and memory of squares (Adam's β₂).

    Returns
    -------
    tuple of tuple of float
        The points visited.
    """
    import torch

    ground = SURFACES[surface]
    w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    method = optimizer(index, [w], lr, alpha, rho)
    path = [start]

    def closure() -> Any:
        method.zero_grad()
        loss = ground.loss(w)
        loss.backward()  # type: ignore[no-untyped-call]
        if ground.noise and w.grad is not None:
            t = len(path) - 1
            w.grad += ground.noise * torch.tensor(NOISE[2 * t : 2 * t + 2], dtype=torch.float64)
        return loss.item()

    for _ in range(STEPS):
        method.step(closure)
        x, y = w.tolist()
        if not max(abs(x), abs(y)) <= GONE * ground.reach:
            break
        path.append((x, y))
    return tuple(path)


def place(path: tuple[Point, ...], surface: int, k: int) -> _Place:
    """Say where a walk is after k steps."""
    ground = SURFACES[surface]
    at = path[min(k, len(path) - 1)]
    gone = k >= len(path) or max(map(abs, at)) > ground.reach
    return _Place(at, gone, ground.loss(at).item(), math.dist(at, ground.target))


def _small(value: float) -> str:
    """Write a number in a narrow column."""
    if abs(value) >= 1000:
        return "< −999" if value < 0 else "> 999"
    if value < 0 or value >= 0.01:
        return fixed(value)
    return "< 10⁻¹⁰" if value < 1e-10 else f"≈ {power(round(math.log10(value)))}"


class Arena(LiveFigure):
    """Let gradient descent, momentum, Nesterov, Rprop, AdaGrad, RMSprop, Adam and AMSGrad race over a surface.

    Parameters
    ----------
    surface : int
        Beale's function (0), the saddle y⁴ − x⁴ (1), a tilted narrow valley (2), Rosenbrock's valley (3), a noisy
        bowl (4), a cliff (5).
    start : tuple of float
        Where all begin, in half-widths of the picture from its centre, within [−1, 1] twice.
    power : int
        All step sizes are multiplied by 2 to this power, −3 to 3.
    alpha : float
        Momentum α, 0 to 0.95; also Adam's β₁.
    rho : float
        Memory of the squares ρ, 0.5, 0.9, 0.99 or 0.999; also Adam's β₂.
    steps : int
        Number of steps shown, 0 to 120.
    fast : bool
        Play 60 steps a second instead of 15.
    gd, momentum, nesterov, rprop, adagrad, rmsprop, adam, amsgrad : bool
        Who races.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> Arena(steps=0).describe().split(";")[0]
    'After 0 steps on Beale’s function, nearest to the minimum is gradient descent, 2.24 away'
    """

    _esm = bundle("arena")
    title = traitlets.Unicode("Live figure: the arena, eight optimizers on six surfaces").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    surface = traitlets.Int(0).tag(sync=True, control=True)
    start = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(0.2, 0.3)).tag(sync=True, control=True)
    power = traitlets.Int(0).tag(sync=True, control=True)
    alpha = traitlets.Float(0.9).tag(sync=True, control=True)
    rho = traitlets.Float(0.99).tag(sync=True, control=True)
    steps = traitlets.Int(15).tag(sync=True, control=True)
    fast = traitlets.Bool(False).tag(sync=True, control=True)
    gd = traitlets.Bool(True).tag(sync=True, control=True)
    momentum = traitlets.Bool(True).tag(sync=True, control=True)
    nesterov = traitlets.Bool(False).tag(sync=True, control=True)
    rprop = traitlets.Bool(True).tag(sync=True, control=True)
    adagrad = traitlets.Bool(False).tag(sync=True, control=True)
    rmsprop = traitlets.Bool(True).tag(sync=True, control=True)
    adam = traitlets.Bool(True).tag(sync=True, control=True)
    amsgrad = traitlets.Bool(False).tag(sync=True, control=True)

    @traitlets.validate("surface", "power", "alpha", "steps")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        bounded("Arena", name, proposal["value"], *RANGES[name])
        return proposal["value"]  # type: ignore[no-any-return]

    @traitlets.validate("rho")
    def _on_the_list(self, proposal: Any) -> float:
        if proposal["value"] not in RHOS:
            raise traitlets.TraitError(f"Arena: rho must lie in {list(RHOS)}, got {proposal['value']!r}")
        return proposal["value"]  # type: ignore[no-any-return]

    @traitlets.validate("start")
    def _in_plane(self, proposal: Any) -> Point:
        x, y = (bounded("Arena", "start", v, -1, 1) for v in proposal["value"])
        return x, y

    def paths(self) -> list[tuple[Point, ...]]:
        """Return every racer's walk under the present setting, switched on or not."""
        ground = SURFACES[self.surface]
        start = self.start[0] * ground.reach, self.start[1] * ground.reach
        return [
            walk(i, self.surface, start, rate * 2.0**self.power, self.alpha, self.rho)
            for i, rate in enumerate(ground.rates)
        ]

    def describe(self) -> str:
        """Say what the picture shows."""
        ground = SURFACES[self.surface]
        shown = [
            (racer.name, place(path, self.surface, self.steps))
            for racer, path in zip(RACERS, self.paths(), strict=True)
            if getattr(self, racer.key)
        ]
        left = [name for name, now in shown if now.gone]
        inside = [(name, now.away) for name, now in shown if not now.gone]
        if inside:
            near = far = inside[0]
            for one in inside[1:]:  # nearly equal ones: the first, whatever the rounding
                near = one if one[1] < near[1] * (1 - 1e-6) else near
                far = one if one[1] > far[1] * (1 + 1e-6) else far
            goal = "saddle" if ground.saddle else "minimum"
            first = f"nearest to the {goal} is {near[0]}, {fixed(near[1])} away; farthest is "
            first += f"{far[0]}, {fixed(far[1])} away."
        else:
            first = "nobody is left in the picture." if shown else "nobody races."
        many = "step" if self.steps == 1 else "steps"
        text = f"After {self.steps} {many} on {ground.name}, {first}"
        return text + (f" Left the picture: {', '.join(left)}." if left else "")

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        ground = SURFACES[self.surface]
        last = len(SURFACES) - 1
        controls = [
            control("", "surface", ground.name, 0, last, self.surface).replace(
                "live-control", "live-control live-wide"
            ),
            player("step", self.steps, STEPS),
            toggle("fast", self.fast),
            control("η", "all step sizes", f"× {2.0**self.power:g}", -3, 3, self.power),
            control("α", "momentum, β₁", fixed(self.alpha), *RANGES["alpha"], self.alpha),
            control("ρ", "squares, β₂", f"{self.rho:g}", 0, len(RHOS) - 1, RHOS.index(self.rho)),
            RESET,
        ]
        rows = []
        for racer, path in zip(RACERS, self.paths(), strict=True):
            on, now = getattr(self, racer.key), place(path, self.surface, self.steps)
            away = "left" if now.gone else _small(now.away)
            rows.append((_entry(racer, on), _small(now.loss) if on else "–", away if on else "–"))
        return {
            "main": node("div", self._plane()),
            "controls": "".join(controls),
            "table": table(rows, titles=("optimizer", "loss", "away"), class_="live-board"),
        }

    def _plane(self) -> str:
        ground = SURFACES[self.surface]
        reach = ground.reach
        ticks = [(k * reach / 2.5, fixed(k * reach / 2.5, 1)) for k in (-2, -1, 0, 1, 2)]
        box = (-reach, reach)
        plot = Plot(360, 366, (20, 8, 20, 26), box, box, ticks, ticks, "x", "y", f"{self.alt} {self.describe()}")

        def height(x: float, y: float) -> float:
            value = ground.loss((x, y)).item()
            return math.log1p(value) if ground.log else value

        rings = (outline(plot, level_lines(height, reach, 24, level)) for level in ground.levels)
        plot.inside.append(
            node("g", *(node("path", transform="scale(.1)", d=d) for d in rings), class_="live-contours live-open")
        )
        x, y = ground.target
        plot.inside.append(node("path", class_="live-cross", d=f"M{plot.points([x], [y])}m-4.5-4.5l9 9m0-9l-9 9"))
        lines, marks = [], []
        for racer, path in zip(RACERS, self.paths(), strict=True):
            shown = path[: self.steps + 1] if getattr(self, racer.key) else ()
            points = plot.points([x for x, _ in shown], [y for _, y in shown])
            style = f"stroke-dasharray:{racer.dashes}"
            lines.append(node("polyline", class_=f"live-{racer.line}", style=style, points=points))
            d = f"M{points.rsplit(' ', 1)[-1]}{racer.marker}" if shown else "M0,0"
            marks.append(node("path", class_=f"live-racer live-{racer.line}", d=d))
        plot.inside += [*lines, *marks]
        goal = "✕ saddle" if ground.saddle else "✕ minimum"
        plot.over.append(node("text", goal, class_="live-note live-tag", x=44, y=13))
        plot.over += [node("text", text, class_=f"live-{name} live-tag", x=x, y=13) for name, x, text in TAGS]
        plot.over.append(plot.grip(self.start[0] * reach, self.start[1] * reach))
        return str(plot)


def _entry(racer: Racer, on: bool) -> str:
    """Draw a racer's row: box, marker, name."""
    box = node("input", type="checkbox", disabled="", aria_label=racer.name, **({"checked": ""} if on else {}))
    glyph = node("path", class_=f"live-racer live-{racer.line}", d=f"M0,0{racer.marker}")
    mark = node("svg", glyph, viewBox="-9 -9 18 18", aria_hidden="true")
    return node("label", box, mark, node("span", racer.name), class_="live-racing")
