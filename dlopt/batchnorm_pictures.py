"""Pictures of problem set 6: a student's normalizing layer at work, and the layer it folds into.

As in `dlopt.pictures`, everything shown comes from the student's class and function, a stub makes a picture step
aside with one line, and nothing is drawn while grading. `dlopt.pictures` shares its frame with this module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.pictures import _axes, _picture, _show

__all__ = ["coupling", "depth", "folding", "running"]

Array = NDArray[np.float64]
Function = Callable[..., Any]


def _alike(x: Array) -> float:
    """Mean |cosine| between the rows of x."""
    units = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-300)
    cosines = np.abs(units @ units.T)
    return float((cosines.sum() - len(x)) / (len(x) * (len(x) - 1)))


def _through(layers: int, normalize: Function | None) -> list[float]:
    """Send 64 samples through random layers of 64 ReLUs; return how alike they are after each."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(64, 64))
    alike = [_alike(x)]
    for _ in range(layers):
        x = x @ rng.normal(0, np.sqrt(2 / 64), (64, 64)).T
        x = np.maximum(x if normalize is None else normalize(x), 0)
        alike.append(_alike(x))
    return alike


@_picture
def depth(BatchNorm: Function) -> None:
    """Draw how alike the samples of a batch become from layer to layer, without and with the student's layer.

    Parameters
    ----------
    BatchNorm : callable
        The student's class.

    Examples
    --------
    >>> class BatchNorm:
    ...     def __init__(self, num_features, eps=1e-5, momentum=0.1):
    ...         raise NotImplementedError
    >>> depth(BatchNorm)
    This picture draws itself once you have written BatchNorm.
    """
    layers = 40
    plain = _through(layers, None)
    normal = _through(layers, lambda x: np.asarray(BatchNorm(64).forward(x)))
    (ax,) = _axes(1, figsize=(5.5, 3.3))
    for values, colour, line, label in ((plain, "C1", "--", "without"), (normal, "C0", "-", "with your BatchNorm")):
        ax.plot(values, color=colour, linestyle=line, label=label)
    ax.set(
        xlabel="layer", ylabel="mean |cosine| of two samples", ylim=(0, 1.05), title="64 samples, 40 layers of ReLUs"
    )
    ax.legend(loc="center right")
    _show(
        ax,
        f"Mean absolute cosine between samples over the depth: {plain[-1]:.3f} after {layers} layers without "
        f"normalization, {normal[-1]:.2f} with it.",
    )


@_picture
def running(BatchNorm: Function) -> None:
    """Draw the running mean of one feature over a hundred batches, for three momenta.

    Parameters
    ----------
    BatchNorm : callable
        The student's class.
    """
    batches = 4 + 2 * np.random.default_rng(2).normal(size=(100, 16, 1))
    (ax,) = _axes(1, figsize=(5.5, 3.3))
    said = []
    for momentum, colour, line in ((0.02, "C2", "-."), (0.1, "C0", "-"), (0.5, "C1", ":")):
        layer, path = BatchNorm(1, 1e-5, momentum), [0.0]
        for x in batches:
            layer.forward(x)
            path.append(float(np.ravel(layer.running_mean)[0]))
        ax.plot(path, color=colour, linestyle=line, label=f"momentum {momentum:g}")
        said.append(f"{path[-1]:.2f} with momentum {momentum:g}")
    ax.axhline(4, color="C5", linewidth=0.8)
    ax.axhline(3.6, color="C5", linewidth=0.8, linestyle=(0, (1, 2)))
    ax.annotate("90 %", (105, 3.6), va="center", color="C5", annotation_clip=False)
    ax.set(xlabel="batches seen", ylabel="running_mean", title="a feature with mean 4 and spread 2")
    ax.legend(loc="lower right", bbox_to_anchor=(1, 0.1))
    _show(ax, f"The running mean of a feature with mean 4 after 100 batches: {', '.join(said)}.")


