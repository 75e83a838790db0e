"""Pictures of problem set 3: clouds, digits and losses, scaled and whitened by the student's own functions.

As in `dlopt.pictures`, everything shown comes from the student's functions, a stub makes a picture step aside with
one line, and nothing is drawn while grading. `dlopt.pictures` shares its frame with this module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt import datasets
from dlopt.pictures import _axes, _picture, _show

__all__ = ["clouds", "curvatures", "digits", "race"]

Array = NDArray[np.float64]
Function = Callable[..., Any]


def _matrix(function: Function, X: Array, *more: float, columns: int | None = None) -> Array:
    """Call a student's function on data, and say in a sentence when its result cannot be drawn."""
    found = function(X, *more)
    result = np.asarray(found[0] if isinstance(found, tuple) else found, dtype=float)
    if result.ndim != 2 or len(result) != len(X) or columns not in (None, result.shape[1]):
        raise ValueError(f"{function.__name__} returned shape {result.shape} for X of shape {X.shape}. Run its check.")
    if not np.isfinite(result).all():
        raise ValueError(f"{function.__name__} returned NaN or infinity. Run its check first.")
    return result


@_picture
def clouds(standardize: Function, pca_whiten: Function) -> None:
    """Draw one cloud as it comes, standardized and whitened.

    Parameters
    ----------
    standardize : callable
        ``standardize(X)`` → (Xs, mean, std).
    pca_whiten : callable
        ``pca_whiten(X, eps=0.0)`` → (N, R).

    Examples
    --------
    >>> def stub(X):
    ...     raise NotImplementedError
    >>> clouds(stub, stub)
    This picture draws itself once you have written standardize and pca_whiten.
    """
    rng = np.random.default_rng(3)
    X = rng.normal(size=(160, 2)) @ np.array([[3.0, 1.4], [0.0, 0.6]]) + np.array([6.0, 3.0])
    views = {
        "as it comes": X,
        "standardized": _matrix(standardize, X, columns=2),
        "PCA-whitened": _matrix(pca_whiten, X, columns=2),
    }
    side = np.argsort(np.argsort(X[:, 0] - 1.4 * X[:, 1])) // 54  # three groups to follow with the eye
    axes = _axes(3, figsize=(10, 3.5))
    told = []
    for ax, (name, Z) in zip(axes, views.items(), strict=True):
        for group, (colour, marker) in enumerate((("C0", "o"), ("C1", "s"), ("C2", "^"))):
            ax.plot(*Z[side == group].T, marker, markersize=3.5, linestyle="none", color=colour, alpha=0.8)
        ax.axhline(0, color="C5", linewidth=0.8)
        ax.axvline(0, color="C5", linewidth=0.8)
        correlation = round(float(np.corrcoef(Z.T)[0, 1]), 2) + 0.0
        told.append(f"{name}, standard deviations {Z[:, 0].std():.2f} and {Z[:, 1].std():.2f}, ")
        told[-1] += f"correlation {correlation:.2f}"
        ax.set(title=f"{name}\ncorrelation {correlation:.2f}", aspect="equal", adjustable="datalim")
    _show(axes[0], f"One cloud of points three times: {'; '.join(told)}.")


@_picture
def digits(pca_whiten: Function, zca_whiten: Function) -> None:
    """Draw eight digits as they come, PCA-whitened and ZCA-whitened.

    Parameters
    ----------
    pca_whiten, zca_whiten : callable
        ``(X, eps)`` → (N, R) and (N, 64).
    """
    X = datasets.digits().x_train
    shown, eps = slice(1, 9), 0.05
    P = _matrix(pca_whiten, X, eps)
    rows = {
        "as they come": (2 * X - 1)[shown],
        "PCA": np.hstack([P, np.zeros((len(P), max(0, 64 - P.shape[1])))])[shown, :64],
        "ZCA": _matrix(zca_whiten, X, eps, columns=64)[shown],
    }
    import matplotlib.pyplot as plt

    from dlopt import plotting

    plotting.use()
    figure, axes = plt.subplots(3, 8, figsize=(8, 3.4))
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        reach = float(np.quantile(np.abs(images), 0.98))  # one grey for 0 in all of a row, whatever stands out
        for ax, image in zip(line, images, strict=True):
            ax.imshow(image.reshape(8, 8), cmap="gray_r", vmin=-reach, vmax=reach)
            ax.set(xticks=[], yticks=[])
        line[0].set_ylabel(name)
    for ax in figure.axes:
        ax.tick_params(length=0)
    _show(
        axes[0, 0],
        "Eight handwritten digits in three rows. Top: as they come. Middle: their PCA-whitened coordinates, as pixels. "
        "Bottom: ZCA-whitened.",
    )


