"""The perceptron (row L6).

Its rule is not run here. What a student's function returns for the first n samples and one epoch is the weights after
sample n: so every single step can be held against the contract's sentence, and further epochs against one epoch
over the samples repeated. Data are whole numbers, so that no rounding decides whether a sample counts as a mistake.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps1_losses._cases import Array, generator, layouts, of_seed, small
from dlopt.checks.ps1_losses._played import one_epoch

__all__ = ["perceptron"]

MANY = 3_000_000  #: epochs that nobody sits through who does not have to

perceptron = Exercise("perceptron", ("X", "t", "max_epochs"), limit=2.0)


def _signs(rng: np.random.Generator, n: int) -> Array:
    """Draw labels, both of them where there is room."""
    return rng.permutation(np.where(np.arange(n) < max(1, n // 2), 1.0, -1.0))


def _whole(rng: np.random.Generator, n: int, d: int) -> Array:
    return rng.integers(-3, 4, size=(n, d)).astype(float)


def _separable(rng: np.random.Generator, n: int, d: int) -> tuple[Array, Array]:
    """Draw points on both sides of a plane that misses the origin, none of them close to it."""
    normal = rng.integers(1, 4, size=d) * rng.choice([-1.0, 1.0], size=d)
    offset = rng.choice([-1.0, 1.0]) * (np.abs(normal).max() + 0.5)
    points = _whole(rng, 60 * n, d)
    height = points @ normal + offset
    far = np.abs(height) > 1
    sides = [points[far & (np.sign(height) == side)][: n // 2] for side in (1.0, -1.0)]
    order = rng.permutation(len(sides[0]) + len(sides[1]))
    t = np.repeat([1.0, -1.0], [len(side) for side in sides])
    return np.concatenate(sides)[order], t[order]


@of_seed
def _single(seed: int) -> list[Case]:
    """One sample: at weights 0 it counts as a mistake, and after one correction it is right."""
    rng = generator(seed, 40)
    cases = []
    for d, t in ((2, 1.0), (1, -1.0), (3, -1.0)):
        x = np.array([2.0, -1.0]) if seed == 1 and d == 2 else rng.integers(1, 4, size=d) * rng.choice([-1.0, 1.0], d)
        truth = np.r_[x, 1.0] * t
        cases.append(Case((x[None], np.array([t]), 5), f"X = {small(x[None])}, t = {small([t])}", truth))
    return cases


@of_seed
def _together(seed: int) -> list[Case]:
    rng = generator(seed, 41)
    cases = []
    for n, d in ((4, 2), (9, 3), (6, 1), (5, 5)):
        X, t = _whole(rng, n, d), _signs(rng, n)
        cases.append(Case((X, t, 4), f"N = {n}, D = {d}", X.shape[1] + 1))
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def _guarded(seed: int) -> list[Case]:
    return _together(seed) + layouts(_together(seed)[1], "read-only")


@perceptron.prop(points=0.25, cases=_together, hint="D weights, and the bias behind them.")
def perceptron_type(case: Case, got: Any) -> None:
    """Returns an array of shape (D + 1,)"""
    expect.array(got, (case.truth,), "The result")


@perceptron.prop(
    points=0.5,
    cases=_single,
    hint="All weights are 0 at the start, so t(w·x + b) is 0. Is that a mistake? And where does the bias go?",
)
def perceptron_first(case: Case, got: Any) -> None:
    """A first sample is a mistake, and is corrected"""
    expect.close(got, case.truth, "The result")


# --- one epoch, step by step


def _per_sample(args: tuple[Any, ...], found: Any) -> Any:
    """Ask for something after every sample."""
    expect.collected(found, len(args[0]))
    return found


@of_seed
def _epochs(seed: int) -> list[Case]:
    rng = generator(seed, 42)
    cases = []
    for number, (n, d) in enumerate(((5, 2), (12, 3), (10, 1), (10, 4))):
        X, t = _whole(rng, n, d), _signs(rng, n)
        if seed == 1 and number == 0:
            X, t = np.array([[1.0, 0], [2, 0], [2, 1], [-1, 1], [0, -1]]), np.array([1.0, -1, 1, -1, 1])
        name = f"X = {small(X)}, t = {small(t)}" if n <= 5 else f"N = {n}, D = {d}"
        cases.append(Case((X, t), f"one epoch, {name}", scenario=one_epoch, reading=_per_sample))
    return cases


@perceptron.prop(
    points=1.25,
    cases=_epochs,
    hint="Each sample is judged by the weights that the one before has left, and only a mistake changes them.",
)
def perceptron_epoch(case: Case, got: Any) -> None:
    """One epoch: each sample in turn changes the weights if it is a mistake"""
    X, t = case.args
    points = np.column_stack([X, np.ones(len(X))])
    before = np.zeros(points.shape[1])
    for n, (point, sign, found) in enumerate(zip(points, t, got, strict=True)):
        side = float(sign * (before @ point))
        after = before + (side <= 0) * sign * point
        told = "a mistake" if side <= 0 else "no mistake"
        name = f"The result after sample {n + 1} (x = {small(X[n])}, t = {sign:g}; t(w·x + b) was {side:g}, {told})"
        expect.close(found, after, name)
        before = after


# --- epoch after epoch


def _quiet(rng: np.random.Generator) -> Case:
    """Lay out samples whose second epoch brings a single mistake, while the third brings two again.

    Mirroring and exchanging the columns moves the weights along and leaves it at that.
    """
    X = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    X = (X * rng.choice([-1.0, 1.0], 2))[:, rng.permutation(2)] + 0.0  # no -0. in the label
    t = np.array([1.0, -1.0, -1.0, 1.0])
    return Case((X, t, 1000), f"X = {small(X)}, t = {small(t)}, max_epochs = 1000")


@of_seed
def _lines(seed: int) -> list[Case]:
    rng = generator(seed, 43)
    cases = [_quiet(generator(seed, 46))]
    for n, d in ((6, 2), (10, 2), (6, 1), (12, 4)):
        X, t = _separable(rng, n, d)
        cases.append(Case((X, t, 1000), f"{len(X)} samples that a plane separates, D = {d}, max_epochs = 1000"))
    return cases


@of_seed
def _easy(seed: int) -> list[Case]:
    """Samples along one direction: a few corrections are enough, with a bias or without one."""
    rng = generator(seed, 44)
    cases = []
    for n, d in ((4, 2), (7, 3)):
        direction = rng.integers(1, 3, size=d) * rng.choice([-1.0, 1.0], d)
        t = _signs(rng, n)
        X = (t * rng.integers(3, 6, size=n))[:, None] * direction
        cases.append(Case((X, t, MANY), f"N = {n}, D = {d}, easily separated, max_epochs = {MANY}"))
    return cases


def _all_right(case: Case, got: Any) -> None:
    X, t, _ = case.args
    w = expect.numbers(got, (X.shape[1] + 1,), "The result")
    sides = t * (X @ w[:-1] + w[-1])
    if np.all(sides > 0):
        return
    n = int(np.argmin(sides))
    where = "on the line" if sides[n] == 0 else "on the wrong side"
    message = f"Sample {n} (x = {small(X[n])}, t = {t[n]:g}) is still {where}: t(w·x + b) = {sides[n]:g}."
    clue = "All weights are 0." if not w.any() else ""
    raise Failure(message, clue)


@perceptron.prop(
    points=0.75,
    cases=_lines,
    hint="These samples can be separated, so the corrections come to an end. Until then there is another epoch to run.",
)
def perceptron_separates(case: Case, got: Any) -> None:
    """Goes on until every sample is right, where that is possible"""
    _all_right(case, got)


@perceptron.prop(
    points=0.5,
    cases=_easy,
    hint="An epoch without a mistake changes nothing, and neither would any later one. Does yours notice?",
)
def perceptron_stops(case: Case, got: Any) -> None:
    """Stops once an epoch brings no mistake"""
    _all_right(case, got)


def epochs_and_repeats(function: Any, X: Array, t: Array, epochs: int) -> list[Any]:
    """Collect the weights after several epochs, and after one epoch over the samples repeated as often."""
    return [function(X.copy(), t.copy(), epochs), function(np.tile(X, (epochs, 1)), np.tile(t, epochs), 1)]


@of_seed
def _hopeless(seed: int) -> list[Case]:
    """Samples that no plane separates: one of them comes again with the other label. And two that take many epochs.

    Weights that go in circles may be back after one epoch more. Those of the two cannot: while a plane exists, every
    mistake brings them closer to its direction.
    """
    rng = generator(seed, 45)
    single = Case(
        (np.array([[1.0, 2.0]]), np.array([1.0]), 3), "a single sample, 3 epochs", scenario=epochs_and_repeats
    )
    cases = [single]
    for n, d, epochs in ((6, 2, 2), (8, 3, 5), (5, 1, 7)):
        X, t = _whole(rng, n, d), _signs(rng, n)
        X[0] = rng.integers(1, 4, size=d)
        X[-1], t[-1] = X[0], -t[0]
        label = f"N = {n}, D = {d}, not separable, max_epochs = {epochs}"
        cases.append(Case((X, t, epochs), label, scenario=epochs_and_repeats))
    X = rng.choice([-1.0, 1.0]) * np.array([[4.0], [5.0]])
    close = Case((X, np.array([1.0, -1.0]), 3), f"X = {small(X)}, t = [1, -1], 3 epochs", scenario=epochs_and_repeats)
    return [*cases, close]


@perceptron.prop(
    points=0.5,
    cases=_hopeless,
    hint="Samples that no line separates make mistakes for ever: max_epochs passes over all of them, then it is over.",
)
def perceptron_epochs(case: Case, got: Any) -> None:
    """Makes max_epochs epochs and no more, each beginning where the last one ended"""
    X, _, epochs = case.args
    size = (X.shape[1] + 1,)
    several, repeated = (expect.numbers(w, size, "The result") for w in got)
    if len(X) == 1 and not several.any():
        raise Failure("After the first sample all weights are still 0.")
    expect.close(
        several, repeated, f"The result of {epochs} epochs (held against one epoch over {epochs} copies of the samples)"
    )


perceptron.keeps_inputs(points=0.25, cases=_guarded)
