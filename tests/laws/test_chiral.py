"""Chiral block matrices against their definition, closed laws and counts of zeros."""

import numpy as np
import pytest
from closeness import inner

from mvtheory.laws import (
    Discrete,
    GeneralizedCovariance,
    MarchenkoPastur,
    Semicircle,
    WishartProduct,
    chiral,
    square,
)
from mvtheory.testing import check_law

LEVELS = GeneralizedCovariance(population={0: 0.25, 2: 0.75}, aspect_ratio=0.2)
CASES = {
    "wide": (MarchenkoPastur(aspect_ratio=0.25), 0.25),
    "tall": (MarchenkoPastur(aspect_ratio=2, variance=3), 2),
    "square": (MarchenkoPastur(aspect_ratio=1), 1),
    "square, more zeros": (MarchenkoPastur(aspect_ratio=1), 0.5),
    "two squares": (WishartProduct(aspect_ratios=(1, 1)), 1),
    "levels": (LEVELS, 0.7),
    "atoms": (Discrete(atoms=[0, 1, 4], weights=[0.5, 0.25, 0.25]), 1.5),
}


@pytest.mark.parametrize("name", CASES)
def test_contract(name):
    check_law(chiral(*CASES[name]), samples=0, matrix=90)


@pytest.mark.parametrize("name", CASES)
def test_definition(name):
    law, q = CASES[name]
    blocks = chiral(law, q)
    share = q / (1 + q)  # n/(n + m)
    # Squares: n eigenvalues of X X^T and m of X^T X, the same but for m - n zeros.
    z = np.array([0.3 + 0.4j, -2 + 0.1j, 5j])
    expected = share * law.cauchy(z) + (share * law.cauchy(z) + (1 - 2 * share) / z)
    np.testing.assert_allclose(square(blocks).cauchy(z), expected, rtol=1e-12)
    roots = np.sqrt(inner(law)) if law.support else np.array([0.5, 3])
    np.testing.assert_allclose(blocks.pdf(roots), 2 * share * roots * law.pdf(roots**2), rtol=1e-12)
    np.testing.assert_allclose(blocks.pdf(-roots), blocks.pdf(roots), rtol=1e-14)
    assert blocks.moment(3) == 0
    assert blocks.moment(4) == pytest.approx(2 * share * law.moment(2), rel=1e-12)


def test_known_laws():
    semicircle, law = Semicircle(variance=2), chiral(MarchenkoPastur(aspect_ratio=1, variance=2))
    x = np.append(inner(semicircle), 0)
    np.testing.assert_allclose(law.pdf(x), semicircle.pdf(x), rtol=1e-11)
    np.testing.assert_allclose(law.cdf(x), semicircle.cdf(x), atol=1e-13)
    np.testing.assert_allclose(law.potential(x + 1j), semicircle.potential(x + 1j), rtol=1e-12)
    np.testing.assert_allclose(law.cauchy(x), semicircle.cauchy(x), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("n", "m"), [(20, 50), (30, 30), (45, 15)])
def test_zeros_are_counted(n, m):
    law = chiral(MarchenkoPastur(aspect_ratio=n / m), n / m)
    values = np.linalg.eigvalsh(law.matrix(n + m, np.random.default_rng(1)))
    zeros = np.sum(np.abs(values) < 1e-9)
    assert zeros == abs(n - m)
    assert law.weights.sum() * (n + m) == pytest.approx(zeros, abs=1e-9)


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"aspect_ratio=2.0 is not allowed .* 1 - 1/q = 0.5"):
        chiral(MarchenkoPastur(aspect_ratio=1), 2)
    with pytest.raises(ValueError, match="no negative numbers"):
        chiral(Semicircle())
    with pytest.raises(ValueError, match=r"aspect_ratio=0\.0 is not allowed"):
        chiral(MarchenkoPastur(aspect_ratio=1), 0)
