"""Laws as distributions of scipy, as reference values, and asked with tensors."""

import json

import mpmath
import numpy as np
import pytest
import torch
from scipy import stats

from mvtheory.laws import (
    Empirical,
    FreeLevy,
    GeneralizedWishart,
    KestenMcKay,
    MarchenkoPastur,
    Semicircle,
    TracyWidom,
    Wachter,
    reference_values,
    scipy_distribution,
)
from mvtheory.measured import find_outliers, spectrum_of_data

LAWS = (MarchenkoPastur(aspect_ratio=0.25, variance=2), MarchenkoPastur(aspect_ratio=2),
        Wachter(aspect_ratio=1.6, other_aspect_ratio=1.8))  # fmt: skip


@pytest.mark.parametrize("law", LAWS)
def test_scipy_has_the_same_law(law):
    found = scipy_distribution(law)
    x = np.linspace(*found.support(), 7)[1:-1]
    np.testing.assert_array_equal(found.pdf(x), law.pdf(x))
    np.testing.assert_array_equal(found.cdf(x), law.cdf(x))
    p = np.array([0.1, 0.45, 0.8])
    np.testing.assert_array_equal(found.ppf(p), law.ppf(p))
    assert found.mean() == pytest.approx(law.moment(1))
    assert found.var() == pytest.approx(law.free_cumulant(2))
    assert found.moment(3) == pytest.approx(law.moment(3))

    np.testing.assert_allclose(found.cdf(3 * x + 1, loc=1, scale=3), law.cdf(x), atol=1e-12)
    values = found.rvs(size=500, random_state=1)
    share = np.mean(np.isin(values, law.atoms))
    assert share == pytest.approx(law.weights.sum(), abs=0.1)


def test_tests_of_scipy_take_it():
    law = KestenMcKay(degree=5)
    values = law.rvs(400, np.random.default_rng(1))
    assert stats.kstest(values, scipy_distribution(law).cdf).pvalue > 1e-3
    assert stats.kstest(values, scipy_distribution(1.5 * law).cdf).pvalue < 1e-6


def test_reference_values_have_their_digits():
    """Densities in closed form, their integral, and both bands and the gap of a law of two."""
    q = mpmath.mpf("0.25")
    found = reference_values(MarchenkoPastur(aspect_ratio=0.25), [0.75, 1.5], digits=30)
    assert json.loads(json.dumps(found)) == found
    with mpmath.workdps(40):

        def density(x):
            return mpmath.sqrt((x - mpmath.mpf("0.25")) * (mpmath.mpf("2.25") - x)) / (
                2 * mpmath.pi * q * x)  # fmt: skip

        for x, pdf, cdf in zip((0.75, 1.5), found["pdf"], found["cdf"], strict=True):
            assert abs(mpmath.mpf(pdf) - density(mpmath.mpf(x))) < 1e-29
            mass = mpmath.quad(density, [0.25, 0.3, x])
            assert abs(mpmath.mpf(cdf) - mass) < 1e-25
    laws = (GeneralizedWishart(aspect_ratio=3, correlation=0.3), 2 * Semicircle() - 1,
            FreeLevy(drift=1, variance=0.5, rates=(2, 3), jumps=(1, -0.5)))  # fmt: skip
    for law in laws:
        x = np.array([-2.5, -1.3, 0.1, 0.7, 2.1, 9.0])
        found = reference_values(law, x)
        for name, values in (("pdf", law.pdf(x)), ("cdf", law.cdf(x)),
                             ("cauchy_real", law.cauchy(x).real)):  # fmt: skip
            digits = [float(text) for text in found[name]]
            np.testing.assert_allclose(digits, values, rtol=1e-12, atol=1e-13)


def test_tensors_are_arrays():
    """Detached, of any precision, wherever an array is taken."""
    x = torch.linspace(0.6, 4.0, 5, dtype=torch.float64, requires_grad=True)
    points = x.detach().numpy()
    for law in LAWS:
        for name in ("pdf", "cdf", "log_potential"):
            np.testing.assert_array_equal(getattr(law, name)(x), getattr(law, name)(points))
    tail = TracyWidom(beta=2)
    np.testing.assert_array_equal(tail.sf(x), tail.sf(points))
    assert Empirical(eigenvalues=x).moment(1) == pytest.approx(points.mean())
    data = torch.randn(60, 20, generator=torch.Generator().manual_seed(1))
    by_tensor, by_array = spectrum_of_data(data), spectrum_of_data(data.numpy())
    np.testing.assert_array_equal(by_tensor.eigenvalues, by_array.eigenvalues)
    assert find_outliers(by_tensor).count == find_outliers(by_array).count
