"""The numbers of the live figure, over its control grid, against torch and its autograd."""

import itertools
import json
import re

import numpy as np
import pytest
import torch

from dlopt import live
from dlopt.live.softmax_margin import GRID, TEMPERATURES

LOGITS = [round(-2 + 0.1 * i, 1) for i in range(41)]
NUMBER = re.compile(r"−?\d+\.\d+")


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("softmax_margin")


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_probabilities_loss_and_gradient_are_torchs_on_the_whole_grid(module, temperature):
    # every value of every slider; the third in coarser steps, as the classes 2 and 3 play the same part
    settings = list(itertools.product(LOGITS, LOGITS, LOGITS[::8]))
    got = module.run(
        f"{json.dumps(settings)}.map(([first, second, third]) => {{"
        f"const s = module.state({{ first, second, third, temperature: {temperature} }});"
        "return [...s.p, ...s.gradient, s.loss, s.pull]; })"
    )
    h = torch.tensor(settings, dtype=torch.float64, requires_grad=True)
    each = torch.nn.functional.cross_entropy(h / temperature, torch.zeros(len(h), dtype=torch.long), reduction="none")
    (gradient,) = torch.autograd.grad(each.sum(), h)
    p = torch.softmax(h / temperature, dim=1)
    expected = torch.cat([p, gradient, each[:, None], -gradient[:, :1]], dim=1).detach()
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_the_curves_are_torchs_at_every_margin(module, temperature):
    for gap in LOGITS[20:]:
        h = torch.tensor([[m, 0.0, -gap] for m in GRID], dtype=torch.float64, requires_grad=True)
        loss = torch.nn.functional.cross_entropy(h / temperature, torch.zeros(81, dtype=torch.long), reduction="none")
        (gradient,) = torch.autograd.grad(loss.sum(), h)
        for name, expected in (("loss", loss.detach()), ("pull", -gradient[:, 0])):
            got = module.run(f"{json.dumps(GRID)}.map((m) => module.{name}(m, {gap}, {temperature}))")
            np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_python_and_the_module_say_the_same(module, temperature):
    figure = live.SoftmaxMargin(temperature=temperature)
    for first, second, third in itertools.product(LOGITS[::4], LOGITS[::5], LOGITS[::10]):
        figure.set_trait("first", first)
        figure.set_trait("second", second)
        figure.set_trait("third", third)
        setting = {"first": first, "second": second, "third": third, "temperature": temperature}
        ours, theirs = figure.describe(), module("describe", setting)
        assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
        for a, b in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
            assert abs(float(a.replace("−", "-")) - float(b.replace("−", "-"))) < 0.0011


def test_huge_logits_do_not_overflow(module):
    assert module("softmax", [1000, 0, -1000], 0.25) == [1, 0, 0]
    assert module("loss", -1000, 0, 0.25) == pytest.approx(4000 + np.log(2))
