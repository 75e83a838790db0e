"""The fair comparison: everything but the optimizer is the same, and choosing looks at validation data only."""

from itertools import combinations

import pytest
import torch

from dlopt import contest
from dlopt.datasets import digits


@pytest.fixture(scope="module")
def field():
    return contest.field_of_digits(digits(), 300, torch.Generator().manual_seed(0))


def sgd(params, lr):
    return torch.optim.SGD(params, lr=lr)


def test_the_three_sets_are_disjoint_and_complete(field):
    both = torch.cat([field.train[0], field.validation[0]])
    whole = torch.from_numpy(digits().x_train).float()
    assert both.shape == whole.shape
    torch.testing.assert_close(both.sum(dim=0), whole.sum(dim=0), rtol=1e-4, atol=1e-3)


def test_the_same_seed_gives_the_same_run_and_learning_happens(field):
    once, again = (contest.run(sgd, [0.5], field, seed=3, copies=2, epochs=3) for _ in range(2))
    other = contest.run(sgd, [0.5], field, seed=4, copies=2, epochs=3)
    torch.testing.assert_close(once.train, again.train)
    assert not torch.equal(once.train, other.train)
    assert (once.test < 0.2).all()


def test_methods_that_take_the_same_steps_get_the_same_score(field):
    def plain(params, lr):
        return torch.optim.SGD(params, lr=2 * lr, momentum=0.0)

    ours = contest.tune({"a": sgd, "b": plain}, [0.25], field, seed=0, copies=2, epochs=1)
    twice = contest.run(sgd, [0.5], field, seed=0, copies=2, epochs=1)
    torch.testing.assert_close(ours["b"].train, twice.train)
    assert not torch.equal(ours["a"].train, twice.train)


def test_best_of_is_the_mean_over_all_choices():
    scores = torch.tensor([0.3, 0.1, 0.9, 0.4])
    for budget in (1, 2, 3, 4):
        truth = torch.tensor([min(c) for c in combinations(scores.tolist(), budget)]).mean()
        assert contest.best_of(scores, budget).item() == pytest.approx(truth.item())
    with pytest.raises(ValueError, match="budget"):
        contest.best_of(scores, 5)
