"""The signs of random Hessians (row N3): shares that are known exactly, met by chance within bounds.

``(G + Gᵀ)/2`` with standard normal G is a matrix of the Gaussian orthogonal ensemble. With probability P_n all its
eigenvalues are positive, with the same probability all are negative, and both signs occur with 1 − 2P_n. For n = 2
the matrices with one sign fill a double cone of half-angle 45°, and 1 − 2P₂ = cos 45° = 1/√2. For n = 3
P₃ = (π − 2√2)/(4π). For n = 12 P is 6·10⁻²⁰ (de Bruijn's formula; the tests compute all three with
`dlopt.random_hessians`).

A count of both signs is binomial. A first share over `FEW` matrices is believed if it lies within `NEAR` standard
deviations, else `MANY` more are drawn. Entries uniform between −1 and 1, a known mistake, give 0.6807
for n = 2 and 0.9398 for n = 3: a first look believes them once in a thousand times and once in fifty (a test). A right
answer is refused if either share misses by `SPREAD` of them: in the exact binomial law less than once in 10⁹ for both n
and both numbers of matrices (a test sums the tails). Over `MANY` matrices 6.5 standard deviations are 0.0121 at n = 2
and 0.0058 at n = 3.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps10_landscapes._cases import generator
from dlopt.checks.scenes import of_seed

__all__ = ["FEW", "KNOWN", "MANY", "NEAR", "SPREAD", "random_hessian_saddle_fraction"]

Rng = np.random.Generator

LARGE = (12, 25, 15)  #: sizes at which no matrix has a single sign
KNOWN = {2: math.sqrt(0.5), 3: 0.5 + math.sqrt(2) / math.pi}  #: share of both signs among n × n matrices
FEW, MANY = 8_000, 60_000  #: matrices of a first look, and of a second one where the first leaves a doubt
NEAR, SPREAD = 2.0, 6.5  #: standard deviations


def _spread(n: int, samples: int) -> float:
    return math.sqrt(KNOWN[n] * (1 - KNOWN[n]) / samples)


def _canonical(found: Any) -> Any:
    """Reduce what a scenario found to what chance does not decide."""
    if isinstance(found, dict) and "shares" in found:
        return _nearest(found)
    if isinstance(found, dict):
        return _plain(found)
    try:
        _judge_source(found)
    except Failure as failure:
        return failure.message
    return "as it should"


def _plain(found: dict[str, Any]) -> str:
    """Say what kind of number a share is, and which one only where it is 0 or 1."""
    share, told = found["share"], expect.kind(found["share"])
    try:
        value = float(expect.numbers(share, ()))
        _judge_whole(found)
    except Failure as failure:
        return f"{told}, {failure.clue}"
    return f"{told}, {value:g}" if found["n"] in (1, *LARGE) and value in (0, 1) else f"{told}, a share"


def _nearest(found: dict[str, Any]) -> str:
    """Name the share of something known that came, or round it."""
    try:
        share = float(expect.numbers(found["shares"][-1], ()))
        _judge_share(found)
    except Failure as failure:
        return failure.clue or f"about {share:.1f}" if "near" in failure.message else failure.message
    return "as it should"


random_hessian_saddle_fraction = Exercise(
    "random_hessian_saddle_fraction", ("n", "samples", "rng"), limit=20.0, canonical=_canonical
)


# --- scenarios


def _count(candidate: Any, n: int, rng: Rng) -> dict[str, Any]:
    """Ask for a share, and once more with more matrices where it is neither clearly right nor clearly wrong."""
    shares = [candidate(n, FEW, rng)]
    try:
        off = abs(float(shares[0]) - KNOWN[n]) / _spread(n, FEW)
    except (TypeError, ValueError):
        off = math.inf
    if NEAR < off < SPREAD:
        shares.append(candidate(n, MANY, rng))
    return {"n": n, "shares": shares}


def _ask(candidate: Any, n: int, samples: int, rng: Rng) -> dict[str, Any]:
    """Ask for one share."""
    return {"n": n, "samples": samples, "share": candidate(n, samples, rng)}


def _draws(candidate: Any, rng: Rng, twin: Rng, other: Rng) -> list[list[Any]]:
    """Ask for twelve shares from one generator, from its twin, and from another one."""
    return [[candidate(2, 40, source) for _ in range(12)] for source in (rng, twin, other)]


# --- cases


def _asking(n: int, samples: int, rng: Rng) -> Case:
    return Case((n, samples, rng), f"n = {n}, samples = {samples}", scenario=_ask)


@of_seed
def _two(seed: int) -> list[Case]:
    return [Case((2, generator(seed, 70)), f"n = 2, samples = {FEW}", scenario=_count)]


@of_seed
def _three(seed: int) -> list[Case]:
    return [Case((3, generator(seed, 71)), f"n = 3, samples = {FEW}", scenario=_count)]


@of_seed
def _one(seed: int) -> list[Case]:
    return [_asking(1, samples, generator(seed, 72)) for samples in (1, 200)]


@of_seed
def _large(seed: int) -> list[Case]:
    return [_asking(n, samples, generator(seed, 73, n)) for n, samples in zip(LARGE, (30, 7, 1), strict=True)]


@of_seed
def _few(seed: int) -> list[Case]:
    sizes = ((2, 1), (2, 7), (3, 3), (2, 64), (4, 11), (2, 997))
    return [_asking(n, samples, generator(seed, 74, samples)) for n, samples in sizes]


@of_seed
def _sources(seed: int) -> list[Case]:
    sources = generator(seed, 75), generator(seed, 75), generator(seed, 76)
    return [Case(sources, "shares of n = 2, samples = 40, from one generator, its twin and another", scenario=_draws)]


# --- properties


@random_hessian_saddle_fraction.prop(
    points=0.25, cases=_few, hint="A share is one number. np.mean of truth values is one."
)
def saddle_type(case: Case, got: Any) -> None:
    """Returns a float"""
    expect.scalar(got["share"])


@random_hessian_saddle_fraction.prop(
    points=0.5, cases=_few, hint="Of so many samples, how many have both signs? Divide that by the number of samples."
)
def saddle_share(case: Case, got: Any) -> None:
    """It is a share of samples matrices: a whole number of them, divided by samples"""
    _judge_whole(got)


def _judge_whole(found: dict[str, Any]) -> None:
    samples, share = found["samples"], float(expect.numbers(found["share"], ()))
    count = share * samples
    if not -1e-9 <= share <= 1 + 1e-9:
        raise Failure(
            f"A share lies between 0 and 1; it is {share:.5g}.", "Is it a count, or a percentage?" if share > 1 else ""
        )
    if abs(count - round(count)) > 1e-6 * max(1.0, count):
        said = f"Of {samples} matrices the share {share:.6g} would be {count:.4g}."
        raise Failure(said, "That is no whole number of matrices.")


@random_hessian_saddle_fraction.prop(points=0.5, cases=_one, hint="How many eigenvalues does a 1 × 1 matrix have?")
def saddle_one(case: Case, got: Any) -> None:
    """For n = 1 there are no two signs: the share is 0"""
    expect.close(got["share"], 0.0, "The share")


def _judge_share(found: dict[str, Any]) -> None:
    n, shares = found["n"], [float(expect.numbers(s, ())) for s in found["shares"]]
    for share, samples in zip(shares, (FEW, MANY), strict=False):
        if abs(share - KNOWN[n]) > SPREAD * _spread(n, samples):
            said = f"The share of {n} × {n} matrices with both signs should be near {KNOWN[n]:.4f}, but for chance"
            raise Failure(f"{said}; it is {share:.4f} over {samples} matrices.", _known(n, share, samples))


def _known(n: int, share: float, samples: int) -> str:
    """Name another share that it fits, where it is one of these."""
    positive = (1 - KNOWN[n]) / 2
    named = {
        "That is the share of matrices with a single sign.": 2 * positive,
        "That is the share with positive eigenvalues only: the minima.": positive,
        "It fits the share that has some negative eigenvalue: maxima count as saddles then.": 1 - positive,
        "It fits tossed coins, 1 − 2·2⁻ⁿ: eigenvalues repel each other and are no coins.": 1 - 2.0 ** (1 - n),
        "It fits a half: is it the sign of one number that you ask for?": 0.5,
        "It is 0: every one of these matrices has a single sign.": 0.0,
        "It is 1: every one of these matrices counts.": 1.0,
    }
    if n == 2:
        # counted over four million matrices: the cone is no circular one then
        named["It fits matrices whose entries all have variance 1: (G + Gᵀ)/2 halves it off the diagonal."] = 0.7683
    close = {sentence: abs(share - value) for sentence, value in named.items()}
    best = min(close, key=lambda sentence: close[sentence])
    return best if close[best] < 4.5 * math.sqrt(0.25 / samples) / 2 else ""


@random_hessian_saddle_fraction.prop(
    points=0.5,
    cases=_two,
    hint="Look at ten of your matrices and their eigenvalues: normal entries, symmetric, and when do you count one?",
)
def saddle_two(case: Case, got: Any) -> None:
    """Of 2 × 2 matrices a share of 1/√2 has both signs, but for chance"""
    _judge_share(got)


@random_hessian_saddle_fraction.prop(
    points=0.5, cases=_three, hint="With three eigenvalues, what does the sign of their product still say?"
)
def saddle_three(case: Case, got: Any) -> None:
    """Of 3 × 3 matrices a share of 0.9502 has both signs, but for chance"""
    _judge_share(got)


@random_hessian_saddle_fraction.prop(
    points=0.25, cases=_large, hint="Twelve eigenvalues with one sign: once in 10¹⁹ matrices."
)
def saddle_large(case: Case, got: Any) -> None:
    """Of large matrices all have both signs"""
    expect.close(got["share"], 1.0, "The share")


def _judge_source(found: list[list[Any]]) -> None:
    # twelve shares of 40 agree by chance with probability 0.098¹² < 10⁻¹², 0.098 = Σ P(count)² of the binomial law
    mine, twin, other = ([float(expect.numbers(s, ())) for s in shares] for shares in found)
    if all(s == mine[0] for s in mine):
        raise Failure("Twelve calls with the same generator gave the same share each time: is something seeded inside?")
    if mine != twin:
        raise Failure("Two generators in the same state gave different shares: something else decides as well.")
    if mine == other:
        raise Failure("Generators in different states gave the same shares: rng does not decide.")


@random_hessian_saddle_fraction.prop(
    points=0.5, cases=_sources, hint="All chance comes from the generator that was handed in; make none of your own."
)
def saddle_rng(case: Case, got: Any) -> None:
    """The given generator decides, and every call draws new matrices"""
    _judge_source(got)
