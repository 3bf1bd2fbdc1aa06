"""Whether outliers come from heavy tails: single entries, rows of unequal size, single variables.

An entry x of the data makes an outlier by itself where x^2 > v sqrt(n m): the threshold of a
perturbation of rank one, which one entry is [baik2006]_. From half of that on what
is said of outliers is in doubt. Entries of four moments stay below it as the matrix grows, those
of fewer do not.
"""

from dataclasses import dataclass

import numpy as np

from mvtheory.measured.eigenvalues import MeasuredSpectrum, check_spectrum
from mvtheory.measured.outliers import Outliers

NEAR = 0.5
"""Of the threshold: entries above it move the edge though they make no outlier."""
LOCAL = 0.5
"""Share of a vector's square on one variable."""
UNEQUAL = 4.0
"""Standard errors by which sizes of rows vary more than independent entries let them."""
FEW = 5
"""Outliers from which an index of their tail is given."""


@dataclass(frozen=True, kw_only=True)
class TailDoubt:
    """Reasons to doubt the count of outliers; empty if there are none.

    Parameters
    ----------
    reasons : tuple of str
        In words.
    largest_entry : float or None
        Square of the largest entry over the threshold at which it is an outlier by itself.
    row_variance : float or None
        Variance of the scale of rows beyond what independent entries have; 0 for equal scales.
    tail_index : float or None
        Hill's estimate of a in P(eigenvalue > x) ~ x^-a over the outliers, if there are 5.
    """

    reasons: tuple[str, ...]
    largest_entry: float | None
    row_variance: float | None
    tail_index: float | None

    def __bool__(self) -> bool:
        return bool(self.reasons)


def doubt_tails(spectrum: MeasuredSpectrum, outliers: Outliers, variance: float) -> TailDoubt:
    """Look for heavy tails behind outliers.

    Parameters
    ----------
    spectrum : MeasuredSpectrum
        Of data for all of it; of a covariance for single variables; else the index alone.
    outliers : Outliers
    variance : float
        Of the entries, > 0, as in `Bulk.variance`.

    Examples
    --------
    >>> from mvtheory.measured import find_outliers, fit_bulk, spectrum_of_data
    >>> data = np.random.default_rng(2).standard_t(2.5, size=(300, 100))
    >>> spectrum = spectrum_of_data(data)
    >>> found = find_outliers(spectrum)
    >>> variance = fit_bulk(spectrum, found.count).variance
    >>> print(doubt_tails(spectrum, found, variance).reasons[0][:40])
    the largest entry makes an outlier by it
    """
    check_spectrum(spectrum)
    reasons = []
    largest = rows = index = None
    if spectrum.data is not None:
        samples, n = spectrum.data.shape
        largest = float((spectrum.data**2).max() / (variance * np.sqrt(samples * n)))
        if largest > NEAR:
            by_itself = "makes an outlier by itself" if largest > 1 else "moves the edge"
            reasons.append(
                f"the largest entry {by_itself}: its square is {largest:.2g} of v sqrt(n m)"
            )
        rows, error = _row_variance(spectrum)
        if rows > UNEQUAL * error:
            reasons.append(
                f"rows differ in scale: its square varies by {rows:.2g}, independent entries leave "
                f"{error:.1g}"
            )
    if outliers.count and (spectrum.data is not None or spectrum.matrix is not None):
        alone = _single_variables(spectrum, outliers.count)
        if alone:
            reasons.append(
                f"{alone} of {outliers.count} eigenvalues above one variance are single variables"
            )
    if outliers.count >= FEW:
        logs = np.log(outliers.measured)
        index = float(1 / max(np.mean(logs[:-1] - logs[-1]), 1e-12))
    return TailDoubt(
        reasons=tuple(reasons), largest_entry=largest, row_variance=rows, tail_index=index
    )


def _row_variance(spectrum: MeasuredSpectrum) -> tuple[float, float]:
    """Relative variance of squared lengths of rows beyond that of independent rows of the same
    covariance, and its standard error."""
    assert spectrum.data is not None
    assert spectrum.degrees is not None
    lengths = (spectrum.data**2).sum(axis=1)
    values, m = spectrum.eigenvalues, spectrum.degrees
    total = float(values.sum())
    # tr Sigma^2 without what the noise adds to tr S^2.
    square = max(float((values**2).sum()) - total**2 / m, total**2 / spectrum.dimension)
    expected = 2 * square / total**2 + max(spectrum.kurtosis, -2.0) / spectrum.dimension
    found = float(lengths.var() / lengths.mean() ** 2)
    # Both, and for entries that all have one size what taking means off leaves.
    error = (max(expected, 0.0) + found) * np.sqrt(2 / m) + 4 / (m * spectrum.dimension)
    return found - expected, float(error)


def _single_variables(spectrum: MeasuredSpectrum, count: int) -> int:
    """Outliers whose vector is one variable for more than half."""
    if spectrum.data is not None:
        _, _, vectors = np.linalg.svd(spectrum.data, full_matrices=False)
        top = vectors[:count].T
    else:
        _, columns = np.linalg.eigh(spectrum.covariance())
        top = columns[:, ::-1][:, :count]
    return int(np.count_nonzero((top**2).max(axis=0) > LOCAL))
