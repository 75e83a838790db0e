"""The exact moments of SGD on least squares, against enumeration of every possible run."""

import itertools

import numpy as np
import pytest
import torch

from dlopt.least_squares import LeastSquares
from dlopt.stochastic import walk

X = torch.tensor([[1.0, 0.5], [-0.3, 1.0], [0.7, -1.2]], dtype=torch.float64)
Y = torch.tensor([1.0, -0.5, 2.0], dtype=torch.float64)
E0 = torch.tensor([0.4, -1.0], dtype=torch.float64)
TASK = LeastSquares(X, Y)


def enumerate_runs(batch_size, lrs):
    """Every sequence of batches, equally likely: mean ‖e‖² and mean excess loss at the end."""
    batches = list(itertools.product(range(3), repeat=batch_size))
    best = np.linalg.lstsq(X.numpy(), Y.numpy(), rcond=None)[0]

    def full(w):
        return 0.5 * np.mean((Y.numpy() - X.numpy() @ w) ** 2)

    squares, losses = [], []
    for sequence in itertools.product(batches, repeat=len(lrs)):
        w = best + E0.numpy()
        for rows, lr in zip(sequence, lrs, strict=True):
            x, y = X.numpy()[list(rows)], Y.numpy()[list(rows)]
            w = w + lr * x.T @ (y - x @ w) / batch_size
        squares.append(((w - best) ** 2).sum())
        losses.append(full(w) - full(best))
    return np.mean(squares), np.mean(losses)


@pytest.mark.parametrize(
    ("batch_size", "lrs"), [(1, [0.3]), (1, [0.3, 0.1, 0.5, 0.2]), (2, [0.4, 0.2, 0.3]), (3, [0.5])]
)
def test_prediction_is_the_mean_over_all_runs(batch_size, lrs):
    squares, losses = enumerate_runs(batch_size, lrs)
    got = TASK.predicted(
        E0, lr=lambda k: lrs[min(k, len(lrs) - 1)], batch_size=batch_size, steps=len(lrs), record=[len(lrs)]
    )
    assert got[0].item() == pytest.approx(squares, rel=1e-12)
    assert got[1].item() == pytest.approx(losses, rel=1e-12)


@pytest.mark.parametrize(("lr", "batch_size"), [(0.2, 1), (0.5, 2), (0.9, 8)])
def test_stationary_variance_stands_still(lr, batch_size):
    settled = TASK.stationary(lr, batch_size)
    late = TASK.predicted(E0, lr=lr, batch_size=batch_size, steps=2000, record=[2000])
    assert late[0].item() == pytest.approx(settled.trace().item(), rel=1e-9)
    assert late[1].item() == pytest.approx(0.5 * (settled * TASK.hessian).sum().item(), rel=1e-9)


def test_stationary_refuses_what_never_settles():
    with pytest.raises(ValueError, match="lower lr"):
        TASK.stationary(3.0, 1)


@pytest.mark.parametrize("batch_size", [1, 5])
def test_walkers_agree_with_the_prediction(batch_size):
    generator = torch.Generator().manual_seed(0)
    record = [1, 5, 40]
    run = walk(TASK.noisy(batch_size, generator), E0.expand(4000, 2), lr=0.2, steps=40, record=record)
    ahead, _ = TASK.predicted(E0, lr=0.2, batch_size=batch_size, steps=40, record=record)
    squares = (run.last**2).sum(dim=-1)
    assert ((squares.mean(dim=1) - ahead).abs() < 4 * squares.std(dim=1) / 4000**0.5).all()


def test_minimum_noise_and_hessian_are_autograds():
    w = TASK.minimum.clone().requires_grad_()
    each = 0.5 * (Y - X @ w) ** 2
    rows = torch.stack([torch.autograd.grad(v, w, retain_graph=True)[0] for v in each])
    assert rows.mean(dim=0).norm() < 1e-12
    torch.testing.assert_close(rows.T @ rows / 3, TASK.noise)
    torch.testing.assert_close(
        torch.autograd.functional.hessian(lambda v: 0.5 * ((Y - X @ v) ** 2).mean(), TASK.minimum), TASK.hessian
    )


def test_a_visit_is_sgd_in_the_given_order():
    rows = torch.tensor([[2, 0, 1], [1, 2, 0]])
    got = TASK.visit(E0.expand(2, 2), rows, lr=0.3, batch_size=2)
    for r in range(2):
        w = (TASK.minimum + E0).requires_grad_()
        optimizer = torch.optim.SGD([w := w.detach().requires_grad_()], lr=0.3)
        for batch in (rows[r, :2], rows[r, 2:]):
            optimizer.zero_grad()
            (0.5 * (Y[batch] - X[batch] @ w) ** 2).mean().backward()
            optimizer.step()
        torch.testing.assert_close(got[r], w.detach() - TASK.minimum)


def test_excess_is_the_loss_above_its_minimum():
    def loss(w):
        return 0.5 * ((Y - X @ w) ** 2).mean()

    torch.testing.assert_close(TASK.excess(E0), loss(TASK.minimum + E0) - loss(TASK.minimum))


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (torch.ones(3, 2), torch.ones(2), r"x must be \(N, M\)"),
        (torch.ones(3, 2), torch.ones(3), "linearly independent"),
    ],
)
def test_refuses_by_name(x, y, message):
    with pytest.raises(ValueError, match=message):
        LeastSquares(x, y)
