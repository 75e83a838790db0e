"""Several copies of one small network, trained side by side: what a result owes to chance becomes visible.

A copy has its own weights, its own data and its own batches; only the arithmetic is shared, one batched
matrix product instead of many small ones. Nothing passes from copy to copy: the gradient of a sum of
losses is the sum of their gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, pairwise

import torch
from torch import Tensor, nn

__all__ = ["Ensemble", "cross_entropy", "disagreement", "fit", "learning_curves", "petals", "zero_one"]

Loss = Callable[[Tensor, Tensor], Tensor]
ACTIVATIONS: dict[str, tuple[Callable[[Tensor], Tensor], float]] = {  # and the variance of weights × fan-in
    "tanh": (torch.tanh, 1.0),
    "relu": (torch.relu, 2.0),
}


class Ensemble(nn.Module):
    """R independent multilayer perceptrons of one shape, in one module.

    Parameters
    ----------
    copies
        How many networks, R.
    sizes
        Units per layer, inputs first; no activation after the last.
    generator
        Source of the weights, of variance 1/fan-in (tanh) or 2/fan-in (relu); biases are 0.
    activation
        ``"tanh"`` or ``"relu"``.
    dtype
        Floating point type.

    Raises
    ------
    ValueError
        For any other activation, or if there is no copy.

    Examples
    --------
    >>> nets = Ensemble(3, [64, 8, 10], torch.Generator().manual_seed(0))
    >>> nets(torch.zeros(5, 64, dtype=torch.float64)).shape
    torch.Size([3, 5, 10])
    """

    def __init__(
        self,
        copies: int,
        sizes: Sequence[int],
        generator: torch.Generator,
        activation: str = "tanh",
        dtype: torch.dtype = torch.float64,
    ) -> None:
        super().__init__()
        if activation not in ACTIVATIONS:
            raise ValueError(f"Ensemble: activation must be one of {[*ACTIVATIONS]}, got {activation!r}")
        if copies < 1:
            raise ValueError(f"Ensemble: copies must be ≥ 1, got {copies!r}")
        self.copies = copies
        self.activation, gain = ACTIVATIONS[activation]
        self.weights, self.biases = nn.ParameterList(), nn.ParameterList()
        for fan_in, fan_out in pairwise(sizes):
            drawn = torch.randn(copies, fan_out, fan_in, generator=generator, dtype=torch.float64)
            self.weights.append((drawn * (gain / fan_in) ** 0.5).to(dtype))
            self.biases.append(torch.zeros(copies, 1, fan_out, dtype=dtype))

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs (N, D), or (R, N, D) with a set for each copy, to outputs (R, N, K)."""
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = (self.activation(x) if i else x) @ weight.mT + bias  # (R, N, out)
        return x


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy of each copy, (R,); for a single output, of its sigmoid.

    Parameters
    ----------
    logits
        (R, N, K), K = 1 for two classes.
    labels
        Integers (N,) or (R, N).
    """
    labels = labels.expand(logits.shape[:2])
    if logits.shape[-1] == 1:
        target = labels.to(logits.dtype)
        each = nn.functional.binary_cross_entropy_with_logits(logits[..., 0], target, reduction="none")
    else:
        each = nn.functional.cross_entropy(logits.mT, labels, reduction="none")
    return each.mean(dim=1)


def zero_one(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the share of wrong decisions of each copy, (R,); arguments as for `cross_entropy`."""
    decided = logits[..., 0] > 0 if logits.shape[-1] == 1 else logits.argmax(dim=-1)
    return (decided != labels).double().mean(dim=1)


