"""What is said about gradients, on networks small enough to say it by hand."""

import pytest
import torch
from torch import nn

from dlopt.cohort import Cohort
from dlopt.ensembles import cross_entropy
from dlopt.probes import layer_shift, outlook


@pytest.fixture
def data():
    x = torch.randn(20, 4, generator=torch.Generator().manual_seed(8))
    return x, torch.arange(20) % 3


def state(cohort):
    return [t.detach().clone() for t in (*cohort.parameters(), *cohort.buffers()) if t.dtype.is_floating_point]


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_outlook_agrees_with_torch_nn_step_by_step(norm, data):
    x, labels = data
    cohort = Cohort([4, 6, 3], 2, torch.Generator().manual_seed(1), norm=norm)
    lrs = torch.tensor([0.1, 0.8])
    found = outlook(cohort, x, labels, lrs)
    for member in range(2):
        for e, lr in enumerate(lrs):
            layers = [nn.Linear(4, 6), *([nn.BatchNorm1d(6)] if norm == "batch" else []), nn.ReLU(), nn.Linear(6, 3)]
            net = nn.Sequential(*layers)
            net[0].weight.data = cohort.weights[0][member].detach().clone()
            net[-1].weight.data = cohort.weights[1][member].detach().clone()
            net[0].bias.data.zero_(), net[-1].bias.data.zero_()
            slopes = []
            for _ in range(2):
                loss = nn.functional.cross_entropy(net(x), labels)
                slopes.append(torch.autograd.grad(loss, list(net.parameters())))
                with torch.no_grad():
                    for p, g in zip(net.parameters(), slopes[0], strict=True):
                        p.sub_(lr * g)
            before, after = (torch.cat([g.flatten() for g in s]) for s in slopes)
            assert found.losses[e, member].item() == pytest.approx(loss.item(), rel=1e-4)
            change = (after - before).norm() / before.norm()
            assert found.changes[e, member].item() == pytest.approx(change.item(), rel=1e-3)


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_probing_leaves_no_trace(norm, data):
    cohort = Cohort([4, 6, 6, 3], 3, torch.Generator().manual_seed(1), norm=norm)
    before = state(cohort)
    outlook(cohort, *data, torch.tensor([0.5]))
    layer_shift(cohort, *data, layer=2, lr=0.5)
    assert all(torch.equal(a, b) for a, b in zip(before, state(cohort), strict=True))


def test_shift_of_a_layer_is_that_of_its_gradient_alone(data):
    x, labels = data
    cohort = Cohort([4, 6, 6, 3], 2, torch.Generator().manual_seed(1))

    def slope():
        return torch.autograd.grad(cross_entropy(cohort(x), labels).sum(), list(cohort.parameters()))

    found = layer_shift(cohort, x, labels, layer=1, lr=0.3)
    names = [name for name, _ in cohort.named_parameters()]
    first = dict(zip(names, slope(), strict=True))
    with torch.no_grad():
        for name in ("weights.0", "biases.0"):
            dict(cohort.named_parameters())[name].sub_(0.3 * first[name])
    second = dict(zip(names, slope(), strict=True))
    difference = (second["weights.1"] - first["weights.1"]).flatten(1).norm(dim=1)
    torch.testing.assert_close(found, difference / first["weights.1"].flatten(1).norm(dim=1), rtol=1e-4, atol=1e-5)


def test_an_unknown_layer_is_refused(data):
    with pytest.raises(ValueError, match="layer must lie in 0…1, got 2"):
        layer_shift(Cohort([4, 6, 3], 1, torch.Generator()), *data, layer=2, lr=0.1)
