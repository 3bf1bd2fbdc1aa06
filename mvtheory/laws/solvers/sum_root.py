"""Free powers below 1: G continued through the real line, in a chart in which it is explicit."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.cumulants import moments_from_cumulants
from mvtheory.laws.contract.shapes import Complexes
from mvtheory.laws.contract.spectrum import hull
from mvtheory.laws.solvers.charted import ChartedLaw
from mvtheory.laws.solvers.descent import State

CLOSE, LEAST = 1e-6, 1e-4
"""Distance from 0, over the width, at which G tells an atom; the least that is one."""
EVEN = 1e-8
"""Difference of what G tells at the distance and at twice it, far more than its square."""


@dataclass(frozen=True, kw_only=True)
class SumRoot(ChartedLaw):
    """Free cumulants n kappa_k with n < 1, if that is a law: z = n z_1 + (1 - n)/G_1(z_1), z_1 of
    the law, below the real line where that is above.

    Nothing proves that there is a law: `error_estimate` is large where masses and moments of the
    density are not those of one.
    """

    law: AbstractLaw
    times: float

    @functools.cached_property
    def _inner(self) -> Chart:
        return self.law._chart()

    def _at(self, w: Complexes) -> Four:
        z, dz, g, dg = self._inner.at(w)
        n = self.times
        return n * z + (1 - n) / g, n * dz - (1 - n) * dg / (g * g), g, dg

    def _start(self, z: Complexes) -> Complexes:
        return self._inner.start(z + (1 - self.times) * self.law.moment(1))

    def _above(self, w: Complexes) -> NDArray[np.bool_]:
        return np.ones(w.shape, dtype=bool)

    def _hull(self) -> tuple[float, float]:
        """Twice 2 sqrt(variance) about the mean, and the hull of the law, which its parts have."""
        mean, variance = self._cumulants(2)
        low, high = hull(self.law)
        shift, reach = mean - self.law.moment(1), 2 * float(np.sqrt(variance))
        at_zero = [0.0] if low >= 0 or high <= 0 else []
        ends = [low + shift, mean - reach, high + shift, mean + reach, *at_zero]
        return min(ends), max(ends)

    @functools.cached_property
    def _masses(self) -> dict[float, float]:
        """Atoms of the law come from atoms. One of the power that leaves none in the law is looked
        for at 0 in a gap, where laws of one sign have it; elsewhere it is not seen."""
        n = self.times
        found = {
            n * float(atom): 1 - n * (1 - float(weight))
            for atom, weight in zip(self.law.atoms, self.law.weights, strict=True)
        }
        low, high = hull(self.law)
        if 0.0 not in found and (low >= 0 or high <= 0):
            near = 1j * self._width * np.array([1.0, 2.0]) * CLOSE
            with np.errstate(all="ignore"):
                mass, twice = (near * self._g(self._descend(near), near)).real
            # In a gap the real part is even in the distance; at the end of a band it is not known.
            even = abs(twice - mass) <= EVEN
            found |= {0.0: float(mass - (twice - mass) / 3)} if even and mass > LEAST else {}
        return found

    @property
    def _parts_error(self) -> float:
        return self.law.error_estimate

    def _joined_potential(self, state: State, z: Complexes) -> Complexes:
        """n U_1(z_1) + (1 - n) log(1/G)."""
        _, _, g, _ = self._inner.at(state[0])
        value = self.times * self._inner.potential(state[0])
        return value - (1 - self.times) * np.log(g)

    def _cumulants(self, n: int) -> list[Any]:
        return [self.times * k for k in self.law._cumulants(n)]

    def _moments(self, n: int) -> list[Any]:
        return moments_from_cumulants(self._cumulants(n))