def fit(
    nets: Ensemble,
    x: Tensor,
    labels: Tensor,
    *,
    epochs: int,
    batch_size: int,
    lr: float,
    generator: torch.Generator,
) -> Ensemble:
    """Train every copy on mini-batches by Adam, and return the same ensemble.

    Parameters
    ----------
    nets
        Changed in place.
    x, labels
        Inputs (N, D) or (R, N, D); integer labels (N,) or (R, N).
    epochs, batch_size, lr
        As usual; the last batch of an epoch may be smaller.
    generator
        Shuffles at each epoch; all copies share the order, their data may differ.

    Examples
    --------
    >>> g = torch.Generator().manual_seed(0)
    >>> x = torch.tensor([[-1.0], [1.0]], dtype=torch.float64)
    >>> nets = fit(Ensemble(2, [1, 1], g), x, torch.tensor([0, 1]), epochs=50, batch_size=2, lr=0.1, generator=g)
    >>> zero_one(nets(x), torch.tensor([0, 1]))
    tensor([0., 0.], dtype=torch.float64)
    """
    x, labels = x.expand(nets.copies, *x.shape[-2:]), labels.expand(nets.copies, -1)
    optimizer = torch.optim.Adam(nets.parameters(), lr=lr, fused=True)
    for _ in range(epochs):
        order = torch.randperm(x.shape[1], generator=generator)
        for batch in torch.split(order, batch_size):
            optimizer.zero_grad()
            cross_entropy(nets(x[:, batch]), labels[:, batch]).sum().backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return nets


def learning_curves(
    nets: Ensemble, sets: Mapping[str, tuple[Tensor, Tensor]], *, lr: float, steps: int, every: int
) -> tuple[Tensor, dict[str, Tensor], dict[str, Tensor]]:
    """Descend the full training gradient with a constant step size and watch several sets of data.

    Parameters
    ----------
    nets
        Trained in place.
    sets
        Inputs and labels by name, shaped as for `fit`; the one named ``"train"`` is trained on.
    lr, steps
        Step size, and number of steps.
    every
        The curves have a point every so many steps, the start included.

    Returns
    -------
    tuple
        Steps (T,); cross-entropies by name, (T, R) each; 0–1 errors by name, (T, R) each.

    Raises
    ------
    ValueError
        If no set is named ``"train"``.
    """
    if "train" not in sets:
        raise ValueError(f"learning_curves: one of the sets must be named 'train', got {[*sets]}")
    optimizer = torch.optim.SGD(nets.parameters(), lr=lr)
    losses: dict[str, list[Tensor]] = {name: [] for name in sets}
    errors: dict[str, list[Tensor]] = {name: [] for name in sets}
    for step in range(steps + 1):
        logits = nets(sets["train"][0])
        loss = cross_entropy(logits, sets["train"][1])
        if step % every == 0:
            with torch.no_grad():
                for name, (x, labels) in sets.items():
                    seen = nets(x)
                    losses[name].append(cross_entropy(seen, labels))
                    errors[name].append(zero_one(seen, labels))
        optimizer.zero_grad()
        loss.sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    kept = torch.arange(0, steps + 1, every)
    stacked = [{name: torch.stack(curve) for name, curve in curves.items()} for curves in (losses, errors)]
    return kept, stacked[0], stacked[1]


def petals(points: Tensor) -> Tensor:
    """Label points of the plane by whether they lie in a flower of three petals, ``r < 1 + 0.3 cos 3φ``.

    Parameters
    ----------
    points
        (…, 2).

    Returns
    -------
    Tensor
        Integers 0 or 1, (…,).

    Examples
    --------
    >>> petals(torch.tensor([[1.2, 0.0], [-1.2, 0.0]]))
    tensor([1, 0])
    """
    angle = torch.atan2(points[..., 1], points[..., 0])
    radius = torch.linalg.vector_norm(points, dim=-1)
    inside: Tensor = radius < 1 + 0.3 * torch.cos(3 * angle)
    return inside.long()


def disagreement(decisions: Tensor) -> Tensor:
    """Return, for every two of R copies, the share of points on which they decide differently.

    Parameters
    ----------
    decisions
        (R, P), of any type.

    Returns
    -------
    Tensor
        (R(R − 1)/2,).

    Examples
    --------
    >>> disagreement(torch.tensor([[0, 0, 1, 1], [0, 0, 1, 0], [0, 0, 1, 1]]))
    tensor([0.2500, 0.0000, 0.2500], dtype=torch.float64)
    """
    return torch.stack([(a != b).double().mean() for a, b in combinations(decisions, 2)])
