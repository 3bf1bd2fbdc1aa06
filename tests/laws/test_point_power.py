"""Corners of point masses in closed form, against subordination, closed laws and expansions."""

import numpy as np
import pytest
from closeness import inner

from mvtheory.laws import (
    Discrete,
    Empirical,
    GeneralizedCovariance,
    MarchenkoPastur,
    Semicircle,
    WishartProduct,
    free_add,
    free_compress,
)
from mvtheory.laws.solvers.free_sum import FreeSum

BIT = Discrete(atoms=[0, 1], weights=[0.5, 0.5])
COIN = Discrete(atoms=[-1, 2], weights=[0.5, 0.5])
DOZEN = Discrete(atoms=np.arange(12) - 3.3, weights=np.full(12, 1 / 12))
CASES = {
    "two atoms": (COIN, 0.3),
    "both stay": (BIT, 0.8),
    "three stay": (Discrete(atoms=[0, 1, 3], weights=[0.4, 0.35, 0.25]), 0.9),
    "one stays": (Discrete(atoms=[0, 1, 3], weights=[0.7, 0.2, 0.1]), 0.5),
    "a dozen": (DOZEN, 0.95),
    "a dozen, small": (DOZEN, 0.01),
    "measured": (Empirical(eigenvalues=[-1, -1, 0.3, 2, 2.5, 2.6]), 0.4),
}


@pytest.mark.parametrize("name", CASES)
def test_against_subordination(name):
    law, t = CASES[name]
    closed, generic = free_compress(law, t), t * FreeSum(terms=((law, 1 / t),))
    np.testing.assert_allclose(closed.support, generic.support, atol=1e-10)
    np.testing.assert_allclose(closed.atoms, generic.atoms, atol=1e-14)
    np.testing.assert_allclose(closed.weights, generic.weights, rtol=1e-12)
    x = inner(closed)
    np.testing.assert_allclose(closed.pdf(x), generic.pdf(x), rtol=1e-8)
    np.testing.assert_allclose(closed.cdf(x), generic.cdf(x), atol=1e-10)
    low, high = closed.support[0][0], closed.support[-1][1]
    z = np.array([0.3 + 0.1j, -2 + 0.5j, 1 + 1e-3j, low - 0.5, high + 0.5, 1e4])
    np.testing.assert_allclose(closed.cauchy(z), generic.cauchy(z), rtol=1e-9)
    np.testing.assert_allclose(closed.potential(z), generic.potential(z), atol=1e-9)
    gaps = [(a[1] + b[0]) / 2 for a, b in zip(closed.support, closed.support[1:], strict=False)]
    np.testing.assert_allclose(closed.cdf(gaps), generic.cdf(gaps), atol=1e-9)
    np.testing.assert_allclose(
        closed.ppf([0.1, 0.45, 0.8]), generic.ppf([0.1, 0.45, 0.8]), atol=1e-8
    )
    for n in (1, 2, 5):
        assert closed.moment(n) == pytest.approx(generic.moment(n), rel=1e-9, abs=1e-9)


def test_arcsine():
    law = free_compress(BIT, fraction=0.5)
    assert law.support == ((0.0, 1.0),)
    assert law.pdf([0, 1]).tolist() == [np.inf, np.inf]
    x = np.array([1e-12, 0.1, 0.25, 0.5, 0.9, 1 - 2**-40])
    # w is rounded like 1, so what is as near as sqrt(distance) keeps that share of its digits.
    rtol = 1e-15 / np.sqrt(np.minimum(x, 1 - x))
    error = law.pdf(x) * np.pi * np.sqrt(x * (1 - x)) - 1
    assert (np.abs(error) <= 10 * rtol + 2e-16 / np.minimum(x, 1 - x)).all()
    np.testing.assert_allclose(law.cdf(x), 2 / np.pi * np.arcsin(np.sqrt(x)), atol=1e-9)
    # log capacity of an interval of length 1.
    np.testing.assert_allclose(law.log_potential([0, 0.3, 1]), -np.log(4), atol=1e-15)
    for scale, shift in ((2, 1), (-3, 2)):
        assert np.isposinf((scale * law + shift).pdf([shift, scale + shift])).all()


