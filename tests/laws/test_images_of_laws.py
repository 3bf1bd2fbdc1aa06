"""Images of laws against closed laws, many digits and matrices; what they refuse."""

import itertools

import numpy as np
import pytest
from closeness import inner
from mpmath import mp, mpf

from mvtheory.laws import (
    Discrete,
    FreeMeixner,
    KestenMcKay,
    MarchenkoPastur,
    Semicircle,
    WishartProduct,
    moebius_image,
    polynomial_image,
    reciprocal,
    square,
    square_root,
)
from mvtheory.testing import check_law

WISHART = MarchenkoPastur(aspect_ratio=0.3, variance=2)
TWO_ATOMS = FreeMeixner(skewness=-1.3, shape=-0.8)
LEVELS = Discrete(atoms=[-1, 1, 4], weights=[0.25, 0.25, 0.5])
LAWS = {
    "1/X": reciprocal(FreeMeixner(mean=3)),
    "1/X, atoms, both sides": reciprocal(TWO_ATOMS - 0.1),
    "1/X of atoms": reciprocal(LEVELS),
    "X/(X + 1)": moebius_image(FreeMeixner(mean=2), a=1, b=0, c=1, d=1),
    "fraction, pole between": moebius_image(TWO_ATOMS, a=1, b=-3, c=-2, d=0.1),
    "square": square(FreeMeixner(mean=0.5)),
    "square at its edge": square(MarchenkoPastur(aspect_ratio=1)),
    "square of atoms": square(LEVELS),
    "square, atoms": square(TWO_ATOMS + 1.5),
    "cubic": polynomial_image(FreeMeixner(shape=0.5), [0, -1, 0, 1]),
    "quintic": polynomial_image(FreeMeixner(skewness=0.3, shape=-0.4), [0, 1, -1, 0.2, 0.1, 0.05]),
    "root": square_root(MarchenkoPastur(aspect_ratio=2, variance=3)),
    "root, edge at 0": square_root(MarchenkoPastur(aspect_ratio=1)),
    "root of atoms": square_root(Discrete(atoms=[0, 4], weights=[0.25, 0.75])),
}


@pytest.mark.parametrize("name", LAWS)
def test_contract(name):
    check_law(LAWS[name], samples=2000, matrix=60)


def wishart_cauchy(q, v, z):
    """G of the Marchenko-Pastur law in digits."""
    low, high = v * (1 - mp.sqrt(q)) ** 2, v * (1 + mp.sqrt(q)) ** 2
    root = mp.sqrt(z - low) * mp.sqrt(z - high)
    return (z + v * (q - 1) - root) / (2 * q * v * z)


def wishart_density(q, v, x):
    low, high = v * (1 - mp.sqrt(q)) ** 2, v * (1 + mp.sqrt(q)) ** 2
    return mp.sqrt(abs((x - low) * (high - x))) / (2 * mp.pi * q * v * x)


@pytest.mark.parametrize(
    ("law", "back", "slope"),
    [
        (reciprocal(WISHART), lambda y: [1 / y], lambda x: 1 / x**2),
        (
            moebius_image(WISHART, a=2, b=-1, c=1, d=3),
            lambda y: [(3 * y + 1) / (2 - y)],
            lambda x: 7 / (x + 3) ** 2,
        ),
        (
            polynomial_image(WISHART, [0, -2, 0, 1]),  # critical at sqrt(2/3), inside of the band
            lambda y: [mp.re(x) for x in mp.polyroots([1, 0, -2, -y]) if mp.im(x) == 0],
            lambda x: 3 * x**2 - 2,
        ),
        (square_root(WISHART), lambda y: [y * y], lambda x: 1 / (2 * mp.sqrt(x))),
    ],
)
def test_densities_in_50_digits(law, back, slope):
    q, v = mpf(0.3), mpf(2)
    low, high = WISHART.support[0]
    x = inner(law)
    with mp.workdps(50):
        for y, found in zip(x, law.pdf(x), strict=True):
            points = [p for p in back(mpf(y)) if low < p < high]
            exact = sum(wishart_density(q, v, p) / abs(slope(p)) for p in points)
            # The point of the law is rounded: relative to its distances from the edges.
            nearest = min(min(p - low, high - p, abs(slope(p))) for p in points)
            assert abs(found - exact) <= 1e-14 * (1 + 30 / nearest) * exact
    mass = law.cdf(x)
    with mp.workdps(20):
        for y, found in zip(x[::4], mass[::4], strict=True):
            inside = sorted({low, high, *(p for p in map(float, back(mpf(y))) if low < p < high)})
            image = float(law.cdf(y))
            # Where T(x) <= y, by the image of the middle.
            total = sum(
                WISHART.cdf(b) - WISHART.cdf(a)
                for a, b in itertools.pairwise(inside)
                if _value(law, (a + b) / 2) <= y
            )
            assert image == pytest.approx(total, abs=1e-12)
            assert found == pytest.approx(image, abs=1e-14)


def _value(law, x):
    if hasattr(law, "coefficients"):
        return np.polynomial.polynomial.polyval(x, law.coefficients)
    return law._map(np.array([x]))[0]


