"""Free sums, products and corners: closed routes, subordination, and many digits."""

from functools import cache

import numpy as np
import pytest
import reference
from closeness import columns, inner

from mvtheory.laws import (
    Discrete,
    FreeBessel,
    GeneralizedCovariance,
    GeneralizedWishart,
    MarchenkoPastur,
    Semicircle,
    WishartProduct,
    free_add,
    free_compress,
    free_multiply,
    free_subtract,
)
from mvtheory.laws.solvers.free_product import FreeProduct
from mvtheory.laws.solvers.free_sum import FreeSum

# Following a root by Newton's method ends at 1e-8 of the hull or better, away from singularities.
GENERIC = 1e-8
COIN = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
BIT = Discrete(atoms=[0, 1], weights=[0.5, 0.5])
NARROW = MarchenkoPastur(aspect_ratio=0.2, variance=1.5)
WIDE = MarchenkoPastur(aspect_ratio=3, variance=0.5)
LEVELS = Discrete(atoms=[0.5, 2, 3], weights=[0.2, 0.5, 0.3])


def total(*laws):
    return FreeSum(terms=tuple((law, 1.0) for law in laws))


def product(*laws):
    return FreeProduct(parts=laws)


# Generic laws beside closed ones of the same spectrum.
PAIRS = {
    "MP + MP": (lambda: total(NARROW, WIDE), lambda: free_add(NARROW, WIDE)),
    "MP - MP": (
        lambda: total(MarchenkoPastur(aspect_ratio=2.5), -MarchenkoPastur(aspect_ratio=2.5)),
        lambda: GeneralizedWishart(aspect_ratio=2.5, correlation=0, scale=2),
    ),
    "semicircle + MP": (
        lambda: total(Semicircle(mean=1, variance=0.3), NARROW),
        lambda: free_add(Semicircle(mean=1, variance=0.3), NARROW),
    ),
    "three": (
        lambda: total(Semicircle(), NARROW, -WIDE),
        lambda: free_add(Semicircle(), NARROW, -WIDE),
    ),
    "MP * MP": (lambda: product(NARROW, WIDE), lambda: free_multiply(NARROW, WIDE)),
    "MP * MP * MP": (
        lambda: product(NARROW, NARROW, NARROW),
        lambda: WishartProduct(aspect_ratios=(0.2, 0.2, 0.2), scale=1.5**3),
    ),
    "discrete * MP": (
        lambda: product(LEVELS, MarchenkoPastur(aspect_ratio=0.1)),
        lambda: GeneralizedCovariance(population=LEVELS, aspect_ratio=0.1),
    ),
    "signed * MP": (
        lambda: product(COIN + 0.5, MarchenkoPastur(aspect_ratio=0.3)),
        lambda: GeneralizedCovariance(population={-0.5: 0.5, 1.5: 0.5}, aspect_ratio=0.3),
    ),
    "hard * MP": (
        lambda: product(FreeBessel(power=1), MarchenkoPastur(aspect_ratio=1)),
        lambda: FreeBessel(power=2),
    ),
    "half of MP": (
        lambda: 0.5 * FreeSum(terms=((NARROW, 2.0),)),
        lambda: free_compress(NARROW, fraction=0.5),
    ),
    "0.3 of semicircle": (
        lambda: 0.3 * FreeSum(terms=((Semicircle(mean=2), 1 / 0.3),)),
        lambda: Semicircle(mean=2, variance=0.3),
    ),
}


@cache
def pair(name):
    generic, closed = PAIRS[name]
    return generic(), closed()


@pytest.mark.parametrize("name", PAIRS)
def test_generic_against_closed_routes(name):
    generic, closed = pair(name)
    hull = max(abs(e) for band in closed.support for e in band)
    x = inner(closed, 15)
    error = np.abs(generic.cdf(x) - closed.cdf(x)).max()
    assert error <= GENERIC
    assert error <= max(10 * generic.error_estimate, 1e-12)
    np.testing.assert_allclose(generic.pdf(x), closed.pdf(x), rtol=1e-7, atol=GENERIC / hull)
    z = np.array([0.3 + 0.1j, -2 + 1j, 3 - 2j, 20])
    np.testing.assert_allclose(generic.cauchy(z), closed.cauchy(z), rtol=1e-8)
    np.testing.assert_allclose(generic.log_potential(z), closed.log_potential(z), atol=1e-8)


