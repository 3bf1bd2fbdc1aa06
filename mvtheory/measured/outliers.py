r"""How many eigenvalues stand out of the bulk, by Tracy-Widom, and what they were before the noise.

The largest eigenvalue of a white covariance, over the variance that the others have, is compared
with the real Tracy-Widom law: centred and scaled to second order [ma2012]_, corrected for the
variance being estimated [nadler2011]_, and moved by v k (1 + sqrt q)^2/(sqrt q N) for entries of
excess kurtosis k (the edge of a population whose variances vary by k/N; ours). What stands out is
taken off, and the next one tested among the rest [kritchman2008]_.
"""

import functools
from dataclasses import dataclass

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.laws import MarchenkoPastur, TracyWidom
from mvtheory.measured.bulk import (
    LEAST_RATIO,
    Canonical,
    canonical,
    effective_ratio,
    noise_and_strengths,
)
from mvtheory.measured.eigenvalues import MeasuredSpectrum, check_spectrum
from mvtheory.shapes import Float, Floats

LEVEL = Argument("level", "alpha", "probability of a false outlier", 0, 0.5,
                 low_open=True, high_open=True)  # fmt: skip
MOST = 3
"""Of p eigenvalues at most p/3 are tested: more are no outliers of a bulk."""
KURTOSIS = 6.0
"""That of Student's t with 5 degrees of freedom; the move of the edge is not taken further."""
HALF = 0.5
TURNS = 8
GRID = 100


@dataclass(frozen=True, kw_only=True, eq=False)
class Outliers:
    """Eigenvalues above the bulk.

    Parameters
    ----------
    level : float
        Probability of counting any in a white covariance.
    p_values : ndarray, shape (counted + 1,)
        Of each that was tested, the last being the first that does not stand out.
    measured : ndarray, shape (counted,)
        Eigenvalues of the sample covariance.
    population, errors : ndarray, shape (counted,)
        What they are without the noise, and standard errors of that.
    overlaps : ndarray, shape (counted,)
        Squared cosine of each measured vector with that of the population, expected.
    ratio : float
        p/N, the smaller of variables and degrees of freedom over the larger.
    complete : bool
        False where a third of all eigenvalues stand out: then there is no bulk that they leave.
    """

    level: float
    p_values: Float[Floats, " candidates"]
    measured: Float[Floats, " counted"]
    population: Float[Floats, " counted"]
    errors: Float[Floats, " counted"]
    overlaps: Float[Floats, " counted"]
    ratio: float
    complete: bool

    @property
    def count(self) -> int:
        """How many."""
        return int(self.measured.size)


def find_outliers(spectrum: MeasuredSpectrum, level: float = 0.05) -> Outliers:
    """Count the eigenvalues above the bulk at a stated level, and take the bias off them.

    Parameters
    ----------
    spectrum : MeasuredSpectrum
        Where samples are unknown the aspect ratio is fitted, and the level holds less well.
    level : float
        Probability in (0, 0.5) of counting any in a white covariance.

    Raises
    ------
    ValueError
        For another level.

    References
    ----------
    The bias: [baik2006]_; errors and overlaps: [paul2007]_.

    Examples
    --------
    >>> from mvtheory.measured import spectrum_of_data
    >>> rng = np.random.default_rng(1)
    >>> data = rng.normal(size=(400, 100))
    >>> data[:, 0] *= 2  # a variance of 4
    >>> found = find_outliers(spectrum_of_data(data))
    >>> print(found.measured.round(2), found.population.round(2), found.errors.round(2))
    [4.26] [3.93] [0.28]
    """
    check_spectrum(spectrum)
    level = LEVEL.number(level)
    ratio = None if spectrum.degrees is not None else _first_ratio(spectrum)
    count, p_values = -1, np.empty(0)
    for _ in range(TURNS):
        found = canonical(spectrum, ratio)
        before, (count, p_values) = count, _count(found, level)
        if ratio is None or count == before:
            break
        ratio = effective_ratio(found, count)
    v, strengths = noise_and_strengths(found, count)
    # Strengths belong to the order of samples and variables that was taken.
    given = spectrum.aspect_ratio
    factor = 1.0 if given is None else max(given, 1.0)
    q = found.q if given is None else given
    degrees = found.degrees if spectrum.degrees is None else spectrum.degrees
    t = strengths * factor
    slope = np.maximum(1 - q / t**2, 1e-12)
    return Outliers(
        level=level,
        p_values=p_values,
        measured=spectrum.eigenvalues[:count],
        population=v * (1 + t),
        errors=v * (1 + t) * np.sqrt(2 / (degrees * slope)),
        overlaps=np.maximum(1 - q / t**2, 0) / (1 + q / t),
        ratio=found.q,
        complete=count < _most(found),
    )


def top_p_value(found: Canonical, outliers: int) -> float:
    """Of the largest eigenvalue but so many, among the rest."""
    v, _ = noise_and_strengths(found, outliers)
    p, n = found.size - outliers, found.degrees
    a, b = np.sqrt(n - 0.5), np.sqrt(p - 0.5)
    centre, width = (a + b) ** 2 / n, (a + b) * (1 / a + 1 / b) ** (1 / 3) / n
    root = np.sqrt(p / n)
    moved = min(found.kurtosis, KURTOSIS) * (1 + root) ** 2 / (root * n)
    law, step = TracyWidom(beta=1), 1e-3
    s = (float(found.values[outliers]) / v - centre - moved) / width
    before, after = law.pdf([s - step, s + step])
    bend = (after - before) / (2 * step)
    # A correction of first order: from half of the tail on continued by what stays above 0.
    tail = max(float(law.sf(s)), 1e-300)
    share = 1 + float((centre / width) ** 2 / (p * n) * bend / tail)
    return min(tail * (share if share > HALF else HALF * np.exp(share / HALF - 1)), 1.0)


def _most(found: Canonical) -> int:
    return max(found.size // MOST, 1)


def _count(found: Canonical, level: float) -> tuple[int, Floats]:
    p_values: list[float] = []
    for k in range(_most(found) + 1):
        p_values.append(top_p_value(found, k))
        if not p_values[-1] < level or k == _most(found):
            break
    return len(p_values) - 1, np.array(p_values)


def _first_ratio(spectrum: MeasuredSpectrum) -> float:
    """p/N by which quantiles below the largest third are those of the law: outliers do not tell."""
    shares, ratios, laws = _quantiles()
    seen = np.quantile(spectrum.eigenvalues, shares)
    scales = laws @ seen / np.sum(laws**2, axis=1)
    misfits = np.sum((seen - scales[:, None] * laws) ** 2, axis=1)
    return float(ratios[np.argmin(misfits)])


@functools.cache
def _quantiles() -> tuple[Floats, Floats, Floats]:
    """Shares, ratios and the quantiles of each: near enough for a first count."""
    shares, ratios = np.linspace(0.05, 1 - 1 / MOST, 24), np.geomspace(LEAST_RATIO, 1.0, GRID)
    laws = [np.asarray(MarchenkoPastur(aspect_ratio=ratio).ppf(shares)) for ratio in ratios]
    return shares, ratios, np.array(laws)
