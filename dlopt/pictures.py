"""Pictures of what a student just built, drawn from the student's own functions.

Each picture takes finished functions of the problem set and only draws what they return: contours come
from the student's loss, paths from the student's walk. While one of them is still a stub (it raises
`NotImplementedError`) a picture says so in one line instead of showing a traceback; any other error is
the student's to see.
"""

from __future__ import annotations

import base64
import functools
import inspect
import io
import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from dlopt.checks.grading import VARIABLE

__all__ = ["eigenbasis", "learning_rates", "newton_map", "trajectory", "zigzag"]

Array = NDArray[np.float64]
Function = Callable[..., Any]
Draw = TypeVar("Draw", bound=Callable[..., None])

KINDS = {"minimum": ("C2", "o"), "saddle": ("C4", "X"), "maximum": ("C3", "^"), "nowhere": ("C5", "x")}
"""Colour and marker of each kind of critical point."""


def _picture(draw: Draw) -> Draw:
    """Show one line, and no traceback, while one of the functions to draw is still a stub.

    While grading nothing is drawn: pictures carry no points, and would take longer than all checks together.
    """

    @functools.wraps(draw)
    def drawn(*functions: Function, **kwargs: Function) -> None:
        if os.environ.get(VARIABLE):
            print("Pictures are left out while grading.")
            return
        before = _open_figures()
        try:
            draw(*functions, **kwargs)
        except NotImplementedError:
            arguments = inspect.signature(draw).bind(*functions, **kwargs).arguments
            print(f"This picture draws itself once you have written {' and '.join(arguments)}.")
        finally:
            for number in _open_figures() - before:  # Jupyter would show what was begun and never finished
                sys.modules["matplotlib.pyplot"].close(number)

    return drawn  # type: ignore[return-value]


def _open_figures() -> set[int]:
    """Return the numbers of matplotlib's open figures, without importing it."""
    plt = sys.modules.get("matplotlib.pyplot")
    return set(plt.get_fignums()) if plt else set()


def _path(walk: Function, *args: object, steps: int, size: int) -> Array:
    """Call a student's walk, and say in a sentence when its result cannot be drawn."""
    path = np.asarray(walk(*args), dtype=float)
    if path.shape != (steps + 1, size):
        raise ValueError(
            f"{walk.__name__} returned shape {path.shape}; {steps} steps in {size} dimensions need "
            f"{(steps + 1, size)}. Run its check first."
        )
    return path


def _axes(panels: int = 1, **kwargs: Any) -> list[Any]:
    """Open a figure in the course's style, with a row of panels."""
    import matplotlib.pyplot as plt  # here, so that a notebook full of stubs need not wait for it

    from dlopt import plotting

    plotting.use()
    _, axes = plt.subplots(1, panels, squeeze=False, **kwargs)
    return list(axes[0])


def _show(ax: Any, alt: str) -> None:
    """Display the figure of an axes as an image with its alternative text, and close it."""
    import matplotlib.pyplot as plt
    from IPython.display import HTML, display

    svg = io.BytesIO()
    ax.figure.savefig(svg, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(ax.figure)
    source = f"data:image/svg+xml;base64,{base64.b64encode(svg.getvalue()).decode()}"
    display(HTML(f'<img style="max-width:100%" alt="{alt}" src="{source}">'))  # type: ignore[no-untyped-call]


def _distance(path: Array) -> str:
    """Say how far from the minimum, here always the origin, a path ends."""
    return f"{np.linalg.norm(path[-1]):.2g} from the minimum"


def _heights(quadratic: Function, A: Array, b: Array, x: Array, y: Array) -> Array:
    """Heights of the student's landscape over the grid x × y, one row per y."""
    return np.array([[float(quadratic(A, b, np.array([u, v]))[0]) for u in x] for v in y])


def _contours(ax: Any, x: Array, y: Array, height: Array) -> None:
    """Contours of a bowl, at heights that are evenly spaced in distance from the minimum."""
    low, high = float(height.min()), float(height.max())
    levels = low + (high - low) * np.linspace(0.06, 1, 12) ** 2
    if np.all(np.diff(levels) > 0):  # a flat landscape has no contours to draw
        ax.contour(x, y, height, levels=levels, colors="#787878", linewidths=0.8, alpha=0.6)


@_picture
def trajectory(gradient_descent: Function, quadratic: Function) -> None:
    """Draw gradient descent on one bowl (curvatures 1 and 9) with three learning rates.

    Parameters
    ----------
    gradient_descent : callable
        ``gradient_descent(A, b, w0, lr, num_steps)`` → (num_steps+1, 2).
    quadratic : callable
        ``quadratic(A, b, w)`` → (loss, gradient): its loss makes the contours.

    Examples
    --------
    >>> def quadratic(A, b, w):
    ...     raise NotImplementedError
    >>> def gradient_descent(A, b, w0, lr, num_steps):
    ...     raise NotImplementedError
    >>> trajectory(gradient_descent, quadratic)
    This picture draws itself once you have written gradient_descent and quadratic.
    """
    Q = np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]])
    A, b, w0, steps = Q @ np.diag([1.0, 9.0]) @ Q.T, np.zeros(2), np.array([-2.0, 0.6]), 20
    rates = (0.03, 0.2, 0.23)
    paths = [_path(gradient_descent, A, b, w0, lr, steps, steps=steps, size=2) for lr in rates]
    x, y = np.linspace(-2.8, 2.4, 45), np.linspace(-1.8, 1.8, 35)
    height = _heights(quadratic, A, b, x, y)
    axes = _axes(3, figsize=(10, 3.3), sharey=True)
    for ax, lr, path, colour, marker in zip(axes, rates, paths, ("C0", "C2", "C1"), "os^", strict=True):
        _contours(ax, x, y, height)
        ax.plot(*path.T, marker=marker, markersize=3.5, linewidth=1.2, color=colour)
        ax.plot(0, 0, "+", color="C5", markersize=9)
        ax.set(title=f"η = {lr}", xlim=x[[0, -1]], ylim=y[[0, -1]], xlabel="w₁", aspect="equal")
    axes[0].set_ylabel("w₂")
    ends = (f"at η = {lr} it ends {_distance(path)}" for lr, path in zip(rates, paths, strict=True))
    _show(axes[0], f"Gradient descent over elliptical contours, {steps} steps each: {', '.join(ends)}.")


