"""Free convolution powers of point masses: rational in the point at which their G is taken."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.composable import RParts
from mvtheory.laws.contract.cumulants import moments_from_cumulants
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.matrices import corner
from mvtheory.laws.contract.parameters import ROUNDING
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.anchor import Anchor
from mvtheory.laws.solvers.curve import CurveChart, CurveLaw
from mvtheory.laws.solvers.edges import DIGITS, anchor_at, poles_of
from mvtheory.laws.solvers.elementary import excess, pole_sums
from mvtheory.laws.solvers.points import CHUNK
from mvtheory.laws.solvers.rational_map import RationalMap
from mvtheory.multiprecision import context

MOST_ATOMS = 2000
"""The zeros of G and the edges take memory of the square of the number of atoms."""
FAR = 4.0
"""Distances from the mean of D, in widths of D, from which U is summed another way."""
SAME = 1e-14
"""Of a power, that is 1 but for rounding."""
BESIDE = 1e-6
"""Offset from an atom, relative to where G changes its form, below which two terms are enough."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PointPower(CurveLaw):
    r"""Free cumulants n kappa_k(D), D of finitely many atoms and n > 1 real.

    G(z) = G_D(w) at z = n w - (n - 1)/G_D(w) [speicher2006]_. With b_j the zeros of G_D and
    r_j = -1/G_D'(b_j), 1/G_D(w) = w - E[D] - sum r_j/(w - b_j), so
    z(w) = w + (n - 1) E[D] + (n - 1) sum r_j/(w - b_j): the map of a DeformedSemicircle. The plane
    is that of w less `_base`, so that no pole is near its origin.
    """

    law: AbstractLaw
    times: float

    @functools.cached_property
    def _base(self) -> float:
        return float(2 * self.law.atoms[0] - self.law.atoms[-1])

    @functools.cached_property
    def _inner(self) -> Floats:
        """The atoms of D in the plane of w."""
        return self.law.atoms - self._base

    @functools.cached_property
    def _zeros(self) -> Floats:
        """Of G_D, one between two neighbouring atoms each: bisection."""
        a, w = self._inner, self.law.weights
        low, high = a[:-1], a[1:]
        for _ in range(60):
            middle = (low + high) / 2
            with np.errstate(divide="ignore", invalid="ignore"):
                positive = (1 / (middle[:, None] - a)) @ w > 0
            low, high = np.where(positive, middle, low), np.where(positive, high, middle)
        return (low + high) / 2

    def _map(self, number: Callable[[Any], Any]) -> Levy:
        base, n = number(self._base), number(self.times)
        a = np.array([number(float(x)) - base for x in self.law.atoms])
        w = np.array([number(float(x)) for x in self.law.weights])
        w = w / sum(w)
        poles, rates, drift = [], [], (n - 1) * (w @ a + base) + base
        for start in self._zeros:
            b = number(float(start))
            # From the array's side: mpmath tries long to read an array as a number.
            if number is not float:
                for _ in range(5):
                    b = b - sum(w / (a - b)) / sum(w / (a - b) ** 2)
            strength = (n - 1) / sum(w / (a - b) ** 2)
            poles.append(b)
            rates.append(strength / b**2)
            drift = drift - strength / b
        return Levy(drift, 0 * n, tuple(rates), tuple(poles))

    @functools.cached_property
    def _rational(self) -> RationalMap:
        # Without the cancellation of drift and mean jump.
        poles, strengths = poles_of(self._levy)
        mean = float(self.law.weights @ self._inner) + self._base
        return RationalMap(poles, strengths, (self.times - 1) * mean + self._base)

    # Atoms, and where one has just vanished.

    @functools.cached_property
    def _masses(self) -> tuple[Floats, Floats]:
        return self.times * self.law.atoms, 1 - self.times * (1 - self.law.weights)

    @functools.cached_property
    def atoms(self) -> Floats:
        positions, masses = self._masses
        return positions[masses > ROUNDING]

    @functools.cached_property
    def weights(self) -> Floats:
        masses = self._masses[1]
        return masses[masses > ROUNDING]

    @functools.cached_property
    def _divergences(self) -> Floats:
        positions, masses = self._masses
        return positions[np.abs(masses) <= ROUNDING]

    @functools.cached_property
    def _outer_anchors(self) -> list[Anchor]:
        """The edges, and the places of the atoms, where z is regular."""
        masses = self._masses[1]
        with context(digits=DIGITS) as mp:
            exact = self._map(mp.mpf)
            poles, strengths = poles_of(exact)
            found = []
            for x in self.law.atoms[masses > ROUNDING]:
                w = mp.mpf(float(x)) - mp.mpf(self._base)
                found.append(anchor_at(mp, w, 1 - sum(strengths / (w - poles) ** 2), exact))
        return [*self._anchors, *found]

    @functools.cached_property
    def _plateaus(self) -> Floats:
        """Exact: in a gap the arguments of w - D and of G_D(w) are those of real numbers."""
        below = np.concatenate([[0.0], np.cumsum(self.law.weights)])
        masses = [0.0]
        for band in self._bands[:-1]:
            w = np.array([band.high.h])
            negative = float(self._inner_cauchy(w)[0].real) < 0
            of_law = float(below[np.searchsorted(self._inner, w[0])])
            total = self.times * of_law - (self.times - 1) * (1 - negative)
            masses.append(total - float(np.sum(self.weights[self.atoms < band.high.position])))
        return np.clip([*masses, 1 - float(np.sum(self.weights))], 0, 1)

    # What follows from w.

    def _inner_cauchy(self, h: Complexes) -> Complexes:
        return pole_sums(self.law.weights, self._inner, h)[0]

    def _density(self, h: Complexes) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            density = -self._inner_cauchy(h).imag / np.pi
        return np.where(np.isin(h, self._inner), np.inf, density)

    def _cauchy(self, z: Complexes) -> Complexes:
        g = self._inner_cauchy(self._solve(z))
        for k, here, offset in self._beside_atoms(z):
            mass, rest = self._masses[1][k], self._rest(k)
            with np.errstate(over="ignore", invalid="ignore"):
                g[here] = mass / offset + rest * (1 + (self.times - 1) / mass)
        return g

    def _potential(self, z: Complexes) -> Complexes:
        value = self._potential_at(self._solve(z))
        n, weights = self.times, self.law.weights
        for k, here, offset in self._beside_atoms(z):
            others = np.arange(weights.size) != k
            gaps = (self._inner[k] - self._inner[others]).astype(complex)
            mass = self._masses[1][k]
            constant = n * (weights[others] @ np.log(gaps)) + (n - 1) * np.log(weights[k])
            value[here] = constant + mass * (np.log(offset) + np.log(weights[k] / mass))
        return value

    def _rest(self, k: int) -> float:
        """G of the other atoms of D at one."""
        others = np.arange(self._inner.size) != k
        return float(self.law.weights[others] @ (1 / (self._inner[k] - self._inner[others])))

    def _beside_atoms(self, z: Complexes) -> Iterator[tuple[int, Any, Complexes]]:
        """The atoms, the points so close to one that w is rounded to it, and their offsets.

        There w - a = offset weight/mass, to relative order offset.
        """
        positions, masses = self._masses
        for k in map(int, np.flatnonzero(masses > ROUNDING)):
            offset = z - positions[k]
            steep = self.times * (1 / np.ptp(self._inner) + abs(self._rest(k)) / masses[k])
            here = np.abs(offset) * steep < BESIDE
            yield k, here, offset[here]

    def _potential_at(self, h: Complexes) -> Complexes:
        """n E[log(w - D)] + (n - 1) log G_D(w), without what cancels near and far."""
        value = np.empty(h.shape, dtype=complex)
        far = np.abs(h - self.law.weights @ self._inner) > FAR * np.ptp(self._inner)
        step = max(1, CHUNK // self._inner.size)
        for here, function in ((far, self._far_potential), (~far, self._near_potential)):
            places = np.flatnonzero(here)
            for start in range(0, places.size, step):
                part = places[start : start + step]
                value[part] = function(h[part])
        return value

    def _near_potential(self, h: Complexes) -> Complexes:
        """With log(w - a) of the nearest atom a taken together: its factor is its mass."""
        n, weights = self.times, self.law.weights
        gap = h - self._inner[:, None]
        nearest, each = np.argmin(np.abs(gap), axis=0), np.arange(h.size)
        own, mass = gap[nearest, each], self._masses[1][nearest]
        gap[nearest, each] = 1
        ratio = own / gap
        ratio[nearest, each] = 1
        value = n * (weights @ np.log(gap)) + (n - 1) * np.log(weights @ ratio)
        counts = (np.abs(mass) > ROUNDING) & (own != 0)
        value[counts] += mass[counts] * np.log(own[counts])
        return value

    def _far_potential(self, h: Complexes) -> Complexes:
        """log v with v = w - E[D], and what the two terms leave of order 1/v^2."""
        n, weights = self.times, self.law.weights
        mean = float(weights @ self._inner)
        v = h - mean
        x = (self._inner - mean)[:, None] / v
        tail = weights @ (x * x / (1 - x))
        return np.log(v) - n * (weights @ excess(-x)) + (n - 1) * (tail - excess(tail))

    def _cumulants(self, n: int) -> list[Any]:
        return [self.times * k for k in self.law._cumulants(n)]

    def _moments(self, n: int) -> list[Any]:
        return moments_from_cumulants(self._cumulants(n))

    def _chart(self) -> Chart:
        return _PowerChart(self)

    def _r_parts(self) -> RParts:
        return 0.0, [(self.law, self.times, 1.0)]

    def _free_power(self, times: float) -> AbstractLaw | None:
        total = self.times * times
        if abs(total - 1) <= SAME:
            return self.law
        return PointPower(law=self.law, times=total) if total > 1 else None

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """A corner of a larger matrix of D, rotated and scaled."""
        return self.times * corner(self.law, 1 / self.times, n, rng)


class _PowerChart(CurveChart):
    """w = the point at which the G of the point masses is taken."""

    def at(self, w: Complexes) -> Four:
        rational = self.law._rational
        first, second = pole_sums(rational.strengths, rational.poles, w)
        g, fall = pole_sums(self.law.law.weights, self.law._inner, w)
        return w + rational.shift + first, 1 - second, g, -fall
