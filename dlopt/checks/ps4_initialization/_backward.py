"""The variance of the gradient on the way down (rows I2, I4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps4_initialization._chain import Chain, Truth, averages, close, generator, variances
from dlopt.checks.ps4_initialization._forward import chains, label, tiny_chains
from dlopt.checks.scenes import layouts, of_seed, small

__all__ = ["backward_variances", "resting"]

backward_variances = Exercise("backward_variances", ("x", "weights", "activation", "dy"))


def _truth(drawn: Chain) -> Truth:
    gradients = drawn.gradients()
    instead = averages(gradients[:-1])
    if drawn.activation != "linear":
        straight = Chain(drawn.x, drawn.weights, "linear", drawn.dy)
        instead["These are the variances without any slope of the activation."] = variances(straight.gradients()[:-1])
    instead["These are the variances at each layer's output; those at its input are asked for."] = variances(
        gradients[1:]
    )
    instead["The variance of dy is among them; only those at the layers' inputs are asked for."] = variances(gradients)
    instead["The order is reversed, and the variance of dy is among them."] = variances(gradients[::-1])
    return Truth(variances(gradients[:-1]), instead)


def _case(drawn: Chain) -> Case:
    said = f"{label(drawn)}, dy = {small(drawn.dy)}" if "x =" in label(drawn) else label(drawn)
    return Case((drawn.x, drawn.weights, drawn.activation, drawn.dy), said, _truth(drawn))


def _of(activation: str) -> Callable[[int], Sequence[Case]]:
    def cases(seed: int) -> list[Case]:
        made = [_case(drawn) for drawn in chains(seed, activation) if not _rests(drawn)]
        return made + layouts(made[1], "F", "strided")

    cases.__name__ = f"{activation}_chains"
    return of_seed(cases)


_linear, _tanh, _relu = (_of(activation) for activation in ("linear", "tanh", "relu"))


def _rests(drawn: Chain) -> bool:
    """Tell whether the slope of ReLU at 0 matters somewhere; that is another property's business."""
    return drawn.activation == "relu" and any((s == 0).any() for s in drawn.sums())


def resting(seed: int) -> list[Chain]:
    """Return chains of small whole numbers in which a sum is exactly 0 here and there."""
    rng = generator(seed, 40)
    one = np.array([[1.0, -1.0], [2.0, 1.0], [0.0, 1.0]])
    dy = np.array([[1.0, 2.0, 3.0], [2.0, -1.0, 1.0], [-1.0, 1.0, 4.0]])
    found = [Chain(np.array([[1.0, 1.0], [2.0, 3.0], [3.0, 3.0]]), [one], "relu", dy)]
    for n, widths in ((4, (3, 4, 2)), (5, (2, 3, 3, 2))):
        x = rng.integers(-2, 3, size=(n, widths[0])).astype(float)
        x[0] = 0  # all that enters a unit is 0
        weights = [rng.integers(-2, 3, size=(o, i)).astype(float) for i, o in pairwise(widths)]
        weights[-1][:, 0] = 1  # whatever is drawn, something travels back where it should not
        weights[-1][:, -1] = 2
        found.append(Chain(x, weights, "relu", rng.integers(1, 5, size=(n, widths[-1])).astype(float)))
    return found


@of_seed
def _resting(seed: int) -> list[Case]:
    return [_case(drawn) for drawn in resting(seed)]


@of_seed
def _tiny(seed: int) -> list[Case]:
    return [_case(drawn) for drawn in tiny_chains(seed)]


@of_seed
def _guarded(seed: int) -> list[Case]:
    made = [case for of in (_linear, _tanh, _relu) for case in of(seed)]
    return made + [case for of in (_linear, _relu) for case in layouts(of(seed)[0], "read-only")]


@backward_variances.prop(points=0.5, cases=_linear, hint="One number per weight matrix, in one array.")
def backward_type(case: Case, got: Any) -> None:
    """Returns an array of shape (L,)"""
    expect.array(got, case.truth.values.shape)


@backward_variances.prop(
    points=1,
    cases=_linear,
    hint="From the gradient at a layer's output to that at its input: which matrix, and does it stand as it does "
    "forward? The first number belongs to x.",
)
def backward_linear(case: Case, got: Any) -> None:
    """Linear layers: the gradient at each layer's input, first layer first"""
    close(got, case.truth, "The variances")


@backward_variances.prop(
    points=0.75,
    cases=_tanh,
    hint="On the way back a gradient meets the activation first, and is multiplied by its slope at the sum there.",
)
def backward_tanh(case: Case, got: Any) -> None:
    """Tanh layers, the last one too"""
    close(got, case.truth, "The variances")


@backward_variances.prop(
    points=0.75,
    cases=_relu,
    hint="A ReLU lets the gradient of a sample through where that sample's sum was positive, and nothing elsewhere.",
)
def backward_relu(case: Case, got: Any) -> None:
    """ReLU layers, the last one too"""
    close(got, case.truth, "The variances")


@backward_variances.prop(
    points=0.25,
    cases=_resting,
    hint="The course's convention: the slope of ReLU at 0 is 0. A pixel that is 0 makes such sums.",
)
def backward_relu_at_zero(case: Case, got: Any) -> None:
    """The derivative of ReLU at 0 is 0"""
    close(got, case.truth, "The variances")


@backward_variances.prop(
    points=0.25,
    cases=_tiny,
    hint="A single number does not vary: its variance is 0, not 0/0. A layer may have one unit.",
)
def backward_smallest(case: Case, got: Any) -> None:
    """One sample, one layer, layers of one unit"""
    close(got, case.truth, "The variances")


backward_variances.keeps_inputs(points=0.5, cases=_guarded)
