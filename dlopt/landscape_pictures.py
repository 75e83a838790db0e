"""Pictures of problem set 10: a bump that symmetries make, modes, the signs of random Hessians, a cliff, pruned digits.

As in `dlopt.pictures`, everything shown comes from the student's functions, a stub makes a picture step aside with one
line, and nothing is drawn while grading. `dlopt.pictures` shares its frame with this module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.pictures import _axes, _picture, _show

__all__ = ["bump", "cliff", "pruning", "saddles", "stages"]

Array = NDArray[np.float64]
Function = Callable[..., Any]
Parts = Sequence[Array]

STYLES = (("C0", "-"), ("C1", "--"), ("C2", "-."), ("C3", ":"))
UNITS, INPUTS = 5, 4


# --- two networks that found the same function


def _network(parts: Parts, X: Array) -> Array:
    """Return what a ReLU network says to inputs (N, in): (N,)."""
    W1, b1, W2 = parts
    return np.asarray((np.maximum(X @ W1.T + b1, 0) @ W2.T)[:, 0])


def _shaped(flat: Array) -> list[Array]:
    entering = UNITS * INPUTS
    W1, b1, W2 = flat[:entering], flat[entering : entering + UNITS], flat[entering + UNITS :]
    return [W1.reshape(UNITS, INPUTS), b1, W2.reshape(1, UNITS)]


@lru_cache(maxsize=1)
def _solutions() -> tuple[Array, Array, list[Array]]:
    """Fit two networks of five ReLUs to the outputs of a third, from different starts: X, y and their weights."""
    from scipy.optimize import least_squares

    directions = 1.5 * np.vstack([np.eye(INPUTS), -np.ones((1, INPUTS)) / 2])
    third = [directions, np.array([0.5, -0.5, 0.25, 0.0, -0.25]), np.array([[1.0, -1.0, 1.0, -1.0, 1.0]])]
    X = np.random.default_rng(0).normal(size=(200, INPUTS))
    y = _network(third, X)
    found: list[Array] = []
    for seed in range(60):  # every third start or so arrives; the others end in a bad minimum
        rng = np.random.default_rng(seed)
        start = rng.normal(size=UNITS * (INPUTS + 2))
        end = least_squares(lambda flat: _network(_shaped(flat), X) - y, start, max_nfev=60)
        if end.cost < 1e-18:
            found.append(np.asarray(end.x))
        if len(found) == 2:
            break
    return X, y, found


def _matched(a: Parts, b: Parts) -> NDArray[np.int64]:
    """Return the order in which the units of b are most like those of a."""
    from scipy.optimize import linear_sum_assignment

    one, other = (np.column_stack([W1, b1, W2.T]) for W1, b1, W2 in (a, b))
    cost = np.linalg.norm(one[:, None] - other[None], axis=2)
    return np.asarray(linear_sum_assignment(cost)[1], dtype=np.int64)


def _losses(interpolate: Function, a: Parts, b: Parts, X: Array, y: Array, ts: Array) -> Array:
    """Walk along the student's line and measure the loss."""
    points = [interpolate([p.copy() for p in a], [p.copy() for p in b], float(t)) for t in ts]
    return np.array([np.mean((_network([np.asarray(p) for p in point], X) - y) ** 2) for point in points])


@_picture
def bump(rescale_relu: Function, permute_hidden: Function, interpolate: Function) -> None:
    """Draw the loss between two solutions: as they are, with units of one length, and renumbered.

    Parameters
    ----------
    rescale_relu, permute_hidden, interpolate : callable
        The student's functions.

    Examples
    --------
    >>> def later(*args):
    ...     raise NotImplementedError
    >>> bump(later, later, later)
    This picture draws itself once you have written rescale_relu and permute_hidden and interpolate.
    """
    some = [np.ones((1, 1)), np.ones(1), np.ones((1, 1))]  # a stub says so before anything is fitted
    rescale_relu(*some, np.ones(1)), permute_hidden(*some, np.array([0])), interpolate(some, some, 0.5)
    X, y, flat = _solutions()
    a, b = ([p.copy() for p in _shaped(f)] for f in flat)
    unit = [rescale_relu(*net, 1 / np.linalg.norm(np.column_stack(net[:2]), axis=1)) for net in (a, b)]
    renumbered = permute_hidden(*unit[1], _matched(*unit))
    ts = np.linspace(0, 1, 41)
    curves = {
        "as they were found": _losses(interpolate, a, b, X, y, ts),
        "every unit rescaled to length 1": _losses(interpolate, unit[0], unit[1], X, y, ts),
        "rescaled and renumbered": _losses(interpolate, unit[0], renumbered, X, y, ts),
    }
    (ax,) = _axes(1, figsize=(6.2, 3.6))
    for (name, losses), (colour, line) in zip(curves.items(), STYLES, strict=False):
        ax.plot(ts, losses, color=colour, linestyle=line, linewidth=1.8, label=name)
    ax.set(title="between two perfect networks", xlabel="t", ylabel="mean squared error")
    ax.legend(fontsize=8)
    said = "; ".join(f"{name}: {losses.max():.2g}" for name, losses in curves.items())
    _show(ax, f"Loss on the straight line between two networks of loss 0. The highest point, {said}.")


