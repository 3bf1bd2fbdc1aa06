"""Commutators and anticommutators against closed forms, moments and each other."""

from functools import cache

import numpy as np
import pytest
import reference
from closeness import agree, inner

from mvtheory.laws import (
    Discrete,
    MarchenkoPastur,
    Semicircle,
    anticommutator,
    commutator,
    mixture,
)
from mvtheory.laws.free import linearised
from mvtheory.laws.free.free_commutator import FreeCommutator

# Half of the digits, where the linearisation is singular; times 10 for the matrix of 3 x 3.
GENERIC = 1e-7
COIN = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
BIT = Discrete(atoms=[0, 1], weights=[0.5, 0.5])
SKEW = Discrete(atoms=[0, 1, 3], weights=[0.5, 0.25, 0.25])
WISHART = MarchenkoPastur(aspect_ratio=0.4, variance=1.5)


@cache
def generic(a, b, sign):
    return FreeCommutator(a=a, b=b, sign=sign)


def test_semicircles_have_a_closed_law():
    both = [
        f(Semicircle(variance=2), Semicircle(variance=0.7)) for f in (commutator, anticommutator)
    ]
    for law in both:
        agree(
            law,
            lambda x: reference.anticommutator_semicircles(x, 2, 0.7, digits=30),
            inner(law, 9),
        )
    # Only the commutator forgets the means.
    shifted = commutator(Semicircle(mean=3, variance=2), Semicircle(mean=-1, variance=0.7))
    assert shifted.support == both[0].support
    assert anticommutator(Semicircle(mean=3), Semicircle()).moment(1) == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("sign", [1, -1])
def test_linearised_semicircles(sign):
    a, b = Semicircle(variance=2), Semicircle(variance=0.7)
    law, closed = generic(a, b, sign), (anticommutator if sign > 0 else commutator)(a, b)
    np.testing.assert_allclose(law.support, closed.support, atol=1e-6)
    x = inner(closed, 15)
    error = np.abs(law.cdf(x) - closed.cdf(x)).max()
    assert error <= GENERIC
    assert error <= max(10 * law.error_estimate, 1e-12)
    np.testing.assert_allclose(law.pdf(x), closed.pdf(x), atol=GENERIC)
    z = np.array([0.3 + 0.2j, 3 + 1j, -2 - 1j, 12])
    np.testing.assert_allclose(law.cauchy(z), closed.cauchy(z), rtol=GENERIC)


ARCSINES = {
    # u = ab is a Haar unitary: u + u* is 2 cos of a uniform angle.
    "coins, anticommutator": (anticommutator, COIN, COIN, 2.0),
    # At a uniform angle t of the two ranges i(pq - qp) is +-sin(t) cos(t).
    "bits, commutator": (commutator, BIT, BIT, 0.5),
}


@pytest.mark.parametrize("name", ARCSINES)
def test_arcsine_laws(name):
    operation, a, b, radius = ARCSINES[name]
    law = operation(a, b)
    np.testing.assert_allclose(law.support, [(-radius, radius)], atol=1e-6 * radius)
    x = radius * np.linspace(-0.95, 0.95, 14)
    np.testing.assert_allclose(law.cdf(x), 0.5 + np.arcsin(x / radius) / np.pi, atol=GENERIC)
    np.testing.assert_allclose(law.pdf(x), 1 / (np.pi * np.sqrt(radius**2 - x * x)), rtol=1e-6)


@pytest.mark.parametrize(("a", "b"), [(WISHART, COIN)])
def test_commutator_ignores_shifts(a, b):
    law, shifted = made(commutator, a, b), commutator(a + 3, b - 1.5)
    x = inner(law, 8)
    np.testing.assert_allclose(shifted.cdf(x), law.cdf(x), atol=GENERIC)
    np.testing.assert_allclose(law.cdf(-x), 1 - law.cdf(x, side="left"), atol=GENERIC)


