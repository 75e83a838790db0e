"""Linear networks, against the singular value decomposition and an integrator."""

import pytest
import torch
from scipy.integrate import solve_ivp

from dlopt import linear_nets

GAMMA = torch.randn(5, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("sizes", [[4, 2, 5], [4, 3, 2, 5]])
def test_every_start_reaches_the_best_matrix_of_its_rank(sizes):
    starts = linear_nets.random_chains(sizes, 10, torch.Generator().manual_seed(1), scale=0.5)
    products, losses, _ = linear_nets.descend_chain(starts, GAMMA, lr=0.02, steps=3000, momentum=0.9, every=3000)
    u, s, vh = torch.linalg.svd(GAMMA)
    best = u[:, :2] * s[:2] @ vh[:2]
    torch.testing.assert_close(products[-1], best.expand(10, 5, 4), rtol=0, atol=1e-6)
    torch.testing.assert_close(losses[-1], (0.5 * (s[2:] ** 2).sum()).expand(10), rtol=0, atol=1e-9)


def test_aligned_starts_follow_the_curve_of_every_mode():
    start = linear_nets.mode_starts(GAMMA, 6, 1e-2, torch.Generator().manual_seed(2))
    products, _, _ = linear_nets.descend_chain(start, GAMMA, lr=1e-3, steps=3000, every=100)
    got = linear_nets.modes(products[:, 0], GAMMA)
    times = torch.arange(0, 3001, 100) * 1e-3
    curve = linear_nets.mode_curve(torch.linalg.svdvals(GAMMA), 1e-2, times)
    torch.testing.assert_close(got, curve, rtol=0, atol=0.01)


def test_the_curve_solves_the_logistic_equation():
    times = torch.linspace(0, 5, 21, dtype=torch.float64)
    found = solve_ivp(lambda _, u: 2 * u * (1.5 - u), (0, 5), [1e-3], t_eval=times.numpy(), rtol=1e-10, atol=1e-12)
    got = linear_nets.mode_curve(torch.tensor([1.5], dtype=torch.float64), 1e-3, times)
    torch.testing.assert_close(got[:, 0], torch.from_numpy(found.y[0]), rtol=0, atol=1e-8)


def test_residual_layers_add_the_identity():
    zero = [torch.zeros(1, 3, 3, dtype=torch.float64)] * 4
    assert torch.equal(linear_nets.chain(zero, residual=True)[0], torch.eye(3, dtype=torch.float64))
    with pytest.raises(ValueError, match="one factor"):
        linear_nets.chain([])
    with pytest.raises(ValueError, match="number of modes"):
        linear_nets.mode_starts(GAMMA, 3, 0.1, torch.Generator())
