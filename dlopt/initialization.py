"""Drawing the weights of a network: the schemes by name, and training runs that start from them.

Weights are laid out as torch does, (fan_out, fan_in), so that ``y = x @ W.T``: a row belongs to an output.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = ["SCHEMES", "align", "draw", "fill", "learning_curve", "stack", "variance"]

SCHEMES: dict[str, Callable[[int, int], float]] = {
    "LeCun": lambda fan_in, fan_out: 1 / fan_in,
    "fan-out": lambda fan_in, fan_out: 1 / fan_out,
    "Xavier": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "He": lambda fan_in, fan_out: 2 / fan_in,
    "standard": lambda fan_in, fan_out: 1 / (3 * fan_in),
}
"""Variance of a weight by scheme; ``"standard"`` is the ±1/√fan-in uniform rule, torch's default for Linear."""


def variance(scheme: str | float, fan_in: int, fan_out: int) -> float:
    """Return the variance that a scheme gives to each weight of a layer.

    Parameters
    ----------
    scheme
        A name in `SCHEMES`, or the number ``fan_in · var w`` itself.
    fan_in, fan_out
        Inputs and outputs of the layer.

    Raises
    ------
    ValueError
        If the scheme is unknown, negative, or a fan is not positive.

    Examples
    --------
    >>> variance("Xavier", 300, 100), variance(2.0, 50, 10)
    (0.005, 0.04)
    """
    if fan_in < 1 or fan_out < 1:
        raise ValueError(f"variance: fans must be at least 1, got fan_in={fan_in!r}, fan_out={fan_out!r}")
    if isinstance(scheme, str):
        if scheme not in SCHEMES:
            raise ValueError(f"variance: scheme must be one of {', '.join(SCHEMES)} or a number, got {scheme!r}")
        return SCHEMES[scheme](fan_in, fan_out)
    if not 0 <= scheme < math.inf:
        raise ValueError(f"variance: fan_in · var w must be finite and ≥ 0, got {scheme!r}")
    return scheme / fan_in


def draw(
    fan_in: int, fan_out: int, scheme: str | float, generator: torch.Generator, *, law: str = "normal", copies: int = 0
) -> Tensor:
    """Draw a weight matrix with independent entries of mean 0 and the scheme's variance v.

    Parameters
    ----------
    fan_in, fan_out
        Inputs and outputs of the layer.
    scheme
        As for `variance`.
    generator
        Source of the weights.
    law
        ``"normal"``, ``"uniform"`` on ±√(3v), or ``"signs"``: ±√v with equal odds.
    copies
        Draw that many matrices; a single one when 0.

    Returns
    -------
    Tensor
        (fan_out, fan_in) or (copies, fan_out, fan_in), float64.

    Raises
    ------
    ValueError
        If the scheme or the law is unknown.

    Examples
    --------
    >>> draw(3, 2, "LeCun", torch.Generator().manual_seed(0)).shape
    torch.Size([2, 3])
    """
    std = math.sqrt(variance(scheme, fan_in, fan_out))
    shape = (copies, fan_out, fan_in) if copies else (fan_out, fan_in)
    empty = torch.empty(shape, dtype=torch.float64)
    if law == "normal":
        return empty.normal_(generator=generator).mul_(std)
    if law == "uniform":
        return empty.uniform_(-1, 1, generator=generator).mul_(std * math.sqrt(3))
    if law == "signs":
        return empty.bernoulli_(0.5, generator=generator).mul_(2).sub_(1).mul_(std)
    raise ValueError(f"draw: law must be normal, uniform or signs, got {law!r}")


def stack(
    widths: list[int], scheme: str | float, generator: torch.Generator, *, first: str | float | None = None
) -> list[Tensor]:
    """Draw the weights of a chain of layers.

    Parameters
    ----------
    widths
        Units per layer, inputs first: L + 1 numbers.
    scheme
        For every layer, as for `variance`.
    generator
        Source of the weights.
    first
        Another scheme for the first layer.

    Returns
    -------
    list of Tensor
        L matrices (out, in).

    Examples
    --------
    >>> [tuple(w.shape) for w in stack([4, 3, 2], "He", torch.Generator().manual_seed(0))]
    [(3, 4), (2, 3)]
    """
    schemes = [scheme if first is None else first] + [scheme] * (len(widths) - 2)
    return [draw(a, b, how, generator) for a, b, how in zip(widths[:-1], widths[1:], schemes, strict=True)]


