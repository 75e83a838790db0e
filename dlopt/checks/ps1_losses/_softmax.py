"""Softmax, its logarithm and its Jacobian (rows L1, L7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps1_losses._cases import Array, generator, label, large_rows, layouts, of_seed, slopes

__all__ = ["log_softmax", "softmax", "softmax_jacobian"]

Function = Callable[[Array], Array]


def _probabilities(h: Any) -> Any:
    return special.softmax(h, axis=-1)


def _logarithms(h: Any) -> Any:
    return special.log_softmax(h, axis=-1)


def _cases(truth: Function, batches: list[Array], name: str = "") -> list[Case]:
    return [Case((h,), f"{label(h=h)}{name}", truth(h)) for h in batches]


def _moderate(seed: int, truth: Function) -> list[Case]:
    """Logits of everyday size, in batches of several shapes."""
    rng = generator(seed, 10)
    first = np.array([[2.0, 1.0, 0.0], [0.0, 2.0, 0.0]]) if seed == 1 else rng.normal(size=(2, 3))
    shapes = ((4, 3), (3, 3), (1, 5), (5, 1), (7, 12))
    cases = _cases(truth, [first, *(2 * rng.normal(size=shape) + 1 for shape in shapes)])
    return cases + layouts(cases[1], "F", "strided")


def _guard(cases: list[Case]) -> list[Case]:
    return cases + layouts(cases[1], "read-only")


# --- softmax

softmax = Exercise("softmax", ("h",), lent=("ps1_losses", ("log_softmax",)))


@of_seed
def _softmax_moderate(seed: int) -> list[Case]:
    return _moderate(seed, _probabilities)


@of_seed
def _softmax_large(seed: int) -> list[Case]:
    return _cases(_probabilities, large_rows(seed)[0], ", large logits")


@of_seed
def _softmax_apart(seed: int) -> list[Case]:
    return _cases(_probabilities, large_rows(seed)[1], ", rows far apart")


@of_seed
def _softmax_guarded(seed: int) -> list[Case]:
    return _guard(_softmax_moderate(seed))


@softmax.prop(points=0.5, cases=_softmax_moderate, hint="As many rows and columns as h: a probability for each logit.")
def softmax_type(case: Case, got: Any) -> None:
    """Returns an array of shape (N, K)"""
    expect.array(got, case.truth.shape)


@softmax.prop(
    points=1.25,
    cases=_softmax_moderate,
    hint="Each row is one sample: its K probabilities sum to 1, whatever the other rows hold. Which axis is that?",
)
def softmax_value(case: Case, got: Any) -> None:
    """Each row holds the probabilities of its sample"""
    expect.close(got, case.truth, "The softmax")


@softmax.prop(
    points=0.5,
    cases=_softmax_large,
    hint="exp overflows above 709 and is 0 below −745. What may you add to all logits of a row without changing them?",
)
def softmax_large(case: Case, got: Any) -> None:
    """Finite and right for logits up to 1e4"""
    expect.close(got, case.truth, "The softmax")


@softmax.prop(
    points=0.5,
    cases=_softmax_apart,
    hint="One row lies near 1e4, another near −1e4. What suits the first leaves nothing of the second.",
)
def softmax_apart(case: Case, got: Any) -> None:
    """Also where the rows of a batch lie far apart"""
    expect.close(got, case.truth, "The softmax")


softmax.keeps_inputs(points=0.25, cases=_softmax_guarded)

# --- log_softmax

log_softmax = Exercise("log_softmax", ("h",), lent=("ps1_losses", ("softmax",)))


@of_seed
def _log_moderate(seed: int) -> list[Case]:
    return _moderate(seed, _logarithms)


@of_seed
def _log_unlikely(seed: int) -> list[Case]:
    """Gaps between 30 and 600: probabilities that float64 still holds, and that a small constant would drown."""
    rng = generator(seed, 11)
    gaps = np.sort(rng.uniform(30, 600, size=(3, 3)), axis=1)
    drawn = np.column_stack([rng.normal(size=3), -gaps])
    return _cases(
        _logarithms, [np.array([[0.0, -40.0]]), np.array([[100.0, 0.0, -500.0]]), rng.permuted(drawn, axis=1)]
    )


@of_seed
def _log_large(seed: int) -> list[Case]:
    alike, apart = large_rows(seed)
    return _cases(_logarithms, alike, ", large logits") + _cases(_logarithms, apart, ", rows far apart")


@of_seed
def _log_guarded(seed: int) -> list[Case]:
    return _guard(_log_moderate(seed))


@log_softmax.prop(points=0.25, cases=_log_moderate, hint="As many rows and columns as h: a logarithm for each logit.")
def log_softmax_type(case: Case, got: Any) -> None:
    """Returns an array of shape (N, K)"""
    expect.array(got, case.truth.shape)


@log_softmax.prop(
    points=1,
    cases=_log_moderate,
    hint="The exponentials of a row sum to 1, so no entry is positive. Take the logarithm of the quotient on paper.",
)
def log_softmax_value(case: Case, got: Any) -> None:
    """Each row holds the log-probabilities of its sample"""
    expect.close(got, case.truth, "The log-softmax")


@log_softmax.prop(
    points=0.75,
    cases=_log_unlikely,
    hint="A probability of e⁻⁴⁰ has the logarithm −40, and nothing may be added to it or cut off first.",
)
def log_softmax_unlikely(case: Case, got: Any) -> None:
    """The logarithms of unlikely classes keep their digits"""
    expect.close(got, case.truth, "The log-softmax")


@log_softmax.prop(
    points=0.75,
    cases=_log_large,
    hint="Neither exp of a large number nor the logarithm of 0 needs to occur: simplify on paper, then shift each row.",
)
def log_softmax_large(case: Case, got: Any) -> None:
    """Finite and right for logits up to 1e4"""
    expect.close(got, case.truth, "The log-softmax")


log_softmax.keeps_inputs(points=0.25, cases=_log_guarded)

# --- softmax_jacobian

softmax_jacobian = Exercise("softmax_jacobian", ("h",), lent=("ps1_losses", ("softmax", "log_softmax")))


def _jacobian(h: Array) -> Array:
    """Jacobian of scipy's softmax by complex steps."""
    return slopes(_probabilities, h)


