"""What a student reads under a check cell of problem set 7, and honest answers that must not lose a point."""

import numpy as np
import pytest

from autograder.misconceptions import ps7
from dlopt.checks import ps7_optimizers as check


def failed(report):
    return {row.name for row in report.rows if row.status not in ("pass", "later")}


def row(report, name):
    return next(row for row in report.rows if row.name == name)


@pytest.fixture(autouse=True)
def visible(monkeypatch):
    """As in a student's Jupyter."""
    monkeypatch.delenv("DLOPT_GRADING", raising=False)


def test_an_object_instead_of_the_class_gets_a_sentence():
    assert "expects your class Adam itself" in repr(check.Adam(ps7.AdamPlain()))


def test_an_optimizer_that_returns_theta_as_it_is_earns_next_to_nothing():
    class Lazy:
        def __init__(self, *args, **kwargs):
            pass

        def update(self, theta, grad):
            return np.array(theta)

    for name in check.__all__:
        report = getattr(check, name)(Lazy)
        assert report.earned <= 0.5, name
        assert "theta never moves." in repr(report), name


def test_the_update_at_which_a_walk_is_left_is_named():
    report = check.Momentum(ps7.MomentumForgetful)
    found = row(report, "momentum_walk")
    assert found.message.startswith("theta after update 2: expected [0.855, 2.09]; got [0.9, 2].")
    assert found.clue == (
        "The first update is right. Of the step of update 2: it is what comes out when the old velocity is left out."
    )
    assert found.picture.startswith("<svg")


@pytest.mark.parametrize(
    ("exercise", "answer", "prop", "clue"),
    [
        ("Momentum", ps7.MomentumAverage, "momentum_start", "it is too small by a factor of 1/(1 − alpha)."),
        ("Momentum", ps7.MomentumLate, "momentum_walk", "Every step comes one update late."),
        ("Momentum", ps7.MomentumUphill, "momentum_start", "every sign is flipped."),
        ("Nesterov", ps7.NesterovWhole, "nesterov_lookahead", "It looks 1 times the velocity ahead; alpha is 0.9."),
        ("Nesterov", ps7.NesterovBack, "nesterov_lookahead", "It looks -0.9 times the velocity ahead; alpha is 0.9."),
        ("RMSprop", ps7.RMSpropCorrected, "rmsprop_start", "it is too small by a factor of 1/√(1 − rho)."),
        ("Adam", ps7.AdamOnlySquares, "adam_start", "it is too small by a factor of 1/(1 − beta1^t)."),
        ("Adam", ps7.AdamOnlyGradients, "adam_start", "it is too large by a factor of 1/√(1 − beta2^t)."),
        ("Rprop", ps7.RpropGrowsAtOnce, "rprop_start", "it is too large by a factor of up."),
        ("Quickprop", ps7.QuickTurned, "quickprop_secant", "every sign is flipped."),
    ],
)
def test_a_clue_says_what_the_wrong_step_looks_like(exercise, answer, prop, clue):
    assert row(getattr(check, exercise)(answer), prop).clue.endswith(clue)


def test_an_array_in_the_wrong_hands_is_told_from_a_shared_state():
    assert "the caller fills anew every time" in row(check.Momentum(ps7.MomentumAliased), "momentum_arrays").message
    assert "The two walks part at update 2." in row(check.Momentum(ps7.MomentumAliased), "momentum_arrays").clue
    assert "The 1000 that the caller has" in row(check.Nesterov(ps7.NesterovHandsBack), "nesterov_arrays").clue
    assert "Beside another object of its kind" in row(check.Momentum(ps7.MomentumShared), "momentum_state").message
    assert "moves theta between two updates" in row(check.Momentum(ps7.MomentumOwnTheta), "momentum_state").message


def test_an_update_without_a_return_is_told():
    class Silent(ps7.AdamPlain):
        def update(self, theta, grad):
            super().update(theta, grad)

    assert "What update 1 returns is None." in row(check.Adam(Silent), "adam_type").message


def test_half_a_class_earns_its_half():
    class Blind(ps7.NesterovPlain):
        def lookahead(self, theta):
            raise NotImplementedError

    report = check.Nesterov(Blind)
    assert failed(report) == {"nesterov_lookahead", "nesterov_looking", "nesterov_arrays", "inputs_unchanged"}
    assert 0.4 < report.earned / report.points < 0.7


def test_a_state_made_only_of_scalars_and_lists_is_fine():
    class Lists(ps7.AdaGradPlain):
        """Remembers plain numbers, in nested lists."""

        def update(self, theta, grad):
            old = np.array(self.sum if isinstance(self.sum, list | float) else 0.0)
            self.sum = (old + np.square(grad)).tolist()
            return np.array(theta - self.lr * grad / (np.sqrt(self.sum) + self.delta))

    assert check.AdaGrad(Lists).passed


@pytest.mark.parametrize("returned", [np.float64, np.asarray, float], ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    ("exercise", "answer"), [("Adam", ps7.AdamPlain), ("Rprop", ps7.RpropPlain), ("Quickprop", ps7.QuickPlain)]
)
def test_a_theta_without_axes_may_come_back_as_a_number(exercise, answer, returned):
    class Scalar(answer):
        def update(self, theta, grad):
            new = super().update(theta, grad)
            return new if np.shape(new) else returned(new)

    assert getattr(check, exercise)(Scalar).passed


def test_keyword_only_settings_would_not_be_the_contract_s():
    class Keywords(ps7.AdamPlain):
        def __init__(self, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
            super().__init__(lr, beta1, beta2, eps)

    assert "adam_walk" in failed(check.Adam(Keywords))


def test_state_of_a_wrong_optimizer_is_judged_by_the_optimizer_itself():
    report = check.Momentum(ps7.MomentumAverage)
    assert failed(report) == {"momentum_start", "momentum_walk"}
