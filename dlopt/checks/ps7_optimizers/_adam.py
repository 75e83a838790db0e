"""Adam and AMSGrad (rows A9, A10): corrected averages are weighted means of the past, the latest weighing most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps7_optimizers._cases import LARGE, LONG, SHAPES, UNITS, along, case, fading, generator, gradients
from dlopt.checks.ps7_optimizers._clues import same_walk
from dlopt.checks.ps7_optimizers._manners import hang_manners, hang_type
from dlopt.checks.scenes import of_seed, small

__all__ = ["AMSGrad", "Adam"]

Array = NDArray[np.float64]
Rng = np.random.Generator
DEFAULTS = (1e-3, 0.9, 0.999, 1e-8)
NAMES = ("lr", "beta1", "beta2", "eps")

Adam = Exercise("Adam", NAMES, kind="class")
AMSGrad = Exercise("AMSGrad", NAMES, kind="class")


def _weights(beta: float, steps: int) -> tuple[Array, Array]:
    """Return the weights (T, T) of every average of the past, and their sums (T,)."""
    weights = fading(beta, steps)
    return weights, weights.sum(axis=1)


def _walked(
    rng: Rng, grads: Array, settings: Sequence[float], *, peak: bool, note: str = "", named: Sequence[str] = ()
) -> Case:
    """Make the case of a walk; with ``peak`` the largest sum of weighted squares so far divides, as in AMSGrad."""
    given = dict(zip(NAMES, DEFAULTS, strict=True)) | dict(zip(NAMES, settings, strict=False))
    if named:
        given = dict(zip(NAMES, DEFAULTS, strict=True)) | dict(zip(named, settings, strict=True))
    lr, beta1, beta2, eps = (given[name] for name in NAMES)
    column = (-1, *[1] * (grads.ndim - 1))
    w1, total1 = _weights(beta1, len(grads))
    w2, total2 = _weights(beta2, len(grads))
    squares = along(w2, grads**2)
    squares = np.maximum.accumulate(squares, axis=0) if peak else squares
    roots = np.sqrt(squares / total2.reshape(column))
    steps = -lr * along(w1, grads) / total1.reshape(column) / (roots + eps)
    start = np.asarray(lr * rng.normal(size=grads.shape[1:]))

    def context(k: int) -> Context:
        first, second = 1 / ((1 - beta1) * total1[k]), ((1 - beta2) * total2[k]) ** -0.5
        factors = {"1/(1 − beta1^t)": first, "1/√(1 − beta2^t)": second, "√(1 − beta2^t)/(1 − beta1^t)": first / second}
        return Context(factors={**factors, "lr": lr})

    return case(settings, start, grads, steps, named=named, note=note, context=context)


def _faint(rng: Rng, unit: float) -> Array:
    grads = unit * rng.choice([-1, 1], (12, 3)) * rng.uniform(0.3, 3, (12, 3))
    grads[:2, 0] = 0.0
    return np.asarray(grads)


def _first(rng: Rng, *, peak: bool) -> list[Case]:
    cases = []
    for settings in ((0.1,), (0.5, 0.8, 0.9), (2, 0.0, 0.99)):
        g = rng.choice([-1, 1], (1, 3)) * 10 ** rng.uniform([2, 3, 5], [3, 4, 6], (1, 3))
        cases.append(_walked(rng, g, settings, peak=peak, note=f", grad = {small(g[0])}"))
    return cases


def _small(rng: Rng, *, peak: bool) -> list[Case]:
    faint = ", gradients as small as eps, some of them 0"
    return [
        _walked(rng, _faint(rng, 1e-8), (0.1,), peak=peak, note=f"{faint} (the default)"),
        _walked(rng, _faint(rng, 0.1), (0.3, 0.8, 0.9, 0.2), peak=peak, note=faint),
        _walked(rng, _faint(rng, 1e-3), (0.1, 1e-3), peak=peak, note=faint, named=("lr", "eps")),
    ]


def _by_default(rng: Rng, *, peak: bool) -> list[Case]:
    note = ", all settings left out"
    cases = [_walked(rng, gradients(rng, LONG, (3,), LARGE), (), peak=peak, note=note)]
    grads = gradients(rng, 40, (3,), LARGE)
    return [*cases, _walked(rng, grads, (0.95, 0.5), peak=peak, named=("beta2", "beta1"))]


# --- Adam


def _make_adam(rng: Rng, shape: tuple[int, ...], steps: int) -> Case:
    return _walked(rng, gradients(rng, steps, shape), (0.1, 0.8, 0.9), peak=False)


def _by_hand(rng: Rng) -> Case:
    grads = np.array([[200.0, -100.0], [200.0, 100.0], [200.0, -100.0]])
    return _walked(rng, grads, (0.1,), peak=False, note=f", gradients {small(grads)}")


@of_seed
def _walks(seed: int) -> list[Case]:
    rng = generator(seed, 61)
    cases = [_by_hand(rng)] if seed == 1 else []
    for settings, shape in zip(((0.01,), (0.1, 0.8, 0.99), (1, 0.95, 0.9)), SHAPES, strict=False):
        grads = gradients(rng, LONG, shape, LARGE)
        cases.append(_walked(rng, grads, settings, peak=False, note=f", {UNITS}"))
    burst = gradients(rng, LONG, (3,), LARGE)
    burst[20] *= 100
    return [*cases, _walked(rng, burst, (0.1, 0.9, 0.9), peak=False, note=", one gradient a hundred times the others")]


@of_seed
def _starts(seed: int) -> list[Case]:
    return _first(generator(seed, 62), peak=False)


@of_seed
def _epsilons(seed: int) -> list[Case]:
    return _small(generator(seed, 63), peak=False)


@of_seed
def _defaults(seed: int) -> list[Case]:
    return _by_default(generator(seed, 64), peak=False)


START = "Both averages start at 0. By how much is each too small after one gradient?"
EPS = "eps is added to the root of the corrected average, last of all. Where gradients are tiny its place shows."

hang_type(Adam, "adam", _walks)


@Adam.prop(points=0.25, cases=_starts, hint=START)
def adam_start(case: Case, got: Any) -> None:
    """The first step is lr in every coordinate, however large its gradient"""
    same_walk(case, got)


@Adam.prop(
    points=1.5,
    cases=_walks,
    hint="Two averages, of g and of g², each with a beta and a correction of its own. t counts updates, from 1.",
)
def adam_walk(case: Case, got: Any) -> None:
    """Two hundred updates are right, for any betas, also after a burst"""
    same_walk(case, got)


@Adam.prop(points=0.25, cases=_epsilons, hint=EPS)
def adam_eps(case: Case, got: Any) -> None:
    """eps is added to the root of the corrected average: right where gradients are tiny or 0"""
    same_walk(case, got)


@Adam.prop(points=0.25, cases=_defaults, hint="The signature in the contract has a number for each of the four.")
def adam_defaults(case: Case, got: Any) -> None:
    """Settings that are left out are the contract's, those given by name are taken"""
    same_walk(case, got)


