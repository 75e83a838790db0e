"""Gradient descent on linear regression: what whitening is worth in steps (row W2)."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps3_whitening._cases import generator, layouts, of_seed, small
from dlopt.checks.ps3_whitening._regressions import Regression, label, readable, regression

__all__ = ["regression_gd"]


regression_gd = Exercise(
    "regression_gd", ("X", "y", "lr", "num_steps"), lent=("ps3_whitening", ("regression_hessian",))
)


def _gd_case(problem: Regression, share: float, num_steps: int) -> Case:
    """Descend with lr at a share of the inverse of the largest curvature; the truth is (problem, losses)."""
    lr = share / float(problem.s[0] ** 2)
    said = f"lr = {lr:.4g}, num_steps = {num_steps}, {label(problem)}"
    if problem.X.size <= 8:
        said += f", y = {small(problem.y)}"
    return Case((problem.X, problem.y, lr, num_steps), said, (problem, problem.losses(lr, num_steps)))


def _problems(seed: int, *which: int) -> list[Regression]:
    rng = generator(seed, *which)
    first = [readable()] if seed == 1 else []
    shapes = ((6, 3, "some"), (8, 2, "large"), (5, 1, "some"), (3, 6, "some"), (1, 3, "some"), (1, 1, "some"))
    return first + [regression(rng, n, d, mean=mean) for n, d, mean in shapes]


@of_seed
def _walks(seed: int) -> list[Case]:
    settings = [(0.5, 8), (1.0, 1), (0.9, 12), (0.3, 25)]
    cases = [_gd_case(p, *settings[k % 4]) for k, p in enumerate(_problems(seed, 43))]
    white = regression(generator(seed, 44), 7, 3, kappa=1, mean="none")  # arrives in one step
    return [*cases, _gd_case(white, 1.0, 3), *layouts(cases[0], "F", "strided")]


@of_seed
def _wild_walks(seed: int) -> list[Case]:
    settings = [(1.9, 12), (2.0, 6), (2.3, 20)]
    return [_gd_case(p, *settings[k % 3]) for k, p in enumerate(_problems(seed, 45))]


@of_seed
def _walks_guarded(seed: int) -> list[Case]:
    return _walks(seed) + layouts(_walks(seed)[0], "read-only")


def _path(case: Case, got: Any, *, relative: bool = False) -> None:
    """Ask for the losses, or for their ratios to the first one.

    One entry too few is another property's business.
    """
    want = case.truth[1]
    have = np.ravel(got) if isinstance(got, np.ndarray | list) else np.zeros(0)
    if have.dtype.kind == "f" and have.shape == want[1:].shape:
        ends = want[:-1], want[1:]
        if any(np.allclose(have, end, rtol=expect.RTOL, atol=expect.RTOL * end.max()) for end in ends):
            return
    with expect.known(_about, case, got):
        if relative and have.dtype.kind == "f" and have.shape == want.shape and have[0] > 0:
            with np.errstate(over="ignore"):  # a walk that leaves every bound is wrong, not an accident
                have = have / have[0]
            expect.close(have, want / want[0], "The losses divided by the first", trajectory=True)
        else:
            expect.close(got, want, "The losses", trajectory=True)


def _about(case: Case, got: Any) -> str:
    """Say whether it is the walk of another learning rate, or of the right one with the losses scaled or shifted."""
    problem, want = case.truth
    X, _, lr, num_steps = case.args
    n, d = X.shape
    try:
        have = np.asarray(got, dtype=np.float64).ravel()
    except (TypeError, ValueError):
        return ""
    if have.shape == want[1:].shape and np.allclose(have, want[1:], rtol=1e-6):
        return "The loss of the start, w = 0, is missing: it comes first."
    if have.shape != want.shape or not np.isfinite(have).all():
        return ""
    factors = {
        "2": 2.0,
        "½": 0.5,
        f"N = {n}": n,
        f"1/N = 1/{n}": 1 / n,
        f"D = {d}": d,
        f"1/D = 1/{d}": 1 / d,
        "−1": -1.0,
    }
    for name, factor in factors.items():
        if factor != 1 and np.allclose(have, problem.losses(lr * factor, num_steps), rtol=1e-6):
            return f"It is the walk of a learning rate times {name}: look for such a factor in the gradient."
    if np.all(np.diff(have) <= 0) and np.any(np.diff(want) > 0):
        return "Your losses never rise, and they should: this learning rate is too large."
    if np.isclose(have[0], want[0], rtol=1e-6):
        good = int(np.argmax(~np.isclose(have, want, rtol=1e-6)))
        return f"The losses before step {good} are right, the one after it is the first that is not."
    return ""


@regression_gd.prop(points=0.5, cases=_walks, hint="num_steps steps have num_steps + 1 losses: before, between, after.")
def gd_type(case: Case, got: Any) -> None:
    """Returns an array of shape (num_steps + 1,)"""
    expect.array(got, case.truth[1].shape)


@regression_gd.prop(points=0.5, cases=_walks, hint="With w = 0 every prediction is 0: what is the loss of that?")
def gd_start(case: Case, got: Any) -> None:
    """It begins with the loss at w = 0"""
    first, y = _first(got, case.truth[1].shape), case.args[1]
    try:
        expect.close(first, case.truth[1][0], "The first loss", context=Context({f"N = {len(y)}": len(y)}))
    except Failure as failure:
        best = "It is the loss of predicting the mean of y for every sample."
        clue = best if np.isclose(first, 0.5 * np.mean((y - y.mean()) ** 2), rtol=1e-6) else ""
        raise Failure(failure.message, clue or failure.clue or "At w = 0 it depends on y alone.") from None


def _first(got: Any, shape: tuple[int, ...]) -> Any:
    try:
        entries = np.asarray(got, dtype=np.float64).ravel()
    except (TypeError, ValueError):
        entries = np.zeros(0)
    if not 0 < entries.size <= shape[0] + 1 or np.ndim(got) > 2:
        raise Failure(f"The result should hold {shape[0]} losses; it is {expect.kind(got)}.")
    return float(entries[0])


@regression_gd.prop(
    points=1,
    cases=_walks,
    hint="Compare your gradient with (L(w + h) − L(w − h))/2h for one weight. Is it of the same loss that you report?",
)
def gd_path(case: Case, got: Any) -> None:
    """All losses are right while it converges"""
    _path(case, got)


@regression_gd.prop(
    points=0.5,
    cases=_wild_walks,
    hint="Too large a learning rate makes the loss grow. Report it as it is: no clipping, no stopping.",
)
def gd_wild(case: Case, got: Any) -> None:
    """It oscillates or diverges where it should, in proportion to the first loss"""
    _path(case, got, relative=True)


regression_gd.keeps_inputs(points=0.5, cases=_walks_guarded)
