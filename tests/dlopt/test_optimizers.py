"""Optimizers that torch lacks, against hand-computed traces, torch after a change of variables, and theory."""

import copy
import math

import numpy as np
import pytest
import torch
from scipy.optimize import least_squares

from dlopt import optimizers
from dlopt.surfaces import beale, rosenbrock

SHAPES = [(), (1,), (3,), (2, 3)]
SIMPLE = {
    "HeavyBall": lambda p: optimizers.HeavyBall(p, lr=0.05, alpha=0.8),
    "Nesterov": lambda p: optimizers.Nesterov(p, lr=0.05, alpha=0.8),
    "SignSteps": lambda p: optimizers.SignSteps(p, lr=0.05),
    "BacktrackingRprop": lambda p: optimizers.BacktrackingRprop(p, lr=0.05),
    "Quickprop": lambda p: optimizers.Quickprop(p, lr=0.05),
    "LateAdaGrad": lambda p: optimizers.LateAdaGrad(p, lr=0.1),
    "RootedRMSprop": lambda p: optimizers.RootedRMSprop(p, lr=0.01),
    "NesterovRMSprop": lambda p: optimizers.NesterovRMSprop(p, lr=0.01),
    "Newton": lambda p: optimizers.Newton(p),
}


def bowl(params, curvature=2.0):
    return sum(0.5 * curvature * (p**2).sum() for p in params)


def closure(optimizer, params, loss=bowl):
    def evaluate():
        optimizer.zero_grad()
        value = loss(params)
        value.backward()
        return value

    return evaluate


def walk(make, loss, start, steps):
    w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = make([w])
    path = [w.detach().clone()]
    for _ in range(steps):
        if isinstance(optimizer, optimizers.Newton):
            optimizer.step(lambda: loss(w))
        else:
            optimizer.step(closure(optimizer, [w], lambda ps: loss(ps[0])))
        path.append(w.detach().clone())
    return torch.stack(path)


def fed(make, gradients):
    """Positions under given gradients of one coordinate, from 0."""
    w = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = make([w])
    seen = []
    for g in gradients:
        w.grad = torch.tensor(float(g), dtype=torch.float64)
        optimizer.step()
        seen.append(w.item())
    return seen


@pytest.mark.parametrize("name", SIMPLE)
@pytest.mark.parametrize("shape", SHAPES)
def test_any_shape_goes_downhill_and_entries_do_not_mix(name, shape):
    start = torch.linspace(1, 2, max(1, math.prod(shape)), dtype=torch.float64).reshape(shape)
    path = walk(SIMPLE[name], lambda w: 1.0 * (w**2).sum(), start.tolist(), 30)
    assert path.shape == (31, *shape)
    assert (path[-1].abs() < path[0].abs()).all()
    alone = walk(SIMPLE[name], lambda w: 1.0 * (w**2).sum(), start.reshape(-1)[0].item(), 30)
    torch.testing.assert_close(path.reshape(31, -1)[:, 0], alone, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", [n for n in SIMPLE if n != "Newton"])
def test_the_state_survives_being_saved(name):
    w = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    first = SIMPLE[name]([w])
    for _ in range(5):
        first.step(closure(first, [w]))
    v = w.detach().clone().requires_grad_()
    second = SIMPLE[name]([v])
    second.load_state_dict(copy.deepcopy(first.state_dict()))  # a saved state is a copy
    for _ in range(5):
        first.step(closure(first, [w]))
        second.step(closure(second, [v]))
    assert torch.equal(w, v)


def test_heavy_ball_is_torch_s_momentum_while_the_step_size_stays():
    ours = walk(lambda p: optimizers.HeavyBall(p, lr=1e-3, alpha=0.9), beale, [1.0, 1.5], 200)
    theirs = walk(lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9), beale, [1.0, 1.5], 200)
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-12)


def test_nesterov_is_torch_s_seen_from_the_look_ahead_point():
    lr, alpha = 1e-3, 0.9
    ours = walk(lambda p: optimizers.Nesterov(p, lr=lr, alpha=alpha), beale, [1.0, 1.5], 200)
    theirs = walk(lambda p: torch.optim.SGD(p, lr=lr, momentum=alpha, nesterov=True), beale, [1.0, 1.5], 200)
    velocity = ours[1:] - ours[:-1]
    torch.testing.assert_close(ours[1:] + alpha * velocity, theirs[1:], rtol=1e-10, atol=1e-12)


