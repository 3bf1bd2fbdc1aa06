"""Products of Wishart matrices and free Bessel laws against many digits."""

from math import comb

import numpy as np
import pytest
import reference
from closeness import absolute, agree, columns, inner, relative

from mvtheory.laws import FreeBessel, MarchenkoPastur, WishartProduct, free_multiply

SCALE = 1.7
PRODUCTS = [
    (1,),
    (0.3,),
    (1, 1),
    (1, 1, 1),
    (0.5, 0.5),
    (0.3, 2),
    (2, 2),
    (0.1, 0.2, 0.7),
    (1e-6, 0.4),
    (1, 0.4),
    (1, 3),
    (1 - 1e-10, 1),
    (1 - 1e-10, 1 - 1e-10),
    (1 + 1e-10, 0.5),
    (1e3, 0.5),
]


def law_of(ratios):
    return WishartProduct(aspect_ratios=ratios, scale=SCALE)


def exact(scale, factors, digits=30):
    return lambda x: reference.product(x, scale, factors, digits=digits)


def counted(ratios):
    return [(q, ratios.count(q)) for q in sorted(set(ratios))]


@pytest.mark.parametrize("ratios", PRODUCTS)
def test_density_and_distribution(ratios):
    law = law_of(ratios)
    agree(law, exact(SCALE, counted(ratios)), inner(law), density=1e-12, mass=1e-12)


@pytest.mark.parametrize("ratios", [(1, 1), (1, 1, 1), (1, 0.4), (3, 3)])
def test_next_to_the_hard_edge(ratios):
    law = law_of(ratios)
    x = 10.0 ** -np.arange(1, 13)
    densities, masses, _ = columns(exact(SCALE, counted(ratios)), x)
    assert relative(law.pdf(x), densities) <= 1e-12
    assert absolute(law.cdf(x), masses) <= 1e-13
    assert law.pdf(0) == law.pdf_from_edge(0, 0) == np.inf
    assert law.cdf(0) == pytest.approx(max(0, 1 - 1 / max(ratios)), abs=1e-15)
    if ratios == (1, 1):
        # With y ~ (-scale/x)^(1/3) the density is x^(-2/3).
        slope = np.log(law.pdf(1e-12) / law.pdf(1e-11)) / np.log(0.1)
        assert slope == pytest.approx(-2 / 3, abs=1e-3)


@pytest.mark.parametrize("ratios", PRODUCTS[1:])
def test_next_to_the_soft_edges(ratios):
    law = law_of(ratios)
    low, high = law.support[0]
    x = np.array([high - 1e-10 * (high - low), high - 1e-3 * (high - low)])
    densities, masses, _ = columns(exact(SCALE, counted(ratios)), x)
    # The double x lies 1e-10 from the edge, which is known to more than a double.
    assert relative(law.pdf(x), densities) <= 1e-11
    assert absolute(law.cdf(x), masses) <= 1e-12


@pytest.mark.parametrize("ratios", PRODUCTS)
def test_atom_and_mass(ratios):
    law = law_of(ratios)
    expected = max(0.0, 1 - 1 / max(ratios))
    assert law.weights.sum() == pytest.approx(expected, abs=1e-15)
    low, high = law.support[0]
    assert law.cdf(high) == 1
    assert law.cdf(low / 2) == pytest.approx(expected, abs=1e-15)
    assert law.cdf(-1) == 0
    assert law.pdf(high * 1.01) == law.pdf(-1) == 0


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_moments_are_fuss_catalan_numbers(k):
    law = WishartProduct(aspect_ratios=(1,) * k)
    for n in range(1, 7):
        assert law.moment(n) == pytest.approx(comb((k + 1) * n, n) / (k * n + 1), rel=1e-12)
    # (k + 1)^(k + 1)/k^k is where they grow.
    assert law.support == ((0.0, pytest.approx((k + 1) ** (k + 1) / k**k, rel=1e-14)),)


