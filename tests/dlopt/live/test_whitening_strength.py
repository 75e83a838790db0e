"""The numbers of the live figure, on its whole control grid, against dlopt.whitening on the digits."""

import json
import re

import numpy as np
import pytest
import torch

from dlopt import datasets, live, whitening
from dlopt.live.whitening_strength import GRID, NOISE, SPECTRUM

D = np.array(SPECTRUM)


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("whitening_strength")


@pytest.fixture(scope="module")
def pixels():
    return torch.from_numpy(datasets.digits().x_train)


def test_the_spectrum_is_that_of_the_digits(pixels):
    lam = np.linalg.eigvalsh(np.cov(pixels.numpy().T, bias=True))[::-1][:60]
    np.testing.assert_allclose(SPECTRUM, lam, rtol=1e-5)


@pytest.mark.parametrize("strength", GRID)
def test_every_setting_of_the_sliders(module, strength):
    got = module.run(
        f"Array.from({{ length: 60 }}, (_, i) => module.state({{ strength: {strength}, kept: i + 1, "
        f"spectrum: {json.dumps(SPECTRUM)} }}))"
    )
    eps = 10.0**strength
    for kept, now in enumerate(got, 1):
        signal, noise = D[:kept] / (D[:kept] + eps), NOISE / (D[:kept] + eps)
        np.testing.assert_allclose(now["signal"], signal, rtol=1e-9)
        np.testing.assert_allclose(now["noise"], noise, rtol=1e-9)
        kappa = np.linalg.cond(np.diag(signal))
        assert now["kappa"] == pytest.approx(kappa, rel=1e-6)
        assert now["loudest"] == pytest.approx(noise.max(), rel=1e-9)
        assert now["share"] == pytest.approx(D[:kept].sum() / D.sum(), rel=1e-9)
        assert now["drowned"] == (D[:kept] < NOISE).sum()
        if kappa > 1.01:
            assert ((kappa - 1) / (kappa + 1)) ** now["steps"] == pytest.approx(0.1, abs=1e-6)


@pytest.mark.parametrize(("strength", "kept"), [(-6, 60), (-3, 52), (0, 20)])
def test_it_is_what_the_map_does_to_digits_and_to_noise(module, pixels, strength, kept):
    map = whitening.pca(pixels, eps=10.0**strength, keep=kept)
    now = module("state", {"strength": strength, "kept": kept, "spectrum": SPECTRUM})
    z = map(pixels).numpy()
    np.testing.assert_allclose(now["signal"], z.var(axis=0), rtol=1e-4)  # the spectrum has six digits
    np.testing.assert_allclose(now["noise"], NOISE * (map.matrix**2).sum(dim=1), rtol=1e-4)


NUMBER = re.compile(r"\d+\.\d+")


@pytest.mark.parametrize("strength", GRID)
def test_python_and_the_module_say_the_same(module, strength):
    for kept in (1, 2, 17, 50, 59, 60):
        figure = live.WhiteningStrength(strength=strength, kept=kept)
        ours = figure.describe()
        theirs = module("describe", {"strength": strength, "kept": kept, "spectrum": SPECTRUM})
        assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
        for a, b in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
            assert abs(float(a) - float(b)) < 0.11
