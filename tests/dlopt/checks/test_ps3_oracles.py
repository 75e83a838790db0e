"""The right values of problem set 3 against scipy and torch: what a cloud was built from is what they find in it."""

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
import torch

from autograder.references import ps3 as reference
from dlopt.checks import Case
from dlopt.checks.ps3_whitening import _gd, _hessian, _standardize, _whitened, _zca
from dlopt.checks.ps3_whitening._cases import clouds, flat_clouds, single_columns, thin_clouds

SEEDS = (1, 2, 7)


def cases(*generators):
    return [case for seed in SEEDS for of in generators for case in of(seed) if isinstance(case, Case)]


@pytest.mark.parametrize(
    "cloud",
    [c for s in SEEDS for c in [*clouds(s), *single_columns(s), *flat_clouds(s), *[t for t, _ in thin_clouds(s)]]],
)
def test_a_cloud_has_the_mean_the_variances_and_the_axes_it_was_built_from(cloud):
    X = cloud.X
    covariance = np.cov(X, rowvar=False, bias=True).reshape(X.shape[1], X.shape[1])
    largest = cloud.variances[0]
    np.testing.assert_allclose(X.mean(axis=0), cloud.mean, atol=1e-13 * (1 + np.abs(X).max()))
    np.testing.assert_allclose(covariance @ cloud.axes, cloud.axes * cloud.variances, atol=1e-12 * largest)
    np.testing.assert_allclose(np.trace(covariance), cloud.variances.sum(), rtol=1e-10)
    assert np.all(np.diff(cloud.variances) < 0)


@pytest.mark.parametrize("case", cases(_whitened.full, _whitened.damped, _whitened.single), ids=lambda case: case.label)
def test_whitened_columns_are_those_of_torch_s_svd(case):
    X, eps = (*case.args, 0.0)[:2]
    cloud = case.truth[0] if isinstance(case.truth, tuple) else case.truth
    U, s, _ = torch.linalg.svd(torch.tensor(X - X.mean(axis=0)), full_matrices=False)
    theirs = (U * s / torch.sqrt(s**2 / len(X) + eps)).numpy()
    ours = cloud.whitened(eps)
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("case", cases(_whitened.full, _whitened.damped, _whitened.single), ids=lambda case: case.label)
def test_zca_is_scipy_s_inverse_square_root(case):
    X, eps = (*case.args, 0.0)[:2]
    cloud = case.truth[0] if isinstance(case.truth, tuple) else case.truth
    Xc = X - X.mean(axis=0)
    root = scipy.linalg.sqrtm(Xc.T @ Xc / len(X) + eps * np.eye(X.shape[1]))
    np.testing.assert_allclose(_zca._turned(cloud, eps), np.linalg.solve(root, Xc.T).T, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("case", cases(_standardize._tables, _standardize._narrow), ids=lambda case: case.label)
def test_standardized_columns_are_scipy_s_z_scores(case):
    np.testing.assert_allclose(case.truth[0], scipy.stats.zscore(case.args[0], axis=0), rtol=1e-9, atol=1e-12)


def test_constant_decimals_are_rounded_in_the_mean():
    for seed in SEEDS:
        (case,) = _standardize._still_in_decimals(seed)
        assert (case.args[0][:, :3].std(axis=0) > 0).any()


@pytest.mark.parametrize("case", cases(_gd._walks, _gd._wild_walks), ids=lambda case: case.label)
def test_losses_are_those_of_torch_s_sgd(case):
    X, y, lr, num_steps = case.args
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=lr)
    losses = []
    for _ in range(num_steps + 1):
        loss = 0.5 * torch.nn.functional.mse_loss(torch.tensor(X) @ w, torch.tensor(y))
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    np.testing.assert_allclose(case.truth[1], losses, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "case",
    cases(_hessian._centred, _hessian._off_centre, _hessian._tiny_and_huge),
    ids=lambda case: case.label,
)
def test_the_hessian_is_autograd_s(case):
    X = torch.tensor(case.args[0])

    def loss(w):
        return 0.5 * torch.mean((1 - X @ w) ** 2)

    hessian = torch.autograd.functional.hessian(loss, torch.ones(X.shape[1], dtype=torch.float64)).numpy()
    np.testing.assert_allclose(case.truth[0], hessian, rtol=1e-10, atol=1e-12 * np.abs(hessian).max())


@pytest.mark.parametrize("name", reference.__all__)
def test_what_is_lent_is_right(name):
    from dlopt.checks import ps3_whitening

    assert getattr(ps3_whitening, name)(getattr(reference, name)).passed
