"""The exact probability, against closed forms and counting."""

import math

import pytest
import torch

from dlopt import random_hessians

CLOSED = [(1, 1 / 2), (2, (2 - math.sqrt(2)) / 4), (3, (math.pi - 2 * math.sqrt(2)) / (4 * math.pi))]


@pytest.mark.parametrize(("n", "p"), CLOSED)
def test_equals_the_closed_forms(n, p):
    assert math.exp(random_hessians.log_probability(n)) == pytest.approx(p, rel=2e-5)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_counting_agrees_within_four_standard_errors(n):
    p, samples = math.exp(random_hessians.log_probability(n)), 100_000
    share = random_hessians.share_positive(n, samples, torch.Generator().manual_seed(n), block=30_000)
    assert abs(share - p) < 4 * math.sqrt(p * (1 - p) / samples)


def test_counting_agrees_with_eigenvalues():
    g = torch.randn(20_000, 3, 3, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    expected = (torch.linalg.eigvalsh((g + g.mT) / 2) > 0).all(dim=1).double().mean()
    assert random_hessians.share_positive(3, 20_000, torch.Generator().manual_seed(5)) == float(expected)


@pytest.mark.parametrize("n", [0, 13])
def test_refuses_sizes_beyond_its_reach(n):
    with pytest.raises(ValueError, match="must lie in"):
        random_hessians.log_probability(n)
    with pytest.raises(ValueError, match="≥ 1"):
        random_hessians.share_positive(0, 10, torch.Generator())
