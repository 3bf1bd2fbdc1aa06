r"""Sample covariances cleaned: the same vectors, better eigenvalues, and which ones are better.

With G(z) = (1/n) sum 1/(z - lambda_i), n variables, m degrees of freedom, q = n/m, the eigenvalues
that lose least in squared norm tend to lambda/|1 - q + q lambda G(lambda - i0)|^2 [ledoit2020]_.
The ways differ in how they read G off n points.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mvtheory.measured.bulk import canonical, noise_and_strengths
from mvtheory.measured.eigenvalues import MeasuredSpectrum, check_spectrum, spectrum_of_data
from mvtheory.measured.outliers import find_outliers
from mvtheory.shapes import Float, Floats

FOLDS = 5
LEAST_FOLD = 12
"""Samples that a fold has at least, so that means and variances can be taken off."""


FAR = 100.0
"""Widths of a kernel beyond which only its moments count."""
WIDEST = 0.44
"""Of a kernel, of each eigenvalue: from 1/sqrt 5 on it would reach 0."""


def sample(spectrum: MeasuredSpectrum) -> Floats:
    """As they are."""
    return _padded(spectrum)


def linear(spectrum: MeasuredSpectrum) -> Floats:
    """Drawn towards their mean by one share, the best for normal entries [chen2010]_."""
    values, m = _padded(spectrum), _degrees(spectrum)
    n, mean = values.size, float(values.mean())
    spread, square = float(np.sum(values**2)), n * mean**2
    share = ((1 - 2 / n) * spread + n * square) / ((m + 1 - 2 / n) * max(spread - square, 1e-300))
    share = min(share, 1.0)
    return (1 - share) * values + share * mean


def clipped(spectrum: MeasuredSpectrum) -> Floats:
    """All but the outliers replaced by their mean [laloux2000]_."""
    values = _padded(spectrum)
    count = find_outliers(spectrum).count
    return np.concatenate([values[:count], np.full(values.size - count, values[count:].mean())])


def spiked(spectrum: MeasuredSpectrum) -> Floats:
    """Outliers by the best shrinkage for few spikes over white noise [donoho2018]_, the rest v."""
    found, n = canonical(spectrum), spectrum.dimension
    count = find_outliers(spectrum).count
    v, strengths = noise_and_strengths(found, count)
    q = n / _degrees(spectrum)
    t = strengths * max(q, 1.0)
    overlap = np.maximum(1 - q / t**2, 0) / (1 + q / t)
    cleaned = v * (1 + t * overlap)
    return np.concatenate([cleaned, np.full(n - count, v)])


def rotationally_invariant(spectrum: MeasuredSpectrum) -> Floats:
    """G read below lambda by lambda/sqrt n, small eigenvalues raised by what that loses.

    As [bun2016]_, who go 1/sqrt n below it, which spoils outliers above sqrt n.
    """
    values, m, n = spectrum.eigenvalues, _degrees(spectrum), spectrum.dimension
    q, z = n / m, values * (1 - 1j / np.sqrt(n))
    # z times the Cauchy transform of the m eigenvalues of the companion, zeros among them.
    companion = (z[:, None] / (z[:, None] - values)).sum(axis=1) / m + (m - values.size) / m
    cleaned = np.abs(z) / np.abs(companion) ** 2
    if n > m:
        null = 1 / ((q - 1) * float(np.mean(1 / values)))
        return np.concatenate([_falling(cleaned), np.full(n - m, null)])
    if q < 1 and values[-1] > 0:
        v = values[-1] / (1 - np.sqrt(q)) ** 2
        top = values[-1] * ((1 + np.sqrt(q)) / (1 - np.sqrt(q))) ** 2
        root = np.sqrt(z - values[-1]) * np.sqrt(z - top)
        g = (z + v * (q - 1) - root) / (2 * q * z * v)
        cleaned = cleaned * np.maximum(v * np.abs(1 - q + q * z * g) ** 2 / values, 1.0)
    return _same_trace(_falling(cleaned), values)


def non_linear(spectrum: MeasuredSpectrum) -> Floats:
    """G by a kernel with a width in proportion to each eigenvalue [ledoit2020]_."""
    values, m, n = spectrum.eigenvalues, _degrees(spectrum), spectrum.dimension
    width = min(m ** (-1 / 3), WIDEST)
    x = (values[:, None] - values) / (values * width)
    # Epanechnikov's kernel of variance 1, and its Hilbert transform.
    density = 3 / (4 * np.sqrt(5)) * np.maximum(1 - x**2 / 5, 0) / (values * width)
    hilbert = _transformed(x) / (np.pi * values * width)
    f, h, q = density.mean(axis=1), hilbert.mean(axis=1), n / m
    if n <= m:
        cleaned = values / ((np.pi * q * values * f) ** 2 + (1 - q - np.pi * q * values * h) ** 2)
        return _falling(cleaned)
    cleaned = 1 / (np.pi**2 * values * (f**2 + h**2))
    at_zero = 3 / 10 / width**2 + 3 / (4 * np.sqrt(5) * width) * (1 - 1 / (5 * width**2)) * np.log(
        (1 + np.sqrt(5) * width) / (1 - np.sqrt(5) * width)
    )
    null = 1 / (np.pi * (n - m) / m * float(np.mean(1 / values)) / np.pi * at_zero)
    return np.concatenate([_falling(cleaned), np.full(n - values.size, null)])


WAYS: dict[str, Callable[[MeasuredSpectrum], Floats]] = {
    "sample": sample,
    "linear": linear,
    "clipped": clipped,
    "spiked": spiked,
    "rotationally invariant": rotationally_invariant,
    "non-linear": non_linear,
}
"""By the names that `clean` takes."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cleaned:
    """Cleaned eigenvalues of one spectrum by every way, compared on held-out samples.

    Parameters
    ----------
    eigenvalues : dict of str to ndarray, shape (variables,)
        By way, beside the vectors of the sample covariance in descending order.
    losses, errors : dict of str to float
        Squared Frobenius distance of the cleaned covariance of four fifths of the samples from the
        covariance of the fifth held out, less that of the sample covariance, over the size of the
        covariance; below 0 is better. Standard errors over folds. Empty without data.
    likelihoods : dict of str to float
        Mean log-likelihood, a sample and variable, of normal samples held out, less that of
        linear shrinkage; above 0 is better. -inf for singular ones. Empty without data.
    """

    eigenvalues: dict[str, Float[Floats, " variables"]]
    losses: dict[str, float]
    errors: dict[str, float]
    likelihoods: dict[str, float]

    @property
    def best(self) -> str:
        """The way of least loss; non-linear where there is nothing to compare by."""
        return min(self.losses, key=lambda way: self.losses[way], default="non-linear")


