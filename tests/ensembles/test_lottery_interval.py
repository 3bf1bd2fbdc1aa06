"""Intervals of a lottery: told by the logarithm of the error, at every size."""

import numpy as np
import pytest

from mvtheory.ensembles import advise_ensemble
from mvtheory.ensembles.geometric import Geometric

SIZES = np.array([1, 2, 3, 4, 8, 16, 32, 64, np.inf])


def lottery(classes, samples, members=3, seed=0):
    """Each member knows one of two views of each class; a sample shows one of them."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=samples)
    knows = rng.integers(2, size=(members, classes))[:, labels] == rng.integers(2, size=samples)
    right = np.eye(classes)[labels]
    return labels, 10 * right * knows[..., None] + rng.normal(size=(members, samples, classes))


@pytest.mark.parametrize("new_samples", [False, True])
@pytest.mark.parametrize("classes", [5, 10, 100])
def test_more_networks_than_at_hand_are_never_held_to_be_worse(classes, new_samples):
    advice = advise_ensemble(*lottery(classes, samples=4000), sizes=SIZES, new_samples=new_samples)
    assert advice.kind.name == "lottery"
    assert ((advice.low <= advice.accuracy) & (advice.accuracy <= advice.high)).all()
    # New samples add the least where most is right, which may be the members at hand.
    slack = advice.samples_error[2] if new_samples else 0
    assert (advice.low[2:] >= advice.low[2] - slack).all()
    assert advice.low[-1] == pytest.approx(advice.low[-2], abs=1e-6)
    assert advice.limit == (advice.accuracy[-1], advice.low[-1], advice.high[-1])


def test_the_slopes_give_the_error_of_the_jackknife():
    """Of 400 classes: both are the error's first order, 1/sqrt(classes)."""
    rng = np.random.default_rng(1)
    samples = np.full(400, 30.0)
    one = rng.uniform(2, 8, size=400)
    law = Geometric(3, np.stack([one, one * rng.uniform(0.1, 0.6, size=400)], axis=1), samples)
    sizes = np.array([1.0, 2.0, 3.0, 8.0, 16.0])
    kept = ~np.eye(400, dtype=bool)
    without = np.array([
        np.log(1 - Geometric(3, law.by_class[rest], samples[rest]).accuracy(sizes)) for rest in kept
    ])  # fmt: skip
    jackknife = np.sqrt(399 * without.var(axis=0))
    np.testing.assert_allclose(law.log_error(sizes), jackknife, rtol=0.01)
    np.testing.assert_allclose(law.error(sizes), jackknife * (1 - law.accuracy(sizes)), rtol=0.01)


def test_where_nothing_is_wrong_there_is_no_error_and_one_class_tells_little():
    sizes = np.array([1.0, 4.0, np.inf])
    right = Geometric(2, np.array([[3.0, 0.0], [2.0, 0.0]]), np.array([9.0, 9.0]))
    assert right.error(sizes).tolist() == [0, 0, 0]
    single = Geometric(2, np.array([[3.0, 1.0]]), np.array([9.0]))
    np.testing.assert_allclose(single.error(sizes), 1 - single.accuracy(sizes))
