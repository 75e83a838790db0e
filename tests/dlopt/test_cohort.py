"""A cohort is the same networks that torch.nn would train one by one."""

import pytest
import torch
from torch import nn

from dlopt import cohort as module
from dlopt.cohort import Cohort, accuracy, affine_only, as_many_weights, train


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def data():
    x = torch.randn(60, 5, generator=rng(9))
    return x, (x[:, 0] > 0).long() + (x[:, 1] > 0).long()


def alone(cohort, member, norm):
    """One member as an ordinary torch.nn.Sequential."""
    layers = []
    for i, (weight, bias) in enumerate(zip(cohort.weights, cohort.biases, strict=True)):
        linear = nn.Linear(weight.shape[2], weight.shape[1])
        linear.weight.data, linear.bias.data = weight[member].detach().clone(), bias[member, 0].detach().clone()
        layers.append(linear)
        if i < len(cohort.norms):
            layers += [nn.BatchNorm1d(weight.shape[1])] if norm == "batch" else []
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_each_member_walks_the_path_of_torch_nn(norm, data):
    x, labels = data
    lrs = torch.tensor([0.02, 0.2, 0.5])
    cohort = Cohort([5, 7, 6, 3], 3, rng(1), norm=norm)
    nets = [alone(cohort, member, norm) for member in range(3)]
    losses = train(cohort, x, labels, lr=lrs, batch_size=20, steps=8, generator=rng(2), momentum=0.5)
    source, orders = rng(2), []
    for _ in range(3):  # epochs
        orders.append([torch.randperm(60, generator=source) for _ in range(3)])
    for member, net in enumerate(nets):
        optimizer = torch.optim.SGD(net.parameters(), lr=lrs[member].item(), momentum=0.5)
        for step in range(8):
            chosen = orders[step // 3][member][step % 3 * 20 :][:20]
            loss = nn.functional.cross_entropy(net(x[chosen]), labels[chosen])
            assert losses[step, member].item() == pytest.approx(loss.item(), rel=1e-4)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        net.eval()
        right = (net(x).argmax(1) == labels).double().mean()
        assert accuracy(cohort, x, labels)[member].item() == pytest.approx(right.item(), abs=1 / 60 + 1e-9)


@pytest.mark.parametrize("init", module.INITS)
def test_weights_have_the_variance_of_their_scheme(init):
    cohort = Cohort([300, 200, 10], 2, rng(), init=init)
    for weight, (fan_in, fan_out) in zip(cohort.weights, [(300, 200), (200, 10)], strict=True):
        theory = 2 / (fan_in + fan_out) if init == "xavier" else 2 / fan_in
        assert weight.var().item() == pytest.approx(theory, rel=0.05)
    assert all(bias.abs().max() == 0 for bias in cohort.biases)


def test_a_diverged_member_does_not_touch_the_others(data):
    pair = []
    for lrs in ([0.1, 0.1], [0.1, 1e12]):
        cohort = Cohort([5, 8, 3], 2, rng(1), norm="none")
        pair.append(train(cohort, *data, lr=torch.tensor(lrs), batch_size=20, steps=6, generator=rng(2)))
    assert torch.equal(pair[0][:, 0], pair[1][:, 0])
    assert not torch.isfinite(pair[1][-1, 1]) or pair[1][-1, 1] > 1e3


def test_same_generators_same_run_whatever_the_global_seed(data):
    runs = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        cohort = Cohort([5, 8, 3], 2, rng(1), norm="noisy")
        runs.append(train(cohort, *data, lr=0.1, batch_size=20, steps=4, generator=rng(2)))
    assert torch.equal(*runs)


def test_only_gamma_and_beta_move(data):
    cohort = Cohort([5, 8, 8, 3], 2, rng(1), norm="batch")
    before = {name: p.detach().clone() for name, p in cohort.named_parameters()}
    train(cohort, *data, lr=0.5, batch_size=20, steps=4, generator=rng(2), masks=affine_only(cohort))
    moved = {name for name, p in cohort.named_parameters() if not torch.equal(p, before[name])}
    assert moved == {f"norms.{i}.0.{which}" for i in (0, 1) for which in ("weight", "bias")}


def test_as_many_weights_as_there_are_gammas_and_betas(data):
    cohort = Cohort([5, 8, 8, 3], 2, rng(1), norm="batch")
    masks = as_many_weights(cohort, rng(3))
    affine = sum(p.numel() for name, p in cohort.named_parameters() if name in affine_only(cohort))
    assert sum(mask.sum() for mask in masks.values()) == affine
    before = {name: p.detach().clone() for name, p in cohort.named_parameters()}
    train(cohort, *data, lr=0.5, batch_size=20, steps=4, generator=rng(2), masks=masks)
    for name, p in cohort.named_parameters():
        may = masks.get(name, torch.zeros(()))
        assert torch.equal(p * (1 - may), before[name] * (1 - may)), name


def test_hidden_gives_the_inputs_of_every_linear_layer():
    cohort = Cohort([5, 8, 6, 3], 2, rng(1), norm="batch", ghost=5)
    x = torch.randn(10, 5, generator=rng(4))
    logits, inputs = cohort.hidden(x)
    assert [h.shape for h in inputs] == [(2, 10, 5), (2, 10, 8), (2, 10, 6)]
    torch.testing.assert_close(logits, inputs[2] @ cohort.weights[2].mT + cohort.biases[2])
    assert inputs[1].min() >= 0


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([5, 3], 0), {}, "one member at least"),
        (([5], 1), {}, "two layers"),
        (([5, 3], 1), {"norm": "layer"}, "norm must be in"),
        (([5, 3], 1), {"init": "zeros"}, "init in"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        Cohort(*arguments, rng(), **options)


def test_a_batch_larger_than_the_data_is_refused(data):
    with pytest.raises(ValueError, match="at most the 60 samples, got 61"):
        train(Cohort([5, 3], 1, rng()), *data, lr=0.1, batch_size=61, steps=1, generator=rng())


def test_train_mode_asks_in_batches_and_leaves_the_networks_alone():
    cohort = Cohort([4, 8, 3], 2, torch.Generator().manual_seed(0), norm="batch")
    x = torch.randn(12, 4, generator=torch.Generator().manual_seed(1))
    labels = torch.arange(12) % 3
    before = {name: value.clone() for name, value in cohort.state_dict().items()}
    together = accuracy(cohort, x, labels, train_mode=12)
    apart = accuracy(cohort, x, labels, train_mode=2)
    assert all(torch.equal(before[name], value) for name, value in cohort.state_dict().items())
    cohort.train()
    with torch.no_grad():
        torch.testing.assert_close(together, (cohort(x).argmax(-1) == labels).double().mean(-1))
    assert not torch.equal(apart, accuracy(cohort, x, labels))
