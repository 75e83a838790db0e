"""One mode of a linear network, learned by gradient descent (row N5).

No walk is taken here. Whatever a student returns has to follow from itself: a step multiplies a + b by 1 + 2η(σ − ab)
and a − b by 1 − 2η(σ − ab), so that the start and the strengths up to some step fix the next one. A sequence that
begins with a₀b₀ and agrees with this at every step is the right one, and no other is. Errors do not pile up this
way, not even where the walk is chaotic.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps10_landscapes._cases import generator
from dlopt.checks.scenes import of_seed

__all__ = ["implied", "mode_strength"]

Array = NDArray[np.float64]
NAMES = ("a0", "b0", "sigma", "lr", "num_steps")

mode_strength = Exercise("mode_strength", NAMES)


def implied(strengths: Array, a0: float, b0: float, sigma: float, lr: float) -> Array:
    """Return what each strength, beginning with the first, has to be if those before it are right.

    Parameters
    ----------
    strengths : ndarray (T + 1,)
        A sequence of a·b.
    a0, b0, sigma, lr : float
        As in the contract.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # what outgrows float64 is wrong, not an accident
        steps = 2 * lr * (sigma - strengths[:-1])
        total = (a0 + b0) * np.concatenate([[1.0], np.cumprod(1 + steps)])
        apart = (a0 - b0) * np.concatenate([[1.0], np.cumprod(1 - steps)])
        return np.asarray((total**2 - apart**2) / 4)


# --- cases


def _case(a0: float, b0: float, sigma: float, lr: float, num_steps: int) -> Case:
    args = (a0, b0, sigma, lr, num_steps)
    return Case(args, ", ".join(f"{name} = {value:.4g}" for name, value in zip(NAMES, args, strict=True)))


@of_seed
def _balanced(seed: int) -> list[Case]:
    """Both factors start alike."""
    rng = generator(seed, 60)
    fixed = [(1.0, 1.0, 2.0, 0.1, 2)] if seed == 1 else []
    small, middle = float(rng.uniform(0.02, 0.1)), float(rng.uniform(0.5, 1.2))
    drawn = [
        (small, small, float(rng.uniform(1, 3)), 0.03, 60),
        (middle, middle, float(rng.uniform(0.3, 2)), 0.08, 1),
        (-middle, -middle, float(rng.uniform(1, 2)), 0.05, 25),
        (1.5, 1.5, float(rng.uniform(0.2, 1)), 0.04, 12),  # down, from above
    ]
    return [_case(*settings) for settings in fixed + drawn]


@of_seed
def _unbalanced(seed: int) -> list[Case]:
    rng = generator(seed, 61)
    fixed = [(2.0, 0.5, 3.0, 0.1, 2)] if seed == 1 else []
    large, small = float(rng.uniform(1, 1.5)), float(rng.uniform(0.05, 0.3))
    drawn = [
        (large, small, float(rng.uniform(1, 3)), 0.05, 30),
        (small, large, float(rng.uniform(1, 3)), 0.05, 1),
        (large, -small, float(rng.uniform(1, 2)), 0.04, 40),  # through 0
        (0.0, large, float(rng.uniform(1, 2)), 0.05, 10),  # a strength of 0 that is no saddle
        (-large, small, -float(rng.uniform(1, 2)), 0.06, 20),
        (large, -large, -float(rng.uniform(2, 3)), 0.05, 25),
    ]
    return [_case(*settings) for settings in fixed + drawn]


@of_seed
def _wild(seed: int) -> list[Case]:
    """Step sizes with which the strength jumps over σ, to and fro or for good."""
    rng = generator(seed, 62)
    sigma = float(rng.uniform(1, 2))
    settings = [
        (1.2, 1.0, sigma, 0.35 / sigma, 20),
        (0.8, 1.1, sigma, 0.6 / sigma, 15),
        (2.0, 1.5, sigma, 1.2 / sigma, 3),
    ]
    return [_case(*s) for s in settings]


@of_seed
def _long(seed: int) -> list[Case]:
    """Walks that have arrived long before they end, also with half and with twice the gradient."""
    rng = generator(seed, 63)
    settings = []
    for ratio in (1.3, 0.7):
        sigma, start = float(rng.uniform(0.5, 4)), float(rng.uniform(0.05, 0.2))
        settings.append((start, ratio * start, sigma, 0.08 / sigma, 400))
    return [_case(*s) for s in settings]


