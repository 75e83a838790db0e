"""Signals through 24 random layers, predicted and drawn, to play with (syllabus I1, I2, I4, I5)."""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from ._base import LiveFigure, bounded, bundle
from ._random import normals, uniforms
from ._size import size
from ._svg import RESET, Plot, control, fixed, node, power, table

LAYERS = 24
GAINS = (0.1, 0.25, 1 / 3, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 9.0)
WIDTHS = (8, 16, 32, 64)
KINDS = ("linear", "tanh", "ReLU")
VALUES = 256
BINS, EDGE = 33, 2.0
RANGES = {"gain": (0.1, 9.0), "kind": (0, 2), "width": (8, 64), "layer": (1, LAYERS)}

ALT = (
    "Mean square of the activations, from layer 0 to 24, and of a gradient, from layer 24 to 0, on a logarithmic "
    "axis: a solid and a dashed line of theory, with circles and squares of one drawn network around them. A ring "
    "marks the layer whose histogram stands beside it."
)
CAPTION = (
    "Twenty-four layers with G = fan-in · var w. Lines: theory for wide layers. Circles and squares: one network, "
    "drawn at random, with width n. Drag the ring to a layer; bars show what its units put out, the stepped line what "
    "theory expects. For which G do both lines stay level, and does it depend on the activation?"
)


@dataclass(frozen=True)
class _Run:
    """Mean squares at layers 0 … 24, and what the histogram needs."""

    signal: list[float]
    gradient: list[float]
    inside: list[Any]  # theory: variance of the sums at 1 … 24; draw: activations at 0 … 24


_NODES = -8 + np.arange(321) / 20
_DENSITY = np.exp(-(_NODES**2) / 2) / 20 / math.sqrt(2 * math.pi)


@lru_cache(maxsize=256)
def _predict(gain: float, kind: int) -> _Run:
    """Follow the variance of normal sums from layer to layer."""
    signal, sums, slopes = [1.0], [], []
    half = 2 if kind == 2 else 1
    for _ in range(LAYERS):
        q = gain * signal[-1]
        s = math.sqrt(q) * _NODES
        sums.append(q)
        signal.append(float(_DENSITY @ np.tanh(s) ** 2) if kind == 1 else q / half)
        slopes.append(gain * (float(_DENSITY @ np.cosh(s) ** -4.0) if kind == 1 else 1 / half))
    gradient = [1.0]
    for chi in reversed(slopes):
        gradient.append(gradient[-1] * chi)
    return _Run(signal, gradient[::-1], sums)


