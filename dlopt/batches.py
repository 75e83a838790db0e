"""In which order samples are visited: one epoch as a table of row numbers (syllabus row G2).

An *order* is a function without arguments; every call deals the next epoch for S learners at once, an
integer tensor (S, N). Cut into pieces of B columns it gives mini-batches.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["Order", "balanced", "drawn", "reshuffled", "same_every_epoch", "sorted_by_class"]

Order = Callable[[], Tensor]


def reshuffled(n: int, learners: int, generator: torch.Generator) -> Order:
    """Deal a new permutation of 0…n−1 to every learner at every epoch.

    Examples
    --------
    >>> deal = reshuffled(4, 2, torch.Generator().manual_seed(0))
    >>> deal().sort(dim=1).values
    tensor([[0, 1, 2, 3],
            [0, 1, 2, 3]])
    """
    return lambda: torch.rand(learners, n, generator=generator).argsort(dim=1)


def drawn(n: int, learners: int, generator: torch.Generator) -> Order:
    """Draw n row numbers per epoch with replacement, as the theory likes it.

    Examples
    --------
    >>> drawn(5, 2, torch.Generator().manual_seed(0))().shape
    torch.Size([2, 5])
    """
    return lambda: torch.randint(n, (learners, n), generator=generator)


def same_every_epoch(rows: Tensor) -> Order:
    """Deal the same table (S, N) at every epoch.

    Examples
    --------
    >>> deal = same_every_epoch(torch.tensor([[2, 0, 1]]))
    >>> torch.equal(deal(), deal())
    True
    """
    return lambda: rows


def sorted_by_class(labels: Tensor, learners: int) -> Order:
    """Deal all samples of class 0 first, then all of class 1, and so on, at every epoch.

    Parameters
    ----------
    labels
        Classes (N,), integers.
    learners
        S.

    Examples
    --------
    >>> sorted_by_class(torch.tensor([1, 0, 1, 0]), 1)()
    tensor([[1, 3, 0, 2]])
    """
    return same_every_epoch(labels.argsort(stable=True).expand(learners, -1))


def balanced(labels: Tensor, learners: int, generator: torch.Generator) -> Order:
    """Shuffle anew at every epoch, each class spread evenly over it.

    Within its class a sample gets a random rank; its place in the epoch is the rank plus a common
    random offset per class, divided by the size of the class.

    Parameters
    ----------
    labels
        Classes (N,), integers.
    learners
        S.
    generator
        Source of ranks and offsets.

    Examples
    --------
    >>> labels = torch.tensor([0, 0, 0, 1, 1, 1])
    >>> rows = balanced(labels, 1, torch.Generator().manual_seed(0))()
    >>> labels[rows].reshape(3, 2).sum(dim=1)  # every batch of two holds one of each
    tensor([1, 1, 1])
    """
    groups = [(labels == c).nonzero()[:, 0] for c in sorted(set(labels.tolist()))]

    def deal() -> Tensor:
        rows, places = [], []
        for group in groups:
            size = len(group)
            rank = torch.rand(learners, size, generator=generator).argsort(dim=1)
            offset = torch.rand(learners, 1, generator=generator)
            rows.append(group[rank])
            places.append((torch.arange(size) + offset) / size)
        return torch.cat(rows, dim=1).gather(1, torch.cat(places, dim=1).argsort(dim=1))

    return deal
