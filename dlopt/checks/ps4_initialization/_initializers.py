"""The four recipes for random weights (row I3)."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlopt.checks.beside import snapshot
from dlopt.checks.case import Case, CasesOf
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps4_initialization import _weights
from dlopt.checks.ps4_initialization._chain import generator
from dlopt.checks.ps4_initialization._weights import Draws, Rule, Sample
from dlopt.checks.scenes import canonical, of_seed

__all__ = ["RULES", "he_normal", "lecun_normal", "xavier_normal", "xavier_uniform"]

Rng = np.random.Generator

RULES = {
    "lecun_normal": Rule("normal", (1, 0)),
    "xavier_uniform": Rule("uniform", (0.5, 0.5)),
    "xavier_normal": Rule("normal", (0.5, 0.5)),
    "he_normal": Rule("normal", (0.5, 0)),
}

LAWS = {
    "normal": (
        "The weights are normal, tails included",
        "rng.normal draws from the whole bell: nothing is cut off at two standard deviations, and nothing is flat.",
    ),
    "uniform": (
        "The weights are uniform, as many near the edges as in the middle",
        "A uniform law has the same density everywhere between its two edges, which lie at plus and minus the bound.",
    ),
}


def _matrices(name: str) -> CasesOf:
    """Return the cases of a recipe: large non-square matrices, a very wide one, and the smallest."""

    def sample(args: tuple[Any, ...], found: Any) -> Sample:
        fan_in, fan_out, _ = args
        return Sample(RULES[name], fan_in, fan_out, found)

    def matrices(seed: int) -> list[Case]:
        rng = generator(seed, 20)
        more, fewer = int(rng.integers(330, 380)), int(rng.integers(70, 90))
        if seed == 1:
            more, fewer = 360, 80
        sizes = ((more, fewer), (fewer, more), (1, 8000), (3, 2), (1, 1))
        return [
            Case((i, o, generator(seed, 21, number)), f"fan_in = {i}, fan_out = {o}", reading=sample)
            for number, (i, o) in enumerate(sizes)
        ]

    return of_seed(matrices)


def _draws(initializer: Any, fan_in: int, fan_out: int, rng: Rng, twin: Rng, other: Rng) -> Draws:
    """Draw two matrices from one generator, and one each from its twin and another."""
    drawn = [snapshot(initializer(fan_in, fan_out, source)) for source in (rng, rng, twin, other)]
    return Draws((fan_in, fan_out), *drawn)


@of_seed
def _generators(seed: int) -> list[Case]:
    sources = generator(seed, 22), generator(seed, 22), generator(seed, 23)
    return [Case((6, 5, *sources), "two matrices from one generator, one from its twin", scenario=_draws)]


def _initializer(name: str, scale: str, hint: str) -> Exercise:
    """Hang the properties of random weights on a recipe.

    Parameters
    ----------
    name : str
        A key of `RULES`.
    scale : str
        What students read of its scale.
    hint : str
        Where to think when the scale is not right.
    """
    others = tuple(other for other in RULES if other != name)  # one recipe may be written in terms of another
    lent = ("ps4_initialization", others)
    exercise = Exercise(name, ("fan_in", "fan_out", "rng"), canonical=canonical, lent=lent)
    cases = _matrices(name)
    law, law_hint = LAWS[RULES[name].law]

    def weights_type(case: Case, got: Sample) -> None:
        _weights.judge_type(got)

    def weights_scale(case: Case, got: Sample) -> None:
        _weights.judge_scale(got)

    def weights_law(case: Case, got: Sample) -> None:
        _weights.judge_law(got)

    def weights_independent(case: Case, got: Sample) -> None:
        _weights.judge_independence(got)

    def weights_rng(case: Case, got: Draws) -> None:
        _weights.judge_draws(got)

    weights_type.__doc__ = "Returns an array of shape (fan_out, fan_in)"
    weights_scale.__doc__ = scale
    weights_law.__doc__ = law
    weights_independent.__doc__ = "Every weight is a draw of its own"
    weights_rng.__doc__ = "The given generator decides, and gives new weights at every call"

    row = "A row per output, a column per input, so that y = x @ W.T."
    own = "Units that start with the same weights stay the same: every entry of W needs a draw of its own."
    source = "Every random number comes from the rng you are handed; np.random.… and a generator of your own do not."
    exercise.prop(points=0.5, cases=cases, hint=row)(weights_type)
    exercise.prop(points=0.75, cases=cases, hint=hint)(weights_scale)
    exercise.prop(points=0.25, cases=cases, hint=law_hint)(weights_law)
    exercise.prop(points=0.25, cases=cases, hint=own)(weights_independent)
    exercise.prop(points=0.25, cases=_generators, hint=source)(weights_rng)
    return exercise


lecun_normal = _initializer(
    "lecun_normal",
    "Mean 0, and a variance that keeps that of the sums over the inputs",
    "A sum over fan_in terms has fan_in times the variance of one. And what does rng.normal take: variance or scale?",
)
xavier_uniform = _initializer(
    "xavier_uniform",
    "Mean 0, Xavier's variance, and edges where they belong",
    "Between −Δ and Δ the variance is Δ²/3. Solve that for Δ, with both fans in the variance.",
)
xavier_normal = _initializer(
    "xavier_normal",
    "Mean 0 and Xavier's variance, between both fans",
    "1/variance is the mean of the two wishes, fan_in and fan_out. And rng.normal takes the standard deviation.",
)
he_normal = _initializer(
    "he_normal",
    "Mean 0, and a variance that makes up for what ReLU drops",
    "ReLU keeps half of the mean square. By how much larger than LeCun's must the variance be, in terms of which fan?",
)
