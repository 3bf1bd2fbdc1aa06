"""Laws known by an equation only: bands are looked for, tables of states start everything else."""

import functools
from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.equation import Equation, State
from mvtheory.laws.law import AbstractLaw, Complexes, Floats
from mvtheory.multiprecision import NoConvergence

NODES = 160
REFINEMENTS = 10
LIFT = 1e-7
BRIDGE = 2e-4
"""Share of the width between neighbours: their fourth differences are 1e-15 of a smooth density."""


class FollowedLaw(Equation, AbstractLaw):
    """A law from one Newton step of its equation and its beginning far above the real line."""

    _floor = 1e-9
    """Densities below this share of 1/width count as rounding of 0."""
    _scanned = 320
    """Half of the points at which bands are first looked for."""

    @abstractmethod
    def _joined_potential(self, state: State, z: Complexes) -> Complexes:
        """U at a state, up to whole turns."""

    @abstractmethod
    def _point_masses(self) -> dict[float, float]:
        """Positions and masses of the atoms."""

    @property
    @abstractmethod
    def _parts_error(self) -> float:
        """Sum of the error estimates of the laws it is made of."""

    @functools.cached_property
    def atoms(self) -> Floats:
        return np.array(sorted(self._point_masses()))

    @functools.cached_property
    def weights(self) -> Floats:
        masses = self._point_masses()
        return np.array([masses[a] for a in sorted(masses)])

    # The bands.

    @functools.cached_property
    def _scan(self) -> tuple[Floats, Floats, Floats, State]:
        """Points of the hull with density, continuous mass and state there."""
        low, high = self._hull()
        count = self._scanned
        angle = (np.arange(count) + 0.5) * np.pi / count
        even = low + (high - low) * (np.arange(count) + 0.318) / count
        x = np.unique(np.concatenate([low + (high - low) * np.sin(angle / 2) ** 2, even]))
        x = np.concatenate([[low - 0.01 * self._width], x, [high + 0.01 * self._width]])
        density, mass, state = self._evaluate(x)
        # Where even a step aside found nothing, the neighbours must do.
        known = np.isfinite(density + mass)
        x, density, mass, state = x[known], density[known], mass[known], state[:, known]
        for _ in range(REFINEMENTS):
            hidden = self._doubtful(x, density, mass)
            if not hidden.any():
                break
            thirds = [x[:-1][hidden] + np.diff(x)[hidden] * share for share in (0.29, 0.53, 0.76)]
            new = np.concatenate(thirds)
            new_density, new_mass, new_state = self._evaluate(new)
            known = np.isfinite(new_density + new_mass)
            new, new_density, new_mass = new[known], new_density[known], new_mass[known]
            new_state = new_state[:, known]
            order = np.argsort(np.concatenate([x, new]))
            x = np.concatenate([x, new])[order]
            density = np.concatenate([density, new_density])[order]
            mass = np.concatenate([mass, new_mass])[order]
            state = np.concatenate([state, new_state], axis=1)[:, order]
        return x, density, mass, state

    def _doubtful(self, x: Floats, density: Floats, mass: Floats) -> NDArray[np.bool_]:
        """Cells that may hide a band or a gap: mass without density, much more of one than of the
        other, or a low minimum."""
        found = np.abs(np.diff(mass))
        drawn = (density[1:] + density[:-1]) / 2 * np.diff(x)
        hidden = (np.abs(found - drawn) > 2e-3) | ((drawn == 0) & (found > 1e-7))
        inner = density[1:-1]
        least = (inner > 0) & (inner <= density[2:]) & (inner <= density[:-2])
        least &= inner < 0.2 * np.max(density)
        wide = np.diff(x) > 1e-7 * self._width
        hidden[1:] |= least & wide[1:]
        hidden[:-1] |= least & wide[:-1]
        return hidden

    @np.errstate(all="ignore")
    def _evaluate(self, x: Floats) -> tuple[Floats, Floats, State]:
        z = x.astype(complex)
        state = self._descend(z)
        bad = np.isnan(state[-1])
        if bad.any():
            # On top of an atom, or of the end of a band, there is no limit: step aside.
            z = z + np.where(bad, 1e-7 * self._width, 0)
            state[:, bad] = self._descend(z[bad])
        density = np.maximum(-self._g(state, z).imag / np.pi, 0)
        density[self._is_real(state, z)] = 0
        atoms = np.concatenate([[0.0], np.cumsum(self.weights)])
        # A little above the line every logarithm has its argument; U' = G takes it back.
        height = np.full(x.shape, LIFT * self._width)
        if self.atoms.size:
            # Not so far that the mass of an atom is seen from both sides.
            away = np.min(np.abs(z.real - self.atoms[:, None]), axis=0)
            height = np.minimum(height, 1e-4 * away)
        lifted, _ = self._settle(state, z + 1j * height, 8)
        total = self._u(lifted, z + 1j * height).imag - height * self._g(lifted, z).real
        mass = 1 - total / np.pi - atoms[np.searchsorted(self.atoms, z.real)]
        return density, mass, state

    @functools.cached_property
    def support(self) -> tuple[tuple[float, float], ...]:
        x, density, _, state = self._scan
        on = density > 0
        edges = []
        for k in np.flatnonzero(on[1:] != on[:-1]):
            inner, outer = (k + 1, k) if on[k + 1] else (k, k + 1)
            # Points further in, where an infinite density leaves more digits.
            inward = [k + 1 + n if on[k + 1] else k - n for n in (0, 1, 2, 4, 8)]
            edges.append(self._edge_between(float(x[inner]), float(x[outer]), [
                (float(x[m]), state[:, m : m + 1]) for m in inward if 0 <= m < x.size and on[m]
            ]))  # fmt: skip
        # An edge that rounding has moved off an atom would count its mass as continuous.
        for atom in self.atoms:
            edges = [atom if abs(e - atom) < 1e-11 * self._width else e for e in edges]
        return tuple(zip(map(float, edges[::2]), map(float, edges[1::2]), strict=True))

    def _edge_between(self, inner: float, outer: float, known: list[tuple[float, State]]) -> float:
        """Where the density ends between a point in a band and one outside, from known states."""
        slack = 1e-8 * self._width
        way = 1 if outer > inner else -1

        def holds(edge: float | None) -> bool:
            near, far = min(inner, outer), max(inner, outer)
            return edge is not None and near - slack <= edge <= far + slack

        for edge in self._poles_of_density():
            if holds(edge):
                return edge
        for x, state in known:
            guess = self._critical(x, state, way)
            if guess is not None and holds(guess):
                return guess
        while abs(inner - outer) > 1e-13 * self._width:
            middle = (inner + outer) / 2
            density, _, new = self._evaluate(np.array([middle]))
            if np.isnan(density[0]):
                break
            if density[0] > 0:
                inner = middle
                guess = self._critical(inner, new, way)
                if guess is not None and holds(guess):
                    return guess
            else:
                outer = middle
        return (inner + outer) / 2

    def _poles_of_density(self) -> list[float]:
        """Where an atom has just vanished: ends of bands with infinite density."""
        return []

    @np.errstate(all="ignore")
    def _critical(self, x: float, state: State, way: int) -> float | None:
        """The edge near a point of a band: where Im G, or 1/Im G, vanishes like a square root."""
        inner, edge, gap, closer = x, np.nan, 1e-2 * self._width, 0.03
        change = np.inf
        for _ in range(40):
            step = way * 1e-5 * gap
            pair = np.array([inner, inner + step], dtype=complex)
            near, size = self._settle(np.repeat(state[:, -1:], 2, axis=1), pair, 40)
            g = -self._g(near, pair).imag
            if not (size < 1e-7).all() or not (g > 0).all() or g[0] == g[1]:
                # Too close for the equation: half as far in the logarithm.
                closer = closer**0.5
                if closer > 0.8 or not np.isfinite(edge):
                    break
                inner = edge - way * gap * closer
                continue
            squares = g**2.0 if g[1] < g[0] else g**-2.0
            new = float(inner - squares[0] * step / (squares[1] - squares[0]))
            if (new - inner) * way <= 0:
                return None
            change, edge, gap, state = abs(new - edge), new, abs(new - inner), near[:, :1]
            # The slope has five digits left, so five more than the distance are right.
            if gap < 1e-6 * self._width:
                change = 0.0
                break
            inner = edge - way * gap * closer
        return edge if change < 1e-7 * self._width and self._is_edge(edge, way) else None

    def _is_edge(self, edge: float, way: int) -> bool:
        """Whether there is density on one side only."""
        near = way * 3e-6 * self._width
        density, _, _ = self._evaluate(np.array([edge - near, edge + near]))
        return bool(density[0] > 0 and density[1] == 0)

    # The continuous part, from tables of states.

    @functools.cached_property
    def _tables(self) -> dict[int, tuple[Floats, State]]:
        return {}

    def _table(self, band: int) -> tuple[Floats, State]:
        if band not in self._tables:
            low, high = self.support[band]
            angle = (np.arange(NODES) + 0.5) * np.pi / NODES
            x = low + (high - low) * np.sin(angle / 2) ** 2
            state = self._descend(x.astype(complex))
            good = np.isfinite(state).all(axis=0)
            self._tables[band] = angle[good], state[:, good]
        return self._tables[band]

    def _states(self, z: Complexes) -> State:
        """The state at points on and above the real line."""
        state = np.full((len(self._far(z[:1] + 1j * self._width)), z.size), np.nan, dtype=complex)
        band = np.where(z.imag == 0, self._band(z.real), -1)
        for index in np.unique(band[band >= 0]):
            here = np.flatnonzero(band == index)
            low, high = self.support[index]
            angle = 2 * np.arcsin(np.sqrt(np.clip((z.real[here] - low) / (high - low), 0, 1)))
            nodes, known = self._table(int(index))
            start = np.array([
                np.interp(angle, nodes, row.real) + 1j * np.interp(angle, nodes, row.imag)
                for row in known
            ])  # fmt: skip
            found, size = self._settle(start, z[here], 12)
            good = (size < 1e-7) & self._physical(found, z[here])
            good &= -self._g(found, z[here]).imag > self._floor / self._width
            state[:, here[good]] = found[:, good]
        rest = np.flatnonzero(np.isnan(state[-1]))
        for start_at in range(0, rest.size, 4096):
            part = rest[start_at : start_at + 4096]
            state[:, part] = self._descend(z[part])
        return state

    @np.errstate(all="ignore")
    def _values(self, z: Complexes) -> tuple[Complexes, Complexes]:
        """G and U at points on and above the real line."""
        state = self._states(z)
        g, u = self._g(state, z), self._u(state, z)
        bad = np.flatnonzero(~np.isfinite(g))
        if bad.size:
            # The limit is infinite there, at an atom or the end of a band: step aside by rounding.
            near = 1e-9 * self._width
            # To the left, if that is in the band too: before the mass of an atom.
            aside = z[bad] - near * np.where(self._band(z[bad].real - near) >= 0, 1, -1)
            state = self._descend(aside)
            g[bad], u[bad] = self._g(state, aside), self._u(state, aside)
            bad = bad[~np.isfinite(g[bad])]
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

    def _cauchy(self, z: Complexes) -> Complexes:
        g, _ = self._values(z)
        outside = (z.imag == 0) & (self._band(z.real) < 0)
        return np.where(outside, g.real, g)

    def _u(self, state: State, z: Complexes) -> Complexes:
        """U, its argument brought to [0, pi]."""
        value = self._joined_potential(state, z)
        turns = np.round((value.imag - np.pi / 2) / (2 * np.pi))
        return value - 2j * np.pi * turns

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

    @functools.cached_property
    @np.errstate(all="ignore")
    def error_estimate(self) -> float:
        """The largest last Newton step along the bands, the mass found too much or too little at
        the ends of the hull and between the bands, and the estimates of the parts."""
        _, _, mass, _ = self._scan
        full = 1 - float(np.sum(self.weights))
        worst = max(abs(mass[0]), abs(mass[-1] - full))
        for index in range(len(self.support)):
            angle, state = self._table(index)
            low, high = self.support[index]
            z = (low + (high - low) * np.sin(angle / 2) ** 2).astype(complex)
            _, size = self._newton(state, z)
            worst = max(worst, float(np.max(size, initial=0)))
            # The density, integrated, against the distribution function at its ends: as far as
            # halving the points shows that the integral itself is known.
            density = np.maximum(-self._g(state, z).imag / np.pi, 0)
            terms = density * (high - low) * np.sin(angle) / 2 * np.pi / NODES
            gained = self._plateaus[index + 1] - self._plateaus[index]
            if angle.size == NODES:
                drawn, coarse = float(np.sum(terms)), float(2 * np.sum(terms[1::2]))
                other = float(2 * np.sum(terms[::2]))
                unsure = abs(coarse - other)
                worst = max(worst, abs(drawn - gained) - unsure)
        return max(worst, 1e-15) + self._parts_error
