"""What random weights must have in common, whatever was drawn in which order.

Statistics are taken over 8000 weights or more. An estimate may be `SPREAD` of its standard deviations away from what is
right, for a normal estimate once in 10¹⁰. Over so many weights the estimates are nearly normal. The most skewed is the
mean fourth power of 8000 normal numbers: by its third cumulant (Cornish and Fisher) 7.5 of its standard deviations are
worth 6.1, once in 10⁹.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.expect import Failure

__all__ = ["Draws", "Rule", "Sample", "judge_draws", "judge_independence", "judge_law", "judge_scale", "judge_type"]

Array = NDArray[np.float64]

SPREAD = 6.5  #: standard deviations that an estimate may be away
MANY = 5000  #: weights from which statistics are taken
ROWS = 50  #: units whose weights are compared with each other's

#: Kurtosis of each law, and the variance of its estimate times the number of weights: 24 for normal weights; for
#: uniform ones by the delta method from the moments 1/3, 1/5, 1/7, 1/9 of a number between −1 and 1.
KURTOSIS = {"normal": (3.0, 24.0), "uniform": (1.8, 1.317)}
BEYOND_3 = 0.0026998  #: share of a normal law beyond three standard deviations


@dataclass(frozen=True)
class Rule:
    """A recipe: its law, and the property that fixes its variance.

    Parameters
    ----------
    law : str
        "normal" or "uniform", with mean 0.
    shares : (float, float)
        (a, b) such that the variance of a weight times (a·fan_in + b·fan_out) is 1.
    """

    law: str
    shares: tuple[float, float]

    def variance(self, fan_in: int, fan_out: int) -> float:
        """Return the variance of a weight."""
        return 1 / (self.shares[0] * fan_in + self.shares[1] * fan_out)


def _upright(W: Any, fan_in: int, fan_out: int) -> Array:
    """Read the numbers with a row per output, also where they came transposed: that is another line's business."""
    try:
        turned = np.shape(W) == (fan_in, fan_out)
    except ValueError:  # rows of different lengths
        turned = False
    entries = expect.numbers(np.transpose(W) if turned else W, (fan_out, fan_in), "W")
    largest = np.max(np.abs(entries))
    if largest and not 1e-100 < largest < 1e100:  # their squares would leave float64
        raise Failure(f"These are no weights to start from: the largest |w| is {largest:.3g}.")
    return entries


@dataclass(frozen=True)
class Sample:
    """One matrix that came, and what was asked for."""

    rule: Rule
    fan_in: int
    fan_out: int
    W: Any

    @property
    def wanted(self) -> float:
        """The variance that a weight should have."""
        return self.rule.variance(self.fan_in, self.fan_out)

    @cached_property
    def entries(self) -> Array:
        """The numbers, a row per output, also where they came as a list or transposed; or a `Failure`."""
        return _upright(self.W, self.fan_in, self.fan_out)

    @cached_property
    def distinct(self) -> int:
        """How many different numbers there are: copies of a number say nothing more about its law."""
        return int(np.unique(self.entries).size)

    @property
    def where(self) -> str:
        """Name the matrix."""
        return f"over the {self.entries.size} weights"

    def standardized(self) -> Array:
        """The entries with mean 0 and standard deviation 1."""
        scaled: Array = (self.entries - self.entries.mean()) / self.entries.std()
        return scaled

    def plain(self) -> Any:
        """Forget the draws where nothing is wrong with them, and their order where something is."""
        try:
            for judge in (judge_type, judge_scale, judge_law, judge_independence):
                judge(self)
        except Failure:
            try:
                return [expect.kind(self.W), np.sort(self.entries, axis=None)]
            except Failure:
                return [expect.kind(self.W)]
        return "as it should"


def judge_type(sample: Sample) -> None:
    """Ask for an array with a row per output and a column per input."""
    expect.array(sample.W, (sample.fan_out, sample.fan_in), "W")


