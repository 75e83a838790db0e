"""Schedules as torch plays them, against hand-computed step sizes."""

import math

import pytest
import torch

from dlopt.schedules import decay, every, linear, plateau, played, polynomial

BY_HAND = {
    "constant": [6, 6, 6, 6],
    "1/(k+1)": [6, 3, 2, 1.5],
    "1/(k+1)²": [6, 1.5, 6 / 9, 6 / 16],
    "exponential": [6 * math.exp(-0.5 * k) for k in range(4)],
}


@pytest.mark.parametrize("name", BY_HAND)
def test_played_step_sizes(name: str) -> None:
    assert played(decay(name, beta=0.5), 6.0, 4).tolist() == pytest.approx(BY_HAND[name], rel=1e-14)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_every_n_updates(n: int) -> None:
    held = played(every(n, decay("1/(k+1)")), 1.0, 11)
    assert held.tolist() == pytest.approx([1 / (k // n + 1) for k in range(11)], rel=1e-14)


def test_exponential_equals_torchs_own() -> None:
    optimizer = torch.optim.SGD([torch.zeros((), requires_grad=True)], lr=2.0)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=math.exp(-0.05))
    theirs = []
    for _ in range(20):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert played(decay("exponential"), 2.0, 20).tolist() == pytest.approx(theirs, rel=1e-12)


def test_plateau_forgives_as_often_as_it_says() -> None:
    stuck = [1.0] * 8
    assert plateau(stuck, 1.0, factor=0.5, patience=2).tolist() == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]


def test_plateau_leaves_progress_alone() -> None:
    assert plateau([0.9**k for k in range(30)], 1.0).tolist() == [1.0] * 30


def test_unknown_names_and_periods() -> None:
    with pytest.raises(ValueError, match="must be one of"):
        decay("cosine")
    with pytest.raises(ValueError, match="must be ≥ 1, got 0"):
        every(0, decay("constant"))


@pytest.mark.parametrize(("tau", "last"), [(4, 0.01), (1, 0.5), (10, 0.0), (7, 1.0)])
def test_linear_equals_torchs_own(tau: int, last: float) -> None:
    optimizer = torch.optim.SGD([torch.zeros((), requires_grad=True)], lr=2.0)
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, last, total_iters=tau)
    theirs = []
    for _ in range(15):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert played(linear(tau, last), 2.0, 15).tolist() == pytest.approx(theirs, abs=1e-12)


def test_polynomial_by_hand() -> None:
    assert played(polynomial(2, 1), 9.0, 3).tolist() == pytest.approx([9, 9 / 4, 1])
    assert played(polynomial(0, 5), 9.0, 3).tolist() == [9, 9, 9]


def test_linear_and_polynomial_refuse_by_name() -> None:
    with pytest.raises(ValueError, match="tau ≥ 1"):
        linear(0)
    with pytest.raises(ValueError, match="tau ≥ 1"):
        linear(5, 1.5)
    with pytest.raises(ValueError, match="power ≥ 0"):
        polynomial(-1, 5)
