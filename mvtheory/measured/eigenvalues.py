"""What people have - data, covariances, singular values, eigenvalues - as one measured spectrum."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mvtheory import arrays
from mvtheory.arguments import Argument
from mvtheory.shapes import ArrayLike, Float, Floats, Numbers

SAMPLES = Argument("samples", "m", "samples behind a covariance", 2, 1e12, integer=True)
DIMENSION = Argument("dimension", "n", "variables, zeros included", 1, 1e9, integer=True)
LEAST = 8
"""Eigenvalues other than 0 from which anything can be said of a bulk."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasuredSpectrum:
    """Eigenvalues of a sample covariance of n variables, with what is known of the samples.

    Made by `spectrum_of_data`, `spectrum_of_covariance`, `spectrum_of_singular_values` and
    `spectrum_of_eigenvalues`. With p = min(n, m) and N = max(n, m) the p eigenvalues that are not
    0 by counting, times m/N, are those of a p x p matrix with N degrees of freedom: so samples and
    variables change places where there are fewer samples.

    Parameters
    ----------
    eigenvalues : ndarray, shape (p,)
        Of the covariance, descending, without the n - p that are 0 by counting.
    dimension : int
        n, variables; without the directions in which nothing varies.
    degrees : int or None
        m, degrees of freedom: samples, less one if their mean was taken off; None if unknown.
    source : str
        What it was made of.
    kurtosis : float
        Excess kurtosis of the entries, pooled; 0, that of normal ones, if it cannot be known.
    correlation : bool
        Whether every variable was divided by its own deviation.
    data : ndarray, shape (samples, n), or None
        The rows whose covariance it is, centred and scaled as it is.
    matrix : ndarray, shape (n, n), or None
        The covariance that was given.
    null : int
        Directions in which nothing varies, beyond those in which nothing can by counting.
    """

    eigenvalues: Float[Floats, " eigenvalues"]
    dimension: int
    degrees: int | None
    source: str
    kurtosis: float = 0.0
    correlation: bool = False
    data: Float[Floats, "samples variables"] | None = field(default=None, repr=False)
    matrix: Float[Floats, "variables variables"] | None = field(default=None, repr=False)
    null: int = 0

    @property
    def size(self) -> int:
        """p, eigenvalues that are not 0 by counting."""
        return int(self.eigenvalues.size)

    @property
    def aspect_ratio(self) -> float | None:
        """n/m, variables over degrees of freedom; None if samples are unknown."""
        return None if self.degrees is None else self.dimension / self.degrees

    def covariance(self) -> Float[Floats, "variables variables"]:
        """The sample covariance; ValueError where eigenvalues alone were given."""
        if self.matrix is not None:
            return self.matrix
        if self.data is not None and self.degrees is not None:
            return self.data.T @ self.data / self.degrees
        raise ValueError(
            f"spectrum of {self.source} has no covariance (of data or of a covariance: vectors are "
            "needed); use spectrum_of_data or spectrum_of_covariance"
        )


def check_spectrum(spectrum: MeasuredSpectrum) -> None:
    """Raise ValueError for anything that is no `MeasuredSpectrum`, such as the data themselves."""
    if not isinstance(spectrum, MeasuredSpectrum):
        raise ValueError(
            f"spectrum is not allowed to be of type {type(spectrum).__name__} (a MeasuredSpectrum);"
            " give spectrum_of_data(data), or that of a covariance, of eigenvalues or of singular "
            "values"
        )


