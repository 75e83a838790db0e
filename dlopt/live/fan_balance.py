"""Forward and backward factor of a layer, by the choice of var w, to play with (syllabus I1–I3)."""

import math
from typing import Any

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._size import size
from ._svg import RESET, Plot, control, fixed, node, power, table, toggle

LAYERS = 12
RATIOS = (0.25, 1 / 3, 0.5, 2 / 3, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
REACH = 2.5
RANGES = {"ratio": (0.25, 4.0), "mix": (0.0, 1.0)}
NAMES = {0.0: "the LeCun", 0.5: "the Xavier", 1.0: "the backward"}

ALT = (
    "A plane of two factors with a diamond at (1, 1), where both directions keep their variance. A straight ray of "
    "slope r carries a ring; it meets LeCun's vertical line, a bent line of Xavier's choices and the horizontal line "
    "of the backward choice, all of which pass through the diamond."
)
CAPTION = (
    "One layer with N_y = r N_x. Its weights' variance is chosen as 1/var w = (1 − a) N_x + a N_y: a = 0 is LeCun, "
    "a = ½ Xavier. The plane: the two factors on the variance; the ring slides along the ray when you drag it. The "
    "panel: twelve such layers. Only for r = 1 does the ray meet the diamond. Where does each choice pay its price, "
    "once or in every layer?"
)


class FanBalance(LiveFigure):
    """Slide var w between LeCun's, Xavier's and the backward choice, for a layer that widens or narrows.

    Parameters
    ----------
    ratio : float
        N_y/N_x, 0.25 to 4.
    mix : float
        a in 1/var w = (1 − a)N_x + aN_y, 0 to 1.
    turns : bool
        Whether every second layer has the inverse ratio, so that the network is wide and narrow by turns.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> FanBalance(ratio=2, mix=0.5).describe().split(". ")[0]
    'With the Xavier choice, var w = 0.667/fan-in, a layer whose fan-out is 2.00 times its fan-in multiplies the variance by 0.667 forward and by 1.333 backward'
    """  # noqa: E501

    _esm = bundle("fan_balance")
    title = traitlets.Unicode("Live figure: one variance for two directions").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    ratio = traitlets.Float(3.0).tag(sync=True, control=True)
    mix = traitlets.Float(0.5).tag(sync=True, control=True)
    turns = traitlets.Bool(True).tag(sync=True, control=True)

    @traitlets.validate("ratio", "mix")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        return bounded("FanBalance", name, proposal["value"], *RANGES[name])

    def _factors(self, ratio: float, mix: float | None = None) -> tuple[float, float]:
        a = self.mix if mix is None else mix
        forward = 1 / (1 - a + a * ratio)
        return forward, ratio * forward

    def _chain(self) -> tuple[list[float], list[float]]:
        """Variance of the signal at each layer, and of the gradient sent back from the last one."""
        ratios = [1 / self.ratio if self.turns and layer % 2 else self.ratio for layer in range(LAYERS)]
        forward, backward = [1.0], [1.0]
        for ratio in ratios:
            forward.append(forward[-1] * self._factors(ratio)[0])
        for ratio in reversed(ratios):
            backward.append(backward[-1] * self._factors(ratio)[1])
        return forward, backward[::-1]

    def describe(self) -> str:
        """Say what the picture shows."""
        f, b = self._factors(self.ratio)
        forward, backward = self._chain()
        return (
            f"With {NAMES.get(self.mix, 'a mixed')} choice, var w = {fixed(f, 3)}/fan-in, a layer whose fan-out "
            f"is {fixed(self.ratio)} times its fan-in multiplies the variance by {fixed(f, 3)} forward and by "
            f"{fixed(b, 3)} backward. "
            f"Twelve layers, {'wide and narrow by turns' if self.turns else 'each with this ratio'}: "
            f"forward {size(forward[-1])}, backward {size(backward[0])}."
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        near = min(range(len(RATIOS)), key=lambda i: abs(RATIOS[i] - self.ratio))
        marks = [(0.0, "LeCun", "after"), (0.5, "Xavier", "after"), (1.0, "backward", "before")]
        controls = [
            control("r", "fan-out / fan-in", fixed(self.ratio), 0, len(RATIOS) - 1, near),
            control("a", "weight of fan-out in 1/var w", fixed(self.mix), 0, 1, self.mix, marks=marks),
            toggle("wide and narrow by turns", self.turns),
            RESET,
        ]
        forward, backward = self._chain()
        totals = (forward[-1], backward[0])
        rows = [
            (node("span", class_=f"live-swatch live-{kind}") + text, fixed(factor, 3), size(total))
            for kind, text, factor, total in zip(
                ("shallow", "steep"), ("forward", "backward"), self._factors(self.ratio), totals, strict=True
            )
        ]
        return {
            "main": self._plane(),
            "controls": "".join(controls),
            "side": self._depths(),
            "table": table(rows, titles=("factor", "this layer", "twelve")),
        }

    def _plane(self) -> str:
        ticks = list(zip((-2.0, -1.0, 0.0, 1.0, 2.0), ("¼", "½", "1", "2", "4"), strict=True))
        plot = Plot(
            *(360, 350, (20, 8, 34, 26), (-REACH, REACH), (-REACH, REACH), ticks, ticks),
            x_label="forward factor N_x var w",
            y_label="backward factor N_y var w",
            alt=f"{self.alt} {self.describe()}",
        )
        ox, oy = plot.x(0), plot.y(0)
        cross = f"M{ox} {plot.y(-REACH)}V{plot.y(REACH)}M{plot.x(-REACH)} {oy}H{plot.x(REACH)}"
        bend = [self._factors(2 ** ((i - 20) / 4), 0.5) for i in range(41)]
        shift = math.log2(self.ratio)
        plot.inside = [
            node("path", class_="live-rule", d=cross),
            node(
                "polyline", class_="live-max", points=plot.points(*zip(*(map(math.log2, p) for p in bend), strict=True))
            ),
            node("polyline", class_="live-path", points=plot.points([-REACH, REACH], [shift - REACH, shift + REACH])),
        ]
        tags = (
            ("LeCun", ox + 5, plot.y(2.2), "start"),
            ("backward only", plot.x(-2.4), oy - 5, "start"),
            ("Xavier", plot.x(0.6), plot.y(-1.5), "end"),
        )
        plot.inside += [node("text", t, class_="live-tag", x=x, y=y, text_anchor=a) for t, x, y, a in tags]
        f, b = (math.log2(v) for v in self._factors(self.ratio))
        gem = node("path", class_="live-best", d="M0 -6L6 0L0 6L-6 0Z", transform=f"translate({ox} {oy})")
        plot.over += [gem, plot.grip(f, b)]
        return str(plot)

    def _depths(self) -> str:
        plot = Plot(
            *(270, 222, (24, 8, 34, 34), (0, LAYERS), (1e-4, 1e4)),
            x_ticks=[(k, str(k)) for k in (0, 4, 8, 12)],
            y_ticks=[(10.0**p, power(p) if p else "10⁰") for p in (4, 2, 0, -2, -4)],
            x_label="layer",
            y_label="variance",
            alt="Variance of signal and gradient at each of twelve layers, logarithmic.",
            log_y=True,
        )
        for kind, values in zip(("shallow", "steep"), self._chain(), strict=True):
            plot.inside.append(node("polyline", class_=f"live-{kind}", points=plot.points(range(LAYERS + 1), values)))
        for kind, text, x, anchor in (("shallow", "signal →", 0.3, "start"), ("steep", "← gradient", 11.7, "end")):
            place = {"x": plot.x(x), "y": plot.y(4e-4), "text_anchor": anchor}
            plot.inside.append(node("text", text, class_=f"live-{kind} live-tag", **place))
        return str(plot)
