"""Kernels and students, against quadrature and hand-made cases."""

import math

import pytest
import torch

from dlopt import teachers


def by_quadrature(a, b, nodes=400_001):
    """E[relu(a·x) relu(b·x)] in polar coordinates: ∫ r³ exp(−r²/2) dr/2π = 1/π, times an integral over the angle."""
    phi = torch.linspace(0, 2 * math.pi, nodes, dtype=torch.float64)
    ring = torch.stack([phi.cos(), phi.sin()])
    return torch.trapezoid((a @ ring).relu() * (b @ ring).relu(), phi) / math.pi


@pytest.mark.parametrize("seed", range(5))
def test_overlap_is_the_gaussian_mean(seed):
    a, b = torch.randn(2, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    got = teachers.relu_overlap(a[None], b[None])[0, 0]
    torch.testing.assert_close(got, by_quadrature(a, b), rtol=0, atol=1e-8)


def test_loss_is_what_sampling_says():
    g = torch.Generator().manual_seed(0)
    w, v = torch.randn(3, 4, generator=g, dtype=torch.float64), torch.randn(2, 4, generator=g, dtype=torch.float64)
    x = torch.randn(400_000, 4, generator=g, dtype=torch.float64)
    each = 0.5 * ((x @ w.T).relu().sum(dim=1) - (x @ v.T).relu().sum(dim=1)) ** 2
    error = each.std() / len(x) ** 0.5
    assert abs(teachers.expected_loss(w, v) - each.mean()) < 4 * error


def test_the_teacher_itself_has_no_loss_and_a_wide_student_learns():
    teacher = torch.eye(3, dtype=torch.float64)
    assert abs(teachers.expected_loss(teacher, teacher)) < 1e-10
    g = torch.Generator().manual_seed(0)
    w, losses = teachers.train_students(teacher, 6, 4, lr=0.1, steps=400, generator=g)
    assert w.shape == (4, 6, 3)
    assert (losses < 1e-4).all()
    with pytest.raises(ValueError, match="≥ 1"):
        teachers.train_students(teacher, 0, 4, lr=0.1, steps=1, generator=g)
