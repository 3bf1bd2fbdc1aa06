"""Commutators beside the point where their density is infinite, against 50 digits."""

import numpy as np
import pytest

from mvtheory.laws import (
    Discrete,
    MarchenkoPastur,
    Semicircle,
    anticommutator,
    commutator,
)
from mvtheory.multiprecision import context

COIN = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
SKEW = Discrete(atoms=[0, 1, 3], weights=[0.5, 0.25, 0.25])
TALL = MarchenkoPastur(aspect_ratio=2, variance=0.7)  # 0 with mass 1/2
# Two laws, and m: z^2 is w^m times an analytic function of w = z G.
CASES = {
    "one atom of 1/2": (MarchenkoPastur(aspect_ratio=0.4, variance=1.7), TALL, 3),
    "two atoms of 1/2": (TALL, MarchenkoPastur(aspect_ratio=2, variance=1.3), 4),
    "a coin": (COIN, TALL, 3),
}
DISTANCES = (1e-3, 1e-6, 1e-9, 1e-13, 1e-20, 1e-60)


def factors(mp, law):
    """k and (r, e) with 1/g^2 = k times the product of (1 - w/r)^e where g (R(g) - R(-g))/2 = y,
    w = 1 + 2 y; the factor w of an atom of mass 1/2 left out. R = v/(1 - c v g) of
    Marchenko-Pastur, so 1/g^2 = c v^2 (1 + c y)/y, and R = (root(1 + 4 g^2) - 1)/(2 g) of the
    coin, so 1/g^2 = 1/(y (1 + y))."""
    if law is COIN:
        return mp.mpf(-4), [(1, -1), (-1, -1)]
    c, v = mp.mpf(law.aspect_ratio), mp.mpf(law.variance)
    if c == 2:
        return -4 * v**2, [(1, -1)]
    return -2 * c * v**2 * (1 - c / 2), [(1, -1), (1 - 2 / c, 1)]


def density_and_mass(mp, a, b, m, x):
    """At x, and from 0 to x, by z^2 = w^2 y (1 + y)/(F_a F_b), which is -w^m K(w), w being
    z G = 1 + 2 y [speicher2006, Lecture 19]. A law that its sign leaves alone has -i times a
    positive number as G at ih, and is followed from there. The mass is the integral of w dz/z,
    which is m dw/2 + w dK/(2 K), K being a product."""
    (k, of_a), (h, of_b) = factors(mp, a), factors(mp, b)
    product = [(1, 1), (-1, 1), *of_a, *of_b]
    w = mp.mpf(0)
    for _ in range(40):  # each makes the error smaller like w itself
        value = k * h / 4 * mp.fprod((1 - w / r) ** e for r, e in product)
        w = mp.power(-1j * x, mp.mpf(2) / m) * value ** (-mp.mpf(1) / m)
    total = m * w / 2 + mp.fsum(e * (w + r * mp.log(1 - w / r)) for r, e in product) / 2
    return -(w / x).imag / mp.pi, -total.imag / mp.pi


@pytest.mark.parametrize("name", CASES)
def test_density_and_masses(name):
    a, b, m = CASES[name]
    law = commutator(a, b)
    x = np.array(DISTANCES)
    assert law.pdf(0.0) == np.inf
    with context(digits=50) as mp:
        both = [density_and_mass(mp, a, b, m, mp.mpf(d)) for d in DISTANCES]
        exact, masses = np.array([[float(part) for part in one] for one in both]).T
    # The equation gives z G to 1e-14, and it is 1e-3 at the nearest of the points that the series
    # is fitted to; twelve terms multiply that by less than 100.
    for sign in (-1, 1):
        np.testing.assert_allclose(law.pdf(sign * x), exact, rtol=1e-9)
        # Of masses `check_law` asks no more.
        bound = 1e-12 + 10 * law.error_estimate
        np.testing.assert_allclose(law.cdf(sign * x) - 0.5, sign * masses, atol=bound)


# Laws that are infinite like the distance to the power -1/3, -1/2, and -2/3 at the end
# of a band.
LIKE = {
    "commutator, -1/3": (lambda: commutator(Semicircle(mean=0.5), SKEW), 1 / 3),
    "anticommutator, -1/2": (lambda: anticommutator(COIN + 0.5, SKEW), 1 / 2),
    "anticommutator, -2/3": (
        lambda: anticommutator(
            MarchenkoPastur(aspect_ratio=2), Discrete(atoms=[0.5, 2, 3], weights=[0.2, 0.5, 0.3])
        ),
        2 / 3,
    ),
}


@pytest.mark.parametrize("name", LIKE)
def test_other_kinds(name):
    make, power = LIKE[name]
    law = make()
    (at,) = law._divergences
    z = at + 1j * law._width * np.array([1e-11, 1e-13])
    near = np.abs(law.cauchy(z))
    # The next power of the series is 1/3 higher at least: 1e-11 to it, over a room of 1e-3.
    assert near[1] / near[0] == pytest.approx(100**power, rel=2e-2)
    # In the sixth root of the distance the density times its change is analytic up to other ends
    # of bands, twice as far: 40 nodes leave 6.5^-80 out. It is the equation's far from the point,
    # and that of the series beside it.
    ends = np.array(law.support).ravel()
    far = 1e-2 * np.min(np.abs(ends - at)[ends != at])
    nodes, weights = np.polynomial.legendre.leggauss(40)
    root = (1 + nodes) / 2 * far ** (1 / 6)
    for sign in (-1, 1):
        x = at + sign * root**6
        drawn = weights @ (law.pdf(x) * 3 * root**5) * far ** (1 / 6)
        found = abs(law.cdf(at + sign * far) - law.cdf(at))
        assert drawn == pytest.approx(found, abs=1e-12 + 10 * law.error_estimate)
