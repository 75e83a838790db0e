"""Problem set 5, stochastic gradient descent: what is right.

Every order of the samples is right that rng decides: batches are judged by what any order has in common, and the
losses of a regression on data where all orders agree, or where all of them can be tried. Step sizes, averages and
steps are put together backwards from what must come out, so that no value here comes from an answer.
"""

from dlopt.checks.ps5_sgd._average import EMA
from dlopt.checks.ps5_sgd._balanced import balanced_minibatches
from dlopt.checks.ps5_sgd._minibatches import minibatches
from dlopt.checks.ps5_sgd._regression import sgd_linear_regression
from dlopt.checks.ps5_sgd._scaling import scaled_learning_rate
from dlopt.checks.ps5_sgd._schedules import (
    exponential_decay,
    inverse_decay,
    linear_decay,
    step_decay,
)
from dlopt.checks.ps5_sgd._step import sgd_step

__all__ = [
    "EMA",
    "balanced_minibatches",
    "exponential_decay",
    "inverse_decay",
    "linear_decay",
    "minibatches",
    "scaled_learning_rate",
    "sgd_linear_regression",
    "sgd_step",
    "step_decay",
]
