"""The Marchenko-Pastur law against many digits, and by every other route to it."""

from itertools import pairwise

import numpy as np
import pytest
import reference
from closeness import agree, columns, inner, relative
from mpmath import mp, mpf
from scipy import integrate

from mvtheory.laws import (
    FreeLevy,
    FreePoisson,
    GeneralizedCovariance,
    GeneralizedWishart,
    MarchenkoPastur,
    WishartProduct,
)

VARIANCE = 1.7
RATIOS = [1e-8, 1e-3, 0.09, 0.5, 1 - 1e-6, 1 - 1e-12, 1, 1 + 1e-12, 1 + 1e-6, 2.5, 1e3, 1e8]


def law_of(q):
    return MarchenkoPastur(aspect_ratio=q, variance=VARIANCE)


def exact(q):
    jumps = reference.marchenko_pastur(q, VARIANCE)
    return lambda x: reference.rational(x, 0, 0, *jumps, digits=30)


def exact_edges(q):
    with mp.workdps(50):
        root = mp.sqrt(mpf(q))
        return [mpf(VARIANCE) * (1 + sign * root) ** 2 for sign in (-1, 1)]


@pytest.mark.parametrize("q", RATIOS)
def test_density_and_distribution(q):
    law = law_of(q)
    # A closed form of ten operations; the cdf is a sum of two angles.
    agree(law, exact(q), inner(law), density=1e-14, mass=1e-13, potential=None)


@pytest.mark.parametrize("q", RATIOS)
@pytest.mark.parametrize("edge", [0, 1])
def test_density_next_to_the_edges(q, edge):
    law = law_of(q)
    low, high = exact_edges(q)
    width = float(high - low)
    offsets = width * np.array([1e-12, 1e-9, 1e-4])
    with mp.workdps(50):
        positions = [high - mpf(d) if edge else low + mpf(d) for d in offsets]
    densities, _, _ = columns(exact(q), positions)
    assert relative(law.pdf_from_edge(offsets, edge), densities) <= 1e-13
    # As doubles, the positions themselves are exact: edges are known to more than a double.
    points = np.array([float(x) for x in positions])
    inside = (points > law.support[0][0]) & (points < law.support[0][1])
    densities, masses, _ = columns(exact(q), points[inside])
    assert relative(law.pdf(points[inside]), densities) <= 1e-13
    assert np.abs(law.cdf(points[inside]) - np.array(masses, dtype=float)).max() <= 1e-13


@pytest.mark.parametrize("q", RATIOS)
def test_edges_and_atom(q):
    law = law_of(q)
    assert relative(law.support[0], exact_edges(q)) <= 1.2e-16 if q != 1 else True
    expected = max(0.0, float(1 - 1 / mpf(q)))
    assert law.weights.sum() == pytest.approx(expected, rel=3e-16)
    assert law.cdf(0) == pytest.approx(expected, abs=3e-16)
    assert law.cdf(0, side="left") == 0
    assert law.cdf(law.support[0][1]) == 1


def test_hard_edge():
    law = MarchenkoPastur(aspect_ratio=1, variance=VARIANCE)
    x = np.array([1e-300, 1e-30, 1e-10])
    # sqrt((4 v - x)/x)/(2 pi v): relative 1e-14 at any distance from 0.
    expected = np.sqrt((4 * VARIANCE - x) / x) / (2 * np.pi * VARIANCE)
    np.testing.assert_allclose(law.pdf(x), expected, rtol=1e-14)
    assert law.pdf(0) == np.inf
    assert law.pdf(-1e-300) == 0


@pytest.mark.parametrize("q", RATIOS)
def test_quantiles(q):
    law = law_of(q)
    p = np.concatenate([np.linspace(0.01, 0.99, 15), [1e-12, 1e-6, 1 - 1e-6, 1 - 1e-12]])
    p = p[p > law.weights.sum() + 1e-13]
    x = law.ppf(p)
    # A rounding of x moves the cdf by x times the density, which is large where the band is thin.
    moved = np.spacing(x) * law.pdf(x)
    assert np.abs(law.cdf(x) - p).max() <= 1e-12 + moved.max()
    assert (law.ppf(np.array([0, 1])) == [law.ppf(0), law.support[0][1]]).all()
    assert law.ppf(0.5 * law.weights.sum()) == (0 if q > 1 else law.support[0][0])


@pytest.mark.parametrize("q", [0.05, 0.5, 1, 1.2, 4])
def test_every_route_gives_the_same_law(q):
    law = law_of(q)
    routes = [
        FreeLevy(rates=(1 / q,), jumps=(q * VARIANCE,)),
        q * VARIANCE * FreePoisson(rate=1 / q),
        FreePoisson(rate=1 / q, jump=q * VARIANCE),
        GeneralizedWishart(aspect_ratio=q, correlation=1, scale=VARIANCE),
        -GeneralizedWishart(aspect_ratio=q, correlation=-1, scale=VARIANCE),
        GeneralizedCovariance(population={VARIANCE: 1}, aspect_ratio=q),
        WishartProduct(aspect_ratios=(q,), scale=VARIANCE),
    ]
    x = inner(law, 31)
    everywhere = np.concatenate([x, [-1, -1e-9, 0, 1e-9, 50]])
    z = np.array([2 + 1j, -1 + 0.1j, 0.5 - 0.2j, -3, 40])
    for route in routes:
        np.testing.assert_allclose(route.support, law.support, rtol=1e-14, atol=1e-15)
        np.testing.assert_allclose(route.pdf(x), law.pdf(x), rtol=1e-12)
        np.testing.assert_allclose(route.cdf(everywhere), law.cdf(everywhere), atol=1e-13)
        np.testing.assert_allclose(route.cauchy(z), law.cauchy(z), rtol=1e-13)
        np.testing.assert_allclose(route.potential(z), law.potential(z), rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(route.atoms, law.atoms)
        np.testing.assert_allclose(route.weights, law.weights, rtol=1e-14)
        for n in (1, 2, 5):
            assert route.moment(n) == pytest.approx(law.moment(n), rel=1e-13)


@pytest.mark.parametrize("q", [1e-8, 0.3, 1, 7, 1e8])
def test_log_potential(q):
    law = law_of(q)
    points = [-0.5, 1e-3, float(np.mean(law.support)), 3 * law.support[0][1]]
    _, _, potentials = columns(exact(q), points)
    # Where the spectrum is scaled as 1e8 the logarithm is 18.
    error = np.abs(law.log_potential(points) - np.array(potentials, dtype=float))
    assert error.max() <= 1e-13


def test_the_density_integrates_to_the_distribution():
    law = law_of(0.3)
    low, high = law.support[0]
    cuts = np.linspace(low, high, 6)
    for a, b in pairwise(cuts):
        mass = integrate.quad(law.pdf, a, b, epsabs=1e-12)[0]
        assert mass == pytest.approx(law.cdf(b) - law.cdf(a), abs=1e-9)
