"""The whole way from pixels to a model that reads them (row H5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks import expect
from dlopt.checks.beside import snapshot
from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.inside import inside
from dlopt.checks.ps9_mlp_torch._cases import canonical, generator, of_seed
from dlopt.checks.ps9_mlp_torch._inside import as_tensor, place_luck, predict
from dlopt.checks.trial import Unfit

__all__ = ["fit"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

PASS = 0.95  #: share of the unseen digits
CHANCE = 0.3  #: a share that says that next to nothing was learned
MINUTE = 80.0  #: seconds for one training: the contract's minute, and what a slower machine may add
ALIKE = 1e-3  #: outputs that differ by less, relative to the largest, come from the same model

fit = Exercise(
    "fit",
    ("X", "labels", "seed"),
    canonical=canonical,
    lent=("ps9_mlp_torch", ("build_mlp", "train_epoch", "evaluate")),
)


@dataclass(frozen=True)
class Fitted:
    """What one or two trainings with the same seed came to."""

    labels: Labels
    outputs: list[Any]
    other: Any  # outputs for the images as a training may have seen them, standardized
    callable: bool
    kind: str

    def share(self, outputs: Any = None) -> float:
        """Share of the unseen images whose largest output is their label."""
        if not self.callable:
            raise Failure(f"The result should be a model; it is {self.kind}.")
        shown = self.outputs[0] if outputs is None else outputs
        found = expect.numbers(shown, (len(self.labels), 10), "The output for the test images")
        return float(np.mean(found.argmax(axis=1) == self.labels))

    def elsewhere(self) -> bool:
        """Whether it reads standardized images, and those it was given not."""
        return self.share() < PASS <= self.share(self.other)

    def same(self) -> bool:
        """Whether two trainings gave one model."""
        first, second = (np.asarray(o, dtype=np.float64) for o in self.outputs)
        return first.shape == second.shape and bool(
            np.all(np.abs(first - second) <= ALIKE * np.max(np.abs(first), initial=0.0))
        )

    def plain(self) -> list[Any]:
        """Say how far it got, and whether the seed decides; the numbers are another machine's already."""
        try:
            share = self.share()
            level = "much" if share >= PASS else "some" if share >= CHANCE else "nothing"
            return [level, self.elsewhere(), *([self.same()] if len(self.outputs) > 1 else [])]
        except Failure:
            return [self.kind, self.callable]


def read(
    candidate: Any, X: Array, labels: Labels, seed: int, form: str, times: int, X_test: Array, labels_test: Labels
) -> Fitted:
    """Train on digits and ask about others; the labels of these stay here."""
    if not len(X):
        raise Unfit("The digits come with scikit-learn, which is not installed: pip install scikit-learn.")
    kept, outputs, model = labels_test.copy(), [], None
    standardized = (X_test - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-6)
    places = generator(seed, 82).integers(2**31, size=times)
    for place in places.tolist():
        x = X if form == "arrays" else inside(candidate, as_tensor)(X, form)
        y = labels if form == "arrays" else inside(candidate, as_tensor)(labels, "int64")
        # an earlier training may have seeded it, and would hide that this one does not
        inside(candidate, place_luck)(place)
        model = candidate(x, y, seed)
        if callable(model):
            outputs.append(snapshot(inside(candidate, predict)(model, X_test)))
    other = snapshot(inside(candidate, predict)(model, standardized)) if callable(model) else None
    return Fitted(kept, outputs, other, callable(model), expect.kind(model))


# --- cases


def _digits(seed: int, scale: int, form: str, times: int, *, telling: bool) -> Case:
    """Take the digits, their pixels in an order of the seed's own, the same for both parts."""
    pixels = generator(seed, 80).permutation(64)
    what = f"the course's split of the digits, pixels 0…{scale}, as {'arrays' if form == 'arrays' else 'tensors'}"
    try:
        from dlopt.datasets import digits

        data = digits()
        arrays = scale * data.x_train[:, pixels], data.y_train, scale * data.x_test[:, pixels], data.y_test
    except ImportError:
        nothing, none = np.empty((0, 64)), np.empty(0, dtype=np.int64)
        arrays = nothing, none, nothing, none
    args = (*arrays[:2], (seed - 1) % 1000, form, times, *arrays[2:])
    return Case(args, what, scenario=read, limit=times * MINUTE, telling=telling)


def _turn(seed: int) -> int:
    """Deal the unseen seeds to the two scales: a training may take a minute."""
    return int(generator(seed, 81).integers(2))


@of_seed
def _ones(seed: int) -> list[Case]:
    """One of the visible seeds, trained twice, and some of the unseen."""
    if seed == 1:
        return [_digits(seed, 1, "float32", 2, telling=True)]
    return [_digits(seed, 1, "arrays", 1, telling=False)] if seed > 2 and _turn(seed) == 0 else []


@of_seed
def _sixteens(seed: int) -> list[Case]:
    """The other visible seed, and the rest of the unseen."""
    if seed == 2:
        return [_digits(seed, 16, "arrays", 1, telling=True)]
    return [_digits(seed, 16, "float32", 1, telling=False)] if seed > 2 and _turn(seed) == 1 else []


@of_seed
def _twice(seed: int) -> list[Case]:
    return _ones(seed) if seed == 1 else []


# --- properties


@fit.prop(points=0.25, cases=_ones, hint="Return the model itself; whoever wants predictions calls it.")
def fit_type(case: Case, got: Fitted) -> None:
    """Returns a model that gives ten outputs for every image"""
    got.share()


def _reads(got: Fitted) -> None:
    share = got.share()
    if share < PASS:
        clue = "Next to nothing is read: is this the model that was trained?" if share < CHANCE else ""
        if got.elsewhere():
            clue = f"Once they are standardized, {got.share(got.other):.1%} are: the model is to take them as they are."
        raise Failure(f"Of the unseen digits, {share:.1%} are read right.", clue)


@fit.prop(
    points=1.25,
    cases=_ones,
    hint="Does the loss still fall when you stop? Whatever you do to X before training, the model has to do by itself.",
)
def fit_ones(case: Case, got: Fitted) -> None:
    """With pixels 0…1, at least 95 % of the unseen digits are read right"""
    _reads(got)


@fit.prop(
    points=1,
    cases=_sixteens,
    hint="With pixels 16 times as large, what happens to the outputs of the first layer? And to the gradient?",
)
def fit_sixteens(case: Case, got: Fitted) -> None:
    """With pixels 0…16, at least 95 % as well"""
    _reads(got)


@fit.prop(
    points=0.75,
    cases=_twice,
    hint="Chance enters in more than one place: the first weights, the order of the samples, dropout.",
)
def fit_repeats(case: Case, got: Fitted) -> None:
    """The same seed gives the same model"""
    got.share()
    if not got.same():
        first, second = (np.asarray(o) for o in got.outputs)
        apart = (
            int(np.sum(first.argmax(axis=1) != second.argmax(axis=1))) if first.shape == second.shape else len(first)
        )
        raise Failure(f"Two trainings with the same seed give different outputs, and read {apart} images differently.")


fit.keeps_inputs(points=0.25, cases=_sixteens)
