"""The activations and their derivatives (rows L7, H2)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps8_backprop._cases import (
    STATE_HINT,
    canonical,
    generator,
    judge_scenes,
    layouts,
    of_seed,
    small,
)
from dlopt.checks.ps8_backprop._inside import CURVES, STEP
from dlopt.checks.ps8_backprop._played import activation_ahead, activation_once, activation_over_time
from dlopt.checks.trial import Outcome

__all__ = ["ReLU", "Sigmoid", "Tanh"]

Array = NDArray[np.float64]

# --- cases


def _case(name: str, x: Array, dy: Array, label: str = "") -> Case:
    """Make the case of both passes; the truth is (y, dx, the derivative itself)."""
    curve = CURVES[name]
    rate = curve(x + 1j * STEP).imag / STEP
    label = label or (f"x = {small(x)}, dy = {small(dy)}" if x.size <= 4 else f"an array {x.shape[0]} × {x.shape[1]}")
    return Case((x, dy), label, (curve(x), dy * rate, rate), scenario=activation_once)


def _inputs(name: str, seed: int) -> list[Case]:
    rng = generator(seed, 40)
    cases = []
    for number, shape in enumerate(((2, 2), (5, 3), (1, 4), (6, 1), (1, 1))):
        x, dy = np.clip(1.5 * rng.normal(size=shape), -4, 4), rng.normal(size=shape) + 0.5  # far out is another line's
        if seed == 1 and number == 0:
            x, dy = np.array([[1.0, -2.0], [0.5, -0.25]]), np.array([[1.0, 1.0], [2.0, -3.0]])
        cases.append(_case(name, x, dy))
    return cases + layouts(cases[1], "F", "strided")


def _cases(name: str) -> tuple[Any, Any, Any, Any]:
    """Return the generators of cases of an activation: forward, backward, guarded, state."""

    @of_seed
    def back(seed: int) -> list[Case]:
        return _inputs(name, seed)

    @of_seed
    def ahead(seed: int) -> list[Case]:
        return [Case(c.args[:1], c.label, c.truth, c.layout, scenario=activation_ahead) for c in _inputs(name, seed)]

    @of_seed
    def guarded(seed: int) -> list[Case]:
        return back(seed) + layouts(back(seed)[1], "read-only")

    @of_seed
    def memory(seed: int) -> list[Case]:
        rng = generator(seed, 41)
        cases = []
        for n, k in ((3, 4), (5, 2)):
            data = [1.5 * rng.normal(size=shape) for shape in ((3, 4), (3, 4), (n, k), (n, k))]
            cases.append(Case(tuple(data), f"two batches, 3 × 4 and {n} × {k}", scenario=activation_over_time))
        return cases

    return ahead, back, guarded, memory


# --- properties that all three share


def _types(case: Case, got: Any) -> None:
    expect.array(got[0], case.args[0].shape, "The output")
    expect.array(got[1], case.args[0].shape, "dx")


def _goes_back(case: Case, got: Any) -> None:
    with expect.clue(_slope, case, got[1]):
        expect.close(got[1], case.truth[1], "dx", context=Context(terms={"dy": case.args[1]}))


def _slope(case: Case, value: Any) -> str:
    """Say which slope a wrong dx amounts to where it is most wrong."""
    (x, dy), (_, dx, rate) = case.args, case.truth
    try:
        found = expect.numbers(value, x.shape)
    except expect.Failure:
        return ""
    if np.allclose(found, rate, rtol=1e-6, atol=1e-9):
        return "It is the slope alone: dy does not enter."
    at = np.unravel_index(int(np.argmax(np.abs(found - dx))), x.shape)
    used = found[at] / dy[at]
    return f"Where x = {x[at]:.4g} it is dy times {used:.4g}; the slope of the curve there is {rate[at]:.4g}."


# --- ReLU

ReLU = Exercise("ReLU", (), kind="class", canonical=canonical)
_ahead, _back, _guarded, _memory = _cases("relu")


@of_seed
def _corners(seed: int) -> list[Case]:
    """Inputs that are exactly zero, of either sign."""
    rng = generator(seed, 42)
    x = np.array([[0.0, -0.0, 1.0], [-1.0, 0.0, 2.0]])
    return [_case("relu", x, rng.normal(size=x.shape) + 2, f"x = {small(x)}"), _case("relu", 0 * x, np.ones_like(x))]


@ReLU.prop(points=0.25, cases=_back, hint="Both passes work entry by entry: shapes stay.")
def relu_types(case: Case, got: Any) -> None:
    """forward and backward return arrays of the shape of x"""
    _types(case, got)


@ReLU.prop(points=0.5, cases=_ahead, hint="What is above zero passes, the rest becomes zero.")
def relu_forward(case: Case, got: Any) -> None:
    """The output is right"""
    expect.close(got, case.truth[0], "The output")


@ReLU.prop(
    points=0.5, cases=_back, hint="Where the forward pass let a number through, the gradient passes; elsewhere not."
)
def relu_backward(case: Case, got: Any) -> None:
    """backward returns the gradient at the input"""
    _goes_back(case, got)


@ReLU.prop(points=0.25, cases=_corners, hint="At the corner any slope from 0 to 1 would do. This course says 0.")
def relu_at_zero(case: Case, got: Any) -> None:
    """Output and derivative are 0 at 0"""
    corner = case.args[0] == 0
    expect.close(expect.numbers(got[0], corner.shape, "The output")[corner], case.truth[0][corner], "The output at 0")
    expect.close(expect.numbers(got[1], corner.shape, "dx")[corner], case.truth[1][corner], "dx where x = 0")


@ReLU.prop(points=0.25, cases=_memory, hint=STATE_HINT, of_outcome=True)
def relu_state(case: Case, outcome: Outcome) -> None:
    """backward belongs to the latest forward of its own object"""
    judge_scenes(outcome, ("dx",))


ReLU.keeps_inputs(points=0.25, cases=_guarded)

# --- Tanh

Tanh = Exercise("Tanh", (), kind="class", canonical=canonical)
_ahead, _back, _guarded, _memory = _cases("tanh")


@Tanh.prop(points=0.25, cases=_back, hint="Both passes work entry by entry: shapes stay.")
def tanh_types(case: Case, got: Any) -> None:
    """forward and backward return arrays of the shape of x"""
    _types(case, got)


@Tanh.prop(points=0.5, cases=_ahead, hint="numpy has this function.")
def tanh_forward(case: Case, got: Any) -> None:
    """The output is right"""
    expect.close(got, case.truth[0], "The output")


@Tanh.prop(
    points=0.75,
    cases=_back,
    hint="The slope of tanh can be written with the output alone. It is 1 at x = 0 and dies out on both sides.",
)
def tanh_backward(case: Case, got: Any) -> None:
    """backward returns the gradient at the input"""
    _goes_back(case, got)


@Tanh.prop(points=0.25, cases=_memory, hint=STATE_HINT, of_outcome=True)
def tanh_state(case: Case, outcome: Outcome) -> None:
    """backward belongs to the latest forward of its own object"""
    judge_scenes(outcome, ("dx",))


Tanh.keeps_inputs(points=0.25, cases=_guarded)

# --- Sigmoid

Sigmoid = Exercise("Sigmoid", (), kind="class", canonical=canonical)
_ahead, _back, _guarded, _memory = _cases("sigmoid")


@of_seed
def _far_out(seed: int) -> list[Case]:
    rng = generator(seed, 43)
    x = np.array([[1e4, -1e4, 0.0], [710.0, -710.0, 40.0], [-40.0, 1000.0, -1000.0]])
    return [_case("sigmoid", x, rng.normal(size=x.shape) + 2, f"x = {small(x)}")]


@Sigmoid.prop(points=0.25, cases=_back, hint="Both passes work entry by entry: shapes stay.")
def sigmoid_types(case: Case, got: Any) -> None:
    """forward and backward return arrays of the shape of x"""
    _types(case, got)


@Sigmoid.prop(points=0.5, cases=_ahead, hint="1/(1 + e^(−x)): ½ at 0, towards 1 on the right, towards 0 on the left.")
def sigmoid_forward(case: Case, got: Any) -> None:
    """The output is right"""
    expect.close(got, case.truth[0], "The output")


@Sigmoid.prop(
    points=0.5,
    cases=_back,
    hint="The slope can be written with the output alone. It is largest at x = 0, and no larger than ¼.",
)
def sigmoid_backward(case: Case, got: Any) -> None:
    """backward returns the gradient at the input"""
    _goes_back(case, got)


@Sigmoid.prop(
    points=0.25,
    cases=_far_out,
    hint="e^x overflows above 709, and ∞/∞ is no number. Which way of writing the sigmoid never divides two of them?",
)
def sigmoid_stable(case: Case, got: Any) -> None:
    """Output and gradient are finite and right for |x| up to 1e4"""
    expect.close(got[0], case.truth[0], "The output")
    far = np.abs(case.args[0]) > 30
    expect.close(expect.numbers(got[1], far.shape, "dx")[far], case.truth[1][far], "dx far out")


@Sigmoid.prop(points=0.25, cases=_memory, hint=STATE_HINT, of_outcome=True)
def sigmoid_state(case: Case, outcome: Outcome) -> None:
    """backward belongs to the latest forward of its own object"""
    judge_scenes(outcome, ("dx",))


Sigmoid.keeps_inputs(points=0.25, cases=_guarded)
