"""Everything that is said of one measured spectrum, and in words how far to trust it."""

from dataclasses import dataclass

from mvtheory.laws import AbstractLaw, MarchenkoPastur
from mvtheory.measured.atoms import Population, fit_population
from mvtheory.measured.bulk import Bulk, fit_bulk
from mvtheory.measured.cleaning import Cleaned, clean
from mvtheory.measured.eigenvalues import MeasuredSpectrum, check_spectrum
from mvtheory.measured.outliers import Outliers, find_outliers
from mvtheory.measured.shrinkage import Shrunk, shrink_singular_values
from mvtheory.measured.tails import TailDoubt, doubt_tails

DOUBT = 0.01
"""A law is doubted below this p-value, and another atom tried."""
MOST_ATOMS = 3
FEWEST = 30
"""Eigenvalues from which a population of several variances is fitted."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Study:
    """What is in a spectrum.

    Parameters
    ----------
    spectrum : MeasuredSpectrum
    outliers : Outliers
        Above a bulk of one variance.
    bulk : Bulk
        That bulk, and how well it fits.
    population : Population or None
        A bulk of several variances, where one does not fit: with the fewest that do, else with 3.
    tails : TailDoubt
        Reasons to doubt the count of outliers.
    shrunk : Shrunk or None
        Singular values without the noise; None where samples are unknown.
    cleaned : Cleaned or None
        Eigenvalues of the covariance cleaned, likewise.
    """

    spectrum: MeasuredSpectrum
    outliers: Outliers
    bulk: Bulk
    population: Population | None
    tails: TailDoubt
    shrunk: Shrunk | None
    cleaned: Cleaned | None

    def __repr__(self) -> str:
        fits = "fits" if self.fits else "does not fit"
        return (
            f"<Study of {self.spectrum.dimension} variables, {self.spectrum.size} eigenvalues "
            f"above 0: {self.count} outliers, the law of the bulk {fits}\n"
            f" bulk {self.law!r}; .verdict says it in words>"
        )

    @property
    def law(self) -> AbstractLaw:
        """Of the bulk, all n eigenvalues of it, as it would be without outliers."""
        if self.population is not None:
            return self.population.law
        return MarchenkoPastur(aspect_ratio=self.bulk.aspect_ratio, variance=self.bulk.variance)

    @property
    def fits(self) -> bool:
        """Whether the law is not to be doubted."""
        best = self.bulk if self.population is None else self.population
        return best.p_value >= DOUBT

    @property
    def count(self) -> int:
        """Outliers above the law."""
        return (self.outliers.count if self.population is None
                else self.population.outliers.size)  # fmt: skip

    @property
    def verdict(self) -> tuple[str, ...]:
        """In words: the law, the outliers, and every reason for doubt."""
        return _verdict(self)


def study(spectrum: MeasuredSpectrum, level: float = 0.05) -> Study:
    """Fit the bulk, count outliers, doubt both, and clean.

    Parameters
    ----------
    spectrum : MeasuredSpectrum
        From `spectrum_of_data` and its like.
    level : float
        Probability in (0, 0.5) of counting any outlier in a white covariance.

    Raises
    ------
    ValueError
        For another level.

    Examples
    --------
    >>> import numpy as np
    >>> from mvtheory.measured import spectrum_of_data
    >>> rng = np.random.default_rng(1)
    >>> data = rng.normal(size=(500, 100)) + rng.normal(size=(500, 1))
    >>> for line in study(spectrum_of_data(data)).verdict[:2]:
    ...     print(line)
    bulk: Marchenko-Pastur, n/m = 0.2, variance 0.99 ± 0.006, fits (p = 0.021)
    outliers: 1 above 2.08, at the level 0.05
    """
    check_spectrum(spectrum)
    outliers = find_outliers(spectrum, level)
    bulk = fit_bulk(spectrum, outliers.count, outliers.ratio)
    population = None
    if spectrum.degrees is not None and (bulk.p_value < DOUBT or not outliers.complete):
        population = _population(spectrum, level)
    known = spectrum.degrees is not None
    return Study(
        spectrum=spectrum,
        outliers=outliers,
        bulk=bulk,
        population=population,
        tails=doubt_tails(spectrum, outliers, bulk.variance),
        shrunk=shrink_singular_values(spectrum, bulk.variance) if known else None,
        cleaned=clean(spectrum) if known else None,
    )


def _population(spectrum: MeasuredSpectrum, level: float) -> Population | None:
    """The fewest variances that fit, else the most that are tried."""
    if spectrum.size < FEWEST or spectrum.eigenvalues[-1] <= 0:
        return None
    for atoms in range(2, MOST_ATOMS + 1):
        found = fit_population(spectrum, atoms, level)
        if found.p_value >= DOUBT:
            break
    return found


def _verdict(found: Study) -> tuple[str, ...]:
    bulk, population, spectrum = found.bulk, found.population, found.spectrum
    effective = "" if spectrum.degrees is not None else " (fitted: samples are unknown)"
    fits = "fits" if found.fits else "does NOT fit"
    if population is None:
        law = (
            f"bulk: Marchenko-Pastur, n/m = {bulk.aspect_ratio:.3g}{effective}, variance "
            f"{bulk.variance:.3g} ± {bulk.variance_error:.1g}, {fits} (p = {bulk.p_value:.2g})"
        )
        edge = bulk.edges[1]
    else:
        atoms = ", ".join(f"{t:.3g} ({w:.0%})" for t, w in
                          zip(population.atoms, population.weights, strict=True))  # fmt: skip
        law = (
            f"bulk: one variance does not fit (p = {bulk.p_value:.2g}); variances {atoms}, n/m = "
            f"{bulk.aspect_ratio:.3g}: {fits} (p = {population.p_value:.2g})"
        )
        edge = population.bulk_edge
    lines = [
        law,
        f"outliers: {found.count} above {edge:.3g}, at the level {found.outliers.level:g}",
    ]
    if spectrum.degrees is not None and population is None:
        given, effective_ratio = bulk.aspect_ratio, bulk.effective_aspect_ratio
        if abs(effective_ratio - given) > 3 * bulk.effective_error:
            lines.append(
                f"the bulk is as wide as for n/m = {effective_ratio:.3g} ± "
                f"{bulk.effective_error:.1g}: samples depend on each other, or variables differ"
            )
    if population is None and not found.outliers.complete:
        lines.append("doubt: a third of all eigenvalues stand out, which leaves no bulk")
    if not found.fits and spectrum.kurtosis > 1:
        lines.append(f"doubt: entries have an excess kurtosis of {spectrum.kurtosis:.2g}")
    lines += [f"doubt: {reason}" for reason in found.tails.reasons]
    if found.cleaned is not None and found.cleaned.losses:
        best = found.cleaned.best
        lines.append(
            f"best cleaning of the covariance: {best}, loss {found.cleaned.losses[best]:+.2g} ± "
            f"{found.cleaned.errors[best]:.1g} of its size beside the sample covariance"
        )
    return tuple(lines)


def as_plain(found: Study) -> dict[str, object]:
    """Numbers of a study as plain data, for JSON."""
    spectrum, outliers, bulk = found.spectrum, found.outliers, found.bulk
    plain: dict[str, object] = {
        "source": spectrum.source,
        "dimension": spectrum.dimension,
        "degrees": spectrum.degrees,
        "correlation": spectrum.correlation,
        "kurtosis": spectrum.kurtosis,
        "bulk": {name: getattr(bulk, name) for name in bulk.__dataclass_fields__},
        "outliers": {name: getattr(outliers, name) for name in outliers.__dataclass_fields__},
        "doubts": list(found.tails.reasons),
        "verdict": list(found.verdict),
    }
    if found.population is not None:
        names = [name for name in found.population.__dataclass_fields__ if name != "law"]
        plain["population"] = {name: getattr(found.population, name) for name in names}
    if found.shrunk is not None:
        names = list(found.shrunk.__dataclass_fields__)
        plain["singular_values"] = {name: getattr(found.shrunk, name) for name in names}
    if found.cleaned is not None:
        names = list(found.cleaned.__dataclass_fields__)
        plain["covariance"] = {name: getattr(found.cleaned, name) for name in names}
        plain["best_cleaning"] = found.cleaned.best
    return plain
