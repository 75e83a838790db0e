"""One epoch of training (rows H4, H5): shuffled batches, four optimizers, train mode."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlopt.checks.case import Case
from dlopt.checks.exercise import Exercise
from dlopt.checks.expect import Failure
from dlopt.checks.ps9_mlp_torch._cases import (
    canonical,
    clouds,
    draw,
    generator,
    given,
    layouts,
    main,
    notes_on,
    number,
    of_seed,
    told,
)
from dlopt.checks.ps9_mlp_torch._trace import (
    Orders,
    Setting,
    Trace,
    judge_batches,
    judge_losses,
    judge_seen,
    judge_updates,
)

__all__ = ["train_epoch"]

Array = NDArray[np.float64]
Labels = NDArray[np.int64]

train_epoch = Exercise(
    "train_epoch",
    ("model", "X", "labels", "optimizer_name", "lr", "batch_size", "seed"),
    canonical=canonical,
    companions=("build_mlp",),
)


# --- what is played


def follow(candidate: Any, setting: Setting, X: Array, labels: Labels, seed: int) -> Trace:
    """Train a small model that takes notes for an epoch."""
    s = setting
    notes = notes_on(candidate, s.kind, s.sizes, s.arrays, s.dtype, s.training)
    kept_X, kept_labels = X.copy(), labels.copy()
    x, y = given(candidate, X, labels, s.form)
    loss = main(candidate)(notes.model, x, y, s.optimizer_name, s.lr, s.batch_size, seed)
    numbers, dtype, _, _, _, *seen = told(notes)
    return Trace(s, kept_X, kept_labels, loss, numbers, dtype, *seen)


def compare(candidate: Any, setting: Setting, X: Array, labels: Labels, seed: int, other: int) -> Orders:
    """Train the same model three times, from two seeds."""
    return Orders(*(follow(candidate, setting, X, labels, s) for s in (seed, seed, other)))


# --- cases


def _case(seed: int, number: int, optimizer: str = "sgd", *, kind: str = "plain", training: bool = True) -> Case:
    """Build a small training: model, samples and settings; the samples are float32 tensors, as the model is."""
    sizes, n, batch_size = (
        ([3, 4, 3], 13, 5),
        ([2, 3], 14, 4),
        ([4, 3, 2], 6, 6),  # one batch is all
        ([2, 3, 3], 5, 50),  # more than all
        ([3, 5, 4], 12, 4),
        ([2, 4, 3], 17, 5),
    )[number]
    rng = generator(seed, number)
    X, labels = clouds(rng, n, sizes)
    lr = 0.3 if optimizer == "sgd" else 0.05
    setting = Setting(kind, sizes, draw(rng, kind, sizes), "float32", "float32", training, optimizer, lr, batch_size)
    return _of(setting, X, labels, seed)


def _of(setting: Setting, X: Array, labels: Labels, seed: int) -> Case:
    """Put together the case and its words."""
    norm = {"norm": " and batch normalization", "dropout": " and dropout", "plain": ""}[setting.kind]
    label = (
        f"a {setting.dtype} model of sizes {setting.sizes} with tanh{norm}, {len(X)} samples "
        f"({setting.form if setting.form == 'arrays' else setting.form + ' tensors'}), "
        f"{setting.optimizer_name!r}, lr {setting.lr}, batch_size {setting.batch_size}"
    )
    # which mistake it was, the visible cases tell as well as the others: to try all takes long
    return Case((setting, X, labels, 1000 + seed), label, scenario=follow, telling=seed <= 2)


def _variant(case: Case, **changes: Any) -> Case:
    """Return the case with another setting."""
    setting, X, labels, seed = case.args
    return _of(replace(setting, **changes), X, labels, seed - 1000)


def _copies(seed: int, optimizer: str) -> Case:
    """Train on copies of one sample: whatever the order, the path is one."""
    rng = generator(seed, 20)
    setting = replace(_case(seed, 1, optimizer).args[0], batch_size=4)
    X, labels = np.tile(clouds(rng, 1, setting.sizes)[0], (10, 1)), np.full(10, int(rng.integers(3)))
    case = _of(setting, X, labels, seed)
    return replace(case, label=case.label.replace("10 samples", "10 copies of one sample"))


@of_seed
def _small(seed: int) -> list[Case]:
    return [*(_case(seed, number) for number in (0, 1, 2)), _copies(seed, "sgd")]


@of_seed
def _adam(seed: int) -> list[Case]:
    return [_case(seed, 1, "adam"), _copies(seed, "adam")]


@of_seed
def _rmsprop(seed: int) -> list[Case]:
    return [_case(seed, 1, "rmsprop"), _copies(seed, "rmsprop")]


@of_seed
def _adagrad(seed: int) -> list[Case]:
    return [_case(seed, 1, "adagrad"), _copies(seed, "adagrad")]


@of_seed
def _epochs(seed: int) -> list[Case]:
    return [*_small(seed)[:3], _case(seed, 3)]


@of_seed
def _shuffled(seed: int) -> list[Case]:
    setting, X, labels, first = _case(seed, 0).args
    label = f"{len(X)} samples, batch_size {setting.batch_size}, the seeds {first}, {first} and {first + 1}"
    return [Case((setting, X, labels, first, first + 1), label, scenario=compare, telling=seed <= 2)]


@of_seed
def _modes(seed: int) -> list[Case]:
    found = [
        _case(seed, 4, kind="norm", training=False),
        _case(seed, 4, kind="dropout", training=False),
        _case(seed, 5, kind="norm"),
    ]
    return [replace(c, label=c.label + (", in train mode", ", in eval mode")[k < 2]) for k, c in enumerate(found)]


@of_seed
def _forms(seed: int) -> list[Case]:
    case = _case(seed, 5)
    return [
        _variant(case, form="arrays"),
        _variant(case, dtype="float64", form="float32"),
        _variant(case, dtype="float64", form="arrays"),
        _variant(case, form="float64"),
    ]


@of_seed
def _guarded(seed: int) -> list[Case]:
    case = _variant(_case(seed, 0), dtype="float64", form="arrays")
    return [case, *layouts(case, "F", "read-only")]


# --- properties


@train_epoch.prop(points=0.25, cases=_small, hint="One number for the whole epoch.")
def epoch_type(case: Case, got: Trace) -> None:
    """Returns one number"""
    number(got.loss, "The result")


@train_epoch.prop(
    points=1,
    cases=_small,
    hint="Each batch: forward, mean cross-entropy of the logits, fresh gradients, one step with the given lr.",
)
def epoch_updates(case: Case, got: Trace) -> None:
    """The parameters end where SGD on these batches leads"""
    judge_updates(got)


@train_epoch.prop(points=0.25, cases=_adam, hint="torch.optim.Adam, and of its settings only the lr is yours.")
def epoch_adam(case: Case, got: Trace) -> None:
    """With 'adam', where torch's Adam leads"""
    judge_updates(got)


