"""Pruning by magnitude (row N9): a mask is judged by whom it keeps, whichever way it was found."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps10_landscapes._cases import generator
from dlopt.checks.scenes import layouts, of_seed, small

__all__ = ["magnitude_mask"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


magnitude_mask = Exercise("magnitude_mask", ("W", "sparsity"))


# --- cases: the truth is how many weights stay


def _case(W: Array, sparsity: float, kept: int, label: str) -> Case:
    return Case((W, sparsity), label, kept)


def _weights(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Draw weights of both signs whose magnitudes are all different, the smallest and largest anywhere."""
    size = int(np.prod(shape))
    magnitudes = 0.1 * (1 + np.arange(size)) + 0.02 * rng.uniform(size=size)
    signs = np.where(np.arange(size) % 2, 1.0, -1.0)
    return np.asarray(rng.permutation(magnitudes * signs).reshape(shape))


#: Shape, sparsity and how many stay: (1 − s)·size is a whole number, or well away from the halves between them.
SETTINGS = (
    ((4, 5), 0.5, 10),
    ((3, 7), 0.1, 19),  # 18.9
    ((3, 7), 0.8, 4),  # 4.2
    ((10,), 0.9, 1),  # 0.99999999999999978 in floating point
    ((2, 3, 5), 0.3, 21),
    ((6, 6), 0.85, 5),  # 5.4
    ((2, 2, 3, 2), 0.99, 0),  # 0.24
    ((5, 1), 0.33, 3),  # 3.35
)


@of_seed
def _various(seed: int) -> list[Case]:
    rng = generator(seed, 50)
    cases = []
    if seed == 1:
        W = np.array([[0.3, -2.0, 0.1], [-0.7, 1.0, -0.2]])
        cases.append(_case(W, 0.5, 3, f"W = {small(W)}, sparsity = 0.5"))
    for shape, sparsity, kept in SETTINGS:
        cases.append(_case(_weights(rng, shape), sparsity, kept, f"W of shape {shape}, sparsity = {sparsity:g}"))
    return cases + layouts(cases[1], "F", "strided") + layouts(cases[4], "F")


@of_seed
def _telling(seed: int) -> list[Case]:
    return [case for case in _various(seed) if 1 < case.truth < case.args[0].size]


@of_seed
def _ends(seed: int) -> list[Case]:
    rng = generator(seed, 51)
    cases = []
    for shape in ((3, 4), (7,), (1, 1)):
        W, size = _weights(rng, shape), int(np.prod(shape))
        for sparsity, kept in ((0.0, size), (1.0, 0)):
            cases.append(_case(W, sparsity, kept, f"W of shape {shape}, sparsity = {sparsity:g}"))
    return [*cases, Case((cases[0].args[0], 0), "sparsity = 0, an int", cases[0].truth)]


