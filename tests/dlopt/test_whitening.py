"""Whitening against scikit-learn, scipy and the properties that define it."""

import numpy as np
import pytest
import scipy.linalg
import torch
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from dlopt import datasets, whitening
from dlopt.quadratics import random_rotation

WHITE = [whitening.pca, whitening.zca, whitening.cholesky]


@pytest.fixture
def cloud():
    g = torch.Generator().manual_seed(0)
    mix = torch.randn(4, 4, generator=g, dtype=torch.float64)
    return torch.randn(50, 4, generator=g, dtype=torch.float64) @ mix + torch.tensor([1.0, -2.0, 3.0, 0.5]).double()


@pytest.fixture(scope="module")
def digits():
    return torch.from_numpy(datasets.digits().x_train)


@pytest.mark.parametrize("method", WHITE)
def test_the_covariance_becomes_the_identity(method, cloud):
    z = method(cloud)(cloud).numpy()
    np.testing.assert_allclose(np.cov(z, rowvar=False, bias=True), np.eye(4), atol=1e-12)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-12)


def test_scaling_is_scikit_learns(cloud):
    np.testing.assert_allclose(whitening.scaling(cloud)(cloud), StandardScaler().fit_transform(cloud), atol=1e-12)


def test_scaling_drops_the_pixels_that_the_data_set_drops(digits):
    ours = whitening.scaling(digits)(digits)
    np.testing.assert_allclose(ours, datasets.standardized(datasets.digits()).x_train, atol=1e-9)


def test_a_constant_coordinate_is_dropped_though_its_mean_is_rounded():
    x = torch.tensor([[0.1, 1.0], [0.1, 2.0], [0.1, 4.0]], dtype=torch.float64)
    assert whitening.scaling(x).matrix.shape == (1, 2)


def test_pca_is_scikit_learns_up_to_signs(cloud):
    theirs = PCA(whiten=True).fit_transform(cloud) * np.sqrt(50 / 49)  # scikit-learn divides by N − 1
    ours = whitening.pca(cloud)(cloud).numpy()
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-10)


def test_zca_is_the_inverse_root_of_the_covariance(cloud):
    covariance = np.cov(cloud.numpy(), rowvar=False, bias=True)
    root = scipy.linalg.inv(scipy.linalg.sqrtm(covariance))
    np.testing.assert_allclose(whitening.zca(cloud).matrix, root, atol=1e-10)


def test_cholesky_is_lower_triangular(cloud):
    assert whitening.cholesky(cloud).matrix.triu(1).abs().max() == 0


@pytest.mark.parametrize("eps", [0.01, 1.0])
@pytest.mark.parametrize("method", [whitening.pca, whitening.zca])
def test_eps_leaves_the_small_directions_small(method, eps, cloud):
    lam = np.linalg.eigvalsh(np.cov(cloud.numpy(), rowvar=False, bias=True))
    left = np.linalg.eigvalsh(np.cov(method(cloud, eps)(cloud).numpy(), rowvar=False, bias=True))
    np.testing.assert_allclose(np.sort(left), np.sort(lam / (lam + eps)), atol=1e-12)


def test_flat_directions_are_left_out(digits):
    assert whitening.pca(digits).matrix.shape == (60, 64)
    z = whitening.zca(digits)(digits)
    assert torch.linalg.matrix_rank(z) == 60


def test_keep_takes_the_largest_first(cloud):
    np.testing.assert_allclose(whitening.pca(cloud, keep=2).matrix, whitening.pca(cloud).matrix[:2])


def test_moved_is_the_mean_squared_distance(cloud):
    map = whitening.zca(cloud)
    lam = np.linalg.eigvalsh(np.cov(cloud.numpy(), rowvar=False, bias=True))
    assert abs(whitening.moved(map, cloud) - ((np.sqrt(lam) - 1) ** 2).sum()) < 1e-10


def test_turning_keeps_it_white(cloud):
    z = whitening.turned(whitening.pca(cloud), random_rotation(4, torch.Generator().manual_seed(1)))(cloud)
    np.testing.assert_allclose(whitening.second_moment(z), np.eye(4), atol=1e-12)


def test_condition_is_that_of_the_second_moment(cloud):
    x = whitening.with_bias(cloud)
    assert whitening.condition(x) == pytest.approx(np.linalg.cond(x.T.numpy() @ x.numpy()), rel=1e-8)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda x: whitening.pca(x[0]), r"pca: needs a matrix of at least two rows.*\(4,\)"),
        (lambda x: whitening.scaling(x[:1]), "scaling: needs a matrix"),
        (lambda x: whitening.pca(x, eps=-1.0), "pca: eps must be finite and ≥ 0, got -1.0"),
        (lambda x: whitening.zca(x, eps=float("nan")), "zca: eps must be"),
        (lambda x: whitening.pca(x, keep=0), "pca: keep must be at least 1, got 0"),
        (lambda x: whitening.pca(torch.ones(3, 2)), "pca: all rows are equal"),
        (lambda x: whitening.cholesky(torch.ones(3, 2)), "cholesky: the covariance has no full rank"),
        (lambda x: whitening.turned(whitening.pca(x), 2 * torch.eye(4).double()), "must be orthogonal"),
        (lambda x: whitening.moved(whitening.pca(x, keep=2), x), r"W must be square, got \(2, 4\)"),
    ],
)
def test_bad_input_gets_a_sentence(call, sentence, cloud):
    with pytest.raises(ValueError, match=sentence):
        call(cloud)