def _couplings(BatchNorm: Function, x: Array, *, training: bool) -> tuple[Array, Array]:
    """Return ∂yᵢ/∂xⱼ of a batch of one feature, by the student's backward and by differences of their forward."""
    layer = BatchNorm(1, 1e-5, 0.0)
    layer.training = training
    n = len(x)
    layer.forward(x)
    by_backward = np.array([np.ravel(layer.backward(row[:, None])) for row in np.eye(n)])
    h = 1e-5
    columns = [np.ravel(layer.forward(x + h * e[:, None]) - layer.forward(x - h * e[:, None])) for e in np.eye(n)]
    return by_backward, np.stack(columns, axis=1) / (2 * h)


@_picture
def coupling(BatchNorm: Function) -> None:
    """Draw which output of a batch depends on which input, in training and in eval mode.

    Parameters
    ----------
    BatchNorm : callable
        The student's class.
    """
    x = np.array([[-2.0], [-1.0], [-0.5], [0.0], [0.25], [0.5], [1.5], [3.0]])
    panels = [(name, *_couplings(BatchNorm, x, training=name == "training")) for name in ("training", "eval mode")]
    axes = _axes(2, figsize=(7.6, 3.6))
    said = []
    for ax, (name, mine, theirs) in zip(axes, panels, strict=True):
        gap = float(np.max(np.abs(mine - theirs)))
        ax.imshow(mine, cmap="RdBu_r", vmin=-1, vmax=1)
        for i, j in np.ndindex(mine.shape):
            dark = abs(mine[i, j]) > 0.6
            ax.text(
                j,
                i,
                f"{round(float(mine[i, j]), 1) + 0.0:.1f}",
                ha="center",
                va="center",
                fontsize=6.5,
                color="w" if dark else "#333",
            )
        ax.set(title=f"{name}: off by {gap:.0e}", xlabel="input of sample j", xticks=[], yticks=[])
        apart = int(np.count_nonzero(np.abs(mine[~np.eye(len(x), dtype=bool)]) > 1e-9))
        said.append(f"{name}, {apart} of {len(x) * (len(x) - 1)} pairs are coupled, off from differences by {gap:.0e}")
    axes[0].set_ylabel("output of sample i")
    _show(axes[0], f"Derivatives of the outputs of a batch by its inputs: in {'; in '.join(said)}.")


@_picture
def folding(BatchNorm: Function, fold_batchnorm: Function) -> None:
    """Draw the outputs of the folded layer against those of the two layers it replaces.

    Parameters
    ----------
    BatchNorm, fold_batchnorm : callable
        The student's class and function.
    """
    rng = np.random.default_rng(3)
    norm, W, b = BatchNorm(6), rng.normal(size=(3, 6)), rng.normal(size=3)
    norm.gamma, norm.beta = rng.uniform(0.5, 2, 6), rng.normal(size=6)
    centre, spread = 3 * rng.normal(size=6), np.logspace(-1, 1, 6)
    for _ in range(60):
        norm.forward(centre + spread * rng.normal(size=(32, 6)))
    norm.training = False
    x = centre + spread * rng.normal(size=(80, 6))
    two = np.asarray(norm.forward(x)) @ W.T + b
    W2, b2 = fold_batchnorm(norm.gamma, norm.beta, norm.running_mean, norm.running_var, 1e-5, W, b)
    one = x @ np.asarray(W2).T + b2
    gap = float(np.max(np.abs(one - two)))
    left, right = _axes(2, figsize=(8.6, 3.3))
    left.plot([two.min(), two.max()], [two.min(), two.max()], color="C5", linewidth=0.8, linestyle=":")
    for k, marker in enumerate("os^"):
        left.plot(two[:, k], one[:, k], marker, color=f"C{k}", markersize=4, linestyle="none", label=f"output {k + 1}")
    left.set(title=f"off by {gap:.0e}", xlabel="normalization, then linear layer", ylabel="one folded layer")
    left.legend(loc="upper left")
    for matrix, marker, colour, label in ((W, "o", "C0", "W"), (W2, "s", "C1", "W2")):
        size = np.linalg.norm(np.asarray(matrix), axis=0)
        right.loglog(spread, size, marker=marker, color=colour, linestyle="none", label=label)
    right.set(title="length of each column", xlabel="spread of the feature")
    right.legend()
    _show(left, f"Outputs of the folded layer against those of the two layers it replaces: off by {gap:.0e}.")
