"""Pictures of problem set 5: batches as a student deals them, schedules, an average, and walks that end in a ball.

As in `dlopt.pictures`, everything shown comes from the student's functions, a stub makes a picture step aside with one
line, and nothing is drawn while grading. `dlopt.pictures` shares its frame with this module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.pictures import _axes, _picture, _show

__all__ = ["averaging", "dealing", "noise_ball", "scaling", "schedules"]

Array = NDArray[np.float64]
Function = Callable[..., Any]

STYLES = (("C0", "-"), ("C1", "--"), ("C2", "-."), ("C3", ":"))


def _counts(deal: Function, X: Array, y: NDArray[np.int64], classes: int) -> Array:
    """Count the classes in every batch of an epoch, (batches, classes)."""
    batches = deal(X, y, 20, np.random.default_rng(4))
    return np.array([[np.sum(np.asarray(yb) == c) for c in range(classes)] for _, yb in batches])


@_picture
def dealing(minibatches: Function, balanced_minibatches: Function) -> None:
    """Draw how many samples of each class are in each batch of an epoch.

    Parameters
    ----------
    minibatches, balanced_minibatches : callable
        The student's functions.

    Examples
    --------
    >>> def later(X, y, batch_size, rng):
    ...     raise NotImplementedError
    >>> dealing(later, later)
    This picture draws itself once you have written minibatches and balanced_minibatches.
    """
    rng, classes = np.random.default_rng(3), 10
    y = rng.permutation(np.repeat(np.arange(classes), 24))
    X = rng.normal(size=(len(y), 2))
    tables = [_counts(deal, X, y, classes) for deal in (minibatches, balanced_minibatches)]
    axes = _axes(2, figsize=(8, 3.4), sharey=True)
    said = []
    for ax, table, name in zip(axes, tables, ("minibatches", "balanced_minibatches"), strict=True):
        ax.imshow(table.T, cmap="Blues", vmin=0, vmax=7, aspect="auto")
        for (batch, c), count in np.ndenumerate(table):
            ax.text(batch, c, str(int(count)), ha="center", va="center", fontsize=7, color="w" if count > 4 else "#333")
        ax.set(title=name, xlabel="batch of 20", xticks=[], yticks=range(classes))
        ax.grid(visible=False)
        said.append(f"with {name} between {int(table.min())} and {int(table.max())}")
    axes[0].set_ylabel("class")
    _show(axes[0], f"Samples of each of ten classes in each batch of an epoch: {'; '.join(said)}.")


@_picture
def schedules(
    inverse_decay: Function, exponential_decay: Function, linear_decay: Function, step_decay: Function
) -> None:
    """Draw four schedules over 100 updates.

    Parameters
    ----------
    inverse_decay, exponential_decay, linear_decay, step_decay : callable
        The student's functions.
    """
    k = np.arange(101)
    curves = {
        "inverse": [float(inverse_decay(1.0, int(i))) for i in k],
        "exponential, β = 0.05": [float(exponential_decay(1.0, 0.05, int(i))) for i in k],
        "linear to 0.01 at τ = 80": [float(linear_decay(1.0, 0.01, 80, int(i))) for i in k],
        "halved every 20": [float(step_decay(1.0, 0.5, 20, int(i))) for i in k],
    }
    left, right = _axes(2, figsize=(9, 3.4))
    for (name, values), (colour, line) in zip(curves.items(), STYLES, strict=True):
        for ax in (left, right):
            ax.plot(k, values, color=colour, linestyle=line, label=name)
    left.set(title="the step size", xlabel="update k", ylabel="as a share of lr0")
    right.set(title="the same, logarithmic", xlabel="update k", yscale="log", ylim=(5e-3, 1.3))
    right.legend(loc="lower left")
    said = ", ".join(f"{name}: {values[-1]:.3g}" for name, values in curves.items())
    _show(left, f"Four schedules of the step size over 100 updates. What is left of it at the end: {said}.")


@_picture
def averaging(sgd_step: Function, EMA: Function) -> None:
    """Draw a noisy walk in a bowl, and its average.

    Parameters
    ----------
    sgd_step, EMA : callable
        The student's function and class.
    """
    rng, curvature = np.random.default_rng(6), np.array([1.0, 4.0])
    params, average = [np.array([4.0, 2.0])], EMA(0.95)
    walk, means = [], []
    for _ in range(300):
        walk.append(np.array(params[0]))
        means.append(np.array(average.update(params)[0]))
        params = sgd_step(params, [curvature * params[0] + 2 * rng.normal(size=2)], 0.15)
    path, mean = np.array(walk), np.array(means)
    left, right = _axes(2, figsize=(9, 3.4))
    for points, (colour, line), name in ((path, STYLES[1], "the walk"), (mean, STYLES[0], "its average")):
        left.plot(*points.T, color=colour, linestyle=line, linewidth=0.8 if name == "the walk" else 1.8, label=name)
        right.semilogy(np.linalg.norm(points, axis=1), color=colour, linestyle=line, linewidth=1.2, label=name)
    left.plot(0, 0, "+", color="C5", markersize=9)
    left.set(title="300 noisy steps", xlabel="w₁", ylabel="w₂")
    right.set(title="distance from the minimum", xlabel="update")
    right.legend(loc="lower left")
    ends = [float(np.sqrt(np.mean(np.sum(p[150:] ** 2, axis=1)))) for p in (path, mean)]
    _show(
        left,
        "A noisy walk into a bowl and the average that follows it. Over the last 150 updates the walk is "
        f"{ends[0]:.2f} from the minimum (root mean square), the average {ends[1]:.2f}.",
    )


def _task() -> tuple[Array, Array, float]:
    """Make a regression that no weights solve: X, y, and the lowest loss there is."""
    rng = np.random.default_rng(7)
    X = rng.normal(size=(256, 8))
    y = X @ rng.normal(size=8) + rng.normal(size=256)
    best = np.linalg.lstsq(X, y)[0]
    return X, y, float(0.5 * np.mean((y - X @ best) ** 2))


def _gap(sgd_linear_regression: Function, lr: float, batch_size: int, epochs: int) -> Array:
    """Run the student's regression; return how far each loss is above the lowest one."""
    X, y, lowest = _task()
    losses = np.asarray(sgd_linear_regression(X, y, lr, batch_size, epochs, np.random.default_rng(8)), dtype=float)
    if losses.shape != (epochs + 1,) or not np.all(np.isfinite(losses)):
        raise ValueError(
            f"sgd_linear_regression returned {losses.shape} losses, or infinite ones; {epochs} epochs need "
            f"{epochs + 1}. Run its check first."
        )
    return np.maximum(losses - lowest, 1e-16)


