"""Strength of a view after message passing: against graphs that are drawn and mixed by hand."""

import math

import numpy as np
import pytest

from mvtheory.race import mixed_strength


def sampled(carriers, plain, within, between, power, graphs=4000):
    """Of drawn graphs, each node averaged with its neighbours: mean and standard error."""
    rng = np.random.default_rng(7)
    count = carriers + plain
    carries = np.arange(count) < carriers
    chances = np.where(np.outer(carries, carries), within, between)
    found = np.empty(graphs)
    for n in range(graphs):
        edges = np.triu(rng.random((count, count)) < chances, 1)
        joined = edges | edges.T | np.eye(count, dtype=bool)
        shares = [carries[neighbours].mean() for neighbours in joined]
        found[n] = (np.array(shares) ** power).sum()
    return found.mean(), found.std() / math.sqrt(graphs)


@pytest.mark.parametrize(
    ("carriers", "plain", "within", "between", "power"),
    [(4, 8, 0.3, 0.3, 4), (1, 3, 0.9, 0.5, 2.5), (6, 6, 0.0, 0.6, 4), (3, 1, 1.0, 0.2, 7)],
)
def test_it_is_the_mean_over_graphs(carriers, plain, within, between, power):
    mean, error = sampled(carriers, plain, within, between, power)
    assert error > 0
    strength = mixed_strength(carriers, plain, within, between, power)
    assert strength == pytest.approx(mean, abs=4 * error)


def test_what_is_not_mixed_is_not_diluted():
    assert mixed_strength(5, 9, within=0.4, between=0.0, power=3) == pytest.approx(5, rel=1e-14)
    assert mixed_strength(5, 0, within=0.4, between=0.9, power=3) == pytest.approx(5, rel=1e-14)
    # All are joined: every node has the share 5/14.
    everywhere = mixed_strength(5, 9, within=1.0, between=1.0, power=3)
    assert everywhere == pytest.approx(14 * (5 / 14) ** 3, rel=1e-14)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"carriers": 0}, "carriers=0"), ({"plain": -1}, "plain=-1"), ({"within": 1.5}, "within=1.5"),
     ({"between": -0.1}, "between=-0.1"), ({"power": 0.5}, "power=0.5")],
)  # fmt: skip
def test_bad_input(changes, message):
    plain = {"carriers": 3, "plain": 4, "within": 0.5, "between": 0.5, "power": 4}
    with pytest.raises(ValueError, match=message):
        mixed_strength(**plain | changes)