def clean(spectrum: MeasuredSpectrum, *, compare: bool = True) -> Cleaned:
    """Clean the eigenvalues by every way; with data, say which is best on samples held out.

    Parameters
    ----------
    spectrum : MeasuredSpectrum
        Samples known; of data for the comparison.
    compare : bool
        Hold out a fifth of the samples, five times; needs 60 samples.

    Raises
    ------
    ValueError
        Where samples are unknown.

    Examples
    --------
    >>> from mvtheory.measured import spectrum_of_data
    >>> rng = np.random.default_rng(1)
    >>> data = rng.normal(size=(200, 80)) * np.linspace(1, 2, 80)
    >>> found = clean(spectrum_of_data(data))
    >>> found.losses["non-linear"] < found.losses["sample"] == 0
    True
    >>> found.eigenvalues["non-linear"].shape
    (80,)
    """
    check_spectrum(spectrum)
    values = {way: _whole(spectrum, function) for way, function in WAYS.items()}
    if not compare or spectrum.data is None or len(spectrum.data) < FOLDS * LEAST_FOLD:
        return Cleaned(eigenvalues=values, losses={}, errors={}, likelihoods={})
    found = [_held_out(spectrum, fold) for fold in range(FOLDS)]
    losses = {way: np.array([fold[way][0] for fold in found]) for way in WAYS}
    likely = {way: np.array([fold[way][1] for fold in found]) for way in WAYS}
    size = float(np.sum(spectrum.eigenvalues**2))
    excess = {way: (loss - losses["sample"]) / size for way, loss in losses.items()}
    return Cleaned(
        eigenvalues=values,
        losses={way: float(e.mean()) for way, e in excess.items()},
        errors={way: float(e.std(ddof=1) / np.sqrt(FOLDS)) for way, e in excess.items()},
        likelihoods={way: float(np.mean(e - likely["linear"])) for way, e in likely.items()},
    )


