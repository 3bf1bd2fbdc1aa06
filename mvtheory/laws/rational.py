r"""Laws with R(g) = drift + variance g + sum c_j p_j/(1 - p_j g): rational in h = 1/G.

z(h) = drift + mean jump + h + variance/h + sum r_j/(h - p_j), r_j = c_j p_j^2.
"""

import functools
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from mvtheory.laws.curve import CurveLaw
from mvtheory.laws.edges import DIGITS, Anchor, anchor_at
from mvtheory.laws.elementary import excess
from mvtheory.laws.law import Complexes, Floats
from mvtheory.laws.levy import Levy


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
        import mpmath

        with mpmath.workdps(40):
            return float(1 - sum(self.levy(mpmath.mpf).rates))

    @functools.cached_property
    def atoms(self) -> Floats:
        has = self._levy.variance == 0 and self._free_mass > 0
        return np.array([self._levy.drift]) if has else np.empty(0)

    @functools.cached_property
    def weights(self) -> Floats:
        return np.array([self._free_mass]) if self.atoms.size else np.empty(0)

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
    def _anchors(self) -> list[Anchor]:
        """The edges; last the origin of h if z is regular and nearly flat there."""
        import mpmath

        anchors = super()._anchors
        if self._levy.variance == 0 and abs(self._free_mass) < 0.5:
            with mpmath.workdps(DIGITS):
                exact = self.levy(mpmath.mpf)
                anchors.append(anchor_at(mpmath.mpf(0), 1 - sum(exact.rates), exact))
        return anchors

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
        with np.errstate(divide="ignore", invalid="ignore"):
            logarithm = np.log(h)
            value = logarithm
            if self._levy.variance:
                value = value + self._levy.variance / (2 * h * h)
            for c, p in zip(self._levy.rates, self._levy.jumps, strict=True):
                # Two logarithms: each has its argument in [0, pi], also on the real line.
                value = value + c * excess(p / (h - p), logarithm - np.log(h - p))
        return value
