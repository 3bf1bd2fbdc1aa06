"""Laws whose masses are those of other laws, moved: their distribution functions come first."""

import functools
from abc import abstractmethod

import numpy as np

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.solvers.powers import valued_chart


class TransportedLaw(AbstractLaw):
    """A law with its atoms and its `_continuous_cdf` from those of the laws that it is made of."""

    @functools.cached_property
    @abstractmethod
    def _masses(self) -> tuple[Floats, Floats]:
        """Positions of the atoms, ascending, and their masses."""

    @abstractmethod
    def _continuous_cdf(self, x: Floats) -> Floats: ...

    @functools.cached_property
    def atoms(self) -> Floats:
        return self._masses[0]

    @functools.cached_property
    def weights(self) -> Floats:
        return self._masses[1]

    @functools.cached_property
    def _plateaus(self) -> Floats:
        ends = np.array([high for _, high in self.support])
        return np.concatenate([[0.0], self._continuous_cdf(ends)])

    @functools.cached_property
    def _valued_chart(self) -> Chart:
        return valued_chart(self)

    def _chart(self) -> Chart:
        return self._valued_chart


def merged(bands: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """The union of intervals, ascending."""
    found: list[tuple[float, float]] = []
    for low, high in sorted(bands):
        if found and low <= found[-1][1]:
            found[-1] = found[-1][0], max(high, found[-1][1])
        else:
            found.append((low, high))
    return tuple(found)
