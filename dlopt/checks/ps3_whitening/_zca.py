"""Whitening that turns back: the white cloud closest to the original (row W3)."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps3_whitening._cases import Array, Cloud, white
from dlopt.checks.ps3_whitening._whitened import Flat, damped, flat, full, guarded, single, thin

__all__ = ["zca_whiten"]


def _total(z: Array) -> float:
    """Sum of the variances of all columns: for white data, the number of directions."""
    centred = z - z.sum(axis=0) / len(z)
    return float(np.sum(centred**2) / len(z))


def _without_rounding(value: Any) -> Any:
    """Reduce what came back for data with flat directions to what does not depend on rounding."""
    if not isinstance(value, Flat):
        return value
    z = value.value
    if not value.is_matrix or (np.isfinite(z).all() and _total(z) < value.rank + 0.5):
        return z
    return ["blown up", *map(str, z.shape)]


# an answer that builds on pca_whiten usually takes the axes as eigh gives them, with the signs that the reference has
zca_whiten = Exercise("zca_whiten", ("X", "eps"), canonical=_without_rounding, lent=("ps3_whitening", ("pca_whiten",)))


def _turned(c: Cloud, eps: float = 0.0) -> Array:
    """Return the whitened coordinates, laid along the axes the cloud was built from."""
    return c.whitened(eps) @ c.axes.T


def _context(c: Cloud, shape: tuple[int, ...]) -> Context:
    n = len(c.z)
    mean = np.broadcast_to(c.mean, shape)
    return Context(factors={"√(N/(N − 1))": np.sqrt(n / (n - 1))}, terms={"the mean": -mean, "the centring": mean})


@zca_whiten.prop(points=0.5, cases=full, hint="As many columns as X: after the way back you are in its coordinates.")
def zca_type(case: Case, got: Any) -> None:
    """Returns an array of shape (N, D)"""
    expect.array(got, case.args[0].shape)


@zca_whiten.prop(points=0.5, cases=full, hint="A rotation keeps white data white: what was right for PCA stays right.")
def zca_white(case: Case, got: Any) -> None:
    """The result is white: mean 0, variance 1, nothing correlated"""
    white(got, case.args[0].shape)


def _close(got: Any, c: Cloud, eps: float) -> None:
    """Ask for the white cloud in the coordinates of the data."""
    want = _turned(c, eps)
    with expect.known(_about, got, want, c, eps):
        expect.close(got, want, "The whitened data", context=_context(c, want.shape))


def _about(got: Any, want: Array, c: Cloud, eps: float) -> str:
    """Say whether it is the right cloud seen along other axes, or at other scales along the right ones."""
    z = np.asarray(got) if isinstance(got, np.ndarray | list) else np.zeros(0)
    if z.dtype.kind != "f" or not np.isfinite(z).all():
        return ""
    inner = c.whitened(eps)
    if z.shape == inner.shape and z.shape[1] > 1:
        signs = np.where(np.sum(z * inner, axis=0) < 0, -1.0, 1.0)
        if np.allclose(z * signs, inner, rtol=1e-5, atol=1e-6):
            return "These are coordinates along the principal axes: the way back to the axes of X is missing."
    if z.shape != want.shape or z.shape[1] == 1:
        return ""
    if np.allclose(z @ z.T, want @ want.T, rtol=1e-5, atol=1e-6):
        return "It is the right cloud, turned or mirrored: ZCA turns back to the axes of X."
    along = z @ c.axes
    ratios = np.sum(along * inner, axis=0) / np.sum(inner**2, axis=0)
    even = np.ptp(ratios) < 1e-6 * np.max(np.abs(ratios))
    if not even and np.allclose(along, ratios * inner, rtol=1e-5, atol=1e-6 * np.abs(z).max()):
        which = ", ".join(f"{r:.4g}" for r in ratios[:5])
        return f"Along the principal axes the scales are not right: too large by factors of {which}."
    return ""


@zca_whiten.prop(
    points=1,
    cases=full,
    hint="Of all white versions of X this one moves the points least: nothing is turned on balance.",
)
def zca_value(case: Case, got: Any) -> None:
    """It is the white cloud closest to the data"""
    _close(got, case.truth, 0.0)


@zca_whiten.prop(
    points=0.5,
    cases=damped,
    hint="eps belongs where it was in pca_whiten: added to each eigenvalue, before the root.",
)
def zca_eps(case: Case, got: Any) -> None:
    """With eps, small variances are damped and large ones hardly"""
    _close(got, *case.truth)


@zca_whiten.prop(
    points=0.25,
    cases=single,
    hint="With one column there is nothing to turn, and np.cov returns a number instead of a matrix.",
)
def zca_single(case: Case, got: Any) -> None:
    """Also for a single column, D = 1"""
    _close(got, *case.truth)


@zca_whiten.prop(
    points=0.75,
    cases=flat,
    hint="Still D columns, but only the directions that vary come back: the others are 0, not 0/0.",
)
def zca_flat(case: Case, got: Any) -> None:
    """Directions in which nothing varies stay 0"""
    c = case.truth
    z = expect.numbers(got.value, c.X.shape)
    outside = z - z @ c.axes @ c.axes.T  # inside, at whatever scale: that is another property's business
    if np.any(np.abs(outside) > 1e-6 * max(1.0, np.abs(z).max())):
        what = f"up to {np.abs(outside).max():.3g}"
        raise Failure(f"Where the data do not vary, the result should be 0; there are entries of {what} in it.")


@zca_whiten.prop(
    points=0.25,
    cases=thin,
    hint="Where is the line between little and nothing? The contract draws it relative to the largest eigenvalue.",
)
def zca_threshold(case: Case, got: Any) -> None:
    """A direction counts when its eigenvalue is above 1e-10·λ_max, at any scale of the data"""
    c, kept = case.truth
    along = expect.numbers(got.value, c.X.shape) @ c.axes
    sizes = np.sum((along - along.sum(axis=0) / len(along)) ** 2, axis=0)
    found = int(np.sum(sizes > 0.1 * sizes[0]))  # whatever the scale, variances of white data are alike
    if found != kept:
        raise Failure(
            f"{kept} directions should come back, alike in variance; it is so for {found} of the {len(sizes)}.",
            "The one with the smallest variance decides: is it above 1e-10·λ_max?",
        )


zca_whiten.keeps_inputs(points=0.25, cases=guarded)
