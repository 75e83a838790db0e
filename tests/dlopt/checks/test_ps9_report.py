"""What a student reads under a check cell of problem set 9, and how far one mistake reaches."""

import pytest
import torch
from torch import nn

from autograder.misconceptions import ps9
from autograder.references import ps9 as answers
from dlopt.checks import ps9_mlp_torch as check
from dlopt.checks.ps9_mlp_torch import _fit


def row(report, name):
    return next(row for row in report.rows if row.name == name)


def failed(report):
    return {row.name for row in report.rows if row.status not in ("pass", "later")}


@pytest.mark.parametrize(
    ("answer", "name", "said"),
    [
        (ps9.mlp_norm_behind, "build_norm_train", "behind the activation"),
        (ps9.mlp_linear, "build_relu", "nothing between them"),
        (ps9.mlp_always_relu, "build_tanh", "That is what relu gives."),
        (ps9.mlp_softmax, "build_end", "a softmax at the end"),
        (ps9.mlp_one_layer, "build_layers", "stands in two places"),
    ],
)
def test_a_model_is_told_what_it_looks_like(answer, name, said):
    assert said in row(check.build_mlp(answer), name).clue


@pytest.mark.parametrize(
    ("answer", "name", "said"),
    [
        (ps9.epoch_piling_up, "epoch_updates", "of all batches so far lead, added up"),
        (ps9.epoch_summed_gradient, "epoch_updates", "of a batch's sum"),
        (ps9.epoch_new_optimizers, "epoch_adam", "starts anew in every batch"),
        (ps9.epoch_always_adam, "epoch_rmsprop", "That is where torch's Adam leads."),
        (ps9.epoch_mean_of_means, "epoch_loss", "counts as much as a full one"),
        (ps9.epoch_loss_afterwards, "epoch_loss", "after the epoch"),
        (ps9.epoch_drop_last, "epoch_batches", "are never met"),
    ],
)
def test_an_epoch_is_told_where_it_went(answer, name, said):
    assert said in row(check.train_epoch(answer), name).clue


def test_a_wrong_step_does_not_cost_the_loss_and_a_wrong_loss_not_the_step():
    assert failed(check.train_epoch(ps9.epoch_momentum)) == {"epoch_updates"}
    assert failed(check.train_epoch(ps9.epoch_sum)) == {"epoch_loss"}


def test_a_percentage_is_called_one():
    assert "in percent" in row(check.evaluate(ps9.accuracy_in_percent), "evaluate_value").clue


def test_an_exception_quotes_the_student_s_line():
    message = row(check.evaluate(ps9.accuracy_single_precision), "evaluate_forms").message
    assert "accuracy = (model(X).argmax(1) == labels)" in message


def test_a_wrong_network_costs_its_own_exercise_only(monkeypatch):
    monkeypatch.setattr(ps9, "build_mlp", ps9.mlp_without_the_last)
    assert check.train_epoch(ps9.epoch_by_randperm).passed
    assert check.evaluate(ps9.accuracy_by_mean).passed


def test_a_loop_that_reaches_into_its_own_network_is_tried_on_that(monkeypatch):
    class Own(nn.Sequential):
        """A network as only its author knows it."""

    def build(sizes, activation="relu", batch_norm=False):
        return Own(*answers.build_mlp(sizes, activation, batch_norm))

    def evaluate(model, X, labels):
        assert isinstance(model, Own)
        return answers.evaluate(model, X, labels)

    monkeypatch.setitem(globals(), "build_mlp", build)
    assert not {"evaluate_value", "evaluate_forms"} & failed(check.evaluate(evaluate))


@pytest.mark.parametrize("wide", [True, False])
def test_the_global_generator_may_be_seeded_or_left_alone(wide):
    def train_epoch(model, X, labels, optimizer_name, lr, batch_size, seed):
        if wide:
            torch.manual_seed(seed)
        return answers.train_epoch(model, X, labels, optimizer_name, lr, batch_size, seed)

    assert check.train_epoch(train_epoch).passed


def test_a_model_that_wants_standardized_images_is_told_so():
    report = check.fit(ps9.fit_standardized_outside)
    assert "Once they are standardized" in row(report, "fit_ones").clue


def test_without_scikit_learn_the_digits_say_what_is_missing():
    nothing = _fit.np.empty((0, 64))
    none = _fit.np.empty(0, dtype=int)
    with pytest.raises(_fit.Unfit, match="pip install scikit-learn"):
        _fit.read(ps9.fit_normalized, nothing, none, 1, "arrays", 1, nothing, none)
