"""Small networks seen as what an optimiser sees: a scalar function of one flat vector of weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

__all__ = ["FlatLoss", "mlp"]


def mlp(sizes: Sequence[int], generator: torch.Generator, *, activation: type[nn.Module] = nn.Tanh) -> nn.Sequential:
    """Build a float64 network, tanh unless said otherwise, with weights of variance 1/fan-in and biases 0.

    Parameters
    ----------
    sizes
        Units per layer, inputs first.
    generator
        Source of the weights.
    activation
        Module class between the linear layers, `torch.nn.ReLU` for instance.

    Returns
    -------
    torch.nn.Sequential
        Linear layers with the activation between them, none after the last.

    Examples
    --------
    >>> net = mlp([64, 8, 10], torch.Generator().manual_seed(0))
    >>> sum(p.numel() for p in net.parameters())
    610
    """
    layers: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        layer = nn.Linear(fan_in, fan_out, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.normal_(std=fan_in**-0.5, generator=generator)
            layer.bias.zero_()
        layers += [layer, activation()]
    return nn.Sequential(*layers[:-1])


class FlatLoss:
    """Mean cross-entropy of a network on fixed data, as a function of all its weights in one vector.

    Parameters
    ----------
    net
        The network; it is never changed.
    x
        Inputs (N, D).
    labels
        Classes (N,), integers.

    Attributes
    ----------
    start : Tensor
        The network's own weights, flat (M,).

    Examples
    --------
    >>> net = mlp([3, 2], torch.Generator().manual_seed(0))
    >>> loss = FlatLoss(net, torch.zeros(5, 3), [0, 1, 0, 1, 0])
    >>> loss(loss.start).item()  # blank inputs: two classes, ln 2
    0.693...
    """

    def __init__(self, net: nn.Module, x: object, labels: object) -> None:
        self.net = net
        self.x = torch.as_tensor(x, dtype=torch.float64)
        self.labels = torch.as_tensor(labels, dtype=torch.int64)
        self.shapes = {name: p.shape for name, p in net.named_parameters()}
        self.start = torch.cat([p.detach().flatten() for p in net.parameters()])

    def logits(self, w: Tensor) -> Tensor:
        """Return the network's outputs (N, K) at the weights w (M,)."""
        pieces = torch.split(w, [shape.numel() for shape in self.shapes.values()])
        weights = {name: p.view(shape) for (name, shape), p in zip(self.shapes.items(), pieces, strict=True)}
        outputs: Tensor = torch.func.functional_call(self.net, weights, (self.x,))
        return outputs

    def __call__(self, w: Tensor) -> Tensor:
        """Loss (scalar) at the weights w (M,)."""
        return nn.functional.cross_entropy(self.logits(w), self.labels)
