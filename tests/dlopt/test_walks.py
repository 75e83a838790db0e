"""Walking optimizers over functions and feeding them gradients."""

import math

import pytest
import torch

from dlopt import walks


def test_a_schedule_scales_the_step():
    path = walks.walk(
        lambda w: w.sum(), torch.zeros(1), lambda p: torch.optim.SGD(p, lr=1.0), steps=3, schedule=lambda k: 1 / (k + 1)
    )
    torch.testing.assert_close(path.flatten().diff(), torch.tensor([-1.0, -1 / 2, -1 / 3]))


def test_methods_that_look_more_than_once_get_a_closure():
    def recipe(params):
        return torch.optim.LBFGS(params, max_iter=1, line_search_fn="strong_wolfe")

    path = walks.walk(lambda w: 0.5 * (w**2).sum(), torch.tensor([3.0, -4.0]), recipe, steps=3)
    assert path[-1].norm() < 1e-5


def test_feed_clips_to_the_box_after_each_update():
    path = walks.feed(
        lambda p: torch.optim.SGD(p, lr=1.0), torch.full((4, 1), -0.7), torch.zeros(1), box=1.0, schedule=lambda k: 1.0
    )
    torch.testing.assert_close(path.flatten(), torch.tensor([0.0, 0.7, 1.0, 1.0, 1.0]))


def test_first_within_says_never():
    path = torch.tensor([[3.0], [2.0], [1.0]])
    assert walks.first_within(path, torch.zeros(1), 2.0) == 1
    assert walks.first_within(path, torch.zeros(1), 0.1) == math.inf


@pytest.mark.parametrize(
    ("recipe", "per_weight"),
    [
        (lambda p: torch.optim.SGD(p, lr=0.1), 0),
        (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), 1),
        (lambda p: torch.optim.RMSprop(p), 1),
        (lambda p: torch.optim.Rprop(p), 2),
        (lambda p: torch.optim.Adam(p), 2),
        (lambda p: torch.optim.Adam(p, amsgrad=True), 3),
    ],
)
def test_state_is_counted(recipe, per_weight):
    w = torch.ones(7, requires_grad=True)
    optimizer = recipe([w])
    (w**2).sum().backward()
    optimizer.step()
    assert walks.state_numbers(optimizer) == 7 * per_weight


def test_steps_until_gives_up_on_a_run_that_explodes():
    sgd = walks.using(torch.optim.SGD, lr=10.0)
    assert walks.steps_until(lambda w: (w**4).sum(), torch.tensor([8.0]), sgd, lambda w: False, most=10**6) == math.inf
    slow = walks.using(torch.optim.SGD, lr=1e-3)
    assert (
        walks.steps_until(lambda w: (w**2).sum(), torch.tensor([8.0]), slow, lambda w: bool(w < 1), most=5) == math.inf
    )
