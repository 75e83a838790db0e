"""The linear layer (rows H2, I3)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.diagnose import Context
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps8_backprop._cases import (
    STATE_HINT,
    array,
    canonical,
    close,
    derivatives,
    generator,
    judge_scenes,
    layouts,
    of_seed,
    parameters,
    small,
)
from dlopt.checks.ps8_backprop._played import (
    linear_ahead,
    linear_draws,
    linear_new,
    linear_once,
    linear_over_time,
)
from dlopt.checks.ps8_backprop._random import Draws, Start, judge_draws, judge_start, shape_of
from dlopt.checks.trial import Outcome

__all__ = ["Linear"]

Array = NDArray[np.float64]

Linear = Exercise("Linear", ("in_features", "out_features", "rng"), kind="class", canonical=canonical)

# --- cases


def _layers(seed: int) -> list[Case]:
    """Layers with known weights; the truth is (y, dx, [grad_W, grad_b])."""
    rng = generator(seed, 30)
    cases = []
    for number, (n_in, n_out, n) in enumerate(((2, 3, 2), (2, 4, 1), (5, 3, 6), (4, 5, 3), (1, 1, 3))):
        W, b = parameters(rng, (n_in, n_out))
        x, dy = 2 * rng.normal(size=(n, n_in)) + 1, rng.normal(size=(n, n_out)) + 0.5
        if seed == 1 and number == 0:
            W, b = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 0.0]]), np.array([0.0, 1.0, -1.0])
            x, dy = np.array([[1.0, 1.0], [2.0, 0.0]]), np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 2.0]])
        label = f"in = {n_in}, out = {n_out}, N = {n}"
        if number == 0:
            label += f", W = {small(W)}, b = {small(b)}, x = {small(x)}, dy = {small(dy)}"
        args = (n_in, n_out, generator(seed, 31), W, b, x, dy)
        cases.append(Case(args, label, derivatives([W, b], x, dy), scenario=linear_once))
    return cases + layouts(cases[2], "F", "strided")


@of_seed
def _layers_back(seed: int) -> list[Case]:
    return _layers(seed)


@of_seed
def _layers_ahead(seed: int) -> list[Case]:
    return [Case(c.args[:-1], c.label, c.truth, c.layout, scenario=linear_ahead) for c in _layers(seed)]


@of_seed
def _layers_guarded(seed: int) -> list[Case]:
    return _layers_back(seed) + layouts(_layers_back(seed)[2], "read-only")


@of_seed
def _memory(seed: int) -> list[Case]:
    rng = generator(seed, 32)
    W, b = parameters(rng, (4, 3))
    cases = []
    for n in (2, 5):
        data = [rng.normal(size=shape) for shape in ((2, 4), (2, 3), (n, 4), (n, 3))]
        label = f"in = 4, out = 3, two batches of 2 and {n} samples"
        cases.append(Case((4, 3, generator(seed, 31), W, b, *data), label, scenario=linear_over_time))
    return cases


@of_seed
def _starts(seed: int) -> list[Case]:
    sizes = ((2, 3), (1, 1), (150, 400), (300, 80))
    return [
        Case((i, o, generator(seed, 33)), f"in = {i}, out = {o}", scenario=linear_new, reading=_start) for i, o in sizes
    ]


def _start(args: tuple[Any, ...], found: list[Any]) -> Start:
    return Start(args[:2], found)


@of_seed
def _draws(seed: int) -> list[Case]:
    sources = generator(seed, 34), generator(seed, 34), generator(seed, 35)
    label = "two layers from one generator, one from its twin"
    return [Case((6, 5, *sources), label, scenario=linear_draws, reading=lambda args, found: Draws(*found))]


# --- properties


@Linear.prop(
    points=0.5,
    cases=_layers_back,
    hint="W has a row per output and a column per input; each gradient has the shape of what it belongs to.",
)
def linear_types(case: Case, got: Any) -> None:
    """W and grad_W are (out, in), b and grad_b (out,), y is (N, out), dx (N, in)"""
    y, dx, grad_W, grad_b, W, b = got
    n_in, n_out, n = case.args[0], case.args[1], len(case.args[5])
    for value, shape, name in ((W, (n_out, n_in), "W"), (b, (n_out,), "b"), (y, (n, n_out), "The output")):
        array(value, shape, name)
    for value, shape, name in ((dx, (n, n_in), "dx"), (grad_W, (n_out, n_in), "grad_W"), (grad_b, (n_out,), "grad_b")):
        array(value, shape, name)


@Linear.prop(
    points=0.75,
    cases=_starts,
    hint="Xavier uniform: between ±√(6/(in + out)), both counts in it. That bound is not the standard deviation.",
)
def linear_start(case: Case, got: Start) -> None:
    """W starts Xavier uniform, b at zero"""
    judge_start(got)


@Linear.prop(
    points=0.25,
    cases=_draws,
    hint="Every random number comes from the rng you are handed; np.random.… and a generator of your own do not.",
)
def linear_rng(case: Case, got: Draws) -> None:
    """The weights come from the given generator, anew for every layer"""
    judge_draws(got)


@Linear.prop(
    points=1, cases=_layers_ahead, hint="The contract has the formula: y = x @ W.T + b. Rows of x are samples."
)
def linear_forward(case: Case, got: Any) -> None:
    """The output is right"""
    b = case.args[4]
    context = Context(terms={"b": np.broadcast_to(b, case.truth[0].shape)})
    expect.close(got, case.truth[0], "The output", context=context)


@Linear.prop(
    points=0.75,
    cases=_layers_back,
    hint="How much does y[n, k] change when x[n, d] does? Shapes help: from (N, out) and (out, in) make (N, in).",
)
def linear_dx(case: Case, got: Any) -> None:
    """backward returns the gradient at the input"""
    expect.close(got[1], case.truth[1], "dx")


@Linear.prop(
    points=1,
    cases=_layers_back,
    hint="A sample contributes dy[n, k]·x[n, d] to grad_W[k, d]. Samples add up: the 1/N is the loss's business.",
)
def linear_gradients(case: Case, got: Any) -> None:
    """grad_W and grad_b are right, summed over the batch"""
    factors = Context(factors={"N, the number of samples": len(case.args[5])})
    have, want = shape_of(got[2]), case.truth[2][0].shape
    if have == want[::-1] != want:
        raise Failure(
            f"grad_W should have shape {want}; it has shape {have}.",
            "It looks transposed: grad_W has the layout of W.",
        )
    close(got[2], case.truth[2][0], "grad_W", context=factors)
    close(got[3], case.truth[2][1], "grad_b", context=factors)


@Linear.prop(points=0.5, cases=_memory, hint=STATE_HINT, of_outcome=True)
def linear_state(case: Case, outcome: Outcome) -> None:
    """backward belongs to the latest forward of its own layer, and nothing piles up"""
    judge_scenes(outcome, ("dx", "grad_W", "grad_b"))


Linear.keeps_inputs(points=0.25, cases=_layers_guarded)
