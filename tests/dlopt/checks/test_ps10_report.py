"""What a student reads under a check cell of problem set 10."""

import numpy as np
import pytest

from autograder.misconceptions import ps10
from dlopt.checks import ps10_landscapes as check

RIGHT = {name: answers[0] for name, answers in ps10.TABLE.right_answers.items()}


def failed(report):
    return {row.name for row in report.rows if row.status not in ("pass", "later")}


def row(report, name):
    return next(row for row in report.rows if row.name == name)


@pytest.fixture(autouse=True)
def visible(monkeypatch):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("permute_hidden", lambda W1, b1, W2, perm: (W1.copy(), b1.copy(), W2.copy())),
        ("rescale_relu", lambda W1, b1, W2, alpha: (W1.copy(), b1.copy(), W2.copy())),
        ("interpolate", lambda a, b, t: [p.copy() for p in a]),
        ("magnitude_mask", lambda W, sparsity: np.ones(W.shape, dtype=bool)),
        ("magnitude_mask", lambda W, sparsity: np.zeros(W.shape, dtype=bool)),
        ("clip_by_norm", lambda grads, max_norm: [g.copy() for g in grads]),
        ("clip_by_norm", lambda grads, max_norm: [0 * g for g in grads]),
        ("mode_strength", lambda a0, b0, sigma, lr, num_steps: np.full(num_steps + 1, a0 * b0)),
        ("mode_strength", lambda a0, b0, sigma, lr, num_steps: np.full(num_steps + 1, sigma)),
        ("random_hessian_saddle_fraction", lambda n, samples, rng: 1.0),
        ("random_hessian_saddle_fraction", lambda n, samples, rng: 0.0),
    ],
)
def test_who_does_nothing_earns_less_than_half(name, answer):
    report = getattr(check, name)(answer)
    assert report.earned <= report.points / 2


@pytest.mark.parametrize("name", ["permute_hidden", "rescale_relu"])
@pytest.mark.parametrize("factor", [1e200, 1e-200, np.nan, np.inf, 1j])
def test_absurd_networks_get_a_sentence_and_no_warning(name, factor):
    report = getattr(check, name)(lambda *a: tuple(part * factor for part in RIGHT[name](*a)))
    assert report.earned < report.points / 2
    assert all(r.message for r in report.rows if r.status == "wrong")


@pytest.mark.parametrize("name", ["interpolate", "clip_by_norm"])
def test_a_tuple_or_lists_of_numbers_lose_their_type_only(name):
    for answer in (
        lambda *a: tuple(RIGHT[name](*a)),
        lambda *a: [part.tolist() for part in RIGHT[name](*a)],
        lambda *a: [part.astype(np.longdouble) for part in RIGHT[name](*a)],
    ):
        (lost,) = failed(getattr(check, name)(answer))
        assert lost.endswith("_type")


def test_numbers_for_arrays_without_axes_are_right():
    def plain(*args):
        return [p if p.ndim else float(p) for p in RIGHT["interpolate"](*args)]

    assert check.interpolate(plain).passed


def test_a_mask_of_zeros_and_ones_loses_its_type_only():
    assert failed(check.magnitude_mask(lambda W, s: RIGHT["magnitude_mask"](W, s).astype(int))) == {"mask_type"}


def test_any_choice_among_ties_is_right():
    def shuffled(W, sparsity):
        order = np.random.default_rng().permutation(W.size)
        mask = np.zeros(W.size, dtype=bool)
        largest_first = order[np.argsort(-np.abs(W).ravel()[order], kind="stable")]
        mask[largest_first[: round((1 - sparsity) * W.size)]] = True
        return mask.reshape(W.shape)

    for _ in range(5):
        assert check.magnitude_mask(shuffled).passed


def test_views_of_new_arrays_are_new():
    def in_one_piece(grads, max_norm):
        clipped = RIGHT["clip_by_norm"](grads, max_norm)
        flat = np.concatenate([g.ravel() for g in clipped])
        cuts = np.cumsum([g.size for g in clipped])[:-1]
        return [piece.reshape(g.shape) for piece, g in zip(np.split(flat, cuts), grads, strict=True)]

    assert check.clip_by_norm(in_one_piece).passed


@pytest.mark.parametrize(
    ("answer", "name", "said"),
    [
        (ps10.permute_inverse, "permute_incoming", "It is the way back"),
        (ps10.permute_only_incoming, "permute_outgoing", "It is as it came"),
        (ps10.permute_only_incoming, "permute_function", "has the row of old unit"),
        (ps10.permute_overwriting, "permute_incoming", "units have been lost"),
        (ps10.rescale_without_bias, "rescale_function", "its bias by 1."),
        (ps10.rescale_both_up, "rescale_outgoing", "Of unit 0 it has been multiplied by"),
        (ps10.line_backwards, "line_between", "of the way from params_a to params_b; t is"),
        (ps10.line_without_leaving, "line_between", "does not lie on the straight line"),
        (ps10.mask_signed, "mask_largest", "a large negative weight went"),
        (ps10.mask_smallest, "mask_largest", "are the smallest ones"),
        (ps10.mask_density, "mask_count", ""),
        (ps10.mask_truncated, "mask_count", "you round down"),
        (ps10.clip_each, "clip_global", "one factor is for all"),
        (ps10.clip_entries, "clip_one", "Its direction is another one"),
        (ps10.clip_with_epsilon, "clip_exact", "the factor is"),
        (ps10.mode_of_half_the_loss, "mode_balanced", "the walk of a step size times ½"),
        (ps10.mode_uphill, "mode_balanced", "the walk of a step size times −1"),
        (ps10.saddles_minima, "saddle_two", "the minima"),
        (ps10.saddles_of_one_triangle, "saddle_two", "halves it off the diagonal"),
        (ps10.saddles_with_maxima, "saddle_two", "maxima count as saddles"),
    ],
)
def test_a_clue_says_what_the_numbers_fit(answer, name, said):
    (exercise,) = [m.exercise for ms in ps10.TABLE.misconceptions.values() for m in ms if m.answer is answer]
    assert said in row(getattr(check, exercise)(answer), name).clue


def test_a_wrong_first_step_is_told_with_what_should_follow():
    report = check.mode_strength(ps10.mode_of_half_the_loss)
    assert row(report, "mode_balanced").message == "From the start a·b = 1 follows 1.44 after step 1; got 1.21."


def test_who_returns_the_caller_s_arrays_reads_whose():
    for answer, exercise, whose in (
        (ps10.line_with_shortcuts, check.interpolate, "params_a"),
        (ps10.clip_handing_back, check.clip_by_norm, "grads"),
    ):
        assert f"the very arrays of {whose}" in row(exercise(answer), "results_new").message


def test_checks_leave_the_global_generator_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - it is this one that is looked at
    for name, answer in RIGHT.items():
        getattr(check, name)(answer)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002
