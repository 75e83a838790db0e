"""Ranks, cosines and growth rates against numpy, torch and closed forms."""

import math

import numpy as np
import pytest
import torch

from dlopt import collapse


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def batch():
    return torch.randn(3, 40, 12, generator=rng(5), dtype=torch.float64) * torch.logspace(
        0, -9, 12, dtype=torch.float64
    )


def test_whitened_inputs_have_mean_zero_and_covariance_one():
    h = collapse.whitened(4, 50, 16, rng()).numpy()
    for one in h:
        np.testing.assert_allclose(one.mean(axis=0), 0, atol=1e-13)
        np.testing.assert_allclose(np.cov(one.T, bias=True), np.eye(16), atol=1e-12)


def test_whitening_needs_more_samples_than_units():
    with pytest.raises(ValueError, match="more samples than units, got 16 and 16"):
        collapse.whitened(1, 16, 16, rng())


def test_numerical_rank_is_the_one_torch_reports_for_float32(batch):
    sigma_max = torch.linalg.svdvals(batch)[:, 0]
    tolerance = 40 * torch.finfo(torch.float32).eps
    expected = [
        torch.linalg.matrix_rank(h, atol=float(tolerance * s), rtol=0).item()
        for h, s in zip(batch, sigma_max, strict=True)
    ]
    assert collapse.numerical_rank(batch).tolist() == expected
    assert collapse.numerical_rank(batch).tolist() == torch.linalg.matrix_rank(batch.float()).tolist()


@pytest.mark.parametrize("tau", [0.1, 0.5, 0.9])
def test_soft_rank_counts_eigenvalues_of_the_second_moment(batch, tau):
    expected = [(np.linalg.eigvalsh(h.T @ h / 40) >= tau**2).sum() for h in batch.numpy()]
    assert collapse.soft_rank(batch, tau).tolist() == expected


def test_participation_ratio_is_trace_squared_over_squared_norm(batch):
    for h, ratio in zip(batch.numpy(), collapse.participation_ratio(batch), strict=True):
        moment = h.T @ h
        assert ratio.item() == pytest.approx(np.trace(moment) ** 2 / (moment**2).sum(), rel=1e-10)


def test_mean_cosine_pair_by_pair(batch):
    h = batch[0].numpy()
    pairs = [abs(h[i] @ h[j]) / np.linalg.norm(h[i]) / np.linalg.norm(h[j]) for i in range(len(h)) for j in range(i)]
    assert collapse.mean_cosine(batch)[0].item() == pytest.approx(np.mean(pairs), rel=1e-10)


@pytest.mark.parametrize("measure", [collapse.numerical_rank, collapse.participation_ratio, collapse.mean_cosine])
def test_scale_does_not_matter(batch, measure):
    torch.testing.assert_close(measure(batch), measure(1e-7 * batch))


@pytest.mark.parametrize("relu", [False, True])
def test_layers_are_products_and_torch_modules(relu):
    """The same weights in torch.nn.Linear and BatchNorm1d give the same signals, up to the scale that is taken out."""
    h = collapse.whitened(2, 30, 6, rng(1))
    for norm in (False, True):
        found = collapse.propagate(h, [0, 1, 3], rng(2), relu=relu, norm=norm)
        assert torch.equal(found[0], h)
        source = rng(2)
        weights = [torch.randn(2, 6, 6, generator=source, dtype=torch.float64) / 6**0.5 for _ in range(3)]
        for member in range(2):
            layers = []
            for weight in weights:
                linear = torch.nn.Linear(6, 6, bias=False, dtype=torch.float64)
                linear.weight.data = weight[member]
                layers.append(linear)
                layers += [torch.nn.BatchNorm1d(6, dtype=torch.float64)] if norm else []
                layers += [torch.nn.ReLU()] if relu else []
            with torch.no_grad():
                out = torch.nn.Sequential(*layers)(h[member])
            out = out if norm else out / out.square().mean().sqrt()
            torch.testing.assert_close(found[3][member], out, rtol=1e-9, atol=1e-12)


def test_growth_rates_follow_newman():
    """Standard error of the smallest exponent: ½√ψ′(½) per layer and repetition."""
    rates = collapse.growth_rates(8, 400, 10, rng(3)).mean(dim=0)
    theory = collapse.lyapunov(8)
    spread = torch.tensor([0.5 * math.sqrt(torch.special.polygamma(1, torch.tensor(k / 2))) for k in range(8, 0, -1)])
    assert ((rates - theory).abs() < 4.5 * spread / 4000**0.5).all()


def test_growth_rates_add_up_to_the_determinant():
    rates = collapse.growth_rates(5, 3, 1, rng(4))
    source = rng(4)
    product = torch.eye(5, dtype=torch.float64)
    for _ in range(3):
        product = torch.randn(1, 5, 5, generator=source, dtype=torch.float64)[0] / 5**0.5 @ product
    assert rates.sum().item() * 3 == pytest.approx(torch.linalg.slogdet(product)[1].item(), rel=1e-10)
