"""The variance of the mean coverage of all ensembles of some networks."""

import math
from itertools import combinations, product

import numpy as np
import pytest

from mvtheory import coverage
from mvtheory.coverage import union_variance

CASES = [(1, 2), (2, 1), (2, 3), (3, 2), (3, 4)]


def mean_coverage(lottery, size: int, views: int) -> float:
    return np.mean([len(set(known)) / views for known in combinations(lottery, size)])


@pytest.mark.parametrize(("views", "size"), CASES)
def test_the_variance_of_unions_is_that_over_all_lotteries(views, size):
    """Of four networks: every lottery is as likely as any other, every subset counts alike."""
    means = [mean_coverage(lottery, size, views) for lottery in product(range(views), repeat=4)]
    assert union_variance(views, 4, size) == pytest.approx(np.var(means), rel=1e-12, abs=1e-28)


@pytest.mark.parametrize(("views", "size"), CASES)
def test_networks_that_share_a_bias_draw_from_polyas_urn(views, size):
    """The next network learns a view with (a + n_l) / (M a + n), n_l of n knowing it already."""
    shape, means, chances = 0.7, [], []
    for lottery in product(range(views), repeat=4):
        steps = [
            (shape + lottery[:n].count(view)) / (views * shape + n)
            for n, view in enumerate(lottery)
        ]
        means.append(mean_coverage(lottery, size, views))
        chances.append(math.prod(steps))
    assert sum(chances) == pytest.approx(1, rel=1e-12)
    spread = np.average((means - np.average(means, weights=chances)) ** 2, weights=chances)
    found = union_variance(views, 4, size, concentration=shape)
    assert found == pytest.approx(spread, rel=1e-12, abs=1e-28)


@pytest.mark.parametrize(("views", "networks"), [(2, 7), (3, 10), (5, 6)])
def test_the_ensemble_of_all_networks_has_the_variance_of_the_formula(views, networks):
    stated = coverage.variance(views=views, networks=networks, classes=1)
    assert union_variance(views, networks, networks) == pytest.approx(stated, rel=1e-11)
    # To first order in 1/a the law is that of independent networks; N^2 / a bounds what is left.
    assert union_variance(views, networks, networks, 1e9) == pytest.approx(stated, rel=1e-7)


def test_arguments_are_checked():
    with pytest.raises(ValueError, match=r"size=5 is not allowed \(integer, 1 <= size <= network"):
        union_variance(3, 4, 5)
    with pytest.raises(ValueError, match="concentration=0"):
        union_variance(3, 4, 2, 0)
    with pytest.raises(ValueError, match=r"views=9 are shared out among networks=40 in 3.77e\+08"):
        union_variance(9, 40, 2)
