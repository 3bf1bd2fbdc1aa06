"""Sample covariance matrices of a population of finitely many atoms, by their companion."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.elementary import excess, pole_sums
from mvtheory.laws.solvers.rational import RationalChart, RationalLaw


@dataclass(frozen=True, kw_only=True, eq=False)
class Companion(RationalLaw):
    """The law of X^T T X/m: rates q w_j of jumps t_j."""

    population: AbstractLaw
    aspect_ratio: float

    def levy(self, number: Callable[[Any], Any] = float) -> Levy:
        weights = [number(float(w)) for w in self.population.weights]
        factor = number(self.aspect_ratio) / sum(weights)
        pairs = [
            (factor * w, number(float(t)))
            for t, w in zip(self.population.atoms, weights, strict=True)
            if t != 0
        ]
        return Levy(number(0), number(0), *zip(*pairs, strict=True))


@dataclass(frozen=True, kw_only=True, eq=False)
class CovarianceOfAtoms(AbstractLaw):
    """The law of a discrete population, from its companion."""

    population: AbstractLaw
    aspect_ratio: float

    @functools.cached_property
    def _companion(self) -> Companion:
        return Companion(population=self.population, aspect_ratio=self.aspect_ratio)

    @property
    def support(self) -> tuple[tuple[float, float], ...]:
        return self._companion.support

    @functools.cached_property
    def _mass_at_zero(self) -> float:
        """max(H{0}, 1 - 1/q)."""
        zero = float(np.sum(self.population.weights[self.population.atoms == 0]))
        return max(zero, (self.aspect_ratio - 1) / self.aspect_ratio)

    @functools.cached_property
    def atoms(self) -> Floats:
        return np.zeros(1) if self._mass_at_zero > 0 else np.empty(0)

    @functools.cached_property
    def weights(self) -> Floats:
        return np.full(self.atoms.size, self._mass_at_zero)

    @functools.cached_property
    def _divergences(self) -> Floats:
        return self._companion._divergences

    @functools.cached_property
    def _plateaus(self) -> Floats:
        return self._companion._plateaus / self.aspect_ratio

    def _cauchy(self, z: Complexes) -> Complexes:
        # G = E[1/(h - t)]/(z/h): nothing cancels at z = 0.
        h = self._companion._solve(z)
        _, ratio = self._ratio(h, z)
        with np.errstate(over="ignore", invalid="ignore"):  # beside an atom
            return pole_sums(self.population.weights, self.population.atoms, h)[0] / ratio

    def _potential(self, z: Complexes) -> Complexes:
        return self.potential_at(self._companion._solve(z), z)

    def potential_at(self, h: Complexes, z: Complexes) -> Complexes:
        """U = E[log(h - t) + t/(h - t)] - (1/q - 1) log(z/h), z/h = 1 + q E[t/(h - t)].

        The companion's U less (1 - q) log z, over q, without what cancels at z = 0.
        """
        q = self.aspect_ratio
        rise, ratio = self._ratio(h, z)
        rest = (1 / q - 1) * excess(rise, np.log(ratio)) if q != 1 else 0
        return self.population._potential(h) + rise + rest

    def _ratio(self, h: Complexes, z: Complexes) -> tuple[Complexes, Complexes]:
        """q E[t/(h - t)], and 1 + it = z/h."""
        t, w = self.population.atoms, self.population.weights
        rise = self.aspect_ratio * pole_sums(w * t, t, h)[0]
        ratio = 1 + rise
        cancels = (np.abs(ratio) < 0.5) & (z != 0)
        ratio[cancels] = z[cancels] / h[cancels]
        return rise, ratio

    def _pdf(self, x: Floats) -> Floats:
        return self._companion._pdf(x) / self.aspect_ratio

    def _pdf_from_edge(self, offset: Floats, edge: int) -> Floats:
        return self._companion._pdf_from_edge(offset, edge) / self.aspect_ratio

    def _continuous_cdf(self, x: Floats) -> Floats:
        return self._companion._continuous_cdf(x) / self.aspect_ratio

    def _pdf_and_cdf(self, x: Floats) -> tuple[Floats, Floats]:
        density, mass = self._companion._pdf_and_cdf(x)
        return density / self.aspect_ratio, mass / self.aspect_ratio

    def _moments(self, n: int) -> list[float]:
        return [m / self.aspect_ratio for m in self._companion._moments(n)]

    def _chart(self) -> Chart:
        return _CovarianceChart(self)


class _CovarianceChart(Chart):
    """w = 1/G of the companion: q G = 1/w - (1 - q)/z."""

    def at(self, w: Complexes) -> Four:
        companion, q = self.law._companion, self.law.aspect_ratio
        z, dz, g, dg = RationalChart(companion).at(w)
        rest = (1 - q) / q / z
        return z, dz, g / q - rest, dg / q + rest * dz / z

    def start(self, z: Complexes) -> Complexes:
        return self.law._companion._solve(z)

    def potential(self, w: Complexes) -> Complexes:
        return self.law.potential_at(w, self.law._companion._rational.image(w))