hang_manners(Adam, "adam", _make_adam, 60)


# --- AMSGrad


def _make_peaks(rng: Rng, shape: tuple[int, ...], steps: int) -> Case:
    return _walked(rng, _bursting(rng, shape, steps), (0.1, 0.8, 0.9), peak=True)


def _bursting(rng: Rng, shape: tuple[int, ...], steps: int) -> Array:
    """Draw gradients with a burst at the start and another later on, each in a coordinate of its own as it comes."""
    grads = gradients(rng, steps, shape, LARGE)
    grads[0] = 3 * np.max(np.abs(grads), axis=0)
    grads[steps // 3] *= 8 * rng.uniform(0.5, 2, shape)
    return grads


@of_seed
def _peaks(seed: int) -> list[Case]:
    rng = generator(seed, 71)
    cases = []
    for settings, shape in zip(((0.01,), (0.1, 0.8, 0.9), (1, 0.0, 0.7), (0.05, 0.9, 0.99)), SHAPES, strict=True):
        cases.append(_walked(rng, _bursting(rng, shape, LONG), settings, peak=True, note=", two bursts"))
    return cases


@of_seed
def _rising(seed: int) -> list[Case]:
    """Gradients that never shrink: the latest average is the largest, and AMSGrad is Adam."""
    rng = generator(seed, 72)
    cases = []
    for settings, shape in zip(((0.01,), (0.1, 0.8, 0.9), (1, 0.5, 0.99)), SHAPES, strict=False):
        sizes = np.cumsum(rng.uniform(0.05, 0.2, (LONG, *shape)), axis=0) * 10 ** rng.uniform(*LARGE, shape)
        grads = sizes * rng.choice([-1, 1], (LONG, *shape))
        cases.append(_walked(rng, grads, settings, peak=True, note=", gradients that only grow"))
    return cases


@of_seed
def _peak_epsilons(seed: int) -> list[Case]:
    return _small(generator(seed, 73), peak=True)


@of_seed
def _peak_defaults(seed: int) -> list[Case]:
    return _by_default(generator(seed, 74), peak=True)


hang_type(AMSGrad, "amsgrad", _rising)


@AMSGrad.prop(points=0.75, cases=_rising, hint=f"As long as v grows, nothing differs from Adam. {START}")
def amsgrad_rising(case: Case, got: Any) -> None:
    """Where gradients only grow, it takes Adam's steps"""
    same_walk(case, got)


@AMSGrad.prop(
    points=1,
    cases=_peaks,
    hint="Of which numbers is the maximum taken: of v as it is, or after its correction? And does v itself go on "
    "forgetting, beside its own maximum?",
)
def amsgrad_peaks(case: Case, got: Any) -> None:
    """After a burst the largest v so far divides, corrected for the present t"""
    same_walk(case, got)


@AMSGrad.prop(points=0.25, cases=_peak_epsilons, hint=EPS)
def amsgrad_eps(case: Case, got: Any) -> None:
    """eps is added to the root of the corrected maximum: right where gradients are tiny or 0"""
    same_walk(case, got)


@AMSGrad.prop(
    points=0.25, cases=_peak_defaults, hint="The signature in the contract has a number for each of the four."
)
def amsgrad_defaults(case: Case, got: Any) -> None:
    """Settings that are left out are the contract's, those given by name are taken"""
    same_walk(case, got)


hang_manners(AMSGrad, "amsgrad", _make_peaks, 70)