def fill(net: nn.Module, scheme: str | float, generator: torch.Generator, *, last: str | float = "LeCun") -> nn.Module:
    """Draw the weights of all linear layers anew, normally distributed, and set biases to 0, in place.

    Parameters
    ----------
    net
        Any module; its `torch.nn.Linear` layers are found in order.
    scheme
        For all linear layers but the last, as for `variance`.
    generator
        Source of the weights.
    last
        The scheme of the output layer, which no activation follows.

    Returns
    -------
    torch.nn.Module
        The same module.

    Examples
    --------
    >>> from dlopt import networks
    >>> g = torch.Generator().manual_seed(0)
    >>> net = fill(networks.mlp([300, 400, 10], g), "He", g)
    >>> round(net[0].weight.var().item() * 300, 1)
    2.0
    """
    linear = [m for m in net.modules() if isinstance(m, nn.Linear)]
    for layer in linear:
        how = last if layer is linear[-1] else scheme
        with torch.no_grad():
            layer.weight.copy_(draw(layer.in_features, layer.out_features, how, generator))
            if layer.bias is not None:
                layer.bias.zero_()
    return net


def align(net: nn.Sequential, apart: float) -> nn.Sequential:
    """Pull the hidden units of a network with one hidden layer towards the first of them, in place.

    Parameters
    ----------
    net
        Linear layer, activation, linear layer.
    apart
        What remains of each unit's difference from the first: 0 makes all alike, 1 changes nothing.

    Returns
    -------
    torch.nn.Sequential
        The same module; incoming weights, biases and outgoing weights are treated alike.

    Raises
    ------
    ValueError
        If the network has another shape.

    Examples
    --------
    >>> from dlopt import networks
    >>> net = align(networks.mlp([3, 2, 1], torch.Generator().manual_seed(0)), 0.0)
    >>> bool((net[0].weight[0] == net[0].weight[1]).all())
    True
    """
    if len(net) != 3 or not (isinstance(net[0], nn.Linear) and isinstance(net[2], nn.Linear)):
        raise ValueError("align: needs a linear layer, an activation and a linear layer")
    with torch.no_grad():
        for w in (net[0].weight, net[0].bias[:, None], net[2].weight.T):  # one row per hidden unit
            w.copy_(w[:1] + apart * (w - w[:1]))
    return net


def learning_curve(
    net: nn.Module,
    x: Tensor,
    labels: Tensor,
    *,
    lr: float,
    steps: int,
    batch: int,
    generator: torch.Generator,
    watch: Callable[[int], None] | None = None,
) -> Tensor:
    """Train by stochastic gradient descent on the cross-entropy and return the loss of every batch.

    Parameters
    ----------
    net
        Trained in place.
    x, labels
        Inputs (N, D) and classes (N,).
    lr
        Step size of torch.optim.SGD, no momentum.
    steps
        Number of updates.
    batch
        Samples per update, drawn with replacement.
    generator
        Chooses the samples.
    watch
        Called with the step number before each update.

    Returns
    -------
    Tensor
        Losses met before each update (steps,); once one of them is not finite the run stops and the rest is NaN.

    Raises
    ------
    ValueError
        If `steps` or `batch` is not positive.
    """
    if steps < 1 or batch < 1:
        raise ValueError(f"learning_curve: steps and batch must be at least 1, got {steps!r} and {batch!r}")
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    losses = torch.full((steps,), math.nan, dtype=torch.float64)
    for step in range(steps):
        if watch is not None:
            watch(step)
        pick = torch.randint(len(x), (batch,), generator=generator)
        loss = nn.functional.cross_entropy(net(x[pick]), labels[pick])
        if not torch.isfinite(loss):
            break
        losses[step] = loss.detach()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return losses
