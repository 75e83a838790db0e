"""What stands beside a student's code while it is tried: models of known numbers, and one who takes notes.

Self-contained, numpy and torch only: `dlopt.checks.inside` may run this source where the student's code lives. Tensors
and modules stay there; what these functions return is plain data.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

__all__ = ["Notes", "anatomy", "as_tensor", "numbers_of", "place_luck", "predict", "reference", "write"]

Array = NDArray[Any]
DTYPES = {"float32": torch.float32, "float64": torch.float64, "int64": torch.int64}


def reference(kind: str, sizes: list[int]) -> nn.Sequential:
    """Build a network with tanh: "plain", with batch normalization ("norm") or with "dropout" behind each tanh."""
    extra = {"plain": ([], []), "norm": ([nn.BatchNorm1d], []), "dropout": ([], [nn.Dropout])}[kind]
    stack: list[nn.Module] = []
    for number, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        stack.append(nn.Linear(fan_in, fan_out))
        if number < len(sizes) - 2:
            stack += [*(norm(fan_out) for norm in extra[0]), nn.Tanh(), *(drop(0.5) for drop in extra[1])]
    return nn.Sequential(*stack)


def numbers_of(model: nn.Module) -> list[torch.Tensor]:
    """Return what a model remembers: its parameters and running statistics, layer by layer."""
    return [tensor for name, tensor in model.state_dict().items() if not name.endswith("num_batches_tracked")]


def write(model: nn.Module, arrays: list[Array]) -> bool:
    """Write known numbers into a model, and say whether they fit."""
    tensors = numbers_of(model)
    if [tuple(t.shape) for t in tensors] != [np.shape(a) for a in arrays]:
        return False
    with torch.no_grad():
        for tensor, array in zip(tensors, arrays, strict=True):
            tensor.copy_(torch.tensor(array))
    return True


def as_tensor(array: Array, dtype: str) -> torch.Tensor:
    """Return a tensor with these numbers."""
    return torch.tensor(array, dtype=DTYPES[dtype])


def place_luck(place: int) -> None:
    """Leave torch's global generator somewhere else: what follows it without a seed comes out another way."""
    torch.manual_seed(place)


def _plain(tensor: Any) -> Array:
    """Copy a tensor's numbers; whatever is no tensor has none."""
    if not isinstance(tensor, torch.Tensor):
        return np.empty(0)
    return np.array(tensor.detach().cpu().to(torch.float64).numpy())