@pytest.mark.parametrize("name", PAIRS)
def test_generic_bands_atoms_and_cumulants(name):
    generic, closed = pair(name)
    hull = max(abs(e) for band in closed.support for e in band)
    np.testing.assert_allclose(generic.support, closed.support, atol=1e-7 * hull)
    np.testing.assert_allclose(generic.atoms, closed.atoms, atol=1e-12)
    np.testing.assert_allclose(generic.weights, closed.weights, atol=1e-12)
    for n in range(1, 6):
        size = hull**n
        assert generic.free_cumulant(n) == pytest.approx(closed.free_cumulant(n), abs=1e-9 * size)
        assert generic.moment(n) == pytest.approx(closed.moment(n), abs=1e-9 * size)


SUMS = {
    "two and three": (([0, 1], ["0.5", "0.5"]), ([-2, 0, 3], ["0.25", "0.5", "0.25"])),
    "atom": (([0, 1], ["0.25", "0.75"]), ([0, 2], ["0.375", "0.625"])),
    "far": (([0, 100], ["0.5", "0.5"]), ([-1, 1], ["0.5", "0.5"])),
}


def discrete(atoms, weights):
    return Discrete(atoms=atoms, weights=[float(w) for w in weights])


def compare(law, values, sizes):
    """At points of the bands that a double shows apart from their ends."""
    x = inner(law, 5)
    densities, masses, _ = columns(values, x)
    error = np.abs(law.cdf(x) - np.array(masses, dtype=float)).max()
    assert error <= GENERIC
    assert error <= max(10 * law.error_estimate, 1e-12)
    expected = np.array(densities, dtype=float)
    np.testing.assert_allclose(law.pdf(x), expected, rtol=1e-7, atol=GENERIC / sizes)


@pytest.mark.parametrize("name", SUMS)
def test_sums_of_discrete_laws(name):
    a, b = SUMS[name]
    law = free_add(discrete(*a), discrete(*b))
    compare(law, lambda x: reference.discrete_sum(x, *a, *b, digits=16), np.ptp(law.support))


