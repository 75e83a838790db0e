"""Paths downhill: hand-computed traces, torch.optim and scipy as oracles."""

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.optimize import minimize_scalar

from dlopt import surfaces
from dlopt.descent import accelerate, descend, flow, line_search, newton, sweep
from dlopt.quadratics import Quadratic, random_rotation, rotation


def doubles(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


BOWL = Quadratic([1.0, 4.0], rotation(30), doubles(0.5, -1))
START = doubles(2, 1)


def test_descent_by_hand() -> None:
    # L = ½(w₁² + 4w₂²), η = ¼: factors ¾ and 0
    path = descend(Quadratic([1.0, 4.0]), doubles(16, 8), lr=0.25, steps=2)
    assert path.tolist() == [[16, 8], [12, 0], [9, 0]]


def test_descent_leaves_its_start_alone() -> None:
    start = START.clone()
    descend(BOWL, start, lr=0.1, steps=3)
    assert torch.equal(start, START)
    assert not start.requires_grad


def test_schedule_by_hand() -> None:
    path = descend(lambda w: w.sum(), doubles(0), lr=2.0, steps=3, schedule=lambda k: 1 / (k + 1))
    np.testing.assert_allclose(path.flatten(), [0, -2, -3, -3 - 2 / 3], rtol=1e-14)


def test_preconditioning_by_the_inverse_jumps_to_the_minimum() -> None:
    path = descend(BOWL, START, lr=1.0, steps=1, precondition=BOWL.power(-1))
    np.testing.assert_allclose(path[-1], BOWL.minimum, atol=1e-14)


@pytest.mark.parametrize("row", [0, 1, 2])
def test_a_sweep_is_many_descents(row: int) -> None:
    lrs = doubles(0.05, 0.2, 0.6)  # the last diverges
    alone = descend(BOWL, START, lr=float(lrs[row]), steps=12)
    np.testing.assert_allclose(sweep(BOWL, START, lrs=lrs, steps=12)[:, row], alone, rtol=1e-12)


def test_line_search_agrees_with_a_one_dimensional_minimiser() -> None:
    first = line_search(BOWL, START, steps=1)[1]
    (g,) = torch.autograd.functional.jacobian(lambda w: BOWL(w)[None], START)
    found = minimize_scalar(lambda a: float(BOWL(START - a * g)), tol=1e-14)
    np.testing.assert_allclose(first, START - found.x * g, atol=1e-7)


def test_line_search_stays_put_at_the_minimum() -> None:
    path = line_search(Quadratic([1.0, 2.0]), doubles(0, 0), steps=3)
    assert torch.equal(path, torch.zeros(4, 2, dtype=torch.float64))


@pytest.mark.parametrize("damping", [0.3, 1.0, 1.7])
def test_damped_newton_multiplies_the_error(damping: float) -> None:
    after = newton(BOWL, START, steps=1, damping=damping)[-1] - BOWL.minimum
    np.testing.assert_allclose(after, (1 - damping) * (START - BOWL.minimum), atol=1e-13)


def test_newton_finds_the_hilltop_of_himmelblau() -> None:
    top = newton(surfaces.himmelblau, doubles(0, 0), steps=10)[-1]
    np.testing.assert_allclose(top, [-0.270845, -0.923039], atol=1e-6)  # as published


def test_newton_refuses_a_singular_hessian() -> None:
    with pytest.raises(RuntimeError, match="singular"):
        newton(surfaces.monkey_saddle, doubles(0, 0), steps=1)


def test_acceleration_by_hand() -> None:
    # f = ½w², η = ½: momentum is 0 after the first step, (t₂ − 1)/t₃ = 0.2817 after the second
    t2 = (1 + 5**0.5) / 2
    t3 = (1 + (1 + 4 * t2**2) ** 0.5) / 2
    third = 0.5 * (0.25 + (t2 - 1) / t3 * (0.25 - 0.5))
    path = accelerate(lambda w: 0.5 * (w**2).sum(), doubles(1), lr=0.5, steps=3)
    np.testing.assert_allclose(path.flatten(), [1, 0.5, 0.25, third], rtol=1e-14)


@pytest.mark.parametrize("seed", range(3))
def test_acceleration_keeps_its_bound(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    spectrum = torch.rand(12, generator=generator, dtype=torch.float64)
    bowl = Quadratic(spectrum, random_rotation(12, generator))
    start = torch.randn(12, generator=generator, dtype=torch.float64)
    losses = bowl(accelerate(bowl, start, lr=1 / float(spectrum.max()), steps=200))
    k = torch.arange(1, 201)
    promise = 2 * spectrum.max() * start.norm() ** 2 / (k + 1) ** 2
    assert (losses[1:] <= promise).all()


def test_flow_of_a_quadratic_is_the_matrix_exponential() -> None:
    times = doubles(0.3, 1.1)
    A, minimum, offset = (t.numpy() for t in (BOWL.power(1), BOWL.minimum, START - BOWL.minimum))
    exact = [minimum + expm(-s * A) @ offset for s in times.tolist()]
    np.testing.assert_allclose(flow(BOWL, START, times), np.stack(exact), rtol=1e-9)


def test_flow_agrees_with_an_implicit_method() -> None:
    def downhill(_: float, w: np.ndarray) -> np.ndarray:
        a, b = w
        return np.array([b * (1 - a * b), a * (1 - a * b)])  # by hand, for ½(1 − ab)²

    other = solve_ivp(downhill, (0, 2), [2.0, 0.1], method="Radau", rtol=1e-10, atol=1e-12).y[:, -1]
    np.testing.assert_allclose(flow(surfaces.two_weights, doubles(2, 0.1), doubles(2.0))[-1], other, rtol=1e-7)


def test_flow_says_when_it_gives_up() -> None:
    with pytest.raises(RuntimeError, match="flow"):
        flow(lambda w: -(w**4).sum(), doubles(1), doubles(10.0))  # reaches infinity at time 1/8
