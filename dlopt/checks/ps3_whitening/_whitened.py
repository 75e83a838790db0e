"""What both whitenings are tried on: `pca_whiten` and `zca_whiten` take the same clouds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from dlopt.checks.case import Case
from dlopt.checks.ps3_whitening._cases import (
    clouds,
    flat_clouds,
    generator,
    layouts,
    of_seed,
    single_columns,
    thin_clouds,
)
from dlopt.checks.ps3_whitening._played import with_default

__all__ = ["Flat", "damped", "flat", "full", "guarded", "single", "thin"]


@dataclass(frozen=True)
class Flat:
    """What came back for data with flat directions: where they were kept, rounding errors were divided by rounding."""

    value: Any
    rank: int

    @property
    def is_matrix(self) -> bool:
        """Whether there is anything to judge."""
        return isinstance(self.value, np.ndarray) and self.value.ndim == 2 and self.value.dtype.kind == "f"


@lru_cache
def _of_rank(rank: int) -> Callable[[Any, Any], Flat]:
    """Return what adds the number of directions that vary; one for each, for a case is known by it."""
    return lambda args, found: Flat(found, rank)


@of_seed
def full(seed: int) -> list[Case]:
    """Take clouds with variance in all directions, eps 0, given or left out, in several memory layouts."""
    cases = [Case((c.X, 0.0), c.label, c) for c in clouds(seed)]
    default = [Case((c.X,), f"{c.label}, eps left out", c, scenario=with_default) for c in clouds(seed)[:2]]
    return cases + default + layouts(cases[-1], "F", "strided")


@of_seed
def damped(seed: int) -> list[Case]:
    """Take an eps of the order of the smallest variance, of the largest, and in between; truth is (cloud, eps)."""
    rng = generator(seed, 20)
    cases = []
    for c in clouds(seed):
        for share in (0.0, 0.5, 1.0):
            between = float(c.variances[-1] ** (1 - share) * c.variances[0] ** share)
            eps = round(between, 3) if between > 1 else between * float(rng.uniform(0.5, 2))
            cases.append(Case((c.X, eps), f"eps = {eps:.4g}, {c.label}", (c, eps)))
    return cases


@of_seed
def single(seed: int) -> list[Case]:
    """Take data of one column."""
    cases = []
    for c in single_columns(seed):
        for eps in (0.0, 2 * float(c.variances[0])):
            cases.append(Case((c.X, eps), f"eps = {eps:.4g}, {c.label}", (c, eps)))
    return cases


@of_seed
def flat(seed: int) -> list[Case]:
    """Take clouds with flat directions; truth is the cloud."""
    cases = []
    for c in flat_clouds(seed):
        for eps in (0.0, 0.3 * float(c.variances[-1])):
            label = f"eps = {eps:.4g}, {c.label}"
            cases.append(Case((c.X, eps), label, c, reading=_of_rank(len(c.variances))))
    return cases


@of_seed
def thin(seed: int) -> list[Case]:
    """Take clouds whose least variance lies just above or below the threshold; truth is (cloud, directions kept)."""
    cases = []
    for c, kept in thin_clouds(seed):
        share = c.variances[-1] / c.variances[0]
        label = f"λ_max = {c.variances[0]:.3g}, λ_min = {share:.1e}·λ_max"
        cases.append(Case((c.X, 0.0), label, (c, kept), reading=_of_rank(kept)))
    return cases


@of_seed
def guarded(seed: int) -> list[Case]:
    """Add an input that cannot be written to."""
    return full(seed) + layouts(full(seed)[0], "read-only")