def spectrum_of_data(
    data: ArrayLike, *, centre: bool = True, standardise: bool = False
) -> MeasuredSpectrum:
    """The spectrum of the covariance, or correlation matrix, of a data matrix.

    Parameters
    ----------
    data : array_like, shape (samples, variables)
        Real and finite, any type; rows are the independent ones. At least 8 of each.
    centre : bool
        Take off the mean of each variable, which costs one degree of freedom.
    standardise : bool
        Divide each variable by its deviation: correlations. A variable that never changes, which
        has none, is refused.

    Raises
    ------
    ValueError
        For other shapes, infinities, variables that never change, too few of anything.

    Examples
    --------
    >>> data = np.random.default_rng(1).normal(size=(500, 100))
    >>> spectrum = spectrum_of_data(data)
    >>> spectrum.size, spectrum.degrees, round(float(spectrum.eigenvalues.mean()), 2)
    (100, 499, 0.99)
    """
    rows = arrays.real(data, "data")
    if rows.ndim != 2 or min(rows.shape) < LEAST:
        raise ValueError(
            f"data of shape {rows.shape} is not allowed (samples x variables, {LEAST} or more of "
            "each); give a matrix, samples in rows"
        )
    _finite(rows, "data")
    rows = rows - rows.mean(axis=0) if centre else rows
    deviation = np.sqrt((rows**2).mean(axis=0))
    still = deviation <= arrays.rounding(data, len(rows)) * (1 + np.abs(rows).max())
    if standardise and still.any():
        raise ValueError(
            f"data: variable {int(np.flatnonzero(still)[0])} never changes (standardise=True: its "
            "deviation above 0); remove it or use standardise=False"
        )
    rows = rows / deviation if standardise else rows
    samples, dimension = rows.shape
    degrees = samples - int(centre)
    singular = np.linalg.svd(rows, compute_uv=False)
    scale = 1 if not standardise else samples / degrees
    rows = rows / np.sqrt(scale)
    above = int(np.count_nonzero(singular > arrays.rounding(data, samples) * singular[0]))
    kept, dimension, degrees, null = _ranked(above, dimension, degrees)
    return MeasuredSpectrum(
        eigenvalues=_checked(singular[:kept] ** 2 / (degrees * scale)),
        dimension=dimension,
        degrees=degrees,
        null=null,
        source="data",
        kurtosis=_kurtosis(rows[:, ~still]),
        correlation=standardise,
        data=rows,
    )


def spectrum_of_covariance(
    covariance: ArrayLike, samples: int | None = None, *, centred: bool = True
) -> MeasuredSpectrum:
    """The spectrum of a covariance or correlation matrix that somebody computed.

    Parameters
    ----------
    covariance : array_like, shape (variables, variables)
        Symmetric to rounding of its type, no eigenvalue below 0 by more than that. With ones on
        the diagonal it is taken for a correlation matrix.
    samples : int, optional
        Behind it, >= 2; if unknown, its rank where that is below its size.
    centred : bool
        Whether the mean was taken off, which cost one degree of freedom.

    Raises
    ------
    ValueError
        For a matrix that is no covariance, or more eigenvalues above 0 than samples allow.

    Examples
    --------
    >>> data = np.random.default_rng(1).normal(size=(50, 100)).astype("float32")
    >>> spectrum = spectrum_of_covariance(np.cov(data.T), samples=50)
    >>> spectrum.size, spectrum.dimension, spectrum.aspect_ratio > 2
    (49, 100, True)
    """
    matrix = arrays.symmetric(covariance, "covariance")
    values = np.asarray(np.linalg.eigvalsh(matrix), dtype=float)
    unit = np.sqrt(len(matrix)) * arrays.rounding(covariance, len(matrix))
    correlation = bool(
        np.abs(np.diag(matrix) - 1).max() <= arrays.rounding(covariance, len(matrix))
    )
    return _of_values(
        values, unit, "covariance", len(matrix), samples, centred,
        correlation=correlation, matrix=matrix,
    )  # fmt: skip


def spectrum_of_singular_values(
    singular_values: ArrayLike, shape: tuple[int, int], *, centred: bool = False
) -> MeasuredSpectrum:
    """The spectrum of X^T X over its degrees of freedom from the singular values of X.

    Parameters
    ----------
    singular_values : array_like, shape (k,)
        >= 0, in any order; zeros may have been left out.
    shape : (int, int)
        Of X: samples and variables.
    centred : bool
        Whether means were taken off the columns of X.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(size=(30, 80))
    >>> found = spectrum_of_singular_values(np.linalg.svd(x, compute_uv=False), shape=x.shape)
    >>> found.size, found.degrees
    (30, 30)
    """
    values = _vector(singular_values, "singular_values")
    samples, dimension = (
        Argument(name, s, "of the matrix", LEAST, 1e9, integer=True).number(part)
        for name, s, part in (("shape[0]", "m", shape[0]), ("shape[1]", "n", shape[1]))
    )
    degrees = int(samples) - int(centred)
    unit = arrays.rounding(singular_values, values.size)
    largest = float(np.abs(values).max())
    if (values < -unit * largest).any():
        raise ValueError(
            f"singular_values={float(values.min())!r} is not allowed (singular value: real, "
            "0 <= value); give eigenvalues to spectrum_of_eigenvalues"
        )
    # Below what rounding leaves, a square says nothing: the roots are compared.
    squares = np.where(values > unit * largest, values**2, 0.0) / degrees
    return _of_values(squares, unit**2, "singular values", int(dimension), int(samples), centred)