# --- modes, saddles


def _walk(mode_strength: Function, a0: float, b0: float, sigma: float, steps: int) -> Array:
    """Call the student's walk, and say in a sentence when its result cannot be drawn."""
    found = np.asarray(mode_strength(a0, b0, sigma, 0.005, steps), dtype=float)
    if found.shape != (steps + 1,):
        raise ValueError(f"mode_strength returned shape {found.shape} for {steps} steps. Run its check first.")
    return found


@_picture
def stages(mode_strength: Function) -> None:
    """Draw four modes that learn from the same small start, balanced and not.

    Parameters
    ----------
    mode_strength : callable
        ``mode_strength(a0, b0, sigma, lr, num_steps)`` → (num_steps+1,).
    """
    axes, steps, said = _axes(2, figsize=(8.8, 3.4), sharey=True), 500, []
    for ax, (a0, b0) in zip(axes, ((0.05, 0.05), (0.05, 0.5)), strict=True):
        halves = []
        for sigma, (colour, line) in zip((4.0, 3.0, 2.0, 1.0), STYLES, strict=True):
            strength = _walk(mode_strength, a0, b0, sigma, steps)
            ax.plot(strength, color=colour, linestyle=line, label=f"σ = {sigma:g}")
            halves.append(int(np.argmax(strength >= sigma / 2)))
        ax.set(title=f"a₀ = {a0:g}, b₀ = {b0:g}", xlabel="step")
        said.append(f"from a₀ = {a0:g}, b₀ = {b0:g} half is reached at steps {', '.join(map(str, halves))}")
    axes[0].set_ylabel("strength ab")
    axes[1].legend(fontsize=8, loc="center right", bbox_to_anchor=(1, 0.42))
    _show(axes[0], f"Strength of four modes with σ = 4, 3, 2, 1 over {steps} steps: {'; '.join(said)}.")


@_picture
def saddles(random_hessian_saddle_fraction: Function) -> None:
    """Draw the share of random matrices without both signs over their size, beside tossed coins.

    Parameters
    ----------
    random_hessian_saddle_fraction : callable
        ``random_hessian_saddle_fraction(n, samples, rng)`` → float.
    """
    rng, sizes, samples = np.random.default_rng(7), np.arange(1, 9), 8000
    shares = np.array([float(random_hessian_saddle_fraction(int(n), samples, rng)) for n in sizes])
    left, right = _axes(2, figsize=(8.8, 3.4))
    left.plot(sizes, shares, "o-", color="C0", label="counted")
    left.plot(sizes, 1 - 2.0 ** (1 - sizes), "s--", color="C1", markersize=4, label="coins, 1 − 2·2⁻ⁿ")
    left.set(title="both signs: saddles", xlabel="n", ylabel="share", xticks=sizes)
    left.legend(fontsize=8, loc="lower right")
    seen = shares < 1
    right.semilogy(sizes[seen], 1 - shares[seen], "o-", color="C0", label="counted")
    right.semilogy(sizes, 2.0 ** (1 - sizes), "s--", color="C1", markersize=4, label="coins, 2·2⁻ⁿ")
    right.set(title="one sign: minima and maxima", xlabel="n", xticks=sizes)
    right.legend(fontsize=8, loc="lower left")
    said = ", ".join(f"{share:.4g}" for share in shares)
    _show(left, f"Share of saddles among {samples} random n × n matrices, n from 1 to 8: {said}.")


# --- a cliff, and pruned digits


def _height(w: Array) -> Array:
    """Return ½(x⁶y⁶ − ½)² at points (…, 2): a plain, a valley and a wall."""
    return np.asarray(0.5 * (w[..., 0] ** 6 * w[..., 1] ** 6 - 0.5) ** 2)


def _descend(clip_by_norm: Function, max_norm: float, start: Array, lr: float, steps: int) -> Array:
    """Walk downhill with clipped gradients until the walk leaves the picture."""
    path = [start]
    for _ in range(steps):
        x, y = path[-1]
        common = 6 * (x**6 * y**6 - 0.5) * x**5 * y**5
        pieces = clip_by_norm([np.array([common * y]), np.array([common * x])], max_norm)
        path.append(path[-1] - lr * np.concatenate([np.ravel(p) for p in pieces]))
        if np.abs(path[-1]).max() > 3:  # out of the picture
            break
    return np.array(path)


