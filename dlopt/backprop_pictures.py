"""Pictures of problem set 8: a student's gradients against their own differences, and their network at work.

As in `dlopt.pictures`, everything shown comes from the student's functions, a stub makes a picture step aside with
one line, and nothing is drawn while grading. `dlopt.pictures` shares its frame with this module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.pictures import _axes, _picture, _show

__all__ = ["activations", "linear", "loss", "network", "step_sizes", "training"]

Array = NDArray[np.float64]
Function = Callable[..., Any]


class Probe:
    """Any block, dressed up as a network whose first parameter is the block's own input.

    That is what lets ``numerical_gradient`` check a block: it asks for ``forward`` and ``parameters`` only.

    Parameters
    ----------
    block : object
        With ``forward(x)``; None stands for the block that changes nothing.
    x : ndarray (N, D)
        Its input; copied.
    names : sequence of str
        Attributes of the block that are parameters too.

    Examples
    --------
    >>> probe = Probe(None, np.ones((2, 3)))
    >>> probe.parameters()[0] *= 2
    >>> probe.forward(None)[0]
    array([2., 2., 2.])
    """

    def __init__(self, block: Any, x: Array, names: Sequence[str] = ()) -> None:
        self.block, self.x = block, x.copy()
        self.arrays = [self.x, *(getattr(block, name) for name in names)]

    def forward(self, x: Any) -> Array:
        """Pass its own input through the block, whatever ``x`` is."""
        return self.x if self.block is None else np.asarray(self.block.forward(self.x))

    def parameters(self) -> list[Array]:
        """Return the input, then the block's parameters."""
        return self.arrays


def _pairs(numerical_gradient: Function, criterion: Function, block: Any, x: Array, names: Sequence[str]) -> Any:
    """Return the gradients at input and parameters, once by the student's backward, once by their differences."""
    y = np.eye(x.shape[1] if block is None else np.shape(block.forward(x))[1])
    y = y[np.arange(len(x)) % len(y)]
    by_differences = numerical_gradient(Probe(block, x, names), x, y)
    end = criterion()
    end.forward(x if block is None else block.forward(x), y)
    slope = end.backward()
    dx = slope if block is None else block.backward(slope)
    return [dx, *(getattr(block, f"grad_{name}") for name in names)], by_differences


def _gap(by_backward: Any, by_differences: Any) -> float:
    """Largest difference, relative to the largest entry."""
    a, b = np.ravel(by_backward), np.ravel(by_differences)
    if a.size != b.size:
        raise ValueError(f"backward gives {np.shape(by_backward)}, the differences give {np.shape(by_differences)}.")
    return float(np.max(np.abs(a - b)) / max(np.max(np.abs(b)), 1e-300))


def _against(ax: Any, title: str, by_backward: Any, by_differences: Any, number: int) -> str:
    """Draw one gradient against the other, and return what there is to see."""
    gap = _gap(by_backward, by_differences)
    a, b = np.ravel(by_differences), np.ravel(by_backward)
    low, high = min(a.min(), b.min()), max(a.max(), b.max())
    ax.plot([low, high], [low, high], color="C5", linewidth=0.8, linestyle=":")
    ax.plot(a, b, "os^Dv"[number % 5], color=f"C{number % 5}", markersize=5, linestyle="none")
    ax.set(title=f"{title}: off by {gap:.0e}", xlabel="by differences")
    return f"{title} off by {gap:.0e}"


def _compare(panels: Sequence[tuple[str, Any, Any]]) -> None:
    axes = _axes(len(panels), figsize=(3.1 * len(panels), 2.9))
    said = [_against(ax, *panel, number) for number, (ax, panel) in enumerate(zip(axes, panels, strict=True))]
    axes[0].set_ylabel("by your backward")
    _show(axes[0], "Gradients by backward against gradients by differences: " + "; ".join(said) + ".")


@_picture
def loss(numerical_gradient: Function, SoftmaxCrossEntropy: Function) -> None:
    """Draw the gradient of the student's loss against their differences of it.

    Parameters
    ----------
    numerical_gradient, SoftmaxCrossEntropy : callable
        The student's function and class.

    Examples
    --------
    >>> def numerical_gradient(mlp, x, y, h=1e-5):
    ...     raise NotImplementedError
    >>> loss(numerical_gradient, object)
    This picture draws itself once you have written numerical_gradient and SoftmaxCrossEntropy.
    """
    x = 2 * np.random.default_rng(1).normal(size=(4, 3))
    (mine,), (theirs,) = _pairs(numerical_gradient, SoftmaxCrossEntropy, None, x, ())
    _compare([("∂L/∂h", mine, theirs)])


@_picture
def linear(numerical_gradient: Function, SoftmaxCrossEntropy: Function, Linear: Function) -> None:
    """Draw the three gradients of the student's linear layer against their differences.

    Parameters
    ----------
    numerical_gradient, SoftmaxCrossEntropy, Linear : callable
        The student's function and classes.
    """
    rng = np.random.default_rng(2)
    mine, theirs = _pairs(
        numerical_gradient, SoftmaxCrossEntropy, Linear(4, 3, rng), rng.normal(size=(5, 4)), ("W", "b")
    )
    _compare(list(zip(("dx", "grad_W", "grad_b"), mine, theirs, strict=True)))


