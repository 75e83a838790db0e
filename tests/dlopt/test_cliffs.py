"""The cliff and the clipped walk, against torch.nn and hand-made cases."""

import pytest
import torch

from dlopt import cliffs


def test_loss_is_that_of_a_recurrent_cell():
    w = torch.tensor([5.0, -2.5], dtype=torch.float64)
    x = torch.tensor(0.5, dtype=torch.float64)
    for _ in range(7):
        x = w[0] * torch.sigmoid(x) + w[1]
    torch.testing.assert_close(cliffs.recurrent_loss(w, steps=7), (torch.sigmoid(x) - 0.7) ** 2)
    with pytest.raises(ValueError, match="≥ 1"):
        cliffs.recurrent_loss(w, steps=0)


def test_clipped_steps_keep_direction_and_never_exceed_the_limit():
    start = torch.tensor([[3.0, 4.0], [0.03, 0.04]], dtype=torch.float64)
    path = cliffs.descend_clipped(lambda w: 0.5 * (w**2).sum(-1), start, lr=0.1, steps=1, max_norm=1.0)
    moved = path[0] - path[1]
    torch.testing.assert_close(moved[0], 0.1 * torch.tensor([0.6, 0.8], dtype=torch.float64), rtol=1e-5, atol=0)
    torch.testing.assert_close(moved[1], 0.1 * start[1])


def test_without_a_limit_it_is_gradient_descent():
    start = torch.tensor([[3.0, 4.0]], dtype=torch.float64)
    path = cliffs.descend_clipped(lambda w: 0.5 * (w**2).sum(-1), start, lr=0.1, steps=5, max_norm=None)
    torch.testing.assert_close(path[-1], 0.9**5 * start)


@pytest.mark.parametrize("t", [0, 1, 7])
def test_powers_from_the_spectrum_are_powers(t):
    W = torch.randn(6, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(cliffs.power_from_spectrum(W, t), torch.linalg.matrix_power(W, t), rtol=0, atol=1e-8)
