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
from mvtheory.laws.solvers.branch_points import DISTANCES, NODES, turning_points
from mvtheory.laws.solvers.equation import Equation, State, between
from mvtheory.multiprecision import NoConvergence

REFINEMENTS = 14
LIFT = 1e-7
SAME = 1e-9
"""Masses closer than this are one."""
SMOOTH = 0.01
"""Share of its mass by which the trapezium between two points of a band may be off."""
SECTIONS = 16
"""Parts into which the place of an edge is divided at a time."""
PATIENT = 30
"""Newton steps to points beside an edge."""
CLOSER, CLOSEST = 6, 0.1
"""How often points nearer to an edge are taken, and by which share."""
EXACT, ENOUGH = 1e-14, (1e-10, 1e-9, 1e-8, 1e-7)
"""Doubts of an edge over the width: below which no points nearer to it are tried, and what will do
from the first, the second, ... point of the band."""
BEYOND = 3e-6
"""Distance over the width at which a gap must be."""
NEARER = 12
"""Points of the first look on each side of an infinite density."""
MANY = 10_000
"""Masses of gaps above which they are too dense to tell where a gap may be."""
CERTAIN = 10.0 ** -np.arange(4, 13, 2)
"""Distances from an edge, over the width, at which it is tried."""


def masses_of_gaps(law: AbstractLaw) -> Floats:
    """The masses that lie below gaps of a law, 0 and 1 among them."""
    ends = np.concatenate([np.array(law.support).ravel(), law.atoms])
    return distinct(np.concatenate([[0.0, 1.0], law._cdf(ends, "left"), law._cdf(ends)]))


def distinct(masses: Floats) -> Floats:
    """Ascending, those that differ by rounding taken as one."""
    ordered = np.sort(masses, axis=None)
    return ordered[np.append(True, np.diff(ordered) > 1e-12)]


