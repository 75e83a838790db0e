"""What the cases of problem set 1 share: drawn numbers, memory layouts, derivatives by complex steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks.case import Case, of_seed
from dlopt.checks.diagnose import Context

__all__ = ["Array", "context", "generator", "label", "large_rows", "layouts", "of_seed", "slopes", "small", "targets"]

Array = NDArray[np.float64]
STEP = 1e-30


def generator(*seeds: int) -> np.random.Generator:
    """Return the generator of this problem set's cases for a seed."""
    return np.random.default_rng([1, *seeds])


def layouts(case: Case, *names: str) -> list[Case]:
    """Return the same case with its arrays in other memory layouts."""
    return [replace(case, label=f"{case.label}, {name} arrays", layout=name) for name in names]


def small(value: Any) -> str:
    """Write a small array with its entries, for a case's label."""
    return np.array2string(np.asarray(value), precision=5, separator=", ", suppress_small=True).replace("\n", "")


def label(**arrays: Any) -> str:
    """Label a case with its arrays where they are small enough to be typed in, otherwise with their shape."""
    if all(np.size(array) <= 6 for array in arrays.values()):
        return ", ".join(f"{name} = {small(array)}" for name, array in arrays.items())
    shape = np.shape(next(iter(arrays.values())))
    return ", ".join(f"{axis} = {size}" for axis, size in zip("NK" if len(shape) == 2 else "K", shape, strict=True))


def targets(rng: np.random.Generator, n: int, k: int, *, soft: bool) -> Array:
    """Draw targets (n, k), one-hot or soft, with rows that sum to 1; half of the soft ones hold a zero."""
    y = rng.dirichlet(np.ones(k), size=n) if soft else rng.multinomial(1, np.full(k, 1 / k), size=n).astype(float)
    if soft and k > 2:
        y[::2, -1] = 0
        y[::2] /= y[::2].sum(axis=1, keepdims=True)
    return y


def context(at: Array) -> Context:
    """Name what a sum or a mean may be off by."""
    n, k = at.shape
    return Context(
        factors={
            "N, the number of samples": n,
            "K, the number of columns": k,
            "N·K, the number of entries": n * k,
        }
    )


def slopes(function: Callable[[Any], Any], at: Array) -> Array:
    """Differentiate every value of ``function`` by every entry of ``at``.

    Complex steps, ∂f/∂x = Im f(x + ih)/h with h = 1e-30, are exact to the last digits because nothing is subtracted
    (Squire & Trapp 1998). The derivatives have the values' axes first, then those of ``at``.
    """
    columns = []
    for index in range(at.size):
        tilted = at.astype(complex)
        tilted.flat[index] += 1j * STEP
        columns.append(np.imag(function(tilted)) / STEP)
    found: Array = np.stack(columns, axis=-1)
    return found.reshape(*found.shape[:-1], *at.shape)


def large_rows(seed: int) -> tuple[list[Array], list[Array]]:
    """Logits up to 1e4: in batches whose rows peak alike, and in batches of rows that lie far apart."""
    rng = generator(seed, 90)
    noise = rng.normal(size=(4, 5))
    spread = np.array([[1e4, -1e4, 0.0, 9999.5], [-1e4, 1e4, 9998.0, 1e4]])
    alike = [
        np.array([[1000.0, 999.0, 998.0]]),
        np.array([[-1000.0, -1001.0]]),
        noise + 9990,
        noise - 9990,
        spread,
        np.array([[-1e4], [-1e4]]),
    ]
    apart = [
        np.array([[1000.0, 1000.0], [0.0, 1.0]]),
        noise + np.array([[9990.0], [-9990.0], [0.0], [800.0]]),
        np.array([[0.0, -1e4, -1e4], [-1e4, -9999.0, -1e4]]),
    ]
    return alike, apart
