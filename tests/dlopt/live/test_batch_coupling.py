"""The numbers of the live figure, on its whole control grid, against torch.nn.BatchNorm1d."""

import json

import numpy as np
import pytest
import torch

from dlopt import live
from dlopt.live.batch_coupling import ALPHAS, OTHERS, SEEN, history

XS = [round(-4 + 0.1 * i, 1) for i in range(121)]


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("batch_coupling")


def layers(alpha):
    """Torch's layer after 0, 1, … batches."""
    layer = torch.nn.BatchNorm1d(1, momentum=alpha, dtype=torch.float64)
    states = [(layer.running_mean.item(), layer.running_var.item())]
    for batch in history():
        layer(torch.tensor(batch, dtype=torch.float64)[:, None])
        states.append((layer.running_mean.item(), layer.running_var.item()))
    return states


@pytest.mark.parametrize("alpha", ALPHAS)
def test_every_setting_is_torchs(module, alpha):
    states = layers(alpha)
    got = np.array(
        module.run(
            f"{json.dumps(XS)}.map((x) => Array.from({{ length: {SEEN + 1} }}, (_, seen) => "
            f"module.state({{ x, alpha: {alpha}, seen }}).outputs))"
        )
    )  # (x, seen, mode, 6)
    assert got.shape == (len(XS), SEEN + 1, 2, 6)
    for i, x in enumerate(XS):
        batch = torch.tensor([x, *OTHERS], dtype=torch.float64)[:, None]
        layer = torch.nn.BatchNorm1d(1, dtype=torch.float64)
        train = layer(batch).detach().flatten().numpy()
        np.testing.assert_allclose(got[i, :, 0], np.tile(train, (SEEN + 1, 1)), rtol=0, atol=1e-9)
    layer = torch.nn.BatchNorm1d(1, dtype=torch.float64).eval()
    batch = torch.tensor([[x, *OTHERS] for x in XS], dtype=torch.float64).reshape(-1, 1)
    for seen, (mean, variance) in enumerate(states):
        layer.running_mean.fill_(mean)
        layer.running_var.fill_(variance)
        with torch.no_grad():
            expected = layer(batch).reshape(len(XS), 6)
        np.testing.assert_allclose(got[:, seen, 1], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_running_statistics_are_torchs(module, alpha):
    np.testing.assert_allclose(module("running", alpha), layers(alpha), rtol=0, atol=1e-12)


def test_the_others_move_in_train_mode_and_stand_still_in_eval_mode(module):
    for x in XS:
        train, still = module("state", {"x": x, "alpha": 0.1, "seen": 20})["moved"]
        assert still == 0
        assert (train > 1e-3) == (x != -1.5)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_python_and_the_module_say_the_same(module, alpha):
    figure = live.BatchCoupling(alpha=alpha)
    for x in XS[::8]:
        for seen in (0, 1, 7, 20, 30):
            figure.set_trait("x", x)
            figure.set_trait("seen", seen)
            assert figure.describe() == module("describe", {"x": x, "alpha": alpha, "seen": seen})


def test_before_the_first_batch_eval_mode_changes_next_to_nothing(module):
    state = module("state", {"x": 3, "alpha": 0.5, "seen": 0})
    np.testing.assert_allclose(state["outputs"][1], state["batch"], atol=1e-4)
