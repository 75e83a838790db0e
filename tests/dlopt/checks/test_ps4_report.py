"""What a student reads under a check cell of problem set 4."""

import statistics
import time

import numpy as np
import pytest

from autograder.misconceptions import ps4
from dlopt.checks import grading
from dlopt.checks import ps4_initialization as check

NAMES = check.__all__
RECIPES = [name for name in NAMES if not name.endswith("variances")]
RIGHT = [(name, answer) for name in NAMES for answer in ps4.TABLE.right_answers[name]]
WRONG = [m for name in NAMES for m in ps4.TABLE.misconceptions[name]]


def untouched(*args, **kwargs):
    raise NotImplementedError


def failed(report):
    return {row.name for row in report.rows if row.status not in ("pass", "later")}


def row(report, name):
    return next(row for row in report.rows if row.name == name)


@pytest.mark.parametrize("name", NAMES)
def test_a_stub_reads_not_yet_implemented_and_earns_nothing(name):
    report = getattr(check, name)(untouched)
    assert report.earned == 0
    assert {row.status for row in report.rows} == {"missing"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "answer", [lambda *a: None, lambda *a: 1 / 0, lambda: 1.0, lambda *a: "W", lambda *a: [[1, 2], [3]]]
)
def test_nonsense_earns_nothing_and_raises_nothing(name, answer):
    report = getattr(check, name)(answer)
    assert report.earned == 0
    assert report.rows[0].message


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


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 60))
def test_scores_do_not_depend_on_the_seed(seed, monkeypatch):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    monkeypatch.setattr(grading, "seeds", lambda: (seed, 1000 + seed))
    for name, answer in RIGHT:
        assert getattr(check, name)(answer).passed
    for m in WRONG:
        assert failed(getattr(check, m.exercise)(m.answer)) == set(m.loses), m.name


def test_two_reruns_say_the_same(monkeypatch):
    monkeypatch.setenv("DLOPT_GRADING", "autograder.grading")
    for name, answer in [*RIGHT[:2], *((m.exercise, m.answer) for m in WRONG[:4])]:
        assert getattr(check, name)(answer) == getattr(check, name)(answer)


def test_checks_leave_the_global_generator_alone(monkeypatch):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - it is this one that is looked at
    for name in NAMES:
        getattr(check, name)(ps4.TABLE.right_answers[name][0])
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize("name", NAMES)
def test_a_visible_check_answers_at_once(name, monkeypatch):
    monkeypatch.delenv("DLOPT_GRADING", raising=False)
    times = []
    for _ in range(5):
        start = time.process_time()  # what a machine does besides does not count
        getattr(check, name)(ps4.TABLE.right_answers[name][0])
        times.append(time.process_time() - start)
    assert statistics.median(times) < 0.2
