"""Bowls have the spectrum they were built from, seen by numpy and autograd."""

import importlib
import pkgutil

import numpy as np
import pytest
import torch

import dlopt
from dlopt.quadratics import Quadratic, random_rotation, rotation

EXERCISES = {
    "quadratic",
    "gradient_descent",
    "condition_number",
    "convergence_rate",
    "optimal_learning_rate",
    "to_eigenbasis",
    "exact_line_search",
    "newton_step",
    "classify_critical_point",
}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def doubles(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_random_rotation_is_orthogonal(size: int) -> None:
    q = random_rotation(size, seeded())
    np.testing.assert_allclose(q.T @ q, np.eye(size), atol=1e-14)


def test_random_rotations_favour_no_direction() -> None:
    first = torch.stack([random_rotation(3, g)[:, 0] for g in [seeded(1)] for _ in range(2000)])
    assert first.mean(dim=0).abs().max() < 0.05  # three standard errors
    assert (first**2).mean(dim=0).sub(1 / 3).abs().max() < 0.03


def test_rotation_is_counter_clockwise() -> None:
    np.testing.assert_allclose(rotation(90.0) @ doubles(1, 0), [0, 1], atol=1e-15)


def test_its_hessian_has_the_spectrum() -> None:
    bowl = Quadratic([0.5, 2.0, 9.0], random_rotation(3, seeded()), doubles(1, 2, 3))
    hessian = torch.autograd.functional.hessian(bowl, torch.zeros(3, dtype=torch.float64))
    np.testing.assert_allclose(np.linalg.eigvalsh(hessian.numpy()), [0.5, 2.0, 9.0], rtol=1e-12)
    np.testing.assert_allclose(hessian, bowl.power(1), atol=1e-13)


def test_it_equals_the_quadratic_of_the_lectures_up_to_a_constant() -> None:
    minimum = doubles(1, -2)
    bowl = Quadratic([1.0, 5.0], rotation(25), minimum)
    A, w = bowl.power(1), doubles(0.3, 0.7)
    b = A @ minimum
    lecture = 0.5 * w @ A @ w - b @ w
    lowest = 0.5 * minimum @ A @ minimum - b @ minimum
    assert float(bowl(w)) == pytest.approx(float(lecture - lowest), rel=1e-12)


def test_by_hand() -> None:
    bowl = Quadratic([1.0, 10.0], minimum=doubles(1, 1))
    assert bowl(doubles(3, 0)).item() == pytest.approx(0.5 * (4 + 10))
    assert bowl.distance(doubles(4, 5)).item() == pytest.approx(5.0)


def test_many_points_at_once() -> None:
    bowl = Quadratic([1.0, 3.0], rotation(40), doubles(2, 1))
    points = torch.randn(4, 5, 2, generator=seeded(), dtype=torch.float64)
    together = bowl(points)
    assert together.shape == (4, 5)
    np.testing.assert_allclose(together[2, 3], bowl(points[2, 3]), rtol=1e-14)


def test_coordinates_go_there_and_back() -> None:
    bowl = Quadratic([1.0, 3.0, 4.0], random_rotation(3, seeded(2)), doubles(2, 1, 0))
    w = torch.randn(6, 3, generator=seeded(), dtype=torch.float64)
    np.testing.assert_allclose(bowl.from_axes(bowl.along_axes(w)), w, atol=1e-13)


def test_diagonalising_a_singular_matrix_gives_exact_zeros() -> None:
    x = torch.randn(20, 5, generator=seeded(), dtype=torch.float64)
    x[:, 3] = 0
    bowl = Quadratic.of(x.T @ x / 20)
    assert (bowl.spectrum == 0).sum() == 1
    np.testing.assert_allclose(bowl.power(1), x.T @ x / 20, atol=1e-12)


@pytest.mark.parametrize("exponent", [-1.0, -0.5, 0.5, 2.0])
def test_powers_multiply(exponent: float) -> None:
    bowl = Quadratic([0.5, 2.0], rotation(70))
    np.testing.assert_allclose(bowl.power(exponent) @ bowl.power(-exponent), np.eye(2), atol=1e-14)


def test_a_root_of_a_saddle_is_refused() -> None:
    with pytest.raises(ValueError, match="every curvature > 0"):
        Quadratic([1.0, -1.0]).power(0.5)


@pytest.mark.parametrize(
    ("axes", "minimum", "complaint"),
    [
        (torch.eye(3, dtype=torch.float64), None, r"axes \(2, 2\)"),
        (None, doubles(1, 2, 3), r"minimum \(2,\)"),
        (doubles(1, 1, 0, 1).reshape(2, 2), None, "orthogonal"),
    ],
)
def test_shapes_that_do_not_fit(axes: torch.Tensor, minimum: torch.Tensor, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Quadratic([1.0, 2.0], axes, minimum)


def test_dlopt_answers_no_exercise_by_name() -> None:
    for module in pkgutil.iter_modules(dlopt.__path__, "dlopt."):
        if module.name != "dlopt.checks":
            names = set(vars(importlib.import_module(module.name)))
            assert not names & EXERCISES, f"{module.name} offers {names & EXERCISES}"