def test_nesterov_without_a_closure_says_what_it_needs():
    w = torch.ones(1, requires_grad=True)
    with pytest.raises(TypeError, match="look-ahead point"):
        optimizers.Nesterov([w], lr=0.1, alpha=0.9).step()


def test_the_best_momentum_on_a_bowl_has_the_rate_of_theory():
    low, high = 1.0, 100.0
    alpha = ((10 - 1) / (10 + 1)) ** 2
    lr = 4 / (10 + 1) ** 2
    curvatures = torch.tensor([low, high], dtype=torch.float64)
    path = walk(
        lambda p: optimizers.HeavyBall(p, lr=lr, alpha=alpha),
        lambda w: 0.5 * (curvatures * w**2).sum(),
        [1.0, 1.0],
        400,
    )
    # at critical damping the error goes as k·rᵏ
    r = (path[400].norm() / path[200].norm() / 2) ** (1 / 200)
    assert r.item() == pytest.approx(math.sqrt(alpha), rel=2e-3)


def test_sign_steps_by_hand():
    # sizes 0.1, 0.12 (same sign), 0.06 (turned), 0.072
    assert fed(lambda p: optimizers.SignSteps(p, lr=0.1), [3, 0.1, -5, -1]) == pytest.approx(
        [-0.1, -0.22, -0.16, -0.088]
    )


def test_torch_s_rprop_stands_still_where_sign_steps_turn():
    # the same until the sign turns; then torch waits for one update
    assert fed(lambda p: torch.optim.Rprop(p, lr=0.1), [3, 0.1, -5, -1]) == pytest.approx([-0.1, -0.22, -0.22, -0.16])


def test_backtracking_by_hand():
    # −0.1; −0.12 more; turned: back to −0.1 and on by 0.06 in the old direction; the sign of old agrees: 0.072
    assert fed(lambda p: optimizers.BacktrackingRprop(p, lr=0.1), [3, 0.1, -5, 1]) == pytest.approx(
        [-0.1, -0.22, -0.16, -0.232]
    )


def test_step_sizes_keep_their_limits():
    far = fed(lambda p: optimizers.SignSteps(p, lr=1.0, max_step=2.0), [1] * 10)
    assert np.diff(far)[-1] == pytest.approx(-2.0)
    near = fed(lambda p: optimizers.SignSteps(p, lr=1e-3, min_step=5e-4), [1, -1] * 5)
    assert abs(np.diff(near)[-1]) == pytest.approx(5e-4)


def test_quickprop_is_exact_on_a_separable_bowl_where_its_limit_allows():
    curvatures = torch.tensor([1.0, 3.0], dtype=torch.float64)
    path = walk(
        lambda p: optimizers.Quickprop(p, lr=0.3, max_factor=100),
        lambda w: 0.5 * (curvatures * (w - 1) ** 2).sum(),
        [3.0, -2.0],
        2,
    )
    torch.testing.assert_close(path[2], torch.ones(2, dtype=torch.float64), rtol=0, atol=1e-12)


def test_quickprop_by_hand():
    # Δ = −0.1·4; secant −0.4·3/(4−3) = −1.2, limited to 1.75·0.4 = 0.7; then −0.7·1/(3−1) = −0.35; equal slopes: −0.1·1
    assert fed(lambda p: optimizers.Quickprop(p, lr=0.1), [4, 3, 1, 1]) == pytest.approx([-0.4, -1.1, -1.45, -1.55])


def test_late_adagrad_by_hand_stands_still_until_it_has_seen_a_gradient():
    assert fed(lambda p: optimizers.LateAdaGrad(p, lr=0.5), [3, 4, 5]) == pytest.approx(
        [0, -0.5 * 4 / 3, -0.5 * 4 / 3 - 0.5 * 5 / 5]
    )


def test_rooted_rmsprop_differs_from_torch_s_by_where_eps_stands():
    gradients = [1e-6, -2e-6, 5e-7]
    ours = fed(lambda p: optimizers.RootedRMSprop(p, lr=0.1, rho=0.9, eps=0.0), gradients)
    theirs = fed(lambda p: torch.optim.RMSprop(p, lr=0.1, alpha=0.9, eps=0.0), gradients)
    assert ours == pytest.approx(theirs, rel=1e-12)
    v = 0.1 * 1e-12
    (first,) = fed(lambda p: optimizers.RootedRMSprop(p, lr=0.1, rho=0.9, eps=1e-8), [1e-6])
    assert first == pytest.approx(-0.1 * 1e-6 / math.sqrt(v + 1e-8))


