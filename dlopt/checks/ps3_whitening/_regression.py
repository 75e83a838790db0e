"""What whitening is good for: the Hessian of linear regression and gradient descent on it (rows W1, W2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Case, Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps3_whitening._cases import Array, generator, layouts, of_seed, orthonormal, small

__all__ = ["regression_gd", "regression_hessian"]


@dataclass(frozen=True)
class Regression:
    """X = √N U diag(s) Vᵀ and y = √N (Uβ + ρu), with u of length 1 and orthogonal to U.

    Along each column of V the loss is a parabola of its own, ½(s·v − β)²; what is left, ½ρ², no weights can explain.

    Parameters
    ----------
    U : ndarray (N, R)
        Orthonormal columns.
    s : ndarray (R,)
        Singular values of X/√N.
    V : ndarray (D, R)
        Orthonormal columns.
    beta : ndarray (R,)
        What of y lies along U.
    rest : ndarray (N,)
        ρu, what does not.
    """

    U: Array
    s: Array
    V: Array
    beta: Array
    rest: Array

    @property
    def X(self) -> Array:  # noqa: N802 - the name on the page
        """The inputs (N, D)."""
        inputs: Array = np.sqrt(len(self.U)) * (self.U * self.s) @ self.V.T
        return inputs

    @property
    def y(self) -> Array:
        """The targets (N,)."""
        targets: Array = np.sqrt(len(self.U)) * (self.U @ self.beta + self.rest)
        return targets

    @property
    def curvature(self) -> Array:
        """The Hessian (D, D): s² along V, nothing elsewhere."""
        return (self.V * self.s**2) @ self.V.T

    def losses(self, lr: float, num_steps: int) -> Array:
        """Losses along gradient descent from 0, in closed form: each parabola's gap shrinks by (1 − lr·s²)² a step."""
        k = np.arange(num_steps + 1)[:, None]
        gaps = self.beta * (1 - lr * self.s**2) ** k
        return np.asarray(0.5 * np.sum(gaps**2, axis=1) + 0.5 * float(self.rest @ self.rest))


def _regression(
    rng: np.random.Generator, n: int, d: int, *, kappa: float = 10.0, scale: float = 1.0, mean: str = "some"
) -> Regression:
    """Draw a regression; the mean of the inputs is "some", "none" or "large"."""
    rank = min(n - (mean == "none"), d)
    spare = n - rank - (mean == "none") > 0
    Q = orthonormal(rng, n, rank + spare, centred=mean == "none")
    if mean == "large":
        Q = np.linalg.qr(np.column_stack([np.ones(n), rng.normal(size=(n, Q.shape[1] - 1))]))[0]
    s = scale / np.sqrt(np.geomspace(1, kappa, rank))
    if mean == "large":
        s[0] *= 3
    beta = rng.uniform(0.5, 2, rank) * rng.choice([-1.0, 1.0], rank)
    rest = 0.7 * Q[:, -1] if spare else np.zeros(n)
    return Regression(Q[:, :rank], s, orthonormal(rng, d, d)[:, :rank], beta, rest)


