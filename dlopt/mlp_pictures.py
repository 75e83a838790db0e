"""Pictures of problem set 9: a student's networks in torch, their training, and what eval mode is good for.

As in `dlopt.pictures`, everything shown comes from the student's functions, a stub makes a picture step aside with
one line, and nothing is drawn while grading. `dlopt.pictures` shares its frame with this module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.pictures import _axes, _picture, _show

__all__ = ["company", "depth", "race", "reading"]

Array = NDArray[np.float64]
Function = Callable[..., Any]

DEEP = [64] * 13 + [10]
RACERS = {"sgd": 0.1, "adam": 0.003, "rmsprop": 0.003, "adagrad": 0.03}  #: each with a step size that suits it
EPOCHS = 12


def _signal(model: Any, X: Array) -> list[float]:
    """Return the standard deviation of what each linear layer receives, units that never vary left out."""
    import torch

    widths: list[float] = []

    def note(layer: Any, args: tuple[Any, ...]) -> None:
        widths.append(float(args[0].std(dim=0).mean()))

    for layer in model.modules():
        if isinstance(layer, torch.nn.Linear):
            layer.register_forward_pre_hook(note)
    with torch.no_grad():
        model.train()(torch.as_tensor(X, dtype=next(model.parameters()).dtype))
    if not widths:
        raise ValueError("build_mlp returned a model without linear layers. Run its check first.")
    return widths


@_picture
def depth(build_mlp: Function) -> None:
    """Draw how much of the differences between images is left before each layer of a deep network, untrained.

    Parameters
    ----------
    build_mlp : callable
        The student's function; it is asked for the network with and without batch normalization.

    Examples
    --------
    >>> def build_mlp(sizes, activation="relu", batch_norm=False):
    ...     raise NotImplementedError
    >>> depth(build_mlp)
    This picture draws itself once you have written build_mlp.
    """
    import torch

    from dlopt.datasets import digits

    torch.manual_seed(9)
    X = digits().x_train[:256]
    signals = [_signal(build_mlp(list(DEEP), "relu", norm), X) for norm in (False, True)]
    (ax,) = _axes(1, figsize=(6, 3.3))
    for signal, name, look in zip(signals, ("without", "with"), ("o-", "s--"), strict=True):
        ax.semilogy(np.arange(1, len(signal) + 1), np.maximum(signal, 1e-12), look, label=f"{name} batch normalization")
    ax.set(xlabel="linear layer", ylabel="spread over the images", title="what each layer receives, before training")
    ax.legend()
    plain, normed = signals
    _show(
        ax,
        f"Spread over the images at the inputs of {len(plain)} linear layers: without batch normalization it goes "
        f"from {plain[0]:.2g} to {plain[-1]:.1e}, with it from {normed[0]:.2g} to {normed[-1]:.2g}.",
    )


@_picture
def race(build_mlp: Function, train_epoch: Function) -> None:
    """Train the same network on the digits with each of the four optimizers, and draw the epochs' losses.

    Parameters
    ----------
    build_mlp, train_epoch : callable
        The student's functions.
    """
    import torch

    from dlopt.datasets import digits

    data = digits()
    (ax,) = _axes(1, figsize=(6, 3.5))
    said = []
    for (name, lr), look in zip(RACERS.items(), ("o-", "s--", "^-.", "D:"), strict=True):
        torch.manual_seed(9)
        model = build_mlp([64, 64, 10])
        losses = [float(train_epoch(model, data.x_train, data.y_train, name, lr, 32, epoch)) for epoch in range(EPOCHS)]
        ax.semilogy(np.arange(1, EPOCHS + 1), np.maximum(losses, 1e-9), look, markersize=4, label=f"{name}, lr {lr:g}")
        said.append(f"{name} {losses[-1]:.2g}")
    ax.set(xlabel="epoch", ylabel="mean loss met", title="the same start, the same batches, four optimizers")
    ax.legend()
    _show(ax, f"Losses of the four optimizers over {EPOCHS} epochs on the digits; in the last: {', '.join(said)}.")


def _in_train_mode(model: Any, X: Array, labels: Any, size: int) -> float:
    """Share read right when the images are shown in train mode, so many at a time; the model is left as it was."""
    import copy

    import torch

    asked = copy.deepcopy(model).train()
    x = torch.as_tensor(X, dtype=next(asked.parameters()).dtype)
    with torch.no_grad():
        said = torch.cat([asked(x[k : k + size]).argmax(dim=1) for k in range(0, len(x), size)])
    return float(np.mean(said.numpy() == labels))


@_picture
def company(build_mlp: Function, train_epoch: Function, evaluate: Function) -> None:
    """Draw how many test images a network with batch normalization reads in train mode, by the company they are in.

    Parameters
    ----------
    build_mlp, train_epoch, evaluate : callable
        The student's functions; what eval mode gives is ``evaluate``'s answer.
    """
    import torch

    from dlopt.datasets import digits

    data, sizes = digits(), np.array([2, 3, 5, 9, 18, 45, 90, 225, 450])
    torch.manual_seed(9)
    model = build_mlp([64, 64, 64, 10], "relu", True)
    for epoch in range(EPOCHS):
        train_epoch(model, data.x_train, data.y_train, "adam", 0.003, 64, epoch)
    in_use = float(evaluate(model, data.x_test, data.y_test))
    orders = {"as they come": np.arange(450), "sorted by digit": np.argsort(data.y_test, kind="stable")}
    (ax,) = _axes(1, figsize=(6, 3.5))
    ax.axhline(in_use, color="C2", label="evaluate: eval mode")
    said = []
    for (name, order), look in zip(orders.items(), ("o--", "s-."), strict=True):
        shares = [_in_train_mode(model, data.x_test[order], data.y_test[order], int(size)) for size in sizes]
        ax.semilogx(sizes, shares, look, markersize=4, label=f"train mode, {name}")
        said.append(f"{name} {shares[0]:.0%} in twos, {shares[3]:.0%} in nines, {shares[-1]:.0%} all at once")
    ax.set(xlabel="test images per batch", ylabel="share read right", title="the same network, other company")
    ax.legend(loc="lower right")
    _show(ax, f"Share of the test digits read right: in eval mode {in_use:.1%}; in train mode, {'; '.join(said)}.")


@_picture
def reading(fit: Function, evaluate: Function) -> None:
    """Fit the digits; draw the test images that the model finds hardest, and how sure it is of its answers.

    Parameters
    ----------
    fit, evaluate : callable
        The student's functions.
    """
    import torch

    from dlopt.datasets import digits

    data = digits()
    model = fit(data.x_train, data.y_train, 9)
    share = float(evaluate(model, data.x_test, data.y_test))
    with torch.no_grad():
        dtype = next((p.dtype for p in model.parameters()), torch.float32)
        sure = torch.softmax(model.eval()(torch.as_tensor(data.x_test, dtype=dtype)), dim=1).double().numpy()
    said, own = sure.argmax(axis=1), sure[np.arange(450), data.y_test]
    left, right = _axes(2, figsize=(9, 3.3))
    right_ones = said == data.y_test
    bins = np.linspace(0, 1, 21)
    left.hist([sure.max(axis=1)[right_ones], sure.max(axis=1)[~right_ones]], bins, label=["read right", "read wrong"])
    left.set(yscale="log", xlabel="probability of its answer", ylabel="test images", title="how sure it is")
    left.legend(loc="upper left")
    hardest = np.argsort(own, kind="stable")[:12]
    _tiles(right, data.x_test[hardest], [f"{data.y_test[i]} read as {said[i]}" for i in hardest])
    right.set(title=f"{share:.1%} of 450 test digits right; the hardest", xticks=[], yticks=[])
    wrong = sure.max(axis=1)[~right_ones]
    mistakes = f"{len(wrong)} are read wrong, with a probability of {wrong.mean():.2f} on average" if len(wrong) else ""
    _show(left, f"{share:.1%} of the test digits are read right; {mistakes or 'none is read wrong'}.")


def _tiles(ax: Any, images: Array, words: list[str]) -> None:
    """Show twelve images in three rows, each with its words above."""
    framed = np.pad(images.reshape(3, 4, 8, 8), ((0, 0), (0, 0), (3, 1), (1, 1))).transpose(0, 2, 1, 3)
    ax.imshow(framed.reshape(36, 40), cmap="gray_r", interpolation="nearest")
    for number, text in enumerate(words):
        row, column = divmod(number, 4)
        ax.text(10 * column + 5, 12 * row + 1.3, text, ha="center", va="center", fontsize=7, color="C5")
