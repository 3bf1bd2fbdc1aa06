"""The bands of a law that is known by an equation only: where they are, and their ends.

In a gap every part of the law is asked in a gap of its own, so only finitely many masses can lie
below a gap. Points are added wherever such a mass lies between two neighbours, until the density
between them accounts for the mass or a gap has been met: no band and no gap is overlooked.
"""

import functools
from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.band_ends import BandEnds
from mvtheory.laws.solvers.descent import State
from mvtheory.laws.solvers.equation import between
from mvtheory.multiprecision import NoConvergence

REFINEMENTS = 14
LIFT = 1e-7
SAME = 1e-9
"""Masses closer than this are one."""
SMOOTH = 0.01
"""Share of its mass by which the trapezium between two points of a band may be off."""
NEARER = 24
"""Points of the first look on each side of an infinite density."""
AT, BESIDE, INSIDE = 1e-11, 1e-5, 0.3
"""Shares of the width by which the end of a band is an atom but for rounding, and may be one; and
of the way from the atom to the end, at which a true end leaves no density."""
Scan = tuple[Floats, Floats, Floats, State]
"""Points, density, continuous mass below and state there."""
MANY = 10_000
"""Masses of gaps above which they are too dense to tell where a gap may be."""


def masses_of_gaps(law: AbstractLaw) -> Floats:
    """The masses that lie below gaps of a law, 0 and 1 among them."""
    ends = np.concatenate([np.array(law.support).ravel(), law.atoms])
    return distinct(np.concatenate([[0.0, 1.0], law._cdf(ends, "left"), law._cdf(ends)]))


def distinct(masses: Floats) -> Floats:
    """Ascending, those that differ by rounding taken as one."""
    ordered = np.sort(masses, axis=None)
    return ordered[np.append(True, np.diff(ordered) > 1e-12)]


