"""In what networks of one accuracy differ: nested errors, two values, noise."""

import numpy as np
import pytest

from mvtheory.ensembles import explained_by_accuracy, two_value_share, two_value_share_of_noise


def test_what_accuracies_explain_of_the_disagreement():
    rng = np.random.default_rng(0)
    samples = rng.random(4000)
    nested = samples < np.array([0.3, 0.5, 0.9])[:, None]
    assert explained_by_accuracy(nested) == pytest.approx(1, rel=1e-12)
    # Each sample by itself, right with probability .8: two disagree on .32 of them.
    alone = rng.random((60, 2000)) < 0.8
    assert explained_by_accuracy(alone) == pytest.approx((2 / np.pi / 2000 / 0.32) ** 0.5, rel=0.25)
    assert explained_by_accuracy(np.ones((3, 5))) == 0


def test_two_values_explain_all_of_themselves_and_as_much_of_noise_as_is_foreseen():
    rng = np.random.default_rng(1)
    knows = rng.random((12, 500)) < 1 / 3
    assert two_value_share(5 * knows + rng.normal(size=500)) == pytest.approx(1)
    noise = rng.normal(size=500) + rng.normal(size=(12, 500))
    assert two_value_share(noise) == pytest.approx(two_value_share_of_noise(12), abs=0.01)
    # 2 / pi for many: the means of the halves of a normal law.
    assert two_value_share_of_noise(2000) == pytest.approx(2 / np.pi, abs=0.003)
    assert two_value_share(np.ones((3, 4))) == 0


def test_the_best_division_is_found_among_all():
    values = np.random.default_rng(2).normal(size=(7, 1))
    between = [
        sum(
            g.size * (g.mean() - values.mean()) ** 2 for g in np.split(np.sort(values[:, 0]), [cut])
        )
        for cut in range(1, 7)
    ]
    assert two_value_share(values) == pytest.approx(max(between) / 7 / values.var())