class Notes:
    """Fills a model with known numbers and notes what it is used for.

    Parameters
    ----------
    model : Module
        Its forward pass is watched from now on.
    arrays : list of ndarray
        For `write`.
    dtype : str
        What the model is converted to.
    training : bool
        The mode in which it is handed over.

    Attributes
    ----------
    fits : bool
        Whether the numbers fit; if not, nothing else is here.
    batches, outputs : list of ndarray
        Inputs and outputs of those forward passes that a gradient came back to, in the order of the backward passes.
    modes, used : list of bool
        Whether every layer was in train mode, in these passes and in all; None where layers differ.
    tracked : list of bool
        Whether the outputs of each pass carried a graph.
    """

    def __init__(self, model: Any, arrays: list[Array], dtype: str, training: bool) -> None:
        self.model = model
        self.batches: list[Array] = []
        self.outputs: list[Array] = []
        self.modes: list[bool | None] = []
        self.used: list[bool | None] = []
        self.tracked: list[bool] = []
        self.fits = isinstance(model, nn.Module) and write(model.to(DTYPES[dtype]), arrays)
        if self.fits:
            model.train(training)
            model.register_forward_hook(self._note)

    def _note(self, model: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        mode, batch, given = self.mode(), _plain(args[0]) if args else np.empty(0), _plain(output)
        self.used.append(mode)
        self.tracked.append(bool(getattr(output, "requires_grad", False)))

        def came_back(gradient: torch.Tensor) -> None:
            self.batches.append(batch)
            self.outputs.append(given)
            self.modes.append(mode)

        if self.tracked[-1]:
            output.register_hook(came_back)

    def mode(self) -> bool | None:
        """Return True where every layer is in train mode, False where none is, None where they differ."""
        found = {module.training for module in self.model.modules()}
        return found.pop() if len(found) == 1 else None

    def numbers(self) -> list[Array]:
        """Return copies of the model's parameters and running statistics."""
        return [_plain(tensor) for tensor in numbers_of(self.model)]

    def dtype(self) -> str:
        """Return the dtype of the model's numbers."""
        return str(numbers_of(self.model)[0].dtype).removeprefix("torch.")

    def told(self) -> list[Any]:
        """Return all there is to know in one go: numbers, dtype, mode, used, tracked, batches, outputs, modes."""
        lists: list[list[Any]] = [self.used, self.tracked, self.batches, self.outputs, self.modes]
        return [self.numbers(), self.dtype(), self.mode(), *([*one] for one in lists)]


def predict(model: Any, X: Array) -> Array:
    """Return a trained model's outputs as `evaluate` would ask for them: eval mode, no graph, the model's dtype."""
    if isinstance(model, nn.Module):
        model.eval()
    with torch.no_grad():
        outputs = model(torch.tensor(X, dtype=_dtype(model)))
    return _plain(outputs) if isinstance(outputs, torch.Tensor) else np.asarray(outputs, dtype=np.float64)


def _dtype(model: Any) -> torch.dtype:
    """Return the dtype of a model's parameters."""
    parameters = model.parameters() if isinstance(model, nn.Module) else ()
    return next((p.dtype for p in parameters if p.is_floating_point()), torch.float32)


def anatomy(model: Any, X: Array, seed: int) -> dict[str, Any]:
    """Take a model apart: its layers in order, filled with random numbers, and what it then makes of ``X``.

    Returns
    -------
    dict
        "sequential"; "linear", "norm" (lists of lists of arrays: weight and bias; weight, bias, mean, variance and ε),
        "other" (names of layers with parameters that are neither); "eval", "train": the outputs in both modes.
    """
    found: dict[str, Any] = {"sequential": isinstance(model, nn.Sequential), "linear": [], "norm": [], "other": []}
    if not isinstance(model, nn.Module):
        return found
    with torch.no_grad():
        model.eval()(torch.tensor(X, dtype=_dtype(model)))  # lazy layers get their sizes
        model.double()
        rng = np.random.default_rng(seed)
        for layer in model.modules():
            kind = _kind(layer)
            if kind == "other":
                found["other"].append(type(layer).__name__)
            elif kind:
                found[kind].append(_filled(layer, kind, rng))
        x = torch.tensor(X)
        found["eval"] = _plain(model.eval()(x))
        found["train"] = _plain(model.train()(x))
    return found


def _kind(layer: nn.Module) -> str:
    """Tell what a layer is by what it holds."""
    own = [p for p in layer.parameters(recurse=False) if p is not None]
    if "running_mean" in dict(layer.named_buffers(recurse=False)) or isinstance(layer, nn.BatchNorm1d):
        return "norm"
    if any(p.ndim == 2 for p in own):
        return "linear"
    return "other" if own else ""


def _filled(layer: nn.Module, kind: str, rng: np.random.Generator) -> list[Array]:
    """Fill one layer with random numbers, and return them; an empty array stands for what it does not have."""
    if kind == "linear":
        own = list(layer.parameters(recurse=False))
        tensors = [next((p for p in own if p.ndim == axes), None) for axes in (2, 1)]
    else:
        tensors = [getattr(layer, name, None) for name in ("weight", "bias", "running_mean", "running_var")]
    for number, tensor in enumerate(tensors):
        if tensor is not None:
            drawn = rng.normal(size=tuple(tensor.shape))
            tensor.copy_(torch.tensor(np.exp(0.5 * drawn) if number == 3 else drawn))
    return [*(_plain(t) for t in tensors), *([np.array(getattr(layer, "eps", 0.0))] * (kind == "norm"))]
