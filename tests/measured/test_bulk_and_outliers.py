"""Bulks and outliers: the noise is as large as said, spikes lose their bias, doubts are raised.

Rates over 1,000 matrices are in benchmarks/records/outliers.md; here they are few and fixed.
"""

import numpy as np
import pytest
from scipy import stats

from mvtheory.laws import MarchenkoPastur
from mvtheory.measured import (
    doubt_tails,
    find_outliers,
    fit_bulk,
    fit_population,
    spectrum_of_data,
    spectrum_of_eigenvalues,
    study,
)
from mvtheory.measured.bulk import canonical, deviations, noise_and_strengths

COUNT = 60


def rng_of(*seeds):
    return np.random.default_rng(list(seeds))


@pytest.mark.parametrize("standardise", [False, True])
def test_sums_have_mean_0_and_variance_1(standardise):
    kinds = (lambda r, s: r.normal(size=s), lambda r, s: r.choice([-1.0, 1.0], size=s))
    for kind in kinds:
        found = np.array([
            deviations(canonical(spectrum_of_data(kind(rng_of(k), (120, 60)),
                                                  standardise=standardise)), 0)
            for k in range(COUNT)
        ])  # fmt: skip
        # 4.5 standard errors, and 1/p beside the mean.
        assert np.abs(found.mean(axis=0)).max() < 4.5 / np.sqrt(COUNT) + 0.1
        low, high = stats.chi2.ppf([1e-5, 1 - 1e-5], COUNT - 1) / (COUNT - 1)
        variances = found.var(axis=0, ddof=1)
        assert (variances > low * 0.8).all()
        assert (variances < high * 1.3).all()


@pytest.mark.parametrize("shape", [(400, 100), (100, 200)])
def test_a_spike_leaves_the_bulk_as_it_was(shape):
    """v, the sums and the strength, to what their noise allows, in the mean over 30 matrices."""
    truth, found = 9.0, []
    for k in range(30):
        data = 1.5 * rng_of(k, 7).normal(size=shape)
        data[:, 0] *= np.sqrt(truth)
        spectrum = spectrum_of_data(data)
        outliers = find_outliers(spectrum, level=1e-6)
        assert outliers.count == 1
        bulk = fit_bulk(spectrum, 1)
        found.append([bulk.variance / bulk.variance_error - 2.25 / bulk.variance_error,
                      (outliers.population[0] - 2.25 * truth) / outliers.errors[0],
                      *bulk.deviations])  # fmt: skip
    means = np.mean(found, axis=0)
    assert np.abs(means).max() < 4.5 / np.sqrt(30)


def test_eigenvalues_alone_tell_the_ratio():
    data = rng_of(3).normal(size=(500, 150))
    data[:, 0] *= 4
    spectrum = spectrum_of_eigenvalues(spectrum_of_data(data).eigenvalues)
    assert spectrum.degrees is None
    outliers = find_outliers(spectrum)
    bulk = fit_bulk(spectrum, outliers.count, outliers.ratio)
    assert outliers.count == 1
    assert bulk.aspect_ratio == pytest.approx(150 / 499, abs=4 * bulk.effective_error)
    assert bulk.edges == pytest.approx(
        MarchenkoPastur(aspect_ratio=bulk.aspect_ratio, variance=bulk.variance).support[0]
    )


def test_the_trace_is_kept():
    """Outliers and what they take off the bulk: v and strengths give the sum of all again."""
    found = canonical(
        spectrum_of_data(rng_of(5).normal(size=(200, 80)) * np.repeat([3, 1], [2, 78]))
    )
    v, t = noise_and_strengths(found, 2)
    taken = v * found.q * np.sum(1 + 1 / t)
    total = np.sum(v * (1 + t) * (1 + found.q / t)) + v * (found.size - 2) - taken
    assert total == pytest.approx(found.values.sum(), rel=1e-12)


def test_two_variances_are_found_and_one_refused():
    data = rng_of(1).normal(size=(400, 120)) * np.repeat([1, 2, 8], [60, 58, 2])
    found = study(spectrum_of_data(data))
    assert found.bulk.p_value < 1e-6
    assert found.fits
    population = found.population
    assert population.atoms == pytest.approx([1, 4], rel=0.1)
    assert population.weights == pytest.approx([0.5, 0.5], abs=0.05)
    assert population.outliers == pytest.approx([64, 64], rel=5 * np.sqrt(2 / 400))
    assert population.bulk_edge == pytest.approx(population.law.support[-1][1], rel=1e-9)


def test_p_values_of_populations_are_uniform():
    values = []
    for k in range(25):
        data = rng_of(k, 2).normal(size=(150, 60)) * np.repeat([1, 2], 30)
        values.append(fit_population(spectrum_of_data(data), atoms=2).p_value)
    assert stats.kstest(values, "uniform").pvalue > 1e-3


def test_a_population_of_one_variance_is_the_bulk():
    spectrum = spectrum_of_data(rng_of(8).normal(size=(300, 100)))
    one, bulk = fit_population(spectrum, atoms=1), fit_bulk(spectrum, 0)
    assert one.atoms[0] == pytest.approx(bulk.variance, abs=3 * bulk.variance_error)
    assert one.bulk_edge == pytest.approx(one.law.support[0][1], rel=1e-9)


def test_heavy_tails_rows_and_single_variables_are_doubted():
    def reasons(data):
        spectrum = spectrum_of_data(data)
        found = find_outliers(spectrum)
        return doubt_tails(spectrum, found, fit_bulk(spectrum, found.count).variance).reasons

    rng = rng_of(4)
    plain = rng.normal(size=(300, 100))
    assert not reasons(plain)
    assert not reasons(rng.choice([-1.0, 1.0], size=(300, 100)))
    assert "outlier by itself" in reasons(rng.standard_t(2.5, size=(300, 100)))[0]
    scales = np.sqrt(6 / rng.chisquare(6, size=(300, 1)))
    assert "rows differ" in " ".join(reasons(plain * scales))
    single = plain * np.append(3, np.ones(99))
    assert "1 of 1 eigenvalues above one variance are single" in reasons(single)[-1]
