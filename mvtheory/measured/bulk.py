r"""The Marchenko-Pastur law of a measured bulk, and whether it fits, by sums whose noise is known.

At x = v |1 + sqrt(q) w|^2, w on the unit circle, take the sums over eigenvalues of cos(k arg w).
Of a white sample covariance they are asymptotically independent normal numbers of variance k/2
about p times the mean of the law + (k even)/2, for k = 2 more by half the excess kurtosis of the
entries; an outlier of strength t leaves the others short of t^-k q^(k/2)/2. The noise does not grow
with the matrix: a bulk of 100 eigenvalues is known to a percent.

Dividing each variable by its own deviation takes 1 off the mean for k = 2, whatever the kurtosis.
That, and the share of outliers, are derived in the module: an extension of this project.
"""

from dataclasses import dataclass

import numpy as np

from mvtheory.measured.eigenvalues import MeasuredSpectrum, check_spectrum
from mvtheory.shapes import Float, Floats

ORDERS = 4
"""Sums used: those of higher order feel single eigenvalues beyond the edge."""
LEAST_RATIO = 1e-4
"""Of p/N that is fitted."""
TURNS = 60


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """The Marchenko-Pastur law of the eigenvalues that are no outliers.

    Parameters
    ----------
    variance, variance_error : float
        Of the entries, and its standard error.
    aspect_ratio : float
        n/m, as given; the effective one where samples are unknown.
    effective_aspect_ratio, effective_error : float
        What the second sum says of n/m, and its standard error: above the given one where samples
        depend on each other or variables differ.
    edges : tuple of float
        Of the bulk, in eigenvalues of the covariance.
    deviations : ndarray, shape (3,)
        Of the sums of orders 2, 3, 4 from what is expected, in standard deviations.
    p_value : float
        Of their squares: that a white covariance of this size is as far off.
    """

    variance: float
    variance_error: float
    aspect_ratio: float
    effective_aspect_ratio: float
    effective_error: float
    edges: tuple[float, float]
    deviations: Float[Floats, "3"]
    p_value: float


@dataclass(frozen=True)
class Canonical:
    """A spectrum with samples and variables in the order that makes q = p/N at most 1."""

    values: Floats
    size: int
    degrees: float
    kurtosis: float

    @property
    def q(self) -> float:
        """p/N."""
        return self.size / self.degrees


def canonical(spectrum: MeasuredSpectrum, ratio: float | None = None) -> Canonical:
    """The eigenvalues of the p x p matrix with N degrees of freedom; `ratio` is p/N if unknown."""
    size = spectrum.size
    # Correlations have lost what variables' own variances do to the second sum.
    kurtosis = -2.0 if spectrum.correlation else spectrum.kurtosis
    if spectrum.degrees is None:
        assert ratio is not None
        return Canonical(spectrum.eigenvalues, size, size / ratio, kurtosis)
    degrees = max(spectrum.dimension, spectrum.degrees)
    factor = spectrum.degrees / degrees
    return Canonical(spectrum.eigenvalues * factor, size, degrees, kurtosis)


def noise_and_strengths(found: Canonical, outliers: int) -> tuple[float, Floats]:
    """v of the bulk, and the strengths t of the largest eigenvalues: v (1 + t) (1 + q/t) each.

    An outlier takes v q (1 + 1/t) off the sum of the others, so both are found together
    [kritchman2008]_. Eigenvalues inside the bulk have the least strength that shows, sqrt q.
    """
    q, above = found.q, found.values[:outliers]
    rest, count = float(found.values[outliers:].sum()), found.size - outliers
    v = rest / count
    strengths = np.empty(outliers)
    for _ in range(TURNS):
        half = (above / v - 1 - q) / 2
        strengths = np.where(
            half > np.sqrt(q), half + np.sqrt(np.maximum(half**2 - q, 0)), np.sqrt(q)
        )
        before, v = v, rest / (count - float(np.sum(q * (1 + 1 / strengths))))
        if abs(v - before) <= 1e-15 * v:
            break
    return v, strengths


