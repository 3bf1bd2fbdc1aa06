"""Sample covariances of any population against many digits, moments and continuous populations."""

from fractions import Fraction

import numpy as np
import pytest
import reference
from closeness import absolute, agree, inner, relative
from mpmath import mp, mpf

from mvtheory.laws import (
    Discrete,
    Empirical,
    GeneralizedCovariance,
    MarchenkoPastur,
    Semicircle,
    WishartProduct,
    free_multiply,
)

POPULATIONS = {
    "1, 3": {1: 0.5, 3: 0.5},
    "1, 10": {1: 0.5, 10: 0.5},
    "1, 1000": {1: 0.9, 1000: 0.1},
    "zero": {0: 0.4, 2: 0.6},
    "zero, 1, 5": {0: 0.25, 1: 0.25, 5: 0.5},
    "signed": {-2: 0.25, 1: 0.75},
    "signed, zero": {-1: 0.3, 0: 0.2, 4: 0.5},
    "negative": {-3: 0.5, -1: 0.5},
}
RATIOS = [0.02, 0.3, 1, 2.5, 30]


def law_of(name, q):
    return GeneralizedCovariance(population=POPULATIONS[name], aspect_ratio=q)


def exact(population, q):
    """From the companion, rates q w and jumps t: companion = (1 - q) delta_0 + q law."""
    atoms = [t for t in population if t != 0]
    weights = [reference.exact(w) for w in population.values()]
    total, q = sum(weights), reference.exact(q)
    rates = [q * reference.exact(population[t]) / total for t in atoms]

    def values(x):
        density, mass, _ = reference.rational(x, 0, 0, rates, atoms, digits=30)
        q_ = reference.number(q)
        return density / q_, (mass - (1 - q_) * (x >= 0)) / q_, None

    return values


