"""The cases of problem set 9: known numbers; `dlopt.checks.scenes` has what it shares with other sets."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.expect import Failure
from dlopt.checks.inside import Together, inside
from dlopt.checks.ps9_mlp_torch._inside import DTYPES, Notes, as_tensor, reference, write
from dlopt.checks.scenes import canonical, layouts, of_seed
from dlopt.checks.trial import Unfit

__all__ = [
    "agrees",
    "canonical",
    "clouds",
    "draw",
    "generator",
    "given",
    "layouts",
    "main",
    "near",
    "notes_on",
    "number",
    "of_seed",
    "plain",
    "rebuilt",
    "single",
    "told",
]

Array = NDArray[np.float64]
SINGLE = 1e-4  #: relative tolerance where a model computes in float32, to whose rounding several steps add up


def generator(*seeds: int) -> np.random.Generator:
    """Return the generator of this problem set's cases for a seed."""
    return np.random.default_rng([9, *seeds])


def draw(rng: np.random.Generator, kind: str, sizes: list[int]) -> list[Array]:
    """Draw numbers for a model of ours, such as float32 holds: none zero, variances positive."""
    drawn = []
    for name, tensor in reference(kind, sizes).state_dict().items():
        if not name.endswith("num_batches_tracked"):
            values = rng.normal(size=tuple(tensor.shape))
            drawn.append(single(np.exp(values / 2) if name.endswith("running_var") else values))
    return drawn


def single(values: Array) -> Array:
    """Round to what float32 holds, so that no conversion changes a number."""
    return values.astype(np.float32).astype(np.float64)


def clouds(rng: np.random.Generator, n: int, sizes: list[int]) -> tuple[Array, NDArray[np.int64]]:
    """Draw samples (n, D) and labels (n,) below K."""
    labels = rng.permutation(np.arange(n) % sizes[-1])
    return single(rng.normal(size=(n, sizes[0]))), labels


def main(candidate: Any) -> Any:
    """Return the function under test."""
    return candidate.main if isinstance(candidate, Together) else candidate


def notes_on(candidate: Any, kind: str, sizes: list[int], arrays: list[Array], dtype: str, training: bool) -> Any:
    """Set up a model with known numbers beside the candidate: the student's own if it came along, or ours."""
    if not isinstance(candidate, Together):
        model = inside(candidate, reference)(kind, sizes)
    elif kind == "dropout":
        raise Unfit("There is no dropout in a model of build_mlp.")
    else:
        model = candidate.others[0](list(sizes), "tanh", kind == "norm")
    notes = inside(candidate, Notes)(model, arrays, dtype, training)
    if not notes.fits:
        raise Unfit("Your build_mlp makes another model than is asked for.")
    return notes


def told(notes: Any) -> list[Any]:
    """Return what `_inside.Notes.told` does, where it is a list of that length."""
    found: list[Any] = notes.told()
    expect.collected(found, 8)
    return found


def given(candidate: Any, X: Array, labels: Any, form: str) -> tuple[Any, Any]:
    """Return samples and labels in the form they are handed over in: "arrays", or tensors of a dtype."""
    if form == "arrays":
        return X, labels
    tensor = inside(candidate, as_tensor)
    return tensor(X, form), tensor(labels, "int64")


def rebuilt(kind: str, sizes: list[int], arrays: list[Array], dtype: str) -> torch.nn.Sequential:
    """Build the same model here."""
    model = reference(kind, sizes).to(DTYPES[dtype])
    write(model, arrays)
    return model


def number(value: Any, name: str) -> None:
    """Ask for one number: a float, a numpy scalar or a tensor without axes."""
    if isinstance(value, torch.Tensor) and value.ndim == 0:
        return
    if not isinstance(value, np.floating):
        expect.scalar(value, name)


def plain(value: Any) -> Any:
    """Return a tensor's numbers, and anything else as it is."""
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else value


def near(value: Any, expected: Any, name: str, dtype: str, *, scale: float = 0.0) -> None:
    """Ask for the right numbers, to what the model's dtype carries of numbers as large as ``scale`` or themselves."""
    want, have = np.asarray(expected, dtype=np.float64), plain(value)
    if dtype == "float32":
        found = expect.numbers(have, want.shape, name)
        if np.all(np.abs(found - want) <= SINGLE * np.max(np.abs(want), initial=scale)):
            return
    expect.close(have, want, name, trajectory=True)


def agrees(judge: Any, *args: Any) -> bool:
    """Tell whether a judgement holds."""
    try:
        judge(*args)
    except Failure:
        return False
    return True
