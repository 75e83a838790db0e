"""What a chain of layers does to a signal: activations forward, gradients backward, and their theory.

A layer computes ``s = W h`` and ``h ← φ(s)``. *Gain* is the number ``G = fan_in · var w`` throughout. Where
a function speaks of a Gaussian pre-activation of variance q, it is exact for independent normal weights,
given the layer below and averaged over the draw; widths tending to infinity make it hold for a single draw.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy import special, stats
from torch import Tensor

__all__ = [
    "ACTIVATIONS",
    "Signals",
    "backward_factor",
    "jacobian",
    "log_growth",
    "loss_gradient",
    "mean_field",
    "next_variance",
    "propagate",
    "quarter_circle",
    "saturated",
    "saturated_units",
]

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"linear": lambda s: s, "tanh": torch.tanh, "relu": torch.relu}
"""Activation functions by name."""


def _activation(name: str) -> Callable[[Tensor], Tensor]:
    if name not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {name!r}")
    return ACTIVATIONS[name]


@dataclass(frozen=True)
class Signals:
    """A forward pass, kept for the way back.

    Attributes
    ----------
    inputs : list of Tensor
        Input of each layer and the last activation, L + 1 tensors (N, width).
    sums : list of Tensor
        Pre-activations s of each layer, L tensors (N, width).
    """

    inputs: list[Tensor]
    sums: list[Tensor]

    @property
    def activations(self) -> list[Tensor]:
        """The output φ(s) of each layer, L tensors (N, width), without their history."""
        return [h.detach() for h in self.inputs[1:]]

    def backward(self, dy: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        """Send a gradient back through the chain, by autograd.

        Parameters
        ----------
        dy
            Gradient at the last activation (N, width).

        Returns
        -------
        tuple of two lists
            Gradients at the input of each layer and at each pre-activation, L tensors each, first layer first.
        """
        wanted = [*self.inputs[:-1], *self.sums]
        found = torch.autograd.grad(self.inputs[-1], wanted, dy, retain_graph=True)
        return list(found[: len(self.sums)]), list(found[len(self.sums) :])

    def weight_gradients(self, at_sums: Sequence[Tensor]) -> list[Tensor]:
        """Return the gradient of the mean loss at each weight matrix, (out, in).

        Parameters
        ----------
        at_sums
            Gradients of each sample's loss at each pre-activation, as `backward` gives them.
        """
        pairs = zip(at_sums, self.inputs, strict=False)
        return [d.mT @ h.detach() / len(d) for d, h in pairs]  # (out, N) @ (N, in)


def propagate(x: Tensor, weights: Sequence[Tensor], activation: str) -> Signals:
    """Send inputs through a chain of layers.

    Parameters
    ----------
    x
        Inputs (N, D).
    weights
        One matrix (out, in) per layer, or a stack (copies, out, in) for inputs (copies, N, D).
    activation
        ``"linear"``, ``"tanh"`` or ``"relu"``, after every layer.

    Returns
    -------
    Signals
        All that was met on the way.

    Raises
    ------
    ValueError
        If the activation is unknown.

    Examples
    --------
    >>> signals = propagate(torch.ones(1, 2), [torch.tensor([[1.0, -3.0]])], "relu")
    >>> signals.sums[0].item(), signals.activations[0].item()
    (-2.0, 0.0)
    """
    phi = _activation(activation)
    inputs, sums = [x.detach().requires_grad_()], []
    for w in weights:
        sums.append(inputs[-1] @ w.mT)  # (N, in) @ (in, out) -> (N, out)
        inputs.append(phi(sums[-1]))
    return Signals(inputs, sums)


def loss_gradient(h: Tensor, readout: Tensor, labels: Tensor) -> Tensor:
    """Return the gradient of each sample's cross-entropy at the last activation, by autograd.

    Parameters
    ----------
    h
        Last activations (N, width).
    readout
        Weights of the output layer (K, width); the logits are ``h @ readout.T``.
    labels
        Classes (N,).

    Returns
    -------
    Tensor
        (N, width).
    """
    h = h.detach().requires_grad_()
    losses = torch.nn.functional.cross_entropy(h @ readout.T, labels, reduction="sum")
    return torch.autograd.grad(losses, h)[0]


# the trapezoidal rule converges exponentially here; Gauss-Hermite does not once tanh looks like a step
_NODES = torch.linspace(-9, 9, 6001, dtype=torch.float64)
_WEIGHTS = torch.exp(-(_NODES**2) / 2) * (18 / 6000 / math.sqrt(2 * math.pi))


def _mean(f: Callable[[Tensor], Tensor], q: float) -> float:
    """E f(√q z), z standard normal."""
    return float((_WEIGHTS * f(math.sqrt(q) * _NODES)).sum())


def next_variance(q: float, gain: float, activation: str) -> float:
    """Return the variance of the next pre-activations, ``G · E φ(√q z)²`` with z standard normal.

    Parameters
    ----------
    q
        Variance of the pre-activations of this layer.
    gain
        G = fan_in · var w of the next layer.
    activation
        φ by name.

    References
    ----------
    Poole et al. (2016), equation 3, without biases.

    Examples
    --------
    >>> round(next_variance(1.0, 2.0, "relu"), 12)
    1.0
    """
    phi = _activation(activation)
    if activation == "tanh":
        return gain * _mean(lambda s: phi(s) ** 2, q)
    return gain * q / (2 if activation == "relu" else 1)


def backward_factor(q: float, gain: float, activation: str) -> float:
    """Return the factor on the variance of a gradient per layer, ``G · E φ′(√q z)²``.

    Here G is ``fan_out · var w`` of the layer that the gradient crosses; with equal widths the two gains agree.

    Parameters
    ----------
    q
        Variance of the pre-activations where the derivative is taken.
    gain
        G.
    activation
        φ by name.

    References
    ----------
    Schoenholz et al. (2017): χ₁.

    Examples
    --------
    >>> backward_factor(1.0, 2.0, "linear"), backward_factor(1.0, 2.0, "relu")
    (2.0, 1.0)
    """
    _activation(activation)
    if activation == "tanh":
        return gain * _mean(lambda s: (1 - torch.tanh(s) ** 2) ** 2, q)
    return gain if activation == "linear" else gain / 2


def mean_field(gain: float, depth: int, activation: str, start: float = 1.0) -> tuple[Tensor, Tensor]:
    """Variances of the pre-activations and backward factors of a deep stack of wide, equally wide layers.

    Parameters
    ----------
    gain
        G of every layer.
    depth
        Number of layers L.
    activation
        φ by name.
    start
        Mean square of the inputs.

    Returns
    -------
    tuple of Tensor
        q (L,) and χ (L,): the gradient's variance is multiplied by χ_l when it crosses layer l.

    Examples
    --------
    >>> q, chi = mean_field(0.5, 3, "linear")
    >>> q.tolist(), chi.tolist()
    ([0.5, 0.25, 0.125], [0.5, 0.5, 0.5])
    """
    q = [gain * start]
    while len(q) < depth:
        q.append(next_variance(q[-1], gain, activation))
    chi = [backward_factor(v, gain, activation) for v in q]
    return torch.tensor(q, dtype=torch.float64), torch.tensor(chi, dtype=torch.float64)


def log_growth(width: int, gain: float, activation: str) -> tuple[float, float]:
    """Mean and variance of ln(‖h′‖²/‖h‖²) over one layer with independent normal weights, exactly.

    Given h, the pre-activations are independent N(0, G‖h‖²/n). A linear layer has therefore
    ``‖h′‖²/‖h‖² = G χ²ₙ/n``; a ReLU layer lets a Binomial(n, ½) number of terms pass. Layers are
    independent, so over L of them the logarithm is a random walk.

    Parameters
    ----------
    width
        Units n of this layer and the one before.
    gain
        G = n · var w.
    activation
        ``"linear"`` or ``"relu"`` (given that at least one unit is active).

    Returns
    -------
    tuple of float
        Drift and variance per layer.

    Raises
    ------
    ValueError
        If the activation is neither: only homogeneous ones make a random walk.

    References
    ----------
    Hanin and Nica (2020).

    Examples
    --------
    >>> drift, spread = log_growth(64, 1.0, "linear")
    >>> round(64 * drift, 2), round(64 * spread, 2)  # about −1/n and 2/n
    (-1.01, 2.03)
    """
    if activation == "linear":
        active, odds = np.array([width]), np.array([1.0])
    elif activation == "relu":
        active = np.arange(1, width + 1)
        odds = stats.binom.pmf(active, width, 0.5)
        odds = odds / odds.sum()
    else:
        raise ValueError(f"log_growth: activation must be linear or relu, got {activation!r}")
    means = special.digamma(active / 2) + math.log(2 * gain / width)
    drift = float(odds @ means)
    spread = float(odds @ (special.polygamma(1, active / 2) + (means - drift) ** 2))
    return drift, spread


def saturated(q: float | np.ndarray | Tensor, threshold: float) -> float:
    """Return the share of tanh units beyond a threshold when pre-activations are N(0, q).

    Parameters
    ----------
    q
        Variance, or several, one per sample, over which the share is averaged.
    threshold
        Units with ``abs(tanh(s))`` above it count as saturated; between 0 and 1.

    Raises
    ------
    ValueError
        If the threshold lies outside (0, 1).

    Examples
    --------
    >>> round(saturated(1.0, 0.9), 3)
    0.141
    """
    if not 0 < threshold < 1:
        raise ValueError(f"saturated: threshold must lie between 0 and 1, got {threshold!r}")
    spread = np.sqrt(2 * np.asarray(q, dtype=float))
    with np.errstate(divide="ignore"):
        return float(np.mean(special.erfc(math.atanh(threshold) / spread)))


def saturated_units(net: torch.nn.Module, x: Tensor, threshold: float) -> Tensor:
    """Return the share of saturated units after each tanh of a sequential network.

    Parameters
    ----------
    net
        A `torch.nn.Sequential`.
    x
        Inputs (N, D).
    threshold
        Units with ``abs(tanh(s))`` above it count.

    Returns
    -------
    Tensor
        One share per `torch.nn.Tanh`, in order.
    """
    shares = []
    with torch.no_grad():
        for module in net.children():
            x = module(x)
            if isinstance(module, torch.nn.Tanh):
                shares.append((x.abs() > threshold).double().mean())
    return torch.stack(shares)


def jacobian(weight: Tensor, s: Tensor, activation: str) -> Tensor:
    """Return the Jacobian ∂s′/∂s of one layer, W diag(φ′(s)), for every sample, by autograd.

    Parameters
    ----------
    weight
        W (out, in) of the layer above.
    s
        Pre-activations (N, in).
    activation
        φ by name.

    Returns
    -------
    Tensor
        (N, out, in).
    """
    phi = _activation(activation)
    s = s.detach().requires_grad_()
    (slope,) = torch.autograd.grad(phi(s).sum(), s)
    return weight * slope[:, None, :]


def quarter_circle(values: np.ndarray) -> np.ndarray:
    """Density of the singular values of a large square matrix with entries of variance 1/n.

    ``√(4 − x²)/π`` on [0, 2]; its mean is 8/(3π) ≈ 0.849, its mean square 1.

    Parameters
    ----------
    values
        Where to evaluate, any shape.

    References
    ----------
    Marchenko and Pastur (1967), for ratio 1.

    Examples
    --------
    >>> float(quarter_circle(np.array([2.0]))[0])
    0.0
    """
    inside = np.clip(4 - np.asarray(values, dtype=float) ** 2, 0, None)
    density: np.ndarray = np.sqrt(inside) / math.pi
    return density
