"""What people have is read as one spectrum: any source, precision, order, zeros or none."""

import dataclasses

import numpy as np
import pytest

from mvtheory import measured
from mvtheory.measured import (
    find_outliers,
    fit_bulk,
    spectrum_of_covariance,
    spectrum_of_data,
    spectrum_of_eigenvalues,
    spectrum_of_singular_values,
)

SHAPES = ((60, 25), (25, 60), (30, 30))


def drawn(shape, seed=1):
    return np.random.default_rng(seed).normal(size=shape) * 3 + 1


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_every_source_gives_the_same_spectrum(shape, kind):
    data = drawn(shape).astype(kind)
    centred = data - data.mean(axis=0)
    covariance, samples = np.cov(data.T).astype(kind), shape[0]
    values = np.linalg.eigvalsh(covariance)
    singular = np.linalg.svd(centred, compute_uv=False)
    p = min(shape[1], samples - 1)
    sources = [
        spectrum_of_data(data),
        spectrum_of_covariance(covariance, samples),
        spectrum_of_covariance(covariance * np.float64(1), samples) if kind is np.float64 else None,
        spectrum_of_eigenvalues(values, samples, centred=True),
        spectrum_of_eigenvalues(values[-p:], samples, shape[1], centred=True),
        spectrum_of_singular_values(singular, shape, centred=True),
        spectrum_of_singular_values(singular[:p], shape, centred=True),
    ]
    expected = np.linalg.eigvalsh(np.cov(drawn(shape).astype(kind).astype(float).T))[::-1][:p]
    # Eigenvalues carry the rounding of the largest one, times the root of the size at most.
    near = 60 * np.finfo(kind).eps * expected[0]
    for found in filter(None, sources):
        assert (found.dimension, found.degrees, found.size) == (shape[1], samples - 1, p)
        np.testing.assert_allclose(found.eigenvalues, expected, atol=near)
        assert found.aspect_ratio == shape[1] / (samples - 1)


def test_zeros_say_how_many_samples_there_were():
    values = np.linalg.eigvalsh(np.cov(drawn((25, 60)).T))
    assert spectrum_of_eigenvalues(values).degrees == 24
    assert spectrum_of_eigenvalues(values[36:], dimension=60).degrees == 24
    assert spectrum_of_eigenvalues(values[36:]).degrees is None
    # Centred though nobody said so.
    assert spectrum_of_eigenvalues(values, samples=25).degrees == 24


def test_variables_that_depend_on_others_are_left_out():
    data = drawn((80, 20))
    with_more = np.column_stack([data, data[:, 0] + data[:, 1], np.full(80, 7.0)])
    found, plain = spectrum_of_data(with_more), spectrum_of_data(data)
    assert (found.dimension, found.null, found.degrees) == (20, 2, 79)
    assert found.eigenvalues.sum() > plain.eigenvalues.sum()


def test_samples_and_variables_change_places():
    """X^T X and X X^T have one spectrum: what is said of the bulk is the same."""
    data = drawn((70, 40)) - 1
    one = spectrum_of_data(data, centre=False)
    other = spectrum_of_data(data.T, centre=False)
    # The kurtosis is that of columns, which are others: left out.
    one, other = (dataclasses.replace(spectrum, kurtosis=0.0) for spectrum in (one, other))
    first, second = fit_bulk(one, 0), fit_bulk(other, 0)
    assert first.variance == pytest.approx(second.variance, rel=1e-12)
    np.testing.assert_allclose(first.deviations, second.deviations, atol=1e-9)
    assert first.effective_aspect_ratio == pytest.approx(1 / second.effective_aspect_ratio)
    tops = [find_outliers(spectrum).p_values[0] for spectrum in (one, other)]
    assert tops[0] == pytest.approx(tops[1], rel=1e-9)


def test_a_correlation_matrix_is_told_by_its_diagonal():
    data = drawn((300, 40)) * np.linspace(1, 5, 40)
    correlations = np.corrcoef(data.T)
    by_matrix = spectrum_of_covariance(correlations.astype("float32"), samples=300)
    by_data = spectrum_of_data(data, standardise=True)
    assert by_matrix.correlation
    assert by_data.correlation
    assert not spectrum_of_covariance(np.cov(data.T), 300).correlation
    np.testing.assert_allclose(by_matrix.eigenvalues, by_data.eigenvalues, rtol=1e-4)
    np.testing.assert_allclose(by_data.covariance(), correlations, atol=1e-12)


@pytest.mark.parametrize(
    "wanted",
    [
        measured.study,
        measured.find_outliers,
        measured.clean,
        measured.cleaned_covariance,
        measured.fit_population,
        lambda given: measured.fit_bulk(given, 0),
        lambda given: measured.shrink_singular_values(given, 1.0),
        lambda given: measured.doubt_tails(given, None, 1.0),
        lambda given: measured.denoised(given, None),
    ],
)
def test_data_in_place_of_their_spectrum_are_refused_with_the_remedy(wanted):
    with pytest.raises(ValueError, match=r"ndarray.*give spectrum_of_data\(data\)"):
        wanted(np.ones((20, 9)))
