"""What is played with a student's layers and networks where they live; each scene starts from a fresh object.

Self-contained but for `dlopt.checks.beside`: `dlopt.checks.inside` runs this source beside the student's code. Every
scene returns what came, and nothing of what went in.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks.beside import played_beside, read, scenes, snapshot

__all__ = [
    "activation_ahead",
    "activation_once",
    "activation_over_time",
    "fill",
    "linear_ahead",
    "linear_draws",
    "linear_new",
    "linear_once",
    "linear_over_time",
    "loss_ahead",
    "loss_once",
    "loss_over_time",
    "network_ahead",
    "network_new",
    "network_once",
    "network_over_time",
    "network_rewritten",
    "settle",
]

Array = NDArray[Any]
Rng = np.random.Generator
SCENES = 4  #: how many `scenes` plays

# --- numbers written in


def settle(block: Any, W: Array, b: Array) -> None:
    """Write known numbers into a layer's weights and biases, where they lie and whichever way round they are."""
    for array, values in ((block.W, W), (block.b, b)):
        _write(array, values)


def fill(net: Any, values: list[Array]) -> None:
    """Write known numbers into the arrays that ``net.parameters()`` hands out."""
    for array, known in zip(net.parameters(), values):  # noqa: B905 - too few or too many are judged elsewhere
        _write(array, known)


def _write(array: Any, values: Array) -> None:
    """Write where it can be done; what cannot be written to shows in what comes out."""
    if not isinstance(array, np.ndarray) or not array.flags.writeable or array.size != values.size:
        return
    if array.shape == values.shape[::-1] != values.shape:
        values = values.T
    array[...] = values.reshape(array.shape)


# --- activations


@played_beside()
def activation_ahead(activation: Any, x: Array) -> Any:
    """Make a forward pass."""
    return snapshot(activation().forward(x))


@played_beside(2)
def activation_once(activation: Any, x: Array, dy: Array) -> list[Any]:
    """Make one forward and one backward pass."""
    block = activation()
    return [snapshot(block.forward(x)), snapshot(block.backward(dy))]


@played_beside(SCENES)
def activation_over_time(activation: Any, x1: Array, dy1: Array, x2: Array, dy2: Array) -> list[list[Any]]:
    """Play the scenes of state."""
    return scenes(
        activation,
        lambda block, data: block.forward(data[0]),
        lambda block, data: [snapshot(block.backward(data[1]))],
        (x1, dy1),
        (x2, dy2),
    )


# --- losses


@played_beside()
def loss_ahead(loss: Any, h: Array, y: Array) -> Any:
    """Make a forward pass."""
    return snapshot(loss().forward(h, y))


@played_beside(2)
def loss_once(loss: Any, h: Array, y: Array) -> list[Any]:
    """Make one forward and one backward pass."""
    block = loss()
    value = snapshot(block.forward(h, y))
    return [value, snapshot(block.backward())]


@played_beside(SCENES)
def loss_over_time(loss: Any, h1: Array, y1: Array, h2: Array, y2: Array) -> list[list[Any]]:
    """Play the scenes of state."""
    return scenes(
        loss,
        lambda block, data: block.forward(*data),
        lambda block, data: [snapshot(block.backward())],
        (h1, y1),
        (h2, y2),
    )


# --- Linear


@played_beside(2)
def linear_new(linear: Any, in_features: int, out_features: int, rng: Rng) -> list[Any]:
    """Make a layer and look at what it starts with."""
    layer = linear(in_features, out_features, rng)
    return [read(layer, "W"), read(layer, "b")]


@played_beside(4)
def linear_draws(linear: Any, in_features: int, out_features: int, rng: Rng, twin: Rng, other: Rng) -> list[Any]:
    """Draw the weights of two layers from one generator, and of one each from its twin and another."""
    return [read(linear(in_features, out_features, source), "W") for source in (rng, rng, twin, other)]


def _settled(linear: Any, in_features: int, out_features: int, rng: Rng, W: Array, b: Array) -> Any:
    layer = linear(in_features, out_features, rng)
    settle(layer, W, b)
    return layer