def test_cauchy_of_the_reciprocal_in_50_digits():
    law, q, v = reciprocal(WISHART), mpf(0.3), mpf(2)
    z = np.array([0.3 + 0.2j, -2 + 1e-3j, 1e-3 + 1e-4j, 1e-8j, 40, -1.0])
    with mp.workdps(50):
        for point, found in zip(z, law.cauchy(z), strict=True):
            w = 1 / mp.mpc(complex(point))
            exact = w - w * w * wishart_cauchy(q, v, w)
            assert abs(found - complex(exact)) <= 1e-12 * abs(complex(exact))
    mean = v * (1 - q) * v  # E[1/X] = 1/(v (1 - q))
    assert law.moment(1) == pytest.approx(float(v / mean), rel=1e-13)
    assert law.cauchy(0) == pytest.approx(-2.0, rel=1e-13)  # -E[X]


def test_squares_and_roots_are_known_laws():
    square_law = square(Semicircle(variance=2))
    pairs = [
        (square_law, MarchenkoPastur(aspect_ratio=1, variance=2)),
        (square_root(square(WISHART)), WISHART),
        (square(square_root(WISHART)), WISHART),
        (reciprocal(reciprocal(WISHART)), WISHART),
        (moebius_image(WISHART, a=3, b=1, c=0, d=2), 1.5 * WISHART + 0.5),
        (polynomial_image(WISHART, [2, -3, 0]), 2 - 3 * WISHART),
    ]
    for law, known in pairs:
        np.testing.assert_allclose(law.support, known.support, rtol=1e-13, atol=1e-14)
        x = inner(known)
        np.testing.assert_allclose(law.pdf(x), known.pdf(x), rtol=1e-11)
        np.testing.assert_allclose(law.cdf(x), known.cdf(x), atol=1e-12)
        z = x + 0.3j
        np.testing.assert_allclose(law.cauchy(z), known.cauchy(z), rtol=1e-11)
        np.testing.assert_allclose(law.potential(z), known.potential(z), rtol=1e-11, atol=1e-11)


def test_moments_of_polynomials():
    law = KestenMcKay(degree=3)
    image = polynomial_image(law, [1, 2, -1, 0.5])
    p = np.polynomial.Polynomial([1, 2, -1, 0.5])
    for n in (1, 2, 3):
        expected = sum(c * law.moment(k) for k, c in enumerate((p**n).coef))
        assert image.moment(n) == pytest.approx(expected, rel=1e-12, abs=1e-10)


def test_a_quarter_of_a_circle():
    law = square_root(MarchenkoPastur(aspect_ratio=1))
    x = np.array([0, 1e-9, 0.5, 1.9])
    np.testing.assert_allclose(law.pdf(x), np.sqrt(4 - x**2) / np.pi, rtol=1e-12)
    assert law.moment(1) == pytest.approx(8 / (3 * np.pi), rel=1e-13)
    # G at -1 by quadrature of the density in 30 digits.
    with mp.workdps(30):
        exact = mp.quad(lambda t: mp.sqrt(4 - t * t) / mp.pi / (-1 - t), [0, 2])
        beyond = mp.quad(lambda t: mp.sqrt(4 - t * t) / mp.pi / (mp.mpf("2.5") - t), [0, 2])
    assert law.cauchy(-1).real == pytest.approx(float(exact), rel=1e-13)
    assert law.cauchy(2.5).real == pytest.approx(float(beyond), rel=1e-12)


def test_divergences():
    law = polynomial_image(Semicircle(), [0, -1, 0, 1])
    at = 2 / 3 / np.sqrt(3)
    np.testing.assert_allclose(law._divergences, [-at, at], rtol=1e-14)
    assert np.isposinf(law.pdf(law._divergences)).all()
    # The root of a product of two squares: x^(-2/3) becomes x^(-1/3).
    assert square_root(WishartProduct(aspect_ratios=(1, 1))).pdf(0) == np.inf
    assert np.isfinite(square_root(MarchenkoPastur(aspect_ratio=1)).pdf(0))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: reciprocal(MarchenkoPastur(aspect_ratio=1)), "0.0 in the band"),
        (lambda: reciprocal(MarchenkoPastur(aspect_ratio=2)), "0.0 in an atom"),
        (lambda: reciprocal(3.0), "law=3.0 is not allowed"),
        (lambda: moebius_image(WISHART, 1, 2, 2, 4), "a d not b c"),
        (lambda: moebius_image(WISHART, 1, 2, 1, -2), "-?2.0 in the band"),
        (lambda: moebius_image(WISHART, np.nan, 2, 1, 2), "a=nan is not allowed"),
        (lambda: polynomial_image(WISHART, [3, 0]), "degree 1 to 20"),
        (lambda: polynomial_image(WISHART, [0] * 21 + [1]), "degree 1 to 20"),
        (lambda: polynomial_image(WISHART, [0, np.inf]), "finite real numbers"),
        (lambda: square_root(Semicircle()), "no negative numbers"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_power_beside_its_critical_point():
    """However close: x^3 of a semicircle has the density of x over 3 x^2."""
    law, semicircle = polynomial_image(Semicircle(), [0, 0, 0, 1]), Semicircle()
    x = 10.0 ** -np.arange(1, 280, 9)
    root = np.cbrt(x)
    for sign in (1, -1):
        found = law.pdf(sign * x)
        np.testing.assert_allclose(found, semicircle.pdf(root) / (3 * root**2), rtol=1e-12)
        np.testing.assert_allclose(law.cdf(sign * x), semicircle.cdf(sign * root), rtol=1e-14)
