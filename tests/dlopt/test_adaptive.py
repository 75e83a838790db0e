"""Gradient streams and the separable data set, against what their papers say about them."""

import numpy as np
import pytest
import torch

from dlopt import adaptive, walks


def test_nine_to_one_sums_to_zero_also_when_shuffled():
    stream = adaptive.nine_to_one(50, torch.Generator().manual_seed(0)).view(50, 10)
    np.testing.assert_allclose(stream.sum(dim=1), 0, atol=1e-12)
    assert (stream < 0).sum(dim=1).eq(1).all()


def test_by_filter_is_the_running_average():
    values = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.5, 4.0]], dtype=torch.float64)
    v, seen = torch.zeros(2, dtype=torch.float64), []
    for x in values:
        v = torch.lerp(x, v, 0.9)
        seen.append(v)
    torch.testing.assert_close(adaptive.by_filter(values, 0.9), torch.stack(seen))


@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.9, 0.99), (0.5, 0.9)])
def test_no_random_stream_beats_the_ratio_and_the_steepest_attains_it(beta1, beta2):
    limit = adaptive.adam_ratio(beta1, beta2)
    g = torch.randn(400, 500, generator=torch.Generator().manual_seed(0), dtype=torch.float64) ** 5
    worst = adaptive.by_filter(g, beta1).abs() / adaptive.by_filter(g**2, beta2).sqrt()
    assert worst.max() <= limit
    steep = adaptive.steepest_stream(beta1, beta2, 300)
    reached = adaptive.by_filter(steep, beta1) / adaptive.by_filter(steep**2, beta2).sqrt()
    assert reached[-1].item() == pytest.approx(limit, rel=1e-6)
    with pytest.raises(ValueError, match="beta1²"):
        adaptive.adam_ratio(0.9, 0.5)


def test_tug_of_war_pulls_left_on_average():
    assert adaptive.tug_of_war(10.0, 3, 300).mean().item() == pytest.approx(8 / 3)


def test_separable_data_have_the_structure_of_the_paper():
    data = adaptive.separable(60, 40, 0.6, torch.Generator().manual_seed(1))
    x, y = torch.cat([data.x, data.x_test]), torch.cat([data.y, data.y_test])
    assert x.shape == (100, 503)
    torch.testing.assert_close(x[:, 0], y)
    assert (x[:, 1:3] == 1).all()
    torch.testing.assert_close(x[:, 3:].sum(dim=1), torch.where(y > 0, 1.0, 5.0).double())
    assert ((x[:, 3:] != 0).sum(dim=0) <= 1).all()  # private features belong to one sample
    pull = data.x.T @ data.y
    torch.testing.assert_close(data.x @ pull.sign(), 4 * data.y)  # sign(Xᵀy) separates, and is where sign methods go


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_separable_wants_a_majority(share):
    with pytest.raises(ValueError, match="strictly between"):
        adaptive.separable(3, 3, share, torch.Generator())


def test_the_longest_step_of_torchs_adam_is_the_ratio():
    silence = torch.zeros(4000, 1, dtype=torch.float64)
    stream = torch.cat([silence, adaptive.steepest_stream(0.9, 0.99, 200)])
    path = walks.feed(lambda p: torch.optim.Adam(p, lr=1.0, betas=(0.9, 0.99)), stream, torch.zeros(1).double())
    assert path.diff(dim=0).abs().max().item() == pytest.approx(adaptive.adam_ratio(0.9, 0.99), rel=1e-4)
