"""What holds for every law, over the whole domain of its parameters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mvtheory.laws import (
    DeformedSemicircle,
    Discrete,
    FreeBessel,
    FreeLevy,
    FreeMeixner,
    FreePoisson,
    GeneralizedCovariance,
    GeneralizedWishart,
    KestenMcKay,
    MarchenkoPastur,
    Semicircle,
    Wachter,
    WishartProduct,
    free_add,
    free_compress,
    free_multiply,
)
from mvtheory.testing import check_law


def powers(low, high):
    """10^x, x between the bounds, and 1, where most transitions are."""
    return st.one_of(st.floats(low, high).map(lambda x: 10.0**x), st.just(1.0))


def weights(count):
    return st.lists(st.integers(1, 20), min_size=count, max_size=count).map(
        lambda parts: [p / sum(parts) for p in parts]
    )


ATOMS = st.lists(st.integers(-40, 40), min_size=2, max_size=6, unique=True)
DISCRETE = ATOMS.flatmap(
    lambda atoms: weights(len(atoms)).map(lambda w: Discrete(atoms=np.array(atoms) / 8, weights=w))
)
JUMPS = st.lists(st.integers(-20, 20).filter(bool), min_size=1, max_size=4, unique=True)
SEMICIRCLES = st.builds(Semicircle, mean=st.floats(-100, 100), variance=powers(-8, 8))
WISHARTS = st.builds(MarchenkoPastur, aspect_ratio=powers(-6, 6), variance=powers(-5, 5))
LEVY = st.one_of(
    SEMICIRCLES,
    WISHARTS,
    st.builds(FreePoisson, rate=powers(-6, 6), jump=st.sampled_from([-3.0, 0.01, 1.0, 1e5])),
    st.builds(
        GeneralizedWishart,
        aspect_ratio=powers(-6, 6),
        correlation=st.floats(-1, 1),
        scale=powers(-5, 5),
    ),
    JUMPS.flatmap(
        lambda jumps: st.builds(
            FreeLevy,
            drift=st.floats(-2, 2),
            variance=st.sampled_from([0.0, 1e-3, 1.0]),
            rates=st.lists(powers(-2, 2), min_size=len(jumps), max_size=len(jumps)),
            jumps=st.just([j / 4 for j in jumps]),
        )
    ),
)
CLOSED = st.one_of(
    LEVY,
    st.builds(DeformedSemicircle, diagonal=DISCRETE, variance=powers(-4, 3)),
    st.builds(
        GeneralizedCovariance,
        population=DISCRETE,
        aspect_ratio=powers(-3, 2),
    ),
    st.builds(
        WishartProduct,
        aspect_ratios=st.lists(powers(-4, 3), min_size=1, max_size=4).map(tuple),
        scale=powers(-3, 3),
    ),
    st.builds(FreeBessel, power=st.floats(1, 20), rate=powers(-3, 3)),
    st.builds(
        FreeMeixner,
        mean=st.floats(-100, 100),
        variance=powers(-5, 5),
        skewness=st.floats(-6, 6),
        shape=powers(-3, 3).map(lambda x: x - 0.999),
    ),
    st.builds(KestenMcKay, degree=powers(0, 4).map(lambda d: 1 + d)),
    st.builds(Wachter, aspect_ratio=powers(-4, 0), other_aspect_ratio=powers(-4, 4)),
)


def hull(law):
    ends = np.concatenate([np.array(law.support).ravel(), law.atoms])
    return ends.min(), ends.max()


def inside(law, count):
    """Points of each band with their angles, and the weight of each angle."""
    angle = np.pi * (np.arange(count) + 0.5) / count
    for low, high in law.support:
        yield low + (high - low) * np.sin(angle / 2) ** 2, (high - low) * np.sin(angle) / 2


@given(CLOSED)
def test_the_contract(law):
    # A matrix of the model needs n and n/q that are large.
    check_law(law, samples=2_000, matrix=0)


@given(CLOSED)
def test_the_distribution_is_monotone(law):
    low, high = hull(law)
    points = np.concatenate([x for x, _ in inside(law, 40)] + [np.linspace(low, high, 41)])
    points = np.unique(points)
    mass, before = law.cdf(points), law.cdf(points, side="left")
    # Two neighbouring values have two roundings.
    assert (np.diff(mass) >= -1e-13).all()
    assert (before <= mass).all()
    assert (law.pdf(points) >= 0).all()


@given(CLOSED, st.floats(-3, 3), st.floats(1e-3, 3))
def test_cauchy_transform(law, x, y):
    low, high = hull(law)
    middle, size = (low + high) / 2, (high - low) / 2 + abs(low + high) / 2
    z = middle + size * (x + 1j * y)
    g = law.cauchy(z)
    assert g.imag < 0
    assert abs(g) <= 1 / (size * y) * (1 + 1e-12)
    assert law.cauchy(z.conjugate()) == g.conjugate()
    # Far away G = 1/z + m1/z^2 + O(size^2/z^3).
    far = size * 1e8 * (x / 3 + 1j)
    assert law.cauchy(far) * far == pytest.approx(1 + law.moment(1) / far, rel=1e-12)


@given(CLOSED, st.floats(0.05, 3))
def test_log_potential_is_a_primitive(law, distance):
    low, high = hull(law)
    size = high - low
    for x in (high + distance * size, low - distance * size):
        # Central differences with error h^4, h = distance/100, weighted for fourth order.
        h = 1e-2 * distance * size
        u = law.log_potential(x + h * np.array([-2, -1, 1, 2]))
        slope = (u[0] - 8 * u[1] + 8 * u[2] - u[3]) / (12 * h)
        scale = max(abs(u).max(), 1) * 1e-13 / h
        g = law.cauchy(x).real
        assert slope == pytest.approx(g, rel=1e-6, abs=scale)


@given(
    CLOSED,
    st.floats(-4, 4).filter(lambda a: abs(a) > 0.1),
    st.floats(-10, 10),
)
def test_affine_maps(law, a, b):
    low, high = hull(law)
    b = b * (high - low)
    image = a * law + b
    for x, _ in inside(law, 5):
        # The image of x is rounded, so the density is taken at what it is the image of.
        back = (a * x + b - b) / a
        np.testing.assert_allclose(image.pdf(a * x + b) * abs(a), law.pdf(back), rtol=1e-12)
        mass = law.cdf(back) if a > 0 else 1 - law.cdf(back, side="left")
        np.testing.assert_allclose(image.cdf(a * x + b), mass, atol=1e-12)
    z = (low + high) / 2 + (high - low) * (0.3 + 0.7j)
    point = a * z + b
    np.testing.assert_allclose(image.cauchy(point) * a, law.cauchy((point - b) / a), rtol=1e-11)
    assert image.free_cumulant(2) == pytest.approx(a * a * law.free_cumulant(2), rel=1e-9)


@given(CLOSED)
def test_moments_by_contour(law):
    low, high = hull(law)
    size = max(abs(low), abs(high))
    contour = law._contour_moments(6)
    for n, value in enumerate(contour, start=1):
        # The circle has 1.5 times the radius of the hull, so its powers lose that many digits.
        assert law.moment(n) == pytest.approx(value, abs=1e-12 * (2.5 * size) ** n)


@given(LEVY, LEVY)
def test_free_cumulants_add(a, b):
    law = free_add(a, b)
    for n in range(1, 6):
        one, other = a.free_cumulant(n), b.free_cumulant(n)
        # Jumps of both signs cancel.
        triplet = law.levy()
        size = sum(c * abs(p) ** n for c, p in zip(triplet.rates, triplet.jumps, strict=True))
        assert law.free_cumulant(n) == pytest.approx(one + other, rel=1e-12, abs=1e-12 * size)


@given(CLOSED, st.floats(0.05, 1))
def test_free_cumulants_of_corners(law, t):
    corner = free_compress(law, t)
    low, high = hull(law)
    size = max(abs(low), abs(high))
    for n in range(1, 5):
        expected = law.free_cumulant(n) * t ** (n - 1)
        assert corner.free_cumulant(n) == pytest.approx(expected, rel=1e-10, abs=1e-10 * size**n)


@given(WISHARTS, st.lists(WISHARTS, min_size=1, max_size=2))
def test_means_multiply(a, others):
    law = free_multiply(a, *others)
    mean = np.prod([v.moment(1) for v in (a, *others)])
    spread = sum(v.free_cumulant(2) / v.moment(1) ** 2 for v in (a, *others))
    assert law.moment(1) == pytest.approx(mean, rel=1e-12)
    # S-transforms multiply: variance over mean squared adds up.
    assert law.free_cumulant(2) == pytest.approx(mean**2 * spread, rel=1e-10)


@given(LEVY, st.floats(0.2, 20))
def test_r_transform_inverts_the_cauchy_transform(law, distance):
    low, high = hull(law)
    for x in (high + distance * (high - low), low - distance * (high - low)):
        g = law.cauchy(x).real
        if x == 0 or g == 0:
            continue
        found = law.r_transform(g)
        # R = x - 1/g cancels to the size of the hull, of numbers of the size of x.
        size = max(abs(x), abs(1 / g))
        assert found == pytest.approx(x - 1 / g, abs=1e-11 * size)
        assert law.cauchy(found + 1 / g).real == pytest.approx(g, rel=1e-10)


@given(WISHARTS, st.floats(-0.9, 0.9).filter(lambda share: abs(share) > 1e-3))
def test_s_transform_of_marchenko_pastur(law, share):
    q, v = law.aspect_ratio, law.variance
    # y = z G - 1 is 1/sqrt(q) at the upper edge, and the mass off 0 with its sign beside 0.
    y = share * (q**-0.5 if share > 0 else min(1, 1 / q))
    assert law.s_transform(y) == pytest.approx(1 / (v * (1 + q * y)), rel=1e-10)
