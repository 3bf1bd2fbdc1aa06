"""Laws known by an equation only: what follows from the states at points."""

import functools
from abc import abstractmethod
from typing import Any

import numpy as np

from mvtheory.laws.contract import distribution
from mvtheory.laws.contract.chart import Chart, Four, ValuedChart, reflected
from mvtheory.laws.contract.parameters import ROUNDING
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import hull
from mvtheory.laws.solvers import errors
from mvtheory.laws.solvers.descent import State
from mvtheory.laws.solvers.divergences import (
    REACH,
    BesideAtom,
    Kinds,
    Singularity,
    diverging,
    singularity,
)
from mvtheory.laws.solvers.elementary import turned
from mvtheory.laws.solvers.powers import PowersChart
from mvtheory.laws.solvers.tabulated import TabulatedStates
from mvtheory.multiprecision import NoConvergence

BRIDGE = 2e-4
"""Share of the width between neighbours: their fourth differences are 1e-15 of a smooth density."""
ASIDE = (1e-15, 1e-12, 1e-9)
"""Shares of the width by which a point without a limit is passed, the first that leads to one."""

FAR, TERMS = 50.0, 9
"""Distance over the size of the spectrum from which moments give G and U, and how many are used:
50^-10 is left out."""


class ContinuedLaw(TabulatedStates):
    """A law from one Newton step of its equation and its beginning far above the real line."""

    _closest = 1e-8

    @abstractmethod
    def _joined_potential(self, state: State, z: Complexes) -> Complexes:
        """U at a state, up to whole turns."""

    @functools.cached_property
    @abstractmethod
    def _masses(self) -> dict[float, float]:
        """Positions and masses of the atoms, and of those that have just vanished."""

    @property
    @abstractmethod
    def _parts_error(self) -> float:
        """Sum of the error estimates of the laws it is made of."""

    @functools.cached_property
    def atoms(self) -> Floats:
        return np.array(sorted(at for at, mass in self._masses.items() if mass > ROUNDING))

    @functools.cached_property
    def weights(self) -> Floats:
        return np.array([self._masses[at] for at in self.atoms.tolist()])

    def _poles_of_density(self) -> list[float]:
        return [at for at, mass in self._masses.items() if mass <= ROUNDING]

    # The continuous part.

    def _values(self, z: Complexes) -> tuple[Complexes, Complexes]:
        """G and U at points on and above the real line."""
        left = z.real < 0
        if not (self._even and left.any()):
            return self._on_this_side(z)
        g, u = self._on_this_side(np.where(left, -z.conj(), z))
        return np.where(left, -g.conj(), g), np.where(left, u.conj() + 1j * np.pi, u)

    def _on_this_side(self, z: Complexes) -> tuple[Complexes, Complexes]:
        far = np.abs(z) > FAR * max(map(abs, hull(self)))
        if not far.any():
            return self._solved(z)
        g, u = np.empty(z.shape, dtype=complex), np.empty(z.shape, dtype=complex)
        if not far.all():
            g[~far], u[~far] = self._solved(z[~far])
        # There the equations cancel, and a few moments are all of the law.
        inverse = 1 / z[far]
        powers = inverse ** np.arange(1, TERMS + 1)[:, None]
        g[far] = inverse * (1 + self._far_moments @ powers)
        u[far] = np.log(z[far]) - (self._far_moments / np.arange(1, TERMS + 1)) @ powers
        return g, u

    @functools.cached_property
    def _far_moments(self) -> Floats:
        return np.array(self._contour_moments(TERMS), dtype=float)

    @functools.cached_property
    def _divergences(self) -> Floats:
        return diverging(self, list(self._masses))

    def _kinds(self, at: float) -> Kinds:
        """Of series beside an infinite density, where the equation loses digits; else none."""
        return ()

    _reach = REACH
    """How far those series are fitted."""

    @functools.cached_property
    def _singularities(self) -> list[Singularity]:
        kinds = [(float(at), self._kinds(float(at))) for at in self._divergences]
        return [singularity(self, at, own, self._reach) for at, own in kinds if own]

    @functools.cached_property
    def _beside_atoms(self) -> list[BesideAtom]:
        """Those whose place has no series of its own."""
        return [
            BesideAtom(self, at)
            for at in self.atoms.tolist()
            if not (at in self._divergences and self._kinds(at))
        ]

    def _solved(self, z: Complexes) -> tuple[Complexes, Complexes]:
        """The same at points that are not far from the spectrum."""
        g, u = np.empty((2, *z.shape), dtype=complex)
        rest = np.ones(z.shape, dtype=bool)
        series = self._singularities + [
            one.fitted for one in self._beside_atoms if one.near(z) and one.fitted
        ]
        for one in series:
            here = one.holds(z)
            g[here], u[here] = one.values(z[here])
            rest &= ~here
        if rest.any():
            g[rest], u[rest] = self._by_equation(z[rest])
        return g, u

    @np.errstate(all="ignore")
    def _by_equation(self, z: Complexes) -> tuple[Complexes, Complexes]:
        state = self._states(z)
        g, u = self._g(state, z), self._u(state, z)
        for share in ASIDE:
            bad = np.flatnonzero(~np.isfinite(g))
            if not bad.size:
                return g, u
            # The limit is infinite there, at an atom or the end of a band: step aside by rounding.
            near = share * self._width
            # To the left, if that is in the band too: before the mass of an atom.
            aside = z[bad] - near * np.where(self._band(z[bad].real - near) >= 0, 1, -1)
            state = self._descend(aside)
            g[bad], u[bad] = self._g(state, aside), self._u(state, aside)
        bad = np.flatnonzero(~np.isfinite(g))
        if bad.size:
            g[bad], u[bad] = self._bridged(z[bad])
        return g, u

    @np.errstate(all="ignore")
    def _bridged(self, z: Complexes) -> tuple[Complexes, Complexes]:
        """G and U from four neighbours, where the equation is singular and they are smooth."""
        offsets = BRIDGE * self._width * np.array([-2, -1, 1, 2])[:, None]
        points = (z + offsets).ravel()
        state = self._descend(points)
        found = []
        for values in (self._g(state, points), self._u(state, points)):
            outer, inner = values.reshape(4, -1)[[0, 3]], values.reshape(4, -1)[[1, 2]]
            value = (4 * inner.sum(axis=0) - outer.sum(axis=0)) / 6
            doubt = np.max(np.abs(value - inner.mean(axis=0)) / (1 + np.abs(value)))
            if not doubt < 1e-5:
                raise NoConvergence(f"{type(self).__name__}: no solution near {z[0]}", float(doubt))
            found.append(value)
        return found[0], found[1]

    @functools.cached_property
    @np.errstate(all="ignore")
    def _plateaus(self) -> Floats:
        ends = np.array(self.support)
        if len(ends) < 2:
            return super()._plateaus
        low, high = ends[:-1, 1], ends[1:, 0]
        mass = np.full(low.size, np.nan)
        for share in distribution.SHARES:
            left = np.flatnonzero(np.isnan(mass))
            if not left.size:
                break
            gap = high[left] - low[left]
            x, h = low[left] + share * gap, distribution.LIFT * gap
            z = x + 1j * h
            state = self._descend(z)
            grown = self._u(state, z).imag - h * self._g(state, z).real
            mass[left] = 1 - grown / np.pi - self._jumps(x)
        if np.isnan(mass).any():
            gap_at = float(high[np.isnan(mass)][0])
            raise NoConvergence(f"{type(self).__name__}: no solution below {gap_at}", np.inf)
        full = 1 - float(np.sum(self.weights))
        return np.concatenate([[0.0], np.clip(mass, 0, full), [full]])

    def _cauchy(self, z: Complexes) -> Complexes:
        g, _ = self._values(z)
        outside = (z.imag == 0) & (self._band(z.real) < 0)
        return np.where(outside, g.real, g)

    def _u(self, state: State, z: Complexes) -> Complexes:
        """U, its argument brought to [0, pi]."""
        return turned(self._joined_potential(state, z))

    def _potential(self, z: Complexes) -> Complexes:
        _, value = self._values(z)
        outside = (z.imag == 0) & (self._band(z.real) < 0)
        if outside.any():
            # On the real line the arguments of real numbers depend on where they came from.
            value[outside] = value[outside].real + 1j * np.pi * (1 - self._cdf(z.real[outside]))
        return value

    def _pdf_and_cdf(self, x: Floats) -> tuple[Floats, Floats]:
        g, u = self._values(x.astype(complex))
        atoms = np.concatenate([[0.0], np.cumsum(self.weights)])
        mass = 1 - u.imag / np.pi - atoms[np.searchsorted(self.atoms, x)]
        return np.maximum(-g.imag / np.pi, 0), mass

    def _pdf(self, x: Floats) -> Floats:
        return np.maximum(super()._pdf(x), 0)

    def _chart(self) -> Chart:
        return self._series or _ContinuedChart(self)

    @functools.cached_property
    def _series(self) -> PowersChart | None:
        """What other laws use of it: series on its bands, where there are any."""
        return PowersChart.of(self)

    # What is known of the errors.

    def _first_moments(self) -> tuple[float, float] | None:
        """E[X] and E[X^2] from those of the parts, where other moments are integrals."""
        return None

    def _moments(self, n: int) -> list[Any]:
        exact = self._first_moments() if n <= 2 else None
        return super()._moments(n) if exact is None else list(exact[:n])

    @functools.cached_property
    @np.errstate(all="ignore")
    def error_estimate(self) -> float:
        """Estimated largest error of the distribution function, and of the edges over the width.

        The largest of: the last Newton step along the bands; the distance from each edge at which
        there is density inside and none outside; how far a point without density lies inside of a
        band, or one with density outside; the mass at points of the gaps against that below the
        gap, and that against the masses that a gap can have; the density, integrated,
        against the mass of each band and the first two moments, as far as fewer points give the
        same integral; the misfit of the series beside infinite densities and atoms; and, added, the
        estimates of the parts.
        """
        return errors.estimated(self) + self._parts_error


class _ContinuedChart(ValuedChart):
    """w = z, from the states at which the law was last asked."""

    @property
    def _width(self) -> float:
        return float(self.law._width)

    def at(self, w: Complexes) -> Four:
        g, slope = reflected(self._value_and_slope, w, 2)
        return w, 1.0, g, slope

    def _value_and_slope(self, z: Complexes) -> Complexes:
        """Shape (2, n). From a solution Newton's step to a point beside it is G's slope."""
        law, state = self.law, self.law.warm_states(z)
        # Along the real direction, so that points above the real line stay there.
        step = 1e-5 * (np.abs(z) + 1e-3 * self._width)
        beside = np.concatenate([z + step, z - step])
        near, _ = law._newton(np.tile(state, 2), beside)
        right, left = np.split(law._g(near, beside), 2)
        return np.array([law._g(state, z), (right - left) / (2 * step)])
