"""The variance of the activations on the way up (rows I1, I4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.ps4_initialization._chain import Chain, Truth, averages, chain, close, generator, variances
from dlopt.checks.scenes import layouts, of_seed, small

__all__ = ["chains", "forward_variances", "label", "tiny_chains"]

forward_variances = Exercise("forward_variances", ("x", "weights", "activation"))

SHAPES: tuple[tuple[int, tuple[int, ...], float], ...] = (
    (5, (4, 3, 6, 2), 0.0),
    (7, (3, 5, 4), 1.5),
    (4, (6, 3), 1.0),
    (6, (3, 4, 4, 3, 5, 4), 0.5),
    (1, (3, 4, 5), 1.0),
)  #: samples, widths, size of the means


def label(drawn: Chain) -> str:
    """Describe a chain to a student; a small one with its numbers."""
    widths = " → ".join(str(w) for w in (drawn.x.shape[1], *(len(W) for W in drawn.weights)))
    said = f"{drawn.activation}, N = {len(drawn.x)}, widths {widths}"
    if drawn.x.size + sum(W.size for W in drawn.weights) <= 16:
        matrices = ", ".join(small(W) for W in drawn.weights)
        said += f", x = {small(drawn.x)}, weights = [{matrices}]"
    return said


def chains(seed: int, activation: str) -> list[Chain]:
    """Return the chains of a seed with this activation; the first of seed 1 can be followed by hand."""
    rng = generator(seed, 30, len(activation), ord(activation[0]))
    drawn = [chain(rng, n, widths, activation, mean=mean) for n, widths, mean in SHAPES]
    if seed == 1:
        x = np.array([[1.0, 0.0], [2.0, 1.0], [0.0, -1.0]])
        weights = [np.array([[1.0, -1.0], [0.0, 2.0], [1.0, 1.0]]), np.array([[1.0, 0.5, -1.0]])]
        drawn.insert(0, Chain(x, weights, activation, np.array([[1.0], [2.0], [-1.0]])))
    return drawn


def tiny_chains(seed: int) -> list[Chain]:
    """Return chains with one sample, one layer, layers of one unit."""
    rng = generator(seed, 31)
    return [
        chain(rng, 1, (1, 1), "linear", mean=1),
        chain(rng, 1, (2, 1), "tanh", mean=1),
        chain(rng, 4, (1, 1, 1), "tanh", mean=1),
        chain(rng, 3, (2, 1, 3), "linear", mean=1),
        chain(rng, 1, (1, 3), "relu", mean=1),
    ]


def _truth(drawn: Chain) -> Truth:
    signals = drawn.signals()
    instead = averages(signals[1:])
    if drawn.activation != "linear":
        instead["These are the variances of the sums, before the activation."] = variances(drawn.sums())
        last = [*signals[1:-1], drawn.sums()[-1]]
        instead["The last one is of the sums, before the activation."] = variances(last)
        straight = Chain(drawn.x, drawn.weights, "linear", drawn.dy)
        instead["These are the variances in a chain without activations."] = variances(straight.signals()[1:])
    instead["These are the variances of each layer's input; those of its output are asked for."] = variances(
        signals[:-1]
    )
    instead["The variance of x comes first; only those of the layers' outputs are asked for."] = variances(signals)
    return Truth(variances(signals[1:]), instead)


def _case(drawn: Chain) -> Case:
    return Case((drawn.x, drawn.weights, drawn.activation), label(drawn), _truth(drawn))


def _of(activation: str) -> Callable[[int], Sequence[Case]]:
    def cases(seed: int) -> list[Case]:
        made = [_case(drawn) for drawn in chains(seed, activation)]
        return made + layouts(made[1], "F", "strided")

    cases.__name__ = f"{activation}_chains"
    return of_seed(cases)


_linear, _tanh, _relu = (_of(activation) for activation in ("linear", "tanh", "relu"))


@of_seed
def _tiny(seed: int) -> list[Case]:
    return [_case(drawn) for drawn in tiny_chains(seed)]


@of_seed
def _guarded(seed: int) -> list[Case]:
    made = [case for of in (_linear, _tanh, _relu) for case in of(seed)]
    return made + [case for of in (_linear, _relu) for case in layouts(of(seed)[0], "read-only")]


@forward_variances.prop(points=0.5, cases=_linear, hint="One number per weight matrix, in one array.")
def forward_type(case: Case, got: Any) -> None:
    """Returns an array of shape (L,)"""
    expect.array(got, case.truth.values.shape)


@forward_variances.prop(
    points=0.75,
    cases=_linear,
    hint="One variance over all samples and all units of a layer together, with 1/n. Rows are samples: h @ W.T.",
)
def forward_linear(case: Case, got: Any) -> None:
    """Linear layers: the variance over all entries, in layers of any width"""
    close(got, case.truth, "The variances")


@forward_variances.prop(
    points=0.5, cases=_tanh, hint="The activation is what leaves a layer, and what the next one gets: tanh of the sums."
)
def forward_tanh(case: Case, got: Any) -> None:
    """Tanh layers"""
    close(got, case.truth, "The variances")


@forward_variances.prop(
    points=0.5, cases=_relu, hint="What leaves a ReLU has a positive mean. Is it a variance that you compute?"
)
def forward_relu(case: Case, got: Any) -> None:
    """ReLU layers, whose outputs are not centred"""
    close(got, case.truth, "The variances")


@forward_variances.prop(
    points=0.25,
    cases=_tiny,
    hint="A single number does not vary: its variance is 0, not 0/0. A layer may have one unit.",
)
def forward_smallest(case: Case, got: Any) -> None:
    """One sample, one layer, layers of one unit"""
    close(got, case.truth, "The variances")


forward_variances.keeps_inputs(points=0.5, cases=_guarded)
