r"""A law in a variable w in which both z and G = G(z) are explicit, for solving several at once.

Free sums and products ask for points z_i with G_1(z_1) = G_2(z_2); in a chart that is an equation
of explicit analytic functions, whatever z_i itself costs. Each law brings its own (`_chart`).
"""

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.contract.shapes import Complexes
from mvtheory.laws.contract.spectrum import hull

Four = tuple[Complexes, Any, Complexes, Complexes]


@dataclass(frozen=True)
class Chart(ABC):
    """z and G as functions of w; w as a function of z above the real line."""

    law: Any

    @abstractmethod
    def at(self, w: Complexes) -> Four:
        """z, dz/dw, G and dG/dw."""

    @abstractmethod
    def start(self, z: Complexes) -> Complexes:
        """w at points above the real line."""

    @abstractmethod
    def potential(self, w: Complexes) -> Complexes:
        """U = E[log(z - X)]."""

    def start_anywhere(self, z: Complexes) -> Complexes:
        """w at points on either side of the real line."""
        below = z.imag < 0
        found = self.start(np.where(below, z.conj(), z))
        return np.where(below, found.conj(), found)


class ValuedChart(Chart):
    """w = z for a law that gives the values of G alone."""

    @functools.cached_property
    def _width(self) -> float:
        low, high = hull(self.law)
        return high - low

    def at(self, w: Complexes) -> Four:
        step = 1e-5 * (np.abs(w) + 1e-3 * self._width)
        g = self._value(w)
        # Along the real direction, so that points above the real line stay there.
        return w, 1.0, g, (self._value(w + step) - self._value(w - step)) / (2 * step)

    def _value(self, w: Complexes) -> Complexes:
        return reflected(self.law._cauchy, w)

    def start(self, z: Complexes) -> Complexes:
        return z

    def potential(self, w: Complexes) -> Complexes:
        return reflected(self.law._potential, w)


def reflected(function: Callable[[Complexes], Complexes], w: Complexes, *rows: int) -> Complexes:
    """A function of points above the real line, of so many rows of values, continued below it by
    reflection."""
    values = np.full((*rows, *w.shape), complex(np.nan, np.nan))
    known, below = np.isfinite(w), w.imag < 0
    if known.any():
        values[..., known] = function(np.where(below, w.conj(), w)[known])
    return np.where(below, values.conj(), values)
