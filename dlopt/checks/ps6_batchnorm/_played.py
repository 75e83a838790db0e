"""What is played with a student's layer where it lives; each scene starts from a fresh one and returns what came.

Self-contained but for `dlopt.checks.beside`: `dlopt.checks.inside` runs this source beside the student's code.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks.beside import played_beside, read, scenes, snapshot

__all__ = [
    "evaluate",
    "evaluate_back",
    "new",
    "normalize",
    "over_time",
    "round_trip",
    "stretch",
    "stretch_evaluating",
    "track",
]

Array = NDArray[np.float64]
STATISTICS = ("running_mean", "running_var")


def settle(layer: Any, names: list[str], values: list[NDArray[np.float64]]) -> None:
    """Set attributes of a layer, in the array that lies there and by assignment.

    One way is enough for most layers; the other reaches those that keep a second name for the array, or that hand
    the attribute out through a property.
    """
    for name, value in zip(names, values, strict=True):
        array = getattr(layer, name, None)
        if isinstance(array, np.ndarray) and array.flags.writeable and array.shape == value.shape:
            array[...] = value
        try:
            setattr(layer, name, value.copy())  # the layer may write into its own array, never into the case's
        except AttributeError:  # a property that can only be read
            pass


def settled(norm: Any, eps: float, **values: Array) -> Any:
    """Make a layer with known numbers in some of its attributes; ``beta`` is always among them."""
    layer = norm(len(values["beta"]), eps=eps)
    settle(layer, list(values), list(values.values()))
    return layer


def _back(layer: Any, dy: Array) -> list[Any]:
    dx = snapshot(layer.backward(dy))
    return [dx, read(layer, "grad_gamma"), read(layer, "grad_beta")]


@played_beside(5)
def new(norm: Any, num_features: int) -> list[Any]:
    """Look at what a layer starts with."""
    layer = norm(num_features)
    return [read(layer, name) for name in ("gamma", "beta", *STATISTICS, "training")]


@played_beside()
def normalize(norm: Any, num_features: int, eps: float | None, x: Array) -> Any:
    """Make a forward pass in training, with γ = 1 and β = 0; without eps, with the layer's own."""
    layer = norm(num_features) if eps is None else norm(num_features, eps)
    return snapshot(layer.forward(x))


@played_beside(2)
def stretch(norm: Any, eps: float, gamma: Array, beta: Array, x: Array) -> list[Any]:
    """Make the same forward pass in training without and with γ and β."""
    plain = norm(len(gamma), eps).forward(x)
    return [snapshot(plain), snapshot(settled(norm, eps, gamma=gamma, beta=beta).forward(x))]


@played_beside(2)
def stretch_evaluating(norm: Any, eps: float, gamma: Array, beta: Array, x: Array) -> list[Any]:
    """Make the same forward pass in eval mode without and with γ and β."""
    plain, changed = norm(len(gamma), eps), settled(norm, eps, gamma=gamma, beta=beta)
    plain.training = changed.training = False
    return [snapshot(plain.forward(x)), snapshot(changed.forward(x))]


@played_beside()
def track(norm: Any, num_features: int, momentum: float | None, batches: list[Array]) -> list[Any]:
    """Show a layer some batches in training; read its running statistics after each."""
    layer = norm(num_features) if momentum is None else norm(num_features, 1e-5, momentum)
    seen = []
    for x in batches:
        layer.forward(x)
        seen.append([read(layer, name) for name in STATISTICS])
    return seen


@played_beside(3)
def evaluate(
    norm: Any, eps: float, gamma: Array, beta: Array, running_mean: Array, running_var: Array, x: Array
) -> list[Any]:
    """Make a forward pass in eval mode; read the running statistics after it."""
    layer = settled(norm, eps, gamma=gamma, beta=beta, running_mean=running_mean, running_var=running_var)
    layer.training = False
    return [snapshot(layer.forward(x)), *(read(layer, name) for name in STATISTICS)]


@played_beside(4)
def round_trip(norm: Any, eps: float, gamma: Array, beta: Array, x: Array, dy: Array) -> list[Any]:
    """Make one forward and one backward pass in training."""
    layer = settled(norm, eps, gamma=gamma, beta=beta)
    return [snapshot(layer.forward(x)), *_back(layer, dy)]


@played_beside(4)
def evaluate_back(
    norm: Any, eps: float, gamma: Array, beta: Array, running_mean: Array, running_var: Array, x: Array, dy: Array
) -> list[Any]:
    """Make one forward and one backward pass in eval mode."""
    layer = settled(norm, eps, gamma=gamma, beta=beta, running_mean=running_mean, running_var=running_var)
    layer.training = False
    return [snapshot(layer.forward(x)), *_back(layer, dy)]


@played_beside(6)
def over_time(
    norm: Any,
    gamma: Array,
    beta: Array,
    running_mean: Array,
    running_var: Array,
    x1: Array,
    dy1: Array,
    x2: Array,
    dy2: Array,
    modes: list[bool],
) -> list[list[Any]]:
    """Play the scenes of state, each batch in its mode; then see whether two layers keep statistics of their own."""

    def ahead(layer: Any, data: Any) -> Any:
        layer.training = data[2]
        # what eval mode reads is set anew: whether training has moved it in the right way is another line's business
        settle(layer, list(STATISTICS), [running_mean, running_var])
        return layer.forward(data[0])

    def statistics(layer: Any) -> list[Any]:
        return [read(layer, name) for name in STATISTICS]

    def alone(x: Array) -> Any:
        layer = norm(len(gamma))
        layer.forward(snapshot(x))
        return layer

    played = scenes(
        lambda: settled(norm, 1e-5, gamma=gamma, beta=beta),
        ahead,
        lambda layer, data: _back(layer, data[1]),
        (x1, dy1, modes[0]),
        (x2, dy2, modes[1]),
    )
    expected = [statistics(alone(x)) for x in (x1, x2)]
    one, other = norm(len(gamma)), norm(len(gamma))
    one.forward(snapshot(x1))
    other.forward(snapshot(x2))
    return [*played, *([statistics(layer), truth] for layer, truth in zip((one, other), expected, strict=True))]
