"""Pictures of problem set 7: a student's optimizers on Beale's function, beside the reference where torch is installed.

As in `dlopt.pictures`, everything shown comes from the student's classes, a stub makes a picture step aside with one
line, and nothing is drawn while grading. `dlopt.pictures` shares its frame with this module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.pictures import _axes, _picture, _show

__all__ = ["arena", "moments", "momentum", "scaled", "secants", "signs"]

Array = NDArray[Any]
Class = Callable[..., Any]

START, GOAL = np.array([1.0, 1.5]), np.array([3.0, 0.5])

#: The settings of each class in the races, in the order of its arguments.
SETTINGS: dict[str, dict[str, float]] = {
    "Momentum": {"lr": 0.005, "alpha": 0.9},
    "Nesterov": {"lr": 0.005, "alpha": 0.9},
    "Rprop": {"lr": 0.1},
    "AdaGrad": {"lr": 1.0},
    "RMSprop": {"lr": 0.05},
    "Adam": {"lr": 0.3},
    "AMSGrad": {"lr": 0.3},
    "Quickprop": {"lr": 0.02},
}
STYLES = dict(
    zip(
        SETTINGS,
        zip(("C0", "C1", "C2", "C3", "C4", "C0", "C1", "C2"), ("-", "--", "-.", ":") * 2, "os^vDP*X", strict=True),
        strict=True,
    )
)


def _beale(w: Array) -> Any:
    """Return Beale's function of points (2, …); the tests hold it to `dlopt.surfaces.beale`, which needs torch."""
    x, y = w
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def _slope(w: Array) -> Array:
    """Return its gradient by complex steps, exact to the last digits."""
    return np.array([_beale(w + 1e-30j * e).imag / 1e-30 for e in np.eye(2)])


def _walk(name: str, Optimizer: Class, steps: int, slope: Callable[[Array], Array] = _slope) -> Array:
    """Walk with a student's optimizer; the gradient is taken where it looks, if it does.

    Raises
    ------
    ValueError
        If theta is no longer a pair of numbers.
    """
    optimizer = Optimizer(*SETTINGS[name].values())
    path = [START]
    for k in range(steps):
        point = optimizer.lookahead(path[-1].copy()) if name == "Nesterov" else path[-1]
        theta = np.array(optimizer.update(path[-1].copy(), slope(np.asarray(point, dtype=float))), dtype=float)
        if theta.shape != (2,):
            raise ValueError(
                f"{name} made a theta of shape {theta.shape} out of one of shape (2,). Run its check first."
            )
        if not np.all(np.abs(theta) < 1e6):
            raise ValueError(f"{name} has left the picture after {k + 1} updates. Run its check first.")
        path.append(theta)
    return np.array(path)


def _reference(name: str, steps: int) -> Array | None:
    """Walk with torch's optimizer, or the chapter's where torch has none; None where torch is not installed."""
    try:
        import torch
    except ImportError:
        return None
    from dlopt import optimizers, surfaces
    from dlopt.walks import using, walk

    chosen: dict[str, tuple[Any, dict[str, Any]]] = {
        "Momentum": (optimizers.HeavyBall, {}),
        "Nesterov": (optimizers.Nesterov, {}),
        "Rprop": (torch.optim.Rprop, {}),
        "AdaGrad": (torch.optim.Adagrad, {}),
        "RMSprop": (torch.optim.RMSprop, {"alpha": 0.9}),
        "Adam": (torch.optim.Adam, {}),
        "AMSGrad": (torch.optim.Adam, {"amsgrad": True}),
        "Quickprop": (optimizers.Quickprop, {}),
    }
    method, more = chosen[name]
    found = walk(surfaces.beale, torch.from_numpy(START), using(method, **SETTINGS[name], **more), steps=steps)
    return np.asarray(found.numpy())


def _arrival(path: Array) -> str:
    """Say after how many updates a path has come close to the minimum."""
    there = np.flatnonzero(np.linalg.norm(path - GOAL, axis=1) <= 0.05)
    return f"there after {there[0]} updates" if there.size else f"not there after {len(path) - 1}"


def _ground(ax: Any) -> None:
    """Draw Beale's function, its levels evenly spaced in logarithms."""
    x, y = np.linspace(-0.6, 4.2, 70), np.linspace(-1.6, 1.9, 60)
    height = _beale(np.array(np.meshgrid(x, y)))
    ax.contour(x, y, height, levels=np.logspace(-1.5, 2.5, 11), colors="#787878", linewidths=0.7, alpha=0.6)
    ax.plot(*GOAL, "+", color="C5", markersize=10)
    ax.set(xlim=x[[0, -1]], ylim=y[[0, -1]], xlabel="θ₁")


