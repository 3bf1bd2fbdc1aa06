r"""Free sums and products of any laws by subordination.

Sum: points z_i with G_i(z_i) = g for all i and sum n_i z_i = z + (sum n_i - 1)/g. Product:
y_i(z_i) = z_i G_i(z_i) - 1 = y for all i and prod z_i^(n_i) = z ((1 + y)/y)^(sum n_i - 1). Above
the real line the solution with all z_i there exists and is unique [belinschi2007]_. Real
multiplicities n_i >= 1 make free powers. A state is w_1 ... w_k, in charts of the parts, and the
common value: 1/g or 1/y, which stays smooth where the density is infinite.
"""

import functools
from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.band_search import MANY, distinct, masses_of_gaps
from mvtheory.laws.solvers.continuation import ContinuedLaw
from mvtheory.laws.solvers.descent import State


class SubordinatedLaw(ContinuedLaw):
    """A law from parts with multiplicities and one equation that joins them."""

    # Where a point goes to infinity, as beside some edges, the way is long.
    _most_failures = 200

    @property
    @abstractmethod
    def _terms(self) -> list[tuple[AbstractLaw, float]]:
        """The parts and their multiplicities n_i."""

    @abstractmethod
    def _common(self, four: Any) -> tuple[Complexes, Complexes, Complexes, Complexes]:
        """From a chart: z or log z, which add up, and 1/g or 1/y, which agree, with derivatives."""

    @abstractmethod
    def _link(self, s: Complexes) -> tuple[Complexes, Complexes]:
        """What the sum exceeds its goal by, per extra multiplicity, and its derivative."""

    @abstractmethod
    def _goal(self, z: Complexes) -> Complexes:
        """z or log z."""

    @functools.cached_property
    def _charts(self) -> list[tuple[Chart, float]]:
        return [(law._chart(), n) for law, n in self._terms]

    @functools.cached_property
    def _extra(self) -> float:
        return sum(n for _, n in self._terms) - 1

    _signs: tuple[int, ...] = (1,)
    """How the mass below the point of a later part may enter that below a gap."""

    @functools.cached_property
    def _gaps(self) -> Floats | None:
        sums = np.zeros(1)
        for k, (law, n) in enumerate(self._terms):
            masses = n * masses_of_gaps(law)
            signs = self._signs if k else (1,)
            if sums.size * masses.size > MANY:
                return None
            sums = distinct(np.concatenate([np.add.outer(sums, s * masses) for s in signs]))
        # The common value is real there, of either sign.
        if all(n == 1 for _, n in self._terms):
            return distinct(np.mod(sums, 1))
        return distinct(np.concatenate([sums, sums - self._extra]))

    def _gap_masses(self) -> Floats | None:
        return self._gaps

    # One step of Newton's method.

    def _newton(self, state: State, z: Complexes) -> tuple[State, Floats]:
        """The next state and the size of the step relative to it."""
        s, parts = state[-1], []
        with np.errstate(all="ignore"):
            link, link_slope = self._link(s)
            total = self._goal(z) + self._extra * link
            rate = -self._extra * link_slope
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
        return new, np.where(np.isfinite(size), size, np.inf)

    def _wrapped(self, total: Complexes) -> Complexes:
        return total

    def _physical(self, state: State, z: Complexes) -> NDArray[np.bool_]:
        """Im G <= 0 and every point on its side."""
        with np.errstate(all="ignore"):
            g = self._g(state, z)
            good = g.imag <= 1e-9 * np.abs(g)
            for (piece, _), w in zip(self._charts, state[:-1], strict=True):
                point = piece.at(w)[0]
                good &= point.imag >= -1e-9 * (np.abs(point) + self._width)
        return good

    def _joined_potential(self, state: State, z: Complexes) -> Complexes:
        """sum n_i U_i(z_i) - (sum n_i - 1) log common."""
        value = -self._extra * np.log(state[-1])
        for (piece, n), w in zip(self._charts, state[:-1], strict=True):
            value = value + n * piece.potential(w)
        return value

    @property
    def _parts_error(self) -> float:
        return sum(law.error_estimate for law, _ in self._terms)
