"""Laws with z and G explicit in one variable: w(z) is continued down from far above."""

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.continuation import ContinuedLaw
from mvtheory.laws.solvers.descent import State

SECANTS, NUDGE = 60, 1e-4
SLACK = 1e-9
"""Of an imaginary part over its number: so much on the wrong side is rounding."""
SHEET = 1e-4
"""Distance over the width of one point on two sheets: beside an edge, where they meet, the root of
rounding."""


class ChartedLaw(ContinuedLaw):
    """A law by a map z(w) that is inverted by Newton's method; the state is w."""

    # Signs alone do not tell every branch: what is not met at once may be another.
    _close = 0.0

    @abstractmethod
    def _at(self, w: Complexes) -> Four:
        """z, dz/dw, G and dG/dw."""

    @abstractmethod
    def _start(self, z: Complexes) -> Complexes:
        """w far above the real line, nearly."""

    @abstractmethod
    def _above(self, w: Complexes) -> NDArray[np.bool_]:
        """Whether what the continuation keeps above the real line is there."""

    def _newton(self, state: State, z: Complexes) -> tuple[State, Floats]:
        found, slope, g, rate = self._at(state[0])
        step = (z - found) / slope
        # Where G is large it moves more than w.
        size = np.abs(step) * (1 / (np.abs(state[0]) + self._width) + np.abs(rate / g))
        return state + step, np.where(np.isfinite(size), size, np.inf)

    def _far(self, z: Complexes) -> State:
        return self._start(z)[None, :]

    def _physical(self, state: State, z: Complexes) -> NDArray[np.bool_]:
        g = self._g(state, z)
        return (g.imag <= SLACK * np.abs(g)) & self._above(state[0])

    def _g(self, state: State, z: Complexes) -> Complexes:
        return self._at(state[0])[2]

    def _gap_masses(self) -> Floats | None:
        return None

    def _is_above(self, chart: Chart, w: Complexes) -> Any:
        """Whether a point of a law is above the real line, and w there on the law's own sheet."""
        point = chart.at(w)[0]
        above = point.imag >= -SLACK * (np.abs(point) + self._width)
        if above.any():
            known = point[above].real + 1j * np.maximum(point[above].imag, 0)
            with np.errstate(all="ignore"):
                away = np.abs(chart.start(known) - w[above]) / (np.abs(w[above]) + self._width)
            above[above] = away < SHEET
        return above