PRODUCTS = {
    "apart": (([1, 3], ["0.5", "0.5"]), ([1, 2, 5], ["0.25", "0.5", "0.25"])),
    "zeros": (([0, 1], ["0.375", "0.625"]), ([0, 2], ["0.25", "0.75"])),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_products_of_discrete_laws(name):
    a, b = PRODUCTS[name]
    law = free_multiply(discrete(*a), discrete(*b))
    compare(law, lambda x: reference.discrete_product(x, *a, *b, digits=16), np.ptp(law.support))


def test_arcsine():
    law = free_add(COIN, COIN)
    np.testing.assert_allclose(law.support, [(-2, 2)], atol=1e-8)
    x = np.linspace(-1.99, 1.99, 23)
    np.testing.assert_allclose(law.pdf(x), 1 / (np.pi * np.sqrt(4 - x * x)), rtol=1e-8)
    np.testing.assert_allclose(law.cdf(x), 0.5 + np.arcsin(x / 2) / np.pi, atol=GENERIC)
    assert [law.moment(n) for n in (2, 4, 6)] == pytest.approx([2, 6, 20], rel=1e-12)
    p = np.linspace(0.01, 0.99, 9)
    np.testing.assert_allclose(law.ppf(p), 2 * np.sin(np.pi * (p - 0.5)), atol=1e-7)


@pytest.mark.parametrize("fraction", [0.5, 0.25, 0.8])
def test_corner_of_a_coin(fraction):
    # Jacobi law: on [-r, r], r = 2 sqrt(t (1 - t)), sqrt(r^2 - x^2)/(2 pi t (1 - x^2)).
    t, law = fraction, free_compress(COIN, fraction)
    r = 2 * np.sqrt(t * (1 - t))
    np.testing.assert_allclose(law.support, [(-r, r)], atol=1e-8)
    x = r * np.linspace(-0.95, 0.95, 11)
    expected = np.sqrt(r * r - x * x) / (2 * np.pi * t * (1 - x * x))
    np.testing.assert_allclose(law.pdf(x), expected, rtol=1e-7)
    # kappa_2 = t, kappa_4 = -t^3: the atoms at -1 and 1 keep (2 t - 1)/(2 t).
    assert law.free_cumulant(4) == pytest.approx(-(t**3), rel=1e-12)
    kept = max(0.0, 1 - 1 / (2 * t))
    assert law.weights.sum() == pytest.approx(2 * kept, abs=1e-12)


def test_product_of_projections():
    # Free projections of traces 1/2: arcsine on [0, 1] and half of the mass at 0.
    law = free_multiply(BIT, BIT)
    assert law.cdf(0) == pytest.approx(0.5, abs=1e-12)
    x = np.linspace(0.01, 0.99, 11)
    np.testing.assert_allclose(law.pdf(x), 0.5 / (np.pi * np.sqrt(x * (1 - x))), rtol=1e-7)
    expected = 0.5 + np.arcsin(np.sqrt(x)) / np.pi
    np.testing.assert_allclose(law.cdf(x), expected, atol=GENERIC)


def test_atoms_of_sums():
    # Masses a and b leave a + b - 1 at the sum of the positions.
    law = free_add(discrete([0, 1], ["0.25", "0.75"]), discrete([0, 2], ["0.375", "0.625"]))
    np.testing.assert_allclose(law.atoms, [1, 3])
    np.testing.assert_allclose(law.weights, [0.125, 0.375])
    assert law.cdf(3) - law.cdf(3, side="left") == pytest.approx(0.375, abs=1e-12)


def test_atoms_that_have_just_vanished():
    # Masses 1/2 and 1/2 leave nothing at -1 and 1, but an infinite density.
    law = free_add(COIN, Discrete(atoms=[0, 1, 3], weights=[0.5, 0.25, 0.25]))
    assert not law.atoms.size
    # Beside it, by 1e-9 of the hull, |x|^(-1/3) is 1000 times a constant of order 1.
    assert (law.pdf([-1, 1]) > 100).all()
    near = law.cdf([-1 - 1e-6, -1, -1 + 1e-6, 1 - 1e-6, 1, 1 + 1e-6])
    assert (np.diff(near[:3]) >= 0).all()
    assert (np.diff(near[3:]) >= 0).all()
    # With x^(-1/3) at most 1e-4 of mass lies within 1e-6.
    assert near[2] - near[0] < 1e-3
    assert near[5] - near[3] < 1e-3
    p = np.linspace(0.05, 0.95, 7)
    np.testing.assert_allclose(law.cdf(law.ppf(p)), p, atol=GENERIC)


def test_what_stays_in_closed_form():
    point = Discrete(atoms=[2.5], weights=[1])
    low, high = NARROW.support[0]
    assert free_add(NARROW, point).support == ((low + 2.5, high + 2.5),)
    assert free_multiply(NARROW, point).support == ((pytest.approx(2.5 * low), 2.5 * high),)
    assert free_add(point, point).atoms.tolist() == [5]
    assert free_multiply(point, point).atoms.tolist() == [6.25]
    zero = Discrete(atoms=[0], weights=[1])
    assert free_multiply(NARROW, zero).atoms.tolist() == [0]
    assert free_compress(NARROW, 1) is NARROW
    assert free_compress(point, 0.5) is point
    both = free_add(Semicircle(variance=1), Semicircle(mean=1, variance=2.5))
    x = np.linspace(-2, 4, 9)
    np.testing.assert_allclose(both.pdf(x), Semicircle(mean=1, variance=3.5).pdf(x), rtol=1e-13)


def test_order_does_not_matter():
    one, other = free_add(COIN, NARROW, BIT), free_add(BIT, free_add(NARROW, COIN))
    x = inner(one, 9)
    np.testing.assert_allclose(one.cdf(x), other.cdf(x), atol=GENERIC)
    difference, reverse = free_subtract(COIN, NARROW), free_subtract(NARROW, COIN)
    np.testing.assert_allclose(difference.cdf(-x), 1 - reverse.cdf(x), atol=GENERIC)


def test_two_laws_of_both_signs_have_no_product():
    with pytest.raises(ValueError, match="anticommutator"):
        free_multiply(COIN, Semicircle())
