"""How strongly to whiten: the condition number against the noise, on the digits' own spectrum (syllabus W2)."""

from typing import Any, NamedTuple

import traitlets

from ._base import LiveFigure, bounded, bundle
from ._rates import steps_per_digit
from ._svg import RESET, Plot, control, fixed, node, power, rich, table

# Variances of the 64 raw pixels of the training digits along their principal axes, without the four flat ones
SPECTRUM = (
    0.697608,
    0.634899,
    0.56324,
    0.38521,
    0.272367,
    0.227163,
    0.202,
    0.176267,
    0.154776,
    0.143539,
    0.11247,
    0.102425,
    0.0865929,
    0.081886,
    0.0705429,
    0.0665819,
    0.0615985,
    0.0585133,
    0.049148,
    0.0416391,
    0.0410076,
    0.0378262,
    0.0353891,
    0.0334446,
    0.0321665,
    0.0279639,
    0.0267739,
    0.0233098,
    0.0221255,
    0.0196485,
    0.0174536,
    0.016671,
    0.0157196,
    0.0155462,
    0.0141538,
    0.0140168,
    0.0120123,
    0.0106574,
    0.0101496,
    0.00957649,
    0.00861421,
    0.00748212,
    0.00699019,
    0.00653079,
    0.00554311,
    0.00503741,
    0.00450334,
    0.00386079,
    0.00264237,
    0.00184835,
    0.00104666,
    0.00040109,
    0.000213761,
    0.000127434,
    7.47067e-05,
    3.89897e-05,
    2.61462e-05,
    5.30893e-06,
    4.71675e-06,
    3.36105e-07,
)
NOISE = 1 / (12 * 16 * 16)
LOW, HIGH = -8, 1
GRID = [LOW + i / 4 for i in range(37)]
RANGES = {"strength": (LOW, HIGH), "kept": (1, 60)}

ALT = (
    "Variance along 60 directions, logarithmic. Before whitening it falls from 0.7 to 3e-7. After it, the signal is "
    "flat at 1 until the variances reach ε and then falls with them, while the noise rises up to where it is stopped "
    "by ε. Directions that are dropped are shaded."
)
CAPTION = (
    "Regularized whitening of the raw digits, z = (D + ε)^(−1/2) Eᵀ(x − μ), first k directions only. The dashed line "
    "is what becomes of fresh noise of variance 1/(12·16²) in every pixel, that of rounding to 17 levels of grey. "
    "Slide ε or drag the ring to drop directions. Which of the two brakes gets κ below 2 with less noise than signal "
    "everywhere?"
)


class _Trade(NamedTuple):
    kappa: float
    loudest: float


def written(value: float) -> str:
    """Write a positive number with three decimals where they suffice, and as a power of ten elsewhere.

    Examples
    --------
    >>> written(0.0000034), written(0.5)
    ('3.4·10⁻⁶', '0.500')
    """
    if 0.01 <= value < 1000:
        return fixed(value, 3)
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits}·{power(int(exponent))}"


