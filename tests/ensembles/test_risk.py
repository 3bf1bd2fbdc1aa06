"""The law of squared risks against enumeration of every ensemble that can be drawn."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from mvtheory.ensembles import brier_of_ensemble


def risk(members: np.ndarray, target: np.ndarray, size: int) -> float:
    """Mean squared risk over all ways to draw so many members, each drawn independently."""
    ways = itertools.product(members, repeat=size)
    return float(np.mean([((np.mean(way, axis=0) - target) ** 2).sum(-1).mean() for way in ways]))


def test_every_size_follows_from_one_and_two():
    rng = np.random.default_rng(0)
    members = rng.dirichlet(np.ones(3), size=(4, 5))  # outputs of 4 networks on 5 samples
    target = np.eye(3)[[0, 1, 2, 0, 1]]
    one, two = (risk(members, target, size) for size in (1, 2))
    for size in (1, 2, 3, 4, 5):
        predicted = brier_of_ensemble(risk_of_one=one, risk_of_two=two, networks=size)
        assert predicted == pytest.approx(risk(members, target, size), rel=1e-12)
    # Infinitely many are the mean of all that can be drawn.
    limit = ((members.mean(0) - target) ** 2).sum(-1).mean()
    assert 2 * two - one == pytest.approx(limit)


def test_without_replacement_too():
    """Subsets of six members are exchangeable: the law holds for them up to all six."""
    errors = np.random.default_rng(1).normal(size=(6, 8, 2))

    def subsets(size: int) -> float:
        chosen = itertools.combinations(errors, size)
        return float(np.mean([(np.mean(c, axis=0) ** 2).sum(-1).mean() for c in chosen]))

    one, two = subsets(1), subsets(2)
    predicted = brier_of_ensemble(risk_of_one=one, risk_of_two=two, networks=[3, 4, 5, 6])
    np.testing.assert_allclose(predicted, [subsets(n) for n in (3, 4, 5, 6)], rtol=1e-12)


def test_the_printed_form_is_the_same_number():
    one, two = Fraction(3, 10), Fraction(1, 5)
    for n in (1, 2, 7, 10**6):
        printed = -(1 - Fraction(2, n)) * one + 2 * (1 - Fraction(1, n)) * two
        assert brier_of_ensemble.exact(risk_of_one=one, risk_of_two=two, networks=n) == printed