def judge_scale(sample: Sample) -> None:
    """Ask for mean 0 and the rule's variance, and of a uniform law that it ends where it should."""
    entries, n = sample.entries, sample.distinct
    _not_all_equal(sample)
    if entries.size < MANY or n < 200:
        return
    wanted = sample.wanted
    mean, variance = entries.mean(), np.mean(entries**2)
    # a squared normal number has variance 2; a squared uniform one less
    if abs(variance / wanted - 1) > SPREAD * np.sqrt(2 / n):
        message = f"The variance {sample.where} should be near {wanted:.4g}, but for chance; it is {entries.var():.4g}."
        raise Failure(message, _known(sample, entries.var()))
    if abs(mean) > SPREAD * np.sqrt(wanted / n):
        clue = "None of them is negative." if entries.min() >= 0 else ""
        raise Failure(f"The mean {sample.where} should be 0, but for chance; it is {mean:.3g}.", clue)
    if sample.rule.law == "uniform" and n > MANY and _flat(sample):
        bound, largest = np.sqrt(3 * wanted), np.max(np.abs(entries))
        # all n weights stay below (1 − 25/n) of the bound once in e²⁵
        if not bound * (1 - 25 / n) <= largest <= bound * (1 + 1e-6):
            raise Failure(f"The largest |w| {sample.where} should be just below {bound:.5g}; it is {largest:.5g}.")


def _flat(sample: Sample) -> bool:
    try:
        judge_law(sample)
    except Failure:
        return False
    return True


def _not_all_equal(sample: Sample) -> None:
    if sample.distinct == 1 and min(sample.fan_in, sample.fan_out) > 1:
        raise Failure(f"All weights are {expect.show(sample.entries.flat[0])}: units that start alike stay alike.")


def _known(sample: Sample, variance: float) -> str:
    """Name a variance that belongs to something else."""
    fan_in, fan_out, wanted = sample.fan_in, sample.fan_out, sample.wanted
    both = fan_in + fan_out
    known = {
        "That fits 1/fan_in.": 1 / fan_in,
        "That fits 1/fan_out.": 1 / fan_out,
        "That fits 2/fan_in.": 2 / fan_in,
        "That fits 2/fan_out.": 2 / fan_out,
        "That fits 1/(fan_in + fan_out).": 1 / both,
        "That fits 2/(fan_in + fan_out).": 2 / both,
        "That fits 6/(fan_in + fan_out): is it a bound, and not a variance, that you know?": 6 / both,
        "It is about the square of the right variance.": wanted**2,
        "It is about the square root of the right variance: a standard deviation.": np.sqrt(wanted),
        "It is about 1: nothing scales the draws.": 1.0,
        "It is about a third of the right one.": wanted / 3,
        "It is about three times the right one.": 3 * wanted,
        "It is about half of the right one.": wanted / 2,
        "It is about twice the right one.": 2 * wanted,
    }
    closest = min(known, key=lambda sentence: abs(np.log(variance / known[sentence])))
    # a clue may be missing once in 2000 times; it should not be given where something else is nearly the same
    return closest if abs(variance / known[closest] - 1) < 3.5 * np.sqrt(2 / sample.distinct) else ""


def judge_law(sample: Sample) -> None:
    """Ask for the shape of the law, whatever its scale: symmetry, kurtosis, and the tails or the edges."""
    _not_all_equal(sample)
    n = sample.distinct
    if sample.entries.size < MANY or n < 1000:
        return
    z, law = sample.standardized(), sample.rule.law
    square = z * z  # z**3 and z**4 would call pow for every entry
    skewness, kurtosis, largest = float(np.mean(square * z)), float(np.mean(square**2)), float(np.max(np.abs(z)))
    wanted, spread = KURTOSIS[law]
    about = f"{sample.where}, scaled to standard deviation 1,"
    if abs(skewness) > SPREAD * np.sqrt(6 / n):
        raise Failure(f"The law should be symmetric; the mean third power {about} is {skewness:.3g}, not about 0.")
    if abs(kurtosis - wanted) > (SPREAD + 1) * np.sqrt(spread / n):
        message = f"The mean fourth power {about} should be near {wanted:g} for a {law} law; it is {kurtosis:.3g}."
        raise Failure(message, _shape(kurtosis, largest, n))
    if law == "uniform":
        # relative to the edge, the computed standard deviation scatters with variance 0.2/n and the mean with 1/(3n)
        if largest > np.sqrt(3) * (1 + SPREAD * np.sqrt((0.2 + 1 / 3) / n)):
            raise Failure(f"A uniform law ends at √3 ≈ 1.732 standard deviations; the largest is {largest:.4g}.")
    elif abs(np.mean(np.abs(z) > 3) - BEYOND_3) > SPREAD * np.sqrt(BEYOND_3 / n):
        share = np.mean(np.abs(z) > 3)
        message = f"Beyond 3 standard deviations lie {share:.2%} of the weights; of a normal law it is 0.27 %."
        raise Failure(message, _shape(kurtosis, largest, n))


