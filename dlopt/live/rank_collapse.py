"""A batch on its way through random layers, with and without batch normalization (syllabus B2, B3, B6)."""

from functools import cache
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from ._base import LiveFigure, bounded, bundle
from ._random import normals, uniforms
from ._svg import RESET, Plot, control, fixed, node, toggle

DEPTH, WIDTH, SAMPLES = 64, 16, 32
EPS, SHARE = 1e-5, 0.01
RANGES = {"depth": (0, DEPTH), "draw": (1, 8)}
Measures = tuple[int, float, float]

ALT = (
    "Number of directions kept against depth, from 16 at the input: without batch normalization it falls, step by "
    "step, towards 1; a vertical line and a point to drag mark the chosen depth."
)
CAPTION = (
    "32 random samples pass through random layers of 16 units. Kept: directions whose singular value is at least "
    "1 % of the largest. Small panel: how alike two samples look. Solid without, dashed with batch normalization. Move "
    "the depth, draw other weights: which of the four kinds of network keeps most directions, and does that make its "
    "samples less alike than those of the others?"
)


def _measures(h: NDArray[np.float64]) -> Measures:
    """Directions kept, participation ratio, mean |cosine| of a batch (SAMPLES, WIDTH)."""
    energy = np.maximum(np.linalg.eigvalsh(h.T @ h)[::-1], 0)
    lengths = np.linalg.norm(h, axis=1)
    unit = h / np.where(lengths > 0, lengths, 1)[:, None]
    pairs = np.abs(unit @ unit.T)[np.triu_indices(SAMPLES, 1)]
    kept = int((energy > SHARE**2 * energy[0]).sum())
    return kept, float(energy.sum() ** 2 / (energy**2).sum()), float(pairs.mean())


@cache
def journey(relu: bool, norm: bool, draw: int) -> tuple[Measures, ...]:
    """Measure a batch at every depth, 0 to 64.

    Examples
    --------
    >>> journey(False, False, 1)[0][0]
    16
    """
    uniform = uniforms(draw)
    h = np.array([normals(uniform, WIDTH) for _ in range(SAMPLES)])
    found = [_measures(h)]
    for _ in range(DEPTH):
        h = h @ (np.array([normals(uniform, WIDTH) for _ in range(WIDTH)]) / np.sqrt(WIDTH)).T
        if norm:
            h = (h - h.mean(axis=0)) / np.sqrt(h.var(axis=0) + EPS)
        h = np.maximum(h, 0) if relu else h
        h = h if norm else h / np.sqrt((h**2).mean())
        found.append(_measures(h))
    return tuple(found)


class RankCollapse(LiveFigure):
    """Slide the depth of a random network; see how many directions are left, and how alike two samples look.

    Parameters
    ----------
    depth : int
        Layer to look at, 0 to 64.
    draw : int
        Seed of inputs and weights, 1 to 8.
    relu : bool
        Whether a ReLU follows each layer.
    norm : bool
        Whether the network with batch normalization is shown as well.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> RankCollapse(depth=0).describe().split(". ")[1][:49]
    'Without batch normalization: 16 of 16 directions '
    """

    _esm = bundle("rank_collapse")
    title = traitlets.Unicode("Live figure: what depth leaves of a batch").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    depth = traitlets.Int(20).tag(sync=True, control=True)
    draw = traitlets.Int(1).tag(sync=True, control=True)
    relu = traitlets.Bool(False).tag(sync=True, control=True)
    norm = traitlets.Bool(False).tag(sync=True, control=True)

    @traitlets.validate("depth", "draw")
    def _in_range(self, proposal: Any) -> int:
        name = proposal["trait"].name
        bounded("RankCollapse", name, proposal["value"], *RANGES[name])
        return int(proposal["value"])

    def _ways(self) -> tuple[tuple[Measures, ...], tuple[Measures, ...]]:
        return journey(self.relu, False, self.draw), journey(self.relu, True, self.draw) if self.norm else ()

    def describe(self) -> str:
        """Say what the picture shows."""
        plain, normed = (
            f"{way[self.depth][0]} of 16 directions (participation ratio {fixed(way[self.depth][1], 1)}), "
            f"mean |cosine| {fixed(way[self.depth][2])}"
            if way
            else ""
            for way in self._ways()
        )
        start = (
            f"{'ReLU' if self.relu else 'Linear'} network, depth {self.depth}. Without batch normalization: {plain}."
        )
        return start + (f" With batch normalization: {normed}." if self.norm else "")

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        controls = [
            control("ℓ", "depth", str(self.depth), *RANGES["depth"], self.depth),
            control("s", "seed of the weights", str(self.draw), *RANGES["draw"], self.draw),
            toggle("ReLU after each layer", self.relu),
            toggle("show batch normalization", self.norm),
            RESET,
        ]
        return {"main": self._kept(), "controls": "".join(controls), "side": self._alike(), "table": self._table()}

    def _table(self) -> str:
        heads = [node("th", "at this depth", scope="col")]
        for name, text in (("shallow", "plain"), ("steep", "BN")):
            heads.append(node("th", node("span", class_=f"live-swatch live-{name}") + text, scope="col"))
        rows = []
        for k, name in enumerate(("directions kept", "participation ratio", "mean |cosine|")):
            texts = [fixed(way[self.depth][k], k) if way else "–" for way in self._ways()]
            rows.append(node("tr", node("th", name, scope="row"), *(node("td", text) for text in texts)))
        return node("table", node("thead", node("tr", *heads)), node("tbody", *rows))

    def _lines(self, plot: Plot, which: int) -> None:
        """Draw both curves and the rule at the chosen depth."""
        for name, way in zip(("shallow", "steep"), self._ways(), strict=True):
            points = plot.points(range(len(way)), (measures[which] for measures in way))
            plot.inside.append(node("polyline", class_=f"live-{name}", points=points))
        x, (low, high) = plot.x(self.depth), plot.y_domain
        plot.inside.append(node("line", class_="live-now", x1=x, x2=x, y1=plot.y(low), y2=plot.y(high)))

    def _kept(self) -> str:
        plot = Plot(
            *(360, 320, (22, 8, 34, 34), (0, DEPTH), (0, 17)),
            x_ticks=[(v, str(v)) for v in (0, 16, 32, 48, 64)],
            y_ticks=[(v, str(v)) for v in (0, 4, 8, 12, 16)],
            x_label="depth",
            y_label="directions kept",
            alt=f"{self.alt} {self.describe()}",
        )
        self._lines(plot, 0)
        for name, text, way in zip(("shallow", "steep"), ("plain", "with BN"), self._ways(), strict=True):
            y = plot.y(max(kept for kept, _, _ in way[42:61])) - 7 if way else -99  # above the curve
            given = {"x": plot.x(60), "y": y, "text_anchor": "end"}
            plot.inside.append(node("text", text, class_=f"live-{name} live-tag", **given))
        plot.over.append(plot.grip(self.depth, self._ways()[0][self.depth][0]))
        return str(plot)

    def _alike(self) -> str:
        plot = Plot(
            *(270, 200, (22, 8, 34, 34), (0, DEPTH), (0, 1.05)),
            x_ticks=[(v, str(v)) for v in (0, 16, 32, 48, 64)],
            y_ticks=[(v, fixed(v, 1)) for v in (0, 0.5, 1)],
            x_label="depth",
            y_label="mean |cosine|",
            alt="Mean absolute cosine between two samples against depth.",
        )
        self._lines(plot, 2)
        return str(plot)
