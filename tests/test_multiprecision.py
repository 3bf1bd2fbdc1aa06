"""Digits do not depend on who else computes, and nothing is left changed."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import mpmath
import pytest

from mvtheory import coverage, laws, self_distillation
from mvtheory.multiprecision import context

THREADS, ROUNDS = 8, 6


def computations() -> list[Any]:
    """Calls of every kind that need digits; laws are made anew, for they keep their edges."""
    return [
        lambda: coverage.full_coverage(views=300, networks=900, classes=2),
        lambda: coverage.full_coverage(views=40, networks=300, classes=2),
        lambda: coverage.ensemble.high_precision(views=3, networks=5, digits=60),
        lambda: coverage.shared_bias.high_precision(
            views=3, networks=7, concentration="0.3", digits=25
        ),
        lambda: coverage.networks_for_full_coverage.exact(views=5, classes=3, confidence="0.9"),
        lambda: coverage.variance(views=2, networks=60, classes=3),
        lambda: laws.GeneralizedWishart(aspect_ratio=3, correlation=0.3).support,
        lambda: laws.MarchenkoPastur(aspect_ratio=0.3).support,
        lambda: laws.FreeBessel(power=3, rate=0.7).support,
        lambda: coverage.variance.solve("networks", value=0.001, views=5, classes=10),
        lambda: coverage.distinct_views_pmf.solve("views", value=0.05, networks=20, distinct=9),
        lambda: coverage.networks_for_coverage.high_precision(views=10**9, coverage="0.9"),
        lambda: coverage.ensemble.exact(views=10**6, networks=9),
        lambda: self_distillation.norm_bound.status_at(relative_norm=9, condition=3, rounds=4),
        lambda: coverage.distinct_views(views=999, networks=998).ppf(0.3),
    ]


def test_threads_get_the_numbers_of_one_thread() -> None:
    alone = [call() for call in computations()]
    jobs = [k for _ in range(ROUNDS) for k in range(len(alone))]
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda k: computations()[k](), jobs))
    assert [alone[k] for k in jobs] == together


@pytest.mark.parametrize("number", range(len(computations())))
def test_the_precision_of_the_process_is_neither_read_nor_changed(number: int) -> None:
    expected = computations()[number]()
    with mpmath.workdps(5):
        assert computations()[number]() == expected
        assert mpmath.mp.dps == 5


def test_contexts_nest() -> None:
    with context(digits=50) as outer:
        third = outer.mpf(1) / 3
        with context(bits=20) as inner:
            assert inner is not outer
            assert inner.prec == 20
        assert outer.dps == 50
        assert abs(3 * third - 1) < outer.mpf(10) ** -49