@_picture
def learning_rates(
    convergence_rate: Function,
    optimal_learning_rate: Function,
    condition_number: Function,
    gradient_descent: Function,
) -> None:
    """Draw the rate against η with its optimum, and the steps needed against the condition number.

    Parameters
    ----------
    convergence_rate, optimal_learning_rate, condition_number : callable
        ``(A, lr)`` → float, ``(A)`` → float, ``(A)`` → float.
    gradient_descent : callable
        ``gradient_descent(A, b, w0, lr, num_steps)`` → (num_steps+1, M).
    """
    A = np.diag([1.0, 3.0, 5.0])
    sweep = np.linspace(0.01, 0.45, 120)
    rates = np.array([float(convergence_rate(A, lr)) for lr in sweep])
    best = float(optimal_learning_rate(A))
    best_rate = float(convergence_rate(A, best))
    kappas, steps = [], []
    for steepest in (2.0, 5.0, 10.0, 20.0, 50.0, 100.0):
        bowl, budget = np.diag([1.0, steepest]), int(10 * steepest) + 20
        w0 = np.ones(2)
        path = _path(gradient_descent, bowl, np.zeros(2), w0, optimal_learning_rate(bowl), budget, steps=budget, size=2)
        arrived = np.linalg.norm(path, axis=1) <= 1e-6 * np.linalg.norm(w0)
        kappas.append(float(condition_number(bowl)))
        steps.append(int(np.argmax(arrived)) if arrived.any() else np.nan)
    left, right = _axes(2, figsize=(9, 3.2))
    left.plot(sweep, rates, color="C0")
    left.axhline(1, color="C5", linewidth=0.8, linestyle=":")
    left.plot(best, best_rate, "*", markersize=13, color="C1")
    left.annotate(f"your best η = {best:.3g}    ", (best, best_rate), ha="right", va="center")
    left.set(title="rate of the slowest direction", xlabel="learning rate η", ylabel="factor per step")
    right.loglog(kappas, steps, "o-", color="C2")
    right.minorticks_off()
    right.set_xticks([2, 5, 10, 20, 50, 100], ["2", "5", "10", "20", "50", "100"])
    right.set_yticks([10, 100, 1000], ["10", "100", "1000"])
    right.set(title="steps to come 10⁶ times closer", xlabel="condition number κ", ylabel="steps at your best η")
    _show(
        left,
        f"Left: the rate against η, with your best η = {best:.3g} at rate {best_rate:.2f}. "
        f"Right: steps against the condition number, {steps[0]} at κ = 2 and {steps[-1]} at κ = 100.",
    )


@_picture
def eigenbasis(gradient_descent: Function, to_eigenbasis: Function) -> None:
    """Draw one walk in five dimensions in its own coordinates and in the eigenbasis.

    Parameters
    ----------
    gradient_descent : callable
        ``gradient_descent(A, b, w0, lr, num_steps)`` → (num_steps+1, 5).
    to_eigenbasis : callable
        ``to_eigenbasis(A, b, w)`` → (eigenvalues (5,), z (5,)).
    """
    rng = np.random.default_rng(2)
    Q, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    A, steps = Q @ np.diag([1.0, 2.0, 4.0, 6.5, 8.5]) @ Q.T, 40  # five different |1 − 0.2 λ|
    b, w0 = np.zeros(5), Q @ np.array([1.0, -0.9, 0.8, 1.1, -1.0])  # b = 0: the minimum is the origin
    path = _path(gradient_descent, A, b, w0, 0.2, steps, steps=steps, size=5)
    seen = [to_eigenbasis(A, b, w) for w in path]
    z = np.abs(np.array([coordinates for _, coordinates in seen], dtype=float))
    eigenvalues = np.asarray(seen[0][0], dtype=float)
    left, right = _axes(2, figsize=(9, 3.4), sharey=True)
    for m, (colour, style) in enumerate(
        zip(("C0", "C1", "C2", "C3", "C4"), ("-", "--", "-.", ":", (0, (5, 1))), strict=True)
    ):
        left.semilogy(np.abs(path[:, m]), color=colour, linestyle=style, label=f"|w{'₁₂₃₄₅'[m]}|")
        right.semilogy(z[:, m], color=colour, linestyle=style, label=f"λ = {eigenvalues[m]:.3g}")
    left.set(title="in your coordinates", xlabel="step", ylabel="distance from the minimum", ylim=(1e-6, 3))
    right.set(title="in the eigenbasis", xlabel="step")
    for ax in (left, right):
        ax.legend(ncols=2)
    _show(left, "Distance against step on a logarithmic axis, five curves, in both coordinate systems.")


