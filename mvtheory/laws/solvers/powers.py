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
from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.elementary import pole_sums

LENGTHS = (64, 128, 256, 512)
"""Numbers of nodes that are tried; half as many terms are kept."""
ENOUGH, MOST = 1e-12, 1e-10
"""Sum of the terms left out at which no more nodes are tried, and above which there is no series:
the density has other singularities."""


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
        f, slope = _evaluated([_rows(self.terms), _rows(self.terms * np.arange(self.terms.size))], j)
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


def band_of(law: AbstractLaw, index: int) -> Band | None:
    """The series of a law on one of its bands; None where there is none."""
    low, high = law.support[index]
    singular = law._divergences[(law._divergences >= low) & (law._divergences <= high)]
    infinite = bool(singular.size)
    if not np.isin(singular, (low, high)).all():
        return None
    mass = float(np.diff(law._plateaus)[index])
    for length in LENGTHS:
        t = (np.arange(length) + 0.5) * np.pi / length
        # From the nearer end, so that points stay inside of the band.
        x = np.where(
            t > np.pi / 2,
            low + (high - low) * np.cos(t / 2) ** 2,
            high - (high - low) * np.sin(t / 2) ** 2,
        )
        drawn = law._pdf(x) * np.pi * (high - low) / length
        k = np.arange(length)
        if infinite:
            terms = np.cos(np.outer(k, t)) @ (drawn * np.sin(t))
            terms[0] /= 2
        else:
            terms = np.sin(np.outer(k, t)) @ drawn
        kept = length // 2
        error = float(np.sum(np.abs(terms[kept:])))
        band = Band(low, high, infinite, terms[:kept], error)
        if error <= ENOUGH * mass:
            break
    error = max(band.error, abs(band.mass - mass))
    return Band(low, high, infinite, band.terms, error) if error <= MOST else None


@dataclass(frozen=True)
class PowersChart(Chart):
    """w = z for a law of atoms and of series on its bands."""

    bands: tuple[Band, ...]

    @classmethod
    def of(cls, law: AbstractLaw) -> "PowersChart | None":
        """The chart of a law; None where a density is no series."""
        bands = []
        for index in range(len(law.support)):
            band = band_of(law, index)
            if band is None:
                return None
            bands.append(band)
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
    """Sums of powers of J, from rows of one length: a row costs a product of matrices, not a loop."""
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
