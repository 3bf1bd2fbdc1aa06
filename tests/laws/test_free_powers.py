"""Free powers, multiplicative powers and larger matrices against sums, products and corners."""

import mpmath
import numpy as np
import pytest
from closeness import inner

from mvtheory.laws import (
    DeformedSemicircle,
    Discrete,
    Empirical,
    FreeBessel,
    FreeLevy,
    FreeMeixner,
    FreePoisson,
    GeneralizedCovariance,
    KestenMcKay,
    MarchenkoPastur,
    Semicircle,
    WishartProduct,
    compound_free_poisson,
    free_add,
    free_compress,
    free_decompress,
    free_multiplicative_power,
    free_multiply,
    free_power,
)
from mvtheory.laws.solvers.free_product import FreeProduct
from mvtheory.laws.solvers.sum_root import SumRoot
from mvtheory.testing import check_law

LEVELS = Discrete(atoms=[1, 3, 4], weights=[0.2, 0.3, 0.5])
MEIXNER = FreeMeixner(mean=2.5, skewness=0.5, shape=-0.2)
COVARIANCE = GeneralizedCovariance(population={1: 0.5, 3: 0.5}, aspect_ratio=0.5)


def same(law, known, rtol=1e-10):
    np.testing.assert_allclose(law.support, known.support, rtol=rtol, atol=1e-12)
    np.testing.assert_allclose(law.atoms, known.atoms, rtol=1e-13)
    np.testing.assert_allclose(law.weights, known.weights, rtol=1e-12)
    x = inner(known)
    np.testing.assert_allclose(law.pdf(x), known.pdf(x), rtol=100 * rtol)
    np.testing.assert_allclose(law.cdf(x), known.cdf(x), atol=rtol)
    np.testing.assert_allclose(law.cauchy(x + 0.3j), known.cauchy(x + 0.3j), rtol=rtol)


LAWS = {
    "Levy": free_power(FreeLevy(drift=1, variance=0.5, rates=(2,), jumps=(1,)), 0.25),
    "Meixner": free_power(MEIXNER, 0.4),
    "points": free_power(Discrete(atoms=[-1, 1], weights=[0.3, 0.7]), 1.3),
    "product of a Wishart": free_multiplicative_power(MarchenkoPastur(aspect_ratio=0.5), 1.5),
    "product of points": free_multiplicative_power(LEVELS, 1.5),
}


@pytest.mark.parametrize("name", LAWS)
def test_contract(name):
    check_law(LAWS[name], samples=0, matrix=60)


@pytest.mark.parametrize("law", [LEVELS, MEIXNER, MarchenkoPastur(aspect_ratio=2), COVARIANCE])
def test_free_cumulants(law):
    for times in (1, 1.7, 3):
        power = free_power(law, times)
        for n in (1, 2, 3, 4):
            size = (4 * law.support[-1][1] if law.support else 16) ** n
            expected = times * law.free_cumulant(n)
            assert power.free_cumulant(n) == pytest.approx(expected, rel=1e-9, abs=1e-13 * size)


def test_two_copies():
    same(free_power(LEVELS, 2), free_add(LEVELS, LEVELS))
    same(free_power(COVARIANCE, 2), free_add(COVARIANCE, COVARIANCE), rtol=1e-9)
    same(free_multiplicative_power(LEVELS, 2), free_multiply(LEVELS, LEVELS))
    same(free_power(2 - 3 * LEVELS, 2), free_add(2 - 3 * LEVELS, 2 - 3 * LEVELS))


def test_families():
    coin = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
    same(free_power(coin, 5), KestenMcKay(degree=5))
    same(free_power(KestenMcKay(degree=5), 0.4), KestenMcKay(degree=2))
    assert free_power(KestenMcKay(degree=5), 0.2) is not None
    np.testing.assert_allclose(free_power(KestenMcKay(degree=5), 0.2).weights, [0.5, 0.5])
    same(free_multiplicative_power(MarchenkoPastur(aspect_ratio=1), 3), FreeBessel(power=3))
    same(free_power(Semicircle(mean=1), 0.3), Semicircle(mean=0.3, variance=0.3))


