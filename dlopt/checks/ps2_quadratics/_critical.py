"""Newton's step and the kind of a critical point (rows Q5, Q7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps2_quadratics import _clues as clues
from dlopt.checks.ps2_quadratics._cases import (
    Quadratic,
    bowls,
    generator,
    layouts,
    of_seed,
    others,
    random_quadratic,
    rotation,
    small,
)

Array = NDArray[np.float64]

__all__ = ["classify_critical_point", "newton_step"]

# --- newton_step


newton_step = Exercise("newton_step", ("grad", "hess", "w"))


def _newton(problem: Quadratic, seed: int) -> Case:
    """One step from a random point of a quadratic: it lands on the critical point, whatever the signature."""
    w = problem.minimiser + generator(6000 + seed).normal(size=len(problem.spectrum))
    grad = problem.A @ (w - problem.minimiser)
    label = f"grad = {small(grad)}, hess = {small(problem.A)}, w = {small(w)}" if len(w) == 2 else problem.label
    return Case((grad, problem.A, w), label, problem.minimiser)


@of_seed
def _newton_on_bowls(seed: int) -> list[Case]:
    cases = [_newton(p, seed) for p in bowls(seed)]
    return cases + layouts(cases[0], "F", "strided")


@of_seed
def _newton_elsewhere(seed: int) -> list[Case]:
    return [_newton(p, seed) for p in others(seed)[:2]]


@of_seed
def _newton_guarded(seed: int) -> list[Case]:
    return _newton_on_bowls(seed) + layouts(_newton_on_bowls(seed)[0], "read-only")


def _landed(case: Case, got: Any) -> None:
    _, hess, w = case.args
    there = expect.numbers(got, w.shape, "The new point")
    with expect.clue(clues.direction, there - w, case.truth - w, hess):
        expect.close(there, case.truth, "The new point", context=Context(terms={"the starting point w": w}))


@newton_step.prop(points=0.25, cases=_newton_on_bowls, hint="The new point, with the shape of w.")
def newton_type(case: Case, got: Any) -> None:
    """Returns an array of shape (M,)"""
    expect.array(got, case.truth.shape)


@newton_step.prop(
    points=0.75,
    cases=_newton_on_bowls,
    hint="On a quadratic one step arrives: at the new point the gradient vanishes. Which linear system says so?",
)
def newton_lands(case: Case, got: Any) -> None:
    """Lands on the minimum of a bowl in one step"""
    _landed(case, got)


@newton_step.prop(
    points=0.75,
    cases=_newton_elsewhere,
    hint="Newton seeks the point where the gradient vanishes, saddle and maximum included.",
)
def newton_any_signature(case: Case, got: Any) -> None:
    """Lands on saddles and maxima just as well"""
    _landed(case, got)


newton_step.keeps_inputs(points=0.25, cases=_newton_guarded)

# --- classify_critical_point


classify_critical_point = Exercise("classify_critical_point", ("H",))
KINDS = ("minimum", "maximum", "saddle", "degenerate")


def _hessian(spectrum: Sequence[float] | Array, kind: str, rng: np.random.Generator | None = None) -> Case:
    """Build a Hessian from its eigenvalues, rotated when a generator is given."""
    values = np.array(sorted(spectrum))
    basis = np.eye(len(values)) if rng is None else random_quadratic(rng, len(values), 2).basis
    H = Quadratic(values, basis, np.zeros(len(values))).A
    label = f"H = {small(H)}" if len(values) <= 2 else f"eigenvalues {small(values)}"
    return Case((H,), label, kind)


@of_seed
def _extrema(seed: int) -> list[Case]:
    rng = generator(7000 + seed)
    sizes = rng.uniform(0.5, 4, 4)
    signs: tuple[tuple[int, str], ...] = ((1, "minimum"), (-1, "maximum"))
    spectra = (np.array([2.0, 1.0]), sizes, sizes[:1])
    cases = [_hessian(s * v, kind, rng) for s, kind in signs for v in spectra]
    return cases + layouts(cases[1], "F", "strided")


@of_seed
def _saddles(seed: int) -> list[Case]:
    rng = generator(8000 + seed)
    q = rotation(0.6, 0.8)
    trap = Quadratic(np.array([-1.0, 5.0]), q, np.zeros(2)).A  # both diagonal entries positive
    even = _hessian((-1.0, -2.0, 3.0, 4.0), "saddle", rng)  # positive determinant, positive trace
    return [
        Case((trap,), f"H = {small(trap)}", "saddle"),
        even,
        _hessian((-3.0, -0.5, 0.2), "saddle", rng),
        _hessian((-3.0, 1.0), "saddle"),
    ]


@of_seed
def _flat(seed: int) -> list[Case]:
    rng = generator(9000 + seed)
    spectra = ((0.0, 1.0), (0.0, -1.0), (-1.0, 0.0, 2.0), (0.0, 0.0), (0.0,), (0.0, 1.0, 2.0, 3.0))
    return [_hessian(s, "degenerate", None if len(s) < 3 else rng) for s in spectra]


@of_seed
def _nearly_flat(seed: int) -> list[Case]:
    """Eigenvalues on both sides of 1e-10; diagonal, so that no rounding moves them."""
    return [
        _hessian((9e-11, 1.0), "degenerate"),
        _hessian((-9e-11, 1.0), "degenerate"),
        _hessian((-2.0, 5e-11, 1.0), "degenerate"),
        _hessian((1.1e-10, 1.0), "minimum"),
        _hessian((-1.1e-10, -1.0), "maximum"),
        _hessian((-2e-10, 1.0), "saddle"),
        _hessian((1e-8, 2e-8), "minimum"),
        _hessian((1e-6, 1e6), "minimum"),
    ]


@of_seed
def _hessians(seed: int) -> list[Case]:
    return _extrema(seed) + _saddles(seed) + _flat(seed) + _nearly_flat(seed)


@of_seed
def _hessians_guarded(seed: int) -> list[Case]:
    return _extrema(seed) + layouts(_saddles(seed)[0], "read-only")


def _named(case: Case, got: Any) -> None:
    if not (isinstance(got, str) and got.strip().lower() == case.truth):
        raise Failure(f"Expected {case.truth!r}; got {expect.show(got)}.", clues.spectrum(case.args[0]))


@classify_critical_point.prop(points=0.25, cases=_hessians, hint="Exactly one of the four words of the contract.")
def kind_type(case: Case, got: Any) -> None:
    """Returns 'minimum', 'maximum', 'saddle' or 'degenerate'"""
    expect.text(got, KINDS)


@classify_critical_point.prop(
    points=1,
    cases=_extrema,
    hint="Which signs do the eigenvalues have where every direction leads up? Where every one leads down?",
)
def kind_of_extrema(case: Case, got: Any) -> None:
    """Tells minima and maxima"""
    _named(case, got)


@classify_critical_point.prop(
    points=0.5,
    cases=_saddles,
    hint="Determinant, trace and diagonal can all be positive at a saddle: only the eigenvalues tell.",
)
def kind_of_saddles(case: Case, got: Any) -> None:
    """Tells saddles"""
    _named(case, got)


@classify_critical_point.prop(
    points=0.5,
    cases=_flat,
    hint="A flat direction comes first: whatever the other eigenvalues say, the Hessian cannot decide.",
)
def kind_of_flat(case: Case, got: Any) -> None:
    """A flat direction makes it degenerate, whatever the others say"""
    _named(case, got)


@classify_critical_point.prop(
    points=0.5,
    cases=_nearly_flat,
    hint="Flat means |λ| ≤ 1e-10, an absolute bound: 1e-8 is curved, 5e-11 is flat.",
)
def kind_near_zero(case: Case, got: Any) -> None:
    """Draws the line at 1e-10"""
    _named(case, got)


classify_critical_point.keeps_inputs(points=0.25, cases=_hessians_guarded)
