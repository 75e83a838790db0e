"""Accuracy, taken in eval mode (row H5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps9_mlp_torch._cases import (
    agrees,
    canonical,
    draw,
    generator,
    given,
    layouts,
    main,
    notes_on,
    of_seed,
    plain,
    rebuilt,
    single,
    told,
)

__all__ = ["evaluate"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

evaluate = Exercise("evaluate", ("model", "X", "labels"), canonical=canonical, companions=("build_mlp",))


@dataclass(frozen=True)
class Look:
    """What came, and how the model was used."""

    kind: str
    value: Any
    training: bool
    after: bool | None
    used: list[bool | None]
    tracked: list[bool]
    dtype: str
    numbers: list[Array]

    def plain(self) -> list[Any]:
        """Say what holds; with dropout in train mode, the value is chance."""
        chance = self.kind == "dropout" and any(used is not False for used in self.used)
        value = "by chance" if chance else plain(self.value)
        return [type(self.value).__name__, value, self.after, sorted({str(u) for u in self.used}), any(self.tracked)]


def look(
    candidate: Any,
    kind: str,
    sizes: list[int],
    arrays: list[Array],
    dtype: str,
    form: str,
    training: bool,
    X: Array,
    labels: Labels,
) -> Look:
    """Have a model that takes notes evaluated."""
    notes = notes_on(candidate, kind, sizes, arrays, dtype, training)
    x, y = given(candidate, X, labels, form)
    value = main(candidate)(notes.model, x, y)
    numbers, kept, mode, used, tracked, *_ = told(notes)
    return Look(kind, value, training, mode, used, tracked, kept, numbers)


# --- cases


def _logits(kind: str, sizes: list[int], arrays: list[Array], X: Array, *, training: bool = False) -> Array:
    """Ask the same model, built here."""
    with torch.no_grad():
        return np.array(rebuilt(kind, sizes, arrays, "float64").train(training)(torch.tensor(X)).numpy())


def _clear(logits: Array) -> NDArray[np.bool_]:
    """Tell which rows have a largest entry that no rounding could change."""
    ordered = np.sort(logits, axis=1)
    return np.asarray(ordered[:, -1] - ordered[:, -2] > 1e-2)


def _case(
    seed: int,
    number: int,
    kind: str = "plain",
    *,
    dtype: str = "float32",
    form: str = "float32",
    training: bool = True,
) -> Case:
    """Build a model and samples of which a known share is labelled as the model says in eval mode."""
    sizes, n, wrong = (
        ([3, 4, 3], 13, 4),
        ([2, 5, 4], 24, 9),
        ([4, 2], 1, 0),
        ([4, 3], 1, 1),
        ([3, 8, 5], 100, 0),
        ([3, 6, 4], 40, 11),
    )[number]
    for attempt in range(100):
        rng = generator(seed, 30 + number, attempt)
        arrays = draw(rng, kind, sizes)
        X = single(rng.normal(size=(4 * n + 20, sizes[0])))
        X = X[_clear(_logits(kind, sizes, arrays, X))][:n]
        said = _logits(kind, sizes, arrays, X).argmax(axis=1)
        labels = said.copy()
        off = rng.permutation(n)[:wrong]
        labels[off] = (labels[off] + rng.integers(1, sizes[-1], size=wrong)) % sizes[-1]
        share = 1 - wrong / n
        if len(X) == n and (kind != "norm" or _tells(sizes, arrays, X, labels, share)):
            break
    mode = "train" if training else "eval"
    extra = {"norm": " with batch normalization", "dropout": " with dropout", "plain": ""}[kind]
    what = form if form == "arrays" else f"{form} tensors"
    label = f"a {dtype} model{extra} of sizes {sizes} in {mode} mode, {n} samples ({what}), {n - wrong} of them right"
    return Case((kind, sizes, arrays, dtype, form, training, X, labels), label, share, scenario=look)


def _tells(sizes: list[int], arrays: list[Array], X: Array, labels: Labels, share: float) -> bool:
    """Tell whether train mode gives another share, by three samples at least."""
    said = _logits("norm", sizes, arrays, X, training=True).argmax(axis=1)
    return abs(float(np.mean(said == labels)) - share) * len(X) > 2.5


@of_seed
def _values(seed: int) -> list[Case]:
    return [_case(seed, number) for number in (0, 1, 2, 3)]


@of_seed
def _modes(seed: int) -> list[Case]:
    return [_case(seed, 5, "norm"), _case(seed, 4, "dropout"), _case(seed, 2, "norm")]


@of_seed
def _both(seed: int) -> list[Case]:
    return [
        _case(seed, 5, "norm"),
        _case(seed, 5, "norm", training=False),
        _case(seed, 0, "dropout", training=False),
        _case(seed, 0),
    ]


@of_seed
def _forms(seed: int) -> list[Case]:
    return [
        _case(seed, 0, form="arrays"),
        _case(seed, 1, dtype="float64", form="float32"),
        _case(seed, 0, dtype="float64", form="arrays"),
        _case(seed, 1, form="float64"),
    ]


@of_seed
def _guarded(seed: int) -> list[Case]:
    case = _case(seed, 1, dtype="float64", form="arrays")
    return [case, *layouts(case, "F", "read-only")]


# --- properties


@evaluate.prop(points=0.25, cases=_values, hint="A tensor with one entry is not yet a float: .item() takes it out.")
def evaluate_type(case: Case, got: Look) -> None:
    """Returns a float"""
    expect.scalar(got.value)


@evaluate.prop(
    points=0.75,
    cases=_values,
    hint="Per sample, which logit is largest? Which share of the samples is that the label of?",
)
def evaluate_value(case: Case, got: Look) -> None:
    """The share of the samples whose largest output is their label"""
    _share(case, got)


def _share(case: Case, got: Look) -> None:
    n, value = len(case.args[-1]), plain(got.value)
    readings = {
        "It is in percent: a share lies between 0 and 1.": 100 * case.truth,
        "It is the number of right samples, not their share.": n * case.truth,
        "It is the share of the wrong ones.": 1 - case.truth,
    }
    clues = (clue for clue, reading in readings.items() if agrees(expect.close, value, reading))
    with expect.known(next, clues, ""):
        # a mean of zeros and ones in float32 is right to its own rounding only
        if abs(expect.numbers(value, (), "The accuracy") - case.truth) > 1e-6:
            expect.close(value, case.truth, "The accuracy")


@evaluate.prop(
    points=0.75,
    cases=_modes,
    hint="In train mode dropout drops, and batch normalization looks at the batch. Even one sample must do in use.",
)
def evaluate_mode(case: Case, got: Look) -> None:
    """Asks the model in eval mode"""
    if not got.used:
        raise Failure("The model was never called.")
    if any(used is not False for used in got.used):
        raise Failure("The model should be asked in eval mode.", "It was in train mode when it was called.")


@evaluate.prop(points=0.5, cases=_values, hint="with torch.no_grad(): nothing inside remembers how it was computed.")
def evaluate_no_grad(case: Case, got: Look) -> None:
    """No graph is recorded for a gradient that nobody wants"""
    if not got.tracked:
        raise Failure("The model was never called.")
    if any(got.tracked):
        raise Failure("Nothing should be recorded for a backward pass.", "The model's outputs carry a graph.")


@evaluate.prop(
    points=0.5,
    cases=_both,
    hint="model.training says in which mode a model is. Look before you change it.",
)
def evaluate_restores(case: Case, got: Look) -> None:
    """Leaves the model in the mode in which it came"""
    if not got.used:
        raise Failure("The model was never called.")
    if got.after is not got.training:
        names = {True: "train", False: "eval"}
        came, after = names[got.training], names.get(got.after, "a mixed") if got.after is not None else "a mixed"
        clue = f"It is in {after} mode afterwards."
        raise Failure(f"The model came in {came} mode, and should be in {came} mode again.", clue)


@evaluate.prop(
    points=0.5,
    cases=_forms,
    hint="The parameters know their dtype: next(model.parameters()).dtype. torch.as_tensor takes arrays and tensors.",
)
def evaluate_forms(case: Case, got: Look) -> None:
    """Takes arrays and tensors of float64 and float32, and leaves the model its dtype"""
    if not got.used:
        raise Failure("The model was never called.")
    if got.dtype != case.args[3]:
        clue = f"The model was converted: afterwards they are {got.dtype}."
        raise Failure(f"The model's parameters came as {case.args[3]} and should stay so.", clue)


evaluate.keeps_inputs(points=0.25, cases=_guarded)
