"""What problem set 7 takes for right, held against torch's optimizers and, where it has none, against known parabolas.

The checks sum over the whole past, or draw decisions and make gradients of them; torch goes from step to step.
"""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from autograder.misconceptions import table
from dlopt import optimizers, quadratics
from dlopt.checks.ps7_optimizers import _adam, _cases, _momentum, _quickprop, _rprop, _scaled
from dlopt.walks import feed, using, walk

SEEDS = [1, 2, 3, 7919]
DEFAULTS = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}


def adam(amsgrad):
    def recipe(**given):
        s = DEFAULTS | given
        return using(torch.optim.Adam, lr=s["lr"], betas=(s["beta1"], s["beta2"]), eps=s["eps"], amsgrad=amsgrad)

    return recipe


def rprop(lr, up=1.2, down=0.5, min_step=1e-6, max_step=50.0):
    return using(torch.optim.Rprop, lr=lr, etas=(down, up), step_sizes=(min_step, max_step))


def momentum(lr, alpha):
    return using(torch.optim.SGD, lr=lr, momentum=alpha)


def adagrad(lr, delta=1e-10):
    return using(torch.optim.Adagrad, lr=lr, eps=delta)


def rmsprop(lr, rho=0.9, eps=1e-8):
    return using(torch.optim.RMSprop, lr=lr, alpha=rho, eps=eps)


def quickprop(lr, max_factor=1.75):
    return using(optimizers.Quickprop, lr=lr, max_factor=max_factor)


#: Names of the settings, torch's recipe of them, and every generator of walks that the checks use.
TWINS = {
    "Momentum": (("lr", "alpha"), momentum, (_momentum._walks, _momentum._starts)),
    "Rprop": (
        ("lr", "up", "down", "min_step", "max_step"),
        rprop,
        (_rprop._starts, _rprop._growing, _rprop._turning, _rprop._silent, _rprop._limits),
    ),
    "AdaGrad": (("lr", "delta"), adagrad, (_scaled._sums, _scaled._first_sums, _scaled._deltas)),
    "RMSprop": (("lr", "rho", "eps"), rmsprop, (_scaled._averages, _scaled._first_averages, _scaled._epsilons)),
    "Adam": (tuple(DEFAULTS), adam(False), (_adam._walks, _adam._starts, _adam._epsilons, _adam._defaults)),
    "AMSGrad": (
        tuple(DEFAULTS),
        adam(True),
        (_adam._peaks, _adam._rising, _adam._peak_epsilons, _adam._peak_defaults),
    ),
    "Quickprop": (
        ("lr", "max_factor"),
        quickprop,
        (_quickprop._starts, _quickprop._secants, _quickprop._limited, _quickprop._flat),
    ),
}
WALKS = [
    pytest.param(name, cases, id=f"{name}-{cases.__name__}") for name, (_, _, all_) in TWINS.items() for cases in all_
]


def settings_of(name, case):
    """The settings of a case by name."""
    settings, named, *_ = case.args
    count = len(settings) - len(named)
    return dict(zip(TWINS[name][0], settings[:count], strict=False)) | dict(zip(named, settings[count:], strict=True))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "cases"), WALKS)
def test_the_right_path_is_the_library_s(name, cases, seed):
    """torch's, and for Quickprop the chapter's, which has tests of its own."""
    for case in cases(seed):
        start, grads = map(torch.from_numpy, case.args[2:4])
        theirs = feed(TWINS[name][1](**settings_of(name, case)), grads, start)[1:].numpy()
        np.testing.assert_allclose(case.truth.path, theirs, rtol=0, atol=1e-9 + 1e-8 * np.max(np.abs(theirs)))


@pytest.mark.parametrize("seed", SEEDS)
def test_nesterov_s_looks_are_the_parameters_of_torch(seed):
    """Where torch is with nesterov=True is where our form looks."""
    for case in _momentum._looks(seed):
        (lr, alpha), start, grads = case.args[0], *map(torch.from_numpy, case.args[2:4])
        if alpha == 0:  # torch refuses: there is nothing to look ahead with
            continue
        theirs = feed(using(torch.optim.SGD, lr=lr, momentum=alpha, nesterov=True), grads, start)[:-1].numpy()
        np.testing.assert_allclose(case.truth.path, theirs, rtol=0, atol=1e-8 * np.max(np.abs(theirs)))


@pytest.mark.filterwarnings("ignore")  # right answers may warn
@pytest.mark.parametrize("answer", table("ps7_optimizers").right_answers["Nesterov"])
def test_nesterov_in_use_is_torch_after_the_change_of_variables(answer):
    """Two hundred updates on a bowl, each gradient taken where lookahead says."""
    bowl = quadratics.Quadratic([1.0, 30.0], quadratics.rotation(20))
    start = torch.tensor([-2.0, 1.0], dtype=torch.float64)
    theirs = walk(bowl, start, using(torch.optim.SGD, lr=0.02, momentum=0.8, nesterov=True), steps=200).numpy()
    optimizer, theta, looked = answer(0.02, 0.8), start.numpy(), []
    for _ in range(201):
        looked.append(optimizer.lookahead(theta))
        slope = torch.func.grad(bowl)(torch.from_numpy(looked[-1])).numpy()
        theta = optimizer.update(theta, slope)
    np.testing.assert_allclose(looked, theirs, rtol=0, atol=1e-12)


@pytest.mark.filterwarnings("ignore")  # right answers may warn
@pytest.mark.parametrize("answer", table("ps7_optimizers").right_answers["Quickprop"])
def test_quickprop_s_second_step_ends_at_the_minimum_of_a_parabola(answer):
    """An oracle that knows no formula: with curvature a, the minimum is where the slope a·θ vanishes."""
    curvature, theta = np.array([0.7, 3.0, 1.1]), np.array([2.0, -1.0, 0.3])
    optimizer = answer(0.5, 100.0)
    for _ in range(2):
        theta = optimizer.update(theta, curvature * theta)
    np.testing.assert_allclose(theta, 0, atol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_slopes_drawn_for_quickprop_stay_ordinary(seed):
    """Neither slopes nor steps run away in two hundred updates, so that no step is lost in the rounding of others."""
    for case in _quickprop._secants(seed):
        for values in (case.args[3], case.truth.steps):
            size = np.abs(values[values != 0])
            assert size.max() / size.min() < 1e6


@pytest.mark.parametrize("seed", range(20))
def test_walks_of_rprop_turn_without_meeting_a_limit(seed):
    for case in _rprop._turning(seed):
        moved = np.abs(case.truth.steps[case.truth.steps != 0])
        assert 2e-6 < moved.min()
        assert moved.max() < 49
        assert np.count_nonzero(case.truth.steps == 0) > 0


def test_the_past_fades_by_age():
    np.testing.assert_array_equal(_cases.fading(0.0, 3), np.eye(3))
    np.testing.assert_array_equal(_cases.fading(1, 3), np.tril(np.ones((3, 3))))


def test_a_case_says_which_settings_are_given_by_name():
    zero = np.zeros((1, 2))
    case = _cases.case((0.1, 0.5), zero[0], zero, zero, named=("rho",))
    assert case.label == "settings (0.1, rho=0.5), theta of shape (2,), one update"
    assert SimpleNamespace(**settings_of("RMSprop", case)) == SimpleNamespace(lr=0.1, rho=0.5)
