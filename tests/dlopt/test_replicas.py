"""Networks side by side, each against a torch.nn network trained alone by torch.optim."""

import pytest
import torch
from torch import nn

from dlopt.curvature import hessian
from dlopt.networks import FlatLoss
from dlopt.replicas import Replicas, squared_gradients, top_curvature, until

X = torch.randn(12, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
Y = torch.tensor([0, 1, 2, 1] * 3)


def some(seed=1, members=3):
    return Replicas([3, 5, 3], members, torch.Generator().manual_seed(seed))


def alone(nets, i):
    """Copy one member into torch.nn."""
    net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 3)).double()
    with torch.no_grad():
        for layer, weight, bias in zip((net[0], net[2]), nets.weights[::2], nets.weights[1::2], strict=True):
            layer.weight.copy_(weight[i].T)
            layer.bias.copy_(bias[i, 0])
    return net


@pytest.mark.parametrize("i", range(3))
def test_members_are_ordinary_networks(i):
    nets = some()
    net = alone(nets, i)
    torch.testing.assert_close(nets.logits(X)[i], net(X))
    torch.testing.assert_close(nets.losses(X, Y)[i], nn.functional.cross_entropy(net(X), Y))
    assert nets.errors(X, Y)[i].item() == pytest.approx((net(X).argmax(1) != Y).double().mean().item())


@pytest.mark.parametrize("i", range(3))
@pytest.mark.parametrize("own", [False, True])
def test_an_epoch_is_torchs_sgd_on_each(i, own):
    nets = some()
    net = alone(nets, i)
    rows = torch.stack([torch.randperm(12, generator=torch.Generator().manual_seed(s)) for s in range(3)])
    x, y = (X.expand(3, -1, -1) + torch.arange(3)[:, None, None], Y.expand(3, -1)) if own else (X, Y)
    met = nets.epoch(x, y, rows, lr=lambda k: 0.1 * (k + 1), batch_size=5)
    mine = X + i if own else X
    expected = []
    for k, batch in enumerate(rows[i].split(5)):
        loss = nn.functional.cross_entropy(net(mine[batch]), Y[batch])
        expected.append(loss.item())
        net.zero_grad()
        loss.backward()
        torch.optim.SGD(net.parameters(), lr=0.1 * (k + 1)).step()
    assert met[i].tolist() == pytest.approx(expected, rel=1e-12)
    torch.testing.assert_close(nets.logits(X)[i], net(X))
    assert nets.updates == 3


def test_copies_go_their_own_way():
    nets = some()
    twin, before = nets.copy(), nets.logits(X).detach().clone()
    twin.step(X.expand(3, -1, -1), Y.expand(3, -1), 1.0)
    torch.testing.assert_close(nets.logits(X), before, rtol=0, atol=0)
    assert (nets.updates, twin.updates) == (0, 1)


def test_pulling_is_linear_interpolation():
    here, there = some(1), some(2)
    middle = [0.75 * a + 0.25 * b for a, b in zip(here.weights, there.weights, strict=True)]
    here.pull_towards(there, 0.25)
    for got, expected in zip(here.weights, middle, strict=True):
        torch.testing.assert_close(got, expected)


def test_weights_have_the_stated_variance():
    nets = Replicas([100, 50, 10], 20, torch.Generator().manual_seed(3))
    assert nets.weights[0].std().item() == pytest.approx(0.1, rel=0.02)
    assert nets.weights[2].std().item() == pytest.approx(50**-0.5, rel=0.03)
    assert not nets.weights[1].any()


def test_until_stops_each_member_at_the_target():
    nets = some()
    x, y = X.expand(3, -1, -1), Y.expand(3, -1)
    settings = {"lr": 0.3, "batch_size": 4, "generator": torch.Generator().manual_seed(4)}
    stopped = until(nets, x, y, target=0.7, **settings)
    assert (stopped.losses(x, y) < 0.7).all()
    assert (nets.losses(x, y) > 0.7).all()  # left alone
    with pytest.raises(ValueError, match="3 members above 1e-06 after 2 epochs"):
        until(nets, x, y, target=1e-6, epochs=2, **settings)


def test_squared_gradients_of_batches():
    nets = some()
    x, y = X.expand(3, -1, -1), Y.expand(3, -1)
    for i in range(3):
        net, total = alone(nets, i), 0.0
        for batch in torch.arange(12).split(4):
            loss = nn.functional.cross_entropy(net(X[batch]), Y[batch])
            total += sum((g**2).sum().item() for g in torch.autograd.grad(loss, list(net.parameters())))
        assert squared_gradients(nets, x, y, 4)[i].item() == pytest.approx(total / 3, rel=1e-12)


@pytest.mark.parametrize("i", range(3))
def test_top_curvature_is_that_of_the_dense_hessian(i):
    nets = some()
    for _ in range(300):  # towards a minimum
        nets.step(X.expand(3, -1, -1), Y.expand(3, -1), 0.3)
    loss = FlatLoss(alone(nets, i), X, Y)
    eigenvalues = torch.linalg.eigvalsh(hessian(loss, loss.start))
    got = top_curvature(nets, X, Y, torch.Generator().manual_seed(5), steps=200)
    assert got[i].item() == pytest.approx(eigenvalues[-1].item(), rel=1e-4)


def test_refuses_by_name():
    with pytest.raises(ValueError, match="members ≥ 1"):
        Replicas([3, 2], 0, torch.Generator())
