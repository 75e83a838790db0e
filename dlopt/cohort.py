"""Cohorts: many small networks of one shape trained side by side, each with its own weights, order and step size.

One matrix product serves all members, so that a comparison over seeds and step sizes costs little more than
a single run. Batch normalization is torch's own layer, one group of features per member.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from dlopt.batchnorm import Dropout, GhostBatchNorm, Noise
from dlopt.ensembles import cross_entropy

__all__ = ["INITS", "NORMS", "Cohort", "accuracy", "affine_only", "as_many_weights", "train"]

NORMS = ("none", "batch", "noisy", "dropout")
"""What stands between weights and activation: nothing, batch normalization, that with noise after it, or dropout."""

INITS: dict[str, Callable[[int, int], float]] = {
    "xavier": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he": lambda fan_in, fan_out: 2 / fan_in,
}
"""Variance of the initial weights, by name."""


class Cohort(nn.Module):
    """R fully connected ReLU networks of one shape, side by side.

    Parameters
    ----------
    sizes
        Units per layer, inputs first.
    members
        How many networks R.
    generator
        Source of weights and noise.
    norm
        One of `NORMS`; it stands before each hidden activation, none before the output.
    init
        One of `INITS`; weights are normal, biases 0.
    ghost
        Samples per group of batch normalization; the whole batch unless given.

    Raises
    ------
    ValueError
        If a name is unknown or there is nothing to build.

    Examples
    --------
    >>> cohort = Cohort([64, 32, 32, 10], 5, torch.Generator().manual_seed(0), norm="batch")
    >>> cohort(torch.zeros(7, 64)).shape
    torch.Size([5, 7, 10])
    """

    def __init__(
        self,
        sizes: Sequence[int],
        members: int,
        generator: torch.Generator,
        *,
        norm: str = "none",
        init: str = "he",
        ghost: int | None = None,
    ) -> None:
        super().__init__()
        if norm not in NORMS or init not in INITS:
            raise ValueError(f"Cohort: norm must be in {NORMS} and init in {tuple(INITS)}, got {norm!r}, {init!r}")
        if len(sizes) < 2 or members < 1:
            raise ValueError(f"Cohort: needs two layers and one member at least, got {sizes!r} and {members!r}")
        self.members = members
        self.weights, self.biases, self.norms = nn.ParameterList(), nn.ParameterList(), nn.ModuleList()
        for fan_in, fan_out in pairwise(sizes):
            std = INITS[init](fan_in, fan_out) ** 0.5
            weight = torch.empty(members, fan_out, fan_in).normal_(std=std, generator=generator)
            self.weights.append(nn.Parameter(weight))
            self.biases.append(nn.Parameter(torch.zeros(members, 1, fan_out)))
        for width in sizes[1:-1]:
            features = members * width
            layers: list[nn.Module] = []
            if norm != "none":
                layers.append(GhostBatchNorm(features, ghost) if ghost else nn.BatchNorm1d(features))
            if norm == "noisy":
                layers.append(Noise(generator))
            if norm == "dropout":  # before a ReLU is as good as after it
                layers = [Dropout(generator)]
            self.norms.append(nn.Sequential(*layers))

    def hidden(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return logits (R, N, K) and the inputs of every linear layer, (R, N, width) each."""
        h = x.expand(
            len(self.weights[0]), *x.shape[-2:]
        )  # as many as there are weights: functional_call may bring more
        inputs = []
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            inputs.append(h)
            h = torch.baddbmm(bias, h, weight.mT)  # (R, N, in) @ (R, in, out)
            if i < len(self.norms):
                h = self._normalized(self.norms[i], h).relu()
        return h, inputs

    @staticmethod
    def _normalized(norm: nn.Module, h: Tensor) -> Tensor:
        """Put the members' features next to one another, (N, R·F), for torch's layer."""
        if not len(norm):  # type: ignore[arg-type]
            return h
        members, samples, features = h.shape
        flat: Tensor = norm(h.transpose(0, 1).reshape(samples, members * features))
        return flat.view(samples, members, features).transpose(0, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (R, N, K) of inputs (N, D), or (R, N, D) with different ones for each member."""
        return self.hidden(x)[0]


def accuracy(cohort: Cohort, x: Tensor, labels: Tensor, *, train_mode: int | None = None) -> Tensor:
    """Share of right answers of each member (R,), in eval mode; the networks stay as they are.

    Parameters
    ----------
    cohort
        The networks.
    x, labels
        Data (N, D) and (N,).
    train_mode
        Forget to switch to eval mode, and ask in batches of so many samples, in the given order.
    """
    mode = cohort.training
    # train mode moves the running statistics: let it move those of a copy
    asked = cohort.eval() if train_mode is None else copy.deepcopy(cohort).train()
    with torch.no_grad():
        answers = torch.cat([asked(part).argmax(dim=-1) for part in torch.split(x, train_mode or len(x))], dim=-1)
    cohort.train(mode)
    right: Tensor = (answers == labels).double().mean(dim=-1)
    return right


def train(
    cohort: Cohort,
    x: Tensor,
    labels: Tensor,
    *,
    lr: float | Tensor,
    batch_size: int,
    steps: int,
    generator: torch.Generator,
    masks: dict[str, Tensor] | None = None,
    momentum: float = 0.0,
) -> Tensor:
    """Train every member by mini-batch SGD, each in an order of its own.

    Parameters
    ----------
    cohort
        The networks; changed in place, left in train mode.
    x, labels
        Data (N, D) and (N,).
    lr
        Step size, one for all or one for each member (R,).
    batch_size
        Samples per step; an epoch leaves out what does not fill a batch.
    steps
        How many updates.
    generator
        Source of the orders.
    masks
        For parameters by name, 1 where they may move and 0 where not; those not named move if `masks` is
        None and stay otherwise.
    momentum
        torch's μ.

    Returns
    -------
    Tensor
        Mini-batch losses before each update (steps, R). A run that has diverged holds NaN or inf.

    Examples
    --------
    >>> cohort = Cohort([2, 8, 2], 3, torch.Generator().manual_seed(0))
    >>> x = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).repeat(8, 1)
    >>> losses = train(cohort, x, torch.tensor([0, 1] * 8), lr=0.5, batch_size=4, steps=40,
    ...                generator=torch.Generator().manual_seed(1))
    >>> losses.shape, bool((losses[-1] < losses[0]).all())
    (torch.Size([40, 3]), True)
    """
    per_epoch = len(x) // batch_size
    if per_epoch < 1:
        raise ValueError(f"train: batch_size must be at most the {len(x)} samples, got {batch_size!r}")
    rates = torch.as_tensor(lr, dtype=x.dtype).expand(cohort.members)
    moving = {
        name: (p, _per_member(rates, p, cohort.members), None if masks is None else masks[name])
        for name, p in cohort.named_parameters()
        if masks is None or name in masks
    }
    optimizer = torch.optim.SGD([p for p, _, _ in moving.values()], lr=1.0, momentum=momentum)
    losses = torch.empty(steps, cohort.members)
    cohort.train()
    for step in range(steps):
        if step % per_epoch == 0:
            orders = torch.stack([torch.randperm(len(x), generator=generator) for _ in range(cohort.members)])
        start = step % per_epoch * batch_size
        chosen = orders[:, start : start + batch_size]  # (R, B)
        loss = cross_entropy(cohort(x[chosen]), labels[chosen])
        optimizer.zero_grad()
        loss.sum().backward()  # type: ignore[no-untyped-call]
        for p, rate, mask in moving.values():
            if p.grad is not None:
                p.grad.mul_(rate if mask is None else rate * mask)
        optimizer.step()
        losses[step] = loss.detach()
    return losses


def _per_member(rates: Tensor, parameter: Tensor, members: int) -> Tensor:
    """Shape the step sizes (R,) like a parameter whose first axis holds R members, or R groups of features."""
    spread = rates.repeat_interleave(len(parameter) // members)
    return spread.view(-1, *[1] * (parameter.dim() - 1))


def affine_only(cohort: Cohort) -> dict[str, Tensor]:
    """Masks for `train` under which nothing moves but γ and β of batch normalization [1]_.

    References
    ----------
    .. [1] J. Frankle, D. J. Schwab, A. S. Morcos, "Training BatchNorm and only BatchNorm", ICLR 2021;
       syllabus row B10.

    Examples
    --------
    >>> cohort = Cohort([4, 8, 2], 1, torch.Generator(), norm="batch")
    >>> sorted(affine_only(cohort))
    ['norms.0.0.bias', 'norms.0.0.weight']
    """
    return {name: torch.ones(()) for name, _ in cohort.named_parameters() if name.startswith("norms.")}


def as_many_weights(cohort: Cohort, generator: torch.Generator) -> dict[str, Tensor]:
    """Masks for `train` under which as many weights move as there are γ and β, and nothing else.

    Two random incoming weights per hidden unit; γ, β, the biases and the output layer stay.

    Examples
    --------
    >>> cohort = Cohort([4, 8, 2], 3, torch.Generator(), norm="batch")
    >>> masks = as_many_weights(cohort, torch.Generator().manual_seed(0))
    >>> {name: mask.sum(dim=(1, 2)) for name, mask in masks.items()}
    {'weights.0': tensor([16., 16., 16.])}
    """
    masks = {}
    for i in range(len(cohort.norms)):
        weight = cohort.weights[i]
        order = torch.rand(weight.shape, generator=generator).argsort(dim=-1)
        masks[f"weights.{i}"] = (order < 2).to(weight.dtype)
    return masks
