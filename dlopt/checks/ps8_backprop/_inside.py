"""What stands beside a student's code while it is tried: a network of known numbers, and one who takes notes.

Self-contained, numpy only: `dlopt.checks.inside` may run this source where the student's code lives. The network
holds no backpropagation. Its derivatives are complex steps, ∂f/∂θ = Im f(θ + ih)/h with h = 1e-30, which are exact to
the last digits because nothing is subtracted (Squire & Trapp 1998), and far too slow to train on images.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Net", "Watch"]

Array = NDArray[Any]
STEP = 1e-30

#: The activations for real and complex arguments; their derivatives follow from that.
CURVES: dict[str, Callable[[Array], Array]] = {
    "relu": lambda z: np.where(np.real(z) > 0, z, 0),
    "tanh": np.tanh,
    "sigmoid": lambda z: (1 + np.tanh(z / 2)) / 2,
}


class Net:
    """A network given by its matrices, with the four methods of the contract's ``MLP``.

    Parameters
    ----------
    parameters : list of ndarray
        W₁ (out, in), b₁ (out,), W₂, …; they are copied.
    activation : str
        One of `CURVES`, between the layers and not after the last.
    """

    def __init__(self, parameters: list[Array], activation: str) -> None:
        self._arrays = [np.array(p, dtype=float, order="C") for p in parameters]
        self._curve = CURVES[activation]

    def parameters(self) -> list[Array]:
        """Return the arrays themselves."""
        return list(self._arrays)

    def forward(self, x: Array) -> Array:
        """Return the outputs (N, K)."""
        self._x = np.array(x)
        return self.outputs(self._x, self._arrays)

    def outputs(self, x: Array, arrays: list[Array]) -> Array:
        """Return the outputs for other arrays in place of its own, each with leading axes or without."""
        layers = len(arrays) // 2
        for number in range(layers):
            W, b = arrays[2 * number : 2 * number + 2]
            x = x @ np.swapaxes(W, -1, -2) + b[..., None, :]
            x = self._curve(x) if number < layers - 1 else x
        return np.asarray(x)

    def backward(self, dy: Array) -> Array:
        """Return the gradient (N, D) at the last input, and keep those at the parameters."""
        self._gradients = []
        for number, array in enumerate(self._arrays):
            tilted: list[Array] = [*self._arrays]
            tilted[number] = _tilted(array)
            self._gradients.append(_slopes(self.outputs(self._x, tilted), dy, array))
        outputs = self.outputs(_tilted(self._x), self._arrays)
        return _slopes(outputs, dy, self._x)

    def gradients(self) -> list[Array]:
        """Return the gradients of the last backward pass, in the order of the parameters."""
        return list(self._gradients)


def _tilted(array: Array) -> Array:
    """Stack one copy per entry, (size, *shape), with that entry moved by ih."""
    return np.asarray(array + STEP * 1j * np.eye(array.size).reshape(array.size, *array.shape))


def _slopes(outputs: Array, dy: Array, array: Array) -> Array:
    """Return the derivative of Σ dy · output for every entry of ``array``."""
    slopes: Array = (outputs.imag * dy).sum(axis=(-2, -1)).reshape(array.shape) / STEP
    return slopes


class Watch:
    """A network that notes the batch of every backward pass; all else is the network's.

    Parameters
    ----------
    net : object
        With the four methods of ``MLP``.
    """

    def __init__(self, net: Any) -> None:
        self.net = net
        self.batches: list[Array] = []

    def forward(self, x: Array) -> Any:
        """Pass on, and remember the input."""
        self._x = np.array(x)
        return self.net.forward(x)

    def backward(self, dy: Array) -> Any:
        """Note the batch that this pass belongs to, and pass on."""
        self.batches.append(self._x)
        return self.net.backward(dy)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "net":
            raise AttributeError(name)
        return getattr(self.net, name)