def _views(standardize: Function, pca_whiten: Function) -> tuple[dict[str, Array], Array]:
    """Return versions of the digits, and whether each is even (+1) or odd (−1)."""
    data = datasets.digits()
    X = data.x_train
    views = {
        "as they come": X,
        "centred": X - X.mean(axis=0),
        "standardized": _matrix(standardize, X, columns=64),
        "whitened": _matrix(pca_whiten, X),
    }
    return views, np.where(data.y_train % 2 == 0, 1.0, -1.0)


def _spectrum(regression_hessian: Function, X: Array) -> Array:
    """Return the eigenvalues of the student's Hessian, largest first, without those of pixels that never change."""
    H = np.asarray(regression_hessian(X), dtype=float)
    if H.shape != (X.shape[1], X.shape[1]) or not np.isfinite(H).all():
        raise ValueError(f"regression_hessian returned shape {H.shape} for X of shape {X.shape}. Run its check first.")
    eigenvalues = np.linalg.eigvalsh((H + H.T) / 2)[::-1]
    alive: Array = eigenvalues[eigenvalues > 1e-10 * eigenvalues[0]]
    return alive


@_picture
def curvatures(regression_hessian: Function, standardize: Function, pca_whiten: Function) -> None:
    """Draw the eigenvalues of the regression's Hessian for four versions of the digits.

    Parameters
    ----------
    regression_hessian : callable
        ``regression_hessian(X)`` → (D, D).
    standardize, pca_whiten : callable
        ``(X)`` → (Xs, mean, std) and (N, R).
    """
    views, _ = _views(standardize, pca_whiten)
    (ax,) = _axes(figsize=(7, 3.8))
    told = []
    for number, (name, X) in enumerate(views.items()):
        eigenvalues = _spectrum(regression_hessian, X)
        kappa = eigenvalues[0] / eigenvalues[-1] if eigenvalues.size else np.nan
        told.append(f"{name} κ = {kappa:.3g}")
        ax.semilogy(np.arange(1, len(eigenvalues) + 1), eigenvalues, color=f"C{number}", label=told[-1])
    ax.set(xlabel="eigenvalue number, largest first", ylabel="curvature λ", title="the Hessian of one regression")
    ax.legend(loc="lower left")
    _show(ax, f"Eigenvalues on a logarithmic axis, largest first, four curves: {', '.join(told)}.")


@_picture
def race(regression_gd: Function, regression_hessian: Function, standardize: Function, pca_whiten: Function) -> None:
    """Draw losses of gradient descent, even against odd digits, for four versions of the inputs.

    Parameters
    ----------
    regression_gd : callable
        ``regression_gd(X, y, lr, num_steps)`` → (num_steps+1,).
    regression_hessian : callable
        ``regression_hessian(X)`` → (D, D): each version gets the learning rate 1/λ_max.
    standardize, pca_whiten : callable
        ``(X)`` → (Xs, mean, std) and (N, R).
    """
    views, y = _views(standardize, pca_whiten)
    y, steps = y - y.mean(), 200
    (ax,) = _axes(figsize=(7, 3.8))
    told = []
    for number, (name, X) in enumerate(views.items()):
        lr = 1 / float(_spectrum(regression_hessian, X)[0])
        losses = np.asarray(regression_gd(X, y, lr, steps), dtype=float)
        if losses.shape != (steps + 1,):
            raise ValueError(f"regression_gd returned shape {losses.shape}, not {(steps + 1,)}. Run its check first.")
        told.append(f"{name} {losses[1]:.3f} after one step and {losses[-1]:.3f} after {steps}")
        ax.semilogx(np.arange(1, steps + 2), losses, color=f"C{number}", label=f"{name}, η = {lr:.3g}")
    ax.set(xlabel="steps taken, plus one", ylabel="loss", title="even or odd? Gradient descent from w = 0")
    ax.legend()
    _show(ax, f"Loss against steps, four curves: {'; '.join(told)}.")
