"""The network: layers in a row (rows H1, H2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps8_backprop._cases import (
    STATE_HINT,
    canonical,
    generator,
    judge_scenes,
    layouts,
    of_seed,
    parameters,
)
from dlopt.checks.ps8_backprop._differences import named
from dlopt.checks.ps8_backprop._inside import Net
from dlopt.checks.ps8_backprop._played import (
    network_ahead,
    network_new,
    network_once,
    network_over_time,
    network_rewritten,
)
from dlopt.checks.ps8_backprop._random import Draws, Start, judge_draws, judge_start
from dlopt.checks.trial import Outcome

__all__ = ["MLP"]

Array = NDArray[np.float64]

MLP = Exercise(
    "MLP",
    ("sizes", "activation", "rng"),
    kind="class",
    canonical=canonical,
    lent=("ps8_backprop", ("Linear", "ReLU", "Tanh", "Sigmoid")),
)


@dataclass(frozen=True)
class Passes:
    """A network's numbers, and what its passes gave; right means right for these numbers."""

    sizes: tuple[int, ...]
    activation: str
    written: list[Array]
    held: Any
    found: list[Any]
    x: Array
    dy: Array

    def plain(self) -> Any:
        """Forget the numbers where they are the ones that were written in."""
        held = list(self.held) if isinstance(self.held, list | tuple) else self.held
        return self.found if expect.same_result(held, self.written) else [self.held, self.found]

    @cached_property
    def numbers(self) -> list[Array]:
        """Read the parameters, a matrix that lies on its side set upright."""
        held = _listed(self.held, 2 * len(self.sizes) - 2, "parameters()")
        upright = []
        for index, value in enumerate(held):
            fan_in, fan_out = self.sizes[index // 2 : index // 2 + 2]
            shape = (fan_out,) if index % 2 else (fan_out, fan_in)
            turned = isinstance(value, np.ndarray) and value.shape == shape[::-1] != shape
            upright.append(expect.numbers(value.T if turned else value, shape, f"parameters(): {named(index)}"))
        return upright

    @cached_property
    def truth(self) -> tuple[Array, Array, list[Array]]:
        """Output, gradient at the input and gradients at the parameters, for the same numbers."""
        net = Net(self.numbers, self.activation)
        return net.forward(self.x), net.backward(self.dy), net.gradients()


def _listed(value: Any, length: int, name: str) -> Any:
    if not isinstance(value, list | tuple) or len(value) != length:
        raise Failure(
            f"{name} should be a list of {length} arrays, W and b of every layer; it is {expect.kind(value)}."
        )
    return value


@dataclass(frozen=True)
class Started:
    """What a network starts with, and where it came from."""

    start: Start
    draws: Draws


# --- what was found, and what is known


def _passes(args: tuple[Any, ...], found: list[Any]) -> Passes:
    sizes, activation, _, written, x, dy = args
    held, *rest = found
    return Passes(tuple(sizes), activation, written, held, rest, x, dy)


def _followed(args: tuple[Any, ...], found: list[Any]) -> list[Any]:
    """Return what was written, what parameters() shows then, and whether the output is the old one."""
    before, held, after = found
    return [args[3], held, bool(np.array_equal(before, after))]


def _started(args: tuple[Any, ...], found: list[Any]) -> list[Any]:
    start, *firsts = found
    return [Started(Start(tuple(args[0]), start), Draws(*firsts))]


# --- cases


def _networks(seed: int) -> list[Case]:
    rng = generator(seed, 60)
    cases = []
    settings = (
        ((2, 3, 2), "relu", 2),
        ((3, 4, 2), "tanh", 5),
        ((4, 3, 5, 2), "sigmoid", 1),
        ((2, 4, 4, 4, 3), "relu", 4),
        ((3, 2), "tanh", 3),
        ((1, 3, 3, 1), "tanh", 2),
    )
    for sizes, activation, n in settings:
        values = parameters(rng, sizes)
        x, dy = rng.normal(size=(n, sizes[0])), rng.normal(size=(n, sizes[-1])) + 0.5
        args = (list(sizes), activation, generator(seed, 61), values, x, dy)
        cases.append(Case(args, f"sizes {list(sizes)}, {activation}, N = {n}", scenario=network_once, reading=_passes))
    return cases


@of_seed
def _networks_back(seed: int) -> list[Case]:
    return _networks(seed)


@of_seed
def _networks_ahead(seed: int) -> list[Case]:
    return [Case(c.args, c.label, scenario=network_ahead, reading=_passes) for c in _networks(seed)]


@of_seed
def _networks_guarded(seed: int) -> list[Case]:
    return [_networks_back(seed)[1], *layouts(_networks_back(seed)[1], "F", "read-only")]


@of_seed
def _networks_typed(seed: int) -> list[Case]:
    """Build networks with one activation at most: what shares one between layers has its own line."""
    return [_networks_back(seed)[number] for number in (0, 1, 4)]


@of_seed
def _rewritten(seed: int) -> list[Case]:
    smooth = [c for c in _networks(seed)[1:] if c.args[1] != "relu"]  # a gate that is closed hides what was written
    return [Case(c.args[:-1], c.label, scenario=network_rewritten, reading=_followed) for c in smooth]


@of_seed
def _memory(seed: int) -> list[Case]:
    rng = generator(seed, 62)
    sizes = [3, 4, 4, 2]
    cases = []
    for n in (2, 5):
        data = [rng.normal(size=shape) for shape in ((2, 3), (2, 2), (n, 3), (n, 2))]
        args = (sizes, "tanh", generator(seed, 61), parameters(rng, sizes), *data)
        cases.append(Case(args, f"sizes {sizes}, two batches of 2 and {n} samples", scenario=network_over_time))
    return cases


@of_seed
def _beginnings(seed: int) -> list[Case]:
    sources = generator(seed, 63), generator(seed, 63), generator(seed, 64)
    return [
        Case((sizes, "relu", *sources), f"sizes {sizes}", scenario=network_new, reading=_started)
        for sizes in ([5, 5, 5, 5], [120, 100, 150])
    ]


# --- properties


@MLP.prop(
    points=0.5,
    cases=_networks_typed,
    hint="Two entries per layer, first layer first: W₁, b₁, W₂, b₂, …, and the gradients in the same order.",
)
def mlp_types(case: Case, got: Passes) -> None:
    """parameters() and gradients() are lists W₁, b₁, W₂, b₂, … of arrays, forward and backward return arrays"""
    sizes = got.sizes
    y, dx, gradients = got.found
    for name, values in (("parameters()", got.held), ("gradients()", gradients)):
        for index, value in enumerate(_listed(values, 2 * len(sizes) - 2, name)):
            fan_in, fan_out = sizes[index // 2 : index // 2 + 2]
            expect.array(value, (fan_out,) if index % 2 else (fan_out, fan_in), f"{name}: {named(index)}")
        if not isinstance(values, list):
            raise Failure(f"{name} should be a list; it is {expect.kind(values)}.")
    expect.array(y, (len(got.x), sizes[-1]), "The output")
    expect.array(dx, got.x.shape, "dx")


@MLP.prop(
    points=1.25,
    cases=_networks_ahead,
    hint="Linear, activation, Linear, …: what comes after the last Linear? Sizes [3, 2] mean one Linear alone.",
)
def mlp_forward(case: Case, got: Passes) -> None:
    """The output is right, for any depth and activation"""
    expect.close(got.found[0], got.truth[0], "The output")


@MLP.prop(
    points=0.75,
    cases=_networks_back,
    hint="Each layer's backward takes what the layer after it returned. Who is first to be asked?",
)
def mlp_dx(case: Case, got: Passes) -> None:
    """backward returns the gradient at the input"""
    expect.close(got.found[1], got.truth[1], "dx")


@MLP.prop(
    points=1,
    cases=_networks_back,
    hint="Compare with your numerical_gradient, layer by layer: the last layer's gradients are the first to be right.",
)
def mlp_gradients(case: Case, got: Passes) -> None:
    """gradients() are right, in the order of parameters()"""
    found = _listed(got.found[2], 2 * len(got.sizes) - 2, "gradients()")
    for index, (value, expected) in enumerate(zip(found, got.truth[2], strict=True)):
        expect.close(value, expected, f"The gradient at {named(index)}")


@MLP.prop(
    points=0.5,
    cases=_rewritten,
    hint="Whoever trains the network will write into these arrays: hand out the layers' own, no copies.",
)
def mlp_live(case: Case, got: Any) -> None:
    """parameters() are the network's own arrays: writing into them changes what it computes"""
    written, held, unmoved = got
    for index, (value, known) in enumerate(zip(_listed(held, len(written), "parameters()"), written, strict=True)):
        turned = isinstance(value, np.ndarray) and value.shape == known.shape[::-1] != known.shape
        if not expect.same_result(_flat(value.T if turned else value), known.reshape(-1)):
            raise Failure(f"New numbers were written into {named(index)}; parameters() still shows the old ones.")
    if unmoved:
        raise Failure("New numbers were written into parameters(); forward still gives the old output.")


def _flat(value: Any) -> Any:
    """Return the entries of whatever holds them in one row, or what it is where it has none."""
    try:
        return np.asarray(value).reshape(-1)
    except ValueError:  # rows of different lengths
        return value


@MLP.prop(points=0.5, cases=_memory, hint=STATE_HINT, of_outcome=True)
def mlp_state(case: Case, outcome: Outcome) -> None:
    """backward belongs to the latest forward of its own network, and nothing piles up"""
    judge_scenes(outcome, ("dx", *(f"The gradient at {named(i)}" for i in range(6))))


@MLP.prop(
    points=0.25,
    cases=_beginnings,
    hint="Hand the one rng from layer to layer: each takes its own numbers from it.",
)
def mlp_start(case: Case, got: Any) -> None:
    """Every layer starts with weights of its own from the given generator, biases at zero"""
    found = got[0]
    judge_start(found.start)
    judge_draws(found.draws)
    first, second = found.start.arrays[0], found.start.arrays[2]
    if np.array_equal(first, second):
        raise Failure("Two layers of the same size have the same weights.")


MLP.keeps_inputs(points=0.25, cases=_networks_guarded)
