"""The law of the number of distinct views, against exact and independent routes."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from mvtheory import coverage
from mvtheory.coverage.occupancy import table
from mvtheory.coverage.surjections import log_ratios


def exact(views: int, networks: int) -> list[Fraction]:
    """P(D = 0), P(D = 1), ..., by the chain P(D_n = j) = j/M P(j) + (M-j+1)/M P(j-1)."""
    row = [1] + [0] * min(views, networks)
    for _ in range(networks):
        row = [0] + [j * row[j] + (views - j + 1) * row[j - 1] for j in range(1, len(row))]
    return [Fraction(count, views**networks) for count in row]


def chain(views: int, networks: int) -> np.ndarray:
    """The same chain in doubles: positive terms, so that every step adds two roundings at most."""
    row = np.zeros(min(views, networks) + 1)
    row[0] = 1
    j = np.arange(row.size)
    for _ in range(networks):
        row = np.concatenate([[0], j[1:] * row[1:] + (views - j[1:] + 1) * row[:-1]]) / views
    return row


def by_circle(views: int, networks: int, distinct: int) -> mpmath.mpf:
    """P(D = j) by the integral for [x^N] (e^x - 1)^j, in 40 digits; N - j large."""
    with mpmath.workdps(40):
        share = mpmath.mpf(networks) / distinct
        x = mpmath.findroot(lambda x: x + share * mpmath.expm1(-x), min(share, 2 * (share - 1)))
        spread = mpmath.sqrt(networks * (1 + x - share))
        step, total, k = 1 / (3 * spread), mpmath.mpf(1) / 2, 1
        while True:
            z = x * mpmath.expj(k * step)
            logs = distinct * mpmath.log(mpmath.expm1(z) / mpmath.expm1(x))
            term = mpmath.exp(logs - 1j * networks * k * step)
            total, k = total + term.real, k + 1
            if abs(term) < mpmath.mpf(10) ** -35:
                break
        ways = distinct * mpmath.log(mpmath.expm1(x)) - networks * mpmath.log(x)
        ways += mpmath.log(total * step / mpmath.pi) + mpmath.loggamma(networks + 1)
        binomial = mpmath.log(mpmath.binomial(views, distinct))
        return mpmath.exp(binomial + ways - networks * mpmath.log(views))


@pytest.mark.parametrize(
    ("views", "networks"),
    [(1, 1), (1, 9), (2, 1), (2, 30), (3, 64), (7, 8), (30, 12), (12, 90), (60, 150), (200, 70),
     (10**12, 40), (150, 150)],
)  # fmt: skip
def test_small_laws_are_exact_in_both_tails(views, networks):
    law, right = coverage.distinct_views(views, networks), exact(views, networks)
    j = np.arange(len(right))
    below = [float(sum(right[: k + 1])) for k in j]
    above = [float(sum(right[k + 1 :])) for k in j]
    for found, expected in (
        (law.pmf(j), [float(p) for p in right]), (law.cdf(j), below), (law.sf(j), above),
    ):  # fmt: skip
        # Table values below e^-700 of the largest are given as 0.
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-303)
    assert law.support() == (1, min(views, networks))
    assert law.pmf([-1, 0, 1.5, len(right)]).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("views", "networks"), [(1000, 1000), (1000, 7000), (4000, 900), (300, 3000), (900, 901)]
)
def test_the_chain_of_one_network_more(views, networks):
    law, right = coverage.distinct_views(views=views, networks=networks), chain(views, networks)
    j = np.arange(right.size)
    # Four roundings a step of the chain, and 1e-10 that the law states of itself.
    slack = 4 * networks * 2.0**-53 + 1e-10
    shown = right > 1e-290
    np.testing.assert_allclose(law.pmf(j)[shown], right[shown], rtol=slack)
    np.testing.assert_allclose(law.cdf(j), np.cumsum(right), atol=4 * networks * 2.0**-53 + 1e-12)


@pytest.mark.parametrize(
    ("views", "networks"), [(10**6, 10**6), (10**5, 3 * 10**5), (10**9, 10**6), (4 * 10**6, 10**6)]
)
def test_large_laws_against_forty_digits(views, networks):
    law = coverage.distinct_views(views=views, networks=networks)
    mean, deviation = law.mean(), law.std()
    for distance in (-30, -9, -3, 0, 1, 5, 12):
        j = round(mean + distance * deviation)
        assert law.pmf(j) == pytest.approx(float(by_circle(views, networks, j)), rel=1e-10)


@pytest.mark.parametrize("views", [1, 2, 50, 1000, 31623, 10**6, 10**9, 10**12])
@pytest.mark.parametrize("networks", [1, 2, 60, 1000, 31623, 10**6])
def test_mean_and_variance_are_those_in_closed_form(views, networks):
    found = table(views, networks)
    mean = views * coverage.ensemble(views=views, networks=networks)
    variance = views**2 * coverage.variance(views=views, networks=networks, classes=1)
    # From the nearest whole number, for counts near 10^6 take six digits.
    offset = found.low + np.arange(found.pmf.size) - round(mean)
    first = float(found.pmf @ offset)
    assert found.pmf.sum() == pytest.approx(1, abs=1e-14)
    shift = mean - round(mean)
    assert first == pytest.approx(shift, abs=1e-10 + 4e-16 * mean + 1e-12 * math.sqrt(variance))
    assert float(found.pmf @ offset**2) - first**2 == pytest.approx(variance, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("views", "networks"), [(3, 5), (1000, 1000), (10**6, 10**6), (9, 10**6)])
def test_quantiles_are_the_least_counts_that_reach(views, networks):
    law = coverage.distinct_views(views=views, networks=networks)
    levels = np.concatenate([[1e-300, 1e-20], np.linspace(0.001, 0.999, 41), [1 - 1e-12]])
    found = law.ppf(levels)
    assert (law.cdf(found) >= levels).all()
    assert (law.cdf(found - 1) < levels).all()
    back = law.isf(levels)
    assert (law.sf(back) <= levels).all()
    assert ((law.sf(back - 1) > levels) | (back == 1)).all()
    assert law.ppf(1) == min(views, networks)
    counts = np.unique(law.ppf([0.01, 0.3, 0.5, 0.9]))
    assert (law.ppf(law.cdf(counts)) == counts).all()


def test_draws_follow_the_law():
    law = coverage.distinct_views(views=5000, networks=4000)
    drawn = law.rvs(size=4000, random_state=np.random.default_rng(3))
    # Kolmogorov's distance of 4000 draws is above 2 / sqrt(4000) once in 1500 samples.
    levels = np.sort(drawn)
    assert np.abs(law.cdf(levels) - np.arange(1, 4001) / 4000)[:-1][np.diff(levels) > 0].max() < (
        2 / math.sqrt(4000)
    )
    one = coverage.distinct_views(views=1, networks=7)
    assert set(one.rvs(size=5, random_state=0)) == {1}


def test_ratios_of_surjections_against_whole_numbers():
    for networks in (2, 3, 29, 30, 41, 63, 120, 400):
        row = [1] + [0] * networks  # surjections: j (row[j] + row[j-1])
        for _ in range(networks):
            row = [0] + [j * (row[j] + row[j - 1]) for j in range(1, networks + 1)]
        right = [math.log(row[j + 1]) - math.log(row[j]) for j in range(1, networks)]
        size = np.array([math.log(row[j]) for j in range(1, networks)])
        # Logarithms of whole numbers of hundreds of digits are right to their own last place.
        np.testing.assert_array_less(
            np.abs(log_ratios(networks, 1, networks) - right), 1e-14 + 4e-16 * size
        )


def test_a_law_is_asked_for_in_words_or_in_order_and_refuses_what_is_not_a_number():
    assert (
        coverage.distinct_views(7, 4).mean() == coverage.distinct_views(networks=4, views=7).mean()
    )
    for bad in ({"views": 0, "networks": 3}, {"views": 3, "networks": 10**6 + 1}):
        with pytest.raises(ValueError, match="is not allowed"):
            coverage.distinct_views(**bad)
