"""States at points: on the real line or above it, beside known ones, with or without density."""

import functools
from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.descent import UNKNOWN, Descent, State

NEARLY_REAL = 1e-4
"""Imaginary parts of a state, over their size, below which it may be real."""


class Equation(Descent):
    """The descent, and what is told of states on the real line."""

    _floor = 1e-9
    """Densities below this share of 1/width count as rounding of 0."""

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

    @np.errstate(all="ignore")
    def _within(self, z: Complexes, start: State) -> State:
        """The state at real points from starts nearby, where the density is positive and the state
        physical: there it is the only one."""
        state, size = self._settle(start, z, 12)
        state[:, ~((size < 1e-7) & self._inside(state, z))] = UNKNOWN
        return state

    def _beside(self, z: Complexes, start: State) -> State:
        """The same, and continued down elsewhere."""
        return self._completed(self._among(self._within(z, start), z, z.real), z)

    def _completed(self, state: State, z: Complexes) -> State:
        """States that are unknown continued down."""
        bad = np.isnan(state[-1])
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


def between(x: Floats, nodes: Floats, known: State) -> State:
    """States at real points, on straight lines between those at nodes, ascending."""
    right = np.clip(np.searchsorted(nodes, x), 1, nodes.size - 1)
    left = right - 1
    share = (x - nodes[left]) / (nodes[right] - nodes[left])
    return known[:, left] + share * (known[:, right] - known[:, left])