@played_beside()
def linear_ahead(linear: Any, in_features: int, out_features: int, rng: Rng, W: Array, b: Array, x: Array) -> Any:
    """Make a forward pass with known weights."""
    return snapshot(_settled(linear, in_features, out_features, rng, W, b).forward(x))


@played_beside(6)
def linear_once(
    linear: Any, in_features: int, out_features: int, rng: Rng, W: Array, b: Array, x: Array, dy: Array
) -> list[Any]:
    """Make one forward and one backward pass with known weights."""
    layer = _settled(linear, in_features, out_features, rng, W, b)
    y = snapshot(layer.forward(x))
    return [y, *_linear_back(layer, (x, dy)), read(layer, "W"), read(layer, "b")]


def _linear_back(layer: Any, data: tuple[Array, Array]) -> list[Any]:
    dx = snapshot(layer.backward(data[1]))
    return [dx, read(layer, "grad_W"), read(layer, "grad_b")]


@played_beside(SCENES)
def linear_over_time(
    linear: Any,
    in_features: int,
    out_features: int,
    rng: Rng,
    W: Array,
    b: Array,
    x1: Array,
    dy1: Array,
    x2: Array,
    dy2: Array,
) -> list[list[Any]]:
    """Play the scenes of state."""
    return scenes(
        lambda: _settled(linear, in_features, out_features, deepcopy(rng), W, b),
        lambda layer, data: layer.forward(data[0]),
        _linear_back,
        (x1, dy1),
        (x2, dy2),
    )


# --- MLP


def _network(mlp: Any, sizes: list[int], activation: str, rng: Rng, values: list[Array]) -> Any:
    net = mlp(sizes, activation, rng)
    fill(net, values)
    return net


@played_beside(2)
def network_ahead(
    mlp: Any, sizes: list[int], activation: str, rng: Rng, parameters: list[Array], x: Array, dy: Array
) -> list[Any]:
    """Make a forward pass with known numbers; look at them before."""
    net = _network(mlp, sizes, activation, rng, parameters)
    return [snapshot(net.parameters()), snapshot(net.forward(x))]


@played_beside(4)
def network_once(
    mlp: Any, sizes: list[int], activation: str, rng: Rng, parameters: list[Array], x: Array, dy: Array
) -> list[Any]:
    """Make one forward and one backward pass with known numbers; look at them before."""
    net = _network(mlp, sizes, activation, rng, parameters)
    ahead = [snapshot(net.parameters()), snapshot(net.forward(x))]
    return [*ahead, snapshot(net.backward(dy)), snapshot(net.gradients())]


@played_beside(3)
def network_rewritten(
    mlp: Any, sizes: list[int], activation: str, rng: Rng, parameters: list[Array], x: Array
) -> list[Any]:
    """Write other numbers into the arrays of parameters(); make a forward pass before and after."""
    net = mlp(sizes, activation, rng)
    before = snapshot(net.forward(x))
    fill(net, parameters)
    return [before, snapshot(net.parameters()), snapshot(net.forward(x))]


@played_beside(SCENES)
def network_over_time(
    mlp: Any,
    sizes: list[int],
    activation: str,
    rng: Rng,
    parameters: list[Array],
    x1: Array,
    dy1: Array,
    x2: Array,
    dy2: Array,
) -> list[list[Any]]:
    """Play the scenes of state."""

    def back(net: Any, data: tuple[Array, Array]) -> list[Any]:
        dx = snapshot(net.backward(data[1]))
        return [dx, *snapshot(net.gradients())]

    return scenes(
        lambda: _network(mlp, sizes, activation, deepcopy(rng), parameters),
        lambda net, data: net.forward(data[0]),
        back,
        (x1, dy1),
        (x2, dy2),
    )


@played_beside(5)
def network_new(mlp: Any, sizes: list[int], activation: str, rng: Rng, twin: Rng, other: Rng) -> list[Any]:
    """Make networks from several generators; return all arrays of the first, then the first array of each."""
    starts = [snapshot(mlp(sizes, activation, source).parameters()) for source in (rng, rng, twin, other)]
    return [starts[0], *(next(iter(start)) for start in starts)]
