r"""Optimal shrinkage of singular values: a matrix of few directions under white noise.

In units of the noise, sqrt(v N), with b = p/N: a singular value y of signal and noise was x of the
signal alone, 2 x^2 = y^2 - 1 - b + sqrt((y^2 - 1 - b)^2 - 4 b), where y > 1 + sqrt b; what is best
put in its place depends on the loss [gavish2017]_.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mvtheory.measured.eigenvalues import MeasuredSpectrum, check_spectrum
from mvtheory.shapes import Float, Floats

Loss = Literal["frobenius", "operator", "nuclear"]
LOSSES = ("frobenius", "operator", "nuclear")


@dataclass(frozen=True, kw_only=True, eq=False)
class Shrunk:
    """Singular values of the data, shrunken.

    Parameters
    ----------
    loss : str
        That is least: of the Frobenius, the operator or the nuclear norm.
    measured, shrunken : ndarray, shape (p,)
        Descending; what was inside the noise is 0.
    rank : int
        How many are not.
    threshold : float
        Measured values below it are all noise.
    hard_threshold : float
        Below which it is best to cut, if the others are to be kept as they are [gavish2014]_.
    expected_loss : float
        Squared Frobenius error of the shrunken matrix, expected, over that of leaving it as it is.
    """

    loss: str
    measured: Float[Floats, " eigenvalues"]
    shrunken: Float[Floats, " eigenvalues"]
    rank: int
    threshold: float
    hard_threshold: float
    expected_loss: float


def shrink_singular_values(
    spectrum: MeasuredSpectrum, variance: float, loss: Loss = "frobenius"
) -> Shrunk:
    """Singular values of the data matrix, shrunken so that the loss is least.

    Parameters
    ----------
    spectrum : MeasuredSpectrum
        Samples known.
    variance : float
        Of the noise, > 0, as in `Bulk.variance`.
    loss : {"frobenius", "operator", "nuclear"}
        Squared Frobenius norm, operator norm or nuclear norm of the error.

    Raises
    ------
    ValueError
        For another loss, a variance of 0 or less, or a spectrum of unknown samples.

    Examples
    --------
    >>> from mvtheory.measured import spectrum_of_data
    >>> rng = np.random.default_rng(1)
    >>> signal = np.outer(rng.normal(size=300), rng.normal(size=100))
    >>> spectrum = spectrum_of_data(signal + 3 * rng.normal(size=(300, 100)), centre=False)
    >>> found = shrink_singular_values(spectrum, variance=9)
    >>> print(found.rank, found.measured[:2].round(0), found.shrunken[:2].round(0))
    1 [153.  80.] [127.   0.]
    """
    check_spectrum(spectrum)
    y, unit, b = _in_units(spectrum, variance)
    if loss not in LOSSES:
        raise ValueError(f"loss={loss!r} is not allowed (one of {', '.join(LOSSES)}); choose one")
    above = y > 1 + np.sqrt(b)
    half = (y[above] ** 2 - 1 - b) / 2
    x = np.sqrt(half + np.sqrt(np.maximum(half**2 - b, 0)))
    left, right = (x**4 - b) / (x**4 + b * x**2), (x**4 - b) / (x**4 + x**2)
    product = np.sqrt(left * right)
    best = {
        "frobenius": x * product,
        "operator": x,
        "nuclear": np.maximum(x * (product - np.sqrt((1 - left) * (1 - right))), 0),
    }[loss]
    shrunken = np.zeros(y.shape)
    shrunken[above] = best
    # Of the signal x u v^T from best u' v'^T; as it is, all of the noise stays.
    error = float(np.sum(x**2 + best**2 - 2 * x * best * product))
    return Shrunk(
        loss=loss,
        measured=y * unit,
        shrunken=shrunken * unit,
        rank=int(np.count_nonzero(shrunken)),
        threshold=float((1 + np.sqrt(b)) * unit),
        hard_threshold=float(
            np.sqrt(2 * (b + 1) + 8 * b / (b + 1 + np.sqrt(b * b + 14 * b + 1))) * unit
        ),
        expected_loss=error / spectrum.size,
    )


def denoised(spectrum: MeasuredSpectrum, shrunk: Shrunk) -> Float[Floats, "samples variables"]:
    """The data, as centred and scaled, with shrunken singular values.

    Parameters
    ----------
    spectrum : MeasuredSpectrum
        Of data.
    shrunk : Shrunk
        Of the same spectrum.

    Raises
    ------
    ValueError
        Where there are no data.

    Examples
    --------
    >>> from mvtheory.measured import spectrum_of_data
    >>> spectrum = spectrum_of_data(np.random.default_rng(1).normal(size=(60, 40)))
    >>> found = denoised(spectrum, shrink_singular_values(spectrum, variance=1.2))
    >>> found.shape, bool((found == 0).all())
    ((60, 40), True)
    """
    check_spectrum(spectrum)
    if spectrum.data is None:
        raise ValueError(
            f"spectrum of {spectrum.source} has no data (vectors of a data matrix are needed); use "
            "spectrum_of_data"
        )
    left, _, right = np.linalg.svd(spectrum.data, full_matrices=False)
    kept = shrunk.rank
    return np.asarray((left[:, :kept] * shrunk.shrunken[:kept]) @ right[:kept])


def _in_units(spectrum: MeasuredSpectrum, variance: float) -> tuple[Floats, float, float]:
    """Singular values over sqrt(v N), that unit, and p/N."""
    if spectrum.degrees is None:
        raise ValueError(
            f"spectrum of {spectrum.source} with samples=None is not allowed (singular values of "
            "data: their number known); give samples"
        )
    if not variance > 0:
        raise ValueError(f"variance={variance!r} is not allowed (of the noise: real, "
                         "0 < variance); take Bulk.variance")  # fmt: skip
    many = max(spectrum.dimension, spectrum.degrees)
    unit = float(np.sqrt(variance * many))
    return np.sqrt(spectrum.eigenvalues * spectrum.degrees) / unit, unit, spectrum.size / many
