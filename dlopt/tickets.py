"""Lottery tickets: prune a trained network, rewind, train again; and networks found by pruning alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from dlopt.cohort import Cohort, accuracy, train

__all__ = ["ARMS", "Contest", "contest", "imitate", "nearest", "nearest_sums", "prune", "pruned_random"]

Masks = dict[str, Tensor]
ARMS = ("rewound", "reinitialized", "random mask")
"""A ticket and its two controls: the same mask with other weights, and other masks with the same density."""


def prune(weights: Tensor, mask: Tensor, share: float) -> Tensor:
    """Take the smallest of the weights that are left out of a mask, in every member.

    Parameters
    ----------
    weights
        (R, out, in).
    mask
        Ones and zeros, same shape, as many ones in every member.
    share
        Which part of the remaining weights goes.

    Returns
    -------
    Tensor
        The new mask.

    Raises
    ------
    ValueError
        If the share is not between 0 and 1.

    Examples
    --------
    >>> prune(torch.tensor([[[1.0, -3.0, 2.0, 0.1]]]), torch.ones(1, 1, 4), 0.5)
    tensor([[[0., 1., 1., 0.]]])
    """
    if not 0 <= share < 1:
        raise ValueError(f"prune: share must lie in [0, 1), got {share!r}")
    left = int(mask[0].sum())
    keep = left - round(share * left)
    size = (weights.abs() * mask).flatten(1)
    kept = torch.zeros_like(size).scatter_(1, size.topk(keep, dim=1).indices, 1.0)
    return kept.view_as(mask)


class Contest(NamedTuple):
    """How tickets and controls did.

    Attributes
    ----------
    density : Tensor
        Share of weights left after 0, 1, … rounds (T,).
    accuracy : dict of str to Tensor
        Test accuracy by arm (T, R).
    loss : dict of str to Tensor
        Mini-batch training loss in the last epoch, by arm (T, R).
    """

    density: Tensor
    accuracy: dict[str, Tensor]
    loss: dict[str, Tensor]


def contest(
    sizes: list[int],
    members: int,
    data: tuple[Tensor, Tensor],
    test: tuple[Tensor, Tensor],
    *,
    rounds: int,
    share: float,
    lr: float,
    steps: int,
    seed: int,
    momentum: float = 0.0,
) -> Contest:
    """Prune iteratively by magnitude, rewind to the first weights each time, and train beside two controls [1]_.

    Each round trains for the same number of steps, takes a share of the smallest remaining weights of every layer
    (half that share of the last) away and resets the rest. The reinitialized arm has the mask of the ticket
    and fresh weights; the random-mask arm has the ticket's first weights and a random mask of the same density.

    Parameters
    ----------
    sizes, members
        Networks as for `dlopt.cohort.Cohort`.
    data, test
        Inputs and labels.
    rounds, share
        How often to prune, and how much of what is left.
    lr, steps, momentum
        Of SGD with batches of 64.
    seed
        Of weights, masks and orders.

    References
    ----------
    .. [1] J. Frankle, M. Carbin, "The lottery ticket hypothesis", ICLR 2019; syllabus row N9.
    """

    def rng(arm: int) -> torch.Generator:
        return torch.Generator().manual_seed(1000 * seed + arm)

    names = [f"weights.{i}" for i in range(len(sizes) - 1)]
    ticket: Masks = {n: torch.ones_like(p) for n, p in Cohort(sizes, members, rng(0)).named_parameters() if n in names}
    density: list[float] = []
    scores: dict[str, list[Tensor]] = {arm: [] for arm in ARMS}
    losses: dict[str, list[Tensor]] = {arm: [] for arm in ARMS}
    for turn in range(rounds + 1):
        density.append(sum(float(m.sum()) for m in ticket.values()) / sum(m.numel() for m in ticket.values()))
        for i, arm in enumerate(ARMS):
            masks = ticket if arm != "random mask" else {n: _shuffled(m, rng(9 + turn)) for n, m in ticket.items()}
            nets = Cohort(sizes, members, rng(1 + turn if arm == "reinitialized" else 0))
            _silence(nets, masks)
            free = {n: masks.get(n, torch.ones(())) for n, _ in nets.named_parameters()}
            options = {"lr": lr, "batch_size": 64, "steps": steps, "momentum": momentum}
            met = train(nets, *data, generator=rng(99 + turn), masks=free, **options)  # type: ignore[arg-type]
            scores[arm].append(accuracy(nets, *test))
            losses[arm].append(met[-20:].mean(dim=0))
            if i == 0:
                trained = {n: p.detach() for n, p in nets.named_parameters() if n in names}
        ticket = {n: prune(trained[n], m, share / (2 if n == names[-1] else 1)) for n, m in ticket.items()}
    stack = [{arm: torch.stack(v) for arm, v in seen.items()} for seen in (scores, losses)]
    return Contest(torch.tensor(density), *stack)


def _silence(nets: Cohort, masks: Masks) -> None:
    """Set what a mask leaves out to 0."""
    with torch.no_grad():
        for name, p in nets.named_parameters():
            if name in masks:
                p.mul_(masks[name])


def _shuffled(mask: Tensor, generator: torch.Generator) -> Tensor:
    """Put as many ones elsewhere in every member."""
    order = torch.rand(mask.shape, generator=generator).flatten(1).argsort(dim=1)
    return mask.flatten(1).gather(1, order).view_as(mask)


def nearest(targets: Tensor, candidates: Tensor) -> Tensor:
    """Return the distance of each target (M,) from the nearest of its candidates (M, n), or from 0.

    Examples
    --------
    >>> nearest(torch.tensor([0.5, 0.1]), torch.tensor([[0.75, -0.25], [2.0, 3.0]]))
    tensor([0.2500, 0.1000])
    """
    off = torch.cat([targets[:, None], targets[:, None] - candidates], dim=1)
    return off.abs().amin(dim=1)


def nearest_sums(targets: Tensor, candidates: Tensor) -> tuple[Tensor, Tensor]:
    """Approximate each target by the sum of a subset of its candidates, trying all of them.

    Parameters
    ----------
    targets
        (M,).
    candidates
        (M, n), n ≤ 16.

    Returns
    -------
    tuple
        Mask of the best subset (M, n), and how far its sum is off (M,).

    Raises
    ------
    ValueError
        If there are more than 16 candidates: 2ⁿ sums no longer fit.

    Examples
    --------
    >>> nearest_sums(torch.tensor([0.5]), torch.tensor([[0.75, -0.25, 2.0]]))
    (tensor([[1., 1., 0.]]), tensor([0.]))
    """
    n = candidates.shape[1]
    if n > 16:
        raise ValueError(f"nearest_sums: at most 16 candidates, 2ⁿ sums are tried; got {n!r}")
    bits = (torch.arange(2**n)[:, None] >> torch.arange(n)) & 1  # (2ⁿ, n)
    subsets = bits.to(candidates.dtype)
    best = [
        ((c @ subsets.T) - t[:, None]).abs().argmin(dim=1)
        for c, t in zip(torch.split(candidates, 256), torch.split(targets, 256), strict=True)
    ]
    mask = subsets[torch.cat(best)]
    return mask, ((mask * candidates).sum(dim=1) - targets).abs()


def pruned_random(weight: Tensor, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Carve a layer ``y = Wx``, for inputs x ≥ 0, out of a random layer of n·in ReLU units.

    Unit (j, i) is attached to input j alone, with a random weight u > 0; towards output k it has a random weight v.
    What remains of the v's is chosen such that ``Σᵢ mask v u`` comes as near to W_kj as a subset can.

    Parameters
    ----------
    weight
        W (out, in), the target.
    n
        Units per input.
    generator
        Of u, uniform on (0, 1), and v, uniform on (−2, 2) max|W|.

    Returns
    -------
    tuple
        u (in, n), and what is left of v (out, in, n): zeros where pruned. ``Σ v relu(u x)`` approximates W x.
    """
    out, inputs = weight.shape
    u = torch.rand(inputs, n, generator=generator, dtype=weight.dtype)
    v = (4 * torch.rand(out, inputs, n, generator=generator, dtype=weight.dtype) - 2) * weight.abs().max()
    mask, _ = nearest_sums(weight.flatten(), (v * u).flatten(0, 1))
    return u, v * mask.view_as(v)


def imitate(layers: Sequence[tuple[Tensor, Tensor]], x: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """Return what a random ReLU network computes after pruning it to imitate a given one; nothing is trained.

    Parameters
    ----------
    layers
        Weights (out, in) and biases (out,) of the network to imitate, ReLU between its layers.
    x
        Inputs (N, in), none negative.
    n
        Units per weight of the random network.
    generator
        Its source.

    Returns
    -------
    Tensor
        Outputs (N, K).

    Raises
    ------
    ValueError
        If an input is negative: behind a ReLU with positive weights it is invisible.
    """
    if (x < 0).any():
        raise ValueError(f"imitate: inputs must be ≥ 0, got {x.min().item()!r}")
    for i, (weight, bias) in enumerate(layers):
        h = torch.cat([torch.relu(x) if i else x, torch.ones_like(x[:, :1])], dim=1)  # a constant carries the biases
        u, v = pruned_random(torch.cat([weight, bias[:, None]], dim=1), n, generator)
        x = torch.einsum("kji,bji->bk", v, torch.relu(h[:, :, None] * u))
    return x
