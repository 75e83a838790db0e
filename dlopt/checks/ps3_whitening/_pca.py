"""Whitening along the principal axes (row W2)."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.diagnose import diagnose
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps3_whitening._cases import Array, Cloud, white
from dlopt.checks.ps3_whitening._whitened import Flat, damped, flat, full, guarded, single, thin

__all__ = ["pca_whiten"]


def _signed(z: Array) -> Array:
    """Choose the free signs of the columns: the first clearly non-zero entry is positive."""
    out = np.array(z)
    for k in range(z.shape[1]):
        large = np.flatnonzero(np.abs(z[:, k]) > 1e-3 * np.max(np.abs(z[:, k]), initial=0.0))
        if large.size and z[large[0], k] < 0:
            out[:, k] = -z[:, k]
    return out


def _without_rounding(flat: Flat) -> Any:
    """Reduce it to what does not depend on rounding."""
    z = flat.value
    if not flat.is_matrix:
        return z
    if z.shape[1] == flat.rank:
        return _signed(z)
    return ["other columns", *map(str, z.shape), str(int((z == 0).all(axis=0).sum()))]


def _without_signs(value: Any) -> Any:
    if isinstance(value, Flat):
        return _without_rounding(value)
    return _signed(value) if isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype.kind == "f" else value


pca_whiten = Exercise("pca_whiten", ("X", "eps"), canonical=_without_signs)


@pca_whiten.prop(points=0.5, cases=full, hint="One row per sample, one column per direction.")
def pca_type(case: Case, got: Any) -> None:
    """Returns an array of shape (N, R)"""
    expect.array(got, case.truth.z.shape)


@pca_whiten.prop(
    points=0.75,
    cases=full,
    hint="Look at the covariance of what you return: it should be the identity.",
)
def pca_white(case: Case, got: Any) -> None:
    """The result is white: mean 0, variance 1, nothing correlated"""
    white(got, case.truth.z.shape)


def _columns(got: Any, c: Cloud, eps: float) -> None:
    """Ask for the coordinates along the axes the cloud was built from, each column up to its sign."""
    want = c.whitened(eps)
    z = expect.numbers(got, want.shape)
    signs = np.where(np.sum(z * want, axis=0) < 0, -1.0, 1.0)
    with expect.known(_about, z * signs, want):
        expect.close(z * signs, want, "The columns, up to their signs")


def _about(z: Array, want: Array) -> str:
    """Say which columns are there in another order or at another scale."""
    back = z[:, ::-1] * np.where(np.sum(z[:, ::-1] * want, axis=0) < 0, -1.0, 1.0)
    if z.shape[1] > 1 and np.allclose(back, want, rtol=1e-5, atol=1e-6):
        return "The columns are right, but the smallest variance comes first."
    ratios = np.sum(z * want, axis=0) / np.sum(want**2, axis=0)
    if np.allclose(z, ratios * want, rtol=1e-5, atol=1e-6 * np.abs(z).max()) and np.all(ratios):
        said = diagnose(ratios, np.ones_like(ratios)) if len(ratios) > 1 and np.ptp(ratios) < 1e-6 * ratios[0] else ""
        which = ", ".join(f"{r:.4g}" for r in ratios[:5])
        return (
            said or f"The directions are right, their scales are not: the columns are too large by factors of {which}."
        )
    if np.allclose(z @ z.T, want @ want.T, rtol=1e-5, atol=1e-6):
        return "It is the right cloud, turned or mirrored: its columns do not lie along the principal axes."
    return ""


@pca_whiten.prop(
    points=1,
    cases=full,
    hint="The columns of E are the axes. np.linalg.eigh sorts them ascending, the contract descending.",
)
def pca_axes(case: Case, got: Any) -> None:
    """Its columns lie along the principal axes, largest variance first"""
    _columns(got, case.truth, 0.0)


@pca_whiten.prop(
    points=0.5,
    cases=damped,
    hint="eps is added to each eigenvalue, before the root: directions with λ far below eps fade away.",
)
def pca_eps(case: Case, got: Any) -> None:
    """With eps, small variances are damped and large ones hardly"""
    _columns(got, *case.truth)


@pca_whiten.prop(
    points=0.25,
    cases=single,
    hint="With one column there is nothing to turn, and np.cov returns a number instead of a matrix.",
)
def pca_single(case: Case, got: Any) -> None:
    """Also for a single column, D = 1"""
    _columns(got, *case.truth)


@pca_whiten.prop(
    points=1,
    cases=flat,
    hint="A direction without variance has no scale to divide by. Leave it out, with eps or without.",
)
def pca_flat(case: Case, got: Any) -> None:
    """Directions in which nothing varies are left out, with eps or without"""
    c = case.truth
    _count(got.value, len(c.variances))
    found = expect.numbers(got.value, c.z.shape)
    inside = c.z @ (c.z.T @ found) / len(c.z)  # at whatever scale: that is another property's business
    if np.any(np.abs(found - inside) > 1e-6 * np.abs(found).max()):
        raise Failure("The columns do not lie in the space in which the data vary.")


@pca_whiten.prop(
    points=0.5,
    cases=thin,
    hint="Where is the line between little and nothing? The contract draws it relative to the largest eigenvalue.",
)
def pca_threshold(case: Case, got: Any) -> None:
    """A direction counts when its eigenvalue is above 1e-10·λ_max, at any scale of the data"""
    _count(got.value, case.truth[1])


def _count(value: Any, kept: int) -> None:
    z = np.asarray(value) if isinstance(value, np.ndarray | list) else np.zeros(0)
    if z.ndim == 2 and z.shape[1] != kept:
        more = "A direction is still there whose eigenvalue is not above 1e-10·λ_max."
        fewer = "A direction is missing whose eigenvalue is above 1e-10·λ_max."
        raise Failure(f"{kept} columns should be left; there are {z.shape[1]}.", more if z.shape[1] > kept else fewer)
    expect.array(value if isinstance(value, np.ndarray) else z, (len(z), kept) if z.ndim == 2 else (1, kept))


pca_whiten.keeps_inputs(points=0.5, cases=guarded)
