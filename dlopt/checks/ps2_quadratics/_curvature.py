"""What the spectrum tells: condition number, rates, step sizes, eigenbasis (rows Q2-Q4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import svdvals

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps2_quadratics import _clues as clues
from dlopt.checks.ps2_quadratics._cases import (
    Quadratic,
    bowls,
    example,
    generator,
    layouts,
    matrix_case,
    of_seed,
    random_quadratic,
    ratio,
)

Array = NDArray[np.float64]

__all__ = ["condition_number", "convergence_rate", "optimal_learning_rate", "to_eigenbasis"]

# --- condition_number


condition_number = Exercise("condition_number", ("A",))

#: diag(2, 6, 1): eigenvalues as they come are in no order.
UNSORTED = Quadratic(np.array([1.0, 2.0, 6.0]), np.eye(3)[:, [2, 0, 1]], np.zeros(3))


@of_seed
def _matrices(seed: int) -> list[Case]:
    first, *others = [p for p in bowls(seed) if len(p.spectrum) > 1]
    cases = [matrix_case(p, ratio(p)) for p in (first, UNSORTED, *others)]
    return cases + layouts(cases[-1], "F", "strided")


@of_seed
def _extreme_matrices(seed: int) -> list[Case]:
    rng = generator(seed)
    problems = [
        random_quadratic(rng, 1, 1, scale=float(rng.uniform(0.3, 3))),
        random_quadratic(rng, 5, 1e6),
        random_quadratic(rng, 3, 20, scale=1e-4),
        random_quadratic(rng, 4, 1),
        UNSORTED,
    ]
    return [matrix_case(p, ratio(p)) for p in problems]


@of_seed
def _matrices_guarded(seed: int) -> list[Case]:
    return _matrices(seed) + layouts(_matrices(seed)[0], "read-only")


@condition_number.prop(points=0.5, cases=_matrices, hint="One number is asked for.")
def kappa_type(case: Case, got: Any) -> None:
    """Returns a float"""
    expect.scalar(got)


@condition_number.prop(
    points=1,
    cases=_matrices,
    hint="A circle has condition number 1, a long valley a large one. For diag(1, 4) it is 4.",
)
def kappa_value(case: Case, got: Any) -> None:
    """The condition number is right"""
    expect.close(got, case.truth, "The condition number")


@condition_number.prop(
    points=0.25,
    cases=_extreme_matrices,
    hint="It is at least 1 and does not change when A is multiplied by a number.",
)
def kappa_extremes(case: Case, got: Any) -> None:
    """Also for M = 1, for κ = 1, for very long valleys and tiny matrices"""
    expect.close(got, case.truth, "The condition number")


condition_number.keeps_inputs(points=0.25, cases=_matrices_guarded)

# --- convergence_rate


convergence_rate = Exercise("convergence_rate", ("A", "lr"))


def _rates(seed: int, shares: Sequence[float]) -> list[Case]:
    """Steps at the given multiples of 1/λ_max; the truth is the largest stretch of an error."""
    cases = []
    for problem in bowls(seed):
        for share in shares:
            lr = share / float(problem.spectrum[-1])
            label = f"lr = {lr:.4g}, " + matrix_case(problem, 0.0).label
            # one step maps the error by I − ηA; its spectral norm is the most that any error is stretched
            stretch = float(svdvals(np.eye(len(problem.spectrum)) - lr * problem.A)[0])
            cases.append(Case((problem.A, lr), label, stretch))
    return cases


@of_seed
def _small_steps(seed: int) -> list[Case]:
    return _rates(seed, (0.05, 0.7))


@of_seed
def _large_steps(seed: int) -> list[Case]:
    cases = _rates(seed, (1.99, 1.999))
    return cases + layouts(cases[0], "F", "strided")


@of_seed
def _too_large_steps(seed: int) -> list[Case]:
    return _rates(seed, (2.0, 2.5, 10.0))


@of_seed
def _rates_guarded(seed: int) -> list[Case]:
    return _small_steps(seed) + layouts(_small_steps(seed)[0], "read-only")


def _slowest(case: Case, got: Any) -> None:
    A, lr = case.args
    with expect.clue(lambda: clues.factor(got, np.linalg.eigvalsh(A), lr)):
        expect.close(got, case.truth, "The rate")


@convergence_rate.prop(points=0.25, cases=_small_steps, hint="One number for the whole matrix.")
def rate_type(case: Case, got: Any) -> None:
    """Returns a float"""
    expect.scalar(got)


@convergence_rate.prop(points=0.5, cases=_small_steps, hint="Which direction is the slowest when the steps are small?")
def rate_of_small_steps(case: Case, got: Any) -> None:
    """Small steps: the flattest direction decides"""
    _slowest(case, got)


@convergence_rate.prop(
    points=0.5, cases=_large_steps, hint="Which direction overshoots first? A rate is a size: it has no sign."
)
def rate_of_large_steps(case: Case, got: Any) -> None:
    """Large steps: the steepest direction decides, and it oscillates"""
    _slowest(case, got)


@convergence_rate.prop(
    points=0.5,
    cases=_too_large_steps,
    hint="A rate of 1 neither shrinks nor grows; above 1 the error grows. Report it as it is.",
)
def rate_of_divergence(case: Case, got: Any) -> None:
    """Too large steps: the rate is 1 or more"""
    _slowest(case, got)


convergence_rate.keeps_inputs(points=0.25, cases=_rates_guarded)

# --- optimal_learning_rate


optimal_learning_rate = Exercise("optimal_learning_rate", ("A",))


def _best(problem: Quadratic) -> float:
    """Where the rates of the two end directions, 1 − ηλ_min and ηλ_max − 1, meet."""
    low, high = float(problem.spectrum[0]), float(problem.spectrum[-1])
    crossing = np.linalg.solve(np.array([[low, 1.0], [high, -1.0]]), np.ones(2))  # ηλ_min + r = 1, ηλ_max − r = 1
    return float(crossing[0])


@of_seed
def _best_steps(seed: int) -> list[Case]:
    rng = generator(2000 + seed)
    valleys = [p for p in bowls(seed) if len(p.spectrum) > 1] + [random_quadratic(rng, 6, 30, scale=0.01)]
    cases = [matrix_case(p, _best(p)) for p in valleys]
    return cases + layouts(cases[-1], "F", "strided")


@of_seed
def _round_bowls(seed: int) -> list[Case]:
    rng = generator(3000 + seed)
    round_ones = [random_quadratic(rng, dim, 1, scale=float(rng.uniform(0.2, 5))) for dim in (1, 3)]
    return [matrix_case(p, _best(p)) for p in round_ones]


@of_seed
def _best_steps_guarded(seed: int) -> list[Case]:
    return _best_steps(seed) + layouts(_best_steps(seed)[0], "read-only")


@optimal_learning_rate.prop(points=0.25, cases=_best_steps, hint="One number for the whole matrix.")
def best_type(case: Case, got: Any) -> None:
    """Returns a float"""
    expect.scalar(got)


@optimal_learning_rate.prop(
    points=1.25,
    cases=_best_steps,
    hint="Plot your convergence_rate over lr: the optimum is where the falling and the rising branch meet.",
)
def best_value(case: Case, got: Any) -> None:
    """The learning rate with the smallest convergence rate"""
    with expect.clue(lambda: clues.balance(got, np.linalg.eigvalsh(case.args[0]))):
        expect.close(got, case.truth, "The learning rate")


@optimal_learning_rate.prop(
    points=0.25, cases=_round_bowls, hint="With one eigenvalue only, one step can reach the minimum."
)
def best_on_round_bowls(case: Case, got: Any) -> None:
    """On a round bowl, the step that arrives at once"""
    with expect.clue(lambda: clues.balance(got, np.linalg.eigvalsh(case.args[0]))):
        expect.close(got, case.truth, "The learning rate")


optimal_learning_rate.keeps_inputs(points=0.25, cases=_best_steps_guarded)

# --- to_eigenbasis


def _without_signs(value: Any) -> Any:
    """Forget the free signs of z."""
    return (value[0], np.abs(value[1])) if isinstance(value, tuple) and len(value) == 2 else value


to_eigenbasis = Exercise("to_eigenbasis", ("A", "b", "w"), canonical=_without_signs)
EIGEN = ("eigenvalues", "z")


@of_seed
def _coordinates(seed: int) -> list[Case]:
    """Points whose coordinates z were chosen first; the truth is (eigenvalues, |z|)."""
    cases = []
    for problem in bowls(seed):
        z = generator(4000 + seed).uniform(0.5, 2, len(problem.spectrum)) * np.where(
            np.arange(len(problem.spectrum)) % 2, -1, 1
        )
        w = problem.minimiser + problem.basis @ z
        label = example(problem, w=w) if len(w) == 2 else problem.label
        cases.append(Case((problem.A, problem.b, w), label, (problem.spectrum, np.abs(z))))
    return cases + layouts(cases[-1], "F", "strided")


@of_seed
def _coordinates_guarded(seed: int) -> list[Case]:
    return _coordinates(seed) + layouts(_coordinates(seed)[0], "read-only")


@to_eigenbasis.prop(points=0.5, cases=_coordinates, hint="Two arrays, each with one entry per direction.")
def eigenbasis_types(case: Case, got: Any) -> None:
    """Returns (eigenvalues, z), two arrays of shape (M,)"""
    eigenvalues, z = expect.parts(got, EIGEN)
    expect.array(eigenvalues, case.truth[0].shape, "The eigenvalues")
    expect.array(z, case.truth[1].shape, "z")


@to_eigenbasis.prop(
    points=1,
    cases=_coordinates,
    hint="Ascending: the flattest direction first. np.linalg.eig promises no order.",
)
def eigenvalues_ascending(case: Case, got: Any) -> None:
    """The eigenvalues are right, in ascending order"""
    expect.close(expect.pick(got, 0, EIGEN), case.truth[0], "The eigenvalues")


@to_eigenbasis.prop(
    points=1,
    cases=_coordinates,
    hint="z measures from the minimum, along eigenvectors: z = 0 at the minimum, and ‖z‖ = ‖w − w*‖ everywhere.",
)
def z_value(case: Case, got: Any) -> None:
    """Each z belongs to its eigenvalue and is right up to sign"""
    size = case.truth[1].shape
    eigenvalues = expect.numbers(expect.pick(got, 0, EIGEN), size, "The eigenvalues")
    z = expect.numbers(expect.pick(got, 1, EIGEN), size, "z")
    # read in the order of the student's own eigenvalues: their order is another property's business
    with expect.clue(clues.distance, z, case.truth[1], case.args[2]):
        expect.close(np.abs(z)[np.argsort(eigenvalues)], case.truth[1], "The sizes |z|")


to_eigenbasis.keeps_inputs(points=0.5, cases=_coordinates_guarded)
