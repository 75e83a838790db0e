"""The seeded noise of live figures: the same in both languages, and random enough to look at."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from dlopt.live._noise import normals, words

SEEDS = [1, 2, 3, 4, 5, 7, 12345, 2**32 - 1]


@pytest.fixture(scope="module")
def module(javascript):
    return javascript("_noise")


@pytest.mark.parametrize("seed", SEEDS)
def test_words_are_the_same_in_python_and_javascript(module, seed):
    assert module("words", seed, 4000) == list(itertools.islice(words(seed), 4000))


@pytest.mark.parametrize("seed", SEEDS)
def test_normal_numbers_are_the_same_to_the_last_bit(module, seed):
    assert module("normals", seed, 320) == normals(seed, 320)


def test_words_follow_their_recursion_over_two_bits():
    first, second = itertools.islice(words(6), 2)
    bits = np.array([first], dtype=np.uint32)
    bits ^= bits << np.uint32(13)
    bits ^= bits >> np.uint32(17)
    bits ^= bits << np.uint32(5)
    assert bits[0] == second


@pytest.mark.parametrize("seed", SEEDS[:6])
def test_they_pass_for_standard_normal(seed):
    sample = np.array(normals(seed, 4000))
    assert abs(sample.mean()) < 4 / math.sqrt(4000)
    assert abs(sample.var() - 1) < 4 * math.sqrt(2 / 4000)
    assert abs(np.corrcoef(sample[1:], sample[:-1])[0, 1]) < 4 / math.sqrt(4000)
    assert stats.kstest(sample, "norm").pvalue > 1e-3


def test_every_bit_is_a_fair_coin():
    flips = np.fromiter(itertools.islice(words(7), 4000), dtype=np.uint32)
    shares = ((flips[:, None] >> np.arange(32, dtype=np.uint32)) & 1).mean(axis=0)
    assert np.abs(shares - 0.5).max() < 4 * 0.5 / math.sqrt(4000)
