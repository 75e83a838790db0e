"""Pictures of problem set 4: random weights and what they do to signals, drawn by the student's own functions.

As in `dlopt.pictures`, everything shown comes from the student's functions, a stub makes a picture step aside with
one line, and nothing is drawn while grading. `dlopt.pictures` shares its frame with this module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.pictures import _axes, _picture, _show

__all__ = ["balance", "both_ways", "depth", "histograms"]

Array = NDArray[np.float64]
Function = Callable[..., Any]


def _weights(initializer: Function, fan_in: int, fan_out: int, rng: np.random.Generator) -> Array:
    """Call a student's initializer, and say in a sentence when its result cannot be drawn."""
    W = np.asarray(initializer(fan_in, fan_out, rng), dtype=float)
    if W.shape != (fan_out, fan_in):
        raise ValueError(
            f"{initializer.__name__} returned shape {W.shape} for fan_in = {fan_in}, fan_out = {fan_out}. "
            "Run its check first."
        )
    if not np.isfinite(W).all():
        raise ValueError(f"{initializer.__name__} returned NaN or infinity. Run its check first.")
    return W


def _stack(initializer: Function, widths: Sequence[int]) -> list[Array]:
    """Draw the matrices of a chain of layers, always from the same seed."""
    rng = np.random.default_rng(4)
    return [_weights(initializer, fan_in, fan_out, rng) for fan_in, fan_out in pairwise(widths)]


def _per_layer(function: Function, *args: Any) -> Array:
    """Call a student's function that returns a variance per layer, and say when its result cannot be drawn."""
    found = np.asarray(function(*args), dtype=float)
    layers = len(args[1])
    if found.shape != (layers,) or not np.all(found >= 0):
        raise ValueError(
            f"{function.__name__} returned shape {found.shape} for {layers} layers, or something below 0. "
            "Run its check first."
        )
    return found


@_picture
def histograms(lecun_normal: Function, xavier_uniform: Function) -> None:
    """Draw histograms of weights by two recipes, and of the sums that layers make with them.

    Parameters
    ----------
    lecun_normal, xavier_uniform : callable
        ``lecun_normal(fan_in, fan_out, rng)`` → (fan_out, fan_in).

    Examples
    --------
    >>> def stub(fan_in, fan_out, rng):
    ...     raise NotImplementedError
    >>> histograms(stub, stub)
    This picture draws itself once you have written lecun_normal and xavier_uniform.
    """
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 300))
    drawn = {f.__name__: _weights(f, 300, 300, rng) for f in (lecun_normal, xavier_uniform)}
    axes = _axes(2, figsize=(8.6, 3.1))
    told = []
    for k, (name, W) in enumerate(drawn.items()):
        for ax, values in zip(axes, (W.ravel(), (x @ W.T).ravel()), strict=True):
            reach = 4 * values.std()
            style = {"color": f"C{k}", "linestyle": ("-", "--")[k], "linewidth": 1.5, "label": name}
            ax.hist(values, 61, range=(-reach, reach), density=True, histtype="step", **style)
        told.append(f"{name}: weights of standard deviation {W.std():.4f}, sums of {(x @ W.T).std():.2f}")
    axes[0].set(title="weights, 300 → 300", xlabel="w", ylabel="density")
    axes[1].set(title="sums over 300 inputs of variance 1", xlabel="y")
    axes[1].legend(loc="upper right", fontsize=8)
    _show(axes[0], f"Histograms of weights and of the sums made with them. {'; '.join(told)}.")


