"""The network as a stack of layers (row H4), judged by what it computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.inside import inside
from dlopt.checks.ps9_mlp_torch._cases import agrees, canonical, generator, of_seed
from dlopt.checks.ps9_mlp_torch._inside import anatomy

__all__ = ["build_mlp"]

Array = NDArray[np.float64]

build_mlp = Exercise("build_mlp", ("sizes", "activation", "batch_norm"), canonical=canonical)

Curve = Callable[[torch.Tensor], torch.Tensor]
CURVES: dict[str, Curve] = {"relu": torch.relu, "tanh": torch.tanh}
ENDS: dict[str, tuple[Curve, ...]] = {
    "an activation": (torch.relu, torch.tanh, torch.sigmoid),
    "a softmax": (lambda z: torch.softmax(z, 1), lambda z: torch.log_softmax(z, 1)),
}


@dataclass(frozen=True)
class Body:
    """A model taken apart, and what it was asked to be."""

    sizes: list[int]
    activation: str
    norm: bool
    X: Array
    found: dict[str, Any]

    @property
    def linear(self) -> list[list[Array]]:
        """Weight and bias of every linear layer, in order; the bias may be empty."""
        return list(self.found["linear"])

    def expected(self, *, training: bool, after: bool = False) -> torch.Tensor:
        """Compute what these layers give in the right order, or with the normalization after the activation."""
        x, curve = torch.tensor(self.X), CURVES[self.activation]
        for number, (W, b) in enumerate(self.linear):
            x = functional.linear(x, torch.tensor(W), torch.tensor(b) if b.size else None)
            if number < len(self.linear) - 1:
                x = curve(x) if after else x
                x = self._normalized(x, number, training) if self.norm else x
                x = x if after else curve(x)
        return x

    def _normalized(self, x: torch.Tensor, number: int, training: bool) -> torch.Tensor:
        *arrays, eps = self.found["norm"][number]
        weight, bias, mean, var = (torch.tensor(a) if a.size else None for a in arrays)
        if mean is None or var is None:
            training = True  # a layer that keeps no running statistics
        elif training:
            mean, var = mean.clone(), var.clone()
        return functional.batch_norm(x, mean, var, weight, bias, training, 0.1, float(eps))

    def plain(self) -> list[Any]:
        """Say what does not depend on how the layers are named."""
        layers = [[list(np.shape(a)) for a in layer] for layer in (*self.linear, *self.found["norm"])]
        outputs = [self.found.get(mode, np.empty(0)) for mode in ("eval", "train")]
        return [self.found["sequential"], layers, self.found["other"], *outputs]


def take_apart(candidate: Any, sizes: list[int], options: dict[str, Any], X: Array, seed: int) -> Body:
    """Build a model, fill it with numbers and see what it computes."""
    wanted = list(sizes)
    model = candidate(sizes, **options)
    found = inside(candidate, anatomy)(model, X, seed)
    return Body(wanted, options.get("activation", "relu"), options.get("batch_norm", False), X, found)


# --- cases


def _case(seed: int, number: int, sizes: tuple[int, ...], **options: Any) -> Case:
    rng = generator(seed, number)
    X = rng.normal(size=(7, sizes[0]))
    words = "".join(f", {name}={value!r}" for name, value in options.items())
    args = ([*sizes], options, X, seed)
    return Case(args, f"sizes {list(sizes)}{words}, 7 samples", scenario=take_apart)


@of_seed
def _relu(seed: int) -> list[Case]:
    return [
        _case(seed, 0, (3, 5, 2)),
        _case(seed, 1, (4, 6, 5, 3)),
        _case(seed, 2, (1, 4, 1), activation="relu"),
        _case(seed, 3, (2, 6, 6, 6, 6, 4)),
    ]


@of_seed
def _tanh(seed: int) -> list[Case]:
    return [_case(seed, 4, (3, 5, 4, 2), activation="tanh")]


@of_seed
def _shallow(seed: int) -> list[Case]:
    none = _case(seed, 5, (4, 3)), _case(seed, 6, (3, 4), activation="tanh"), _case(seed, 7, (2, 3), batch_norm=True)
    return [*none, _relu(seed)[0], *_tanh(seed)]


@of_seed
def _norm(seed: int) -> list[Case]:
    return [
        _case(seed, 8, (3, 5, 2), batch_norm=True),
        _case(seed, 9, (4, 6, 6, 3), activation="tanh", batch_norm=True),
    ]


# --- properties


def _layers(got: Body) -> None:
    """Ask for one linear layer per step of sizes."""
    if "eval" not in got.found:
        raise Failure("The result should be a model; it is not a torch.nn.Module.", _none(got))
    wanted = [(b, a) for a, b in zip(got.sizes, got.sizes[1:], strict=False)]
    shapes = [np.shape(W) for W, _ in got.linear]
    if len(shapes) != len(wanted):
        twice = "A layer that stands in two places has one set of weights: each place needs a layer of its own."
        few = len(shapes) < len(wanted) and got.sizes[1:-1] and len({*got.sizes[1:-1]}) == 1 and len(wanted) > 2
        message = f"sizes {got.sizes} make {len(wanted)} linear layers; there are {len(shapes)}."
        raise Failure(message, twice if few else "")
    for number, (shape, want) in enumerate(zip(shapes, wanted, strict=True)):
        if shape != want:
            message = f"The weight of linear layer {number} should have shape {want} (out, in); it has {shape}."
            raise Failure(message)


def _none(got: Body) -> str:
    return "" if got.found["sequential"] else "nn.Sequential makes one of layers."


def _norms(got: Body) -> None:
    """Ask for one normalization per hidden layer, where there should be any."""
    if got.found["other"]:
        raise Failure(f"There is a layer of type {got.found['other'][0]}, which is not asked for.")
    wanted = got.sizes[1:-1] if got.norm else []
    have = [next((a.size for a in layer if a.ndim == 1 and a.size), 0) for layer in got.found["norm"]]
    if len(have) != len(wanted):
        message = f"sizes {got.sizes} have {len(wanted)} hidden layers to normalize"
        message = message if got.norm else "No batch normalization is asked for"
        shared = 0 < len(have) < len(wanted) and len(set(wanted)) < len(wanted)
        clue = "A layer that stands in two places counts once: each place needs one of its own." if shared else ""
        clue = "Is there one for the inputs or the outputs?" if len(have) > len(wanted) else clue
        raise Failure(f"{message}; the model has {len(have)} layers that normalize.", clue)
    if any(size not in (0, want) for size, want in zip(have, wanted, strict=True)):
        raise Failure(f"The hidden layers have {wanted} units; the normalizations are made for {have}.")


def _outputs(got: Body, mode: str) -> None:
    """Compare what the model computes, whatever it may do after the last layer."""
    _layers(got)
    _norms(got)
    if mode == "eval" and any(not mean.size for _, _, mean, *_ in got.found["norm"]):
        raise Failure("A normalization keeps no running statistics.", "In eval mode there is nothing else to go by.")
    want = got.expected(training=mode == "train")
    have = got.found[mode]
    others = [end(want) for ends in ENDS.values() for end in ends]
    if any(agrees(expect.close, have, other) for other in others):
        return  # another line's business
    with expect.known(_guess, got, have, mode):
        expect.close(have, want, f"The output in {mode} mode")


def _guess(got: Body, have: Array, mode: str) -> str:
    """Name the order of layers that would explain an output."""
    training = mode == "train"
    if got.norm and agrees(expect.close, have, got.expected(training=training, after=True)):
        return "That is what the normalization gives behind the activation instead of before it."
    if got.norm and mode == "eval" and agrees(expect.close, have, got.expected(training=True)):
        return "That is what the batch's own statistics give: in eval mode the running ones are used."
    for name, curve in CURVES.items():
        other = Body(got.sizes, name, got.norm, got.X, got.found)
        if curve is not CURVES[got.activation] and agrees(expect.close, have, other.expected(training=training)):
            return f"That is what {name} gives."
    x = torch.tensor(got.X)
    for W, b in got.linear:
        x = functional.linear(x, torch.tensor(W), torch.tensor(b) if b.size else None)
    return "That is what the linear layers give with nothing between them." if agrees(expect.close, have, x) else ""


@build_mlp.prop(points=0.25, cases=_relu, hint="nn.Sequential takes layers, not a list: a star unpacks one.")
def build_type(case: Case, got: Body) -> None:
    """Returns a torch.nn.Sequential"""
    if not got.found["sequential"]:
        raise Failure("The result is not a torch.nn.Sequential.")


@build_mlp.prop(points=0.5, cases=_relu, hint="Three numbers make two layers, each from one number to the next.")
def build_layers(case: Case, got: Body) -> None:
    """One linear layer from each size to the next, with parameters of its own"""
    _layers(got)


@build_mlp.prop(points=1, cases=_relu, hint="What stands between two linear layers, and what behind the last?")
def build_relu(case: Case, got: Body) -> None:
    """ReLU between the layers, and nothing else, if no more is said"""
    _outputs(got, "eval")
    _outputs(got, "train")


@build_mlp.prop(points=0.25, cases=_tanh, hint="The argument activation says which.")
def build_tanh(case: Case, got: Body) -> None:
    """With activation='tanh', tanh between the layers"""
    _outputs(got, "eval")


@build_mlp.prop(
    points=0.5,
    cases=_shallow,
    hint="The outputs are logits, any real numbers; the loss takes care of the rest. What is left of sizes [4, 3]?",
)
def build_end(case: Case, got: Body) -> None:
    """No activation at the end; without hidden layers, a linear layer is all"""
    _layers(got)
    have = got.found["eval"]
    if len(got.sizes) == 2:
        _norms(got)
    want = got.expected(training=False)
    for name, ends in ENDS.items():
        if any(agrees(expect.close, have, end(want)) and not agrees(expect.close, have, want) for end in ends):
            raise Failure("The output should be any real numbers.", f"It is what {name} at the end gives.")
    if len(got.sizes) == 2:
        expect.close(have, want, "The output of one linear layer")


@build_mlp.prop(
    points=0.75,
    cases=_norm,
    hint="Linear, normalization, activation: one normalization per hidden layer, as wide as it has units.",
)
def build_norm_train(case: Case, got: Body) -> None:
    """With batch_norm=True, train mode normalizes before each hidden activation"""
    _outputs(got, "train")


@build_mlp.prop(
    points=0.5,
    cases=_norm,
    hint="In eval mode the layer uses what it has kept of the batches it has seen.",
)
def build_norm_eval(case: Case, got: Body) -> None:
    """With batch_norm=True, eval mode normalizes with the running statistics"""
    _outputs(got, "eval")


build_mlp.keeps_inputs(points=0.25, cases=_relu)
