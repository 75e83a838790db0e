"""Gradients by differences (row H3): the tool that checks all the others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from dlopt.checks import expect
from dlopt.checks.beside import snapshot
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.inside import Together, inside
from dlopt.checks.ps8_backprop._cases import generator, layouts, of_seed, parameters, targets
from dlopt.checks.ps8_backprop._inside import Net, Watch
from dlopt.checks.ps8_backprop._played import fill

__all__ = ["named", "network", "numerical_gradient"]

Array = NDArray[np.float64]

numerical_gradient = Exercise(
    "numerical_gradient",
    ("mlp", "x", "y", "h"),
    companions=("MLP",),
    lent=("ps8_backprop", ("SoftmaxCrossEntropy",)),
)


def network(candidate: Any, arrays: list[Array], activation: str) -> Any:
    """Build a network with known numbers beside the candidate: the student's own if it came along, or ours."""
    if not isinstance(candidate, Together):
        return inside(candidate, Net)(arrays, activation)
    sizes = [arrays[0].shape[1], *(len(b) for b in arrays[1::2])]
    net = candidate.others[0](sizes, activation, np.random.default_rng(0))
    inside(candidate, fill)(net, arrays)
    return net


def main(candidate: Any) -> Any:
    """Return the function under test."""
    return candidate.main if isinstance(candidate, Together) else candidate


def named(index: int) -> str:
    """Name a parameter by its place in the list: W₁, b₁, W₂, …"""
    return "Wb"[index % 2] + "₁₂₃₄₅₆₇₈₉"[index // 2]


# --- what is played


def differences(
    candidate: Any, parameters: list[Array], activation: str, x: Array, y: Array, h: float | None
) -> list[Any]:
    """Take the differences, look at the parameters before and after, and note whether backward was called."""
    net = inside(candidate, Watch)(network(candidate, parameters, activation))
    before = snapshot(net.parameters())
    step = {} if h is None else {"h": h}
    found = snapshot(main(candidate)(net, x, y, **step))
    return [found, before, snapshot(net.parameters()), bool(net.batches)]


# --- cases


def _central(arrays: list[Array], activation: str, x: Array, y: Array, h: float) -> list[Array]:
    """Difference quotients of the loss at x ± h, all entries of one array at once, on our own network."""
    net = Net(arrays, activation)

    def losses(number: int, shift: float) -> Array:
        moved: list[Any] = list(arrays)
        size = arrays[number].size
        moved[number] = arrays[number] + shift * np.eye(size).reshape(size, *arrays[number].shape)
        out = net.outputs(x, moved)
        return np.asarray(np.mean(logsumexp(out, axis=-1) - np.sum(y * out, axis=-1), axis=-1))

    return [((losses(i, h) - losses(i, -h)) / (2 * h)).reshape(a.shape) for i, a in enumerate(arrays)]


def _case(seed: int, number: int, h: float | None) -> Case:
    """Build a network, a batch and the step; the truth is the list of difference quotients."""
    sizes, n, activation = (
        ((2, 2), 2, "tanh"),
        ((3, 4, 2), 5, "tanh"),
        ((2, 3, 2, 4), 1, "sigmoid"),
        ((1, 3, 3), 4, "relu"),
    )[number]
    rng = generator(seed, 50 + number)
    arrays, x = parameters(rng, sizes), rng.normal(size=(n, sizes[0]))
    y = targets(rng, n, sizes[-1], soft=number % 2 == 1)
    label = f"sizes {list(sizes)}, {activation}, N = {n}" + ("" if h is None else f", h = {h:g}")
    truth = _central(arrays, activation, x, y, 1e-5 if h is None else h)
    return Case((arrays, activation, x, y, h), label, truth, scenario=differences)


@of_seed
def _by_default(seed: int) -> list[Case]:
    return [_case(seed, number, None) for number in range(4)]


def _large_inputs(seed: int) -> Case:
    """Take inputs of 1e4, for which the default step is wide: the outputs move by 0.1."""
    rng = generator(seed, 54)
    (W, b), x, y = parameters(rng, (2, 3)), 1e4 * rng.normal(size=(4, 2)), targets(rng, 4, 3, soft=True)
    arrays = [1e-4 * W, b]
    label = "sizes [2, 3], inputs of 1e4, N = 4, h left out"
    return Case((arrays, "tanh", x, y, None), label, _central(arrays, "tanh", x, y, 1e-5), scenario=differences)


@of_seed
def _wide_steps(seed: int) -> list[Case]:
    return [_case(seed, 1, 0.1), _case(seed, 2, 0.01), _case(seed, 0, 1.0), _large_inputs(seed)]


@of_seed
def _guarded(seed: int) -> list[Case]:
    return _by_default(seed) + [
        Case((c.args[0], *c.args[1:]), c.label, c.truth, c.layout, differences)
        for c in layouts(_by_default(seed)[1], "F", "read-only")
    ]


def _each(case: Case, got: Any) -> Any:
    """Return the list of gradients, as many as there are parameters."""
    found = got[0]
    if found is None or not isinstance(found, list | tuple) or len(found) != len(case.truth):
        raise Failure(
            f"The result should be a list of {len(case.truth)} arrays, one per parameter; it is {expect.kind(found)}."
        )
    return found


# --- properties


@numerical_gradient.prop(points=0.25, cases=_by_default, hint="One array per parameter, in the order of parameters().")
def differences_type(case: Case, got: Any) -> None:
    """Returns a list of arrays shaped like the parameters"""
    for index, (value, expected) in enumerate(zip(_each(case, got), case.truth, strict=True)):
        expect.array(value, expected.shape, f"The gradient at {named(index)}")
    if not isinstance(got[0], list):
        raise Failure(f"The result should be a list; it is {expect.kind(got[0])}.")


@numerical_gradient.prop(
    points=1.25,
    cases=_by_default,
    hint="Move one entry of one array, up and down, by h each: what does the mean loss do? How far apart are the two?",
)
def differences_value(case: Case, got: Any) -> None:
    """The gradients are right"""
    _close(case, got)


@numerical_gradient.prop(
    points=0.75,
    cases=_wide_steps,
    hint="With a wide step the difference quotient is no longer the derivative. That is asked for: (L₊ − L₋)/(2h).",
)
def differences_step(case: Case, got: Any) -> None:
    """With a wide step h, it is the central difference with that h"""
    _close(case, got)


def _close(case: Case, got: Any) -> None:
    for index, (value, expected) in enumerate(zip(_each(case, got), case.truth, strict=True)):
        expect.close(value, expected, f"The gradient at {named(index)}")


@numerical_gradient.prop(
    points=0.5,
    cases=_by_default,
    of_outcome=True,
    hint="In floating point a + h − h is rarely a. Keep the old number and put that back.",
)
def differences_restore(case: Case, outcome: Any) -> None:
    """Leaves the parameters as they were, bit for bit"""
    _, before, after, _ = outcome.value
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        a, b = np.asarray(old), np.asarray(new)
        if a.shape != b.shape or a.tobytes() != b.tobytes():
            gap = np.max(np.abs(a - b)) if a.shape == b.shape else np.inf
            raise Failure(f"Afterwards {named(index)} is not what it was: entries differ by up to {gap:.2g}.")


numerical_gradient.keeps_inputs(points=0.25, cases=_guarded)