class BandSearch(Equation, AbstractLaw):
    """Bands from a scan of the hull that is refined where a gap may be, and ends by Newton."""

    _scanned = 320
    """Half of the points at which bands are first looked for."""
    _narrowest = 1e-9
    """Share of the width below which no gap or band is looked for."""

    @abstractmethod
    def _gap_masses(self) -> Floats | None:
        """All masses that may lie below a gap, atoms included, ascending; None if they are too
        many to be of use."""

    @abstractmethod
    def _u(self, state: State, z: Complexes) -> Complexes:
        """U at a state, its argument in [0, pi]."""

    def _poles_of_density(self) -> list[float]:
        """Where an atom has just vanished: ends of bands with infinite density."""
        return []

    @functools.cached_property
    def _scan(self) -> tuple[Floats, Floats, Floats, State]:
        """Points of the hull with density, continuous mass and state there."""
        low, high = self._hull()
        count = self._scanned
        angle = (np.arange(count) + 0.5) * np.pi / count
        even = low + (high - low) * (np.arange(count) + 0.318) / count
        x = np.concatenate([low + (high - low) * np.sin(angle / 2) ** 2, even])
        # Beside a density that is infinite every decade counts.
        nearer = self._width * np.geomspace(self._narrowest, 1e-2, NEARER)
        beside = [pole + sign * nearer for pole in self._poles_of_density() for sign in (-1, 1)]
        x = np.unique(np.concatenate([x, *beside]))
        x = x[(x > low) & (x < high)]
        x = np.concatenate([[low - 0.01 * self._width], x, [high + 0.01 * self._width]])
        scan = self._known(x)
        self._landmarks.append((scan[0], scan[3]))
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
        return scan

    def _known(
        self, x: Floats, scan: tuple[Floats, Floats, Floats, State] | None = None
    ) -> tuple[Floats, Floats, Floats, State]:
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
        inner, outer = np.where(on[left], left, left + 1), np.where(on[left], left + 1, left)
        edges = self._ends(x[inner], x[outer], state[:, inner])
        # An edge that rounding has moved off an atom would count its mass as continuous.
        for atom in self.atoms:
            edges = np.where(np.abs(edges - atom) < 1e-11 * self._width, atom, edges)
        if on[0] or on[-1] or (np.diff(edges) <= 0).any():
            message = f"{type(self).__name__}: no bands in {edges.tolist()}"
            raise NoConvergence(message, 1.0, everywhere=True)
        return tuple(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))

    def _edge_errors(self) -> Floats:
        """For each end of a band, over the width, the least distance at which there is density
        inside and none outside."""
        edges = np.array(self.support).ravel()
        way = np.tile([-1.0, 1.0], edges.size // 2)
        room = np.diff(np.concatenate([[-np.inf], edges, [np.inf]]))
        room = np.minimum(room[:-1], room[1:]) / 2
        errors = np.minimum(room / self._width, 1.0)
        steps = self._width * CERTAIN
        inside, _, _ = self._evaluate((edges - way * steps[:, None]).ravel())
        outside, _, _ = self._evaluate((edges + way * steps[:, None]).ravel())
        certain = ((inside > 0) & (outside == 0)).reshape(steps.size, -1)
        for distance, found in zip(steps, certain, strict=True):
            seen = found & (distance < room)
            errors[seen] = np.minimum(errors[seen], distance / self._width)
        return errors

    def _ends(self, inner: Floats, outer: Floats, state: State) -> Floats:
        """Where densities end between points in bands, of known states, and points outside."""
        edges, slack = np.full(inner.shape, np.nan), 1e-8 * self._width
        for pole in self._poles_of_density():
            edges[(pole - np.minimum(inner, outer) >= -slack)
                  & (pole - np.maximum(inner, outer) <= slack)] = pole  # fmt: skip
        guess, doubt, reach = edges.copy(), np.full(edges.shape, np.inf), np.abs(outer - inner)
        for most in ENOUGH:
            left = np.flatnonzero(np.isnan(edges))
            if not left.size:
                return edges
            found = self._turning_points(inner[left], outer[left], reach[left], state[:, left])
            better = left[found[1] < doubt[left]]
            guess[better], doubt[better] = (row[found[1] < doubt[left]] for row in found)
            good = left[doubt[left] <= most * self._width]
            way = np.sign(outer - inner)[good]
            edges[good] = np.where(self._is_end(guess[good], way), guess[good], np.nan)
            inner[left], state[:, left] = self._farther(inner[left], outer[left], state[:, left])
            reach = np.abs(outer - inner) / SECTIONS
        for k in np.flatnonzero(np.isnan(edges)):
            before = np.inf
            while 1e-13 * self._width < abs(inner[k] - outer[k]) < before:
                before = abs(inner[k] - outer[k])
                inner[k], outer[k], state[:, k] = self._closer(inner[k], outer[k], state[:, k])
            edges[k] = (inner[k] + outer[k]) / 2
        return edges

    def _closer(self, inner: float, outer: float, state: State) -> tuple[float, float, State]:
        """The same two points and state closer together: many points cost little more than one."""
        points = np.linspace(inner, outer, SECTIONS + 1)[1:-1]
        start = np.repeat(state[:, None], points.size, axis=1)
        density, _, found = self._evaluate(points, start)
        outside = np.flatnonzero(density == 0)
        first = int(outside[0]) if outside.size else points.size
        inside = np.flatnonzero(density[:first] > 0)
        outer = float(points[first]) if outside.size else outer
        return (float(points[inside[-1]]), outer, found[:, inside[-1]]) if inside.size else (
            inner, outer, state
        )  # fmt: skip

    @np.errstate(all="ignore")
    def _farther(self, inner: Floats, outer: Floats, state: State) -> tuple[Floats, State]:
        """Points of bands closer to those outside, and states there, as far as they are seen."""
        x = np.linspace(inner, outer, SECTIONS + 1)[:-1]
        z = x.ravel().astype(complex)
        known, size = self._settle(np.tile(state, SECTIONS), z, 12)
        good = ((size < 1e-7) & self._inside(known, z)).reshape(x.shape)
        good[0] = True
        last = np.sum(np.logical_and.accumulate(good), axis=0) - 1
        here = np.arange(inner.size)
        return x[last, here], known.reshape(len(state), *x.shape)[:, last, here]

    @np.errstate(all="ignore")
    def _turning_points(
        self, inner: Floats, outer: Floats, reach: Floats, state: State
    ) -> tuple[Floats, Floats]:
        """Ends where G is a square root, by points inside that come closer, and their doubts."""
        way, origin, reach = np.sign(outer - inner), inner.copy(), reach.copy()
        found, least = np.full(inner.size, np.nan), np.full(inner.size, np.inf)
        todo, start = np.arange(inner.size), np.repeat(state[:, :, None], NODES, axis=2)
        for count in range(CLOSER):
            x = origin[todo, None] - (way * reach)[todo, None] * DISTANCES
            z = x.ravel().astype(complex)
            known, size = self._settle(start[:, todo].reshape(len(state), -1), z, PATIENT)
            good = ((size < 1e-7) & self._inside(known, z)).reshape(x.shape).all(axis=1)
            edge, doubt = turning_points(self._g(known, z).reshape(x.shape), x)
            good &= np.abs(edge - (inner + outer)[todo] / 2) <= np.abs(inner - outer)[todo]
            good &= doubt < least[todo]
            found[todo[good]], least[todo[good]] = edge[good], doubt[good]
            good &= doubt > EXACT * self._width
            known = known.reshape(len(state), *x.shape)[:, good]
            todo, x, edge, doubt = todo[good], x[good], edge[good], doubt[good]
            if not todo.size:
                break
            # Not beyond the end, which is known as far as that.
            origin[todo] = edge - way[todo] * 2 * doubt
            reach[todo] *= CLOSEST if count else 1
            roots = np.sqrt(np.abs(x - edge[:, None]))
            wanted = np.sqrt(2 * doubt[:, None] + reach[todo, None] * DISTANCES)
            for k, at in enumerate(todo):
                start[:, at] = between(wanted[k], roots[k], known[:, k])
        return found, least

    def _is_end(self, edges: Floats, way: Floats) -> NDArray[np.bool_]:
        """Whether there is no density beyond."""
        z = (edges + way * BEYOND * self._width).astype(complex)
        known = np.isfinite(edges)
        if known.any():
            known[known] = self._is_real(self._descend(z[known]), z[known])
        return known
