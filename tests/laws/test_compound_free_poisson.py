"""Compound free Poisson laws and separable covariances by routes that share nothing."""

import numpy as np
import pytest
from closeness import inner
from mpmath import mp, mpc

from mvtheory.laws import (
    Discrete,
    FreeLevy,
    FreeMeixner,
    GeneralizedCovariance,
    MarchenkoPastur,
    WishartProduct,
    companion,
    compound_free_poisson,
    separable_covariance,
)
from mvtheory.laws.compound_free_poisson import CompoundFreePoisson
from mvtheory.testing import check_law

JUMPS = MarchenkoPastur(aspect_ratio=0.5, variance=2)
CASES = {
    "atom at 0": (0.5, JUMPS),
    "many": (3, JUMPS),
    "both signs": (2, FreeMeixner(mean=0.5)),
}


@pytest.mark.parametrize("name", CASES)
def test_contract(name):
    check_law(compound_free_poisson(*CASES[name]), samples=0, matrix=60)


@pytest.mark.parametrize("rate", [0.5, 3.0])
def test_against_the_product(rate):
    """(1 - rate) delta_0 + rate (law of T free times Marchenko-Pastur of ratio rate)."""
    law, product = compound_free_poisson(rate, JUMPS), WishartProduct(aspect_ratios=(0.5, rate))
    product = 2 * product
    np.testing.assert_allclose(law.support, product.support, rtol=1e-10)
    x = inner(law)
    np.testing.assert_allclose(law.pdf(x), rate * product.pdf(x), rtol=1e-8)
    z = x + 0.2j
    expected = (1 - rate) / z + rate * product.cauchy(z)
    np.testing.assert_allclose(law.cauchy(z), expected, rtol=1e-10)
    expected = (1 - rate) * np.log(z) + rate * product.potential(z)
    np.testing.assert_allclose(law.potential(z), expected, rtol=1e-10, atol=1e-10)


def test_one_rate_is_a_product():
    law = compound_free_poisson(1, JUMPS)
    generic = CompoundFreePoisson(rate=1.0, jumps=JUMPS)
    x = inner(law)
    np.testing.assert_allclose(generic.pdf(x), law.pdf(x), rtol=1e-8)
    np.testing.assert_allclose(generic.cauchy(x + 1j), law.cauchy(x + 1j), rtol=1e-12)


def test_free_cumulants_are_moments_of_the_jumps():
    law = compound_free_poisson(0.7, JUMPS)
    for n in range(1, 6):
        assert law.free_cumulant(n) == pytest.approx(0.7 * JUMPS.moment(n), rel=1e-12)


def test_finitely_many_jumps():
    law = compound_free_poisson(2, Discrete(atoms=[-1, 0, 3], weights=[0.25, 0.5, 0.25]))
    assert law == FreeLevy(rates=(0.5, 0.5), jumps=(-1, 3))


def test_separable_covariance_by_two_equations():
    """Against the two coupled equations of Paul and Silverstein, in digits."""
    q = 0.25
    space, times = ([1, 3], [0.5, 0.5]), ([0.5, 1.5], [0.25, 0.75])
    law = separable_covariance(
        Discrete(atoms=space[0], weights=space[1]), Discrete(atoms=times[0], weights=times[1]), q
    )
    with mp.workdps(40):
        for z in (2 + 0.3j, 5 + 1j, -1 + 0.5j):
            point = mpc(z)

            # e = q E_A[a/(a k - z)], k = E_B[b/(1 + b e)]: the resolvent is E_A[1/(a k - z)].
            def gap(e, point=point):
                k = sum(w * b / (1 + b * e) for b, w in zip(*times, strict=True))
                return e - q * sum(w * a / (a * k - point) for a, w in zip(*space, strict=True))

            e = mp.findroot(gap, -q * 2 / point)
            k = sum(w * b / (1 + b * e) for b, w in zip(*times, strict=True))
            g = -sum(w / (a * k - point) for a, w in zip(*space, strict=True))
            assert abs(law.cauchy(z) - complex(g)) <= 1e-11
    # Times that all weigh the same are a sample covariance.
    plain = separable_covariance(
        Discrete(atoms=[1, 3], weights=[0.5, 0.5]), Discrete(atoms=[1], weights=[1]), q
    )
    known = GeneralizedCovariance(population={1: 0.5, 3: 0.5}, aspect_ratio=q)
    np.testing.assert_allclose(plain.support, known.support, rtol=1e-10)
    np.testing.assert_allclose(plain.pdf(inner(known)), known.pdf(inner(known)), rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: compound_free_poisson(0, JUMPS), r"rate=0\.0 is not allowed"),
        (lambda: compound_free_poisson(2, MarchenkoPastur(aspect_ratio=2)), "give rate=1 and"),
        (lambda: compound_free_poisson(1, 2.0), r"law=2\.0 is not allowed"),
        (lambda: compound_free_poisson(1, Discrete(atoms=[0], weights=[1])), "not only 0"),
        (lambda: separable_covariance(JUMPS, JUMPS, -1), "aspect_ratio=-1"),
        (
            lambda: separable_covariance(FreeMeixner(), FreeMeixner(), 1),
            "at most one law with negative numbers",
        ),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("ratio", [0.4, 0.5])
@pytest.mark.parametrize("rate", [0.2, 0.39, 0.4, 0.41, 1.5])
def test_jumps_of_a_wishart_are_the_companion_of_a_product(rate, ratio):
    """X T X^T/n beside T^(1/2) X^T X T^(1/2)/n: a product of Wishart laws, solved otherwise. Near 0
    the jumps' own G has another sheet that looks like the law's: it had bands below 0."""
    jumps = MarchenkoPastur(aspect_ratio=ratio, variance=1.7)
    law = compound_free_poisson(rate, jumps)
    known = companion(GeneralizedCovariance(population=jumps, aspect_ratio=rate))
    np.testing.assert_allclose(law.support, known.support, rtol=1e-9)
    np.testing.assert_allclose(law.weights, known.weights, rtol=1e-12)
    x = inner(known)
    np.testing.assert_allclose(law.pdf(x), known.pdf(x), rtol=1e-8)
    np.testing.assert_allclose(law.cdf(x), known.cdf(x), atol=1e-8)