@_picture
def cliff(clip_by_norm: Function) -> None:
    """Draw a walk down a wall, with gradients clipped at 1 and, for comparison, at a thousand times that.

    Parameters
    ----------
    clip_by_norm : callable
        ``clip_by_norm(grads, max_norm)`` → list.
    """
    start, lr, steps = np.array([1.3, 1.05]), 0.05, 60
    paths = {f"max_norm = {c:g}": _descend(clip_by_norm, c, start, lr, steps) for c in (1.0, 1000.0)}
    left, right = _axes(2, figsize=(8.8, 3.6))
    x, y = np.linspace(-0.2, 1.6, 81), np.linspace(-0.2, 1.4, 81)
    heights = _height(np.stack(np.meshgrid(x, y), axis=-1))
    left.contour(x, y, heights, levels=[0.005, 0.05, 0.12, 0.2, 1, 10, 100], colors="#787878", linewidths=0.7)
    for (name, path), (colour, line) in zip(paths.items(), STYLES, strict=False):
        left.plot(*path.T, color=colour, linestyle=line, marker="o", markersize=3, label=name)
        right.semilogy(np.maximum(_height(path), 1e-12), color=colour, linestyle=line, label=name)
    left.set(title="two weights", xlabel="x", ylabel="y", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    right.set(title="loss", xlabel="step")
    right.legend(fontsize=8)
    said = "; ".join(f"with {name} {_height(path)[-1]:.2g} after {len(path) - 1} steps" for name, path in paths.items())
    _show(left, f"Descent from the top of a wall, where the loss is {_height(start):.0f}: {said}.")


def _ridge(x: Array, labels: NDArray[np.int64]) -> tuple[Array, Array]:
    """Fit a linear classifier of the digits by least squares: W (10, 64) and b (10,)."""
    inputs = np.column_stack([x, np.ones(len(x))])
    damped = np.vstack([inputs, 3 * np.eye(65)])
    targets = np.where(labels[:, None] == np.arange(10), 1.0, -0.1)
    solution = np.linalg.lstsq(damped, np.vstack([targets, np.zeros((65, 10))]))[0]  # (65, 10)
    return solution[:-1].T.copy(), solution[-1].copy()


@_picture
def pruning(magnitude_mask: Function) -> None:
    """Draw what pruning leaves of a linear classifier of the digits: its test accuracy, and its weights.

    Parameters
    ----------
    magnitude_mask : callable
        ``magnitude_mask(W, sparsity)`` → boolean array.
    """
    magnitude_mask(np.ones((1, 2)), 0.5)  # a stub says so before anything is fitted
    try:
        from dlopt.datasets import digits

        data = digits()
    except ImportError:
        print("This picture needs the digits that come with scikit-learn: pip install scikit-learn, and run it again.")
        return
    W, b = _ridge(data.x_train, data.y_train)
    rng = np.random.default_rng(8)
    sparsities = np.concatenate([np.arange(0, 0.9, 0.1), [0.9, 0.95, 0.975, 1.0]])
    masks = [np.asarray(magnitude_mask(W, float(s)), dtype=bool) for s in sparsities]
    shuffled = [rng.permutation(mask.ravel()).reshape(mask.shape) for mask in masks]

    def right(mask: NDArray[np.bool_]) -> float:
        return float(np.mean((data.x_test @ (W * mask).T + b).argmax(axis=1) == data.y_test))

    curves = {"by magnitude": [right(m) for m in masks], "by chance": [right(m) for m in shuffled]}
    left, image = _axes(2, figsize=(8.8, 3.4), width_ratios=(1, 1.25))
    for (name, shares), (colour, line) in zip(curves.items(), STYLES, strict=False):
        left.plot(sparsities, shares, color=colour, linestyle=line, marker="o", markersize=3, label=name)
    left.set(title="test digits right", xlabel="sparsity", ylabel="share", ylim=(0, 1))
    left.legend(fontsize=8, loc="lower left")
    rows = [np.hstack([np.pad((W * masks[k])[c].reshape(8, 8), 1) for c in (0, 3, 4, 7)]) for k in (0, 7, 10)]
    reach = float(np.abs(W).max())
    image.imshow(np.vstack(rows), cmap="RdBu", vmin=-reach, vmax=reach)
    image.set(title="weights of 0, 3, 4, 7; sparsity 0, 0.7, 0.95", xticks=[], yticks=[])
    image.grid(visible=False)
    told = "; ".join(f"{name} {v[0]:.3f}, {v[7]:.3f} and {v[9]:.3f}" for name, v in curves.items())
    _show(left, f"Share of test digits right at sparsity 0, 0.7 and 0.9. Pruned {told}.")