def points(law, count):
    """Inside bands, fewer in each if there are many, and in the gaps."""
    inside = inner(law, max(3, count // len(law.support)))
    ends = np.array(law.support).ravel()
    gaps = (ends[1:-1:2] + ends[2:-1:2]) / 2
    return inside, gaps


@pytest.mark.parametrize("q", RATIOS)
@pytest.mark.parametrize("name", POPULATIONS)
def test_density_and_distribution(name, q):
    law, values = law_of(name, q), exact(POPULATIONS[name], q)
    inside, gaps = points(law, 9)
    # The companion to 1e-13, over q: at q = 0.02 one rounding of its mass is 50 of the law's.
    tolerance = 1e-13 * max(1, 0.05 / q)
    agree(law, values, inside, density=1e-13, mass=tolerance)
    for x in gaps[~np.isin(gaps, law.atoms)]:
        assert abs(law.cdf(x) - float(values(x)[1])) <= tolerance
        assert law.pdf(x) == 0


@pytest.mark.parametrize("q", [1e-3, 0.3, 4])
def test_fifty_atoms(q):
    """All roots of degree 51 take minutes; the one above the real line is unique, so it may be
    refined from any start, that of the law under test included."""
    atoms = [0.3 * 1.09**k for k in range(50)]
    law = GeneralizedCovariance(population=atoms, aspect_ratio=q)
    # Some bands are a few roundings wide only after many digits; take points in up to 9 of them.
    for x in inner(law, 3)[:: max(1, len(law.support) // 3)]:
        with mp.workdps(40):
            rate, z = mpf(q) / 50, mpf(float(x))
            h = 1 / mp.mpc(q * complex(law.cauchy(x)) + (1 - q) / x)
            for _ in range(6):
                image = h + rate * mp.fsum(t * h / (h - t) for t in atoms)
                slope = 1 - rate * mp.fsum((t / (h - t)) ** 2 for t in atoms)
                h -= (image - z) / slope
            assert abs(image - z) < mpf(10) ** -30 * abs(z)
            assert h.imag > 0
            density = -(1 / h).imag / mp.pi / q
            angle = (1 - 50 * rate) * mp.arg(h) + rate * mp.fsum(
                (t / (h - t)).imag + mp.arg(h - t) for t in atoms
            )
            mass = (1 - angle / mp.pi - (1 - mpf(q))) / q
        assert relative(law.pdf(x), [density]) <= 1e-13
        assert absolute(law.cdf(x), [mass]) <= 1e-13 * max(1, 0.05 / q)


@pytest.mark.parametrize("q", RATIOS)
@pytest.mark.parametrize("name", POPULATIONS)
def test_mass_and_plateaus(name, q):
    law = law_of(name, q)
    ends = np.array(law.support).ravel()
    zero = POPULATIONS[name].get(0, 0.0)
    # The rank is min(m, n times the rank of T).
    expected = max(zero, 1 - 1 / q)
    assert law.weights.sum() == pytest.approx(expected, abs=1e-15)
    gained = law.cdf(ends[1::2], side="left") - law.cdf(ends[::2])
    # With signs the atom at 0 may lie inside a band.
    inside = any(low < 0 < high for low, high in law.support)
    total = gained.sum() + (0 if inside else law.weights.sum())
    # The plateaus of the companion are exact to a rounding, which is 1/q of them here.
    assert total == pytest.approx(1, abs=1e-15 * max(10, 1 / q))
    every = np.concatenate([ends, law.atoms])
    assert law.cdf(every.min(), side="left") == 0
    assert law.cdf(every.max()) == pytest.approx(1, abs=1e-15 * max(10, 1 / q))


@pytest.mark.parametrize("name", ["1, 10", "signed, zero"])
@pytest.mark.parametrize("q", [0.02, 0.3, 2.5])
def test_the_densities_integrate_to_1(name, q):
    law = law_of(name, q)
    angle = np.pi * (np.arange(2000) + 0.5) / 2000
    total = float(law.weights.sum())
    for low, high in law.support:
        x = low + (high - low) * np.sin(angle / 2) ** 2
        # The midpoint rule of a smooth periodic function is exact beyond any power of 1/2000.
        total += np.mean(law.pdf(x) * np.sin(angle)) * np.pi * (high - low) / 2
    assert total == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("name", POPULATIONS)
@pytest.mark.parametrize("q", RATIOS)
def test_moments(name, q):
    law, population = law_of(name, q), POPULATIONS[name]
    t = [sum(w * float(a) ** k for a, w in population.items()) for k in range(4)]
    scale = [sum(w * abs(float(a)) ** k for a, w in population.items()) for k in range(4)]
    assert law.moment(1) == pytest.approx(t[1], abs=1e-14 * scale[1])
    second = t[2] + q * t[1] ** 2
    assert law.moment(2) == pytest.approx(second, abs=1e-13 * (scale[2] + q * scale[1] ** 2))
    third = t[3] + 3 * q * t[1] * t[2] + q**2 * t[1] ** 3
    size = scale[3] + 3 * q * scale[1] * scale[2] + q**2 * scale[1] ** 3
    assert law.moment(3) == pytest.approx(third, abs=1e-13 * size)


@pytest.mark.parametrize(("high", "q"), [(3, 0.01), (3, 0.5), (10, 0.01), (10, 0.5)])
def test_number_of_bands(high, q):
    law = GeneralizedCovariance(population={1: 0.5, high: 0.5}, aspect_ratio=q)
    rates = [Fraction(q) / 2, Fraction(q) / 2]
    edges = [float(e) for e in reference.rational_edges(0, 0, rates, [1, high])]
    np.testing.assert_allclose(np.array(law.support).ravel(), edges, rtol=1e-14)
    assert len(law.support) == (2 if q == 0.01 else 1 if high == 3 else len(edges) // 2)


def test_ways_to_give_the_population():
    ways = [
        {1: 0.5, 3: 0.5},
        [1, 3],
        [3, 1, 1, 3],
        np.array([1.0, 3.0]),
        Discrete(atoms=[1, 3], weights=[0.5, 0.5]),
        Empirical(eigenvalues=[3, 1]),
    ]
    laws = [GeneralizedCovariance(population=way, aspect_ratio=0.4) for way in ways]
    x = inner(laws[0])
    for law in laws:
        np.testing.assert_allclose(law.pdf(x), laws[0].pdf(x), rtol=1e-14)
    routed = free_multiply(ways[4], MarchenkoPastur(aspect_ratio=0.4))
    np.testing.assert_allclose(routed.pdf(x), laws[0].pdf(x), rtol=1e-14)


def test_marchenko_pastur_population():
    # X Y Y^T X^T: the same product by another solver; the generic one promises 1e-8.
    inner_law = MarchenkoPastur(aspect_ratio=0.5, variance=2)
    law = GeneralizedCovariance(population=inner_law, aspect_ratio=0.3)
    closed = WishartProduct(aspect_ratios=(0.5, 0.3), scale=2)
    x = inner(closed, 15)
    np.testing.assert_allclose(law.cdf(x), closed.cdf(x), atol=1e-8)
    np.testing.assert_allclose(law.pdf(x), closed.pdf(x), atol=1e-8)


def test_semicircle_population():
    # T of both signs: m1 = 0, m2 = E t^2, m4 = E t^4 + 2 q (E t^2)^2.
    law = GeneralizedCovariance(population=Semicircle(variance=2), aspect_ratio=0.6)
    assert law.moment(1) == pytest.approx(0, abs=1e-12)
    assert law.moment(2) == pytest.approx(2, rel=1e-12)
    assert law.moment(4) == pytest.approx(8 + 2 * 0.6 * 4, rel=1e-12)
    x = np.linspace(0.1, 3, 7)
    np.testing.assert_allclose(law.pdf(-x), law.pdf(x), atol=1e-8)


def test_cauchy_transform_at_0():
    # Nothing cancels where companion and law differ by (1 - q)/z: E[1/X] = E[1/t]/(1 - q).
    law = law_of("1, 3", 0.3)
    assert law.cauchy(0).real == pytest.approx(-(0.5 + 0.5 / 3) / 0.7, rel=1e-14)


@pytest.mark.skipif(
    np.finfo(np.longdouble).eps > 1e-18, reason="edges need extended precision beyond 8 atoms"
)
def test_many_atoms_next_to_edges():
    """Edges to 1e-19 of the spectrum: 1e-8 widths away the density keeps ten digits."""
    atoms, q = np.linspace(0.7, 9.3, 40) ** 1.1, 0.5
    law = GeneralizedCovariance(population=atoms, aspect_ratio=q)
    low, high = law.support[0]
    with mp.workdps(40):
        pairs = [(mpf(q) / 40, mpf(float(t))) for t in atoms]
        for x in (low + 1e-8 * (high - low), high - 1e-8 * (high - low)):
            # 1/G of the companion, refined; in the upper half plane the root is unique.
            h = mp.mpc(complex(1 / (q * law.cauchy(x) + (1 - q) / x)))
            for _ in range(8):
                value = h + h * sum(r * t / (h - t) for r, t in pairs) - mpf(float(x))
                h -= value / (1 - sum(r * t**2 / (h - t) ** 2 for r, t in pairs))
            assert h.imag > 0
            expected = h.imag / (mp.pi * abs(h) ** 2 * mpf(q))
            assert law.pdf(x) == pytest.approx(float(expected), rel=1e-9)
