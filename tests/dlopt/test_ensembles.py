"""An ensemble is its networks, one by one."""

import pytest
import torch
from torch import nn

from dlopt import ensembles
from dlopt.ensembles import Ensemble

F = nn.functional


def alone(nets: Ensemble, r: int) -> nn.Sequential:
    """Copy r as an ordinary torch network."""
    layers: list[nn.Module] = []
    for weight, bias in zip(nets.weights, nets.biases, strict=True):
        layer = nn.Linear(weight.shape[2], weight.shape[1], dtype=weight.dtype)
        with torch.no_grad():
            layer.weight.copy_(weight[r])
            layer.bias.copy_(bias[r, 0])
        layers += [layer, nn.Tanh() if nets.activation is torch.tanh else nn.ReLU()]
    return nn.Sequential(*layers[:-1])


@pytest.fixture
def data():
    g = torch.Generator().manual_seed(3)
    return torch.randn(3, 20, 4, generator=g, dtype=torch.float64), torch.randint(0, 5, (3, 20), generator=g)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_every_copy_computes_what_it_computes_alone(data, activation):
    nets = Ensemble(3, [4, 6, 7, 5], torch.Generator().manual_seed(0), activation)
    x, labels = data
    out = nets(x)
    for r in range(3):
        torch.testing.assert_close(out[r], alone(nets, r)(x[r]), rtol=1e-12, atol=1e-13)
        assert ensembles.cross_entropy(out, labels)[r].item() == pytest.approx(
            F.cross_entropy(out[r], labels[r]).item()
        )
        wrong = (out[r].argmax(1) != labels[r]).double().mean()
        assert ensembles.zero_one(out, labels)[r] == wrong


def test_shared_inputs_go_to_every_copy(data):
    nets = Ensemble(3, [4, 5], torch.Generator().manual_seed(0))
    torch.testing.assert_close(nets(data[0][0]), nets(data[0][:1].expand(3, -1, -1)))


def test_a_single_output_is_a_sigmoid(data):
    nets = Ensemble(3, [4, 6, 1], torch.Generator().manual_seed(0))
    x, labels = data[0], (data[1] > 2).long()
    out = nets(x)
    expected = F.binary_cross_entropy(torch.sigmoid(out[1, :, 0]), labels[1].double())
    assert ensembles.cross_entropy(out, labels)[1].item() == pytest.approx(expected.item(), rel=1e-12)
    assert ensembles.zero_one(out, labels)[1] == ((out[1, :, 0] > 0) != labels[1]).double().mean()


def test_copies_learn_as_if_they_were_alone(data):
    x, labels = data
    nets = Ensemble(3, [4, 6, 5], torch.Generator().manual_seed(0))
    single = alone(nets, 2)
    steps, losses, errors = ensembles.learning_curves(nets, {"train": data, "other": data}, lr=0.3, steps=20, every=10)
    optimizer = torch.optim.SGD(single.parameters(), lr=0.3)
    curve = []
    for _ in range(21):
        loss = F.cross_entropy(single(x[2]), labels[2])
        curve.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert steps.tolist() == [0, 10, 20]
    assert losses["train"][:, 2].tolist() == pytest.approx([curve[k] for k in (0, 10, 20)], rel=1e-12)
    assert torch.equal(losses["train"], losses["other"])
    assert errors["other"].shape == (3, 3)


def test_mini_batches_of_adam_are_torchs(data):
    x, labels = data
    nets = Ensemble(3, [4, 6, 5], torch.Generator().manual_seed(0))
    single = alone(nets, 1)
    given = {"epochs": 3, "batch_size": 8, "lr": 0.01}
    ensembles.fit(nets, x, labels, generator=torch.Generator().manual_seed(4), **given)
    optimizer, shuffler = torch.optim.Adam(single.parameters(), lr=0.01), torch.Generator().manual_seed(4)
    for _ in range(3):
        for batch in torch.randperm(20, generator=shuffler).split(8):
            optimizer.zero_grad()
            F.cross_entropy(single(x[1, batch]), labels[1, batch]).backward()
            optimizer.step()
    torch.testing.assert_close(nets(x)[1], single(x[1]), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(("activation", "gain"), [("tanh", 1), ("relu", 2)])
def test_weights_have_the_variance_they_should(activation, gain):
    nets = Ensemble(5, [200, 100, 2], torch.Generator().manual_seed(0), activation)
    assert nets.weights[0].var().item() == pytest.approx(gain / 200, rel=0.02)


def test_petals_alternate_with_gaps():
    angle = torch.arange(6) * torch.pi / 3
    rim = torch.stack([angle.cos(), angle.sin()], dim=1)
    assert ensembles.petals(1.2 * rim).tolist() == [1, 0, 1, 0, 1, 0]
    assert ensembles.petals(0.6 * rim).sum() == 6
    assert ensembles.petals(1.4 * rim).sum() == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Ensemble(2, [3, 2], torch.Generator(), "gelu"), "activation must be one of"),
        (lambda: Ensemble(0, [3, 2], torch.Generator()), "copies must be ≥ 1"),
        (lambda: ensembles.learning_curves(None, {"test": ()}, lr=1, steps=1, every=1), "must be named 'train'"),
    ],
)
def test_bad_input_gets_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()