@of_seed
def _ties(seed: int) -> list[Case]:
    rng = generator(seed, 52)
    size = int(rng.choice([2, 4]))
    tied = rng.permutation(np.repeat([0.5, -0.5, 2.0, -2.0, 0.0], size)).reshape(5, size)
    equal = np.where(rng.uniform(size=(4, 6)) < 0.5, 1.5, -1.5)
    return [
        _case(tied, 0.7, 3 * size // 2, f"W of shape (5, {size}), many of |W| equal, sparsity = 0.7"),
        _case(equal, 0.25, 18, "W of shape (4, 6), all |W| = 1.5, sparsity = 0.25"),
        _case(np.zeros((3, 4)), 0.5, 6, "W = 0 of shape (3, 4), sparsity = 0.5"),
        _case(tied, 0.1, 9 * size // 2, f"W of shape (5, {size}), a fifth of it 0, sparsity = 0.1"),
    ]


@of_seed
def _all(seed: int) -> list[Case]:
    return [*_various(seed), *_ends(seed)]


@of_seed
def _guarded(seed: int) -> list[Case]:
    case = _various(seed)[1]
    return [case, *layouts(case, "read-only")]


# --- properties


def _read(got: Any, W: Array) -> Mask:
    """Read who is kept from whatever holds two values: truth values, zeros and ones, or pruned weights."""
    entries = expect.numbers(got, W.shape, "The mask")
    return np.asarray(entries != 0)


@magnitude_mask.prop(points=0.25, cases=_all, hint="True where a weight stays: a comparison returns such an array.")
def mask_type(case: Case, got: Any) -> None:
    """Returns a boolean array of W's shape"""
    expect.array(got, case.args[0].shape, "The mask", dtype="bool")


def _count(case: Case, got: Any) -> None:
    mask, kept = _read(got, case.args[0]), case.truth
    count = int(mask.sum())
    if count != kept:
        sparsity = case.args[1]
        raise Failure(
            f"The mask should keep {kept} of {mask.size} weights; it keeps {count}.",
            _counted(count, mask.size, sparsity),
        )


def _counted(count: int, size: int, sparsity: float) -> str:
    """Say what a wrong count is the count of."""
    exact = (1 - sparsity) * size
    if count == size - round(exact):
        return "That is how many should go."
    if abs(count - exact) < 1:
        side = "down" if count < exact else "up"
        return f"(1 − sparsity)·size is {exact:.6g}: you round {side}, and the nearest whole number is asked for."
    share = count / size
    return f"It keeps {share:.1%} of them; the sparsity is the share that goes, {sparsity:.0%}."


@magnitude_mask.prop(points=0.75, cases=_various, hint="How many stay? Work it out as a whole number first.")
def mask_count(case: Case, got: Any) -> None:
    """Keeps exactly round((1 − sparsity)·size) weights"""
    _count(case, got)


@magnitude_mask.prop(points=0.75, cases=_telling, hint="Which weights can be missed most easily?")
def mask_largest(case: Case, got: Any) -> None:
    """Every weight that stays is at least as large in size as every weight that goes"""
    W = case.args[0]
    mask, size = _read(got, W), np.abs(W)
    if mask.all() or not mask.any():
        raise Failure(f"Of {mask.size} weights {'all' if mask.all() else 'none'} stay: nobody was chosen.")
    least, most = np.where(mask, size, np.inf).min(), np.where(mask, 0.0, size).max()
    if least < most:
        stays, goes = W[mask & (size == least)][0], W[~mask & (size == most)][0]
        raise Failure(f"{stays:.4g} stays and {goes:.4g} goes, although it is larger in size.", _chosen(W, mask))


def _chosen(W: Array, mask: Mask) -> str:
    """Say by what else the weights may have been chosen."""
    size, count = np.abs(W), int(mask.sum())
    order = np.sort(W, axis=None)
    if size[mask].max() < size[~mask].min():
        return "Those that stay are the smallest ones."
    if W[mask].min() > W[~mask].max():
        return "Those that stay are the largest by sign and size: a large negative weight went."
    if W[mask].max() < W[~mask].min():
        return f"Those that stay are the {count} most negative, down to {order[0]:.4g}."
    rows = mask.reshape(len(mask), -1)
    if mask.ndim > 1 and len(set(rows.sum(axis=1).tolist())) == 1:
        return "Every row keeps equally many: the largest of all of W are asked for."
    return ""


@magnitude_mask.prop(
    points=0.5, cases=_ends, hint="With nothing to keep, what does a slice like x[-0:] give? Try both ends by hand."
)
def mask_ends(case: Case, got: Any) -> None:
    """Sparsity 0 keeps all weights, sparsity 1 none"""
    _count(case, got)


@magnitude_mask.prop(
    points=0.5, cases=_ties, hint="A threshold lets equal weights all stay or all go. Number them instead of comparing."
)
def mask_ties(case: Case, got: Any) -> None:
    """Where several |W| are equal it still keeps exactly so many"""
    _count(case, got)
    W = case.args[0]
    mask, size = _read(got, W), np.abs(W)
    if 0 < mask.sum() < mask.size and np.where(mask, size, np.inf).min() < np.where(mask, 0.0, size).max():
        raise Failure("It keeps as many as it should, but smaller ones instead of larger ones.")


magnitude_mask.keeps_inputs(points=0.25, cases=_guarded)