@_picture
def noise_ball(sgd_linear_regression: Function) -> None:
    """Draw how far above the lowest loss a walk ends, for three step sizes and for all samples at once.

    Parameters
    ----------
    sgd_linear_regression : callable
        The student's function.
    """
    (ax,) = _axes(1, figsize=(5.8, 3.4))
    said = []
    runs = ((0.04, 4, "η = 0.04"), (0.02, 4, "η = 0.02"), (0.01, 4, "η = 0.01"), (0.5, 256, "all at once, η = 0.5"))
    for (lr, size, name), (colour, line) in zip(runs, STYLES, strict=True):
        gap = _gap(sgd_linear_regression, lr, size, 40)
        ax.semilogy(gap, color=colour, linestyle=line, label=name)
        said.append(f"{name}: {np.mean(gap[20:]):.1e}")
    ax.set(title="batches of 4", xlabel="epoch", ylabel="loss − lowest loss", ylim=(1e-7, 10))
    ax.legend(loc="lower left")
    _show(ax, f"Loss above the lowest one over 40 epochs. Its mean over the last 20: {', '.join(said)}.")


@_picture
def scaling(sgd_linear_regression: Function, scaled_learning_rate: Function) -> None:
    """Draw losses per epoch for a small batch, a large one with the same step, and one with the scaled step.

    Parameters
    ----------
    sgd_linear_regression, scaled_learning_rate : callable
        The student's functions.
    """
    lr = float(scaled_learning_rate(0.005, 4, 32))
    runs = ((0.005, 4, "B = 4, η = 0.005"), (0.005, 32, "B = 32, η = 0.005"), (lr, 32, f"B = 32, η = {lr:.3g}"))
    (ax,) = _axes(1, figsize=(5.8, 3.4))
    said = []
    for (step, size, name), (colour, line) in zip(runs, STYLES, strict=False):
        gap = _gap(sgd_linear_regression, step, size, 12)
        ax.semilogy(gap, color=colour, linestyle=line, label=name)
        said.append(f"{name}: {gap[4]:.2g}")
    ax.set(title="eight times the batch", xlabel="epoch", ylabel="loss − lowest loss")
    ax.legend()
    _show(ax, f"Loss above the lowest one over 12 epochs. After four of them: {'; '.join(said)}.")