@of_seed
def _vectors(seed: int) -> list[Case]:
    rng = generator(seed, 12)
    first = np.array([1.0, 0.0, -1.0]) if seed == 1 else rng.normal(size=3)
    cases = _cases(_jacobian, [first, *(1.5 * rng.normal(size=k) for k in (5, 2, 8))])
    return cases + layouts(cases[1], "strided")


@of_seed
def _one_class_more(seed: int) -> list[Case]:
    """The vectors, and the one with a single class, whose probability never moves."""
    return [*_vectors(seed), *_cases(_jacobian, [np.array([0.5 + seed % 7])])]


@of_seed
def _large_vectors(seed: int) -> list[Case]:
    noise = generator(seed, 13).normal(size=4)
    drawn = [np.array([1000.0, 1000.0, 0.0]), noise + 9990, noise - 9990, np.array([1e4, -1e4])]
    return _cases(_jacobian, drawn, ", large logits")


@of_seed
def _vectors_guarded(seed: int) -> list[Case]:
    return _guard(_vectors(seed))


def _square(got: Any, want: Array) -> Array:
    return expect.numbers(got, want.shape, "The Jacobian")


@softmax_jacobian.prop(points=0.5, cases=_one_class_more, hint="K outputs, each differentiated by each of K inputs.")
def jacobian_type(case: Case, got: Any) -> None:
    """Returns an array of shape (K, K)"""
    expect.array(got, case.truth.shape)


@softmax_jacobian.prop(
    points=0.75,
    cases=_one_class_more,
    hint="Raise hᵢ a little: yᵢ grows, in the numerator, and shrinks, in the denominator. For one class both cancel.",
)
def jacobian_diagonal(case: Case, got: Any) -> None:
    """The diagonal is right: what a logit does to its own probability"""
    expect.close(np.diag(_square(got, case.truth)), np.diag(case.truth), "The diagonal")


@softmax_jacobian.prop(
    points=0.75,
    cases=_vectors,
    hint="Raise hⱼ: only the denominator of yᵢ notices. And since the yᵢ sum to 1, every column of J sums to 0.",
)
def jacobian_rest(case: Case, got: Any) -> None:
    """The rest is right: what a logit does to the others"""
    mixed = ~np.eye(len(case.truth), dtype=bool)
    expect.close(_square(got, case.truth)[mixed], case.truth[mixed], "The entries beside the diagonal")


@softmax_jacobian.prop(
    points=0.75,
    cases=_large_vectors,
    hint="Write J with the probabilities alone. Then all that must not overflow is the softmax, and you have one.",
)
def jacobian_large(case: Case, got: Any) -> None:
    """Finite and right for logits up to 1e4"""
    expect.close(got, case.truth, "The Jacobian")


softmax_jacobian.keeps_inputs(points=0.25, cases=_vectors_guarded)
