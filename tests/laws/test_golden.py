"""Known digits of the generalised Wishart law."""

import golden
import pytest

from mvtheory.laws import GeneralizedWishart


def law_of(q, rho, s):
    return GeneralizedWishart(aspect_ratio=q, correlation=rho, scale=s)


@pytest.mark.parametrize(("q", "rho", "s", "edge", "value"), golden.EDGES)
def test_edges(q, rho, s, edge, value):
    ends = [end for band in law_of(q, rho, s).support for end in band]
    # A rounding of the position itself, and one of the digits above.
    assert ends[edge] == pytest.approx(float(value), rel=3e-16)


@pytest.mark.parametrize(("q", "rho", "s", "x", "value"), golden.DENSITIES)
def test_densities(q, rho, s, x, value):
    # 0.0625 is 4 % above an edge: 25 roundings of 0.1 and of the edge, half of each by the root.
    assert law_of(q, rho, s).pdf(x) == pytest.approx(float(value), rel=1e-14)


@pytest.mark.parametrize(("q", "rho", "s", "x", "value"), golden.MASSES)
def test_distribution(q, rho, s, x, value):
    # An angle over pi: a few roundings of 1, times the rate 10 of each jump at ratio 0.1.
    assert law_of(q, rho, s).cdf(x) == pytest.approx(float(value), abs=1e-14)


@pytest.mark.parametrize(("q", "rho", "s", "z", "real", "imag"), golden.CAUCHY)
def test_cauchy_transform(q, rho, s, z, real, imag):
    value = complex(float(real), float(imag))
    assert abs(law_of(q, rho, s).cauchy(z) - value) <= 1e-14 * abs(value)


def test_log_potential():
    q, rho, s, x, value = golden.LOG_POTENTIAL
    assert law_of(q, rho, s).log_potential(x) == pytest.approx(float(value), abs=1e-14)


def test_r_transform():
    g, value = golden.R_TRANSFORM
    assert law_of(*golden.SETTING).r_transform(g) == pytest.approx(float(value), rel=1e-14)


def test_s_transform():
    y, value = golden.S_TRANSFORM
    assert law_of(*golden.SETTING).s_transform(y) == pytest.approx(float(value), rel=1e-14)


@pytest.mark.parametrize(("n", "value"), golden.CUMULANTS.items())
def test_free_cumulants(n, value):
    # One sum of two powers: n roundings in each.
    assert law_of(*golden.SETTING).free_cumulant(n) == pytest.approx(float(value), rel=3e-15)


@pytest.mark.parametrize(("n", "value"), golden.MOMENTS.items())
def test_moments(n, value):
    # Sums of positive products of at most 8 cumulants, n roundings in each.
    assert law_of(*golden.SETTING).moment(n) == pytest.approx(float(value), rel=3e-15 * n)
