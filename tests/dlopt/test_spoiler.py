"""Four points: their loss against torch's own, the perceptron against the theorem that bounds it."""

import pytest
import torch

from dlopt import descent, spoiler

F = torch.nn.functional


@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize("eps", [0.01, 0.1])
def test_losses_are_torchs_means_over_the_points_present(eps, copies):
    w = torch.tensor([0.4, -0.3, 0.2], dtype=torch.float64)
    x = torch.cat([spoiler.points(2.5)[:3]] * copies + [spoiler.points(2.5)[3:]])
    signs = torch.cat([spoiler.SIGNS[:3]] * copies + [spoiler.SIGNS[3:]])
    d = torch.tensor([1 - eps if s > 0 else eps for s in signs], dtype=torch.float64)
    y = torch.sigmoid(x @ w)
    expected = {
        "squared": F.mse_loss(y, d),
        "cross-entropy": F.binary_cross_entropy(y, d),
        "threshold": torch.stack([max(s * (a - b), 0 * a) ** 2 for s, a, b in zip(signs, d, y, strict=True)]).mean(),
    }
    for kind, value in expected.items():
        got = spoiler.loss(w, 2.5, eps=eps, kind=kind, copies=copies)
        assert got.item() == pytest.approx(value.item(), rel=1e-12)


def test_the_loss_of_many_weights_is_that_of_each():
    w = torch.randn(5, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    each = torch.stack([spoiler.loss(row, 4.0) for row in w])
    assert torch.equal(spoiler.loss(w, 4.0), each)


def test_the_three_point_optimum_fits_three_points_and_only_them():
    w = spoiler.three_point_optimum(0.1)
    y = torch.sigmoid(spoiler.points(8.0) @ w)
    assert y[:3].tolist() == pytest.approx([0.9, 0.9, 0.1], abs=1e-15)
    assert not spoiler.separates(w, 8.0)


@pytest.mark.parametrize("t", [1.0, 2.5, 8.0, 31.0])
def test_the_perceptron_separates_within_novikoffs_bound(t):
    made, w = spoiler.mistakes(t)
    assert spoiler.separates(w, t)
    witness = torch.tensor([2.0, 0.0, 1.0], dtype=torch.float64)
    margin = ((spoiler.points(t) @ witness) * spoiler.SIGNS).min() / witness.norm()
    assert made <= (spoiler.points(t).norm(dim=1).max() / margin) ** 2


def test_far_spoilers_are_given_up_near_ones_are_not():
    for t, separated in ((3.0, True), (8.0, False)):
        start = spoiler.three_point_optimum(0.1)
        end = descent.descend(lambda w, t=t: spoiler.loss(w, t), start, lr=1.0, steps=2000)[-1]
        assert bool(spoiler.separates(end, t)) is separated


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: spoiler.points(0.0), "t must be > 0"),
        (lambda: spoiler.three_point_optimum(0.5), "eps must lie between 0 and 1/2"),
        (lambda: spoiler.loss(torch.zeros(3, dtype=torch.float64), 1.0, kind="hinge"), "kind must be"),
    ],
)
def test_bad_input_gets_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_perceptron_without_time_says_so():
    with pytest.raises(RuntimeError, match="more than 2 epochs"):
        spoiler.mistakes(64.0, max_epochs=2)


def test_minima_have_no_gradient_left_and_do_not_depend_on_the_order_of_starts():
    starts = torch.randn(4, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    ends = spoiler.minima(starts, 3.0).requires_grad_()
    (g,) = torch.autograd.grad(spoiler.loss(ends, 3.0).sum(), ends)
    assert g.abs().max() <= 1e-5
    torch.testing.assert_close(spoiler.minima(starts.flip(0), 3.0).flip(0), ends.detach(), rtol=0, atol=0)
