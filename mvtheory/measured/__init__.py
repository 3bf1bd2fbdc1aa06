"""Spectra of data: read, fitted, cleaned, and said how far to trust; no torch.

`spectrum_of_data` and its like take what people have, `study` says what is in it; the parts of a
study can be asked for by themselves.
"""

from mvtheory.measured.atoms import Population, fit_population
from mvtheory.measured.bulk import Bulk, fit_bulk
from mvtheory.measured.cleaning import Cleaned, clean, cleaned_covariance
from mvtheory.measured.eigenvalues import (
    MeasuredSpectrum,
    spectrum_of_covariance,
    spectrum_of_data,
    spectrum_of_eigenvalues,
    spectrum_of_singular_values,
)
from mvtheory.measured.outliers import Outliers, find_outliers
from mvtheory.measured.shrinkage import Shrunk, denoised, shrink_singular_values
from mvtheory.measured.study import Study, study
from mvtheory.measured.tails import TailDoubt, doubt_tails

__all__ = [
    "Bulk",
    "Cleaned",
    "MeasuredSpectrum",
    "Outliers",
    "Population",
    "Shrunk",
    "Study",
    "TailDoubt",
    "clean",
    "cleaned_covariance",
    "denoised",
    "doubt_tails",
    "find_outliers",
    "fit_bulk",
    "fit_population",
    "shrink_singular_values",
    "spectrum_of_covariance",
    "spectrum_of_data",
    "spectrum_of_eigenvalues",
    "spectrum_of_singular_values",
    "study",
]


def __dir__() -> list[str]:
    return __all__
