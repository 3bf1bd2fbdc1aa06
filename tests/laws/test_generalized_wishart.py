"""The generalised Wishart law against many digits, on both sides of each of its transitions."""

import numpy as np
import pytest
import reference
from closeness import absolute, agree, columns, inner, relative
from mpmath import mp, mpf

from mvtheory.laws import (
    FreeLevy,
    GeneralizedWishart,
    MarchenkoPastur,
    free_subtract,
)

SCALE = 1.7
ALMOST = 1 - 1e-10


def meets_zero(rho):
    """Above this ratio 0 is in a gap, below it in the bulk."""
    return 1 + np.sqrt((1 - rho) * (1 + rho))


def splits(rho):
    """Above this ratio there are two bands: sum r/(h - p)^2 = 1 has roots between the poles."""
    return (((1 + rho) / 2) ** (2 / 3) + ((1 - rho) / 2) ** (2 / 3)) ** 3


def around(q):
    return [q - 1e-10, q, q + 1e-10]


SETTINGS = [
    (q, rho)
    for rho in (0, 0.5, -0.9, ALMOST, 1)
    for q in sorted({0.3, *around(meets_zero(rho)), *around(splits(rho)), *around(2.0), 7})
]  # fmt: skip


def law_of(q, rho):
    return GeneralizedWishart(aspect_ratio=q, correlation=rho, scale=SCALE)


def exact(q, rho, digits=30):
    jumps = reference.generalized_wishart(q, rho, SCALE)
    return lambda x: reference.rational(x, 0, 0, *jumps, digits=digits)


def exact_edges(q, rho):
    return reference.rational_edges(0, 0, *reference.generalized_wishart(q, rho, SCALE))


def joined(ends):
    """The ends without gaps that no double shows: at a split they grow as (q - split)^(3/2)."""
    gaps = [(a, b) for a, b in zip(ends[1:-1:2], ends[2:-1:2], strict=True)]
    closed = {e for gap in gaps if gap[1] - gap[0] <= 1e-15 * abs(gap[0]) + 1e-30 for e in gap}
    return [e for e in ends if e not in closed]


@pytest.mark.parametrize(("q", "rho"), SETTINGS)
def test_density_and_distribution(q, rho):
    law = law_of(q, rho)
    agree(law, exact(q, rho), inner(law, 5))


@pytest.mark.parametrize(("q", "rho"), SETTINGS)
def test_edges_and_bands(q, rho):
    law, expected = law_of(q, rho), joined(exact_edges(q, rho))
    ends = joined([end for band in law.support for end in band])
    assert len(ends) == len(expected)
    width = float(expected[-1] - expected[0])
    assert absolute(ends, expected) <= 1e-14 * width
    # An edge near 0 has digits of its own.
    for end, value in zip(ends, expected, strict=True):
        assert abs(end - float(value)) <= 1e-14 * abs(float(value)) + 1e-30


@pytest.mark.parametrize(("q", "rho"), SETTINGS)
def test_atom(q, rho):
    law = law_of(q, rho)
    kinds = 1 if abs(rho) == 1 else 2
    expected = max(0.0, float(1 - kinds / mpf(q)))
    assert law.weights.sum() == pytest.approx(expected, rel=1e-15)
    assert law.cdf(0) - law.cdf(0, side="left") == pytest.approx(expected, abs=3e-16)


