"""Equilibrium measures against closed laws and their variational conditions."""

import numpy as np
import pytest
from closeness import inner
from numpy.polynomial import polynomial as poly

from mvtheory.laws import EquilibriumMeasure, Semicircle, chiral, free_add
from mvtheory.testing import check_law

POTENTIALS = {
    "semicircle": [0, -1, 0.25],
    "quartic": [0, 0, 0.5, 0, 0.25],
    "gap closes": [0, 0, -1, 0, 0.25],
    "two intervals": [0, 0, -1.5, 0, 0.25],
    "three wells, one interval": [0, 0, 1, 0, -1.2, 0, 0.3],
    "octic, two intervals": [0, 0, -3, 0, 1.2, 0, -0.3, 0, 0.05],
    "skew": [0, 0.3, 0.5, 0.1, 0.25],
    "skew sextic": [0, 1, 1, 0.4, 0.2, 0.1, 0.05],
    "narrow": [0, 0, 5e3],
}


@pytest.mark.parametrize("name", POTENTIALS)
def test_contract(name):
    check_law(EquilibriumMeasure(coefficients=POTENTIALS[name]), samples=500, matrix=50)


@pytest.mark.parametrize("name", POTENTIALS)
def test_variational_conditions(name):
    """2 U - V is constant on the support and not larger off it."""
    potential = POTENTIALS[name]
    law = EquilibriumMeasure(coefficients=potential)

    def effective(x):
        return 2 * law.log_potential(x) - poly.polyval(x, potential)

    on = effective(inner(law))
    size = 1 + np.abs(poly.polyval(inner(law), potential)).max()
    assert np.ptp(on) <= 1e-13 * size
    low, high = law.support[0][0], law.support[-1][1]
    x = np.linspace(2 * low - high, 2 * high - low, 301)
    assert (effective(x) <= on.max() + 1e-13 * size).all()


def test_semicircle():
    law, known = EquilibriumMeasure(coefficients=[3, -1, 0.25]), Semicircle(mean=2, variance=2)
    np.testing.assert_allclose(law.support, known.support, rtol=1e-14)
    x = inner(known)
    np.testing.assert_allclose(law.pdf(x), known.pdf(x), rtol=1e-13)
    np.testing.assert_allclose(law.cdf(x), known.cdf(x), atol=1e-14)
    np.testing.assert_allclose(law.potential(x + 1j), known.potential(x + 1j), rtol=1e-13)


@pytest.mark.parametrize("g", [0.01, 1.0, 100.0])
def test_quartic(g):
    """V = x^2/2 + g x^4: 12 g a^4 + a^2 = 1, density (1 + 8 g a^2 + 4 g x^2) sqrt(4 a^2 - x^2)/2 pi
    (Brezin, Itzykson, Parisi and Zuber, equation 18)."""
    law = EquilibriumMeasure(coefficients=[0, 0, 0.5, 0, g])
    square = (np.sqrt(1 + 48 * g) - 1) / (24 * g)
    assert law.support[0][1] == pytest.approx(2 * np.sqrt(square), rel=1e-13)
    x = inner(law)
    density = (1 + 8 * g * square + 4 * g * x**2) * np.sqrt(4 * square - x**2) / (2 * np.pi)
    np.testing.assert_allclose(law.pdf(x), density, rtol=1e-12)
    assert law.moment(2) == pytest.approx(square * (4 - square) / 3, rel=1e-12)


@pytest.mark.parametrize("a", [2.5, 6.0])
def test_two_intervals(a):
    """V = x^4/4 - a x^2/2: x^2 is a semicircle of mean a and variance 1."""
    law = EquilibriumMeasure(coefficients=[0, 0, -a / 2, 0, 0.25])
    known = chiral(Semicircle(mean=a))
    np.testing.assert_allclose(law.support, known.support, rtol=1e-14)
    np.testing.assert_allclose(law.pdf(inner(known)), known.pdf(inner(known)), rtol=1e-12)
    assert law.cdf(0) == 0.5


def test_free_sums_take_it():
    quartic = EquilibriumMeasure(coefficients=[0, 0, 0.5, 0, 0.25])
    law = free_add(quartic, Semicircle(variance=0.5))
    expected = [quartic.free_cumulant(n) + 0.5 * (n == 2) for n in (1, 2, 3, 4)]
    found = [law.free_cumulant(n) for n in (1, 2, 3, 4)]
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("tilt", [5e-324, 1e-216, 1e-20])
def test_a_small_term_is_no_large_scale(tilt):
    law, even = (EquilibriumMeasure(coefficients=[0, t, 1, 0, 1]) for t in (tilt, 0))
    np.testing.assert_allclose(law.support, even.support, rtol=1e-14)


@pytest.mark.parametrize(
    ("coefficients", "words"),
    [
        ([0, 1], "of even degree 2 to 12"),
        ([0, 0, 0, 1], "of even degree 2 to 12"),
        ([0, 0, -1], "the highest positive"),
        ([0, 0, np.nan], "finite"),
        ([0, 0.05, -1.5, 0, 0.25], "two if V is even"),
        ([0, 0, 3, 0, -2.5, 0, 0.5], "two if V is even"),  # three wells
    ],
)
def test_what_is_refused(coefficients, words):
    with pytest.raises(ValueError, match=words):
        EquilibriumMeasure(coefficients=coefficients)