@_picture
def activations(
    numerical_gradient: Function, SoftmaxCrossEntropy: Function, ReLU: Function, Tanh: Function, Sigmoid: Function
) -> None:
    """Draw the student's activations and slopes, and say how far the slopes are from differences.

    Parameters
    ----------
    numerical_gradient, SoftmaxCrossEntropy, ReLU, Tanh, Sigmoid : callable
        The student's function and classes.
    """
    grid = np.linspace(-4, 4, 161)[:, None]
    probe = np.random.default_rng(3).normal(size=(4, 3))
    axes = _axes(3, figsize=(9.3, 2.9))
    said = []
    for ax, kind, name in zip(axes, (ReLU, Tanh, Sigmoid), ("ReLU", "tanh", "sigmoid"), strict=True):
        (mine,), (theirs,) = _pairs(numerical_gradient, SoftmaxCrossEntropy, kind(), probe, ())
        block = kind()
        ax.plot(grid, block.forward(grid), color="C0", label="forward")
        ax.plot(grid, block.backward(np.ones_like(grid)), color="C1", linestyle="--", label="backward of ones")
        ax.set(title=f"{name}: off by {_gap(mine, theirs):.0e}", xlabel="x", ylim=(-1.2, 2.2))
        said.append(f"{name} off by {_gap(mine, theirs):.0e}")
    axes[2].legend(loc="upper left")
    _show(axes[0], f"Activations and their slopes; against differences, {', '.join(said)}.")


@_picture
def network(numerical_gradient: Function, SoftmaxCrossEntropy: Function, MLP: Function) -> None:
    """Draw every gradient of a small network against the student's differences, layer by layer.

    Parameters
    ----------
    numerical_gradient, SoftmaxCrossEntropy, MLP : callable
        The student's function and classes.
    """
    mine, theirs = _network(numerical_gradient, SoftmaxCrossEntropy, MLP, 1e-5)
    names = ("W₁, b₁", "W₂, b₂", "W₃, b₃")
    _compare([(name, _joined(mine, k), _joined(theirs, k)) for k, name in enumerate(names)])


def _joined(gradients: Sequence[Array], layer: int) -> Array:
    return np.concatenate([np.ravel(g) for g in gradients[2 * layer : 2 * layer + 2]])


def _network(numerical_gradient: Function, criterion: Function, MLP: Function, h: float) -> tuple[Any, Any]:
    """Return both kinds of gradients of one small network."""
    rng = np.random.default_rng(4)
    net, x, y = MLP([5, 6, 4, 3], "tanh", rng), rng.normal(size=(8, 5)), np.eye(3)[np.arange(8) % 3]
    end = criterion()
    end.forward(net.forward(x), y)
    net.backward(end.backward())
    return [np.array(g) for g in net.gradients()], numerical_gradient(net, x, y, h)


@_picture
def step_sizes(numerical_gradient: Function, SoftmaxCrossEntropy: Function, MLP: Function) -> None:
    """Draw the error of the student's differences against the step h, on logarithmic axes.

    Parameters
    ----------
    numerical_gradient, SoftmaxCrossEntropy, MLP : callable
        The student's function and classes; backpropagation gives the gradients that count as exact.
    """
    steps = np.logspace(-11, 0, 34)
    errors = []
    for h in steps:
        mine, theirs = _network(numerical_gradient, SoftmaxCrossEntropy, MLP, float(h))
        errors.append(_gap(np.concatenate([g.ravel() for g in mine]), np.concatenate([g.ravel() for g in theirs])))
    best = int(np.argmin(errors))
    (ax,) = _axes(1, figsize=(5.5, 3.3))
    ax.loglog(steps, errors, "o-", color="C0", markersize=3.5)
    ax.plot(steps[best], errors[best], "*", color="C1", markersize=13)
    ax.annotate(f"best h ≈ {steps[best]:.0e}", (steps[best], errors[best]), (0, -14), textcoords="offset points")
    ax.set(xlabel="step h", ylabel="relative error", title="the error of your differences")
    ax.margins(y=0.15)
    _show(ax, f"Error of the differences over the step: smallest, {errors[best]:.0e}, at h = {steps[best]:.0e}.")


@_picture
def training(train: Function, MLP: Function) -> None:
    """Train the student's network on the digits; draw its losses and the test images it finds hardest.

    Parameters
    ----------
    train, MLP : callable
        The student's function and class.
    """
    from dlopt.datasets import digits

    data = digits()
    net = MLP([64, 64, 10], "relu", np.random.default_rng(8))
    losses = train(net, data.x_train, data.y_train, 60, 32, 0.5, np.random.default_rng(8))
    outputs = np.asarray(net.forward(data.x_test))
    said = outputs.argmax(axis=1)
    share = float(np.mean(said == data.y_test))
    others = np.where(np.eye(10, dtype=bool)[data.y_test], -np.inf, outputs).max(axis=1)
    hardest = np.argsort(outputs[np.arange(len(said)), data.y_test] - others)[:12]
    left, right = _axes(2, figsize=(9, 3.3))
    left.semilogy(np.arange(1, len(losses) + 1), np.maximum(losses, 1e-6), color="C0")
    left.set(title="your epoch losses", xlabel="epoch", ylabel="mean cross-entropy met")
    tiles = data.x_test[hardest].reshape(3, 4, 8, 8)
    framed = np.pad(tiles, ((0, 0), (0, 0), (3, 1), (1, 1))).transpose(0, 2, 1, 3).reshape(36, 40)
    right.imshow(framed, cmap="gray_r", interpolation="nearest")
    for number, index in enumerate(hardest):
        row, column = divmod(number, 4)
        text = f"{data.y_test[index]} read as {said[index]}"
        right.text(10 * column + 5, 12 * row + 1.3, text, ha="center", va="center", fontsize=7, color="C5")
    right.set(title=f"{share:.1%} of 450 test digits right; the hardest", xticks=[], yticks=[])
    _show(
        left,
        f"Losses fall from {losses[0]:.2g} to {losses[-1]:.2g} in 60 epochs; {share:.1%} of the test digits right.",
    )
