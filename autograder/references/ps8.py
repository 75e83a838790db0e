"""Problem set 8: blocks and a network, to lend to a student whose own are not right."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MLP", "Linear", "ReLU", "Sigmoid", "SoftmaxCrossEntropy", "Tanh"]

Array = NDArray[np.float64]

# ruff: noqa: D101, D102 - the contract of the problem set documents them


class Linear:
    def __init__(self, in_features: int, out_features: int, rng: np.random.Generator) -> None:
        bound = np.sqrt(6 / (in_features + out_features))
        self.W = rng.uniform(-bound, bound, (out_features, in_features))
        self.b = np.zeros(out_features)

    def forward(self, x: Array) -> Array:
        self._x = x
        y: Array = x @ self.W.T + self.b
        return y

    def backward(self, dy: Array) -> Array:
        self.grad_W = dy.T @ self._x
        self.grad_b = dy.sum(axis=0)
        dx: Array = dy @ self.W
        return dx


class ReLU:
    def forward(self, x: Array) -> Array:
        self._open = x > 0
        return np.where(self._open, x, 0.0)

    def backward(self, dy: Array) -> Array:
        return np.where(self._open, dy, 0.0)


class Tanh:
    def forward(self, x: Array) -> Array:
        self._y = np.tanh(x)
        return np.array(self._y)

    def backward(self, dy: Array) -> Array:
        return np.asarray(dy * (1 - self._y**2))


class Sigmoid:
    def forward(self, x: Array) -> Array:
        self._y = 0.5 * (1 + np.tanh(0.5 * x))
        return np.array(self._y)

    def backward(self, dy: Array) -> Array:
        return np.asarray(dy * self._y * (1 - self._y))


class SoftmaxCrossEntropy:
    def forward(self, h: Array, y: Array) -> float:
        shifted = h - h.max(axis=1, keepdims=True)
        log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self._gradient = (np.exp(log_softmax) - y) / len(h)
        return float(-np.sum(y * log_softmax) / len(h))

    def backward(self) -> Array:
        return np.array(self._gradient)


class MLP:
    def __init__(self, sizes: list[int], activation: str, rng: np.random.Generator) -> None:
        between: dict[str, type[ReLU | Tanh | Sigmoid]] = {"relu": ReLU, "tanh": Tanh, "sigmoid": Sigmoid}
        self._linear = [Linear(fan_in, fan_out, rng) for fan_in, fan_out in pairwise(sizes)]
        self._layers: list[Any] = []
        for layer in self._linear:
            self._layers += [layer, between[activation]()]
        self._layers.pop()

    def forward(self, x: Array) -> Array:
        for layer in self._layers:
            x = layer.forward(x)
        return x

    def backward(self, dy: Array) -> Array:
        for layer in reversed(self._layers):
            dy = layer.backward(dy)
        return dy

    def parameters(self) -> list[Array]:
        return [array for layer in self._linear for array in (layer.W, layer.b)]

    def gradients(self) -> list[Array]:
        return [array for layer in self._linear for array in (layer.grad_W, layer.grad_b)]
