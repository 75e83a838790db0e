"""Pictures of problem set 1: probabilities, prices and slopes of a student's losses, and what can be learned with them.

As in `dlopt.pictures`, everything shown comes from the student's functions, a stub makes a picture step aside with
one line, and nothing is drawn while grading. `dlopt.pictures` shares its frame with this module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.pictures import _axes, _picture, _show

__all__ = ["digits", "prices", "saturation", "slopes", "spoiler"]

Array = NDArray[np.float64]
Function = Callable[..., Any]


@_picture
def saturation(softmax: Function) -> None:
    """Draw the probabilities of three classes while one logit pulls away from the other two.

    Parameters
    ----------
    softmax : callable
        ``softmax(h)``: (N, 3) → (N, 3).

    Examples
    --------
    >>> def softmax(h):
    ...     raise NotImplementedError
    >>> saturation(softmax)
    This picture draws itself once you have written softmax.
    """
    gaps = np.linspace(0, 20, 81)
    f = np.asarray(softmax(np.column_stack([gaps, 0 * gaps, 0 * gaps - 1])), dtype=float)
    left, right = _axes(2, figsize=(9, 3.1))
    for ax in (left, right):
        for k, style in enumerate(("-", "--", ":")):
            ax.plot(gaps, f[:, k], linestyle=style, color=f"C{k}", label=f"h = {('gap', '0', '−1')[k]}")
        ax.set(xlabel="gap between the first logit and the second")
    left.set(title="your probabilities", ylabel="f")
    right.set(title="the same on a logarithmic axis", yscale="log")
    left.legend()
    _show(
        left,
        f"Three probabilities against the gap: the first rises to {f[-1, 0]:.6f}, the others fall as straight lines.",
    )


@_picture
def prices(cross_entropy: Function) -> None:
    """Draw the loss of one sample with two classes against its logit, for a one-hot and for a soft target.

    Parameters
    ----------
    cross_entropy : callable
        ``cross_entropy(h, y)`` → float.
    """
    margins = np.linspace(-8, 8, 161)
    said = []
    (ax,) = _axes(1, figsize=(5.8, 3.3))
    for share, style in ((1.0, "-"), (0.9, "--")):
        y = np.array([[share, 1 - share]])
        losses = np.array([float(cross_entropy(np.array([[m, 0.0]]), y)) for m in margins])
        best = int(np.argmin(losses))
        ax.plot(margins, losses, linestyle=style, label=f"target ({share:g}, {1 - share:.1g})")
        ax.plot(margins[best], losses[best], "*", color="C1", markersize=12)
        said.append(f"for target share {share:g} the lowest, {losses[best]:.3f}, is at {margins[best]:.1f}")
    ax.set(title="your cross-entropy of one sample", xlabel="logit of the first class (the other is 0)", ylabel="loss")
    ax.legend()
    _show(ax, f"Two curves of the loss against the logit: {'; '.join(said)}.")


@_picture
def digits(one_hot: Function, softmax: Function, cross_entropy: Function, cross_entropy_grad: Function) -> None:
    """Fit a linear classifier to the digits with the student's loss and gradient; draw the loss and the ten templates.

    Parameters
    ----------
    one_hot, softmax, cross_entropy, cross_entropy_grad : callable
        The student's functions.
    """
    try:
        from dlopt.datasets import digits as load

        data = load()
    except ImportError:
        print("This picture needs the digits that come with scikit-learn: pip install scikit-learn, and run it again.")
        return
    X, y = data.x_train, one_hot(data.y_train, 10)
    W, losses = np.zeros((10, 64)), []
    for _ in range(150):
        h = X @ W.T
        losses.append(float(cross_entropy(h, y)))
        W -= np.asarray(cross_entropy_grad(h, y)).T @ X
    f = np.asarray(softmax(data.x_test @ W.T))
    share = float(np.mean(f.argmax(axis=1) == data.y_test))
    left, right = _axes(2, figsize=(9, 3.1))
    left.plot(losses, color="C0")
    left.axhline(np.log(10), color="C5", linestyle=":", linewidth=0.8)
    left.annotate("log 10", (150, np.log(10)), (0, -10), textcoords="offset points", ha="right")
    left.set(title="your loss", xlabel="step of gradient descent", ylabel="cross-entropy", ylim=(0, None))
    tiles = np.pad(W.reshape(2, 5, 8, 8), ((0, 0), (0, 0), (1, 1), (1, 1))).transpose(0, 2, 1, 3).reshape(20, 50)
    size = np.abs(tiles).max()
    right.imshow(tiles, cmap="RdBu_r", vmin=-size, vmax=size, interpolation="nearest")
    right.set(title=f"weights of 0…4 and 5…9; {share:.1%} of test digits right", xticks=[], yticks=[])
    _show(left, f"The loss falls from {losses[0]:.2f} to {losses[-1]:.2f}; {share:.1%} of the test digits are right.")


@_picture
def slopes(
    softmax: Function, softmax_jacobian: Function, mse: Function, mse_grad: Function, cross_entropy_grad: Function
) -> None:
    """Draw how hard two losses pull at the logit of the right class, from quite wrong to quite right.

    Parameters
    ----------
    softmax, softmax_jacobian, mse, mse_grad, cross_entropy_grad : callable
        The student's functions.
    """
    margins = np.linspace(-12, 8, 101)
    y = np.array([[1.0, 0.0]])
    entropy, squared, losses = [], [], []
    for m in margins:
        h = np.array([[m, 0.0]])
        f = np.asarray(softmax(h))
        losses.append(float(mse(f, y)))
        squared.append(float((np.asarray(mse_grad(f, y)) @ np.asarray(softmax_jacobian(h[0])))[0, 0]))
        entropy.append(float(np.asarray(cross_entropy_grad(h, y))[0, 0]))
    left, right = _axes(2, figsize=(9, 3.1))
    left.plot(margins, losses, color="C1", linestyle="--")
    left.set(title="your squared error of the softmax", ylabel="loss")
    right.plot(margins, entropy, color="C0", label="cross-entropy")
    right.plot(margins, squared, color="C1", linestyle="--", label="squared error")
    right.set(title="∂L/∂h of the right class", ylabel="slope")
    right.legend()
    for ax in (left, right):
        ax.set(xlabel="how far the right class is ahead")
    _show(
        right,
        f"Slopes against the margin. At −12 the cross-entropy pulls with {entropy[0]:.3f}, "
        f"the squared error with {squared[0]:.1e}.",
    )


@_picture
def spoiler(perceptron: Function) -> None:
    """Draw the perceptron's line for three easy points and a far fourth one, after 1, 4 and 1000 epochs.

    Parameters
    ----------
    perceptron : callable
        ``perceptron(X, t, max_epochs)`` → (3,), the bias last.
    """
    X, t = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -8.0]]), np.array([1.0, 1.0, -1.0, 1.0])
    axes = _axes(3, figsize=(9.6, 3.4), sharey=True)
    grid = np.array([-5.0, 5.0])
    said = []
    for ax, epochs in zip(axes, (1, 4, 1000), strict=True):
        w = np.asarray(perceptron(X, t, epochs), dtype=float)
        missed = int(np.count_nonzero(t * (X @ w[:2] + w[2]) <= 0))
        for sign, marker in ((1.0, "+"), (-1.0, "_")):
            ax.plot(*X[t == sign].T, marker, color="C5", markersize=12, markeredgewidth=2.5, linestyle="none")
        if abs(w[1]) > 1e-12:
            ax.plot(grid, -(w[0] * grid + w[2]) / w[1], color="C0")
        elif w[0]:
            ax.axvline(-w[2] / w[0], color="C0")
        ax.set(title=f"max_epochs = {epochs}: {missed} wrong", xlim=(-5, 5), ylim=(-10, 4), xlabel="x₁")
        said.append(f"{missed} wrong with max_epochs = {epochs}")
    axes[0].set_ylabel("x₂")
    _show(axes[0], f"Four points, one far below the others, and the perceptron's line: {', '.join(said)}.")
