"""The one split of digits everybody uses."""

import hashlib

import numpy as np
from sklearn.datasets import load_digits

from dlopt import datasets


def test_sizes_and_ranges() -> None:
    data = datasets.digits()
    assert data.x_train.shape == (1347, 64)
    assert data.x_test.shape == (450, 64)
    assert data.x_train.dtype == np.float64
    assert data.y_train.dtype == np.int64
    assert (data.x_train.min(), data.x_train.max()) == (0.0, 1.0)


def test_nothing_is_lost_and_nothing_is_doubled() -> None:
    data = datasets.digits()
    ours = np.concatenate([data.x_train, data.x_test]) * 16
    pixels, labels = load_digits(return_X_y=True)
    assert sorted(map(bytes, ours)) == sorted(map(bytes, pixels))
    assert np.bincount(np.concatenate([data.y_train, data.y_test])).tolist() == np.bincount(labels).tolist()


def test_every_class_is_represented_alike() -> None:
    data = datasets.digits()
    share = np.bincount(data.y_test) / (np.bincount(data.y_test) + np.bincount(data.y_train))
    assert abs(share - 0.25).max() < 0.01


def test_the_split_is_the_one_the_book_was_written_with() -> None:
    digest = hashlib.sha256(datasets.digits().y_test.astype("<i8").tobytes()).hexdigest()
    assert digest.startswith("13be8853154ebc01")


def test_changing_one_copy_changes_no_other() -> None:
    datasets.digits().x_train[:] = 0
    assert datasets.digits().x_train.max() == 1


def test_standardizing_uses_the_training_set_only() -> None:
    data = datasets.digits()
    ready = datasets.standardized(data)
    np.testing.assert_allclose(ready.x_train.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(ready.x_train.std(axis=0), 1, rtol=1e-12)
    alive = data.x_train.std(axis=0) > 0
    by_hand = (data.x_test - data.x_train.mean(axis=0))[:, alive] / data.x_train[:, alive].std(axis=0)
    np.testing.assert_allclose(ready.x_test, by_hand, rtol=1e-12)