@pytest.mark.parametrize("ratios", [(0.5, 0.5), (0.3, 2), (1, 0.4)])
def test_moments_of_products(ratios):
    law = law_of(ratios)
    assert law.moment(1) == pytest.approx(SCALE, rel=1e-13)
    # S(y) = 1/(scale prod(1 + q y)): kappa_2 = scale^2 sum q.
    assert law.free_cumulant(2) == pytest.approx(SCALE**2 * sum(ratios), rel=1e-12)
    assert law.moment(2) == pytest.approx(SCALE**2 * (1 + sum(ratios)), rel=1e-12)


@pytest.mark.parametrize(("power", "rate"), [(1, 0.4), (2, 1), (2, 0.5), (2, 3), (3, 1), (4, 0.2)])
def test_free_bessel(power, rate):
    law = FreeBessel(power=power, rate=rate)
    factors = [(1, power - 1), (1 / reference.exact(rate), 1)]
    agree(law, exact(rate, factors), inner(law), density=1e-12, mass=1e-12)
    assert law.moment(1) == pytest.approx(rate, rel=1e-13)
    # S(y) = 1/((1 + y)^(s - 1) (t + y)): kappa_2 = t + (s - 1) t^2.
    assert law.moment(2) == pytest.approx(rate + power * rate**2, rel=1e-12)
    assert law.weights.sum() == pytest.approx(max(0.0, 1 - rate), abs=1e-15)


@pytest.mark.parametrize("power", [0.5, 0.9, 1.5, 2.5])
def test_free_bessel_of_any_power(power):
    law = FreeBessel(power=power)
    # C(s n + n, n)/(s n + 1) for real s.
    assert law.moment(2) == pytest.approx(1 + power, rel=1e-12)
    third = (3 * power + 3) * (3 * power + 2) / 6
    assert law.moment(3) == pytest.approx(third, rel=1e-12)
    top = (1 + power) ** (1 + power) / power**power
    assert law.support == ((0.0, pytest.approx(top, rel=1e-14)),)
    # On the band (s + 1) arg(1 + y) = arg y: a triangle of angles gives |y| and |1 + y|.
    theta = np.pi * np.linspace(0.1, 0.9, 9)
    a = theta / (1 + power)
    size, whole = np.sin(a) / np.sin(theta - a), np.sin(theta) / np.sin(theta - a)
    x = whole ** (1 + power) / size
    np.testing.assert_allclose(law.pdf(x), size * np.sin(theta) / (np.pi * x), rtol=1e-12)


def test_quantiles_of_a_steep_law():
    law, p = FreeBessel(power=12, rate=1), np.array([1e-6, 1.01e-4, 0.25])
    x = law.ppf(p)
    # Near 0 the distribution function is like a power 1/13.
    assert 0 < x[0] < 1e-60
    np.testing.assert_allclose(law.cdf(x), p, atol=1e-12)


def test_order_and_routes():
    law = law_of((0.3, 2))
    x = inner(law, 15)
    routes = [
        law_of((2, 0.3)),
        free_multiply(MarchenkoPastur(aspect_ratio=0.3, variance=SCALE),
                      MarchenkoPastur(aspect_ratio=2)),
        SCALE * WishartProduct(aspect_ratios=(0.3, 2)),
    ]  # fmt: skip
    for route in routes:
        np.testing.assert_allclose(route.pdf(x), law.pdf(x), rtol=1e-13)
        np.testing.assert_allclose(route.cdf(x), law.cdf(x), atol=1e-13)


@pytest.mark.parametrize("ratios", [(1, 1), (0.3, 2), (0.5, 0.5), (1 - 1e-10, 1 - 1e-10)])
def test_quantiles(ratios):
    law = law_of(ratios)
    p = np.linspace(0.01, 0.99, 33)
    p = p[p > law.weights.sum()]
    assert np.abs(law.cdf(law.ppf(p)) - p).max() <= 1e-12


@pytest.mark.parametrize("ratios", [(1, 1), (0.3, 2), (0.5, 0.5)])
def test_log_potential(ratios):
    law = law_of(ratios)
    x = np.array([0.1, 1.0, 2 * law.support[0][1]])
    _, _, potentials = columns(exact(SCALE, counted(ratios)), x)
    assert absolute(law.log_potential(x), potentials) <= 1e-12
