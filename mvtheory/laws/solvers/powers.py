r"""A law as a series of powers on each band: a surrogate whose transforms cost no equation.

On a band x = middle + half (J + 1/J)/2 with |J| = 1, and |J| < 1 off it. A density that vanishes
like a root at both ends is a series of sin(k t), whose transforms are those of J^k; one that is
infinite like 1/root is one of cos(k t)/sin(t), whose transforms are those of J^k over a root. Where
the density is analytic the series converges geometrically, on the band and off it alike, and the
terms that are left out say by how much it may be wrong.
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

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
NEGLIGIBLE = 1e-20
"""Of a power of J: such terms are left out."""
FEWER, FEW_ROWS = 3, 4
"""Share of the rows that makes a group of points worth its while, and rows that are few."""


Part = tuple[float, float, Callable[[Floats], Floats], bool]
"""Two ends, the density between them and whether it is infinite at one."""


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
        f, slope = _evaluated(self._with_slope, j)
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
        return value + _evaluated(self._primitive[None], j)[0]

    @functools.cached_property
    def _with_slope(self) -> Floats:
        """The powers in f and in J f'."""
        return np.array([_rows(self.terms), _rows(self.terms * np.arange(self.terms.size))])

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


def series(part: Part) -> Band:
    """The series of a density between two points: its ends, or points where it is infinite."""
    low, high, density, infinite = part
    error = np.inf
    for length in LENGTHS:
        t = (np.arange(length) + 0.5) * np.pi / length
        # From the nearer end, so that points stay inside.
        x = np.where(
            t > np.pi / 2,
            low + (high - low) * np.cos(t / 2) ** 2,
            high - (high - low) * np.sin(t / 2) ** 2,
        )
        drawn = density(x) * np.pi * (high - low) / length
        # sum of drawn exp(-i k t): of cos(k t) times sin t, or of sin(k t).
        turned = np.exp(-0.5j * np.pi / length * np.arange(length))
        if infinite:
            terms = (turned * np.fft.fft(drawn * np.sin(t), 2 * length)[:length]).real
            terms[0] /= 2
        else:
            # One of 1 has half of the mass of one of J.
            terms = -(turned * np.fft.fft(drawn, 2 * length)[:length]).imag
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
    missing: float

    @classmethod
    def of(cls, law: AbstractLaw) -> "PowersChart | None":
        """The chart of a law; None where a density is no series."""
        ends = [both for index in range(len(law.support)) for both in pieces(law, index)]
        infinite = [bool(np.isin(both, law._divergences).any()) for both in ends]
        parts = zip(ends, infinite, strict=True)
        return cls.summed(law, ((*both, law._pdf, apart) for both, apart in parts))

    @classmethod
    def summed(cls, law: AbstractLaw, parts: Iterable[Part]) -> "PowersChart | None":
        """The chart of a law by parts of its density."""
        bands: list[Band] = []
        for part in parts:
            bands.append(series(part))
            if not sum(band.error for band in bands) <= MOST:
                return None
        missing = abs(sum(band.mass for band in bands) - float(law._plateaus[-1]))
        return cls(law, tuple(bands), missing) if missing <= MOST else None

    @property
    def error(self) -> float:
        """What the series may be off by: terms left out, and mass."""
        return sum(band.error for band in self.bands) + self.missing

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


def valued_chart(law: AbstractLaw, parts: Iterable[Part] | None = None) -> ValuedChart:
    """w = z for a law that gives values: by series, of parts of its density if there are any, where
    these leave nothing out; else by itself."""
    found = PowersChart.of(law) if parts is None else PowersChart.summed(law, parts)
    return found if found and found.error <= ENOUGH else ValuedChart(law)


def chart_of_values(law: AbstractLaw) -> ValuedChart:
    """w = z for any law: its own chart if that is one."""
    chart = law._chart()
    return chart if isinstance(chart, ValuedChart) else valued_chart(law)


def _rows(terms: Floats) -> Floats:
    """A series cut into rows of equal length, about as many as are long."""
    length = int(np.ceil(np.sqrt(terms.size)))
    count = -(-terms.size // length)
    return np.append(terms, np.zeros(count * length - terms.size)).reshape(count, length)


def _evaluated(series: Floats, j: Complexes) -> Complexes:
    """Sums of powers of J, shape (series, points), from rows, shape (series, rows, terms). Where J
    is small the first rows do: points are taken in two groups."""
    _, count, length = series.shape
    with np.errstate(all="ignore"):
        needed = np.log(NEGLIGIBLE) / (length * np.log(np.abs(j)))
    few = max(1, count // FEWER)
    far = needed <= few
    if count <= FEW_ROWS or not far.any():
        return _summed(series, j)
    value = np.empty((len(series), j.size), dtype=complex)
    value[:, far] = _summed(series[:, :few], j[far])
    value[:, ~far] = _summed(series, j[~far])
    return value


def _summed(series: Floats, j: Complexes) -> Complexes:
    """The same by Horner's rule in J^length: only rows need a loop."""
    number, count, length = series.shape
    powers = np.ones((length + 1, j.size), dtype=complex)
    powers[1] = j
    known = 1
    while known < length:
        more = min(known, length - known)
        np.multiply(powers[1 : more + 1], powers[known], out=powers[known + 1 : known + more + 1])
        known += more
    # Real and imaginary parts beside each other, in one product of real matrices.
    rows = series.reshape(-1, length) @ powers[:-1].view(float)
    rows = rows.view(complex).reshape(number, count, j.size)
    value = rows[:, -1]
    for k in range(count - 2, -1, -1):
        value = value * powers[-1]
        value += rows[:, k]
    return value