def _race(ax: Any, name: str, Optimizer: Class, steps: int) -> str:
    """Draw a student's path on Beale's function over the reference's, and say how they compare."""
    mine, theirs = _walk(name, Optimizer, steps), _reference(name, steps)
    colour, _, marker = STYLES[name]
    _ground(ax)
    if theirs is not None:
        ax.plot(*theirs.T, color="C5", linewidth=4, alpha=0.4, label="reference")
    ax.plot(*mine.T, color=colour, marker=marker, markersize=3, linewidth=1, label="yours")
    ax.legend(loc="lower left")
    beside = "torch is not installed: no reference"
    if theirs is not None:
        beside = f"off the reference by {np.max(np.abs(mine - theirs)):.0e}"
    ax.set_title(f"{name}, {_arrival(mine)}\n{beside}", fontsize=9)
    return f"{name} is {_arrival(mine)}, {beside}"


@_picture
def momentum(Momentum: Class, Nesterov: Class) -> None:
    """Draw the paths of both velocities on Beale's function.

    Parameters
    ----------
    Momentum, Nesterov : callable
        The student's classes.

    Examples
    --------
    >>> class Momentum:
    ...     def __init__(self, lr, alpha):
    ...         raise NotImplementedError
    >>> momentum(Momentum, Momentum)
    This picture draws itself once you have written Momentum and Nesterov.
    """
    axes = _axes(2, figsize=(9, 3.9), sharey=True)
    said = [_race(ax, *pair, 150) for ax, pair in zip(axes, _named(Momentum=Momentum, Nesterov=Nesterov), strict=True)]
    axes[0].set_ylabel("θ₂")
    _show(axes[0], f"Two paths over the contours of Beale's function, from (1, 1.5): {'; '.join(said)}.")


def _named(**classes: Class) -> list[tuple[str, Class]]:
    """Pair the classes with the names that they go by here, whatever the student's are called inside."""
    return list(classes.items())


@_picture
def signs(Rprop: Class) -> None:
    """Draw the path of Rprop on Beale's function, and how far it moves along each axis in each update.

    Parameters
    ----------
    Rprop : callable
        The student's class.
    """
    left, right = _axes(2, figsize=(9, 3.9))
    said = _race(left, "Rprop", Rprop, 60)
    left.set_ylabel("θ₂")
    steps = np.abs(np.diff(_walk("Rprop", Rprop, 60), axis=0))
    still = np.count_nonzero(steps[:40] == 0, axis=0)
    for axis, (colour, line, marker) in enumerate((("C0", "-", "o"), ("C1", "--", "s"))):
        moved = np.where(steps[:40, axis] > 0, steps[:40, axis], np.nan)
        label = f"along θ{'₁₂'[axis]}, {still[axis]} times still"
        right.semilogy(np.arange(1, 41), moved, marker, color=colour, linestyle=line, markersize=3, label=label)
    right.set(xlabel="update", title="size of the step")
    right.legend()
    _show(
        left,
        f"The path of Rprop over the contours of Beale's function: {said}. Along the two axes it stands "
        f"still {still[0]} and {still[1]} times in the first 40 updates.",
    )


@_picture
def scaled(AdaGrad: Class, RMSprop: Class) -> None:
    """Draw the paths of both on Beale's function, and their steps on a slope that stays the same.

    Parameters
    ----------
    AdaGrad, RMSprop : callable
        The student's classes.
    """
    axes = _axes(3, figsize=(12, 3.9))
    steps, slopes = [], np.array([5.0, -0.001])
    for ax, (name, Optimizer) in zip(axes, _named(AdaGrad=AdaGrad, RMSprop=RMSprop), strict=False):
        said = _race(ax, name, Optimizer, 400 if name == "AdaGrad" else 200)
        steady = np.abs(np.diff(_walk(name, Optimizer, 100, lambda _: slopes), axis=0))[:, 0] / SETTINGS[name]["lr"]
        colour, line, _ = STYLES[name]
        axes[2].loglog(np.arange(1, 101), steady, color=colour, linestyle=line, label=name)
        steps.append(f"{said}; on a steady slope its steps go from {steady[0]:.2f} to {steady[-1]:.2f} times η")
    axes[0].set_ylabel("θ₂")
    axes[2].set(title="step / η while the slope stays the same", xlabel="update")
    axes[2].legend()
    _show(axes[0], f"Paths over the contours of Beale's function. {'. '.join(steps)}.")


def _tug(Optimizer: Class, steps: int) -> Array:
    """Walk on [−1, 1] under slopes +3, −1, −1 in turn; the average slope leads to −1."""
    optimizer = Optimizer(0.05, 0.0, 0.1)  # lr and the two betas
    theta, path = np.zeros(1), [0.0]
    for k in range(steps):
        moved = optimizer.update(theta, np.array([3.0 if k % 3 == 0 else -1.0]))
        theta = np.clip(np.asarray(moved, dtype=float).reshape(1), -1, 1)
        path.append(float(theta[0]))
    return np.array(path)