@train_epoch.prop(points=0.25, cases=_rmsprop, hint="torch.optim.RMSprop, and of its settings only the lr is yours.")
def epoch_rmsprop(case: Case, got: Trace) -> None:
    """With 'rmsprop', where torch's RMSprop leads"""
    judge_updates(got)


@train_epoch.prop(points=0.25, cases=_adagrad, hint="torch.optim.Adagrad, and of its settings only the lr is yours.")
def epoch_adagrad(case: Case, got: Trace) -> None:
    """With 'adagrad', where torch's Adagrad leads"""
    judge_updates(got)


@train_epoch.prop(
    points=0.75,
    cases=_small,
    hint="Weigh each batch's mean loss with its size, as it is before the step: the last batch may be smaller.",
)
def epoch_loss(case: Case, got: Trace) -> None:
    """The loss is the mean over the samples of the losses met before each update"""
    judge_losses(got)


@train_epoch.prop(
    points=0.5,
    cases=_epochs,
    hint="Cut the shuffled samples into pieces of batch_size; what is left over is a batch too.",
)
def epoch_batches(case: Case, got: Trace) -> None:
    """Meets every sample once, in batches of batch_size and a rest"""
    judge_batches(got)


@train_epoch.prop(points=0.5, cases=_shuffled, hint="The order comes from the seed, and from nothing else.")
def epoch_shuffles(case: Case, got: Orders) -> None:
    """Shuffles, and the seed decides how"""
    judge_seen(got.first)
    twin, other, in_order = got.plain()
    if in_order:
        raise Failure("The samples should be shuffled.", "They are met in the order in which they lie in X.")
    if not twin:
        raise Failure("The same seed should give the same order; it gives another one.", "Who else draws?")
    if other:
        raise Failure("Different seeds should give different orders; they give the same.", "Is the seed used at all?")


@train_epoch.prop(
    points=0.5,
    cases=_modes,
    hint="Dropout and batch normalization do one thing in training, another in use. A model may come in either mode.",
)
def epoch_mode(case: Case, got: Trace) -> None:
    """Trains in train mode, in whichever mode the model comes"""
    if not got.modes:
        raise Failure("The model should be trained.", "No gradient ever came back to it.")
    if not all(got.modes):
        raise Failure("While it is trained, the model should be in train mode.", "It was in eval mode.")


@train_epoch.prop(
    points=0.5,
    cases=_forms,
    hint="The parameters know their dtype: next(model.parameters()).dtype. torch.as_tensor takes arrays and tensors.",
)
def epoch_forms(case: Case, got: Trace) -> None:
    """Takes arrays and tensors of float64 and float32, and leaves the model its dtype"""
    judge_seen(got)
    if got.dtype != got.setting.dtype:
        raise Failure(f"The model's parameters were {got.setting.dtype}; afterwards they are {got.dtype}.")


train_epoch.keeps_inputs(points=0.25, cases=_guarded)
