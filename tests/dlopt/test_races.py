"""A race is what its runs would be one by one, under torch.optim.SGD."""

import copy

import pytest
import torch

from dlopt import networks
from dlopt.races import race, settle

LRS, SEEDS = [0.2, 1.0], [3, 4, 5]


@pytest.fixture(scope="module")
def data():
    g = torch.Generator().manual_seed(0)
    labels = torch.randint(3, (40,), generator=g)
    return torch.eye(3, dtype=torch.float64)[labels] + 0.1 * torch.randn(40, 3, generator=g).double(), labels


def build(generator):
    return networks.mlp([3, 4, 3], generator)


def test_every_run_is_torchs_own(data):
    x, labels = data
    run = race(build, x, labels, lrs=LRS, seeds=SEEDS, target=0.3, most=200)
    for i, lr in enumerate(LRS):
        for j, seed in enumerate(SEEDS):
            net = copy.deepcopy(build(torch.Generator().manual_seed(seed)))
            optimizer = torch.optim.SGD(net.parameters(), lr=lr)
            for step in range(len(run.losses)):
                value = torch.nn.functional.cross_entropy(net(x), labels)
                assert abs(value.item() - run.losses[step, i, j].item()) < 1e-10
                optimizer.zero_grad()
                value.backward()
                optimizer.step()


def test_the_winner_is_the_step_size_whose_slowest_seed_came_first(data):
    x, labels = data
    run = race(build, x, labels, lrs=LRS, seeds=SEEDS, target=0.3, most=200)
    assert run.best == 1
    for j in range(len(SEEDS)):
        first = int(run.arrivals[1, j])
        assert run.losses[first, 1, j] <= 0.3 < run.losses[first - 1, 1, j]
    assert run.arrivals[1].max() == len(run.losses) - 1


def test_a_race_nobody_wins_says_so(data):
    x, labels = data
    with pytest.raises(RuntimeError, match=r"no step size brought every seed to 0\.001 within 5 steps"):
        race(build, x, labels, lrs=LRS, seeds=SEEDS, target=0.001, most=5)


def test_settling_takes_the_steps_of_the_race(data):
    x, labels = data
    run = race(build, x, labels, lrs=[1.0], seeds=[3], target=0.3, most=200)
    net, steps = settle(build(torch.Generator().manual_seed(3)), x, labels, lr=1.0, target=0.3, most=200)
    assert steps == run.arrivals[0, 0]
    assert abs(torch.nn.functional.cross_entropy(net(x), labels).item() - run.losses[-1, 0, 0].item()) < 1e-10


def test_a_loss_that_does_not_settle_says_so(data):
    x, labels = data
    with pytest.raises(RuntimeError, match=r"still above 0\.001 after 5 steps"):
        settle(build(torch.Generator().manual_seed(3)), x, labels, lr=1.0, target=0.001, most=5)
