"""The error of a difference quotient against its step h: truncation, rounding, cancelled digits (syllabus H3)."""

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, NamedTuple

import numpy as np
import traitlets

from ._base import LiveFigure, bounded, bundle
from ._svg import RESET, Plot, control, fixed, node, table, toggle

FUNCTIONS = ("x³", "x²", "1/x", "√x", "x/(1 + x²)", "x + |x − 1|")
FIRST, LAST, FLOOR = 2, 52, 1e-17
KS = range(FIRST, LAST + 1)
RANGES = {"which": (0, len(FUNCTIONS) - 1), "x": (0.5, 2.0), "k": (FIRST, LAST)}
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

ALT = (
    "Error of a difference quotient against its step h, both logarithmic: dots fall along a straight solid line of "
    "slope one or two as h shrinks, then scatter around a dashed line that rises with slope minus one; an upright "
    "line marks the step where theory sees the lowest point."
)
CAPTION = (
    "Dots: the errors of real difference quotients. Solid line: the error of exact arithmetic. Dashed: the size of "
    "what rounding adds. Right: the two values whose difference is taken, with the digits that cancel in grey. With "
    "h = 10⁻¹⁰, how many digits are left, and for which functions do central differences have no best step?"
)


class Quotient(NamedTuple):
    """Two values of the function, their difference quotient and its error."""

    ahead: float
    behind: float
    slope: float
    error: float


def value(which: int, x: Any, one: Any = 1.0) -> Any:
    """Evaluate a function in the precision of its argument; ``one`` is 1 in that precision."""
    if which == 0:
        return x * x * x
    if which == 1:
        return x * x
    if which == 2:
        return one / x
    if which == 3:
        return np.sqrt(x)
    if which == 4:
        return x / (one + x * x)
    return x + abs(x - one)


def slopes(which: int, x: float) -> tuple[float, float, float]:
    """Return the first, second and third derivative."""
    q = 1 + x * x
    root = math.sqrt(x)
    return (
        (3 * x * x, 6 * x, 6.0),
        (2 * x, 2.0, 0.0),
        (-1 / (x * x), 2 / x**3, -6 / x**4),
        (0.5 / root, -0.25 / (x * root), 0.375 / (x * x * root)),
        ((1 - x * x) / q**2, 2 * x * (x * x - 3) / q**3, -6 * (x**4 - 6 * x * x + 1) / q**4),
        (1.0 + (x > 1) - (x < 1), 0.0, 0.0),
    )[which]


def _nearest(number: float, digits: int) -> Decimal:
    """Round to significant digits, ties upwards, as JavaScript does."""
    return Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(number)


def _written(number: float, digits: int) -> str:
    """Write a positive number with that many significant digits, zeros included."""
    rounded = _nearest(number, digits)
    return f"{rounded:.{digits - 1 - rounded.adjusted()}f}"


def tenth(number: float) -> str:
    """Write a positive number in powers of ten.

    Examples
    --------
    >>> tenth(0.000012)
    '1.2·10⁻⁵'
    """
    if number == 0 or not math.isfinite(number):
        return "0" if number == 0 else "none"
    mantissa, exponent = f"{_nearest(number, 2):.1e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(SUPERSCRIPTS)}"