def test_nesterov_rmsprop_step_by_step():
    """Lecture S2's lines, one after the other, for f(θ) = θ²."""
    path = walk(
        lambda p: optimizers.NesterovRMSprop(p, lr=0.01, rho=0.9, alpha=0.8), lambda w: (w**2).sum(), 1.0, 3
    ).tolist()
    theta, r, v = 1.0, 0.0, 0.0
    for k in range(3):
        g = 2 * (theta + 0.8 * v)
        r = 0.9 * r + 0.1 * g * g
        v = 0.8 * v - 0.01 / math.sqrt(r) * g
        theta += v
        assert path[k + 1] == pytest.approx(theta, rel=1e-12)


def test_a_coordinate_without_gradients_stays():
    w = torch.tensor([1.0, 1.0], dtype=torch.float64, requires_grad=True)
    optimizer = optimizers.NesterovRMSprop([w], lr=0.1)
    for _ in range(3):
        optimizer.step(closure(optimizer, [w], lambda ps: ps[0][0] ** 2))
    assert w[1].item() == 1.0


def test_newton_lands_on_a_saddle_in_one_step_and_damping_shortens_it():
    def saddle(w):
        return 0.5 * (3 * w[0] ** 2 - w[1] ** 2) + w[0] * w[1]

    path = walk(lambda p: optimizers.Newton(p), saddle, [2.0, -1.0], 1)
    torch.testing.assert_close(path[1], torch.zeros(2, dtype=torch.float64), rtol=0, atol=1e-12)
    short = walk(lambda p: optimizers.Newton(p, lr=0.25), saddle, [2.0, -1.0], 1)
    torch.testing.assert_close(short[1], 0.75 * short[0], rtol=1e-12, atol=0)


def test_newton_says_that_a_hessian_is_singular():
    w = torch.ones(2, dtype=torch.float64, requires_grad=True)
    with pytest.raises(ValueError, match="damping"):
        optimizers.Newton([w]).step(lambda: w.sum())
    optimizers.Newton([w], damping=1.0).step(lambda: w.sum())
    assert w.tolist() == [0.0, 0.0]


def test_levenberg_marquardt_finds_what_scipy_finds():
    w = torch.tensor([-1.2, 1.0], dtype=torch.float64, requires_grad=True)
    optimizer = optimizers.LevenbergMarquardt([w])
    residuals = lambda: math.sqrt(2) * torch.stack([1 - w[0], math.sqrt(10) * (w[1] - w[0] ** 2)])  # noqa: E731
    losses = [optimizer.step(residuals).item() for _ in range(60)]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] == pytest.approx(rosenbrock(torch.tensor([-1.2, 1.0], dtype=torch.float64)).item())
    found = least_squares(lambda x: [1 - x[0], math.sqrt(10) * (x[1] - x[0] ** 2)], [-1.2, 1.0], method="lm")
    assert w.tolist() == pytest.approx(list(found.x), abs=1e-8)


def test_a_refused_step_of_levenberg_marquardt_moves_nothing_and_raises_the_damping():
    w = torch.tensor([3.0], dtype=torch.float64, requires_grad=True)
    optimizer = optimizers.LevenbergMarquardt([w], damping=1e-12)
    optimizer.step(lambda: torch.atan(w))  # Gauss-Newton overshoots far
    assert w.item() == 3.0
    assert optimizer.param_groups[0]["damping"] == pytest.approx(3e-12)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda p: optimizers.HeavyBall(p, lr=0, alpha=0.5), "lr should be above 0"),
        (lambda p: optimizers.HeavyBall(p, lr=0.1, alpha=1.0), "alpha should be at least 0 and below 1"),
        (lambda p: optimizers.SignSteps(p, lr=0.1, up=0.9), "down should be below 1 and up above 1"),
        (lambda p: optimizers.RootedRMSprop(p, lr=0.1, eps=-1), "eps should be at least 0"),
        (lambda p: optimizers.Newton(p, damping=-1), "damping should be at least 0"),
        (lambda p: optimizers.LevenbergMarquardt(p, up=0.5), "down should be below 1"),
        (lambda p: optimizers.Newton([{"params": p}, {"params": [torch.ones(1, requires_grad=True)]}]), "one group"),
    ],
)
def test_a_setting_that_makes_no_sense_gets_a_sentence(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make([torch.ones(1, requires_grad=True)])
