"""A fair comparison of optimizers on digits: equal budgets, equal starts, equal mini-batches, several seeds (A12).

Every method meets the same initial weights and the same batches, and tries the same step sizes. What is chosen is
chosen on validation data; what is reported is measured on test data, with seeds the choice has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from dlopt.datasets import Split
from dlopt.ensembles import Ensemble, cross_entropy, zero_one

__all__ = ["Field", "Outcome", "best_of", "field_of_digits", "run", "tune"]

Maker = Callable[[list[Tensor], float], torch.optim.Optimizer]


class Field(NamedTuple):
    """Where the contest takes place: three disjoint sets of inputs (N, D) and labels (N,).

    Attributes
    ----------
    train, validation, test : tuple of Tensor
        To learn from, to choose with, to report on.
    """

    train: tuple[Tensor, Tensor]
    validation: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]


class Outcome(NamedTuple):
    """How a method did: one row per step size, one column per seed (L, S).

    Attributes
    ----------
    train : Tensor
        Final training loss; infinite where the run has diverged.
    validation, test : Tensor
        Share of wrong answers.
    """

    train: Tensor
    validation: Tensor
    test: Tensor


def field_of_digits(data: Split, held_out: int, generator: torch.Generator) -> Field:
    """Set `held_out` of the training images apart for choosing; the test images stay as they are.

    Examples
    --------
    >>> from dlopt.datasets import digits
    >>> field = field_of_digits(digits(), 300, torch.Generator().manual_seed(0))
    >>> [len(labels) for _, labels in field]
    [1047, 300, 450]
    """
    x, y = torch.from_numpy(data.x_train).float(), torch.from_numpy(data.y_train)
    order = torch.randperm(len(x), generator=generator)
    chosen, kept = order[:held_out], order[held_out:]
    test = torch.from_numpy(data.x_test).float(), torch.from_numpy(data.y_test)
    return Field((x[kept], y[kept]), (x[chosen], y[chosen]), test)


def run(
    maker: Maker,
    lrs: Sequence[float],
    field: Field,
    *,
    seed: int,
    copies: int,
    epochs: int,
    batch_size: int = 64,
    hidden: int = 64,
) -> Outcome:
    """Train S networks per step size and report them all; nothing depends on the method but its updates.

    Parameters
    ----------
    maker
        Builds an optimizer from parameters and a step size.
    lrs
        Step sizes, L of them.
    field
        The data.
    seed
        Decides initial weights and batches: the same ones for every method and step size.
    copies
        Networks S per step size, side by side; each has weights of its own.
    epochs, batch_size, hidden
        As usual; one hidden layer of ReLUs.

    Returns
    -------
    Outcome
        Tensors (L, S).

    Examples
    --------
    >>> from dlopt.datasets import digits
    >>> field = field_of_digits(digits(), 300, torch.Generator().manual_seed(0))
    >>> sgd = lambda params, lr: torch.optim.SGD(params, lr=lr)
    >>> run(sgd, [0.1, 1.0], field, seed=0, copies=3, epochs=1).test.shape
    torch.Size([2, 3])
    """
    x, labels = field.train
    results: list[list[Tensor]] = [[], [], []]
    for lr in lrs:
        weights, batches = (torch.Generator().manual_seed(2 * seed + i) for i in (0, 1))
        nets = Ensemble(copies, [x.shape[1], hidden, 10], weights, "relu", dtype=torch.float32)
        optimizer = maker(list(nets.parameters()), lr)

        for _ in range(epochs):
            order = torch.randperm(len(x), generator=batches)
            for first in range(0, len(x) - batch_size + 1, batch_size):
                rows = order[first : first + batch_size]
                optimizer.zero_grad()
                cross_entropy(nets(x[rows]), labels[rows]).sum().backward()  # type: ignore[no-untyped-call]
                optimizer.step()
        with torch.no_grad():
            loss = cross_entropy(nets(x), labels).nan_to_num(torch.inf)
            for values, value in zip(
                results, (loss, *(zero_one(nets(a), b) for a, b in (field.validation, field.test))), strict=True
            ):
                values.append(value.double())
    return Outcome(*(torch.stack(values) for values in results))


def tune(makers: Mapping[str, Maker], lrs: Sequence[float], field: Field, **options: int) -> dict[str, Outcome]:
    """Run every method on the whole grid of step sizes; options as for `run`."""
    return {name: run(maker, lrs, field, **options) for name, maker in makers.items()}


def best_of(scores: Tensor, budget: int) -> Tensor:
    """Return the expected lowest score of `budget` different entries picked at random from a list [1]_.

    Parameters
    ----------
    scores
        (L,), lower is better.
    budget
        How many are tried, 1 to L.

    Returns
    -------
    Tensor
        Scalar.

    Raises
    ------
    ValueError
        If the budget does not lie between 1 and L.

    References
    ----------
    .. [1] J. Dodge et al., "Show your work: improved reporting of experimental results", EMNLP 2019.

    Examples
    --------
    >>> best_of(torch.tensor([1.0, 2.0, 3.0]), 2)  # of three pairs, two contain the 1
    tensor(1.3333, dtype=torch.float64)
    """
    total = len(scores)
    if not 1 <= budget <= total:
        raise ValueError(f"best_of: budget must lie between 1 and {total}, got {budget!r}")
    from scipy.special import comb

    ranked = scores.sort().values.double()
    ways = torch.tensor([comb(total - 1 - i, budget - 1) for i in range(total)], dtype=torch.float64)
    expected: Tensor = (ways * ranked).sum() / comb(total, budget)
    return expected
