"""Free Meixner laws: one semicircle's G inside of one fraction."""

import functools
from dataclasses import dataclass

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.parameters import ROUNDING
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.elementary import SERIES_BELOW, excess

SKEWNESS = Argument("skewness", "a", "third free cumulant over variance^(3/2)", -1e4, 1e4)
SHAPE = Argument(
    "shape", "b", "fourth free cumulant over variance^2, less a^2; at -1 two atoms, Discrete",
    -1, 1e4, low_open=True,
)  # fmt: skip
CONFLUENT = 0.1
"""Distance of the two zeros below which what is divided by it is written without it."""

TINY = 1e-60
"""Of a zero, below which it is 0."""


@dataclass(frozen=True, kw_only=True)
class FreeMeixner(AbstractLaw):
    r"""Free Meixner law: the semicircle, Marchenko-Pastur and Kesten-McKay laws, and between them.

    Of mean 0 and variance 1 it is G(z) = 1/(z - G_s(z)), G_s of the semicircle law of mean a and
    variance 1 + b: density sqrt(4 (1 + b) - (x - a)^2)/(2 pi (1 + a x + b x^2)), and at most two
    atoms, at zeros of the denominator. b = 0: a = 0 is the semicircle law, else the free Poisson
    law of rate 1/a^2; b = -1/d, a = 0: the Kesten-McKay law of degree d; b < 0: corners of two
    atoms; b > 0: a^2 > 4 b free Pascal, a^2 = 4 b free Gamma, a^2 < 4 b pure free Meixner.

    Parameters
    ----------
    mean : float
    variance : float
        > 0.
    skewness : float
        a in [-1e4, 1e4].
    shape : float
        b in (-1, 1e4].

    References
    ----------
    [saitoh2001]_, [bozejko2006]_.

    Examples
    --------
    >>> law = FreeMeixner(mean=1, variance=4, skewness=0.5, shape=2)
    >>> [round(law.free_cumulant(n), 9) for n in (1, 2, 3, 4)]
    [1.0, 4.0, 4.0, 36.0]
    """

    mean: float = 0.0
    variance: float = 1.0
    skewness: float = 0.0
    shape: float = 0.0

    def __post_init__(self) -> None:
        parameters.check(self, parameters.MEAN, parameters.VARIANCE, SKEWNESS, SHAPE)

    # In v with z = centre + scale (v + 1/v), |v| > 1, G = v/(scale (v - r)(v - r')).

    @functools.cached_property
    def _root(self) -> float:
        """c = sqrt(1 + b)."""
        return float(np.sqrt(1 + self.shape))

    @functools.cached_property
    def _scale(self) -> float:
        return float(np.sqrt(self.variance)) * self._root

    @functools.cached_property
    def support(self) -> tuple[tuple[float, float], ...]:
        centre = self.mean + np.sqrt(self.variance) * self.skewness
        return ((float(centre - 2 * self._scale), float(centre + 2 * self._scale)),)

    @functools.cached_property
    def _zeros(self) -> tuple[complex, complex]:
        """r and r', the zeros of v^2 + (a/c) v + b/c^2, the larger first."""
        half, product = -self.skewness / self._root / 2, self.shape / (1 + self.shape)
        rest = half * half - product
        if rest < 0:
            return complex(half, np.sqrt(-rest)), complex(half, -np.sqrt(-rest))
        first = half + np.copysign(np.sqrt(rest), half)
        return complex(first), complex(product / first if first else 0)

    @functools.cached_property
    def _at_ends(self) -> Floats:
        """(v - r)(v - r') at v = -1 and 1; rounding of 0 is 0: there the density is infinite."""
        tilt, shape = self.skewness / self._root, (1 + 2 * self.shape) / (1 + self.shape)
        ends = shape + np.array([-tilt, tilt])
        return np.where(np.abs(ends) <= ROUNDING * (abs(shape) + abs(tilt)), 0, ends)

    @functools.cached_property
    def _divergences(self) -> Floats:
        return np.array(self.support[0])[self._at_ends == 0]

    @functools.cached_property
    def _masses(self) -> list[tuple[float, float]]:
        """Atoms and masses, by position: zeros outside of the circle, unless they are on it."""
        (r, other), found = self._zeros, []
        if r.imag:
            return []
        for zero, rest in ((r.real, other.real), (other.real, r.real)):
            end = self._at_ends[int(zero > 0)]
            if abs(zero) > 1 and end != 0:
                # 1 - 1/r^2 by (1 - r)(1 - r'), which keeps its digits where r is near the circle.
                gap = np.sign(zero) * end / (np.sign(zero) - rest) * (1 + abs(zero)) / -(zero**2)
                mass = float(abs(gap * zero / (zero - rest)))
                middle = sum(self.support[0]) / 2
                found.append((float(middle + self._scale * (zero + 1 / zero)), mass))
        return sorted((at, mass) for at, mass in found if mass > ROUNDING)

    @functools.cached_property
    def atoms(self) -> Floats:
        return np.array([at for at, _ in self._masses])

    @functools.cached_property
    def weights(self) -> Floats:
        return np.array([mass for _, mass in self._masses])

    def _turns(self, below: Complexes, above: Complexes) -> tuple[Complexes, Complexes, Complexes]:
        """v, v + 1 and v - 1 at the distances z - low and z - high."""
        left = np.sqrt(below / (4 * self._scale))
        right = np.sqrt(above / (4 * self._scale))
        return (left + right) ** 2, 2 * left * (left + right), 2 * right * (left + right)

    def _offsets(self, turns: tuple[Complexes, Complexes, Complexes]) -> list[Complexes]:
        """v - r and v - r', from the nearer end of the band."""
        _, plus, minus = turns
        return [minus + (1 - r) if r.real > 0 else plus - (1 + r) for r in self._zeros]

    def _at(self, z: Complexes) -> tuple[Complexes, Complexes, Complexes]:
        low, high = self.support[0]
        return self._turns(z - low, (z - high) + 0.0)

    def _cauchy(self, z: Complexes) -> Complexes:
        turns = self._at(z)
        first, second = self._offsets(turns)
        with np.errstate(divide="ignore", invalid="ignore"):
            return turns[0] / (self._scale * first * second)

    def _pdf(self, x: Floats) -> Floats:
        low, high = self.support[0]
        return self._density(x - low, high - x)

    def _pdf_from_edge(self, offset: Floats, edge: int) -> Floats:
        rest = 4 * self._scale - offset
        return self._density(rest, offset) if edge else self._density(offset, rest)

    def _density(self, rise: Floats, fall: Floats) -> Floats:
        """sin(t) (1 - r r')/(pi scale |v - r|^2 |v - r'|^2) at v = e^(it), by the squares of the
        sine and the cosine of t/2."""
        sine, cosine = (np.maximum(d, 0) / (4 * self._scale) for d in (fall, rise))
        (r, other), (low, high) = self._zeros, self._at_ends
        if r.imag or r.real * other.real < 0 or abs(other) > 1:
            tilt, product = self.skewness / self._root, self.shape / (1 + self.shape)
            # |v^2 + tilt v + product|^2 about either end of the band.
            even, odd = 4 * product, (1 + product) * tilt
            near_high = high**2 + 4 * sine * (even * (sine - 1) - odd)
            near_low = low**2 + 4 * cosine * (even * (cosine - 1) + odd)
            below = np.where(sine < cosine, near_high, near_low)
        else:
            below = np.ones(sine.shape)
            for zero in (r.real, other.real):
                near = 4 * zero * sine if zero > 0 else -4 * zero * cosine
                below = below * ((1 - abs(zero)) ** 2 + near)
        root = 2 * np.sqrt(sine * cosine) / (1 + self.shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = root / (np.pi * self._scale * below)
        return np.where(root == 0, np.where((below == 0), np.inf, 0), value)

    def _continuous_cdf(self, x: Floats) -> Floats:
        low, high = self.support[0]
        full = 1 - float(np.sum(self.weights))
        mass = np.where(x >= high, full, 0.0)
        inside = (x > low) & (x < high)
        points = x[inside].astype(complex)
        jumps = np.concatenate([[0.0], np.cumsum(self.weights)])
        total = 1 - self._potential(points).imag / np.pi
        mass[inside] = total - jumps[np.searchsorted(self.atoms, x[inside])]
        return np.clip(mass, 0, full)

    def _potential(self, z: Complexes) -> Complexes:
        """log(scale v) - (L(r) - L(r'))/(r - r'), L(r) = (1/r - r) log(1 - r/v)."""
        turns = self._at(z)
        v, (r, other) = turns[0], self._zeros
        with np.errstate(divide="ignore", invalid="ignore"):
            # Of v - r the argument is in [0, pi] if r is real; else |r| < 1.
            first, second = (
                np.log(1 - zero / v) if zero.imag else np.log(offset) - np.log(v)
                for zero, offset in zip(self._zeros, self._offsets(turns), strict=True)
            )
        rise = np.log(v) + np.log(self._scale)
        if abs(r) < SERIES_BELOW:
            return rise - self._smooth(v)
        if abs(r - other) < CONFLUENT:
            shift = -(r - other) / (v - other)
            ratio = 1 - (excess(shift, first - second) / shift if r != other else 0)
            return rise + (1 + 1 / (r * other)) * first + (1 / other - other) * ratio / (v - other)
        parts = [
            (1 - zero**2) * (-1 / v - (excess(-zero / v, log) / zero if zero else 0))
            for zero, log in zip(self._zeros, (first, second), strict=True)
        ]
        return rise - (parts[0] - parts[1]) / (r - other)

    def _smooth(self, v: Complexes) -> Complexes:
        """The divided difference of L between small zeros, by the integral of L' over the way."""
        nodes, shares = np.polynomial.legendre.leggauss(16)
        total = np.zeros(v.shape, dtype=complex)
        for node, share in zip(nodes, shares, strict=True):
            r = self._zeros[1] + (1 + node) / 2 * (self._zeros[0] - self._zeros[1])
            # E = -log(1 - r/v) - r/v is of the order of r^2.
            tail = excess(-r / v) / r**2 if abs(r) > TINY else 1 / (2 * v * v)
            rate = (1 + r * r) * tail + r / v + r / (v - r) - 1 / (v * (v - r))
            total += share / 2 * rate
        return total

    def _free_power(self, times: float) -> AbstractLaw | None:
        if self.shape / times <= -1 or self.shape / times > SHAPE.high:
            return None
        return FreeMeixner(
            mean=times * self.mean,
            variance=times * self.variance,
            skewness=self.skewness / float(np.sqrt(times)),
            shape=self.shape / times,
        )

    def _chart(self) -> Chart:
        return _MeixnerChart(self)


class _MeixnerChart(Chart):
    """w = v."""

    def at(self, w: Complexes) -> Four:
        law, inverse = self.law, 1 / w
        (r, other), scale = law._zeros, law._scale
        g = w / (scale * (w - r) * (w - other))
        slope = g * (inverse - 1 / (w - r) - 1 / (w - other))
        z = sum(law.support[0]) / 2 + scale * (w + inverse)
        return z, scale * (1 - inverse * inverse), g, slope

    def start(self, z: Complexes) -> Complexes:
        return self.law._at(z)[0]

    def potential(self, w: Complexes) -> Complexes:
        return self.law._potential(self.at(w)[0])
