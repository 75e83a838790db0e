"""The cases of problem set 7: gradients prepared in advance, and the path that they lead along.

The step of every method depends on the gradients alone. So a case is a start and a stack of gradients (T, *shape), and
its truth a stack of steps. Where a method averages, the steps are written as sums over the whole past (`fading`);
where it decides from step to step, the decisions are drawn first, and the gradients made so that they must be taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.ps7_optimizers._inside import plain

__all__ = [
    "LARGE",
    "LONG",
    "SHAPES",
    "UNITS",
    "Known",
    "Make",
    "along",
    "case",
    "fading",
    "generator",
    "gradients",
]

Array = NDArray[np.float64]
Rng = np.random.Generator
Make = Callable[[Rng, tuple[int, ...], int], Case]

LONG = 200  #: updates of a walk
LARGE = (2.0, 6.0)  #: units of gradients beside which nothing is seen of what is added to a root
UNITS = "gradients from a hundred to a million"  #: these units, in words
SHAPES = ((3,), (2, 3), (2,), (4,))  #: of theta, where its shape is not what is asked about


def generator(*seeds: int) -> Rng:
    """Return the generator of this problem set's cases for a seed."""
    return np.random.default_rng([7, *seeds])


@dataclass(frozen=True)
class Known:
    """What is known about a walk.

    Parameters
    ----------
    steps : ndarray (T, *shape)
        By how much each update moves theta.
    path : ndarray (T, *shape)
        Where it has led after each update.
    context : callable
        ``context(k)`` says what the step of update k = 0, 1, … might be off by.
    """

    steps: Array
    path: Array
    context: Callable[[int], Context] = lambda k: Context()


def fading(factor: float, steps: int) -> Array:
    """Return the matrix (T, T) that sums the past, each entry counted ``factor`` ** its age.

    Examples
    --------
    >>> fading(0.5, 3)
    array([[1.  , 0.  , 0.  ],
           [0.5 , 1.  , 0.  ],
           [0.25, 0.5 , 1.  ]])
    """
    ages = np.subtract.outer(np.arange(steps), np.arange(steps))
    return np.where(ages >= 0, float(factor) ** np.maximum(ages, 0), 0.0)


def along(matrix: Array, values: Array) -> Array:
    """Apply a matrix (T, T) to the time of a stack (T, *shape)."""
    return np.asarray(np.tensordot(matrix, values, axes=1))


def gradients(rng: Rng, steps: int, shape: tuple[int, ...], units: tuple[float, float] = (-1.0, 1.0)) -> Array:
    """Draw gradients (T, *shape): each coordinate with a unit and a mean of its own; for two updates all are 0.

    Parameters
    ----------
    units : (float, float)
        Between which powers of ten the units lie.
    """
    unit = 10 ** rng.uniform(*units, shape)
    drawn = rng.normal(rng.choice([-0.4, 0.4], shape), 1, (steps, *shape))
    drawn[4:6] = 0.0
    return np.asarray(unit * drawn)


def case(
    settings: Sequence[Any],
    start: Array,
    grads: Array,
    steps: Array,
    *,
    named: Sequence[str] = (),
    note: str = "",
    context: Callable[[int], Context] = lambda k: Context(),
) -> Case:
    """Make the case of a walk; ``named`` are the names of the last settings, where they are given by name."""
    path = start + np.cumsum(steps, axis=0)
    given = [f"{value:g}" for value in settings[: len(settings) - len(named)]]
    given += [f"{name}={value:g}" for name, value in zip(named, settings[len(given) :], strict=True)]
    many = f"{len(grads)} updates" if len(grads) > 1 else "one update"
    label = f"settings ({', '.join(given)}), theta of shape {start.shape}, {many}{note}"
    known = Known(steps, path, context)
    return Case((list(settings), list(named), start, grads), label, known, scenario=plain)
