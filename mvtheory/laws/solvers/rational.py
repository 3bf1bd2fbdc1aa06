r"""Laws with R(g) = drift + variance g + sum c_j p_j/(1 - p_j g): rational in h = 1/G.

z(h) = drift + mean jump + h + variance/h + sum r_j/(h - p_j), r_j = c_j p_j^2.
"""

import functools
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.anchor import Anchor
from mvtheory.laws.solvers.curve import CurveChart, CurveLaw
from mvtheory.laws.solvers.edges import DIGITS, anchor_at
from mvtheory.laws.solvers.elementary import excess, pole_sums
from mvtheory.multiprecision import context


class RationalLaw(CurveLaw):
    """A law given by its free Levy triplet with finitely many jumps, not all of it zero."""

    @abstractmethod
    def levy(self, number: Callable[[Any], Any] = float) -> Levy:
        """The triplet in numbers of the given kind."""

    def _map(self, number: Callable[[Any], Any]) -> Levy:
        return self.levy(number)

    @functools.cached_property
    def _free_mass(self) -> float:
        """1 - sum of rates: the mass of the atom at the drift, if positive and no variance."""
        with context(digits=40) as mp:
            return float(1 - sum(self.levy(mp.mpf).rates))

    @functools.cached_property
    def atoms(self) -> Floats:
        has = self._levy.variance == 0 and self._free_mass > 0
        return np.array([self._levy.drift]) if has else np.empty(0)

    @functools.cached_property
    def weights(self) -> Floats:
        return np.array([self._free_mass]) if self.atoms.size else np.empty(0)

    @functools.cached_property
    def _divergences(self) -> Floats:
        """z(0) = drift: there h vanishes if z has no pole and no slope at 0."""
        has = self._levy.variance == 0 and self._free_mass == 0
        return np.array([self._levy.drift]) if has else np.empty(0)

    @functools.cached_property
    def _plateaus(self) -> Floats:
        """Exact: in a gap Im U counts what lies above, F = 1 - [h<0] - sum c ([h<p] - [h<0])."""
        masses = [0.0]
        for band in self._bands[:-1]:
            h = band.high.h
            above = sum(
                c * ((h < p) - (h < 0))
                for c, p in zip(self._levy.rates, self._levy.jumps, strict=True)
            )
            atom = float(np.sum(self.weights)) if h >= 0 else 0.0
            masses.append(1 - (h < 0) - above - atom)
        return np.array([*masses, 1 - float(np.sum(self.weights))])

    @functools.cached_property
    def _origin(self) -> Anchor:
        with context(digits=DIGITS) as mp:
            exact = self.levy(mp.mpf)
            return anchor_at(mp, mp.mpf(0), 1 - sum(exact.rates), exact)

    @functools.cached_property
    def _anchors(self) -> list[Anchor]:
        """The edges; last the origin of h if z is regular and nearly flat there."""
        flat = self._levy.variance == 0 and abs(self._free_mass) < 0.5
        return [*super()._anchors, self._origin] if flat else super()._anchors

    @functools.cached_property
    def _outer_anchors(self) -> list[Anchor]:
        """The edges, and the origin of h wherever z is regular there."""
        edges = super()._anchors
        return [*edges, self._origin] if self._levy.variance == 0 else edges

    def _density(self, h: Complexes) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            density = h.imag / (h.real**2 + h.imag**2) / np.pi
        # At h = 0 the density is infinite.
        return np.where(h == 0, np.inf, density)

    def _cauchy(self, z: Complexes) -> Complexes:
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1 / self._solve(z)

    def _potential_at(self, h: Complexes) -> Complexes:
        """U = log h + variance/(2 h^2) + sum c_j (W - log(1 + W)), W = p_j/(h - p_j)."""
        triplet = self._levy
        with np.errstate(divide="ignore", invalid="ignore"):
            logarithm = np.log(h)
            value = logarithm
            if triplet.variance:
                value = value + triplet.variance / (2 * h * h)
            for c, p in zip(triplet.rates, triplet.jumps, strict=True):
                # Two logarithms: each has its argument in [0, pi], also on the real line.
                value = value + c * excess(p / (h - p), logarithm - np.log(h - p))
        # Only if the rates add up to 1 does the spectrum meet h = 0, and log h cancels.
        at_zero = sum(
            c * (np.log(complex(-p)) - 1) if p < 0 else c * (np.log(p) + 1j * np.pi - 1)
            for c, p in zip(triplet.rates, triplet.jumps, strict=True)
        )
        return np.where((h == 0) & (self._free_mass == 0), at_zero, value)

    def _chart(self) -> Chart:
        return RationalChart(self)


class RationalChart(CurveChart):
    """w = h = 1/G."""

    def at(self, w: Complexes) -> Four:
        rational = self.law._rational
        first, second = pole_sums(rational.strengths, rational.poles, w)
        inverse = 1 / w
        return w + rational.shift + first, 1 - second, inverse, -inverse * inverse
