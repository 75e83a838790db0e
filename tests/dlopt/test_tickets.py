"""Pruning, tickets and subset sums, against brute force and plain networks."""

import itertools

import pytest
import torch

from dlopt import tickets


def test_pruning_keeps_the_largest_of_what_is_left():
    g = torch.Generator().manual_seed(0)
    weights = torch.randn(3, 10, 10, generator=g)
    once = tickets.prune(weights, torch.ones(3, 10, 10), 0.4)
    twice = tickets.prune(weights, once, 0.5)
    for w, mask, left in ((weights, once, 60), (weights, twice, 30)):
        assert (mask.flatten(1).sum(dim=1) == left).all()
        for r in range(3):
            assert w[r][mask[r] == 1].abs().min() > w[r][mask[r] == 0].abs().max()
    assert (twice <= once).all()
    with pytest.raises(ValueError, match="share"):
        tickets.prune(weights, once, 1.0)


def test_best_subsets_are_those_of_brute_force():
    g = torch.Generator().manual_seed(0)
    wanted, candidates = torch.randn(300, generator=g), torch.randn(300, 6, generator=g)
    mask, off = tickets.nearest_sums(wanted, candidates)
    single = tickets.nearest(wanted, candidates)
    for m in range(0, 300, 37):
        sums = [sum(c) for k in range(7) for c in itertools.combinations(candidates[m].tolist(), k)]
        found = abs(float((mask[m] * candidates[m]).sum() - wanted[m]))
        assert found == pytest.approx(min(abs(s - float(wanted[m])) for s in sums), abs=1e-5)
        assert float(off[m]) == pytest.approx(found, abs=1e-6)
        assert float(single[m]) == pytest.approx(min(abs(float(wanted[m]) - c) for c in [0.0, *candidates[m].tolist()]))
    with pytest.raises(ValueError, match="at most 16"):
        tickets.nearest_sums(torch.zeros(1), torch.zeros(1, 17))


def test_a_pruned_random_layer_imitates_a_linear_one():
    g = torch.Generator().manual_seed(0)
    weight, x = torch.randn(3, 4, generator=g), torch.rand(20, 4, generator=g)
    off = []
    for n in (2, 12):
        u, v = tickets.pruned_random(weight, n, torch.Generator().manual_seed(1))
        assert (u > 0).all()
        hidden = torch.relu(x[:, :, None] * u)  # (20, 4, n)
        off.append((torch.einsum("kji,bji->bk", v, hidden) - x @ weight.T).abs().max())
    assert off[1] < 0.1 * off[0]


def test_a_contest_has_a_ticket_and_two_controls():
    g = torch.Generator().manual_seed(0)
    x, labels = torch.randn(128, 5, generator=g), torch.randint(3, (128,), generator=g)
    settings = {"rounds": 2, "share": 0.5, "lr": 0.1, "steps": 20, "seed": 0}
    found = tickets.contest([5, 16, 3], 4, (x, labels), (x, labels), **settings)
    assert found.density[0] == 1
    assert (found.density.diff() < 0).all()
    assert set(found.accuracy) == set(tickets.ARMS)
    assert all(a.shape == (3, 4) for a in found.accuracy.values())
    assert torch.equal(found.accuracy["rewound"][0], found.accuracy["random mask"][0])  # dense: the same network
    again = tickets.contest([5, 16, 3], 4, (x, labels), (x, labels), **settings)
    assert torch.equal(found.accuracy["rewound"], again.accuracy["rewound"])


def test_an_imitation_approaches_the_network():
    g = torch.Generator().manual_seed(0)
    layers = [
        (torch.randn(5, 4, generator=g), torch.randn(5, generator=g)),
        (torch.randn(3, 5, generator=g), torch.ones(3)),
    ]
    x = torch.rand(30, 4, generator=g)
    (w1, b1), (w2, b2) = layers
    truth = torch.relu(x @ w1.T + b1) @ w2.T + b2
    off = [
        torch.stack(
            [(tickets.imitate(layers, x, n, torch.Generator().manual_seed(s)) - truth).norm() for s in range(4)]
        )
        for n in (3, 13)
    ]
    assert off[1].mean() < 0.4 * off[0].mean()
    with pytest.raises(ValueError, match="≥ 0"):
        tickets.imitate(layers, -x, 3, g)
