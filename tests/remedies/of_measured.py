"""Errors of measured spectra."""

import numpy as np
from remedy import Remedy

from mvtheory.measured import (
    clean,
    cleaned_covariance,
    denoised,
    find_outliers,
    fit_population,
    shrink_singular_values,
    spectrum_of_covariance,
    spectrum_of_data,
    spectrum_of_eigenvalues,
    spectrum_of_singular_values,
)

PLACES = ("mvtheory/measured",)

DATA = np.random.default_rng(1).normal(size=(60, 20))
STILL = np.column_stack([DATA, np.full(60, 3.0)])
BROKEN = np.where(np.arange(20) == 3, np.nan, DATA)
VALUES = np.linalg.eigvalsh(np.cov(DATA.T))
FULL, UNKNOWN = spectrum_of_data(DATA), spectrum_of_eigenvalues(VALUES)
SINGULAR = np.linalg.svd(DATA, compute_uv=False)

REMEDIES = [
    Remedy(
        lambda: spectrum_of_data(DATA[0]),
        r"data of shape \(20,\).*samples in rows",
        lambda: spectrum_of_data(DATA),
    ),
    Remedy(
        lambda: spectrum_of_data(BROKEN),
        "data holds infinities or NaN.*remove them",
        lambda: spectrum_of_data(BROKEN[:, ~np.isnan(BROKEN).any(axis=0)]),
    ),
    Remedy(
        lambda: spectrum_of_data(STILL, standardise=True),
        "variable 20 never changes.*remove it or use standardise=False",
        lambda: (spectrum_of_data(DATA, standardise=True), spectrum_of_data(STILL)),
    ),
    Remedy(
        lambda: spectrum_of_covariance(np.cov(DATA.T), samples=10),
        "samples=10 .*20 eigenvalues are above 0.*give more samples, or none",
        lambda: (
            spectrum_of_covariance(np.cov(DATA.T), 60),
            spectrum_of_covariance(np.cov(DATA.T)),
        ),
    ),
    Remedy(
        lambda: spectrum_of_covariance(np.cov(DATA.T) - np.eye(20)),
        "below 0: .*no covariance: 'mvtheory spectrum LAW --eigenvalues'",
        lambda: spectrum_of_covariance(np.cov(DATA.T)),
    ),
    Remedy(
        lambda: spectrum_of_singular_values(-SINGULAR, (60, 20)),
        "singular_values=-.*give eigenvalues to spectrum_of_eigenvalues",
        lambda: spectrum_of_eigenvalues(VALUES),
    ),
    Remedy(
        lambda: spectrum_of_eigenvalues(VALUES, dimension=10),
        "dimension=10 .*at least the 20 eigenvalues given.*leave it out",
        lambda: spectrum_of_eigenvalues(VALUES),
    ),
    Remedy(
        lambda: spectrum_of_eigenvalues([1.0, 2.0]),
        "2 eigenvalues .*8 or more, not all of them 0.*measure more",
        lambda: spectrum_of_eigenvalues(VALUES),
    ),
    Remedy(
        lambda: spectrum_of_eigenvalues([VALUES]),
        r"eigenvalues of shape \(1, 20\).*flatten them",
        lambda: spectrum_of_eigenvalues(VALUES),
    ),
    Remedy(
        lambda: find_outliers(DATA),
        r"type ndarray \(a MeasuredSpectrum\); give spectrum_of_data",
        lambda: find_outliers(spectrum_of_data(DATA)),
    ),
    Remedy(
        lambda: find_outliers(FULL, level=0.7),
        "level=0.7 .*0 < level < 0.5.*choose a value",
        lambda: find_outliers(FULL, level=0.1),
    ),
    Remedy(
        lambda: fit_population(UNKNOWN),
        "spectrum of eigenvalues with samples=None.*give samples",
        lambda: fit_population(spectrum_of_eigenvalues(VALUES, samples=60)),
    ),
    Remedy(
        lambda: shrink_singular_values(UNKNOWN, 1.0),
        "samples=None.*give samples",
        lambda: shrink_singular_values(spectrum_of_eigenvalues(VALUES, samples=60), 1.0),
    ),
    Remedy(
        lambda: shrink_singular_values(FULL, 0.0),
        "variance=0.0 .*0 < variance.*take Bulk.variance",
        lambda: shrink_singular_values(FULL, 1.0),
    ),
    Remedy(
        lambda: shrink_singular_values(FULL, 1.0, "spectral"),
        "loss='spectral' .*frobenius, operator, nuclear.*choose one",
        lambda: shrink_singular_values(FULL, 1.0, "operator"),
    ),
    Remedy(
        lambda: denoised(UNKNOWN, shrink_singular_values(FULL, 1.0)),
        "spectrum of eigenvalues has no data.*use spectrum_of_data",
        lambda: denoised(FULL, shrink_singular_values(FULL, 1.0)),
    ),
    Remedy(
        lambda: clean(UNKNOWN),
        "samples=None.*give samples",
        lambda: clean(spectrum_of_eigenvalues(VALUES, samples=60)),
    ),
    Remedy(
        lambda: cleaned_covariance(FULL, "best"),
        "way='best' .*non-linear.*choose one",
        lambda: cleaned_covariance(FULL, "non-linear"),
    ),
    Remedy(
        lambda: cleaned_covariance(spectrum_of_eigenvalues(VALUES, samples=60)),
        "has no covariance.*use spectrum_of_data or spectrum_of_covariance",
        lambda: cleaned_covariance(FULL),
    ),
]
