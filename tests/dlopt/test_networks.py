"""A network as a function of one vector is still the network."""

import numpy as np
import pytest
import torch
from torch import nn

from dlopt.networks import FlatLoss, mlp


@pytest.fixture
def data() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    return torch.randn(30, 6, generator=generator, dtype=torch.float64), torch.arange(30) % 3


def test_value_and_gradient_are_the_modules(data) -> None:
    x, labels = data
    net = mlp([6, 5, 3], torch.Generator().manual_seed(1))
    flat = FlatLoss(net, x, labels)
    plain = nn.functional.cross_entropy(net(x), labels)
    plain.backward()
    w = flat.start.clone().requires_grad_()
    flat(w).backward()
    assert flat(w).item() == pytest.approx(plain.item(), rel=1e-14)
    expected = torch.cat([p.grad.flatten() for p in net.parameters()])
    np.testing.assert_allclose(w.grad, expected, rtol=1e-12)


def test_the_module_is_never_changed(data) -> None:
    net = mlp([6, 5, 3], torch.Generator().manual_seed(1))
    flat = FlatLoss(net, *data)
    before = flat.start.clone()
    flat(flat.start + 1)
    assert torch.equal(before, torch.cat([p.detach().flatten() for p in net.parameters()]))


def test_weights_have_variance_one_over_fan_in() -> None:
    net = mlp([400, 300, 2], torch.Generator().manual_seed(0))
    assert net[0].weight.var().item() == pytest.approx(1 / 400, rel=0.02)
    assert net[0].bias.abs().max() == 0


def test_same_generator_same_network_whatever_the_global_seed() -> None:
    nets = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        nets.append(mlp([4, 3, 2], torch.Generator().manual_seed(9)))
    assert torch.equal(nets[0][0].weight, nets[1][0].weight)


def test_no_activation_at_the_end() -> None:
    assert isinstance(mlp([4, 3, 2], torch.Generator())[-1], nn.Linear)
