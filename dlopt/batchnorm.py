"""Variations on torch's batch normalization, and ways to look at it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

__all__ = ["Dropout", "GhostBatchNorm", "Noise", "as_linear", "normalized_mlp", "population_statistics"]


class Dropout(nn.Module):
    """Silence each feature of each sample with probability ½ and double the rest, in train mode; identity in eval mode.

    Parameters
    ----------
    generator
        Decides who is silent; `torch.nn.Dropout` would ask the global one.

    Examples
    --------
    >>> drop = Dropout(torch.Generator().manual_seed(0))
    >>> sorted(set(drop(torch.ones(4, 3)).flatten().tolist()))
    [0.0, 2.0]
    """

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, x: Tensor) -> Tensor:
        """Silence half of x (N, F)."""
        if not self.training:
            return x
        return x * 2 * torch.randint(2, x.shape, generator=self.generator)


class Noise(nn.Module):
    """Noise that undoes what normalization has done, drawn anew at every call in train mode [1]_.

    Every feature draws a shift μ ∈ U(−½, ½) and a scale σ ∈ U(1, 1.25); every sample then draws its own
    m ∈ U(μ − 0.1, μ + 0.1) and s ∈ U(σ − 0.1, σ + 0.1), and x becomes s·x + m. Identity in eval mode.

    Parameters
    ----------
    generator
        Source of the noise.

    References
    ----------
    .. [1] After the experiment of S. Santurkar et al., "How does batch normalization help optimization?",
       NeurIPS 2018; syllabus row B9. The widths are ours.

    Examples
    --------
    >>> noise = Noise(torch.Generator().manual_seed(0))
    >>> torch.equal(noise.eval()(torch.ones(4, 3)), torch.ones(4, 3))
    True
    """

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, x: Tensor) -> Tensor:
        """Shift and scale x (N, F)."""
        if not self.training:
            return x

        def uniform(*shape: int) -> Tensor:
            return torch.rand(shape, generator=self.generator, dtype=x.dtype) - 0.5

        samples, features = x.shape
        shift = uniform(features) + 0.2 * uniform(samples, features)
        scale = 1.125 + 0.25 * uniform(features) + 0.2 * uniform(samples, features)
        return scale * x + shift


class GhostBatchNorm(nn.BatchNorm1d):
    """Batch normalization that looks at a few samples at a time, however many a step has [1]_.

    Parameters
    ----------
    num_features
        F.
    ghost
        Samples per group, at least 2.

    Raises
    ------
    ValueError
        If a group has fewer than two samples.

    References
    ----------
    .. [1] E. Hoffer, I. Hubara, D. Soudry, "Train longer, generalize better", NeurIPS 2017; syllabus row B9.

    Examples
    --------
    >>> GhostBatchNorm(1, ghost=2)(torch.tensor([[1.0], [3.0], [10.0], [30.0]])).flatten().detach()
    tensor([-1.0000,  1.0000, -1.0000,  1.0000])
    """

    def __init__(self, num_features: int, ghost: int) -> None:
        if ghost < 2:
            raise ValueError(f"GhostBatchNorm: ghost must be at least 2, got {ghost!r}")
        super().__init__(num_features)
        self.ghost = ghost

    def forward(self, x: Tensor) -> Tensor:
        """Normalize x (N, F), group by group in train mode."""
        if not self.training:
            return super().forward(x)
        return torch.cat([super(GhostBatchNorm, self).forward(part) for part in torch.split(x, self.ghost)])


def normalized_mlp(sizes: Sequence[int], generator: torch.Generator) -> nn.Sequential:
    """Build a float64 ReLU network with batch normalization *after* each activation, before the next layer.

    So placed, every normalization stands next to a linear layer and can be folded into it. (The usual place,
    before the activation, lets it be folded into the layer before.)

    Parameters
    ----------
    sizes
        Units per layer, inputs first.
    generator
        Source of the weights, normal with He's variance 2/fan-in; biases are 0.

    Returns
    -------
    torch.nn.Sequential
        Linear, ReLU, BatchNorm1d, …, Linear.

    Examples
    --------
    >>> [type(layer).__name__ for layer in normalized_mlp([4, 3, 2], torch.Generator())]
    ['Linear', 'ReLU', 'BatchNorm1d', 'Linear']
    """
    layers: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        linear = nn.Linear(fan_in, fan_out, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.normal_(std=(2 / fan_in) ** 0.5, generator=generator)
            linear.bias.zero_()
        layers += [linear, nn.ReLU(), nn.BatchNorm1d(fan_out, dtype=torch.float64)]
    return nn.Sequential(*layers[:-2])


def as_linear(affine: nn.Module, in_features: int) -> nn.Linear:
    """Read off the one linear layer that equals an affine map, by asking it for 0 and for the unit vectors.

    Parameters
    ----------
    affine
        A module with parameters that maps (N, in) to (N, out) by x ↦ xWᵀ + b, such as batch normalization in eval mode
        with linear layers around it.
    in_features
        How many inputs it takes.

    Returns
    -------
    torch.nn.Linear
        The same map.

    Raises
    ------
    ValueError
        If the module is in train mode, where batch normalization is not affine.

    Examples
    --------
    >>> layer = nn.Linear(3, 2)
    >>> torch.allclose(as_linear(layer.eval(), 3).weight, layer.weight)
    True
    """
    if affine.training:
        raise ValueError("as_linear: call .eval() first; in train mode the map depends on the batch")
    with torch.no_grad():
        dtype = next(affine.parameters()).dtype
        offset = affine(torch.zeros(1, in_features, dtype=dtype))
        rows = affine(torch.eye(in_features, dtype=dtype)) - offset  # (in, out): what each unit vector adds
        layer = nn.Linear(in_features, rows.shape[1], dtype=dtype)
        layer.weight.copy_(rows.T)
        layer.bias.copy_(offset[0])
    return layer.eval()


def population_statistics(net: nn.Module, batches: Iterable[Tensor]) -> None:
    """Replace running statistics by averages over mini-batches with the present weights [1]_.

    The mean becomes E[μ_B], the variance m/(m − 1)·E[σ_B²]; torch does both when ``momentum`` is None.

    Parameters
    ----------
    net
        Network with batch normalization; its mode and momenta are restored.
    batches
        Inputs, one batch (m, D) at a time.

    References
    ----------
    .. [1] S. Ioffe and C. Szegedy, "Batch normalization", ICML 2015, algorithm 2; syllabus row B5.

    Examples
    --------
    >>> norm = nn.BatchNorm1d(1)
    >>> population_statistics(norm, [torch.tensor([[0.0], [2.0]]), torch.tensor([[4.0], [8.0]])])
    >>> norm.running_mean.item(), norm.running_var.item()  # means 1 and 6, variances 2 and 8
    (3.5, 5.0)
    """
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm1d)]
    mode, momenta = net.training, [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    net.train()
    with torch.no_grad():
        for batch in batches:
            net(batch)
    net.train(mode)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
