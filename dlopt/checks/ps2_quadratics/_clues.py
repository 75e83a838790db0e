"""What can be said of a wrong answer to problem set 2 beyond expected and got, and is true whatever the reason."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.diagnose import Context, diagnose

__all__ = ["balance", "direction", "distance", "factor", "spectrum", "step"]

Array = NDArray[np.float64]


def step(have: Array, want: Array, name: str, context: Context | None = None) -> str:
    """Compare two displacements, (M,) each: sign, length and direction apart."""
    if not have.any():
        return f"{name.capitalize()} is none at all: the point stays where it is."
    lengths = float(np.linalg.norm(have)), float(np.linalg.norm(want))
    parallel = have.size > 1 and np.isclose(abs(have @ want), lengths[0] * lengths[1], rtol=1e-9)
    found = diagnose(have, want, context)
    if found and not (parallel and found.startswith("Every entry is off")):
        return f"Of {name}: {found[0].lower()}{found[1:]}"
    if parallel:
        side = "the right direction" if have @ want > 0 else "the opposite direction"
        return f"{name.capitalize()} goes in {side}, {lengths[0] / lengths[1]:.4g} times as far as it should."
    return ""


def direction(have: Array, want: Array, hess: Array) -> str:
    """Compare two steps of Newton's method: along the axes, along the eigenvectors, by the slope where they end."""
    found = step(have, want, "the step")
    if found:
        return found
    _, axes = np.linalg.eigh(hess)
    inside = diagnose(axes.T @ have, axes.T @ want)
    if inside:
        return f"Seen along the eigenvectors of the Hessian: {inside[0].lower()}{inside[1:]}"
    return f"At the point where it ends the gradient of the quadratic is {expect.show(hess @ (have - want))}, not 0."


def distance(z: Array, want: Array, w: Array) -> str:
    """Tell from the length of z, (M,), where it was measured from and whether only the axes are off."""
    length = np.linalg.norm(z)
    if np.isclose(length, np.linalg.norm(want), rtol=1e-6):
        return "Its length is right, so the origin is: it is the axes that are not those of the bowl."
    if np.isclose(length, np.linalg.norm(w), rtol=1e-6):
        return "It is as long as w: it is measured from w = 0, and not from the minimum."
    return f"Its length is {length:.4g}; the point is {np.linalg.norm(want):.4g} away from the minimum."


def factor(rate: Any, spectrum: Array, lr: float) -> str:
    """Say which direction a rate belongs to, when it is not the slowest."""
    try:
        value = float(expect.numbers(rate, ()))
    except expect.Failure:
        return ""
    factors = 1 - lr * spectrum
    for number, along in enumerate(factors):
        if np.isclose(value, abs(along), rtol=1e-6):
            which = {0: "the flattest", len(factors) - 1: "the steepest"}.get(number, "some")
            return f"That is how fast {which} direction comes closer; another one is slower."
        if np.isclose(value, along, rtol=1e-6):
            return "It has a sign: it is a factor of one direction, and not yet a rate."
    return "No direction has this factor." if len(factors) > 1 else ""


def balance(lr: Any, spectrum: Array) -> str:
    """Say what a learning rate does to the two ends of the spectrum."""
    try:
        value = float(expect.numbers(lr, ()))
    except expect.Failure:
        return ""
    flat, steep = 1 - value * spectrum[0], 1 - value * spectrum[-1]
    return f"With it a step multiplies the flattest direction's distance by {flat:.4g}, the steepest's by {steep:.4g}."


def spectrum(hess: Array) -> str:
    """List the eigenvalues of a Hessian, or name the one on which everything hangs."""
    values = np.linalg.eigvalsh(hess)
    nearest = float(values[np.argmin(np.abs(values))])
    if 1e-14 < abs(nearest) < 1e-4:
        return f"The eigenvalue nearest to 0 is {nearest:.3g}; the contract draws the line at 1e-10."
    return f"The eigenvalues: {', '.join(f'{value:.4g}' for value in np.round(values, 12) + 0.0)}."
