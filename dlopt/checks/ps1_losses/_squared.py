"""Squared error and its gradient (row L3)."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps1_losses._cases import Array, context, generator, label, layouts, of_seed, slopes

__all__ = ["mse", "mse_grad"]


def loss(f: Array, y: Array) -> float:
    """Mean over the samples of scipy's squared distance between output and target."""
    return float(np.trace(cdist(f, y, "sqeuclidean")) / len(f))


def _distance(f: Any, aim: Array) -> Any:
    """Squared distance of one sample, for real and complex outputs."""
    return np.dot(f - aim, f - aim)


def slope(f: Array, y: Array) -> Array:
    """Gradient of the squared distances, by complex steps through an inner product."""
    rows = [slopes(partial(_distance, aim=aim), row) for row, aim in zip(f, y, strict=True)]
    return np.stack(rows) / len(f)


def _fits(seed: int, truth: Any, number: int, shapes: tuple[tuple[int, int], ...]) -> list[Case]:
    rng = generator(seed, 30, number)
    cases = []
    for n, k in shapes:
        f, y = 2 * rng.normal(size=(n, k)), 3 * rng.normal(size=(n, k)) + 1
        if seed == 1 and (n, k) == (2, 2):
            f, y = np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [3.0, 0.0]])
        cases.append(Case((f, y), label(f=f, y=y), truth(f, y)))
    return cases


MANY, SINGLE_OUTPUT, SINGLE_SAMPLE = ((2, 2), (5, 3), (4, 4), (7, 9)), ((3, 1), (6, 1)), ((1, 3), (1, 7), (1, 1))


def _laid_out(cases: list[Case], *names: str) -> list[Case]:
    return cases + layouts(cases[1], *names)


# --- mse

mse = Exercise("mse", ("f", "y"))


@of_seed
def _batches(seed: int) -> list[Case]:
    return _laid_out(_fits(seed, loss, 0, MANY), "F", "strided")


@of_seed
def _one_output(seed: int) -> list[Case]:
    return _fits(seed, loss, 1, SINGLE_OUTPUT)


@of_seed
def _one_sample(seed: int) -> list[Case]:
    return _fits(seed, loss, 2, SINGLE_SAMPLE)


@of_seed
def _guarded(seed: int) -> list[Case]:
    return _laid_out(_fits(seed, loss, 0, MANY), "read-only")


@mse.prop(points=0.25, cases=_batches, hint="A batch has one loss: a number, not an array.")
def mse_type(case: Case, got: Any) -> None:
    """Returns a float"""
    expect.scalar(got, "The loss")


@mse.prop(points=0.5, cases=_one_output, hint="With one output per sample the loss is the mean of (f − y)².")
def mse_mean(case: Case, got: Any) -> None:
    """One output per sample: the mean over the samples"""
    expect.close(got, case.truth, "The loss", context=context(case.args[0]))


@mse.prop(points=0.5, cases=_one_sample, hint="With a single sample the loss is the squared length of f − y.")
def mse_sum(case: Case, got: Any) -> None:
    """One sample: the sum over its outputs"""
    expect.close(got, case.truth, "The loss", context=context(case.args[0]))


@mse.prop(points=0.5, cases=_batches, hint="Sum over the K outputs of a sample, then the mean over the N samples.")
def mse_value(case: Case, got: Any) -> None:
    """Right for any N and K"""
    expect.close(got, case.truth, "The loss", context=context(case.args[0]))


mse.keeps_inputs(points=0.25, cases=_guarded)

# --- mse_grad

mse_grad = Exercise("mse_grad", ("f", "y"))


@of_seed
def _slope_batches(seed: int) -> list[Case]:
    return _laid_out(_fits(seed, slope, 3, MANY), "F", "strided")


@of_seed
def _slope_one_output(seed: int) -> list[Case]:
    return _fits(seed, slope, 4, SINGLE_OUTPUT)


@of_seed
def _slope_one_sample(seed: int) -> list[Case]:
    return _fits(seed, slope, 5, SINGLE_SAMPLE)


@of_seed
def _slope_guarded(seed: int) -> list[Case]:
    return _laid_out(_fits(seed, slope, 3, MANY), "read-only")


@mse_grad.prop(points=0.25, cases=_slope_batches, hint="One derivative per output: the shape of f.")
def mse_grad_type(case: Case, got: Any) -> None:
    """Returns an array of shape (N, K)"""
    expect.array(got, case.truth.shape, "The gradient")


@mse_grad.prop(
    points=0.5,
    cases=_slope_one_sample,
    hint="Take N = K = 1: the derivative of (f − y)² by f. Mind the 2 and the sign.",
)
def mse_grad_one(case: Case, got: Any) -> None:
    """One sample: the derivative by each of its outputs"""
    expect.close(got, case.truth, "The gradient", context=context(case.args[0]))


@mse_grad.prop(points=0.5, cases=_slope_one_output, hint="The loss is a mean over N samples. What is left of the 1/N?")
def mse_grad_mean(case: Case, got: Any) -> None:
    """One output per sample: the derivative of a mean"""
    expect.close(got, case.truth, "The gradient", context=context(case.args[0]))


@mse_grad.prop(
    points=0.5,
    cases=_slope_batches,
    hint="Move one output by a hair and see what your own mse does: that quotient is the entry asked for.",
)
def mse_grad_value(case: Case, got: Any) -> None:
    """Right for any N and K"""
    expect.close(got, case.truth, "The gradient", context=context(case.args[0]))


mse_grad.keeps_inputs(points=0.25, cases=_slope_guarded)