@_picture
def zigzag(exact_line_search: Function, quadratic: Function) -> None:
    """Draw steepest descent with exact line search in a valley of condition number 10.

    Parameters
    ----------
    exact_line_search : callable
        ``exact_line_search(A, b, w0, num_steps)`` → (num_steps+1, 2).
    quadratic : callable
        ``quadratic(A, b, w)`` → (loss, gradient): its loss makes the contours.
    """
    A, b, w0, steps = np.diag([1.0, 10.0]), np.zeros(2), np.array([10.0, 1.0]), 12
    path = _path(exact_line_search, A, b, w0, steps, steps=steps, size=2)
    x, y = np.linspace(-2, 10.6, 70), np.linspace(-1.5, 1.5, 35)
    (ax,) = _axes(figsize=(10, 3))
    _contours(ax, x, y, _heights(quadratic, A, b, x, y))
    ax.plot(*path.T, "o-", markersize=3.5, linewidth=1.2, color="C1")
    ax.plot(0, 0, "+", color="C5", markersize=9)
    ax.set(title="exact line search, κ = 10", xlabel="w₁", ylabel="w₂", aspect="equal")
    _show(ax, f"A path of {steps} steps over long elliptical contours, ending {_distance(path)}.")


def _himmelblau(w: Array) -> tuple[Array, Array]:
    """Gradient and Hessian of (x² + y − 11)² + (x + y² − 7)² at w = (x, y)."""
    x, y = w
    p, q = x * x + y - 11, x + y * y - 7
    gradient = np.array([4 * x * p + 2 * q, 2 * p + 4 * y * q])
    mixed = 4 * (x + y)
    return gradient, np.array([[4 * p + 8 * x * x + 2, mixed], [mixed, 4 * q + 8 * y * y + 2]])


def _settle(newton_step: Function, w: Array, steps: int = 60) -> Array | None:
    """Repeat the step until the gradient is gone; None when it is not gone in time."""
    for _ in range(steps):
        with np.errstate(over="ignore", invalid="ignore"):  # a wrong step may fly away
            gradient, hessian = _himmelblau(w)
        if np.abs(gradient).max() < 1e-8:
            return w
        w = np.asarray(newton_step(gradient, hessian, w), dtype=float)
        if w.shape != (2,) or not np.all(np.isfinite(w)):
            return None
    return None


@_picture
def newton_map(newton_step: Function, classify_critical_point: Function) -> None:
    """Colour every start on Himmelblau's function by the kind of point where Newton's method settles.

    Parameters
    ----------
    newton_step : callable
        ``newton_step(grad, hess, w)`` → (2,).
    classify_critical_point : callable
        ``classify_critical_point(H)`` → 'minimum', 'maximum', 'saddle' or 'degenerate'.
    """
    grid = np.linspace(-6, 6, 56)  # an even number: no start lies on an axis of symmetry
    ends = [_settle(newton_step, np.array([x, y])) for y in grid for x in grid]
    kinds = ["nowhere" if end is None else str(classify_critical_point(_himmelblau(end)[1])) for end in ends]
    x, y = (grid_points.ravel() for grid_points in np.meshgrid(grid, grid))
    shares: list[str] = []
    (ax,) = _axes(figsize=(6.8, 4.4))
    for kind in dict.fromkeys([*KINDS, *kinds]):
        here = np.array([found == kind for found in kinds])
        if not here.any():
            continue
        colour, marker = KINDS.get(kind, ("C1", "x"))
        ax.scatter(x[here], y[here], s=13, color=colour, marker="s", linewidths=0.7, rasterized=True)
        # where these runs ended: one large marker for each place, and the name of its kind in the legend
        landed = np.unique(
            np.round([end for end, k in zip(ends, here, strict=True) if k and end is not None], 5), axis=0
        )
        shares.append(f"{kind} {here.mean():.1%}")
        style = {"marker": marker, "markersize": 9, "markerfacecolor": colour, "markeredgecolor": "white"}
        ax.plot(*landed.reshape(-1, 2).T, linestyle="none", label=f"{shares[-1]} of starts", **style)
    ax.set(title="where Newton's method ends", xlabel="x", ylabel="y", aspect="equal")
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), markerscale=1.6)
    _show(ax, "A map of starting points coloured by where Newton's method ends: " + ", ".join(shares))