@pytest.mark.parametrize("x", [0, 1e-7, -1e-5])
def test_commutator_next_to_0(x):
    # The density is 0.265 and smooth there.
    law = made(commutator, WISHART, COIN)
    slope = law.pdf(1e-3)
    assert law.cdf(x) == pytest.approx(0.5 + x * slope, abs=GENERIC)
    assert law.pdf(x) == pytest.approx(slope, rel=1e-4)


@cache
def made(operation, a, b):
    return operation(a, b)


PAIRS = [
    (WISHART, COIN),
    (WISHART, Semicircle(mean=0.5)),
]


class BothSides(FreeCommutator):
    """One that does not know that it is even."""

    _even = False


@pytest.mark.parametrize(("a", "b"), [(COIN, SKEW), (WISHART, SKEW), (SKEW, WISHART - 1)])
def test_half_of_a_commutator_tells_the_other(a, b):
    half, whole = generic(a, b, -1), BothSides(a=a, b=b, sign=-1)
    edges = np.array(half.support).ravel()
    np.testing.assert_array_equal(edges, -edges[::-1])
    np.testing.assert_allclose(edges, np.array(whole.support).ravel(), atol=1e-9)
    x, _, mass, state = half._scan
    np.testing.assert_array_equal(x, -x[::-1])
    _, size = half._newton(state, x.astype(complex))
    assert np.median(size[x < 0]) < 1e-13  # the mirror image solves the equation too
    np.testing.assert_allclose(mass + mass[::-1], 1 - half.weights.sum(), atol=1e-12)
    some = x[:: len(x) // 12]
    np.testing.assert_allclose(half.pdf(some), whole.pdf(some), atol=1e-6)
    np.testing.assert_allclose(half.cdf(some), whole.cdf(some), atol=GENERIC)
    z = np.array([-0.3 + 0.2j, -3 + 1j, -2 - 1j, 0.5j, -12, 1 + 0.1j])
    np.testing.assert_allclose(half.cauchy(z), whole.cauchy(z), rtol=GENERIC)


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_moments(a, b):
    """phi(abab) = phi(a^2) phi(b)^2 + phi(a)^2 phi(b^2) - phi(a)^2 phi(b)^2."""
    a1, a2, b1, b2 = a.moment(1), a.moment(2), b.moment(1), b.moment(2)
    crossed = a2 * b1**2 + a1**2 * b2 - a1**2 * b1**2
    plus, minus = made(anticommutator, a, b), made(commutator, a, b)
    size = a2 * b2
    assert plus.moment(1) == pytest.approx(2 * a1 * b1, abs=1e-7 * size)
    assert plus.moment(2) == pytest.approx(2 * (crossed + size), rel=1e-7)
    assert minus.moment(1) == pytest.approx(0, abs=1e-7 * size)
    assert minus.moment(2) == pytest.approx(2 * (size - crossed), rel=1e-7)
    assert minus.moment(3) == pytest.approx(0, abs=1e-7 * size**1.5)


@pytest.mark.parametrize(("a", "b"), PAIRS)
@pytest.mark.parametrize("operation", [commutator, anticommutator])
def test_the_density_integrates_to_the_distribution(operation, a, b):
    law = made(operation, a, b)
    low, high = law.support[-1]
    # 16 Gauss points inside a band, away from its ends: the rest is below 1e-8.
    nodes, weights = np.polynomial.legendre.leggauss(16)
    start, end = 0.6 * high + 0.4 * max(low, 0), 0.8 * high + 0.2 * max(low, 0)
    x = (start + end) / 2 + (end - start) / 2 * nodes
    mass = weights @ law.pdf(x) * (end - start) / 2
    assert mass == pytest.approx(law.cdf(end) - law.cdf(start), abs=GENERIC)


def test_discrete_laws():
    # Half of b is 0, so the density is singular at 0, but has no atom there.
    law = anticommutator(COIN + 0.5, SKEW)
    assert not law.atoms.size
    x = np.array([law.support[0][0], -1, -1e-3, 1e-3, 2, law.support[-1][1]])
    mass = law.cdf(x)
    assert mass[0] == pytest.approx(0, abs=1e-6)
    assert mass[-1] == pytest.approx(1, abs=1e-6)
    assert (np.diff(mass) > 0).all()


def test_points():
    point = Discrete(atoms=[2], weights=[1])
    assert commutator(point, WISHART).atoms.tolist() == [0]
    law = anticommutator(WISHART, point)
    assert law.support == ((4 * WISHART).support)
    assert anticommutator(WISHART, Discrete(atoms=[0], weights=[1])).atoms.tolist() == [0]


@pytest.mark.parametrize("odd", [False, True])
def test_the_step_follows_the_slopes_of_the_equations(odd):
    """About any point a part of R that is linear there makes the five equations smooth: so a step
    must lead to where their values vanish, but for its square."""
    rng = np.random.default_rng(1)
    z, r0, r1, r2 = (rng.normal(size=(k, 5)) + 1j * rng.normal(size=(k, 5)) for k in (1, 2, 2, 2))

    def values(g):
        """What is 0 at a solution, and what `linearised` says of it."""
        sides = []
        for k, (m, q) in enumerate((g[:2], g[2:4])):
            root = np.sqrt(q)
            points = np.array([m + root, m - root])
            r = r0[k] + r1[k] * points + r2[k] * points**2
            slopes = r1[k] + 2 * r2[k] * points
            sides.append(linearised.side(m, q, root, r, slopes, g[4], z[0], odd))
        a, b = sides
        missing = [b.mean - g[0], b.square - g[1], a.mean - g[2], a.square - g[3],
                   1 + 2 * a.y - z[0] * g[4]]  # fmt: skip
        return np.array(missing), linearised.step(g, a, b, z[0], odd)

    g = rng.normal(size=(5, 5)) + 1j * rng.normal(size=(5, 5))
    if odd:  # R is odd about m = 0 alone
        g[[0, 2]] = 0
    missing, step = values(g)
    share = 1e-6
    moved = (values(g + share * step)[0] - values(g - share * step)[0]) / (2 * share)
    # Central differences have an error of share^2 times a third derivative, and of 1e-16/share.
    np.testing.assert_allclose(moved, -missing, atol=1e-8 * np.abs(missing).max())


def test_a_solution_whose_points_of_subordination_are_below_the_line_is_not_taken():
    # At x = 8 another has G below the real line and all of its numbers of the right signs.
    wigner, point = Semicircle(mean=1.0, variance=4.0), Discrete(atoms=[1.5], weights=[1])
    part = mixture([wigner, point], [0.2, 0.8])
    atoms, weights = [-4, -3.5, 3.5, 3.75], np.array([2, 5, 5, 1]) / 13
    law = anticommutator(part, Discrete(atoms=atoms, weights=weights))
    x = np.linspace(7.5, 8.5, 41)
    density, mass = law.pdf(x), law.cdf(x)
    assert np.diff(mass) == pytest.approx((density[1:] + density[:-1]) / 2 * np.diff(x), rel=1e-4)
    # Numbers of eigenvalues vary by one or two; that solution had .0031 of them, four, more.
    drawn = [np.linalg.eigvalsh(law.matrix(1300, np.random.default_rng(k))) for k in range(2)]
    assert law.cdf(8.0) == pytest.approx(np.mean(np.concatenate(drawn) < 8.0), abs=1.55e-3)


def test_masses_where_a_point_of_subordination_is_real_but_for_rounding():
    # Between an atom and a band of a part, of which half of the logarithms were taken on one side.
    wishart, point = MarchenkoPastur(aspect_ratio=2), Discrete(atoms=[-1.5], weights=[1])
    coin = Discrete(atoms=[-2.75, 2.75], weights=[0.5, 0.5])
    law = anticommutator(mixture([wishart, point], [0.4, 0.6]), coin)
    x = np.linspace(8.15, 8.24, 19)
    density = law.pdf(x)
    drawn = (density[1:] + density[:-1]) / 2 * np.diff(x)
    assert np.diff(law.cdf(x)) == pytest.approx(drawn, rel=1e-5)