def _readable() -> Regression:
    """Build X = [[1, 1], [3, −1], [1, 1], [3, −1]], the mean (2, 0) large, with targets that no weights reach."""
    U = np.array([[1.0, -1.0], [1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]) / 2
    # its columns in the plane of U: (2, 0) along ones and (1, −1) along the other
    left, s, right = np.linalg.svd(np.array([[2.0, 0.0], [1.0, -1.0]]))
    rest = np.array([0.5, 0.5, -0.5, -0.5])
    return Regression(U @ left, s, right.T, left.T @ np.array([2.0, 1.0]), rest)


def _label(problem: Regression) -> str:
    n, d = problem.X.shape
    if n * d <= 8:
        return f"X = {small(problem.X)}"
    return f"N = {n}, D = {d}, singular values of X/√N from {problem.s[0]:.3g} to {problem.s[-1]:.3g}"


# --- regression_hessian


regression_hessian = Exercise("regression_hessian", ("X",))


def _hessian_case(problem: Regression) -> Case:
    X = problem.X
    n, d = X.shape
    mean = X.sum(axis=0) / n
    about = Context(
        factors={f"N = {n}": n, "N/(N − 1)": n / (n - 1) if n > 1 else 1.0, f"D = {d}": d},
        terms={"the outer product of the mean with itself": np.multiply.outer(mean, mean)},
    )
    return Case((X,), _label(problem), (problem.curvature, about))


@of_seed
def _centred(seed: int) -> list[Case]:
    rng = generator(seed, 40)
    shapes = ((6, 3), (4, 7), (5, 1), (9, 2))
    cases = [_hessian_case(_regression(rng, n, d, mean="none")) for n, d in shapes]
    return cases + layouts(cases[0], "F", "strided")


@of_seed
def _off_centre(seed: int) -> list[Case]:
    rng = generator(seed, 41)
    first = [_hessian_case(_readable())] if seed == 1 else []
    shapes = ((6, 3), (1, 4), (3, 5), (8, 1), (1, 1))
    return first + [_hessian_case(_regression(rng, n, d, mean="large")) for n, d in shapes]


@of_seed
def _tiny_and_huge(seed: int) -> list[Case]:
    rng = generator(seed, 42)
    return [_hessian_case(_regression(rng, 6, 3, kappa=1e4, scale=scale, mean="none")) for scale in (1e-3, 1e4)]


@of_seed
def _hessian_guarded(seed: int) -> list[Case]:
    return _centred(seed) + layouts(_off_centre(seed)[0], "read-only")


@regression_hessian.prop(points=0.25, cases=_centred, hint="One row and one column per weight.")
def hessian_type(case: Case, got: Any) -> None:
    """Returns an array of shape (D, D)"""
    expect.array(got, case.truth[0].shape)


def _hessian(case: Case, got: Any) -> None:
    expect.close(got, case.truth[0], "The Hessian", context=case.truth[1])


@regression_hessian.prop(
    points=0.5,
    cases=_centred,
    hint="Entry (i, j) says how the slope along weight i changes with weight j: which columns of X meet there?",
)
def hessian_directions(case: Case, got: Any) -> None:
    """Its entries are right relative to each other"""
    want, about = case.truth
    have = expect.numbers(got, want.shape, "The Hessian")
    share = float(np.sum(have * want) / np.sum(want**2))
    expect.close(have if share <= 0 else have / share, want, "The Hessian", context=about)


@regression_hessian.prop(
    points=0.25,
    cases=_centred,
    hint="Differentiate the loss twice for D = 1 and N = 1, then put the mean over the samples in front.",
)
def hessian_value(case: Case, got: Any) -> None:
    """The Hessian is right for centred inputs"""
    _hessian(case, got)


@regression_hessian.prop(
    points=0.5,
    cases=_off_centre,
    hint="The loss sees X as it is: nobody has subtracted a mean. What does a large mean do to the curvature?",
)
def hessian_off_centre(case: Case, got: Any) -> None:
    """It is right for inputs with a mean, too, and for a single sample"""
    _hessian(case, got)


@regression_hessian.prop(points=0.25, cases=_tiny_and_huge, hint="Ten times the inputs, a hundred times the curvature.")
def hessian_scales(case: Case, got: Any) -> None:
    """Also for tiny and for huge inputs"""
    _hessian(case, got)


regression_hessian.keeps_inputs(points=0.25, cases=_hessian_guarded)

# --- regression_gd


regression_gd = Exercise(
    "regression_gd", ("X", "y", "lr", "num_steps"), lent=("ps3_whitening", ("regression_hessian",))
)


def _gd_case(problem: Regression, share: float, num_steps: int) -> Case:
    """Descend with lr at a share of the inverse of the largest curvature; the truth is (problem, losses)."""
    lr = share / float(problem.s[0] ** 2)
    label = f"lr = {lr:.4g}, num_steps = {num_steps}, {_label(problem)}"
    if problem.X.size <= 8:
        label += f", y = {small(problem.y)}"
    return Case((problem.X, problem.y, lr, num_steps), label, (problem, problem.losses(lr, num_steps)))


def _problems(seed: int, *which: int) -> list[Regression]:
    rng = generator(seed, *which)
    first = [_readable()] if seed == 1 else []
    shapes = ((6, 3, "some"), (8, 2, "large"), (5, 1, "some"), (3, 6, "some"), (1, 3, "some"), (1, 1, "some"))
    return first + [_regression(rng, n, d, mean=mean) for n, d, mean in shapes]


@of_seed
def _walks(seed: int) -> list[Case]:
    settings = [(0.5, 8), (1.0, 1), (0.9, 12), (0.3, 25)]
    cases = [_gd_case(p, *settings[k % 4]) for k, p in enumerate(_problems(seed, 43))]
    white = _regression(generator(seed, 44), 7, 3, kappa=1, mean="none")  # arrives in one step
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
    try:
        if relative and have.dtype.kind == "f" and have.shape == want.shape and have[0] > 0:
            expect.close(have / have[0], want / want[0], "The losses divided by the first", trajectory=True)
        else:
            expect.close(got, want, "The losses", trajectory=True)
    except Failure as failure:
        raise Failure(failure.message, _about(case, got) or failure.clue) from None


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
    if num_steps > 1 and np.isclose(have[0], want[0], rtol=1e-6) and np.isclose(have[1], want[1], rtol=1e-6):
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
    expect.close(_first(got, case.truth[1].shape), case.truth[1][0], "The first loss")


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
