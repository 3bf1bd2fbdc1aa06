r"""A law as a series of powers on each band: a surrogate whose transforms cost no equation.

On a band x = middle + half (J + 1/J)/2 with |J| = 1, and |J| < 1 off it. A density that vanishes
like a root at both ends is a series of sin(k t), whose transforms are those of J^k; one that is
infinite like 1/root is one of cos(k t)/sin(t), whose transforms are those of J^k over a root. Where
the density is analytic the series converges geometrically, on the band and off it alike, and the
terms that are left out say by how much it may be wrong.
"""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Four, ValuedChart
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.divergences import pieces
from mvtheory.laws.solvers.elementary import pole_sums

LENGTHS = (64, 128, 256, 512, 1024, 2048)
"""Numbers of nodes that are tried; half as many terms are kept."""
ENOUGH, MOST = 1e-12, 1e-10
"""Sums of the terms left out: no more nodes are tried below the first, over the largest term, and
above the second there is no series, for the density has other singularities."""


@dataclass(frozen=True, eq=False)
class Band:
    """G = f(J)/half, times 2 J/(1 - J^2) if the density is `infinite` at an end.

    f(J) = sum of terms_k J^k, shape (n,); `error` is the sum of the terms left out.
    """

    low: float
    high: float
    infinite: bool
    terms: Floats
    error: float

    @property
    def half(self) -> float:
        """Half of the width."""
        return (self.high - self.low) / 2

    @property
    def mass(self) -> float:
        """What G times z tends to."""
        return float(self.terms[0] if self.infinite else self.terms[1] / 2)

    def cauchy(self, z: Complexes) -> tuple[Complexes, Complexes]:
        """G and its derivative."""
        j = self._inside(z)
        f, slope = _evaluated(
            [_rows(self.terms), _rows(self.terms * np.arange(self.terms.size))], j
        )
        down = 1 / (1 - j * j)
        q = 2 * j * down
        if self.infinite:
            slope = q * (slope + f * (1 + j * j) * down)
            f = q * f
        return f / self.half, -slope * q / self.half**2

    def potential(self, z: Complexes) -> Complexes:
        """U, 0 < Im U < pi times the mass above the real line."""
        j = self._inside(z)
        value = self.mass * (np.log(self.half / 2) - np.log(j))
        return value + _evaluated([self._primitive], j)[0]

    @functools.cached_property
    def _primitive(self) -> Floats:
        """The powers in U: dz = half (1 - J^-2)/2 dJ."""
        k = np.arange(1, self.terms.size)
        u = np.zeros(self.terms.size + 1)
        if self.infinite:
            u[1:-1] = -self.terms[1:] / k
        else:
            u[2:] = self.terms[1:] / (2 * (k + 1))
            u[1:-2] -= self.terms[2:] / (2 * k[:-1])
        return _rows(u)

    def _inside(self, z: Complexes) -> Complexes:
        """J, |J| <= 1."""
        t = (z - (self.low + self.high) / 2) / self.half
        return 1 / (t + np.sqrt(t - 1) * np.sqrt(t + 1))


def series(law: AbstractLaw, low: float, high: float) -> Band:
    """The series of a law between two points: ends of a band, or points of infinite density."""
    from scipy import fft

    error = np.inf
    infinite = bool(np.isin((low, high), law._divergences).any())
    for length in LENGTHS:
        t = (np.arange(length) + 0.5) * np.pi / length
        # From the nearer end, so that points stay inside.
        x = np.where(
            t > np.pi / 2,
            low + (high - low) * np.cos(t / 2) ** 2,
            high - (high - low) * np.sin(t / 2) ** 2,
        )
        drawn = law._pdf(x) * np.pi * (high - low) / (2 * length)
        if infinite:
            terms = fft.dct(drawn * np.sin(t))
            terms[0] /= 2
        else:
            # Of sin t, sin 2 t, ...: one of 1 has half of the mass of one of J.
            terms = np.append(0.0, fft.dst(drawn))[:-1]
        kept = length // 2
        last, error = error, float(np.sum(np.abs(terms[kept:])))
        # Doubled, a series that converges geometrically gains more digits each time.
        if error <= ENOUGH * abs(terms).max() or (length > LENGTHS[2] and error > 0.1 * last):
            break
    return Band(low, high, infinite, terms[:kept], error)


@dataclass(frozen=True)
class PowersChart(ValuedChart):
    """w = z for a law of atoms and of series on its bands."""

    bands: tuple[Band, ...]

    @classmethod
    def of(cls, law: AbstractLaw) -> "PowersChart | None":
        """The chart of a law; None where a density is no series."""
        bands: list[Band] = []
        for index, gained in enumerate(np.diff(law._plateaus)):
            found = [series(law, *ends) for ends in pieces(law, index)]
            missing = abs(sum(band.mass for band in found) - gained)
            if not sum(band.error for band in found) + missing <= MOST:
                return None
            bands.extend(found)
        return cls(law, tuple(bands))

    @property
    def error(self) -> float:
        """What the series may be off by."""
        return sum(band.error for band in self.bands)

    def at(self, w: Complexes) -> Four:
        with np.errstate(all="ignore"):
            first, second = pole_sums(self.law.weights, self.law.atoms, w)
            slope = -second
            for band in self.bands:
                g, rate = band.cauchy(w)
                first, slope = first + g, slope + rate
        return w, 1.0, first, slope

    def start(self, z: Complexes) -> Complexes:
        return z

    def potential(self, w: Complexes) -> Complexes:
        with np.errstate(all="ignore"):
            value = self.law.weights @ np.log(w - self.law.atoms[:, None])
            for band in self.bands:
                value = value + band.potential(w)
        return value


def _rows(terms: Floats) -> Floats:
    """A series cut into rows of equal length, about as many as are long."""
    length = int(np.ceil(np.sqrt(terms.size)))
    count = -(-terms.size // length)
    return np.append(terms, np.zeros(count * length - terms.size)).reshape(count, length)


def _evaluated(series: list[Floats], j: Complexes) -> list[Any]:
    """Sums of powers of J, from rows of one length: only rows need a loop."""
    length = series[0].shape[1]
    powers = np.ones((length + 1, j.size), dtype=complex)
    for k in range(1, length + 1):
        powers[k] = powers[k - 1] * j
    found = []
    for rows in series:
        real, imaginary = rows @ powers[:-1].real, rows @ powers[:-1].imag
        value = np.zeros(j.shape, dtype=complex)
        for a, b in zip(real[::-1], imaginary[::-1], strict=True):
            value = value * powers[-1] + (a + 1j * b)
        found.append(value)
    return found
