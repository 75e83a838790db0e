"""Folding a normalization into the linear layer behind it (row B5)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps6_batchnorm import _clues as clues
from dlopt.checks.ps6_batchnorm._cases import affine, generator, spreads
from dlopt.checks.scenes import layouts, of_seed, small

__all__ = ["fold_batchnorm"]

Array = NDArray[np.float64]
NAMES = ("W2", "b2")

fold_batchnorm = Exercise("fold_batchnorm", ("gamma", "beta", "mean", "var", "eps", "W", "b"))

# --- cases


def _case(
    rng: np.random.Generator, n_in: int, n_out: int, size: Array, eps: float, label: str, gamma: Array | None = None
) -> Case:
    """Make the case in which √(var + eps) is ``size``; the truth is the affine map through known points.

    Where x = mean + size · u, the normalization gives γ u + β, and the linear layer behind it what it makes of that.
    """
    gamma = rng.choice([-1.0, 1.0], n_in) * rng.uniform(0.5, 2, n_in) if gamma is None else gamma
    beta, mean = rng.normal(size=n_in) + 1, size * (rng.normal(size=n_in) + 1)
    W, b = rng.normal(size=(n_out, n_in)), rng.normal(size=n_out) + 2
    u = np.vstack([np.zeros(n_in), np.eye(n_in), -np.eye(n_in)])
    truth = affine(mean + size * u, (gamma * u + beta) @ W.T + b)
    var = size**2 - eps
    var[var < 1e-12 * eps] = 0.0
    return Case((gamma, beta, mean, var, eps, W, b), f"in = {n_in}, out = {n_out}{label}", truth)


def _by_hand() -> Case:
    """√(var + eps) is 100 and 200."""
    gamma, beta, mean = np.array([1.0, 2.0]), np.array([0.5, -1.0]), np.array([30.0, -200.0])
    eps, var = 1e-5, np.array([1e4, 4e4])
    W, b = np.array([[1.0, 2.0], [0.0, 10.0]]), np.array([0.0, 1.0])
    truth = affine(
        np.array([[30.0, -200.0], [130.0, -200.0], [30.0, 0.0]]), np.array([[0.5, -1], [1.5, -1], [0.5, 1]]) @ W.T + b
    )
    label = f"gamma = {small(gamma)}, beta = {small(beta)}, mean = {small(mean)}, var = {small(var)}, W = {small(W)}"
    return Case((gamma, beta, mean, var, eps, W, b), f"{label}, b = {small(b)}", truth)


@of_seed
def _folds(seed: int) -> list[Case]:
    """Variances so large that eps cannot be seen: it has a line of its own."""
    rng = generator(seed, 10)
    cases = [_by_hand()] if seed == 1 else []
    for n_in, n_out in ((2, 2), (3, 5), (6, 2), (1, 3), (4, 1), (1, 1)):
        cases.append(_case(rng, n_in, n_out, spreads(rng, n_in, 1e4, 3e4), 1e-5, ""))
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def _small_variances(seed: int) -> list[Case]:
    """Features that hardly vary, or not at all, and an eps that counts."""
    rng = generator(seed, 11)
    cases = []
    for eps in (1e-5, 1e-3, 1):
        size = np.sqrt(eps) * np.append(1.0, np.sqrt(1 + rng.uniform(0.2, 3, 3)))  # the first does not vary
        cases.append(_case(rng, 4, 3, size, eps, f", eps = {eps:g}, small variances"))
    silent = np.array([0.0, 1.5, -0.5])
    cases.append(_case(rng, 3, 2, spreads(rng, 3, 0.5, 2), 0.1, ", eps = 0.1, a γ that is 0", gamma=silent))
    return cases


@of_seed
def _guarded(seed: int) -> list[Case]:
    return _folds(seed) + layouts(_folds(seed)[1], "read-only")


# --- properties


def _one(case: Case, got: Any, part: int, context: Context | None = None) -> None:
    """Compare one part of the result, with the terms that may be missing from it."""
    value = expect.pick(got, part, NAMES)
    with expect.clue(lambda: clues.ratios(value, case.truth[part]) if part == 0 else ""):
        expect.close(value, case.truth[part], NAMES[part], context=context)


@fold_batchnorm.prop(points=0.25, cases=_folds, hint="The new layer has as many inputs and outputs as the old one.")
def fold_type(case: Case, got: Any) -> None:
    """Returns (W2, b2), arrays of shape (out, in) and (out,)"""
    W2, b2 = expect.parts(got, NAMES)
    expect.array(W2, case.args[5].shape, "W2")
    expect.array(b2, case.args[6].shape, "b2")


@fold_batchnorm.prop(
    points=0.75,
    cases=_folds,
    hint="Move input k by 1. By how much does the normalization's output k move, and what does W make of that?",
)
def fold_weights(case: Case, got: Any) -> None:
    """The weights W2 are right"""
    _one(case, got, 0, Context(terms={"W": case.args[5]}))


@fold_batchnorm.prop(
    points=1,
    cases=_folds,
    hint="Feed both networks x = 0: what does the normalization make of it, and what the linear layer behind?",
)
def fold_bias(case: Case, got: Any) -> None:
    """The biases b2 are right"""
    beta, W, b = case.args[1], case.args[5], case.args[6]
    _one(case, got, 1, Context(terms={"b": b, "W β": W @ beta, "the mean's share": -case.truth[0] @ case.args[2]}))


@fold_batchnorm.prop(
    points=0.75,
    cases=_small_variances,
    hint="A feature that never varied has variance 0. What stands under the root of the normalization besides it?",
)
def fold_small_variances(case: Case, got: Any) -> None:
    """Right as well where a variance is small or 0, whatever eps is"""
    for part in (0, 1):
        _one(case, got, part)


fold_batchnorm.keeps_inputs(points=0.25, cases=_guarded)
