"""The linear scaling rule (row G5)."""

from __future__ import annotations

import math
from typing import Any

from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps5_sgd._cases import generator
from dlopt.checks.ps5_sgd._schedules import Known, arguments, judge, typed
from dlopt.checks.scenes import of_seed

__all__ = ["scaled_learning_rate"]

scaled_learning_rate = Exercise("scaled_learning_rate", ("lr", "batch_size", "new_batch_size"))


def _scaled(per_sample: float, old: int, new: int) -> Case:
    """Make the case from what stays: the step per sample of a batch."""
    args = (per_sample * old, old, new)
    ratio = new / old
    factors = {
        "new_batch_size/batch_size": ratio,
        "the root of new_batch_size/batch_size": math.sqrt(ratio),
        "the square of new_batch_size/batch_size": ratio**2,
    }
    return Case(args, arguments(scaled_learning_rate.parameters, args), Known(per_sample * new, factors))


@of_seed
def _scaled_up(seed: int) -> list[Case]:
    rng = generator(seed, 50)
    return [_scaled(float(rng.uniform(0.001, 0.01)), *c) for c in ((32, 256), (100, 150), (1, 7), (48, 1000))]


@of_seed
def _scaled_down(seed: int) -> list[Case]:
    rng = generator(seed, 51)
    return [_scaled(float(rng.uniform(0.001, 0.01)), *c) for c in ((256, 32), (150, 100), (8, 1), (64, 64))]


typed(scaled_learning_rate, _scaled_up)


@scaled_learning_rate.prop(
    points=0.5, cases=_scaled_up, hint="Four batches of B, one after the other, or one of 4B: how far should either go?"
)
def scaled_up(case: Case, got: Any) -> None:
    """A larger batch gets a larger step, in proportion"""
    judge(case, got)


@scaled_learning_rate.prop(
    points=0.25, cases=_scaled_down, hint="Half the batch, half the step: sizes need not be multiples of each other."
)
def scaled_down(case: Case, got: Any) -> None:
    """A smaller batch gets a smaller step, in proportion"""
    judge(case, got)
