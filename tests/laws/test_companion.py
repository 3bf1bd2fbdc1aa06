"""Companions: spectra of X^T X from those of X X^T."""

import numpy as np
import pytest
from closeness import inner
from hypothesis import given
from hypothesis import strategies as st

from mvtheory.laws import (
    Discrete,
    GeneralizedCovariance,
    MarchenkoPastur,
    WishartProduct,
    companion,
    free_add,
    information_plus_noise,
)
from mvtheory.testing import check_law

LEVELS = Discrete(atoms=[0, 1, 4], weights=[0.25, 0.5, 0.25])
SIGNED = GeneralizedCovariance(population={-2: 0.25, 1: 0.75}, aspect_ratio=0.5)
NOISY = information_plus_noise(Discrete(atoms=[0, 4], weights=[0.75, 0.25]), 2)
CASES = {
    "wide": (MarchenkoPastur(aspect_ratio=0.25, variance=2), None),
    "tall": (MarchenkoPastur(aspect_ratio=3, variance=2), None),
    "other shape": (MarchenkoPastur(aspect_ratio=3, variance=2), 1.5),
    "no zeros are left": (MarchenkoPastur(aspect_ratio=3.0000000000000004, variance=2), 3),
    "covariance": (GeneralizedCovariance(population=LEVELS, aspect_ratio=0.2), None),
    "tall covariance": (GeneralizedCovariance(population=LEVELS, aspect_ratio=2), None),
    "covariance of a law": (
        GeneralizedCovariance(population=MarchenkoPastur(aspect_ratio=0.5), aspect_ratio=2), None,
    ),
    "signed": (SIGNED, None),
    "multiple": (-3 * MarchenkoPastur(aspect_ratio=0.5), None),
    "product": (WishartProduct(aspect_ratios=(0.5, 2)), 2),
    "information": (NOISY, 2),
    "atoms": (LEVELS, 0.5),
}  # fmt: skip


def ratio(name):
    law, q = CASES[name]
    return law._transposed()[0] if q is None else q


@pytest.mark.parametrize("name", CASES)
def test_contract(name):
    check_law(companion(*CASES[name]), samples=2_000, matrix=90)


@pytest.mark.parametrize("name", CASES)
def test_definition(name):
    """G, U and masses from those of the law: away from 0 nothing cancels."""
    (law, _), q, found = CASES[name], ratio(name), companion(*CASES[name])
    z = np.array([0.3 + 0.4j, -2 + 0.1j, 5j])
    np.testing.assert_allclose(found.cauchy(z), q * law.cauchy(z) + (1 - q) / z, rtol=1e-11)
    expected = q * law.potential(z) + (1 - q) * np.log(z)
    np.testing.assert_allclose(found.potential(z), expected, rtol=1e-10, atol=1e-12)
    if law.support:
        x = inner(law)
        np.testing.assert_allclose(found.pdf(x), q * law.pdf(x), rtol=1e-10)
    assert found.moment(3) == pytest.approx(q * law.moment(3), rel=1e-11)


@pytest.mark.parametrize("name", CASES)
def test_the_companion_of_the_companion_is_the_law(name):
    law, _ = CASES[name]
    again = companion(companion(*CASES[name]), 1 / ratio(name))
    z = np.array([0.3 + 0.4j, -2 + 0.1j, 5j])
    np.testing.assert_allclose(again.cauchy(z), law.cauchy(z), rtol=1e-11)


@pytest.mark.parametrize(("n", "m"), [(200, 500), (500, 200)])
def test_matrices_of_data(n, m):
    """T^(1/2) X X^T T^(1/2)/m and X^T T X/m of the same draw."""
    generator = np.random.default_rng(5)
    t = np.repeat([1.0, 4.0], n // 2)
    x = generator.standard_normal((n, m))
    values = np.linalg.eigvalsh(x.T * t @ x / m)
    law = companion(GeneralizedCovariance(population={1: 0.5, 4: 0.5}, aspect_ratio=n / m))
    assert np.sum(np.abs(values) < 1e-9) == pytest.approx(m * law.weights.sum(), abs=1e-6)
    share = np.arange(1, m + 1) / m
    # Eigenvalues repel: each is about log(m)/m from its quantile.
    above = np.abs(values) > 1e-9
    np.testing.assert_allclose(law.cdf(values[above]), share[above], atol=2 * np.log(m) / m)


def test_named_results():
    law = MarchenkoPastur(aspect_ratio=0.25, variance=2)
    assert companion(law) == MarchenkoPastur(aspect_ratio=4, variance=0.5)
    assert companion(companion(law)) == law
    assert companion(law, 1) is law


def test_zero_in_a_gap():
    """Without zeros the inverse has a mean, by the density; there terms in 1/z cancel."""
    found = companion(WishartProduct(aspect_ratios=(4, 2)), 4)
    low, high = found.support[0]
    angle = np.pi * (np.arange(4000) + 0.5) / 4000
    x = low + (high - low) * np.sin(angle / 2) ** 2
    mass = found.pdf(x) * (high - low) * np.sin(angle) * np.pi / 8000
    for z in (0, 1e-9j, 1e-5 * low * (1 + 1j)):
        assert found.cauchy(z) == pytest.approx(np.sum(mass / (z - x)), rel=1e-9)
    assert found.log_potential(0) == pytest.approx(np.sum(mass * np.log(x)), rel=1e-9)


def test_in_sums():
    """In the chart of the law, where free cumulants add up."""
    found, shift = companion(CASES["product"][0], 2), Discrete(atoms=[0, 3], weights=[0.5, 0.5])
    total = free_add(found, shift)
    first, second, third = total._contour_moments(3)
    expected = found.free_cumulant(3) + shift.free_cumulant(3)
    assert third - 3 * first * second + 2 * first**3 == pytest.approx(expected, rel=1e-9)
    assert total.error_estimate < 1e-9


def test_zero_at_the_end_of_a_band():
    """No zeros are left and the density is infinite at 0: so is G."""
    found = companion(WishartProduct(aspect_ratios=(2, 2)), 2)
    assert found.support[0][0] == 0
    assert not found.atoms.size
    assert found.cauchy(0) == complex(0, -np.inf)
    # E[log x] by its own density, like x^(-2/3), in steps of a high power.
    steps = (np.arange(20_000) + 0.5) / 20_000
    x = found.support[0][1] * steps**12
    mass = found.pdf(x) * found.support[0][1] * 12 * steps**11 / steps.size
    assert found.log_potential(0) == pytest.approx(np.sum(mass * np.log(x)), abs=1e-6)


@given(st.floats(-3, 3).map(lambda x: 10.0**x), st.floats(0, 1), st.floats(0.01, 10))
def test_any_shape(q, share, variance):
    """X of any shape that has the zeros, from few more columns to as many as there may be."""
    law = MarchenkoPastur(aspect_ratio=q, variance=variance)
    most = min(2 * q, 1) if q < 1 else q
    found = companion(law, most * (1 - 0.9 * share))
    check_law(found, samples=0, matrix=0)


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"aspect_ratio=2.0 is not allowed .* 1 - 1/q = 0.5"):
        companion(MarchenkoPastur(aspect_ratio=1), 2)
    with pytest.raises(ValueError, match=r"aspect_ratio=None is not allowed"):
        companion(LEVELS)
    with pytest.raises(ValueError, match=r"aspect_ratio=0\.0 is not allowed"):
        companion(MarchenkoPastur(aspect_ratio=1), 0)
