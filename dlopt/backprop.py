"""Backpropagation taken apart: one derivative as a sum over paths, in indices, and with a wrong backward pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear, softplus

__all__ = ["FAULTS", "Faulty", "disguised", "fit", "in_indices", "path_products", "path_sum", "small_network"]

Layer = list[list[float]]
"""Weights of one layer in S3's order: ``w[i][j]`` leads from unit i to unit j, and i = 0 is the constant 1."""


def small_network(sizes: Sequence[int], generator: torch.Generator) -> list[Layer]:
    """Draw S3's weights ``w[k][i][j]``, standard normal, for tanh layers of the given sizes.

    Examples
    --------
    >>> w = small_network([2, 3, 1], torch.Generator().manual_seed(0))
    >>> [(len(layer), len(layer[0])) for layer in w]  # one more row for the constant
    [(3, 3), (4, 1)]
    """
    return [
        torch.randn(fan_in + 1, fan_out, generator=generator, dtype=torch.float64).tolist()
        for fan_in, fan_out in pairwise(sizes)
    ]


def _forward(weights: list[Layer], x: Sequence[float]) -> list[list[float]]:
    """Return the outputs of every layer, inputs first, each with the constant 1 in front."""
    y = [[1.0, *x]]
    for w in weights:
        sums = [sum(w[i][j] * y[-1][i] for i in range(len(w))) for j in range(len(w[0]))]
        y.append([1.0, *map(math.tanh, sums)])
    return y


def in_indices(weights: list[Layer], x: Sequence[float], target: Sequence[float]) -> tuple[float, list[Layer]]:
    """Backpropagate one sample unit by unit: S3's scalar formulation, in plain Python.

    Tanh in every layer, loss ½ Σ (y − d)².

    Parameters
    ----------
    weights
        ``w[k][i][j]`` as `small_network` draws them.
    x, target
        One input (D,) and what its output should be (K,).

    Returns
    -------
    tuple
        The loss, and its derivatives by every weight, in the same nesting.

    Examples
    --------
    >>> loss, slopes = in_indices([[[0.0], [1.0]]], [0.5], [0.0])
    >>> y = math.tanh(0.5)
    >>> loss == y**2 / 2, slopes[0][1][0] == y * (1 - y**2) * 0.5
    (True, True)
    """
    y = _forward(weights, x)
    loss = 0.5 * sum((a - d) ** 2 for a, d in zip(y[-1][1:], target, strict=True))
    at_output = [a - d for a, d in zip(y[-1][1:], target, strict=True)]  # ∂L/∂y of the last layer
    slopes: list[Layer] = []
    for k in reversed(range(len(weights))):
        w, below = weights[k], y[k]
        at_sum = [(1 - a * a) * g for a, g in zip(y[k + 1][1:], at_output, strict=True)]  # ∂L/∂z
        slopes.insert(0, [[below[i] * g for g in at_sum] for i in range(len(w))])
        at_output = [sum(w[i][j] * at_sum[j] for j in range(len(at_sum))) for i in range(1, len(w))]
    return loss, slopes


def path_products(
    weights: list[Layer], x: Sequence[float], target: Sequence[float], *, edge: tuple[int, int]
) -> Iterator[float]:
    """Yield, for every path from a first-layer weight to the loss, the product of derivatives along it.

    Parameters
    ----------
    weights, x, target
        As in `in_indices`.
    edge
        (i, j): the weight from unit i (0 is the constant) of the input to unit j (from 0) of the first layer.
    """
    y = _forward(weights, x)
    i, j = edge
    widths = [len(w[0]) for w in weights[1:]]
    for path in product(*(range(n) for n in widths)):  # which unit in each later layer
        unit, value = j, y[0][i] * (1 - y[1][j + 1] ** 2)
        for k, after in enumerate(path, start=1):
            value *= weights[k][unit + 1][after] * (1 - y[k + 1][after + 1] ** 2)
            unit = after
        yield value * (y[-1][unit + 1] - target[unit])


