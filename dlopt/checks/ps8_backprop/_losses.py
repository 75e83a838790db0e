"""The losses, each with its gradient at the outputs (rows L2, L3, H2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps8_backprop._cases import (
    STATE_HINT,
    canonical,
    generator,
    judge_scenes,
    layouts,
    of_seed,
    small,
    targets,
)
from dlopt.checks.ps8_backprop._inside import STEP
from dlopt.checks.ps8_backprop._played import loss_ahead, loss_once, loss_over_time
from dlopt.checks.trial import Outcome

__all__ = ["MSELoss", "SoftmaxCrossEntropy", "cross_entropy", "entropy_slope"]

Array = NDArray[np.float64]


def cross_entropy(h: Array, y: Array) -> float:
    """Cross-entropy of logits, mean over the samples; Σ y log Σ exp h − y h, the logarithm by scipy."""
    return float(np.mean(np.sum(y * (logsumexp(h, axis=1, keepdims=True) - h), axis=1)))


def squared_error(f: Array, y: Array) -> float:
    """Squared distance, mean over the samples."""
    return float(np.linalg.norm(f - y) ** 2 / len(f))


def entropy_slope(h: Array, y: Array) -> Array:
    """Gradient of the cross-entropy of moderate logits, by complex steps."""
    return _slope(lambda z: np.sum(y * (np.log(np.sum(np.exp(z), axis=-1, keepdims=True)) - z), axis=(-2, -1)), h)


def error_slope(f: Array, y: Array) -> Array:
    """Gradient of the squared error, by complex steps."""
    return _slope(lambda z: np.sum((z - y) ** 2, axis=(-2, -1)), f)


def _slope(total: Callable[[Any], Any], at: Array) -> Array:
    """Derivative of a sum over samples, entry by entry, divided by their number."""
    tilted = at + 1j * STEP * np.eye(at.size).reshape(at.size, *at.shape)
    return np.asarray(total(tilted).imag.reshape(at.shape) / STEP / len(at))


def _context(at: Array) -> Context:
    return Context(factors={"N, the number of samples": len(at), "K, the number of columns": at.shape[1]})


# --- cases


def _memory(seed: int, soft: bool) -> list[Case]:
    rng = generator(seed, 11)
    cases = []
    for n in (3, 5):
        h1, h2 = rng.normal(size=(3, 4)), rng.normal(size=(n, 4))
        y1, y2 = targets(rng, 3, 4, soft=soft), targets(rng, n, 4, soft=soft)
        cases.append(Case((h1, y1, h2, y2), f"two batches, 3 × 4 and {n} × 4", scenario=loss_over_time))
    return cases


# --- SoftmaxCrossEntropy


SoftmaxCrossEntropy = Exercise("SoftmaxCrossEntropy", (), kind="class", canonical=canonical)


def _entropy_case(h: Array, y: Array, scenario: Any, label: str = "") -> Case:
    label = label or (f"h = {small(h)}, y = {small(y)}" if h.size <= 4 else f"N = {len(h)}, K = {h.shape[1]}")
    return Case((h, y), label, (cross_entropy(h, y), entropy_slope(h, y)), scenario=scenario)


def _logits(seed: int, scenario: Any) -> list[Case]:
    rng = generator(seed, 10)
    shapes = ((2, 2), (4, 3), (1, 5), (6, 4), (2, 1))
    cases = []
    for number, (n, k) in enumerate(shapes):
        h = 2 * rng.normal(size=(n, k)) + 1
        if seed == 1 and number == 0:
            h = np.array([[1.0, 0.0], [0.0, 2.0]])
        cases.append(_entropy_case(h, targets(rng, n, k, soft=number % 2 == 1), scenario))
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def _logits_ahead(seed: int) -> list[Case]:
    return _logits(seed, loss_ahead)


@of_seed
def _logits_back(seed: int) -> list[Case]:
    return _logits(seed, loss_once)


@of_seed
def _large_logits(seed: int) -> list[Case]:
    """Logits up to 1e4 whose softmax is 0, 1 or an even share, so that loss and gradient are known at sight."""
    rng = generator(seed, 12)
    cases = []
    for size in (1e3, 1e4):
        for soft in (False, True):
            h = size * np.array([[1.0, -1.0, 0.0], [-1.0, -1.0, 0.5], [1.0, 1.0, -1.0], [-1.0, -1.0, -1.0]])
            y = targets(rng, 4, 3, soft=soft)
            share = (h == h.max(axis=1, keepdims=True)) * 1.0
            share /= share.sum(axis=1, keepdims=True)
            rows = np.sum(y * (h.max(axis=1, keepdims=True) - h), axis=1) - np.log(share.max(axis=1))
            cases.append(Case((h, y), f"logits up to {size:g}", (rows.mean(), (share - y) / 4), scenario=loss_once))
    return cases


@of_seed
def _logits_memory(seed: int) -> list[Case]:
    return _memory(seed, soft=True)


@of_seed
def _logits_guarded(seed: int) -> list[Case]:
    return _logits_back(seed) + layouts(_logits_back(seed)[1], "read-only")


@SoftmaxCrossEntropy.prop(
    points=0.25, cases=_logits_back, hint="The loss is one number; its gradient has the shape of the logits."
)
def entropy_types(case: Case, got: Any) -> None:
    """forward returns a float, backward an array of shape (N, K)"""
    expect.scalar(got[0], "The loss")
    expect.array(got[1], case.args[0].shape, "The gradient")


@SoftmaxCrossEntropy.prop(
    points=0.75,
    cases=_logits_ahead,
    hint="K equal logits and a one-hot target: the loss is log K, whatever N is. Which axis do you sum, which average?",
)
def entropy_forward(case: Case, got: Any) -> None:
    """The loss is right, for one-hot and soft targets"""
    expect.close(got, case.truth[0], "The loss", context=_context(case.args[0]))


@SoftmaxCrossEntropy.prop(
    points=1,
    cases=_logits_back,
    hint="Each row of the gradient sums to 0. And the loss is a mean: what does that do to its derivative?",
)
def entropy_backward(case: Case, got: Any) -> None:
    """The gradient is right"""
    expect.close(got[1], case.truth[1], "The gradient", context=_context(case.args[0]))


@SoftmaxCrossEntropy.prop(
    points=0.5,
    cases=_large_logits,
    hint="exp overflows above 709, and log(0) is −∞. Adding one number to all logits of a row changes nothing.",
)
def entropy_stable(case: Case, got: Any) -> None:
    """Loss and gradient are finite and right for logits up to 1e4"""
    expect.close(got[0], case.truth[0], "The loss")
    factor = _scale(got[1], case.truth[1])
    expect.close(got[1], factor * case.truth[1], "The gradient")


def _scale(have: Any, want: Array) -> float:
    """Return the constant by which a gradient is off throughout: another line of the table has charged it."""
    try:
        have = expect.numbers(have, want.shape)
    except expect.Failure:
        return 1.0
    factor = float(np.vdot(have, want) / np.vdot(want, want))
    return factor if factor and np.allclose(have, factor * want, rtol=1e-9, atol=1e-12) else 1.0


@SoftmaxCrossEntropy.prop(points=0.25, cases=_logits_memory, hint=STATE_HINT, of_outcome=True)
def entropy_state(case: Case, outcome: Outcome) -> None:
    """backward belongs to the latest forward of its own object"""
    judge_scenes(outcome, ("The gradient",))


SoftmaxCrossEntropy.keeps_inputs(points=0.25, cases=_logits_guarded)

# --- MSELoss


MSELoss = Exercise("MSELoss", (), kind="class", canonical=canonical)


def _fits(seed: int, scenario: Any) -> list[Case]:
    rng = generator(seed, 20)
    cases = []
    for number, (n, k) in enumerate(((2, 2), (4, 3), (1, 5), (6, 1), (3, 7))):
        f, y = rng.normal(size=(n, k)), 3 * rng.normal(size=(n, k))
        if seed == 1 and number == 0:
            f, y = np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [3.0, 0.0]])
        label = f"f = {small(f)}, y = {small(y)}" if f.size <= 4 else f"N = {n}, K = {k}"
        truth = (squared_error(f, y), error_slope(f, y))
        cases.append(Case((f, y), label, truth, scenario=scenario))
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def _fits_ahead(seed: int) -> list[Case]:
    return _fits(seed, loss_ahead)


@of_seed
def _fits_back(seed: int) -> list[Case]:
    return _fits(seed, loss_once)


@of_seed
def _fits_memory(seed: int) -> list[Case]:
    return _memory(seed, soft=False)


@of_seed
def _fits_guarded(seed: int) -> list[Case]:
    return _fits_back(seed) + layouts(_fits_back(seed)[1], "read-only")


@MSELoss.prop(points=0.25, cases=_fits_back, hint="The loss is one number; its gradient has the shape of the outputs.")
def mse_types(case: Case, got: Any) -> None:
    """forward returns a float, backward an array of shape (N, K)"""
    expect.scalar(got[0], "The loss")
    expect.array(got[1], case.args[0].shape, "The gradient")


@MSELoss.prop(
    points=0.5, cases=_fits_ahead, hint="Sum over the K outputs of a sample, then the mean over the N samples."
)
def mse_forward(case: Case, got: Any) -> None:
    """The loss is right"""
    expect.close(got, case.truth[0], "The loss", context=_context(case.args[0]))


@MSELoss.prop(
    points=0.75, cases=_fits_back, hint="Take N = K = 1: the derivative of (f − y)². Then ask what the mean does."
)
def mse_backward(case: Case, got: Any) -> None:
    """The gradient is right"""
    expect.close(got[1], case.truth[1], "The gradient", context=_context(case.args[0]))


@MSELoss.prop(points=0.25, cases=_fits_memory, hint=STATE_HINT, of_outcome=True)
def mse_state(case: Case, outcome: Outcome) -> None:
    """backward belongs to the latest forward of its own object"""
    judge_scenes(outcome, ("The gradient",))


MSELoss.keeps_inputs(points=0.25, cases=_fits_guarded)
