"""Orders of visiting samples: every sample once, fresh or not, spread or not."""

import pytest
import torch

from dlopt import batches

LABELS = torch.tensor([3, 0, 1, 0, 3, 1, 1, 0, 3, 0, 1, 3] * 5)
N = len(LABELS)


def deals(seed):
    return {
        "reshuffled": batches.reshuffled(N, 4, torch.Generator().manual_seed(seed)),
        "balanced": batches.balanced(LABELS, 4, torch.Generator().manual_seed(seed)),
        "sorted": batches.sorted_by_class(LABELS, 4),
    }


@pytest.mark.parametrize("name", deals(0))
def test_every_sample_once_per_epoch(name):
    rows = deals(0)[name]()
    assert rows.shape == (4, N)
    assert torch.equal(rows.sort(dim=1).values, torch.arange(N).expand(4, N))


@pytest.mark.parametrize("name", ["reshuffled", "balanced"])
def test_epochs_and_learners_differ_and_seeds_repeat(name):
    deal = deals(1)[name]
    first, second = deal(), deal()
    assert not torch.equal(first, second)
    assert not torch.equal(first[0], first[1])
    assert torch.equal(first, deals(1)[name]())


def test_sorted_goes_class_by_class_in_the_order_of_the_data():
    rows = batches.sorted_by_class(LABELS, 1)()[0]
    assert (LABELS[rows].diff() >= 0).all()
    assert rows[0] == 1
    assert rows[1] == 3


@pytest.mark.parametrize("size", [3, 6, 12])
def test_balanced_batches_hold_the_classes_in_equal_numbers(size):
    rows = batches.balanced(LABELS, 8, torch.Generator().manual_seed(2))()
    counts = torch.stack([(LABELS[rows] == c).view(8, -1, size).sum(dim=2) for c in (0, 1, 3)])
    assert (counts.amax(dim=2) - counts.amin(dim=2)).max() <= 1


def test_drawn_repeats_samples():
    rows = batches.drawn(N, 3, torch.Generator().manual_seed(3))()
    assert rows.shape == (3, N)
    assert 0 <= rows.min() <= rows.max() < N
    assert all(len(row.unique()) < N for row in rows)


def test_same_every_epoch():
    rows = torch.tensor([[1, 0], [0, 1]])
    deal = batches.same_every_epoch(rows)
    assert torch.equal(deal(), rows)
    assert torch.equal(deal(), rows)