def path_sum(
    weights: list[Layer], x: Sequence[float], target: Sequence[float], *, edge: tuple[int, int]
) -> tuple[float, int]:
    """Add up `path_products`; return the sum and how many paths there were.

    Examples
    --------
    >>> w = small_network([2, 3, 3, 1], torch.Generator().manual_seed(0))
    >>> path_sum(w, [0.5, -1.0], [0.0], edge=(1, 0))[1]  # one path for each of the three units that follow
    3
    """
    values = list(path_products(weights, x, target, edge=edge))
    return math.fsum(values), len(values)


def disguised(value: Tensor, via: Tensor) -> Tensor:
    """Return `value` going forward, and going back the gradient of `via` instead: a wrong backward pass to order.

    Examples
    --------
    >>> z = torch.tensor([0.5], requires_grad=True)
    >>> disguised(z.tanh(), via=3 * z).backward()
    >>> z.grad
    tensor([3.])
    """
    return value.detach() + (via - via.detach())


FAULTS: dict[str, Callable[[Tensor], Tensor]] = {
    "slope forgotten": lambda z: z,
    "1 − y for 1 − y²": lambda z: z - (z.abs() + softplus(-2 * z.abs()) - math.log(2)),
}
"""Functions whose derivative stands in for tanh's; the other fault is the stranger's matrix of `Faulty`."""


class Faulty(nn.Module):
    """A tanh network whose forward pass is right and whose backward pass has a mistake, if asked for.

    Parameters
    ----------
    sizes
        Units per layer, inputs first.
    generator
        Source of the weights, of variance 1/fan-in.
    fault
        None for no mistake; ``"slope forgotten"``: the gradient passes tanh unchanged; ``"1 − y for 1 − y²"``;
        ``"stranger's matrix"``: on the way back a fixed random matrix stands where the transposed weights
        should [1]_.

    Raises
    ------
    ValueError
        If the fault is none of these.

    References
    ----------
    .. [1] T. P. Lillicrap, D. Cownden, D. B. Tweed, C. J. Akerman, "Random synaptic feedback weights support error
       backpropagation for deep learning", Nature Communications 7, 2016.

    Examples
    --------
    >>> net = Faulty([2, 3, 1], torch.Generator().manual_seed(0), fault="slope forgotten")
    >>> net(torch.zeros(4, 2, dtype=torch.float64)).shape
    torch.Size([4, 1])
    """

    def __init__(self, sizes: Sequence[int], generator: torch.Generator, fault: str | None = None) -> None:
        super().__init__()
        known = (None, *FAULTS, "stranger's matrix")
        if fault not in known:
            raise ValueError(f"Faulty: fault must be one of {known}, got {fault!r}")
        self.fault = fault
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        self.strangers: list[Tensor] = []
        for fan_in, fan_out in pairwise(sizes):
            shape, std = (fan_out, fan_in), fan_in**-0.5
            weight, stranger = (
                torch.empty(shape, dtype=torch.float64).normal_(std=std, generator=generator) for _ in range(2)
            )
            self.weights.append(nn.Parameter(weight))
            self.biases.append(nn.Parameter(torch.zeros(fan_out, dtype=torch.float64)))
            self.strangers.append(stranger)

    def forward(self, x: Tensor) -> Tensor:
        """Return outputs (N, K) of inputs (N, D)."""
        h = x
        for k, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            if k:
                z = h
                h = z.tanh()
                if self.fault in FAULTS:
                    h = disguised(h, FAULTS[self.fault](z))
            y = linear(h, weight, bias)
            if self.fault == "stranger's matrix":  # right for weights and bias, a stranger's for what came before
                foreign = linear(h, self.strangers[k])
                y = linear(h.detach(), weight, bias) + (foreign - foreign.detach())
            h = y
        return h


def fit(
    net: nn.Module, x: Tensor, labels: Tensor, *, lr: float, batch_size: int, steps: int, generator: torch.Generator
) -> Tensor:
    """Train a classifier by mini-batch SGD on whatever its backward pass returns.

    Parameters
    ----------
    net
        Takes inputs (B, D), returns logits (B, K).
    x, labels
        Data (N, D) and (N,).
    lr
        Step size.
    batch_size
        Samples per step, drawn without replacement within a step.
    steps
        Number of steps.
    generator
        Source of the batches.

    Returns
    -------
    Tensor
        Cross-entropy of every batch before its update (steps,).
    """
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        batch = torch.randperm(len(x), generator=generator)[:batch_size]
        loss = cross_entropy(net(x[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)
