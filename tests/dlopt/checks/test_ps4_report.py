"""What a student reads under a check cell of problem set 4."""

import numpy as np
import pytest

from autograder.misconceptions import ps4
from dlopt.checks import ps4_initialization as check

NAMES = check.__all__
RECIPES = [name for name in NAMES if not name.endswith("variances")]


def failed(report):
    return {row.name for row in report.rows if row.status not in ("pass", "later")}


def row(report, name):
    return next(row for row in report.rows if row.name == name)


@pytest.mark.parametrize("name", RECIPES)
def test_zeros_earn_no_more_than_their_shape(name):
    report = getattr(check, name)(lambda fan_in, fan_out, rng: np.zeros((fan_out, fan_in)))
    assert report.earned == 0.5
    assert "units that start alike stay alike" in row(report, "weights_scale").message


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("factor", [1e200, 1e-200, np.nan, 1j])
def test_absurd_weights_get_a_sentence_and_no_warning(name, factor):
    right = ps4.TABLE.right_answers[name][0]
    report = getattr(check, name)(lambda *a: right(*a) * factor)
    assert {"weights_scale", "weights_law"} <= failed(report)
    assert row(report, "weights_scale").message


@pytest.mark.parametrize("name", RECIPES)
def test_the_same_weights_rounded_to_float32_or_in_lists_lose_their_type_only(name):
    right = ps4.TABLE.right_answers[name][0]
    for answer in (
        lambda *a: right(*a).astype(np.float32),
        lambda *a: right(*a).tolist(),
        lambda *a: right(*a).ravel(),
    ):
        report = getattr(check, name)(answer)
        assert "weights_type" in failed(report)
        assert failed(report) <= {"weights_type", "weights_scale", "weights_law", "weights_independent", "weights_rng"}
    report = getattr(check, name)(lambda *a: right(*a).astype(np.float32))
    assert failed(report) == {"weights_type"}


@pytest.mark.parametrize("name", RECIPES)
def test_single_precision_draws_and_views_are_right(name):
    """Whoever draws in float32, returns a view of something larger or swaps signs has drawn all the same."""
    right = ps4.TABLE.right_answers[name][0]
    honest = (
        lambda *a: right(*a).astype(np.float32).astype(np.float64),
        lambda fan_in, fan_out, rng: right(fan_in, 2 * fan_out, rng)[::2] * np.sqrt(_ratio(name, fan_in, fan_out)),
        lambda *a: -right(*a)[::-1, ::-1],
        lambda fan_in, fan_out, rng: right(fan_in, fan_out, np.random.default_rng(rng.integers(2**62))),
    )
    for answer in honest:
        report = getattr(check, name)(answer)
        assert report.passed, report


def _ratio(name, fan_in, fan_out):
    """Make up for the doubled fan-out of the draw, where the recipe looks at it."""
    return (fan_in + 2 * fan_out) / (fan_in + fan_out) if "xavier" in name else 1.0


def test_a_recipe_by_another_recipe_is_not_punished_for_it():
    namespace = {"np": np}
    source = """
def lecun_normal(fan_in, fan_out, rng):
    return rng.normal(0, 1 / fan_in, size=(fan_out, fan_in))

def he_normal(fan_in, fan_out, rng):
    return np.sqrt(2) * lecun_normal(fan_in, fan_out, rng)
"""
    exec(source, namespace)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLOPT_GRADING", "autograder.grading")
        assert check.he_normal(namespace["he_normal"]).passed
        assert failed(check.lecun_normal(namespace["lecun_normal"])) == {"weights_scale"}


@pytest.mark.parametrize(
    ("known", "name", "said"),
    [
        (ps4.lecun_variance_as_scale, "weights_scale", "It is about the square of the right variance."),
        (ps4.lecun_fan_out, "weights_scale", "That fits 1/fan_out."),
        (lambda *a: np.abs(ps4.lecun_by_scale(*a)), "weights_scale", "None of them is negative."),
        (ps4.lecun_truncated, "weights_scale", ""),
        (ps4.lecun_truncated_and_mended, "weights_law", "a normal law is not cut off"),
        (ps4.lecun_uniform, "weights_law", "That fits a uniform law."),
    ],
)
def test_a_clue_says_what_the_numbers_fit(known, name, said):
    clue = row(check.lecun_normal(known), name).clue
    assert said in clue
    assert bool(said) == bool(clue)


def test_the_sums_taken_for_activations_are_called_by_their_name():
    report = check.forward_variances(ps4.forward_of_sums)
    assert row(report, "forward_tanh").clue == "These are the variances of the sums, before the activation."


def test_checks_leave_the_global_generator_alone(monkeypatch):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - it is this one that is looked at
    for name in NAMES:
        getattr(check, name)(ps4.TABLE.right_answers[name][0])
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002
