"""Free multiplicative powers of any law on [0, infinity), by subordination."""

import functools
from dataclasses import dataclass

import numpy as np

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.composable import Factors
from mvtheory.laws.contract.parameters import ROUNDING
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import hull
from mvtheory.laws.solvers.descent import State
from mvtheory.laws.solvers.free_product import FreeProduct


@dataclass(frozen=True, kw_only=True)
class ProductPower(FreeProduct):
    """The free product of one law with itself, a real number >= 1 of times."""

    times: float

    @property
    def _terms(self) -> list[tuple[AbstractLaw, float]]:
        return [(self.parts[0], self.times)]

    def _far(self, z: Complexes) -> State:
        mean = self.parts[0].moment(1)
        y = mean**self.times / z
        return np.array([self._charts[0][0].start_anywhere(mean / y), 1 / y])

    def _hull(self) -> tuple[float, float]:
        low, high = hull(self.parts[0])
        return float(low**self.times), float(high**self.times)

    @functools.cached_property
    def _masses(self) -> dict[float, float]:
        law, n = self.parts[0], self.times
        return {
            float(atom) ** n: 1 - n * (1 - float(weight))
            for atom, weight in zip(law.atoms, law.weights, strict=True)
            if atom > 0 and 1 - n * (1 - weight) > -ROUNDING
        } | self._at_zero

    def _first_moments(self) -> tuple[float, float]:
        mean, square = (self.parts[0].moment(k) for k in (1, 2))
        spread = (square - mean**2) / mean**2
        return mean**self.times, mean ** (2 * self.times) * (1 + self.times * spread)

    def _s(self, y: Floats) -> Floats:
        return self.parts[0]._s(y) ** self.times

    def _factors_of_product(self, scale: float = 1.0) -> Factors:
        return scale, (), (self,)

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """Rotated quantiles: no model has a power that is not whole."""
        return super(FreeProduct, self).matrix(n, rng)