@pytest.mark.parametrize(("q", "rho"), SETTINGS)
def test_density_next_to_the_edges(q, rho):
    law, expected = law_of(q, rho), exact_edges(q, rho)
    ends = np.array([end for band in law.support for end in band])
    for index in np.flatnonzero(np.isin(ends, joined(list(ends)))):
        low, high = law.support[index // 2]
        offset = 1e-10 * (high - low)
        with mp.workdps(60):
            end = min(expected, key=lambda e: abs(e - mpf(float(ends[index]))))
            x = end - mpf(offset) if index % 2 else end + mpf(offset)
        density, _, _ = exact(q, rho)(x)
        assert relative(law.pdf_from_edge(offset, int(index)), [density]) <= 1e-11
        near = float(x)
        density, mass, _ = exact(q, rho)(near)
        assert relative(law.pdf(near), [density]) <= 1e-11
        assert absolute(law.cdf(near), [mass]) <= 1e-13


@pytest.mark.parametrize("q", [1.2, 1.4, 1.7, 1.86])
@pytest.mark.parametrize("x", [0, 1e-300, -1e-17, 1e-8])
def test_zero_in_the_bulk(q, x):
    # There h = 1/G has the false root 0 beside the true one.
    agree(law_of(q, 0.4), exact(q, 0.4), np.array([float(x)]))


def test_singular_zero():
    # The density is |x|^(-1/3) there; x itself is exact.
    law = law_of(2, 0)
    x = 10.0 ** -np.arange(1, 31)
    densities, masses, _ = columns(exact(2, 0, digits=50), x)
    assert relative(law.pdf(x), densities) <= 1e-10
    assert relative(law.pdf(-x), densities) <= 1e-10
    assert absolute(law.cdf(x), masses) <= 1e-13
    assert law.pdf(0) == np.inf
    assert law.cdf(0) == pytest.approx(0.5, abs=1e-15)
    slope = np.log(law.pdf(1e-30) / law.pdf(1e-27)) / np.log(1e-3)
    assert slope == pytest.approx(-1 / 3, abs=1e-8)


@pytest.mark.parametrize("q", [2 - 1e-10, 2 + 1e-10])
def test_nearly_singular_zero(q):
    law = law_of(q, 0)
    x = 10.0 ** -np.arange(1, 13)
    x = x[x > (law.support[1][0] if len(law.support) > 1 else 0)]
    densities, masses, _ = columns(exact(q, 0, digits=50), x)
    assert relative(law.pdf(x), densities) <= 1e-10
    assert absolute(law.cdf(x), masses) <= 1e-13


@pytest.mark.parametrize("rho", [0.5, -0.3, 0.9])
def test_hard_edge_at_ratio_2(rho):
    # With h^2 = -x const the density is x^(-1/2) on one side of 0.
    law = law_of(2, rho)
    assert 0 in law.support[0 if rho > 0 else 1]
    x = -np.sign(rho) * 10.0 ** -np.arange(2, 31)
    densities, masses, _ = columns(exact(2, rho, digits=50), x)
    assert relative(law.pdf(x), densities) <= 1e-10
    assert absolute(law.cdf(x), masses) <= 1e-13


@pytest.mark.parametrize("rho", [0.2, 0.9])
def test_plateau(rho):
    # In the gap the lower band is complete: mass 1/q per negative eigenvalue of m.
    law = law_of(4, rho)
    low, high = law.support[0][1], law.support[1][0]
    assert low < 0 < high
    assert law.cdf(low / 2) == pytest.approx(1 / 4, abs=1e-15)
    assert law.cdf(high / 2) == pytest.approx(3 / 4, abs=1e-15)
    law = law_of((splits(rho) + meets_zero(rho)) / 2, rho)
    middle = (law.support[0][1] + law.support[1][0]) / 2
    assert absolute(law.cdf(middle), [exact(law.aspect_ratio, rho)(middle)[1]]) <= 1e-14


@pytest.mark.parametrize("q", [0.1, 1, 1.9, 2, 5])
def test_symmetries(q):
    law, mirrored = law_of(q, 0.4), law_of(q, -0.4)
    x = inner(law, 11)
    np.testing.assert_allclose(mirrored.pdf(-x), law.pdf(x), rtol=1e-13)
    np.testing.assert_allclose(mirrored.cdf(-x), 1 - law.cdf(x), atol=1e-14)
    even = law_of(q, 0)
    np.testing.assert_allclose(even.pdf(-x), even.pdf(x), rtol=1e-13)
    assert even.moment(3) == even.moment(5) == 0


@pytest.mark.parametrize(("q", "rho"), [(0.3, 0.5), (1, 0), (1.7, -0.8), (3, 0.2)])
def test_free_difference_of_two_marchenko_pastur_laws(q, rho):
    law = law_of(q, rho)
    up, down = SCALE * (1 + rho) / 2, SCALE * (1 - rho) / 2
    routes = [
        free_subtract(*[MarchenkoPastur(aspect_ratio=q, variance=v) for v in (up, down)]),
        FreeLevy(rates=(1 / q, 1 / q), jumps=(q * up, -q * down)),
    ]
    x = inner(law, 15)
    for route in routes:
        np.testing.assert_allclose(route.support, law.support, rtol=1e-13)
        np.testing.assert_allclose(route.pdf(x), law.pdf(x), rtol=1e-12)
        np.testing.assert_allclose(route.cdf(x), law.cdf(x), atol=1e-13)


@pytest.mark.parametrize(("q", "rho"), [(1e-8, 0.3), (1e-5, -0.9), (1e6, 0.5), (1e8, 0)])
def test_extreme_ratios(q, rho):
    law = law_of(q, rho)
    agree(law, exact(q, rho), inner(law, 5))
    assert len(law.support) == (1 if q < 1 else 2)


@pytest.mark.parametrize("q", [0.2, 1.5, 2, 6])
def test_quantiles(q):
    law = law_of(q, 0.4)
    p = np.linspace(0.003, 0.997, 41)
    x = law.ppf(p)
    at_atom = np.isin(x, law.atoms)
    assert np.abs(law.cdf(x) - p)[~at_atom].max() <= 1e-12
    assert (law.cdf(x, side="left")[at_atom] <= p[at_atom]).all()
    assert (law.cdf(x)[at_atom] >= p[at_atom]).all()
    assert (np.diff(x) >= 0).all()