def test_ends_of_other_families_with_infinite_densities():
    # The free sum of two equal coins is an arcsine law; as a power it is the corner of 1/2.
    total = free_add(COIN, COIN)
    np.testing.assert_allclose((0.5 * total).support, free_compress(COIN, 0.5).support, atol=1e-12)
    assert np.isposinf(total.pdf([-2, 4])).all()
    assert np.isposinf(free_compress(COIN, 0.5).pdf([-1, 2])).all()
    # Where two atoms vanish at one place the density stays finite: arcsine on [-2, 2] at 0.
    signs = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
    assert free_add(signs, signs).pdf(0) == pytest.approx(1 / (2 * np.pi), rel=1e-9)


@pytest.mark.parametrize("t", [1e-3, 1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize(
    "law",
    [COIN, DOZEN, MarchenkoPastur(aspect_ratio=0.5, variance=2), Empirical(eigenvalues=[1, 2, 6])],
)
def test_small_corners(law, t):
    corner = free_compress(law, t)
    mean, variance, third, fourth = (law.free_cumulant(n) for n in range(1, 5))
    scale = np.sqrt(t * variance)
    skew, excess = third * t**2 / scale**3, fourth * t**3 / scale**4
    u = np.array([-1.5, -1, 0, 0.4, 1.2])
    x = mean + scale * u
    u = (x - mean) / scale  # what x stands for, once it is rounded
    # z = 1/g + g + skew g^2 + excess g^3: g = g_0 + skew g_0^4/(1 - g_0^2) to first order.
    g = (u - 1j * np.sqrt(4 - u**2)) / 2
    first = g + skew * g**4 / (1 - g**2)
    rounded = 4e-16 * abs(mean) / scale
    bound = 20 * (skew**2 + abs(excess)) + 10 * rounded + 1e-11
    assert np.abs(corner.pdf(x) * scale - -first.imag / np.pi).max() <= bound
    low, high = corner.support[0]
    assert len(corner.support) == 1
    # The edges are at +-2 + skew to first order.
    np.testing.assert_allclose(
        (np.array([low, high]) - mean) / scale, [-2 + skew, 2 + skew], atol=bound
    )
    assert corner.free_cumulant(2) == pytest.approx(t * variance, rel=1e-9)
    middle = corner.ppf(0.5)
    assert abs(middle - mean) <= scale * (abs(skew) + bound)


@pytest.mark.parametrize(
    "law",
    [
        WishartProduct(aspect_ratios=(0.5, 0.7)),
        GeneralizedCovariance(population=[1, 3], aspect_ratio=0.5),
    ],
)
def test_small_corners_by_subordination(law):
    t = 1e-6
    corner = free_compress(law, t)
    mean, variance = law.free_cumulant(1), law.free_cumulant(2)
    scale = np.sqrt(t * variance)
    skew = law.free_cumulant(3) * t**2 / scale**3
    x = mean + scale * np.array([-1, 0, 1.5])
    semicircle = Semicircle(mean=mean, variance=scale**2)
    assert np.abs(corner.cdf(x) - semicircle.cdf(x)).max() <= skew
    np.testing.assert_allclose(
        (np.array(corner.support[0]) - mean) / scale, [-2 + skew, 2 + skew], atol=20 * skew**2
    )
    # Ends are tried at decades of the width: where G has lost eps/t, they are sure to 1e-6 of it.
    assert corner.error_estimate <= 1.1e-6
    with pytest.raises(ValueError, match=r"fraction=1e-09 .* 1e-06 <= fraction <= 1"):
        free_compress(law, 1e-9)


@pytest.mark.parametrize("fraction", [5e-324, 1e-13, 0, -0.5, 1.5, np.nan])
@pytest.mark.parametrize("law", [COIN, Semicircle(), WishartProduct(aspect_ratios=(0.5,))])
def test_fractions_out_of_range(law, fraction):
    with pytest.raises(ValueError, match=r"fraction=.* 1e-12 <= fraction <= 1"):
        free_compress(law, fraction)


def test_corners_add_like_any_law():
    corner = free_compress(COIN, 0.4)
    total = free_add(corner, MarchenkoPastur(aspect_ratio=0.5))
    for n in (1, 2, 3):
        expected = corner.free_cumulant(n) + MarchenkoPastur(aspect_ratio=0.5).free_cumulant(n)
        assert total.free_cumulant(n) == pytest.approx(expected, rel=1e-12)
    high = total.support[-1][1]
    assert total.cdf(high) == pytest.approx(1, abs=1e-12)
    g = total.cauchy(high + 1).real
    # R-transforms add: z = R_1(g) + R_2(g) + 1/g at real g.
    r = corner.r_transform(g) + MarchenkoPastur(aspect_ratio=0.5).r_transform(g)
    assert r + 1 / g == pytest.approx(high + 1, rel=1e-9)