@_picture
def moments(Adam: Class, AMSGrad: Class) -> None:
    """Draw both on Beale's function, and on the convex problem in which one of them ends at the wrong end.

    Parameters
    ----------
    Adam, AMSGrad : callable
        The student's classes.
    """
    axes = _axes(3, figsize=(12, 3.9))
    said = []
    for ax, (name, Optimizer) in zip(axes, _named(Adam=Adam, AMSGrad=AMSGrad), strict=False):
        raced, path = _race(ax, name, Optimizer, 200), _tug(Optimizer, 300)
        colour, line, _ = STYLES[name]
        axes[2].plot(path, color=colour, linestyle=line, label=name)
        said.append(f"{raced}; where every third slope is +3 and the others −1 it ends at {path[-30:].mean():.1f}")
    axes[0].set_ylabel("θ₂")
    axes[2].set(title="slopes +3, −1, −1, +3, −1, −1, …", xlabel="update", ylabel="x", ylim=(-1.1, 1.1))
    axes[2].legend(loc="center right")
    _show(axes[0], f"Paths over the contours of Beale's function, and on an interval. {'. '.join(said)}.")


@_picture
def secants(Quickprop: Class) -> None:
    """Draw Quickprop on Beale's function, on a bowl, and on a cosine whose top it takes for a minimum.

    Parameters
    ----------
    Quickprop : callable
        The student's class.
    """
    axes = _axes(3, figsize=(12, 3.9))
    said = _race(axes[0], "Quickprop", Quickprop, 200)
    axes[0].set_ylabel("θ₂")
    optimizer, path = Quickprop(0.1), [np.array([2.0, -1.0])]
    for _ in range(6):
        path.append(np.asarray(optimizer.update(path[-1], np.array([4.0, 9.0]) * path[-1]), dtype=float))
    distance = np.linalg.norm(np.array(path), axis=1)
    axes[1].semilogy(np.maximum(distance, 1e-16), "o-", color="C0", markersize=5)
    axes[1].set(title="a bowl, curvatures 4 and 9", xlabel="update", ylabel="distance to the minimum")
    optimizer, x = Quickprop(0.2), [np.array([0.9])]
    for _ in range(30):
        x.append(np.asarray(optimizer.update(x[-1], -np.sin(x[-1])), dtype=float))
    grid, walked = np.linspace(-1.2, 1.6, 100), np.array(x)[:, 0]
    end = round(float(walked[-1]), 2) + 0.0  # no minus before a zero
    axes[2].plot(grid, np.cos(grid), color="C5", linewidth=1)
    axes[2].plot(walked, np.cos(walked), "s-", color="C1", markersize=4, linewidth=1)
    axes[2].set(title=f"on cos x from 0.9 it ends at {end:.2f}", xlabel="x")
    _show(
        axes[0],
        f"{said}. On a bowl its distance to the minimum is {', '.join(f'{d:.2g}' for d in distance[:5])} at first. "
        f"On cos x it goes from 0.9 to {end:.2f}.",
    )


@_picture
def arena(
    Momentum: Class,
    Nesterov: Class,
    Rprop: Class,
    AdaGrad: Class,
    RMSprop: Class,
    Adam: Class,
    AMSGrad: Class,
    Quickprop: Class,
) -> None:
    """Draw how far all eight are from Beale's minimum, update by update.

    Parameters
    ----------
    Momentum, Nesterov, Rprop, AdaGrad, RMSprop, Adam, AMSGrad, Quickprop : callable
        The student's classes.
    """
    classes = (Momentum, Nesterov, Rprop, AdaGrad, RMSprop, Adam, AMSGrad, Quickprop)
    (ax,) = _axes(1, figsize=(8, 4.2))
    said = []
    for (name, (colour, line, marker)), Optimizer in zip(STYLES.items(), classes, strict=True):
        path = _walk(name, Optimizer, 400)
        distance = np.maximum(np.linalg.norm(path - GOAL, axis=1), 1e-6)
        look = {"color": colour, "linestyle": line, "marker": marker, "markersize": 4, "linewidth": 1.2}
        ax.semilogy(distance, markevery=40, label=f"{name}, η = {SETTINGS[name]['lr']:g}", **look)
        said.append(f"{name} is {_arrival(path)}")
    ax.axhline(0.05, color="C5", linewidth=0.8, linestyle=(0, (1, 2)))
    ax.set(xlabel="update", ylabel="distance to (3, 0.5)", title="Beale's function from (1, 1.5)", ylim=(1e-6, 20))
    ax.legend(ncols=2, fontsize=8)
    _show(ax, f"Distance to the minimum of Beale's function over 400 updates: {'; '.join(said)}.")