@_picture
def balance(lecun_normal: Function, xavier_normal: Function, he_normal: Function) -> None:
    """Draw by what one linear layer multiplies variances, forward and backward, against the ratio of its fans.

    Parameters
    ----------
    lecun_normal, xavier_normal, he_normal : callable
        ``he_normal(fan_in, fan_out, rng)`` → (fan_out, fan_in).
    """
    rng = np.random.default_rng(2)
    sizes = [(round(128 / r**0.5), round(128 * r**0.5)) for r in (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16)]
    ratios = [fan_out / fan_in for fan_in, fan_out in sizes]
    factors = {}
    for recipe in (lecun_normal, xavier_normal, he_normal):
        squares = [np.mean(_weights(recipe, *fans, rng) ** 2) for fans in sizes]
        forward, backward = (np.array([fans[k] for fans in sizes]) * squares for k in (0, 1))
        factors[recipe.__name__] = [forward, backward]
    axes = _axes(2, figsize=(8.6, 3.3), sharey=True)
    told = []
    for k, (name, ways) in enumerate(factors.items()):
        style = {"color": f"C{k}", "linestyle": ("-", "--", "-.")[k], "marker": "os^"[k], "markersize": 4}
        for ax, way in zip(axes, ways, strict=True):
            ax.loglog(ratios, way, label=name, **style)
        told.append(f"{name} {ways[0][-2]:.2g} forward and {ways[1][-2]:.2g} backward")
    for ax, name in zip(axes, ("forward", "backward"), strict=True):
        ax.axhline(1, color="C5", linewidth=0.8, linestyle=":")
        ax.set(title=name, xlabel="fan_out / fan_in", xticks=ratios[::2])
        ax.set_xticks([], minor=True)
        ax.set_xticklabels(["1/16", "1/4", "1", "4", "16"])
    axes[0].set_ylabel("factor on the variance")
    axes[0].legend(fontsize=8)
    _show(axes[0], f"Factors on the variance in one linear layer with eight times as many outputs: {'; '.join(told)}.")


@_picture
def depth(forward_variances: Function, lecun_normal: Function, xavier_normal: Function, he_normal: Function) -> None:
    """Draw the variance of the activations through thirty layers that are wide and narrow by turns.

    Parameters
    ----------
    forward_variances : callable
        ``forward_variances(x, weights, activation)`` → (L,).
    lecun_normal, xavier_normal, he_normal : callable
        ``he_normal(fan_in, fan_out, rng)`` → (fan_out, fan_in).
    """
    widths = [240, 60] * 15 + [240]
    x = np.random.default_rng(3).normal(size=(50, widths[0]))
    recipes = (lecun_normal, xavier_normal, he_normal)
    found = {
        activation: [(f.__name__, _per_layer(forward_variances, x, _stack(f, widths), activation)) for f in recipes]
        for activation in ("linear", "tanh", "relu")
    }
    axes = _axes(3, figsize=(10, 3.3), sharey=True)
    told = []
    for ax, (activation, curves) in zip(axes, found.items(), strict=True):
        for k, (name, curve) in enumerate(curves):
            layers = range(1, len(curve) + 1)
            ax.semilogy(layers, curve, color=f"C{k}", linestyle=("-", "--", "-.")[k], label=name)
        ax.set(title=activation, xlabel="layer")
        told.append(f"{activation}: " + ", ".join(f"{name} {curve[-1]:.1g}" for name, curve in curves))
    axes[0].set_ylabel("variance of the activations")
    axes[2].legend(fontsize=8, loc="lower left")
    _show(axes[0], f"Variance of the activations after {len(widths) - 1} layers. {'; '.join(told)}.")


@_picture
def both_ways(
    forward_variances: Function, backward_variances: Function, xavier_normal: Function, he_normal: Function
) -> None:
    """Draw the variances of signal and gradient through forty layers, for two recipes under tanh and ReLU.

    Parameters
    ----------
    forward_variances, backward_variances : callable
        ``backward_variances(x, weights, activation, dy)`` → (L,).
    xavier_normal, he_normal : callable
        ``he_normal(fan_in, fan_out, rng)`` → (fan_out, fan_in).
    """
    widths = [128] * 41
    rng = np.random.default_rng(5)
    x, dy = rng.normal(size=(2, 40, widths[0]))
    curves = []
    for recipe in (xavier_normal, he_normal):
        weights = _stack(recipe, widths)
        for activation in ("tanh", "relu"):
            up = _per_layer(forward_variances, x, weights, activation)
            down = _per_layer(backward_variances, x, weights, activation, dy)
            curves.append((f"{activation}, {recipe.__name__}", up, down))
    left, right = _axes(2, figsize=(8.6, 3.4))
    told = []
    for k, (name, up, down) in enumerate(curves):
        style = {"color": f"C{k}", "linestyle": ("-", "--", "-.", ":")[k], "label": name}
        left.semilogy(range(1, len(up) + 1), up, **style)
        right.semilogy(range(1, len(down) + 1), down, **style)
        told.append(f"{name}: {up[-1]:.1g} at the last activation, {down[0]:.1g} for the gradient at x")
    left.set(title="activations, going up", xlabel="layer", ylabel="variance")
    right.set(title="gradient, coming down", xlabel="layer")
    left.legend(fontsize=8)
    _show(left, f"Variances through {len(widths) - 1} layers. {'; '.join(told)}.")
