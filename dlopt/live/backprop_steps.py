"""A small network with a value at every node and edge, stepped forward and backward (syllabus H1, H2)."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._svg import RESET, Plot, control, fixed, node, player, table, toggle

X = (1.0, -0.6)
BASE = (0.8, -0.6, 0.5, 0.9, 1.2, -0.7)  # w₁₁ w₁₂ w₂₁ w₂₂ (from input i to unit j), v₁ v₂
NAMES = ("w₁₁", "w₁₂", "w₂₁", "w₂₂", "v₁", "v₂")
TARGET, LAST, WIDEST, TOP = 0.5, 7, 1.5, 2.0
RANGES = {"steps": (0, LAST), "edge": (0, 5), "change": (-WIDEST, WIDEST)}
SAID = (
    "the inputs",
    "each unit adds up what arrives",
    "each unit bends its sum",
    "score and loss",
    "backward: ∂L/∂s = s − d",
    "through v: each edge gives y·∂L/∂s to its weight and sends v·∂L/∂s on",
    "through the bend: times its slope",
    "through w: each edge gives x·∂L/∂z to its weight and sends w·∂L/∂z on; what meets is added",
)
COLUMNS = (24, 116, 196, 284, 336)
ROWS = (82, 214)
LETTERS = ("x₁", "x₂", "z₁", "z₂", "y₁", "y₂", "s", "L")
Pair = tuple[str, str]

ALT = (
    "A network drawn from left to right: two inputs, two hidden units split into sum and output, one score, the loss. "
    "Numbers in the circles are values, numbers on the edges weights; below each, marked with ∂, the derivative of the "
    "loss, once the backward pass has come there."
)
CAPTION = (
    "Values in the circles, weights on the edges; the derivative of the loss by each, marked ∂, appears as the "
    "backward pass arrives. Target d = 0.5, loss ½(s − d)². Right: the loss as the chosen weight (broad edge) is "
    "changed, and what its gradient promises. Which numbers of the forward pass does the backward pass use again, and "
    "where are two gradients added?"
)


class Pass(NamedTuple):
    """Every value and every gradient."""

    z: list[float]
    y: list[float]
    s: float
    loss: float
    gs: float
    slope: list[float]
    gy: list[float]
    gz: list[float]
    gw: list[float]
    gx: list[float]


def run(weights: Sequence[float], relu: bool) -> Pass:
    """Compute every value and every gradient, forward and then backward."""
    w11, w12, w21, w22, v1, v2 = weights
    z = [w11 * X[0] + w21 * X[1], w12 * X[0] + w22 * X[1]]
    y = [max(a, 0.0) if relu else math.tanh(a) for a in z]
    s = v1 * y[0] + v2 * y[1]
    gs = s - TARGET
    slope = [float(a > 0) if relu else 1 - a * a for a in y]
    gy = [v1 * gs, v2 * gs]
    gz = [a * g for a, g in zip(slope, gy, strict=True)]
    gw = [X[0] * gz[0], X[0] * gz[1], X[1] * gz[0], X[1] * gz[1], y[0] * gs, y[1] * gs]
    gx = [w11 * gz[0] + w12 * gz[1], w21 * gz[0] + w22 * gz[1]]
    return Pass(z, y, s, 0.5 * gs**2, gs, slope, gy, gz, gw, gx)


def _moved(edge: int, change: float) -> list[float]:
    return [b + change if i == edge else b for i, b in enumerate(BASE)]


def _at(column: int, row: int) -> tuple[float, float]:
    return COLUMNS[column], 148 if row < 0 else ROWS[row]


def _along(a: tuple[float, float], b: tuple[float, float], t: float, up: float) -> tuple[float, ...]:
    return (*a, *b, a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]) + up)


EDGES = (
    _along(_at(0, 0), _at(1, 0), 0.5, -8),
    _along(_at(0, 0), _at(1, 1), 0.33, 0),
    _along(_at(0, 1), _at(1, 0), 0.33, 0),
    _along(_at(0, 1), _at(1, 1), 0.5, 14),
    _along(_at(2, 0), _at(3, -1), 0.5, -14),
    _along(_at(2, 1), _at(3, -1), 0.5, 20),
)
BENDS = tuple(_along(_at(1, row), _at(2, row), 0.5, 14 if row else -8) for row in (0, 1))
ENDS = _along(_at(3, -1), _at(4, -1), 0.5, 0)
NODES = (*(_at(c, r) for c in range(3) for r in (0, 1)), _at(3, -1), _at(4, -1))


class BackpropSteps(LiveFigure):
    """Step a two-layer network forward and backward, change one of its weights, watch values and gradients.

    Parameters
    ----------
    steps : int
        How far the two passes have come, 0 to 7; the forward pass ends at 3.
    edge : int
        Which weight is changed, 0 to 5.
    change : float
        By how much, −1.5 to 1.5.
    relu : bool
        ReLU in place of tanh.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> print(BackpropSteps(steps=4).describe().split(". With")[0])
    Step 4, backward: ∂L/∂s = s − d: ∂L/∂s = 0.62
    """

    _esm = bundle("backprop_steps")
    title = traitlets.Unicode("Live figure: a network stepped forward and backward").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    steps = traitlets.Int(3).tag(sync=True, control=True)
    edge = traitlets.Int(0).tag(sync=True, control=True)
    change = traitlets.Float(0.0).tag(sync=True, control=True)
    relu = traitlets.Bool(False).tag(sync=True, control=True)

    @traitlets.validate("steps", "edge", "change")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        bounded("BackpropSteps", name, proposal["value"], *RANGES[name])
        return proposal["value"]  # type: ignore[no-any-return]

    def _state(self) -> tuple[list[float], Pass, Pass, float, float]:
        """Weights, passes now and before, change of the loss as promised and in fact."""
        weights = _moved(self.edge, self.change)
        before, now = run(BASE, self.relu), run(weights, self.relu)
        return weights, now, before, before.gw[self.edge] * self.change, now.loss - before.loss

    def describe(self) -> str:
        """Say what the picture shows."""
        weights, now, _, promised, actual = self._state()

        def both(name: str, v: Sequence[float]) -> str:
            return f"{name}₁ = {fixed(v[0])}, {name}₂ = {fixed(v[1])}"

        shown = (
            both("x", X),
            both("z", now.z),
            both("y", now.y),
            f"s = {fixed(now.s)}, L = {fixed(now.loss, 3)}",
            f"∂L/∂s = {fixed(now.gs)}",
            both("∂L/∂y", now.gy),
            both("∂L/∂z", now.gz),
            both("∂L/∂x", now.gx),
        )[self.steps]
        name = NAMES[self.edge]
        end = "" if self.steps < LAST else f" Gradient at {name}: {fixed(now.gw[self.edge], 3)}."
        return (
            f"Step {self.steps}, {SAID[self.steps]}: {shown}.{end} With {name} changed by {fixed(self.change)} to "
            f"{fixed(weights[self.edge])} the loss changes by {fixed(actual, 3)}; the gradient promised "
            f"{fixed(promised, 3)}."
        )

    def _texts(self) -> tuple[list[Pair], list[Pair], list[str]]:
        """Texts of nodes, weights and bends; "" where the step has not come."""
        weights, now, *_ = self._state()
        values = [*X, *now.z, *now.y, now.s, now.loss]
        pulls = [*now.gx, *now.gz, *now.gy, now.gs, 1.0]
        nodes = [
            (
                fixed(values[i]) if self.steps >= (0, 0, 1, 1, 2, 2, 3, 3)[i] else name,
                f"∂ {fixed(pulls[i])}" if self.steps >= (7, 7, 6, 6, 5, 5, 4, 4)[i] else "",
            )
            for i, name in enumerate(LETTERS)
        ]
        edges = [
            (fixed(w), f"∂ {fixed(now.gw[i])}" if self.steps >= (7 if i < 4 else 5) else "")
            for i, w in enumerate(weights)
        ]
        idle = "ReLU" if self.relu else "tanh"
        return nodes, edges, [f"×{fixed(v)}" if self.steps >= 6 else idle for v in now.slope]

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        weights, now, _, promised, actual = self._state()
        controls = [
            player("step", self.steps, LAST),
            control("w", "which weight", NAMES[self.edge], 0, 5, self.edge),
            control("Δ", "change it by", fixed(self.change), -WIDEST, WIDEST, self.change),
            toggle("ReLU in place of tanh", self.relu),
            RESET,
        ]
        ready = self.steps >= (7 if self.edge < 4 else 5)
        gradient = fixed(now.gw[self.edge], 3) if ready else "not yet"
        rows = (
            [
                (f"weight {NAMES[self.edge]}", fixed(weights[self.edge]), gradient),
                ("loss", fixed(now.loss, 3), "1"),
            ],
            [("loss changed by", fixed(actual, 3), ""), ("gradient promised", fixed(promised, 3), "")],
        )
        return {
            "main": self._network(),
            "controls": "".join(controls),
            "side": self._valley(),
            "table": table(*rows, titles=("quantity", "value", "gradient")),
        }

    def _network(self) -> str:
        plot = Plot(
            *(360, 290, (22, 2, 4, 2), (2, 358), (286, 22), [], []),
            x_label="",
            y_label="",
            alt=f"{self.alt} {self.describe()}",
        )
        middle = {"text_anchor": "middle"}

        def line(e: Sequence[float], name: str) -> str:
            return node("line", class_=name, x1=e[0], y1=e[1], x2=e[2], y2=e[3])

        def text(at: tuple[float, float], said: str, **given: str) -> str:
            return node("text", said, x=at[0], y=at[1], **middle, **given)

        nodes, edges, bends = self._texts()
        plot.inside = [line(EDGES[self.edge], "live-max")]
        plot.inside += [line(e, "live-path") for e in (*EDGES, *BENDS, ENDS)]
        plot.inside += [node("circle", class_="live-best", cx=x, cy=y, r=19) for x, y in NODES]
        for e, (value, pull) in zip(EDGES, edges, strict=True):
            plot.inside.append(text((e[4], e[5]), value, class_="live-tag live-shallow"))
            plot.inside.append(text((e[4], e[5] + 13), pull, class_="live-tag live-steep"))
        plot.inside += [text((e[4], e[5]), t, class_="live-note") for e, t in zip(BENDS, bends, strict=True)]
        for (x, y), (value, pull) in zip(NODES, nodes, strict=True):
            plot.inside.append(text((x, y + 4), value))
            plot.inside.append(text((x, y + 34), pull, class_="live-tag live-steep"))
        titles = ("input x", "sum z", "output y", "score s", "loss")
        plot.over = [text((x, 14), t, class_="live-note") for x, t in zip(COLUMNS, titles, strict=True)]
        return str(plot)

    def _valley(self) -> str:
        plot = Plot(
            *(270, 190, (22, 8, 34, 34), (-WIDEST, WIDEST), (0, TOP)),
            x_ticks=[(v, fixed(v, 0)) for v in (-1, 0, 1)],
            y_ticks=[(v, fixed(v, 1)) for v in (0, 0.5, 1, 1.5)],
            x_label="change Δ",
            y_label="loss",
            alt="Loss against the change of the chosen weight: a curve, its tangent at no change, and a dot at the "
            "present change.",
        )
        _, now, before, _, _ = self._state()
        slope = before.gw[self.edge] * WIDEST
        xs = [(i - 30) / 20 for i in range(61)]
        curve = plot.points(xs, (run(_moved(self.edge, v), self.relu).loss for v in xs))
        tangent = plot.points([-WIDEST, WIDEST], [before.loss - slope, before.loss + slope])
        cx, cy = plot.points([self.change], [now.loss]).split(",")
        plot.inside = [
            node("polyline", class_="live-shallow", points=curve),
            node("polyline", class_="live-steep", points=tangent),
            node("circle", class_="live-core", r=5, cx=cx, cy=cy),
        ]
        return str(plot)