def _shape(kurtosis: float, largest: float, n: int) -> str:
    """Say which other law the fourth power and the largest entry fit."""
    if abs(kurtosis - 1) < 1e-6:
        return "All weights have the same size."
    if abs(kurtosis - 1.8) < SPREAD * np.sqrt(1.317 / n) and largest < 1.75:
        return "That fits a uniform law."
    if largest < 3.3 and kurtosis < 3:
        return f"None is beyond {largest:.3g} standard deviations: a normal law is not cut off."
    if abs(kurtosis - 3) < SPREAD * np.sqrt(24 / n):
        return "That fits a normal law."
    return ""


def judge_independence(sample: Sample) -> None:
    """Ask that no weight knows of another: no copies, rows and columns neither alike nor at right angles."""
    entries = sample.entries
    if entries.size < 2:
        return
    if sample.distinct < 0.9 * entries.size:
        raise Failure(f"Of the {entries.size} weights only {sample.distinct} are different from each other.")
    if min(entries.shape) < ROWS:
        return
    centred = entries - entries.mean()
    for lines, name in ((centred, "rows"), (centred.T, "columns")):
        length = np.linalg.norm(lines, axis=1)
        if not length.all():
            raise Failure(f"Some {name} of W are constant.")
        count, dim = lines.shape
        cosines = (lines @ lines.T / np.outer(length, length))[~np.eye(count, dtype=bool)]
        # a squared cosine of independent directions has mean 1/dim and variance below 2/dim²; over the 1225 pairs of 50
        # rows, or more, their mean is within 0.04/dim (one standard deviation)
        alike = dim * np.mean(cosines**2)
        if not 0.5 < alike < 2:
            how = "more alike" if alike > 1 else "closer to right angles"
            raise Failure(f"The {name} of W are {how} than independent draws would make them.")
        # squared lengths scatter like a sum of dim squares; a χ² of 49 or more degrees of freedom leaves
        # (0.1, 3.5) times its mean less than once in 10¹¹
        square = lines**2
        kurtosis = np.mean(square**2) / np.mean(square) ** 2
        scatter = np.var(length**2) / (dim * (kurtosis - 1) * np.mean(square) ** 2) if kurtosis > 1.01 else 1.0
        if not 0.1 < scatter < 3.5:
            how = "more" if scatter > 1 else "less"
            raise Failure(f"The lengths of the {name} of W differ {how} than those of independent draws.")


@dataclass(frozen=True)
class Draws:
    """Two matrices from one generator, one from its twin, one from another generator."""

    fans: tuple[int, int]
    first: Any
    second: Any
    twin: Any
    other: Any

    def plain(self) -> list[bool]:
        """Return what agrees with what."""
        return [np.array_equal(self.first, w) for w in (self.second, self.twin, self.other)]


def judge_draws(draws: Draws) -> None:
    """Ask that the given generator, and it alone, decides on the weights, and that it is used up by them."""
    _upright(draws.first, *draws.fans)
    second, twin, other = draws.plain()
    if not twin:
        raise Failure("Two generators in the same state should give the same weights; they give different ones.")
    if other:
        raise Failure("Generators with different seeds should give different weights; they give the same.")
    if second:
        raise Failure("Two matrices drawn one after the other from one generator are the same.")