class WhiteningStrength(LiveFigure):
    """Choose ε and the number of directions kept, and see the condition number and the noise that are left.

    Parameters
    ----------
    strength : float
        Decimal logarithm of ε, −8 to 1.
    kept : int
        How many directions are kept, largest variance first, 1 to 60.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> print(WhiteningStrength(strength=-2, kept=60).describe().split(": ")[0])
    With ε = 0.010 and the first 60 of 60 directions κ is 2.9·10⁴
    """

    _esm = bundle("whitening_strength")
    title = traitlets.Unicode("Live figure: how strongly to whiten, condition number against noise").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    spectrum = traitlets.List(default_value=list(SPECTRUM)).tag(sync=True)
    strength = traitlets.Float(-5.0).tag(sync=True, control=True)
    kept = traitlets.Int(58).tag(sync=True, control=True)

    @traitlets.validate("strength", "kept")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        bounded("WhiteningStrength", name, proposal["value"], *RANGES[name])
        return proposal["value"]  # type: ignore[no-any-return]

    def _trade(self, eps: float) -> _Trade:
        first, last = self.spectrum[0], self.spectrum[self.kept - 1]
        return _Trade(((first / (first + eps)) * (last + eps)) / last, NOISE / (last + eps))

    @property
    def _eps(self) -> float:
        return float(10**self.strength)

    def _after(self, power: float) -> list[float]:
        """Variances after whitening: of the signal (power 1), or of noise (power 0)."""
        shown = self.spectrum[: self.kept]
        return [(d if power else NOISE) / (d + self._eps) for d in shown]

    def _steps(self) -> float:
        kappa = self._trade(self._eps).kappa
        return steps_per_digit((kappa - 1) / (kappa + 1))

    def describe(self) -> str:
        """Say what the picture shows."""
        now, steps = self._trade(self._eps), self._steps()
        speed = "one step suffices" if steps < 0.1 else f"{written(steps)} steps per digit"
        drowned = sum(d < NOISE for d in self.spectrum[: self.kept])
        return (
            f"With ε = {written(self._eps)} and the first {self.kept} of 60 directions κ is {written(now.kappa)}: "
            f"{speed}. In the last direction kept, noise ends with variance {written(now.loudest)} beside a signal of "
            f"{written(self._after(1)[-1])}. {drowned} of the directions kept carry more noise than signal."
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        controls = [
            control("ε", "regularization", written(self._eps), LOW, HIGH, self.strength),
            control("k", "directions kept", str(self.kept), 1, 60, self.kept),
            RESET,
        ]
        signal, noise, steps = self._after(1), self._after(0), self._steps()
        named = (("max", "before", self.spectrum), ("shallow", "signal after", signal), ("steep", "noise after", noise))
        rows = [
            (node("span", class_=f"live-swatch live-{name}") + rich(text), written(v[0]), written(v[self.kept - 1]))
            for name, text, v in named
        ]
        share = sum(self.spectrum[: self.kept]) / sum(self.spectrum)
        below = [
            ("condition κ", written(self._trade(self._eps).kappa), ""),
            ("steps per digit", "one step" if steps < 0.1 else written(steps), ""),
            ("variance kept", f"{fixed(100 * share)} %", ""),
        ]
        return {
            "main": self._spectrum(signal, noise),
            "controls": "".join(controls),
            "side": self._trades(),
            "table": table(rows, below, titles=("variance", "first", "last kept")),
        }

    def _spectrum(self, signal: list[float], noise: list[float]) -> str:
        plot = Plot(
            *(360, 340, (22, 8, 34, 34), (0, 61), (1e-7, 1e4)),
            x_ticks=[(v, str(v)) for v in (1, 20, 40, 60)],
            y_ticks=[(10.0**p, power(p)) for p in (-6, -4, -2, 0, 2)],
            x_label="direction",
            y_label="variance along it",
            alt=f"{self.alt} {self.describe()}",
            log_y=True,
        )
        left, right, top, bottom = plot.x(0), plot.x(61), plot.y(1e4), plot.y(1e-7)
        edge = min(plot.x(self.kept + 0.5), right)
        beyond = {"y": top, "height": bottom - top, "x": f"{edge:.2f}", "width": f"{right - edge:.2f}"}
        ranks = range(1, 61)
        plot.inside = [
            node("rect", class_="live-forbidden", **beyond),
            node("path", class_="live-limit", d=f"M{left} {plot.y(1)}H{right}"),
            node("polyline", class_="live-max", points=plot.points(ranks, self.spectrum)),
        ]
        for name, values in (("shallow", signal), ("steep", noise)):
            plot.inside.append(node("polyline", class_=f"live-{name}", points=plot.points(ranks[: self.kept], values)))
        tags = (
            ("live-note", 44, "before"),
            ("live-shallow live-tag", 94, "signal after"),
            ("live-steep live-tag", 184, "noise after"),
        )
        plot.inside += [node("text", text, class_=name, x=x, y=39) for name, x, text in tags]
        plot.over.append(plot.grip(self.kept, signal[-1]))
        return str(plot)

    def _trades(self) -> str:
        plot = Plot(
            *(270, 222, (24, 8, 34, 34), (LOW, HIGH), (1e-4, 1e8)),
            x_ticks=[(v, power(v)) for v in (-8, -4, 0)],
            y_ticks=[(10.0**p, power(p)) for p in (-4, 0, 4)],
            x_label="ε",
            y_label="κ and loudest noise",
            alt="Against ε, both logarithmic: the condition number rises, the loudest noise falls.",
            log_y=True,
        )
        x = f"{plot.x(self.strength):.2f}"
        now = {"y1": plot.y(1e8), "y2": plot.y(1e-4), "x1": x, "x2": x}
        plot.inside = [
            node("path", class_="live-limit", d=f"M{plot.x(LOW)} {plot.y(1)}H{plot.x(HIGH)}"),
            node("line", class_="live-now", **now),
        ]
        curves = zip(*(self._trade(float(10**s)) for s in GRID), strict=True)
        for name, values in zip(("shallow", "steep"), curves, strict=True):
            plot.inside.append(node("polyline", class_=f"live-{name}", points=plot.points(GRID, values)))
        for name, at, text in (("shallow", 40, "κ"), ("steep", 60, "loudest noise")):
            plot.inside.append(node("text", text, class_=f"live-{name} live-tag", x=at, y=39))
        return str(plot)