def spectrum_of_eigenvalues(
    eigenvalues: ArrayLike,
    samples: int | None = None,
    dimension: int | None = None,
    *,
    centred: bool = False,
) -> MeasuredSpectrum:
    """The spectrum of eigenvalues of a sample covariance.

    Parameters
    ----------
    eigenvalues : array_like, shape (k,)
        In any order, not below 0 by more than rounding; zeros may have been left out.
    samples : int, optional
        m >= 2. If unknown: as many as eigenvalues above 0, where some are 0; else nothing is known.
    dimension : int, optional
        n, if zeros have been left out.
    centred : bool
        Whether the mean was taken off, which cost one degree of freedom.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(size=(30, 80))
    >>> values = np.linalg.eigvalsh(x.T @ x / 30)  # 50 of them are roundings of 0
    >>> spectrum_of_eigenvalues(values).degrees, spectrum_of_eigenvalues(values[50:], 30, 80).size
    (30, 30)
    """
    values = _vector(eigenvalues, "eigenvalues")
    unit = np.sqrt(values.size) * arrays.rounding(eigenvalues, values.size)
    n = values.size if dimension is None else int(DIMENSION.number(dimension))
    if n < values.size:
        raise ValueError(
            f"dimension={n} is not allowed (variables, zeros included: at least the {values.size} "
            "eigenvalues given); leave it out, or give that many eigenvalues"
        )
    return _of_values(values, unit, "eigenvalues", n, samples, centred)


def _of_values(
    values: Floats,
    unit: float,
    source: str,
    dimension: int,
    samples: int | None,
    centred: bool,
    **further: Any,
) -> MeasuredSpectrum:
    """Zeros told from the rest, and degrees of freedom found where they show."""
    values = np.sort(values)[::-1]
    zero = unit * max(float(values[0]), 0.0)
    if values[-1] < -zero:
        raise ValueError(
            f"{source} of a covariance below 0: {float(values[-1]):.3g} is not allowed "
            f"(eigenvalue: 0 or more, but for rounding of {zero:.1g}); such a matrix is no "
            "covariance: 'mvtheory spectrum LAW --eigenvalues' has laws of both signs"
        )
    above = int(np.count_nonzero(values > zero))
    if samples is not None:
        degrees: int | None = int(SAMPLES.number(samples)) - int(centred)
        assert degrees is not None
        most = min(dimension, degrees)
        if above > most:
            raise ValueError(
                f"samples={samples} is not allowed: {above} eigenvalues are above 0, of "
                f"{dimension} variables with {degrees} degrees of freedom {most} can be; give more "
                "samples, or none if they are not known"
            )
        kept, dimension, degrees, null = _ranked(above, dimension, degrees)
    else:
        degrees = above if above < dimension else None
        kept, null = above, 0
    return MeasuredSpectrum(
        eigenvalues=_checked(np.maximum(values[:kept], 0.0)),
        dimension=dimension,
        degrees=degrees,
        null=null,
        source=source,
        **further,
    )


def _ranked(rank: int, dimension: int, degrees: int) -> tuple[int, int, int, int]:
    """p, n, m and null directions of a covariance of that rank: where there are fewer samples
    than variables, the rank is what they were free to do; else variables depend on each other."""
    if rank == 0 or rank >= min(dimension, degrees):
        return min(dimension, degrees), dimension, degrees, 0
    if dimension > degrees:
        return rank, dimension, rank, 0
    return rank, rank, degrees, dimension - rank


def _checked(values: Floats) -> Floats:
    if values.size < LEAST or not values[-1] >= 0 or not values[0] > 0:
        raise ValueError(
            f"{values.size} eigenvalues with the largest {float(values[:1].sum()):.3g} are not "
            f"allowed (a spectrum: {LEAST} or more, not all of them 0); measure more"
        )
    return np.asarray(values, dtype=float)


def _vector(given: ArrayLike, name: str) -> Floats:
    values = arrays.real(given, name)
    if values.ndim != 1 or not values.size:
        raise ValueError(f"{name} of shape {values.shape} are not allowed (a list, shape (k,)); "
                         "flatten them")  # fmt: skip
    _finite(values, name)
    return values


def _finite(values: Numbers, name: str) -> None:
    if not np.isfinite(values).all():
        raise ValueError(f"{name} holds infinities or NaN (finite real numbers); remove them")


def _kurtosis(rows: Floats) -> float:
    """Excess kurtosis of the entries, a mean over variables, unbiased for normal ones."""
    m = len(rows)
    squares = rows * rows
    ratio = (squares * squares).mean(axis=0) / squares.mean(axis=0) ** 2
    return float(np.mean((m - 1) / ((m - 2) * (m - 3)) * ((m + 1) * ratio - 3 * (m - 1))))