@lru_cache(maxsize=4)
def _draws(width: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Weights (24, n, n), inputs and gradients (256/n, n), drawn once for each width."""
    weights, inputs, errors = (
        np.array(normals(uniforms(seed), count))
        for seed, count in ((4, LAYERS * width * width), (5, VALUES), (6, VALUES))
    )
    return weights.reshape(LAYERS, width, width), inputs.reshape(-1, width), errors.reshape(-1, width)


@lru_cache(maxsize=64)
def _sample(gain: float, kind: int, width: int) -> _Run:
    """Send 256/n inputs through one network and as many gradients back."""
    weights, inputs, errors = _draws(width)
    scale = math.sqrt(gain / width)
    activations, slopes = [inputs], []
    for w in weights:
        s = scale * (activations[-1] @ w.T)  # (256/n, n)
        activations.append([s, np.tanh(s), np.maximum(s, 0)][kind])
        slopes.append([np.ones_like(s), np.cosh(np.clip(s, -300, 300)) ** -2.0, (s > 0).astype(float)][kind])
    gradients = [errors]
    for w, slope in zip(weights[::-1], reversed(slopes), strict=True):
        gradients.append(scale * ((gradients[-1] * slope) @ w))
    signal = [float((h**2).mean()) for h in activations]
    gradient = [float((d**2).mean()) for d in reversed(gradients)]
    return _Run([v / signal[0] for v in signal], [v / gradient[-1] for v in gradient], activations)


def _histogram(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the values in each bin; whatever lies beyond counts in the last ones."""
    place = np.clip(np.floor((values.ravel() + EDGE) / (2 * EDGE) * BINS), 0, BINS - 1).astype(int)
    counts: NDArray[np.float64] = np.bincount(place, minlength=BINS) / values.size
    return counts


def _shares(kind: int, q: float) -> list[float]:
    """Share in each bin that a normal sum of variance q leads to."""

    def up_to(edge: float) -> float:
        if kind == 2 and edge <= 0:
            return 0.0
        if kind == 1 and abs(edge) >= 1:
            return float(edge > 0)
        s = math.atanh(edge) if kind == 1 else edge
        return math.erfc(-s / math.sqrt(2 * q)) / 2

    cuts = [0.0, *(up_to(-EDGE + 2 * EDGE * i / BINS) for i in range(1, BINS)), 1.0]
    return [b - a for a, b in pairwise(cuts)]


class SignalDepth(LiveFigure):
    """Choose the variance of the weights, the activation and the width; see what 24 layers do to a signal.

    Parameters
    ----------
    gain : float
        G = fan-in · var w, 0.1 to 9.
    kind : int
        Activation: 0 linear, 1 tanh, 2 ReLU.
    width : int
        Units per layer, 8 to 64 (on the site 8, 16, 32 or 64).
    layer : int
        Layer whose activations the histogram shows, 1 to 24.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range, or the width is not one of the four.

    Examples
    --------
    >>> SignalDepth(gain=2, kind=2, width=64, layer=24).describe()[:84]
    'ReLU, G = 2.00, width 64. At layer 24 the mean square of the activations is 1.000 by'
    """

    _esm = bundle("signal_depth")
    title = traitlets.Unicode("Live figure: signals through many random layers").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    gain = traitlets.Float(1.0).tag(sync=True, control=True)
    kind = traitlets.Int(1).tag(sync=True, control=True)
    width = traitlets.Int(32).tag(sync=True, control=True)
    layer = traitlets.Int(12).tag(sync=True, control=True)

    @traitlets.validate("gain", "kind", "width", "layer")
    def _in_range(self, proposal: Any) -> float:
        name, value = proposal["trait"].name, proposal["value"]
        bounded("SignalDepth", name, value, *RANGES[name])
        if name == "width" and value not in WIDTHS:
            raise traitlets.TraitError(f"SignalDepth: width must be one of {WIDTHS}, got {value!r}")
        return value  # type: ignore[no-any-return]

    @property
    def _runs(self) -> tuple[_Run, _Run]:
        return _predict(self.gain, self.kind), _sample(self.gain, self.kind, self.width)

    def describe(self) -> str:
        """Say what the picture shows."""
        (theory, drawn), at = self._runs, self.layer
        return (
            f"{KINDS[self.kind]}, G = {fixed(self.gain)}, width {self.width}. At layer {at} the mean square of the "
            f"activations is {size(theory.signal[at])} by theory and {size(drawn.signal[at])} in this draw; a gradient "
            f"sent back from layer {LAYERS} arrives at the input as {size(theory.gradient[0])} by theory "
            f"and {size(drawn.gradient[0])} in this draw."
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        near = min(range(len(GAINS)), key=lambda i: abs(GAINS[i] - self.gain))
        marks = [(GAINS.index(1.0), "LeCun", "before"), (GAINS.index(2.0), "He", "after")]
        place = WIDTHS.index(self.width)
        controls = [
            control("G", "gain", fixed(self.gain), 0, len(GAINS) - 1, near, marks=marks),
            control("φ", "activation", KINDS[self.kind], 0, 2, self.kind),
            control("n", "width", str(self.width), 0, len(WIDTHS) - 1, place),
            control("l", "layer", str(self.layer), 1, LAYERS, self.layer),
            RESET,
        ]
        (theory, drawn), at = self._runs, self.layer
        rows = [
            (node("span", class_=f"live-swatch live-{kind}") + name, size(ours[at]), size(found[at]))
            for kind, name, ours, found in (
                ("shallow", "signal", theory.signal, drawn.signal),
                ("steep", "gradient", theory.gradient, drawn.gradient),
            )
        ]
        return {
            "main": self._depths(),
            "controls": "".join(controls),
            "side": self._bars(),
            "table": table(rows, titles=("mean square", "theory", "draw")),
        }

    def _depths(self) -> str:
        plot = Plot(
            *(360, 340, (24, 8, 34, 34), (0, LAYERS), (1e-9, 1e9)),
            x_ticks=[(k, str(k)) for k in (0, 6, 12, 18, 24)],
            y_ticks=[(10.0**p, power(p)) for p in (8, 4, 0, -4, -8)],
            x_label="layer",
            y_label="mean square",
            alt=f"{self.alt} {self.describe()}",
            log_y=True,
        )
        theory, drawn = self._runs
        x, top, bottom = plot.x(self.layer), plot.y(1e9), plot.y(1e-9)
        plot.inside.append(node("line", class_="live-now", x1=x, x2=x, y1=top, y2=bottom))
        for kind, values in (("shallow", theory.signal), ("steep", theory.gradient)):
            plot.inside.append(node("polyline", class_=f"live-{kind}", points=plot.points(range(LAYERS + 1), values)))
        spots = [[plot.points([k], [max(v, 1e-30)]).split(",") for k, v in enumerate(values)]
                 for values in (drawn.signal, drawn.gradient)]  # fmt: skip
        dots = (node("circle", r=2.5, cx=cx, cy=cy) for cx, cy in spots[0])
        boxes = (node("rect", width=5, height=5, x=float(a) - 2.5, y=float(b) - 2.5) for a, b in spots[1])
        plot.inside += [node("g", *dots, class_="live-dots"), node("g", *boxes, class_="live-dots")]
        tags = (("shallow", "● signal →", 0.4, "start"), ("steep", "← gradient ■", 23.6, "end"))
        for kind, text, at, anchor in tags:
            place = {"x": plot.x(at), "y": plot.y(2e-9), "text_anchor": anchor}
            plot.inside.append(node("text", text, class_=f"live-{kind} live-tag", **place))
        plot.over.append(plot.grip(self.layer, min(1e9, max(1e-9, theory.signal[self.layer]))))
        return str(plot)

    def _bars(self) -> str:
        plot = Plot(
            *(270, 222, (24, 8, 34, 34), (-EDGE, EDGE), (0, 0.5)),
            x_ticks=[(-2, "≤ −2"), (0, "0"), (2, "≥ 2")],
            y_ticks=[(v, fixed(v)) for v in (0, 0.25, 0.5)],
            x_label="activation",
            y_label="share of units",
            alt="Histogram of the activations of the chosen layer, with the shares that theory predicts.",
        )
        theory, drawn = self._runs
        step = (plot.x(EDGE) - plot.x(-EDGE)) / BINS
        rects = []
        for i, share in enumerate(_histogram(drawn.inside[self.layer])):
            top = plot.y(min(share, 0.6))
            box = {"x": plot.x(-EDGE) + i * step + 0.5, "width": step - 1, "y": top, "height": max(0, plot.y(0) - top)}
            rects.append(node("rect", **box))
        expected = _shares(self.kind, theory.inside[self.layer - 1])
        edges = [-EDGE + 2 * EDGE * math.ceil(i / 2) / BINS for i in range(2 * BINS)]
        line = plot.points(edges, (expected[i // 2] for i in range(2 * BINS)))
        plot.inside = [
            node("g", *rects, class_="live-dots", opacity=0.4),
            node("polyline", class_="live-shallow", points=line),
        ]
        return str(plot)