class BandSearch(BandEnds):
    """Bands from a scan of the hull that is refined where a gap may be."""

    _scanned = 160
    """Half of the points at which bands are first looked for; twice as many where no masses tell
    that one was overlooked."""
    _narrowest = 1e-9
    """Share of the width below which no gap or band is looked for."""

    @abstractmethod
    def _gap_masses(self) -> Floats | None:
        """All masses that may lie below a gap, atoms included, ascending; None if they are too
        many to be of use."""

    @abstractmethod
    def _u(self, state: State, z: Complexes) -> Complexes:
        """U at a state, its argument in [0, pi]."""

    @property
    def _even(self) -> bool:
        """Whether the law is that of -X too: then half of the hull is looked at."""
        return False

    def _opposite(self, state: State) -> State:
        """The state at the point opposite, of an even law: all changes as z does."""
        return -state.conj()

    @functools.cached_property
    def _scan(self) -> Scan:
        """Points of the hull with density, continuous mass and state there."""
        low, high = self._hull()
        low = 0.0 if self._even else low
        count = self._scanned if self._gap_masses() is not None else 2 * self._scanned
        angle = (np.arange(count) + 0.5) * np.pi / count
        even = low + (high - low) * (np.arange(count) + 0.318) / count
        x = np.concatenate([low + (high - low) * np.sin(angle / 2) ** 2, even])
        # Beside a density that is infinite every decade counts.
        nearer = self._width * np.geomspace(self._narrowest, 1e-2, NEARER)
        beside = [pole + sign * nearer for pole in self._poles_of_density() for sign in (-1, 1)]
        x = np.unique(np.concatenate([x, *beside]))
        x = x[(x > low) & (x < high)]
        # Of an even law one point beyond 0 closes the cell about it.
        before = -x[0] if self._even else low - 0.01 * self._width
        x = np.concatenate([[before], x, [high + 0.01 * self._width]])
        scan = self._known(x)
        landmarks = self._mirror(scan) if self._even else scan
        self._landmarks.append((landmarks[0], landmarks[3]))
        for _ in range(REFINEMENTS):
            x, density, mass, _ = scan
            hidden = self._doubtful(x, density, mass)
            if not hidden.any():
                break
            thirds = [x[:-1][hidden] + np.diff(x)[hidden] * share for share in (0.29, 0.53, 0.76)]
            more = self._known(np.concatenate(thirds), scan)
            if not more[0].size:
                break
            order = np.argsort(np.concatenate([x, more[0]]))
            scan = tuple(  # type: ignore[assignment]
                np.concatenate([a, b], axis=-1)[..., order] for a, b in zip(scan, more, strict=True)
            )
        return self._mirror(scan) if self._even else scan

    def _mirror(self, scan: Scan) -> Scan:
        """What lies above 0, and its mirror image."""
        above = scan[0] > 0
        x, density, mass, state = (part[..., above] for part in scan)
        total = 1 - float(np.sum(self.weights))
        opposite = -x, density, total - mass, self._opposite(state)
        return tuple(  # type: ignore[return-value]
            np.concatenate([one[..., ::-1], other], axis=-1)
            for one, other in zip(opposite, (x, density, mass, state), strict=True)
        )

    def _known(self, x: Floats, scan: Scan | None = None) -> Scan:
        start = between(x, scan[0], scan[3]) if scan else None
        density, mass, state = self._evaluate(x, start)
        # Where even a step aside found nothing, the neighbours must do.
        known = np.isfinite(density + mass)
        return x[known], density[known], mass[known], state[:, known]

    def _doubtful(self, x: Floats, density: Floats, mass: Floats) -> NDArray[np.bool_]:
        """Cells that may hide a band or a gap."""
        found, width = np.diff(mass), np.diff(x)
        drawn = (density[1:] + density[:-1]) / 2 * width
        hidden = (np.abs(found) > SAME) & (width > self._narrowest * self._width)
        hidden &= np.abs(found - drawn) > SMOOTH * np.abs(found)
        masses = self._gap_masses()
        if masses is not None:
            total = mass + self._jumps(x)
            # Masses of a gap that lie between those of two neighbours.
            first = np.searchsorted(masses, total[:-1] + SAME)
            last = np.searchsorted(masses, total[1:] - SAME)
            # Between two gaps a band is hidden whatever lies between.
            hidden &= (last > first) | (found < 0) | (drawn == 0)
        return hidden

    def _jumps(self, x: Floats) -> Floats:
        """Mass of the atoms below."""
        before = np.concatenate([[0.0], np.cumsum(self.weights)])
        return np.asarray(before[np.searchsorted(self.atoms, x)])

    @np.errstate(all="ignore")
    def _evaluate(self, x: Floats, start: State | None = None) -> tuple[Floats, Floats, State]:
        """Density, continuous mass below and state, from starts nearby if there are any."""
        z = x.astype(complex)
        state = self._descend(z) if start is None else self._beside(z, start)
        bad = np.isnan(state[-1])
        if bad.any():
            # On top of an atom, or of the end of a band, there is no limit: step aside.
            z = z + np.where(bad, 1e-7 * self._width, 0)
            state[:, bad] = self._descend(z[bad])
        density = np.maximum(-self._g(state, z).imag / np.pi, 0)
        density[self._is_real(state, z)] = 0
        # A little above the line every logarithm has its argument; U' = G takes it back.
        height = np.full(x.shape, LIFT * self._width)
        steep = np.append(self.atoms, self._poles_of_density())
        if steep.size:
            # Not so far that the mass of an atom is seen from both sides.
            away = np.min(np.abs(z.real - steep[:, None]), axis=0)
            height = np.minimum(height, 1e-4 * away)
        lifted, _ = self._settle(state, z + 1j * height, 8)
        total = self._u(lifted, z + 1j * height).imag - height * self._g(lifted, z).real
        return density, 1 - total / np.pi - self._jumps(z.real), state

    @functools.cached_property
    def support(self) -> tuple[tuple[float, float], ...]:
        x, density, _, state = self._scan
        on = density > 0
        left = np.flatnonzero(on[1:] != on[:-1])
        if self._even:
            left = left[x[left + 1] > 0]
        inner, outer = np.where(on[left], left, left + 1), np.where(on[left], left + 1, left)
        edges = self._ends(x[inner], x[outer], state[:, inner])
        # An edge that rounding has moved off an atom would count its mass as continuous.
        for atom in self.atoms:
            off = np.abs(edges - atom) / self._width
            edges = np.where(off < AT, atom, edges)
            # Where the density is infinite beside it the search may end before it.
            near = np.flatnonzero((off >= AT) & (off < BESIDE))
            if near.size:
                density, _, _ = self._evaluate(atom + INSIDE * (edges[near] - atom))
                edges[near[density > 0]] = atom
        if self._even:
            edges = np.concatenate([-edges[::-1], edges])
        if on[0] or on[-1] or (np.diff(edges) <= 0).any():
            message = f"{type(self).__name__}: no bands in {edges.tolist()}"
            raise NoConvergence(message, 1.0, everywhere=True)
        return tuple(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
