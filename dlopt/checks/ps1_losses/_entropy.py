"""Cross-entropy and its gradient (rows L1, L2, L7)."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy import special

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps1_losses._cases import (
    Array,
    context,
    generator,
    label,
    large_rows,
    layouts,
    of_seed,
    slopes,
    targets,
)

__all__ = ["cross_entropy", "cross_entropy_grad"]

LENT = ("ps1_losses", ("softmax", "log_softmax"))


def loss(h: Array, y: Array) -> float:
    """Mean cross-entropy; since the targets of a sample sum to 1, what it pays is log Σ exp h − yᵀh."""
    return float(np.mean(special.logsumexp(h, axis=1)) - np.vdot(y, h) / len(h))


def _income(h: Any, share: Array) -> Any:
    """Weighted log-probabilities of one sample, for real and complex logits."""
    return special.log_softmax(h) @ share


def slope(h: Array, y: Array) -> Array:
    """Gradient of the cross-entropy, by complex steps through scipy's log-softmax, one sample at a time."""
    rows = [slopes(partial(_income, share=share), row) for row, share in zip(h, y, strict=True)]
    return -np.stack(rows) / len(h)


def _draw(seed: int, *, soft: bool) -> list[tuple[Array, Array]]:
    rng = generator(seed, 20, soft)
    batches = []
    for number, (n, k) in enumerate(((2, 2), (5, 3), (3, 3), (1, 4), (7, 6))):
        h = 2 * rng.normal(size=(n, k)) + 1
        if seed == 1 and number == 0:
            h = np.array([[1.0, 0.0], [0.0, 2.0]])
        y = targets(rng, n, k, soft=soft)
        if number == 0:  # short enough to be worked out by hand
            y = np.array([[0.75, 0.25], [0.5, 0.5]]) if soft else np.eye(2)
        batches.append((h, y))
    return batches if soft else [*batches, (rng.normal(size=(3, 1)), np.ones((3, 1)))]


def _large(seed: int) -> list[tuple[Array, Array]]:
    rng = generator(seed, 21)
    alike, apart = large_rows(seed)
    return [(h, targets(rng, *h.shape, soft=soft)) for h in alike + apart for soft in (False, True)]


def _cases(batches: list[tuple[Array, Array]], truth: Any, name: str = "") -> list[Case]:
    return [Case((h, y), f"{label(h=h, y=y)}{name}", truth(h, y)) for h, y in batches]


def _laid_out(cases: list[Case], *names: str) -> list[Case]:
    return cases + layouts(cases[1], *names)


# --- cross_entropy

cross_entropy = Exercise("cross_entropy", ("h", "y"), lent=LENT)


@of_seed
def _one_hot(seed: int) -> list[Case]:
    return _laid_out(_cases(_draw(seed, soft=False), loss), "F", "strided")


@of_seed
def _soft(seed: int) -> list[Case]:
    return _cases(_draw(seed, soft=True), loss, ", soft targets")


@of_seed
def _confident(seed: int) -> list[Case]:
    """Batches with a sample that is wrong by 30 to 600: costly, and far from any overflow."""
    gap = generator(seed, 22).uniform(30, 600)
    batches = [
        (np.array([[0.0, 40.0]]), np.array([[1.0, 0.0]])),
        (np.array([[0.0, gap, 1.0], [2.0, 0.0, 1.0]]), np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])),
        (np.array([[-gap, 0.0]]), np.array([[0.5, 0.5]])),
    ]
    return _cases(batches, loss)


@of_seed
def _large_losses(seed: int) -> list[Case]:
    return _cases(_large(seed), loss, ", logits up to 1e4")


@of_seed
def _guarded(seed: int) -> list[Case]:
    return _laid_out(_one_hot(seed), "read-only")


@cross_entropy.prop(points=0.25, cases=_one_hot, hint="A batch has one loss: a number, not an array.")
def entropy_type(case: Case, got: Any) -> None:
    """Returns a float"""
    expect.scalar(got, "The loss")


@cross_entropy.prop(
    points=1,
    cases=_one_hot,
    hint="K equal logits and a one-hot target: the loss is log K, whatever N is. Which axis do you sum, which average?",
)
def entropy_one_hot(case: Case, got: Any) -> None:
    """The loss is right for one-hot targets"""
    expect.close(got, case.truth, "The loss", context=context(case.args[0]))


@cross_entropy.prop(
    points=0.5,
    cases=_soft,
    hint="A soft target asks for a share of every class: each log-probability counts by its share.",
)
def entropy_soft(case: Case, got: Any) -> None:
    """The loss is right for soft targets"""
    expect.close(got, case.truth, "The loss", context=context(case.args[0]))


@cross_entropy.prop(
    points=0.5,
    cases=_confident,
    hint="Two logits, 0 and 40, and the target is the first: the loss is 40. Does anything cut your logarithm off?",
)
def entropy_confident(case: Case, got: Any) -> None:
    """A confident mistake costs what it should"""
    expect.close(got, case.truth, "The loss")


@cross_entropy.prop(
    points=0.5,
    cases=_large_losses,
    hint="exp overflows, the logarithm of 0 is −∞, and 0 · ∞ is no number. One of your functions avoids all three.",
)
def entropy_large(case: Case, got: Any) -> None:
    """Finite and right for logits up to 1e4"""
    expect.close(got, case.truth, "The loss")


cross_entropy.keeps_inputs(points=0.25, cases=_guarded)

# --- cross_entropy_grad

cross_entropy_grad = Exercise("cross_entropy_grad", ("h", "y"), lent=LENT)


@of_seed
def _one_hot_slopes(seed: int) -> list[Case]:
    return _laid_out(_cases(_draw(seed, soft=False), slope), "F", "strided")


@of_seed
def _soft_slopes(seed: int) -> list[Case]:
    return _cases(_draw(seed, soft=True), slope, ", soft targets")


@of_seed
def _large_slopes(seed: int) -> list[Case]:
    return _cases(_large(seed), slope, ", logits up to 1e4")


@of_seed
def _slopes_guarded(seed: int) -> list[Case]:
    return _laid_out(_one_hot_slopes(seed), "read-only")


@cross_entropy_grad.prop(points=0.25, cases=_one_hot_slopes, hint="One derivative per logit: the shape of h.")
def grad_type(case: Case, got: Any) -> None:
    """Returns an array of shape (N, K)"""
    expect.array(got, case.truth.shape, "The gradient")


@cross_entropy_grad.prop(
    points=1.25,
    cases=_one_hot_slopes,
    hint="Each row sums to 0, and only the target's entry is negative. And a mean over N samples has which derivative?",
)
def grad_one_hot(case: Case, got: Any) -> None:
    """The gradient is right for one-hot targets"""
    expect.close(got, case.truth, "The gradient", context=context(case.args[0]))


@cross_entropy_grad.prop(
    points=0.5,
    cases=_soft_slopes,
    hint="Where the softmax equals the soft target, the loss is at its minimum: what must the gradient be there?",
)
def grad_soft(case: Case, got: Any) -> None:
    """The gradient is right for soft targets"""
    expect.close(got, case.truth, "The gradient", context=context(case.args[0]))


@cross_entropy_grad.prop(
    points=0.75,
    cases=_large_slopes,
    hint="No entry can be larger than 1/N. Whatever overflows here, overflows in the softmax already.",
)
def grad_large(case: Case, got: Any) -> None:
    """Finite and right for logits up to 1e4"""
    expect.close(got, case.truth, "The gradient")


cross_entropy_grad.keeps_inputs(points=0.25, cases=_slopes_guarded)
