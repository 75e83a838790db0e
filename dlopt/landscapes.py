"""Walks between trained networks: copies by symmetry, straight lines, trained curves, and what lies on them.

A set of weights is a dictionary like ``dict(cohort.named_parameters())``: every tensor's first axis counts the
members of a `dlopt.cohort.Cohort` without normalization. The cohort itself only lends its shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from dlopt.cohort import Cohort
from dlopt.ensembles import cross_entropy

__all__ = [
    "barrier",
    "bezier",
    "connect",
    "detour",
    "gradient_norms",
    "halved",
    "loss_of",
    "pairs",
    "permuted",
    "rescaled",
    "straight",
    "walk",
    "weights_of",
]

Weights = dict[str, Tensor]
Curve = Callable[[float], Weights]


def weights_of(nets: Cohort) -> Weights:
    """Return a copy of the weights of every member, by name.

    Examples
    --------
    >>> nets = Cohort([3, 4, 2], 5, torch.Generator().manual_seed(0))
    >>> {name: tuple(w.shape) for name, w in weights_of(nets).items()}
    {'weights.0': (5, 4, 3), 'weights.1': (5, 2, 4), 'biases.0': (5, 1, 4), 'biases.1': (5, 1, 2)}
    """
    return {name: p.detach().clone() for name, p in nets.named_parameters()}


def pairs(weights: Weights) -> tuple[Weights, Weights]:
    """Split the members in two halves: the ends of so many paths.

    Raises
    ------
    ValueError
        If their number is odd.

    Examples
    --------
    >>> first, second = pairs({"biases.0": torch.arange(4.0)})
    >>> first["biases.0"], second["biases.0"]
    (tensor([0., 1.]), tensor([2., 3.]))
    """
    members = len(next(iter(weights.values())))
    if members % 2:
        raise ValueError(f"pairs: needs an even number of members, got {members!r}")
    first, second = (
        {name: w[half] for name, w in weights.items()} for half in (slice(members // 2), slice(members // 2, None))
    )
    return first, second


def loss_of(nets: Cohort, weights: Weights, x: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy (R,) of networks shaped like `nets` with other weights.

    Parameters
    ----------
    nets
        A cohort without normalization; its own weights are not used.
    weights
        As from `weights_of`, of any number of members R.
    x, labels
        Data (N, D) and (N,).
    """
    return cross_entropy(torch.func.functional_call(nets, weights, (x,)), labels)


def gradient_norms(nets: Cohort, weights: Weights, x: Tensor, labels: Tensor) -> Tensor:
    """Return the length of the gradient with respect to all weights of each member (R,)."""
    free = {name: w.detach().requires_grad_() for name, w in weights.items()}
    slopes = torch.autograd.grad(loss_of(nets, free, x, labels).sum(), list(free.values()))
    return torch.stack([(g**2).flatten(1).sum(dim=1) for g in slopes]).sum(dim=0).sqrt()


def permuted(weights: Weights, layer: int, orders: Tensor) -> Weights:
    """Renumber the units of one hidden layer: the new unit i is the old unit ``orders[r, i]``.

    Parameters
    ----------
    weights
        As from `weights_of`.
    layer
        Which hidden layer, from 0.
    orders
        A permutation for every member (R, n).

    Raises
    ------
    ValueError
        If a row is not a permutation of the layer's units.
    """
    units = weights[f"biases.{layer}"].shape[-1]
    if not torch.equal(orders.sort(dim=1).values, torch.arange(units).expand(len(orders), -1)):
        raise ValueError(f"permuted: orders must hold permutations of 0…{units - 1}, got {orders.tolist()!r}")
    rows = torch.arange(len(orders))[:, None]
    moved = dict(weights)
    moved[f"weights.{layer}"] = weights[f"weights.{layer}"][rows, orders]
    moved[f"biases.{layer}"] = weights[f"biases.{layer}"][rows, :, orders].mT
    moved[f"weights.{layer + 1}"] = weights[f"weights.{layer + 1}"].mT[rows, orders].mT
    return moved


def rescaled(weights: Weights, layer: int, factors: Tensor) -> Weights:
    """Multiply what enters every unit of a hidden ReLU layer by α > 0, and divide what leaves it by α.

    Parameters
    ----------
    weights
        As from `weights_of`.
    layer
        Which hidden layer, from 0.
    factors
        α, one for each unit of each member, (R, n) or broadcastable to it.

    Raises
    ------
    ValueError
        If a factor is not positive: max(0, αz) = α max(0, z) holds for those alone.
    """
    if not (factors > 0).all():
        raise ValueError(f"rescaled: factors must be > 0, got {factors.min().item()!r}")
    changed = dict(weights)
    changed[f"weights.{layer}"] = weights[f"weights.{layer}"] * factors[..., None]
    changed[f"biases.{layer}"] = weights[f"biases.{layer}"] * factors[..., None, :]
    changed[f"weights.{layer + 1}"] = weights[f"weights.{layer + 1}"] / factors[..., None, :]
    return changed


