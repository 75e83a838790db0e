"""What is played with a student's layer; each scenario starts from a fresh one and returns plain data."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks.beside import read, scenes, snapshot
from dlopt.checks.inside import inside
from dlopt.checks.ps6_batchnorm._inside import settle

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


def settled(norm: Any, eps: float, **values: Array) -> Any:
    """Make a layer with known numbers in some of its attributes; ``beta`` is always among them."""
    layer = norm(len(values["beta"]), eps=eps)
    inside(norm, settle)(layer, list(values), list(values.values()))
    return layer


def _back(layer: Any, dy: Array) -> list[Any]:
    dx = snapshot(layer.backward(dy))
    return [dx, read(layer, "grad_gamma"), read(layer, "grad_beta")]


def new(norm: Any, num_features: int) -> list[Any]:
    """Look at what a layer starts with."""
    layer = norm(num_features)
    return [read(layer, name) for name in ("gamma", "beta", *STATISTICS, "training")]


def normalize(norm: Any, num_features: int, eps: float | None, x: Array) -> Any:
    """Make a forward pass in training, with γ = 1 and β = 0; without eps, with the layer's own."""
    layer = norm(num_features) if eps is None else norm(num_features, eps)
    return snapshot(layer.forward(x))


def stretch(norm: Any, eps: float, gamma: Array, beta: Array, x: Array) -> list[Any]:
    """Make the same forward pass in training without and with γ and β."""
    plain = norm(len(gamma), eps).forward(x)
    return [snapshot(plain), snapshot(settled(norm, eps, gamma=gamma, beta=beta).forward(x))]


def stretch_evaluating(norm: Any, eps: float, gamma: Array, beta: Array, x: Array) -> list[Any]:
    """Make the same forward pass in eval mode without and with γ and β."""
    plain, changed = norm(len(gamma), eps), settled(norm, eps, gamma=gamma, beta=beta)
    plain.training = changed.training = False
    return [snapshot(plain.forward(x)), snapshot(changed.forward(x))]


def track(norm: Any, num_features: int, momentum: float | None, batches: list[Array]) -> list[Any]:
    """Show a layer some batches in training; read its running statistics after each."""
    layer = norm(num_features) if momentum is None else norm(num_features, 1e-5, momentum)
    seen = []
    for x in batches:
        layer.forward(x)
        seen.append([read(layer, name) for name in STATISTICS])
    return seen


def evaluate(
    norm: Any, eps: float, gamma: Array, beta: Array, running_mean: Array, running_var: Array, x: Array
) -> list[Any]:
    """Make a forward pass in eval mode; read the running statistics after it."""
    layer = settled(norm, eps, gamma=gamma, beta=beta, running_mean=running_mean, running_var=running_var)
    layer.training = False
    return [snapshot(layer.forward(x)), *(read(layer, name) for name in STATISTICS)]


def round_trip(norm: Any, eps: float, gamma: Array, beta: Array, x: Array, dy: Array) -> list[Any]:
    """Make one forward and one backward pass in training."""
    layer = settled(norm, eps, gamma=gamma, beta=beta)
    return [snapshot(layer.forward(x)), *_back(layer, dy)]


def evaluate_back(
    norm: Any, eps: float, gamma: Array, beta: Array, running_mean: Array, running_var: Array, x: Array, dy: Array
) -> list[Any]:
    """Make one forward and one backward pass in eval mode."""
    layer = settled(norm, eps, gamma=gamma, beta=beta, running_mean=running_mean, running_var=running_var)
    layer.training = False
    return [snapshot(layer.forward(x)), *_back(layer, dy)]


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
        inside(norm, settle)(layer, list(STATISTICS), [running_mean, running_var])
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
