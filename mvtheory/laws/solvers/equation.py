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
UNKNOWN = complex(np.nan, np.nan)
"""In both parts: an imaginary part of 0 would say that there is no density."""
NEARLY_REAL = 1e-4
"""Imaginary parts of a state, over their size, below which it may be real."""

State = NDArray[Any]
"""Shape (k, n): the k unknowns at n points."""


class Equation(ABC):
    """One Newton step, a beginning, and the test of the branch; what follows is the descent."""

    _most_failures = 30
    """Steps of the descent that may have to be shortened at one point."""
    _steps = 5
    """Newton steps at each height."""
    _floor = 1e-9
    """Densities below this share of 1/width count as rounding of 0."""

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
    def _g(self, state: State, z: Complexes) -> Complexes:
        """G at a state."""

    @abstractmethod
    def _hull(self) -> tuple[float, float]:
        """An interval that holds the support."""

    @functools.cached_property
    def _width(self) -> float:
        low, high = self._hull()
        return high - low

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
            bad, good = np.isnan(state[-1]), ~np.isnan(state[-1]) & (z.imag == 0)
            if bad.any() and good.any():
                order = np.flatnonzero(good)[np.argsort(z.real[good])]
                state[:, bad] = self._climbed(z[bad], z.real[order], state[:, order])
        for careful in (False, True):
            bad = np.isnan(state[-1])
            if bad.any():
                state[:, bad] = self._from_far(z[bad], self._most_failures, careful)
        return state

    def _climbed(self, z: Complexes, x: Floats, known: State) -> State:
        """The state at points from those at real points nearby: above the real line a physical
        state is the only one, so it may be had by any way."""
        middles = (x[1:] + x[:-1]) / 2
        nearest = np.searchsorted(middles, z.real)
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
        before, last = state.copy(), z + 2j * height
        for _ in range(STEPS + 2 * most):
            if not todo.size:
                break
            target = np.where(level[todo] < ON_LINE * self._width, 0, level[todo] * factor[todo])
            point, now = z[todo] + 1j * target, z[todo] + 1j * level[todo]
            start: Any = state[:, todo]
            if not careful:
                start = _continued(before[:, todo], start, last[todo], now, point)
            new, size = self._settle(start, point, self._steps, ON_THE_WAY)
            on_line = target == 0
            good = on_line | ((size < ON_THE_WAY) & self._physical(new, point))
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
            todo = todo[~(good & on_line) & ~stuck]
        state, size = self._settle(state, z, 12)
        bad = ~((size < 1e-6) & self._physical(state, z))
        if bad.any():
            state[:, bad] = UNKNOWN
        return state

    @np.errstate(all="ignore")
    def _beside(self, z: Complexes, start: State) -> State:
        """The state at real points from starts nearby: where the density is positive and the state
        physical it is the only one; elsewhere it is continued down."""
        state, size = self._settle(start, z, 12)
        bad = ~((size < 1e-7) & self._inside(state, z))
        if bad.any():
            state[:, bad] = self._descend(z[bad])
        return state

    def _inside(self, state: State, z: Complexes) -> NDArray[np.bool_]:
        """Whether a state is physical and its density positive beyond doubt."""
        density: Any = -self._g(state, z).imag
        return self._physical(state, z) & (density > self._floor / self._width)

    def _mirrored(self, state: State) -> State:
        """The state at the conjugate of z."""
        return state.conj()

    def _sizes(self, state: State) -> Floats:
        """What a small change of each unknown is compared to."""
        return np.abs(state)

    @np.errstate(all="ignore")
    def _is_real(self, state: State, z: Complexes) -> NDArray[np.bool_]:
        """Whether a state on the real line is its own mirror image but for rounding: what is left
        of an imaginary part is no density. Beside an atom, where G is large, rounding of G is not
        small; but only in a gap does Newton's method find a solution at the real part."""
        middle = (state + self._mirrored(state)) / 2
        near = NEARLY_REAL * self._sizes(middle)
        real: Any = (np.abs(state - middle) <= near).all(axis=0)
        here = np.flatnonzero(real)
        if here.size:
            found, size = self._settle(middle[:, here], z[here], 8)
            close = (np.abs(found - middle[:, here]) <= near[:, here]).all(axis=0)
            real[here] = close & (size < 1e-6)
        return real

    @functools.cached_property
    def _warm(self) -> dict[int, State]:
        return {}

    @np.errstate(all="ignore")
    def warm_states(self, z: Complexes) -> State:
        """States at points that may be close to those of the last call of as many: where the
        state is physical above the real line, it is the only one."""
        state = self._warm.get(z.size)
        if state is None:
            state = self._descend(z)
        else:
            state, size = self._settle(state, z, 6)
            bad = ~((size < 1e-8) & self._physical(state, z))
            if bad.any():
                state[:, bad] = self._descend(z[bad])
        self._warm[z.size] = np.where(np.isfinite(state), state, self._far(z))
        return state


def _continued(before: State, state: State, start: Complexes, now: Complexes, z: Complexes) -> Any:
    """The state at z, if it goes on as a power of z as it did from `start` to `now`."""
    share = np.log(z / now) / np.log(now / start)
    guess = state * np.exp(share * np.log(state / before))
    return np.where(np.isfinite(guess), guess, state)


def between(x: Floats, nodes: Floats, known: State) -> State:
    """States at real points, on straight lines between those at nodes, ascending."""
    right = np.clip(np.searchsorted(nodes, x), 1, nodes.size - 1)
    left = right - 1
    share = (x - nodes[left]) / (nodes[right] - nodes[left])
    return known[:, left] + share * (known[:, right] - known[:, left])
