"""What a gradient is worth: how far it predicts the loss and itself, and how it moves when other layers move."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from dlopt.cohort import Cohort
from dlopt.ensembles import cross_entropy

__all__ = ["Outlook", "layer_shift", "outlook"]


class Outlook(NamedTuple):
    """Along the gradient, at E step sizes for R members.

    Attributes
    ----------
    losses : Tensor
        Loss after each step (E, R).
    changes : Tensor
        ``‖g(w − ηg) − g(w)‖ / ‖g(w)‖`` (E, R): 0 if the gradient predicts itself, above 1 if it misleads.
    """

    losses: Tensor
    changes: Tensor


def _gradients(cohort: Cohort, x: Tensor, labels: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Losses (R,) and one gradient per parameter; running statistics stay as they are."""
    norms = [module for module in cohort.modules() if isinstance(module, nn.BatchNorm1d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    loss = cross_entropy(cohort(x), labels)
    slopes = torch.autograd.grad(loss.sum(), list(cohort.parameters()))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    return loss.detach(), list(slopes)


def _flat(parts: list[Tensor], members: int) -> Tensor:
    """One row per member."""
    return torch.cat([part.reshape(members, -1) for part in parts], dim=1)


def outlook(cohort: Cohort, x: Tensor, labels: Tensor, lrs: Tensor) -> Outlook:
    """Walk along the gradient and compare what one finds with what was promised [1]_.

    Parameters
    ----------
    cohort
        Networks, in the mode to be probed; unchanged in the end.
    x, labels
        The batch (N, D), (N,) on which loss and gradient are evaluated.
    lrs
        Step sizes η (E,).

    Returns
    -------
    Outlook
        Losses and relative changes of the gradient.

    References
    ----------
    .. [1] S. Santurkar et al., "How does batch normalization help optimization?", NeurIPS 2018, figure 4;
       syllabus row B9.

    Examples
    --------
    >>> cohort = Cohort([2, 4, 2], 3, torch.Generator().manual_seed(0))
    >>> outlook(cohort, torch.eye(2), torch.tensor([0, 1]), torch.tensor([0.0, 0.1])).changes[0]
    tensor([0., 0., 0.])
    """
    _, here = _gradients(cohort, x, labels)
    before = _flat(here, cohort.members)
    saved = [p.detach().clone() for p in cohort.parameters()]
    losses, changes = [], []
    for lr in lrs:
        _put(cohort, [p - lr * g for p, g in zip(saved, here, strict=True)])
        loss, there = _gradients(cohort, x, labels)
        losses.append(loss)
        changes.append((_flat(there, cohort.members) - before).norm(dim=1) / before.norm(dim=1))
    _put(cohort, saved)
    return Outlook(torch.stack(losses), torch.stack(changes))


def layer_shift(cohort: Cohort, x: Tensor, labels: Tensor, *, layer: int, lr: float) -> Tensor:
    """Measure internal covariate shift as a change of gradients [1]_.

    G is the gradient of the weights of a layer; G′ the same after all layers *before* it have taken their
    gradient step.

    Parameters
    ----------
    cohort
        Networks; unchanged in the end.
    x, labels
        The batch.
    layer
        Which linear layer, counted from 0; with 0 there is nothing before it.
    lr
        Step size of the layers before.

    Returns
    -------
    Tensor
        ``‖G − G′‖/‖G‖`` (R,).

    Raises
    ------
    ValueError
        If there is no such layer.

    References
    ----------
    .. [1] S. Santurkar et al., "How does batch normalization help optimization?", NeurIPS 2018,
       definition 2.1; syllabus row B9.

    Examples
    --------
    >>> cohort = Cohort([2, 4, 2], 3, torch.Generator().manual_seed(0))
    >>> layer_shift(cohort, torch.eye(2), torch.tensor([0, 1]), layer=0, lr=0.1)
    tensor([0., 0., 0.])
    """
    if not 0 <= layer < len(cohort.weights):
        raise ValueError(f"layer_shift: layer must lie in 0…{len(cohort.weights) - 1}, got {layer!r}")
    names = [name for name, _ in cohort.named_parameters()]
    which = names.index(f"weights.{layer}")
    _, here = _gradients(cohort, x, labels)
    saved = [p.detach().clone() for p in cohort.parameters()]
    moved = [
        p - lr * g if int(name.split(".")[1]) < layer else p for name, p, g in zip(names, saved, here, strict=True)
    ]
    _put(cohort, moved)
    _, there = _gradients(cohort, x, labels)
    _put(cohort, saved)
    before, after = (_flat([parts[which]], cohort.members) for parts in (here, there))
    change: Tensor = (after - before).norm(dim=1) / before.norm(dim=1)
    return change


def _put(cohort: Cohort, values: list[Tensor]) -> None:
    """Set all parameters."""
    with torch.no_grad():
        for p, value in zip(cohort.parameters(), values, strict=True):
            p.copy_(value)
