r"""How many ways N networks have to learn exactly j given views: surjections, in ratios.

Their number is j! S2(N, j) = N! [x^N] (e^x - 1)^j, S2 the Stirling numbers of the second kind; the
coefficient is an integral over a circle. Two neighbours over the same circle, through the saddle
point between them, have all that is large in common: their ratio is a mean of e^z - 1 over it.
"""

import math

import numpy as np

from mvtheory.shapes import Complex, Complexes, Float, Floats

Counts = Float[Floats, " counts"]
Column = Float[Floats, "counts 1"]
Circle = Complex[Complexes, "counts nodes"]
NODES = 64
"""Of the trapezoid rule on the upper half of the circle, or on the part that counts. What it misses
is what a sum of j truncated Poisson numbers does twelve deviations from its mean."""
DECAY = 42.0
"""The integrand is left out where it is below e^-42 of its peak."""
ALL = 50.0
"""Networks for each view from which on all j^N ways count: all but j e^-50 of them are onto."""
MOST_DIRECT, FITTED, DEGREE, FIT = 64, 48, 31, 4e-15
"""Longer ranges are fitted at so many points, to this accuracy, or else halved."""
NEARBY = 0.5
# log((e^z - 1)/z) = z/2 + sum_k B_2k z^2k / (2k (2k)!); what is left out is 2e-21 at NEARBY.
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
_SERIES = tuple(b / (2 * k * math.factorial(2 * k)) for k, b in enumerate(_BERNOULLI, start=1))


def log_ratios(networks: int, low: int, high: int) -> Counts:
    """Logarithm of surjections on j + 1 over those on j, for j = low, ..., high - 1.

    For 1 <= low <= high <= N. Right to 1e-14, or 1e-15 of its own size. It is smooth in j but for
    log(1 - j/N), the first order next to N, so that long ranges are interpolated.
    """
    if low == high:
        return np.empty(0)
    if high - low <= MOST_DIRECT:
        return _direct(networks, np.arange(low, high, dtype=float))
    middle, half = (low + high - 1) / 2, (high - 1 - low) / 2
    nodes = np.unique(np.rint(middle - half * np.cos(np.linspace(0, np.pi, FITTED))))
    values = _direct(networks, nodes) - np.log((networks - nodes) / networks)
    basis = np.polynomial.chebyshev.chebvander((nodes - middle) / half, DEGREE)
    found = np.linalg.lstsq(basis, values, rcond=None)[0]
    if float(np.abs(basis @ found - values).max()) > FIT * (1 + float(np.abs(values).max())):
        cut = (low + high) // 2
        return np.concatenate([log_ratios(networks, low, cut), log_ratios(networks, cut, high)])
    j = np.arange(low, high)
    found = np.polynomial.chebyshev.chebtrim(found, 1e-16)
    fitted = np.polynomial.chebyshev.chebval((j - middle) / half, found)
    return np.asarray(fitted + np.log((networks - j) / networks))


def log_count(networks: int, distinct: Counts) -> Counts:
    """Logarithm of the number of surjections, to some hundredths: Laplace at the saddle point."""
    from scipy.special import gammaln

    x = _radius(networks, distinct)
    spread = np.maximum(_variance(x, distinct), 1 / (2 * np.pi))
    log = distinct * _log_expm1(x) - networks * np.log(x)
    return np.asarray(gammaln(networks + 1) + log - np.log(2 * np.pi * spread) / 2)


def _direct(networks: int, j: Counts) -> Counts:
    """The ratios one by one; where j is 1 or N/j is large, one circle would not serve for two."""
    result = networks * np.log1p(1 / j)
    result[j == 1] += math.log1p(-(2.0 ** (1 - networks)))
    near = (j > 1) & (networks <= ALL * j)
    if near.any():
        result[near] = _by_circle(networks, j[near, None])
    return result


def _by_circle(networks: int, j: Column) -> Counts:
    """The mean of e^z - 1 over the circle, with the weights z^-N (e^z - 1)^j; j of shape (n, 1)."""
    x = _radius(networks, j + 0.5)
    # About e^(variance (cos(angle) - 1)), but nowhere below its value at the angle pi, e^(-j x).
    cosine = 1 - DECAY / np.maximum(_variance(x, j), DECAY / 2)
    angle = np.where(j * x > DECAY, np.arccos(cosine), np.pi) * np.arange(NODES + 1) / NODES
    step = x * np.expm1(1j * angle)  # z - x
    grown = np.where(x < NEARBY, _nearby(x, step), _far(x, step, angle))
    # Powers of z and of (e^z - 1)/z apart: for small x, j next to N, it is the second that counts.
    weights = np.exp(j * grown - 1j * (networks - j) * angle)
    weights[:, [0, -1]] /= 2
    mean = (weights * np.exp(grown + 1j * angle)).sum(axis=1).real / weights.sum(axis=1).real
    return np.asarray(np.log(mean) + _log_expm1(x)[:, 0])


def _nearby(x: Column, step: Circle) -> Circle:
    """log((e^z - 1)/z) less its value at x, for |z| = x < NEARBY, by its power series."""
    square, ahead = x**2, (x + step) ** 2
    series = np.polynomial.polynomial.polyval(ahead, (0, *_SERIES))
    return np.asarray(step / 2 + series - np.polynomial.polynomial.polyval(square, (0, *_SERIES)))


def _far(x: Column, step: Circle, angle: Float[Floats, "counts nodes"]) -> Circle:
    """The same for larger x, by log((e^z - 1)/(e^x - 1)), up to multiples of 2 pi i."""
    excess = np.expm1(step) / -np.expm1(-x)
    # |1 + excess|^2 - 1 is small to second order in the angle; at -1 the weight is as good as 0.
    change = np.maximum(2 * excess.real + excess.real**2 + excess.imag**2, 2.0**-53 - 1)
    size = np.log1p(change) / 2
    return np.asarray(size + 1j * (np.arctan2(excess.imag, 1 + excess.real) - angle))


def _log_expm1(x: Float[Floats, " *further"]) -> Float[Floats, " *further"]:
    return np.asarray(x + np.log(-np.expm1(-x)))


def _radius(networks: int, distinct: Float[Floats, " *further"]) -> Float[Floats, " *further"]:
    """x with x/(1 - e^-x) = N/j, by Newton's method: that function is convex."""
    wanted = np.maximum(networks / distinct, 1 + 1e-9)
    x = np.maximum(np.where(wanted < 2, 2 * (wanted - 1), wanted), 1e-9)
    for _ in range(60):
        lost = -np.expm1(-x)
        slope = np.where(x < 1e-3, 0.5 + x / 6, (lost - x * np.exp(-x)) / lost**2)
        step = (x / lost - wanted) / slope
        x = np.maximum(x - step, x / 8)
        if (np.abs(step) <= 1e-9 * x).all():
            break
    return np.asarray(x)


def _variance(
    x: Float[Floats, " *further"], distinct: Float[Floats, " *further"]
) -> Float[Floats, " *further"]:
    """Of a sum of j Poisson numbers of rate x that are not 0."""
    mean = x / -np.expm1(-x)
    return np.asarray(distinct * np.where(x < 1e-3, x / 2, mean * (1 + x - mean)))
