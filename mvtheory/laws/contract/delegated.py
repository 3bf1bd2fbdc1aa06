"""A law that another one computes."""

import functools
from abc import abstractmethod
from typing import Any

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart
from mvtheory.laws.contract.shapes import Complexes, Floats


class DelegatedLaw(AbstractLaw):
    """A law of its own parameters that is equal to `_law`, another law."""

    @functools.cached_property
    @abstractmethod
    def _law(self) -> AbstractLaw:
        """The law that computes."""

    @property
    def support(self) -> tuple[tuple[float, float], ...]:
        return self._law.support

    @functools.cached_property
    def atoms(self) -> Floats:
        return self._law.atoms

    @functools.cached_property
    def weights(self) -> Floats:
        return self._law.weights

    @property
    def error_estimate(self) -> float:
        return self._law.error_estimate

    @functools.cached_property
    def _divergences(self) -> Floats:
        return self._law._divergences

    @property
    def _plateaus(self) -> Floats:
        return self._law._plateaus

    def _cauchy(self, z: Complexes) -> Complexes:
        return self._law._cauchy(z)

    def _potential(self, z: Complexes) -> Complexes:
        return self._law._potential(z)

    def _pdf(self, x: Floats) -> Floats:
        return self._law._pdf(x)

    def _pdf_from_edge(self, offset: Floats, edge: int) -> Floats:
        return self._law._pdf_from_edge(offset, edge)

    def _continuous_cdf(self, x: Floats) -> Floats:
        return self._law._continuous_cdf(x)

    def _pdf_and_cdf(self, x: Floats) -> tuple[Floats, Floats]:
        return self._law._pdf_and_cdf(x)

    def _moments(self, n: int) -> list[Any]:
        return self._law._moments(n)

    def _cumulants(self, n: int) -> list[Any]:
        return self._law._cumulants(n)

    def _variance(self) -> float:
        return self._law.var

    def _chart(self) -> Chart:
        return self._law._chart()

    def _free_power(self, times: float) -> AbstractLaw | None:
        return self._law._free_power(times)

    def _r(self, g: Floats) -> Floats:
        return self._law._r(g)

    def _s(self, y: Floats) -> Floats:
        return self._law._s(y)
