"""An equation whose solution is continued down from far above the real line.

The state, a few complex numbers at each point z, solves analytic equations; far above the spectrum
it is nearly known, and on the way down to the real line Newton's method keeps it on its branch.
"""

import functools
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.shapes import Complexes, Floats

STEPS = 180
SETTLED = 1e-11
ON_THE_WAY = 1e-6
"""Newton steps after which the next height is tried."""
LARGEST, CAREFUL = 0.01, 0.25
"""Smallest ratios of two heights where nothing stood in the way of the last ones: at first, and
where that came to nothing."""
ON_LINE = 1e-13
"""Heights over the width that are none."""
FEW = 8
"""Failures after which a point that is not alone waits for its neighbours."""
NEARBY = 0.2
"""Distance over the width from which points may be reached."""
CLIMBS = (1e-7, 1e-4, 1e-2)
"""Least heights over the width, above points beside those that are known."""
TURNS = 4
"""How often points are tried from their neighbours."""
UNKNOWN = complex(np.nan, np.nan)
"""In both parts: an imaginary part of 0 would say that there is no density."""

State = NDArray[Any]
"""Shape (k, n): the k unknowns at n points."""


class Descent(ABC):
    """One Newton step, a beginning, and the test of the branch; what follows is the descent."""

    _most_failures = 30
    """Steps of the descent that may have to be shortened at one point."""
    _steps = 5
    """Newton steps at each height."""
    _close = 1e-2
    """The last of them after which two more do: they square from there on."""

    @abstractmethod
    def _newton(self, state: State, z: Complexes) -> tuple[State, Floats]:
        """The next state and the size of the step relative to it."""

    @abstractmethod
    def _far(self, z: Complexes) -> State:
        """The state far above the real line, nearly."""

    @abstractmethod
    def _physical(self, state: State, z: Complexes) -> NDArray[np.bool_]:
        """Whether a state is on the branch that is continued, as far as signs can tell."""

    @abstractmethod
    def _inside(self, state: State, z: Complexes) -> NDArray[np.bool_]:
        """Whether a state is physical and its density positive beyond doubt."""

    @property
    @abstractmethod
    def _width(self) -> float:
        """Of an interval that holds the support."""

    def _tuned(self, state: State) -> State:
        """A state that was guessed, those of its parts that others tell changed to that."""
        return state

    def _settle(
        self, state: State, z: Complexes, steps: int, goal: float = SETTLED
    ) -> tuple[State, Floats]:
        size = np.full(z.shape, np.inf)
        for _ in range(steps):
            new, size = self._newton(state, z)
            state = np.where(np.isfinite(new), new, state)
            if (size < goal).all():
                break
        return state, size

    @functools.cached_property
    def _landmarks(self) -> list[tuple[Floats, State]]:
        """Real points, ascending, and states there, from which others are not far: at most one."""
        return []

    @np.errstate(all="ignore")
    def _descend(self, z: Complexes) -> State:
        """The state at points on or above the real line, continued down: from a little above the
        nearest landmark, or else from far above."""
        state = np.full((len(self._far(z[:1] + 1j * self._width)), z.size), UNKNOWN)
        for x, known in self._landmarks:
            state = self._climbed(z, x, known)
        if not self._landmarks and z.size > 1:
            state = self._from_far(z, FEW, careful=False)
            state = self._among(state, z, z.real)
            bad, good = np.isnan(state[-1]), ~np.isnan(state[-1]) & (z.imag == 0)
            if bad.any() and good.any():
                order = np.flatnonzero(good)[np.argsort(z.real[good])]
                state[:, bad] = self._climbed(z[bad], z.real[order], state[:, order])
        for careful in (False, True):
            bad = np.isnan(state[-1])
            if bad.any():
                state[:, bad] = self._from_far(z[bad], self._most_failures, careful)
        return state

    @np.errstate(all="ignore")
    def _among(self, state: State, z: Complexes, along: Floats) -> State:
        """The state at real points, those that are unknown from their neighbours: where the density
        is positive and the state physical it is the only one."""
        state = state.copy()
        for _ in range(TURNS):
            order = np.flatnonzero(~np.isnan(state[-1]) & (z.imag == 0))
            if order.size < 4 or order.size == z.size:
                break
            order = order[np.argsort(along[order])]
            bad = np.flatnonzero(np.isnan(state[-1]) & (z.imag == 0))
            # Between two points of a gap nothing is to be had so.
            inside = self._inside(state[:, order], z[order])
            right = np.searchsorted(along[order], along[bad])
            last = order.size - 1
            bad = bad[inside[np.minimum(right, last)] | inside[np.maximum(right - 1, 0)]]
            if not bad.size:
                break
            start = interpolated(along[bad], along[order], state[:, order])
            found, size = self._settle(start, z[bad], 10)
            known = (size < 1e-7) & self._inside(found, z[bad])
            state[:, bad[known]] = found[:, known]
            if not known.any():
                break
        return state

    def _climbed(self, z: Complexes, x: Floats, known: State) -> State:
        """The state at points from those at real points nearby: above the real line a physical
        state is the only one, so it may be had by any way."""
        middles = (x[1:] + x[:-1]) / 2
        # As far from what lies below as the point itself.
        nearest = np.searchsorted(middles, z.real + z.imag)
        away = np.abs(z - x[nearest])
        state = np.full((len(known), z.size), UNKNOWN)
        for share in CLIMBS:
            bad = np.flatnonzero(np.isnan(state[-1]) & (away < NEARBY * self._width))
            if not bad.size:
                break
            level = np.maximum(2 * away[bad], share * self._width)
            start, size = self._settle(known[:, nearest[bad]], z[bad] + 1j * level, 2 * self._steps)
            good = (size < ON_THE_WAY) & self._physical(start, z[bad] + 1j * level)
            if good.any():
                here, begun = bad[good], (start[:, good], level[good])
                state[:, here] = self._descended(z[here], *begun, FEW, careful=False)
        return state

    def _from_far(self, z: Complexes, most: int, careful: bool) -> State:
        height = np.maximum(64 * self._width, 4 * np.abs(z))
        state, _ = self._settle(self._far(z + 1j * height), z + 1j * height, 12)
        return self._descended(z, state, height, most, careful)

    def _descended(
        self, z: Complexes, state: State, height: Floats, most: int, careful: bool
    ) -> State:
        """The same from states at z + i height, with so many steps that may fail: in long steps
        from where it was going, or in short ones from where it was."""
        # A height h lets Newton pass from h to h/2 unless the spectrum is finer there: then the
        # steps of those points are refined.
        todo = np.arange(z.size)
        state, level = state.copy(), height.copy()
        factor = np.full(z.shape, 0.5)
        failures = np.zeros(z.shape, dtype=int)
        reach = np.where(z == 0, self._width, np.minimum(np.abs(z), self._width))
        before, last = state.copy(), z + 2j * height
        for _ in range(STEPS + 2 * most):
            if not todo.size:
                break
            # Twice as high as the point itself, as far as nothing fails there.
            none = np.maximum(ON_LINE * reach[todo], z.imag[todo] * 0.5 ** failures[todo])
            target = np.where(level[todo] < none, 0, level[todo] * factor[todo])
            point, now = z[todo] + 1j * target, z[todo] + 1j * level[todo]
            start: Any = state[:, todo]
            if not careful:
                start = powered(before[:, todo], start, last[todo], now, point)
            new, size = self._settle(start, point, self._steps, ON_THE_WAY)
            close = (size > ON_THE_WAY) & (size < self._close)
            if close.any():
                new[:, close], size[close] = self._settle(
                    new[:, close], point[close], 2, ON_THE_WAY
                )
            there = target == 0
            good = (size < ON_THE_WAY) & self._physical(new, point)
            good |= there & (z.imag[todo] == 0)
            passed = todo[good]
            before[:, passed], last[passed] = state[:, passed], now[good]
            state[:, passed], level[passed] = new[:, good], target[good]
            # Where nothing moves any more the real line is near.
            still = (np.abs(new - start) <= ON_THE_WAY * np.abs(new)).all(axis=0) & (not careful)
            least = CAREFUL if careful else np.where(still, LARGEST**3, LARGEST)
            factor[passed] = np.maximum(least, factor[todo] ** np.where(still, 3, 1.5))[good]
            factor[todo[~good]] = np.sqrt(factor[todo[~good]])
            failures[todo[~good]] += 1
            stuck = (factor[todo] > 0.999) | (failures[todo] > most)
            todo = todo[~(good & there) & ~stuck]
        state, size = self._settle(state, z, 12)
        bad = ~((size < 1e-6) & self._physical(state, z))
        if bad.any():
            state[:, bad] = UNKNOWN
        return state


def powered(before: State, state: State, start: Complexes, now: Complexes, z: Complexes) -> Any:
    """The state at z, if it goes on as a power of z as it did from `start` to `now`."""
    share = np.log(z / now) / np.log(now / start)
    guess = state * np.exp(share * np.log(state / before))
    return np.where(np.isfinite(guess), guess, state)


def interpolated(x: Floats, nodes: Floats, known: State) -> State:
    """States at real points, on cubics through those at the four nodes about each, ascending."""
    first = np.clip(np.searchsorted(nodes, x) - 2, 0, nodes.size - 4)
    places = first + np.arange(4)[:, None]
    away = x - nodes[places]
    total: Any = 0
    for k in range(4):
        others = np.arange(4) != k
        share = np.prod(away[others] / (nodes[places[k]] - nodes[places[others]]), axis=0)
        total = total + share * known[:, places[k]]
    return total
