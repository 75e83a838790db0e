"""Many small networks trained side by side, as one batched computation: several seeds at the price of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor

from dlopt.ensembles import cross_entropy, zero_one

__all__ = ["Replicas", "squared_gradients", "top_curvature", "until"]


class Replicas:
    """S tanh networks of the same shape, each with weights, data order and fate of its own.

    Weights have variance 1/fan-in, biases start at 0, the loss is cross-entropy. Updates are plain SGD,
    ``w ← w − η ĝ``.

    Parameters
    ----------
    sizes
        Units per layer, inputs first.
    members
        S, how many networks.
    generator
        Source of the weights.

    Attributes
    ----------
    weights : list of Tensor
        W₁ (S, in, hidden), b₁ (S, 1, hidden), W₂, b₂, …
    updates : int
        How many updates each member has made.

    Examples
    --------
    >>> nets = Replicas([2, 3, 2], 4, torch.Generator().manual_seed(0))
    >>> nets.logits(torch.zeros(5, 2, dtype=torch.float64)).shape
    torch.Size([4, 5, 2])
    """

    def __init__(self, sizes: Sequence[int], members: int, generator: torch.Generator) -> None:
        if members < 1 or len(sizes) < 2:
            raise ValueError(f"Replicas: needs members ≥ 1 and at least two sizes, got {members}, {list(sizes)}")
        self.members, self.updates = members, 0
        self.weights: list[Tensor] = []
        for fan_in, fan_out in pairwise(sizes):
            shape = (members, fan_in, fan_out)
            weight = torch.randn(shape, generator=generator, dtype=torch.float64) / fan_in**0.5
            bias = torch.zeros(members, 1, fan_out, dtype=torch.float64)
            self.weights += [weight.requires_grad_(), bias.requires_grad_()]

    def logits(self, x: Tensor) -> Tensor:
        """Return outputs (S, B, K) for common inputs (B, D), or one set per member (S, B, D)."""
        h = x if x.ndim == 3 else x.expand(self.members, *x.shape)
        for i in range(0, len(self.weights), 2):
            h = torch.baddbmm(self.weights[i + 1], h, self.weights[i])  # (S, B, in) @ (S, in, out)
            if i + 2 < len(self.weights):
                h = torch.tanh(h)
        return h

    def losses(self, x: Tensor, labels: Tensor) -> Tensor:
        """Mean cross-entropy of every member (S,); labels (B,) or (S, B)."""
        return cross_entropy(self.logits(x), labels)

    def errors(self, x: Tensor, labels: Tensor) -> Tensor:
        """Share of samples that every member gets wrong (S,)."""
        with torch.no_grad():
            return zero_one(self.logits(x), labels)

    def step(self, x: Tensor, labels: Tensor, lr: float) -> Tensor:
        """Update every member on its own batch, x (S, B, D), labels (S, B); return the losses before it (S,)."""
        losses = self.losses(x, labels)
        gradients = torch.autograd.grad(losses.sum(), self.weights)  # members do not mix
        with torch.no_grad():
            for weight, gradient in zip(self.weights, gradients, strict=True):
                weight.sub_(gradient, alpha=lr)
        self.updates += 1
        return losses.detach()

    def epoch(
        self, x: Tensor, labels: Tensor, rows: Tensor, *, lr: float | Callable[[int], float], batch_size: int
    ) -> Tensor:
        """Train on the samples named by rows (S, n), B at a time.

        Parameters
        ----------
        x, labels
            Common data (N, D), (N,), or one set per member (S, N, D), (S, N).
        rows
            Which samples each member visits, in order (S, n).
        lr
            Step size, or a function of the number of updates made so far.
        batch_size
            B; the last batch may be smaller.

        Returns
        -------
        Tensor
            The losses met before each update (S, updates).
        """
        met = []
        owner = torch.arange(self.members)[:, None]
        for batch in torch.split(rows, batch_size, dim=1):
            own = x.ndim == 3
            inputs, targets = (x[owner, batch], labels[owner, batch]) if own else (x[batch], labels[batch])
            met.append(self.step(inputs, targets, lr(self.updates) if callable(lr) else lr))
        return torch.stack(met, dim=1)

    def copy(self) -> Replicas:
        """Return replicas with the same weights that go their own way."""
        twin = object.__new__(Replicas)
        twin.members, twin.updates = self.members, self.updates
        twin.weights = [w.detach().clone().requires_grad_() for w in self.weights]
        return twin

    def pull_towards(self, other: Replicas, share: float) -> None:
        """Move every weight a share of the way to those of other replicas: ``w ← w + share (w′ − w)``.

        With share 1 − γ after every update of `other`, this is the exponential moving average of its weights.
        """
        with torch.no_grad():
            for mine, theirs in zip(self.weights, other.weights, strict=True):
                mine.lerp_(theirs, share)


def until(
    nets: Replicas,
    x: Tensor,
    labels: Tensor,
    *,
    target: float,
    lr: float,
    batch_size: int,
    generator: torch.Generator,
    every: int = 1,
    epochs: int = 2000,
) -> Replicas:
    """Train every member until its training loss is below a target; return all of them as they were then.

    Parameters
    ----------
    nets
        Where to begin; it is not changed.
    x, labels
        One set per member (S, N, D), (S, N).
    target
        Training loss at which a member stops.
    lr, batch_size
        Constant step size η and B.
    generator
        Reshuffles at every epoch.
    every
        How many epochs pass between looks at the training loss.
    epochs
        At most so many.

    Raises
    ------
    ValueError
        If a member has not arrived by then.
    """
    running, stopped = nets.copy(), nets.copy()
    arrived = torch.zeros(nets.members, dtype=torch.bool)
    for epoch in range(1, epochs + 1):
        rows = torch.rand(labels.shape, generator=generator).argsort(dim=1)
        running.epoch(x, labels, rows, lr=lr, batch_size=batch_size)
        if epoch % every:
            continue
        with torch.no_grad():
            fresh = (running.losses(x, labels) < target) & ~arrived
            for kept, now in zip(stopped.weights, running.weights, strict=True):
                kept[fresh] = now[fresh]
        arrived |= fresh
        if arrived.all():
            return stopped
    raise ValueError(f"until: {int((~arrived).sum())} members above {target!r} after {epochs} epochs")


def squared_gradients(nets: Replicas, x: Tensor, labels: Tensor, batch_size: int) -> Tensor:
    """Mean of ‖∇L_b‖² over the batches b of a data set cut in its given order, for every member (S,).

    Parameters
    ----------
    nets
        The networks.
    x, labels
        One set per member (S, N, D), (S, N).
    batch_size
        Samples per batch.
    """
    total, pieces = torch.zeros(nets.members, dtype=torch.float64), 0
    for piece, target in zip(torch.split(x, batch_size, 1), torch.split(labels, batch_size, 1), strict=True):
        gradients = torch.autograd.grad(nets.losses(piece, target).sum(), nets.weights)
        total += torch.stack([(g**2).flatten(1).sum(dim=1) for g in gradients]).sum(dim=0)
        pieces += 1
    return total / pieces


def top_curvature(nets: Replicas, x: Tensor, labels: Tensor, generator: torch.Generator, steps: int = 40) -> Tensor:
    """Largest Hessian eigenvalue of every member's loss (S,), by power iteration on Hessian–vector products.

    Power iteration finds the eigenvalue of largest size; near a minimum that is the largest one.

    Parameters
    ----------
    nets
        The networks.
    x, labels
        Data as for `Replicas.losses`.
    generator
        Source of the first direction.
    steps
        Products with the Hessian.
    """
    gradients = torch.autograd.grad(nets.losses(x, labels).sum(), nets.weights, create_graph=True)
    v = [torch.randn(w.shape, generator=generator, dtype=torch.float64) for w in nets.weights]
    value = torch.zeros(nets.members, dtype=torch.float64)
    for _ in range(steps):
        length = torch.stack([(part**2).flatten(1).sum(dim=1) for part in v]).sum(dim=0).sqrt()
        v = [part / length[:, None, None] for part in v]
        product = torch.autograd.grad(gradients, nets.weights, v, retain_graph=True)
        value = torch.stack([(p * q).flatten(1).sum(dim=1) for p, q in zip(product, v, strict=True)]).sum(dim=0)
        v = list(product)
    return value