@of_seed
def _short(seed: int) -> list[Case]:
    """Walks so short that not even a wrong one outgrows float64."""
    longer = [*_balanced(seed), *_unbalanced(seed)]
    return [
        _case(a0, b0, sigma, lr, 1 + k % 3) for k, (a0, b0, sigma, lr, _) in enumerate(case.args for case in longer)
    ]


# --- properties


@mode_strength.prop(
    points=0.25, cases=_short, hint="num_steps steps have num_steps + 1 strengths: before, between, after."
)
def mode_type(case: Case, got: Any) -> None:
    """Returns an array of shape (num_steps + 1,)"""
    expect.array(got, (case.args[4] + 1,))


@mode_strength.prop(points=0.25, cases=_short, hint="What is a·b before anything has moved?")
def mode_start(case: Case, got: Any) -> None:
    """It begins with a0·b0"""
    have = _entries(got, case.args[4])
    expect.close(have[0], case.args[0] * case.args[1], "The first strength")


def _entries(got: Any, steps: int) -> Array:
    """Read the strengths, one too many or too few of them included."""
    try:
        size = np.size(got) if got is not None else 0
    except ValueError:  # ragged
        size = 0
    count = size if abs(size - steps - 1) <= 1 and size else steps + 1
    return expect.numbers(got, (count,), "The result")


def _follows(case: Case, got: Any) -> None:
    """Ask that every strength follows from the start and those before it."""
    a0, b0, sigma, lr, steps = case.args
    have = expect.numbers(got, (steps + 1,), "The result")
    want = implied(have, a0, b0, sigma, lr)
    if not np.isfinite(want).all():
        raise Failure(f"The strengths leave every bound: the largest is {np.max(np.abs(have)):.3g}.")
    allowed = expect.tolerance(want, trajectory=True)
    wrong = np.abs(have - want) > allowed
    if wrong.any():
        k = int(np.argmax(wrong))
        before = (
            f"the start a·b = {a0 * b0:.5g}"
            if k <= 1
            else f"the strengths up to step {k - 1}, the last {have[k - 1]:.5g},"
        )
        said = f"From {before} follows {want[k]:.6g} after step {k}; got {have[k]:.6g}."
        raise Failure(said if k else f"It should start at {want[0]:.6g}; got {have[0]:.6g}.", _about(case, have))


def _about(case: Case, have: Array) -> str:
    """Say whether it is the walk of another step size, and how the first step went."""
    a0, b0, sigma, lr, _ = case.args
    for name, factor in (("½", 0.5), ("2", 2.0), ("¼", 0.25), ("−1", -1.0), ("−½", -0.5)):
        if np.allclose(have, implied(have, a0, b0, sigma, factor * lr), rtol=1e-6, atol=1e-9):
            return f"It is the walk of a step size times {name}: look for such a factor in the gradient."
    if len(have) > 1 and have[1] == have[0] and have[0] != sigma:
        return "The first step changes nothing."
    return ""


@mode_strength.prop(
    points=0.75, cases=_balanced, hint="Differentiate (σ − ab)² with respect to a: chain rule, two factors."
)
def mode_balanced(case: Case, got: Any) -> None:
    """The strengths are right where a0 = b0"""
    _follows(case, got)


@mode_strength.prop(
    points=0.75,
    cases=_unbalanced,
    hint="Whose derivative contains whom? Both derivatives are taken at the same point, before either has moved.",
)
def mode_unbalanced(case: Case, got: Any) -> None:
    """They are right where a0 and b0 differ"""
    _follows(case, got)


@mode_strength.prop(
    points=0.25,
    cases=_wild,
    hint="Too large a learning rate oscillates. Report it as it is: no clipping, no stopping, no formula.",
)
def mode_wild(case: Case, got: Any) -> None:
    """They jump about where the learning rate is too large"""
    _follows(case, got)


@mode_strength.prop(points=0.75, cases=_long, hint="At the minimum of (σ − ab)², what is ab?")
def mode_settles(case: Case, got: Any) -> None:
    """After enough steps the strength is σ"""
    have = _entries(got, case.args[4])
    sigma = case.args[2]
    if abs(have[-1] - sigma) > 1e-4 * abs(sigma):
        clue = "It is on its way to σ." if 0.5 < have[-1] / sigma < 1 else ""
        clue = "It is −σ: the sign has been lost." if np.isclose(have[-1], -sigma, rtol=1e-3) else clue
        raise Failure(f"After {case.args[4]} steps it should have come to σ = {sigma:.5g}; it is {have[-1]:.5g}.", clue)
