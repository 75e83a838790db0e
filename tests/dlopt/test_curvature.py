"""Curvature against torch's own Hessian, and against hand-computed ones."""

import numpy as np
import pytest
import torch

from dlopt import surfaces
from dlopt.curvature import gradient_and_product, hessian, signature, taylor_error
from dlopt.networks import FlatLoss, mlp
from dlopt.quadratics import Quadratic, rotation

W = torch.tensor([0.7, -0.4], dtype=torch.float64)
SURFACES = [surfaces.rosenbrock, surfaces.himmelblau, surfaces.two_weights, surfaces.monkey_saddle]


@pytest.mark.parametrize("f", SURFACES)
def test_hessian_equals_torchs(f) -> None:
    np.testing.assert_allclose(hessian(f, W), torch.autograd.functional.hessian(f, W), rtol=1e-12)


def test_hessian_of_rosenbrock_by_hand() -> None:
    x, y = W.tolist()
    by_hand = [[2 + 120 * x**2 - 40 * y, -40 * x], [-40 * x, 20]]
    np.testing.assert_allclose(hessian(surfaces.rosenbrock, W), by_hand, rtol=1e-13)


@pytest.mark.parametrize("f", SURFACES)
def test_product_equals_hessian_times_vector(f) -> None:
    v = torch.tensor([0.3, 2.0], dtype=torch.float64)
    g, hv = gradient_and_product(f, W, v)
    np.testing.assert_allclose(g, torch.autograd.functional.jacobian(f, W), rtol=1e-12)
    np.testing.assert_allclose(hv, hessian(f, W) @ v, rtol=1e-12)


def test_hessian_of_a_network_is_symmetric_and_right() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(15, 3, generator=generator, dtype=torch.float64)
    loss = FlatLoss(mlp([3, 4, 2], generator), x, torch.arange(15) % 2)
    ours = hessian(loss, loss.start)
    np.testing.assert_allclose(ours, ours.T, atol=1e-14)
    np.testing.assert_allclose(ours, torch.autograd.functional.hessian(loss, loss.start), atol=1e-13)


@pytest.mark.parametrize(
    ("spectrum", "counts"),
    [((1, 2), (0, 0, 2)), ((-1, -2), (2, 0, 0)), ((-1, 2), (1, 0, 1)), ((0, 2), (0, 1, 1)), ((0, 0), (0, 2, 0))],
)
def test_signature_counts_signs(spectrum: tuple[float, float], counts: tuple[int, int, int]) -> None:
    assert signature(Quadratic([float(s) for s in spectrum], rotation(33)), W) == counts


def test_signature_is_blind_to_the_scale_of_the_loss() -> None:
    for scale in (1e-3, 1.0, 1e6):
        bowl = Quadratic([scale, -scale], rotation(10))
        assert signature(bowl, W) == (1, 0, 1)


def test_a_quadratic_is_its_own_model() -> None:
    bowl = Quadratic([1.0, 5.0], rotation(20))
    direction, lengths = torch.tensor([[0.6, 0.8], [0.1, 1.0]], dtype=torch.float64)
    error = taylor_error(bowl, W, direction, lengths)
    assert error.max() < 1e-13
