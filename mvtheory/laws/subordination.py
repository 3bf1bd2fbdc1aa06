r"""Free sums and products of any laws by subordination.

Sum: points z_i with G_i(z_i) = g for all i and sum n_i z_i = z + (sum n_i - 1)/g. Product:
y_i(z_i) = z_i G_i(z_i) - 1 = y for all i and prod z_i^(n_i) = z ((1 + y)/y)^(sum n_i - 1). Above the
real line the solution with all z_i there exists and is unique [belinschi2007]_; it is followed down
from far above, where it is known, by Newton's method. Real multiplicities n_i >= 1 make free powers.
"""

import functools
from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.charts import Chart, chart
from mvtheory.laws.law import AbstractLaw, Complexes, Floats
from mvtheory.multiprecision import NoConvergence

SCAN = 320
NODES = 160
HALVINGS = 56
SETTLED = 1e-11
FLOOR = 1e-9
"""Densities below this share of 1/width count as rounding of 0."""

State = NDArray[np.complex128]
"""Shape (k + 1, n): w_1 ... w_k and the common value, g or y, at n points."""


class SubordinatedLaw(AbstractLaw):
    """A law from parts with multiplicities and one equation that joins them."""

    @property
    @abstractmethod
    def _terms(self) -> list[tuple[AbstractLaw, float]]:
        """The parts and their multiplicities n_i."""

    @abstractmethod
    def _common(self, four: Any) -> tuple[Complexes, Complexes, Complexes, Complexes]:
        """From a chart: what is added up (z or log z), its derivative; g or y, its derivative."""

    @abstractmethod
    def _link(self, s: Complexes) -> tuple[Complexes, Complexes]:
        """What the sum exceeds its goal by, per extra multiplicity, and its derivative."""

    @abstractmethod
    def _goal(self, z: Complexes) -> Complexes:
        """z or log z."""

    @abstractmethod
    def _far(self, z: Complexes) -> State:
        """The state far above the real line, nearly."""

    @abstractmethod
    def _hull(self) -> tuple[float, float]:
        """An interval that holds the support."""

    @abstractmethod
    def _g(self, state: State, z: Complexes) -> Complexes:
        """G at a state."""

    @abstractmethod
    def _point_masses(self) -> dict[float, float]:
        """Positions and masses of the atoms."""

    @functools.cached_property
    def _charts(self) -> list[tuple[Chart, float]]:
        return [(chart(law), n) for law, n in self._terms]

    @functools.cached_property
    def _extra(self) -> float:
        return sum(n for _, n in self._terms) - 1

    @functools.cached_property
    def _width(self) -> float:
        low, high = self._hull()
        return high - low

    @functools.cached_property
    def atoms(self) -> Floats:
        return np.array(sorted(self._point_masses()))

    @functools.cached_property
    def weights(self) -> Floats:
        masses = self._point_masses()
        return np.array([masses[a] for a in sorted(masses)])

    # One step of Newton's method.

    def _newton(self, state: State, z: Complexes) -> tuple[State, Floats, Complexes]:
        """The next state, the size of the step relative to it, and d goal/d common."""
        s = state[-1]
        link, link_slope = self._link(s)
        total = self._goal(z) + self._extra * link
        rate = -self._extra * link_slope
        parts = []
        with np.errstate(all="ignore"):
            for (piece, n), w in zip(self._charts, state[:-1], strict=True):
                value, slope, common, common_slope = self._common(piece.at(w))
                total = total - n * (value + slope / common_slope * (s - common))
                rate = rate + n * slope / common_slope
                parts.append((common, common_slope))
            step = self._wrapped(total) / rate
            # Far from the solution half of the common value is as far as a tangent is trusted.
            step = step * np.minimum(1, 0.5 * np.abs(s) / np.maximum(np.abs(step), 1e-300))
            new = np.empty_like(state)
            new[-1] = s + step
            size = np.abs(step) / np.abs(s)
            for k, (common, common_slope) in enumerate(parts):
                move = (new[-1] - common) / common_slope
                new[k] = state[k] + move
                size = np.maximum(size, np.abs(move) / (np.abs(new[k]) + self._width))
        return new, np.where(np.isfinite(size), size, np.inf), rate

    def _wrapped(self, total: Complexes) -> Complexes:
        return total

    def _settle(self, state: State, z: Complexes, steps: int) -> tuple[State, Floats]:
        size = np.full(z.shape, np.inf)
        for _ in range(steps):
            new, size, _ = self._newton(state, z)
            state = np.where(np.isfinite(new), new, state)
            if (size < SETTLED).all():
                break
        return state, size

    def _physical(self, state: State, z: Complexes) -> NDArray[np.bool_]:
        """Im G <= 0 and every point on its side."""
        g = self._g(state, z)
        scale = np.abs(g)
        good = g.imag <= 1e-9 * scale
        for (piece, _), w in zip(self._charts, state[:-1], strict=True):
            with np.errstate(all="ignore"):
                point = piece.at(w)[0]
            good &= point.imag >= -1e-9 * (np.abs(point) + self._width)
        return good

    def _descend(self, z: Complexes) -> State:
        """The state at points on or above the real line, followed down from far above."""
        height = np.maximum(64 * self._width, 4 * np.abs(z))
        state = self._far(z + 1j * height)
        state, size = self._settle(state, z + 1j * height, 12)
        # A height h lets Newton pass from h to h/2 unless the spectrum is finer there: then the
        # steps of those points are refined.
        todo = np.arange(z.size)
        level = height.copy()
        factor = np.full(z.shape, 0.5)
        for _ in range(12 * HALVINGS):
            if not todo.size:
                break
            target = np.where(level[todo] < 1e-15 * height[todo], 0, level[todo] * factor[todo])
            point = z[todo] + 1j * target
            new, size = self._settle(state[:, todo], point, 5)
            good = (size < 1e-6) & self._physical(new, point)
            on_line = target == 0
            good |= on_line
            state[:, todo[good]] = new[:, good]
            level[todo[good]] = target[good]
            factor[todo[good]] = np.maximum(0.25, factor[todo[good]] ** 1.5)
            factor[todo[~good]] = np.sqrt(factor[todo[~good]])
            stuck = factor[todo] > 0.999
            todo = todo[~(good & on_line) & ~stuck]
        state, size = self._settle(state, z, 12)
        bad = ~((size < 1e-6) & self._physical(state, z))
        if bad.any():
            state[:, bad] = np.nan
        return state

    # The bands.

    @functools.cached_property
    def _scan(self) -> tuple[Floats, Floats, Floats, State]:
        """Points of the hull with density, continuous mass and state there."""
        low, high = self._hull()
        angle = (np.arange(SCAN) + 0.5) * np.pi / SCAN
        even = low + (high - low) * (np.arange(SCAN) + 0.318) / SCAN
        x = np.unique(np.concatenate([low + (high - low) * np.sin(angle / 2) ** 2, even]))
        x = np.concatenate([[low - 0.01 * self._width], x, [high + 0.01 * self._width]])
        density, mass, state = self._evaluate(x)
        for _ in range(5):
            # Mass without density, or much more of one than the other, hides a band or a gap.
            found = np.diff(mass)
            drawn = (density[1:] + density[:-1]) / 2 * np.diff(x)
            hidden = np.abs(found - drawn) > 2e-3
            if not hidden.any():
                break
            thirds = [x[:-1][hidden] + np.diff(x)[hidden] * share for share in (0.29, 0.53, 0.76)]
            new = np.concatenate(thirds)
            new_density, new_mass, new_state = self._evaluate(new)
            order = np.argsort(np.concatenate([x, new]))
            x = np.concatenate([x, new])[order]
            density = np.concatenate([density, new_density])[order]
            mass = np.concatenate([mass, new_mass])[order]
            state = np.concatenate([state, new_state], axis=1)[:, order]
        return x, density, mass, state

    def _evaluate(self, x: Floats) -> tuple[Floats, Floats, State]:
        z = x.astype(complex)
        state = self._descend(z)
        bad = np.isnan(state[-1])
        if bad.any():
            # On top of an atom, or of the end of a band, there is no limit: step aside.
            z = z + np.where(bad, 1e-7 * self._width, 0)
            state[:, bad] = self._descend(z[bad])
        density = np.maximum(-self._g(state, z).imag / np.pi, 0)
        density[~(density >= FLOOR / self._width)] = 0
        atoms = np.concatenate([[0.0], np.cumsum(self.weights)])
        mass = 1 - self._u(state, z).imag / np.pi
        return density, mass - atoms[np.searchsorted(self.atoms, z.real)], state

    @functools.cached_property
    def support(self) -> tuple[tuple[float, float], ...]:
        x, density, _, state = self._scan
        on = density > 0
        edges = []
        for k in np.flatnonzero(on[1:] != on[:-1]):
            inner, outer = (k + 1, k) if on[k + 1] else (k, k + 1)
            edges.append(
                self._edge_between(float(x[inner]), float(x[outer]), state[:, inner : inner + 1])
            )
        return tuple(zip(edges[::2], edges[1::2], strict=True))

    def _edge_between(self, inner: float, outer: float, state: State) -> float:
        """Where the density ends between a point in a band, of known state, and one outside."""
        slack = 1e-12 * self._width

        def holds(edge: float) -> bool:
            return min(inner, outer) - slack <= edge <= max(inner, outer) + slack

        for edge in self._poles_of_density():
            if holds(edge):
                return edge
        while abs(inner - outer) > 1e-13 * self._width:
            guess = self._critical(state)
            if guess is not None and holds(guess):
                return guess
            middle = (inner + outer) / 2
            density, _, new = self._evaluate(np.array([middle]))
            if density[0] > 0:
                inner, state = middle, new
            else:
                outer = middle
        return (inner + outer) / 2

    def _poles_of_density(self) -> list[float]:
        """Where an atom has just vanished: ends of bands with infinite density."""
        return []

    def _critical(self, state: State) -> float | None:
        """The edge near a state of a band: where z as a function of 1/common stands still."""
        state = state.real.astype(complex)
        inverse = 1 / state[-1]
        size = 1e-4 * abs(inverse[0]) + 1e-12

        def still(t: Complexes, start: State) -> tuple[Any, State, Any]:
            state = start.copy()
            state[-1] = 1 / t
            for _ in range(30):
                moves = np.zeros(1)
                for k, (piece, _) in enumerate(self._charts):
                    _, _, common, slope = self._common(piece.at(state[k]))
                    # 1/common is smooth where common has a pole.
                    move = (common - common * common * t) / slope
                    state[k] = state[k] + move
                    moves = np.maximum(moves, np.abs(move) / (np.abs(state[k]) + 1e-300))
                if moves[0] < 1e-15:
                    break
            total, rate = 0, 0
            for k, (piece, n) in enumerate(self._charts):
                value, slope, common, common_slope = self._common(piece.at(state[k]))
                total = total + n * value
                rate = rate + n * slope / common_slope
            link, link_slope = self._link(state[-1])
            # d goal/d(1/s) = -s^2 d goal/ds.
            rate = -(rate - self._extra * link_slope) * state[-1] ** 2
            return rate[0].real, state, (total - self._extra * link)[0]

        with np.errstate(all="ignore"):
            old, new = inverse - size, inverse
            f_old, state_old, _ = still(old, state)
            goal = np.nan
            for _ in range(60):
                f_new, state, goal = still(new, state)
                if f_new == f_old:
                    break
                step = f_new * (new - old) / (f_new - f_old)
                old, f_old = new, f_new
                new = new - step
                if not np.isfinite(new[0]) or abs(step[0]) < 1e-13 * abs(new[0]):
                    break
        value = self._ungoal(goal)
        return float(value.real) if np.isfinite(value) else None

    def _ungoal(self, goal: Any) -> Any:
        return goal

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
        state = np.full((len(self._charts) + 1, z.size), np.nan, dtype=complex)
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
            good &= -self._g(found, z[here]).imag > FLOOR / self._width
            state[:, here[good]] = found[:, good]
        rest = np.flatnonzero(np.isnan(state[-1]))
        for start_at in range(0, rest.size, 4096):
            part = rest[start_at : start_at + 4096]
            state[:, part] = self._descend(z[part])
        return state

    def _checked(self, z: Complexes) -> tuple[State, Complexes]:
        """States, at an end of a band or an atom those next to it."""
        state = self._states(z)
        bad = np.isnan(state[-1])
        if bad.any():
            # There the limit is infinite or meets another branch: step aside, by rounding.
            near = 1e-9 * self._width
            z = np.where(bad, z + near * np.where(self._band(z.real + near) >= 0, 1, -1), z)
            state[:, bad] = self._descend(z[bad])
            if np.isnan(state[-1]).any():
                raise NoConvergence(f"{type(self).__name__}: no solution near {z[bad][0]}", 1.0)
        return state, z

    def _cauchy(self, z: Complexes) -> Complexes:
        state, moved = self._checked(z)
        g = self._g(state, moved)
        outside = (z.imag == 0) & (self._band(z.real) < 0)
        return np.where(outside, g.real, g)

    def _u(self, state: State, z: Complexes) -> Complexes:
        """U, its argument brought to [0, pi]; where all is real, seen from above."""
        sides = [piece.side for piece, _ in self._charts] + [-1]
        sided = state.copy()
        for row, side in zip(sided, sides, strict=True):
            flat = np.abs(row.imag) < 1e-12 * np.abs(row)
            row.imag[flat] = side * np.abs(row.imag[flat])
        value = self._joined_potential(sided)
        turns = np.round((value.imag - np.pi / 2) / (2 * np.pi))
        return value - 2j * np.pi * turns

    @abstractmethod
    def _joined_potential(self, state: State) -> Complexes: ...

    def _potential(self, z: Complexes) -> Complexes:
        return self._u(*self._checked(z))

    def _pdf_and_cdf(self, x: Floats) -> tuple[Floats, Floats]:
        state, z = self._checked(x.astype(complex))
        atoms = np.concatenate([[0.0], np.cumsum(self.weights)])
        mass = 1 - self._u(state, z).imag / np.pi - atoms[np.searchsorted(self.atoms, z.real)]
        return np.maximum(-self._g(state, z).imag / np.pi, 0), mass

    @functools.cached_property
    def error_estimate(self) -> float:
        """The largest last Newton step along the bands, the mass found too much or too little at
        the ends of the hull and between the bands, and the estimates of the parts."""
        x, _, mass, _ = self._scan
        full = 1 - float(np.sum(self.weights))
        worst = max(abs(mass[0]), abs(mass[-1] - full))
        for index in range(len(self.support)):
            angle, state = self._table(index)
            low, high = self.support[index]
            z = (low + (high - low) * np.sin(angle / 2) ** 2).astype(complex)
            _, size, _ = self._newton(state, z)
            worst = max(worst, float(np.max(size, initial=0)))
            # The density, integrated, against the distribution function at its ends.
            density = np.maximum(-self._g(state, z).imag / np.pi, 0)
            drawn = float(np.sum(density * (high - low) * np.sin(angle) / 2) * np.pi / NODES)
            gained = self._plateaus[index + 1] - self._plateaus[index]
            if angle.size == NODES:
                worst = max(worst, abs(drawn - gained))
        return max(worst, 1e-15) + sum(law.error_estimate for law, _ in self._terms)