def deviations(found: Canonical, outliers: int, q: float | None = None) -> Floats:
    """Sums of orders 2 to ORDERS less what is expected, over their standard deviations."""
    return _deviations(found, outliers, *noise_and_strengths(found, outliers), q or found.q)


def _deviations(
    found: Canonical, outliers: int, v: float, strengths: Floats, q: float, orders: int = ORDERS
) -> Floats:
    x = (found.values[outliers:] - v * (1 + q)) / (2 * v * np.sqrt(q))
    before, now, sums = np.ones_like(x), x, []
    for k in range(2, orders + 1):
        before, now = now, 2 * x * now - before
        law = -((-np.sqrt(q)) ** (k - 2)) * (1 - q) / 2
        lack = float(np.sum((np.sqrt(q) / strengths) ** k)) / 2
        mean = (k % 2 == 0) / 2 + (found.kurtosis / 2 if k == 2 else 0.0)
        sums.append((float(now.sum()) - found.size * law + lack - mean) / np.sqrt(k / 2))
    return np.array(sums)


def fit_bulk(spectrum: MeasuredSpectrum, outliers: int, ratio: float | None = None) -> Bulk:
    """The law of all but the largest eigenvalues, and how well it fits.

    Parameters
    ----------
    spectrum : MeasuredSpectrum
    outliers : int
        How many of the largest are none of the bulk.
    ratio : float, optional
        p/N in (0, 1], where samples are unknown.

    References
    ----------
    [bai2004]_, Theorem 1.1; the kurtosis: [pan2008]_.

    Examples
    --------
    >>> from mvtheory.measured import spectrum_of_data
    >>> data = 2 * np.random.default_rng(1).normal(size=(401, 100))
    >>> bulk = fit_bulk(spectrum_of_data(data), outliers=0)
    >>> print(f"{bulk.variance:.2f} {bulk.effective_aspect_ratio:.3f} {bulk.p_value:.2f}")
    3.95 0.257 0.34
    """
    check_spectrum(spectrum)
    from scipy import stats

    found = canonical(spectrum, ratio)
    v, _ = noise_and_strengths(found, outliers)
    q, off = found.q, deviations(found, outliers)
    effective = effective_ratio(found, outliers)
    step = 1e-4 * effective
    sides = [deviations(found, outliers, effective + s * step)[0] for s in (-1, 0)]
    error = step / max(abs(sides[1] - sides[0]), 1e-12)
    wide = spectrum.degrees is not None and spectrum.dimension > spectrum.degrees
    given = spectrum.aspect_ratio
    back = 1.0 if given is None else max(given, 1.0)
    ends = [back * v * (1 + sign * np.sqrt(q)) ** 2 for sign in (-1, 1)]
    spread = (2 + max(found.kurtosis, -1.0)) / (found.size * found.degrees)
    # The second sum has served where it gave the ratio.
    used = off if given is not None else off[1:]
    return Bulk(
        variance=v,
        variance_error=float(v * np.sqrt(spread)),
        aspect_ratio=q if given is None else given,
        effective_aspect_ratio=1 / effective if wide else effective,
        effective_error=error / effective**2 if wide else error,
        edges=(float(ends[0]), float(ends[1])),
        deviations=off,
        p_value=float(stats.chi2.sf(np.sum(used**2), used.size)),
    )


def effective_ratio(found: Canonical, outliers: int) -> float:
    """p/N in (0, 1] by which the sum of order 2 is what is expected: wider bulks, larger ratios."""
    from scipy import optimize

    noise = noise_and_strengths(found, outliers)

    def second(logarithm: float) -> float:
        """Falls as the law widens."""
        return float(_deviations(found, outliers, *noise, np.exp(logarithm), orders=2)[0])

    if second(0.0) >= 0:
        return 1.0
    low = np.log(LEAST_RATIO)
    return float(np.exp(optimize.brentq(second, low, 0.0))) if second(low) > 0 else LEAST_RATIO