def straight(a: Weights, b: Weights) -> Curve:
    """Return the straight line from a to b, ``t ↦ (1 − t)a + tb``."""
    return lambda t: {name: torch.lerp(a[name], b[name], t) for name in a}


def bezier(a: Weights, bend: Weights, b: Weights) -> Curve:
    """Return the curve ``t ↦ (1 − t)²a + 2t(1 − t)·bend + t²b``, which starts at a and ends at b."""
    return lambda t: {n: (1 - t) ** 2 * a[n] + 2 * t * (1 - t) * bend[n] + t**2 * b[n] for n in a}


def walk(nets: Cohort, curve: Curve, ts: Sequence[float], x: Tensor, labels: Tensor) -> Tensor:
    """Return the losses of every member along a curve, (T, R)."""
    with torch.no_grad():
        return torch.stack([loss_of(nets, curve(float(t)), x, labels) for t in ts])


def barrier(losses: Tensor, ts: Sequence[float]) -> Tensor:
    """Return how far a curve of losses rises above the straight line between its ends, (R,).

    Parameters
    ----------
    losses
        (T, R), the first and the last row being the ends.
    ts
        Where on the way they were measured, 0 to 1.

    Examples
    --------
    >>> barrier(torch.tensor([[1.0], [4.0], [3.0]]), [0, 0.5, 1])
    tensor([2.])
    """
    t = torch.as_tensor(ts, dtype=losses.dtype)[:, None]
    return (losses - (1 - t) * losses[0] - t * losses[-1]).amax(dim=0)


def connect(
    nets: Cohort,
    a: Weights,
    b: Weights,
    x: Tensor,
    labels: Tensor,
    *,
    lr: float,
    steps: int,
    batch_size: int,
    generator: torch.Generator,
) -> Weights:
    """Train the bend of the curve `bezier` so that the mean loss along it is low [1]_.

    At every step a point of the curve and a mini-batch are drawn, and Adam moves the bend, which starts in the middle.

    Parameters
    ----------
    nets
        Lends its shape.
    a, b
        The ends, R pairs.
    x, labels
        Data (N, D) and (N,).
    lr, steps, batch_size
        Of Adam.
    generator
        Source of points and batches.

    Returns
    -------
    dict
        The bends, weights of R members.

    References
    ----------
    .. [1] T. Garipov et al., "Loss surfaces, mode connectivity, and fast ensembling of DNNs", NeurIPS 2018;
       syllabus row N8.
    """
    bend = {name: w.clone().requires_grad_() for name, w in straight(a, b)(0.5).items()}
    optimizer = torch.optim.Adam(bend.values(), lr=lr)
    for _ in range(steps):
        t = torch.rand((), generator=generator).item()
        chosen = torch.randint(len(x), (batch_size,), generator=generator)
        optimizer.zero_grad()
        loss_of(nets, bezier(a, bend, b)(t), x[chosen], labels[chosen]).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return {name: w.detach() for name, w in bend.items()}


def halved(weights: Weights, *, first: bool) -> Weights:
    """Silence one half of a single hidden layer and double what leaves the other.

    Parameters
    ----------
    weights
        Of networks with one hidden layer of an even number of units.
    first
        Whether the first half stays, or the second.

    Raises
    ------
    ValueError
        If the number of units is odd.
    """
    units = weights["biases.0"].shape[-1]
    if units % 2:
        raise ValueError(f"halved: needs an even number of hidden units, got {units!r}")
    stays = torch.zeros(units, dtype=weights["weights.1"].dtype)
    stays[slice(units // 2) if first else slice(units // 2, None)] = 2
    return {**weights, "weights.1": weights["weights.1"] * stays}


def detour(a: Weights, b: Weights) -> list[Weights]:
    """Return the corners of a path of straight lines from a to b on which no loss is above those of its corners.

    One hidden layer. Half of a's units are silenced, the silent ones take on the incoming weights of half of b's, and
    so on [1]_. Along each piece either the output layer alone moves, in which the cross-entropy is convex, or only
    silent units move.

    Parameters
    ----------
    a, b
        Weights of networks with one hidden layer of an even number of units.

    Returns
    -------
    list of dict
        Corners, a first and b last.

    References
    ----------
    .. [1] R. Kuditipudi et al., "Explaining landscape connectivity of low-cost solutions for multilayer nets",
       NeurIPS 2019; syllabus row N8.
    """
    half = a["biases.0"].shape[-1] // 2
    left, right = halved(a, first=True), halved(b, first=False)  # a's first units, b's last ones

    def mixed(output: Weights) -> Weights:  # a's first units and b's last ones, with somebody's output layer
        return {
            "weights.0": torch.cat([a["weights.0"][:, :half], b["weights.0"][:, half:]], dim=1),
            "biases.0": torch.cat([a["biases.0"][..., :half], b["biases.0"][..., half:]], dim=-1),
            "weights.1": output["weights.1"],
            "biases.1": output["biases.1"],
        }

    return [a, left, mixed(left), mixed(right), right, b]
