"""SGD with steps that shrink as a power of time, to play with (syllabus G3)."""

import math
from typing import Any, NamedTuple

import numpy as np
import traitlets

from ._base import LiveFigure, bounded, bundle
from ._random import uniforms
from ._svg import RESET, Plot, control, fixed, node, power, table

LAST, RUNS, DELAY, START, SEED = 4000, 32, 10, 10.0, 7
TIMES = list(dict.fromkeys(math.floor(LAST ** (i / 40) + 0.5) for i in range(41)))
RANGES = {"eta": (0.2, 1.8), "alpha": (0.0, 1.5)}

ALT = (
    "Distance from the minimum against the step, both logarithmic. A broad line, the expected distance, is followed "
    "by the line of 32 runs. It is made of a dashed line, what is left of the start, which falls steeply, and a thin "
    "one, the noise, which takes over."
)
CAPTION = (
    "One weight of curvature 1, started at distance 10, coin-flip noise of variance 1, step sizes η_0(1 + k/10) to "
    "the power −α. Solid: root mean square of 32 runs. Broad: expected, made of what is left of the start (dashed) and "
    "noise (thin). Which α gets closest within 4000 steps, and why is it neither 0 nor 1.5?"
)


class _State(NamedTuple):
    measured: list[float]
    start: list[float]
    noise: list[float]
    expected: list[float]


class DecayingSteps(LiveFigure):
    """Slide the power α of the schedule η_k = η₀ (1 + k/10)^(−α) from a fixed step to one that stalls.

    Parameters
    ----------
    eta : float
        First step size η₀, 0.2 to 1.8.
    alpha : float
        Power of the decay, 0 to 1.5.

    Raises
    ------
    traitlets.TraitError
        If a value lies outside its range.

    Examples
    --------
    >>> DecayingSteps(alpha=1.4).describe().split(". ")[-1]
    'In the long run it stalls short.'
    """

    _esm = bundle("decaying_steps")
    title = traitlets.Unicode("Live figure: noise, and steps that shrink as a power of time").tag(sync=True)
    alt = traitlets.Unicode(ALT).tag(sync=True)
    caption = traitlets.Unicode(CAPTION).tag(sync=True)
    eta = traitlets.Float(0.4).tag(sync=True, control=True)
    alpha = traitlets.Float(0.0).tag(sync=True, control=True)

    @traitlets.validate("eta", "alpha")
    def _in_range(self, proposal: Any) -> float:
        name = proposal["trait"].name
        return bounded("DecayingSteps", name, proposal["value"], *RANGES[name])

    def _step_size(self, k: int) -> float:
        return float(self.eta * (1 + k / DELAY) ** -self.alpha)

    def _state(self) -> _State:
        """Run all 32 walks at once; every step flips one coin for each."""
        uniform = uniforms(SEED)  # of 32 bits: a coin for each walk
        flips = np.array([int(uniform() * 2**32) for _ in range(LAST)], dtype=np.uint32)
        signs = 2.0 * ((flips[:, None] >> np.arange(RUNS, dtype=np.uint32)) & 1) - 1
        errors, mean, variance = np.full(RUNS, START), START, 0.0
        measured, start, noise = [], [], []
        due = set(TIMES)
        for k in range(LAST):
            step = self._step_size(k)
            errors = (1 - step) * errors - step * signs[k]
            mean *= 1 - step
            variance = (1 - step) ** 2 * variance + step * step
            if k + 1 in due:
                measured.append(math.sqrt(float(errors @ errors) / RUNS))
                start.append(abs(mean))
                noise.append(math.sqrt(variance))
        return _State(measured, start, noise, [math.hypot(m, s) for m, s in zip(start, noise, strict=True)])

    @property
    def _verdict(self) -> tuple[str, str, str]:
        """Whether Ση and Ση² are finite, and what becomes of the run."""
        sums = ["finite" if self.alpha > border else "∞" for border in (1, 0.5)]
        fate = "stays in a ball" if self.alpha == 0 else "stalls short" if self.alpha > 1 else "arrives"
        return sums[0], sums[1], fate

    def describe(self) -> str:
        """Say what the picture shows."""
        measured, start, noise, expected = (fixed(v[-1], 3) for v in self._state())
        return (
            f"With η₀ = {fixed(self.eta, 1)} and α = {fixed(self.alpha, 1)}, 32 runs are {measured} from the minimum "
            f"after {LAST} steps (root mean square); expected {expected}: {start} left of the start, {noise} noise. "
            f"In the long run it {self._verdict[2]}."
        )

    def panels(self) -> dict[str, str]:
        """Draw the present state: HTML by area."""
        marks = [(0.5, "½", "after"), (1.0, "1", "after")]
        controls = control("η", "first step size", fixed(self.eta, 1), *RANGES["eta"], self.eta)
        controls += control("α", "power of the decay", fixed(self.alpha, 1), *RANGES["alpha"], self.alpha, marks=marks)
        now = self._state()
        measured, start, noise, expected = (fixed(v[-1], 3) for v in now)
        once, twice, fate = self._verdict
        rows = [("32 runs", measured, f"expected {expected}"), ("left of the start", start, ""), ("noise", noise, "")]
        sums = [("Ση", once, node("b", fate)), ("Ση²", twice, "")]
        titles = (f"at step {LAST}", "distance", "remark")
        return {
            "main": self._errors(now),
            "controls": controls + RESET,
            "side": self._schedule(),
            "table": table(rows, sums, titles=titles),
        }

    def _errors(self, now: _State) -> str:
        plot = Plot(
            *(360, 340, (22, 8, 34, 34), (0, math.log10(LAST)), (0.003, 30)),
            x_ticks=[(p, str(10**p)) for p in range(4)],
            y_ticks=[(10.0**p, power(p)) for p in (1, 0, -1, -2)],
            x_label="step k",
            y_label="distance from the minimum",
            alt=f"{self.alt} {self.describe()}",
            log_y=True,
        )
        lines = (("max", now.expected), ("path", now.noise), ("steep", now.start), ("shallow", now.measured))
        for name, values in lines:
            points = plot.points(map(math.log10, TIMES), (max(v, 1e-30) for v in values))
            plot.inside.append(node("polyline", class_=f"live-{name}", points=points))
        tags = (
            ("live-shallow live-tag", 40, "32 runs"),
            ("live-steep live-tag", 57, "left of the start"),
            ("live-note", 73, "thin: noise; broad: both"),
        )
        plot.over += [node("text", text, class_=name, x=200, y=y) for name, y, text in tags]
        return str(plot)

    def _schedule(self) -> str:
        plot = Plot(
            *(270, 222, (24, 14, 34, 34), (0, math.log10(LAST)), (1e-5, 10)),
            x_ticks=[(p, str(10**p)) for p in range(4)],
            y_ticks=[(10.0**p, power(p)) for p in (0, -2, -4)],
            x_label="step k",
            y_label="step size",
            alt="Step size against the step, both logarithmic; its right end can be dragged up and down.",
            log_y=True,
        )
        points = plot.points(map(math.log10, TIMES), map(self._step_size, TIMES))
        plot.inside.append(node("polyline", class_="live-path", points=points))
        plot.over.append(plot.grip(math.log10(LAST), self._step_size(LAST)))
        return str(plot)
