"""The seeded generator of live figures: the same in both languages, and random enough to look at."""

import math

import numpy as np
import pytest
from scipy import stats

from dlopt.live._random import normals, uniforms

SEEDS = [1, 2, 3, 4, 5, 6, 7, 12345, 2**32 - 1]


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("_random")


@pytest.mark.parametrize("seed", [0, *SEEDS])
def test_uniform_numbers_are_the_same_to_the_last_bit(module, seed):
    drawn = module.run(f"(() => {{ const u = module.uniforms({seed}); return Array.from({{ length: 4000 }}, u); }})()")
    ours = uniforms(seed)
    assert drawn == [ours() for _ in range(4000)]


@pytest.mark.parametrize("count", [20001, 320, 1])
def test_normal_numbers_are_the_same_up_to_rounding(module, count):
    drawn = module.run(f"module.normals(module.uniforms(5), {count})")
    np.testing.assert_allclose(drawn, normals(uniforms(5), count), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("seed", SEEDS)
def test_they_pass_for_standard_normal(seed):
    sample = np.array(normals(uniforms(seed), 4000))
    assert abs(sample.mean()) < 4 / math.sqrt(4000)
    assert abs(sample.var() - 1) < 4 * math.sqrt(2 / 4000)
    assert all(abs(np.corrcoef(sample[lag:], sample[:-lag])[0, 1]) < 4 / math.sqrt(4000) for lag in (1, 64))
    assert stats.kstest(sample, "norm").pvalue > 1e-3


def test_every_bit_of_a_uniform_number_is_a_fair_coin():
    uniform = uniforms(7)
    words = np.array([int(uniform() * 2**32) for _ in range(4000)])
    shares = ((words[:, None] >> np.arange(32)) & 1).mean(axis=0)
    assert np.abs(shares - 0.5).max() < 4 * 0.5 / math.sqrt(4000)