@pytest.mark.parametrize("law", [MEIXNER, COVARIANCE, MarchenkoPastur(aspect_ratio=2), LEVELS])
@pytest.mark.parametrize("t", [0.3, 0.9])
def test_decompression_inverts_compression(law, t):
    found = free_decompress(free_compress(law, t), t)
    if not law.support:
        np.testing.assert_allclose(found.atoms, law.atoms, rtol=1e-12)
        np.testing.assert_allclose(found.weights, law.weights, rtol=1e-12)
    else:
        same(found, law)


def test_decompression_by_continuation():
    """A free product with a square Wishart matrix is compound free Poisson: its larger matrix has
    jumps 1/t times as large, at t times the rate."""
    law, t = WishartProduct(aspect_ratios=(1, 2)), 0.5
    found = free_decompress(law, t)
    known = compound_free_poisson(t, MarchenkoPastur(aspect_ratio=2) / t)
    same(found, known, rtol=1e-8)
    assert found.error_estimate <= 1e-6
    for n in (1, 2, 3, 4):
        expected = law.free_cumulant(n) * t ** (1 - n)
        assert found.free_cumulant(n) == pytest.approx(expected, rel=1e-10)


def test_continuation_with_a_new_atom():
    """Of a free Poisson law of rate 2, by its chart alone, to one of rate 0.6."""
    found = SumRoot(law=MarchenkoPastur(aspect_ratio=0.5), times=0.3)
    known = FreePoisson(rate=0.6, jump=0.5)
    np.testing.assert_allclose(found.weights, known.weights, rtol=1e-9)
    np.testing.assert_allclose(found.support, known.support, rtol=1e-10)
    x = inner(known)
    np.testing.assert_allclose(found.pdf(x), known.pdf(x), rtol=1e-9)
    assert found.error_estimate <= 1e-6


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: free_power(LEVELS, 0.5), "no law of finitely many atoms"),
        (lambda: free_decompress(Empirical(eigenvalues=[1, 2, 3]), 0.5), "fit a law to them"),
        # A coin and a semicircle: the coin has no free root.
        (
            lambda: free_decompress(
                DeformedSemicircle(
                    diagonal=Discrete(atoms=[-1, 1], weights=[0.5, 0.5]), variance=1
                ),
                0.7,
            ),
            "its continuation is a law; error estimate",
        ),
        (lambda: free_power(free_multiply(LEVELS, LEVELS), 0.5), "known through the real line"),
        (lambda: free_power(KestenMcKay(degree=3), 0.2), "is not allowed"),
        # An atom at the end of a band, whose mass is not known.
        (lambda: free_power(WishartProduct(aspect_ratios=(0.5, 0.5)), 0.3), r"error estimate \d"),
        (lambda: free_power(LEVELS, 0), r"times=0\.0 is not allowed"),
        (lambda: free_decompress(LEVELS, 1.5), r"fraction=1\.5 is not allowed"),
        (lambda: free_multiplicative_power(LEVELS, 0.5), r"times=0\.5 is not allowed"),
        (lambda: free_multiplicative_power(Semicircle(), 2), r"a law on \[0, infinity\)"),
        (lambda: free_power("law", 2), "law='law' is not allowed"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


BIT = Discrete(atoms=[0, 1], weights=[0.5, 0.5])


@pytest.mark.parametrize("times", [2.0, 2.7, 3.5, 4.3, 5])
def test_multiplicative_powers_of_a_projection_beside_0(times):
    """y = z G(z) - 1 is -1/2 + w, and z = (1 + y)/(y S(y)^n) = -(2 w)^n to leading order, with
    S(y) = (1 + y)/(y + 1/2): so w is a half of the n-th root of -z, and Im w = -pi z times the
    density has the phase pi (1 - 1/n), not that of another branch."""
    whole = isinstance(times, int)
    law = FreeProduct(parts=(BIT,) * times) if whole else free_multiplicative_power(BIT, times)
    x = 10.0 ** np.arange(-12, -5)
    expected = x ** (1 / times - 1) * np.sin(np.pi / times) / (2 * np.pi)
    # The next term is smaller by the n-th root of x.
    ratio = law.pdf(x) / expected
    assert (np.abs(ratio - 1) < 3 * x ** (1 / times)).all()


@pytest.mark.parametrize("times", [2.0, 2.5, 3.5, 7.0])
def test_multiplicative_powers_of_a_projection_next_to_0(times):
    """To 1e-30 of the width, by the same equation in 40 digits: w^n = -z (1/2 - w) (1/2 + w)^(n-1),
    to which w converges from 0; the mass is an integral of the density."""
    law = free_multiplicative_power(BIT, times)
    x = 10.0 ** np.arange(-30, -3)
    with mpmath.workdps(40):
        n = mpmath.mpf(times)
        density = []
        for at in map(mpmath.mpf, x):
            w = mpmath.mpf(0)
            for _ in range(60):
                size = at * (0.5 - w) * (0.5 + w) ** (n - 1)
                w = size ** (1 / n) * mpmath.expjpi(-1 / n)
            density.append(float(-w.imag / mpmath.pi / at))
    np.testing.assert_allclose(law.pdf(x), density, rtol=1e-10)
    # The density is like a power 1/n - 1 of x, to terms smaller by x^(1/n).
    mass = law.cdf(x) - law.cdf(0)
    leading = times * x * law.pdf(x)
    assert (np.abs(mass - leading) <= leading * x ** (1 / times) + 4e-16).all()
    assert (np.diff(law.cdf(10.0 ** np.arange(-24, -12, 0.5))) >= 0).all()


@pytest.mark.parametrize("times", [1.5, 3.0])
def test_multiplicative_powers_of_a_band_that_begins_at_0_begin_there(times):
    """1 + y of the part is like z^(1/2) there, so S has a pole at y = -1, and z is like a power
    1 + n of 1 + y."""
    part = free_multiply(MarchenkoPastur(aspect_ratio=1), LEVELS)
    law = free_multiplicative_power(part, times)
    assert law.support[0][0] == 0
    x = 10.0 ** np.arange(-30, -12)
    away = x ** (1 / (1 + times))
    slopes = np.diff(np.log(law.pdf(x))) / np.log(10)
    assert (np.abs(slopes - 1 / (1 + times) + 1) <= away[1:]).all()
    leading = (1 + times) * x * law.pdf(x)
    assert (np.abs(law.cdf(x) - leading) <= leading * away + 4e-16).all()


def test_products_step_aside_by_rounding_where_no_series_holds():
    """The shifted semicircle has a power 3/2 at 0 besides: 1 + y is no series of roots of z."""
    law = free_multiply(MarchenkoPastur(aspect_ratio=1), Semicircle(mean=2), LEVELS)
    assert law.support[0][0] == 0
    # The density is like x^(-1/2), the width 40: no more mass than within 1e-11 of it.
    x = 1e-10
    assert 0 <= law.cdf(1e-25) < 2 * law.pdf(x) * np.sqrt(x * 4e-10)


def test_products_with_a_law_of_both_signs_next_to_0():
    """A coin c is free from b, and c^2 = 1: so (b^(1/2) c b^(1/2))^2 has the law of the free square
    of b, and the product itself is even."""
    coin = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
    part = free_multiply(MarchenkoPastur(aspect_ratio=1), LEVELS)
    law, squared = free_multiply(coin, part), free_multiply(part, part)
    x = 10.0 ** np.arange(-18, 1)
    np.testing.assert_allclose(law.cdf(x) - 0.5, squared.cdf(x**2) / 2, rtol=0, atol=1e-11)
    np.testing.assert_allclose(law.cdf(-x), 1 - law.cdf(x), rtol=0, atol=1e-11)
    assert abs(law.cdf(0) - 0.5) < 1e-11


def test_a_product_with_a_law_of_both_signs_ends_at_0():
    coin = Discrete(atoms=[-1, 2], weights=[0.5, 0.5])
    part = free_multiply(MarchenkoPastur(aspect_ratio=1), LEVELS)
    law = free_multiply(coin, part)
    # As much mass lies below 0 as below 0 in the coin, for the part has no atom there.
    assert law.support[0][1] == 0
    assert abs(law.cdf(0) - 0.5) < 1e-12