def cleaned_covariance(
    spectrum: MeasuredSpectrum, way: str = "non-linear"
) -> Float[Floats, "variables variables"]:
    """The covariance with its own vectors and cleaned eigenvalues.

    Parameters
    ----------
    spectrum : MeasuredSpectrum
        Of data or of a covariance, samples known.
    way : str
        A key of `WAYS`.

    Raises
    ------
    ValueError
        For another way, and for spectra without vectors or samples.

    Examples
    --------
    >>> from mvtheory.measured import spectrum_of_data
    >>> spectrum = spectrum_of_data(np.random.default_rng(1).normal(size=(60, 100)))
    >>> bool(np.linalg.eigvalsh(cleaned_covariance(spectrum)).min() > 0.5)
    True
    """
    check_spectrum(spectrum)
    if way not in WAYS:
        raise ValueError(f"way={way!r} is not allowed (one of {', '.join(WAYS)}); choose one")
    _, vectors = np.linalg.eigh(spectrum.covariance())
    vectors = vectors[:, ::-1]
    return np.asarray((vectors * _whole(spectrum, WAYS[way])) @ vectors.T)


def _held_out(spectrum: MeasuredSpectrum, fold: int) -> dict[str, tuple[float, float]]:
    """Loss and log-likelihood of each way, of samples that it has not seen."""
    assert spectrum.data is not None
    out = np.arange(len(spectrum.data)) % FOLDS == fold
    kept, seen = spectrum.data[out], spectrum.data[~out]
    centre = spectrum.degrees != len(spectrum.data)
    if centre:
        kept, seen = kept - seen.mean(axis=0), seen
    inner = spectrum_of_data(seen, centre=centre)
    _, vectors = np.linalg.eigh(inner.covariance())
    vectors = vectors[:, ::-1]
    variances = ((kept @ vectors) ** 2).mean(axis=0)
    # |C - S|^2 with C diagonal in these vectors, up to what no way changes.
    found = {}
    for way, function in WAYS.items():
        values = function(inner)  # where nothing varies there is nothing to clean
        seen_variances = variances[: values.size]
        loss = float(np.sum(values**2 - 2 * values * seen_variances))
        with np.errstate(divide="ignore", invalid="ignore"):
            exponent = seen_variances / values + np.log(values)
        singular = values.min() <= 1e-12 * values.max()
        found[way] = loss, -np.inf if singular else -float(exponent.mean()) / 2
    return found


def _whole(spectrum: MeasuredSpectrum, function: Callable[[MeasuredSpectrum], Floats]) -> Floats:
    """Eigenvalues of all variables, 0 where nothing varies."""
    return np.pad(function(spectrum), (0, spectrum.null))


def _degrees(spectrum: MeasuredSpectrum) -> int:
    if spectrum.degrees is None:
        raise ValueError(
            f"spectrum of {spectrum.source} with samples=None is not allowed (cleaning: samples "
            "known); give samples"
        )
    return spectrum.degrees


def _padded(spectrum: MeasuredSpectrum) -> Floats:
    """All n eigenvalues, descending, those that are 0 by counting too."""
    return np.pad(spectrum.eigenvalues, (0, spectrum.dimension - spectrum.size))


def _falling(values: Floats) -> Floats:
    """The nearest values that do not rise, so that vectors keep their order."""
    blocks: list[list[float]] = []
    for value in values:
        blocks.append([float(value), 1.0])
        while len(blocks) > 1 and blocks[-2][0] < blocks[-1][0]:
            high, count = blocks.pop()
            before, number = blocks[-1]
            mean = (before * number + high * count) / (number + count)
            blocks[-1] = [mean, number + count]
    return np.concatenate([np.full(int(count), value) for value, count in blocks])


def _transformed(x: Floats) -> Floats:
    """Hilbert transform of the kernel, times pi: -(1 + 1/x^2 + ...)/x where its terms cancel."""
    far = np.abs(x) > FAR
    near = np.where(far | (np.abs(np.abs(x) - np.sqrt(5)) < 1e-12), 0.0, x)
    logs = np.log(np.abs((np.sqrt(5) - near) / (np.sqrt(5) + near)))
    beside = -3 * x / 10 + 3 / (4 * np.sqrt(5)) * (1 - near**2 / 5) * logs
    away = np.where(far, x, FAR)
    return np.where(far, -(1 + 1 / away**2 + 15 / 7 / away**4) / away, beside)


def _same_trace(cleaned: Floats, values: Floats) -> Floats:
    return cleaned * float(values.sum() / max(cleaned.sum(), 1e-300))