class DifferenceStep(LiveFigure):
    """Move the step h of a difference quotient: too large and truncation rules, too small and rounding does.

    Parameters
    ----------
    which : int
        The function, 0 to 5: x³, x², 1/x, √x, x/(1 + x²), x + |x − 1|.
    x : float
        Where, 0.5 to 2.
    k : int
        The step is h = 2⁻ᵏ, k from 2 to 52.
    central : bool
        Central differences, or forward ones.
    single : bool
        Single precision (float32), or double.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> DifferenceStep(k=17).describe().split(": ")[0]
    'x³ at x = 1.0, central differences in double precision, h = 7.6·10⁻⁶'
    """

    _esm = bundle("difference_step")
    title = traitlets.Unicode("Live figure: the step of a difference quotient").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    which = traitlets.Int(0).tag(sync=True, control=True)
    x = traitlets.Float(1.0).tag(sync=True, control=True)
    k = traitlets.Int(7).tag(sync=True, control=True)
    central = traitlets.Bool(True).tag(sync=True, control=True)
    single = traitlets.Bool(False).tag(sync=True, control=True)

    @traitlets.validate("which", "x", "k")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        bounded("DifferenceStep", name, proposal["value"], *RANGES[name])
        return proposal["value"]  # type: ignore[no-any-return]

    def _quotient(self, k: int) -> Quotient:
        """Values, quotient and error at step 2⁻ᵏ, in the precision chosen."""
        kind = np.float32 if self.single else np.float64
        at, h, one = kind(self.x), kind(2.0**-k), kind(1)
        ahead = value(self.which, at + h, one)
        behind = value(self.which, at - h if self.central else at, one)
        slope = (ahead - behind) / (kind(2) * h if self.central else h)
        error = abs(float(slope) - slopes(self.which, float(at))[0])
        return Quotient(float(ahead), float(behind), float(slope), error)

    def _theory(self, h: float) -> tuple[float, float, float]:
        """Return truncation to leading order, what rounding adds, about, and the best step."""
        first, second, third = slopes(self.which, self.x)
        unit = 2.0**-24 if self.single else 2.0**-53
        size = abs(float(value(self.which, self.x))) + abs(self.x * first)
        noise = unit * size * (1 if self.central else 2)
        if self.central:
            return abs(third) * h * h / 6, noise / h, float(np.cbrt(3 * noise / abs(third))) if third else math.inf
        return abs(second) * h / 2, noise / h, math.sqrt(2 * noise / abs(second)) if second else math.inf

    def _digits(self) -> tuple[str, str, int]:
        """Both values with all their digits, and how many leading characters they share."""
        now = self._quotient(self.k)
        a, b = (_written(v, 9 if self.single else 17) for v in (now.ahead, now.behind))
        common = next((i for i, (p, q) in enumerate(zip(a, b, strict=False)) if p != q), min(len(a), len(b)))
        return a, b, common

    def _right(self) -> str:
        error, truth = self._quotient(self.k).error, slopes(self.which, self.x)[0]
        if error == 0:
            return "all"
        return "none" if truth == 0 else fixed(max(0.0, -math.log10(error / abs(truth))), 1)

    def describe(self) -> str:
        """Say what the picture shows."""
        h = 2.0**-self.k
        truncation, rounding, best = self._theory(h)
        scheme = "central" if self.central else "forward"
        precision = "single" if self.single else "double"
        return (
            f"{FUNCTIONS[self.which]} at x = {fixed(self.x, 1)}, {scheme} differences in {precision} precision, "
            f"h = {tenth(h)}: the slope is wrong by {tenth(self._quotient(self.k).error)}; truncation accounts for "
            f"{tenth(truncation)}, rounding for about {tenth(rounding)}. Right digits: {self._right()}. "
            f"Best step by theory: {tenth(best)}."
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        controls = [
            control("f", "function", FUNCTIONS[self.which], *RANGES["which"], self.which),
            control("x", "place", fixed(self.x, 1), *RANGES["x"], self.x),
            control("h", "step, 2⁻ᵏ", tenth(2.0**-self.k), FIRST, LAST, self.k),
            toggle("central differences", self.central),
            toggle("single precision", self.single),
            RESET,
        ]
        now, (truncation, rounding, best) = self._quotient(self.k), self._theory(2.0**-self.k)
        rows = (
            [
                ("slope by differences", fixed(now.slope, 9), ""),
                ("derivative", fixed(slopes(self.which, self.x)[0], 9), ""),
                ("error", tenth(now.error), self._right()),
            ],
            [
                ("truncation", tenth(truncation), ""),
                ("rounding, about", tenth(rounding), ""),
                ("best h by theory", tenth(best), ""),
            ],
        )
        return {
            "main": self._curve(),
            "controls": "".join(controls),
            "side": self._cancelling(),
            "table": table(*rows, titles=("quantity", "value", "right digits"), class_="live-pair"),
        }

    def _curve(self) -> str:
        def tick(e: int) -> str:
            return "10" + str(e).translate(SUPERSCRIPTS)

        plot = Plot(
            *(360, 330, (22, 8, 34, 40), (-16, -0.4), (FLOOR, 100)),
            x_ticks=[(e, tick(e)) for e in (-16, -12, -8, -4)],
            y_ticks=[(10.0**e, tick(e)) for e in (0, -4, -8, -12, -16)],
            x_label="step h",
            y_label="error of the slope",
            alt=f"{self.alt} {self.describe()}",
            log_y=True,
        )
        xs = [math.log10(2.0**-k) for k in KS]
        shown = [max(self._quotient(k).error, FLOOR) for k in KS]
        both = [self._theory(2.0**-k) for k in KS]
        best = self._theory(1.0)[2]
        at = f"{plot.x(math.log10(best)):.2f}" if math.isfinite(best) else -99
        rule = {"x1": at, "x2": at, "y1": plot.y(100), "y2": plot.y(FLOOR)}
        dots = []
        for x, e in zip(xs, shown, strict=True):
            cx, cy = plot.points([x], [e]).split(",")
            dots.append(node("circle", r=2, cx=cx, cy=cy))
        truncation = plot.points(xs, (max(t[0], 1e-30) for t in both))
        plot.inside = [
            node("line", class_="live-rule", **rule),
            node("polyline", class_="live-shallow", points=truncation),
            node("polyline", class_="live-steep", points=plot.points(xs, (t[1] for t in both))),
            node("polyline", class_="live-path", points=plot.points(xs, shown)),
            node("g", *dots, class_="live-dots"),
        ]
        for name, text, x, anchor in (
            ("shallow", "truncation", -0.6, "end"),
            ("steep", "rounding, about", -15.8, "start"),
        ):
            given = {"x": plot.x(x), "y": plot.y(1e-16), "text_anchor": anchor}
            plot.inside.append(node("text", text, class_=f"live-{name} live-tag", **given))
        plot.over = [plot.grip(math.log10(2.0**-self.k), max(self._quotient(self.k).error, FLOOR))]
        return str(plot)

    def _cancelling(self) -> str:
        a, b, common = self._digits()
        drawn = []
        for y, name, text in ((16, "f(x + h)", a), (62, "f(x − h)" if self.central else "f(x)", b)):
            same = node("tspan", text[:common], class_="live-sub-none", fill_opacity=0.45)
            own = node("tspan", text[common:], font_weight=600)
            style = "font-size: 15px; font-variant-numeric: tabular-nums"
            drawn.append(node("text", name, class_="live-note", x=2, y=y))
            drawn.append(node("text", same + own, x=2, y=y + 20, style=style))
        drawn.append(node("text", "grey digits cancel in the difference", class_="live-note", x=2, y=106))
        alt = "The two values of the function with all their digits; those that agree are grey and cancel."
        return node("svg", *drawn, class_="live-plot", viewBox="0 0 270 112", role="img", aria_label=alt)
