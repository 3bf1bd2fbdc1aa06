"""A discrete diagonal plus a semicircle: the deformed Wigner ensemble."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.composable import RParts
from mvtheory.laws.contract.cumulants import cumulants_from_moments, moments_from_cumulants
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.semicircle import Semicircle
from mvtheory.laws.solvers.curve import CurveChart, CurveLaw
from mvtheory.laws.solvers.elementary import pole_sums


@dataclass(frozen=True, kw_only=True, eq=False)
class DeformedSemicircle(CurveLaw):
    r"""G(z) = E_D[1/(z - D - variance G(z))]: the free sum of the law of D and a semicircle.

    At w = z - variance G(z), z(w) = w + variance E[1/(w - D)]: the same rational map as that of a
    law with rational R-transform, in another variable.

    Parameters
    ----------
    diagonal : Discrete or Empirical
        The law of D, finitely many atoms.
    variance : float
        Of the semicircle, > 0.

    References
    ----------
    [biane1997]_.

    Examples
    --------
    >>> from mvtheory.laws import DeformedSemicircle, Discrete
    >>> law = DeformedSemicircle(
    ...     diagonal=Discrete(atoms=[-3, 2], weights=[0.25, 0.75]), variance=0.5
    ... )
    >>> print([f"{low:.4f} {high:.4f}" for low, high in law.support], law.cdf(-1))
    ['-3.7771 -2.3736', '0.8038 3.2470'] 0.25
    """

    diagonal: AbstractLaw
    variance: float

    def __post_init__(self) -> None:
        parameters.check(self, parameters.VARIANCE)
        if not isinstance(self.diagonal, AbstractLaw) or self.diagonal.support:
            raise ValueError(
                f"diagonal={self.diagonal!r} is not allowed (law of finitely many atoms: Discrete "
                "or Empirical); for any other law use free_add"
            )

    def _map(self, number: Callable[[Any], Any]) -> Levy:
        """The triplet with poles at the atoms of D and strengths variance times weight."""
        atoms = [number(float(a)) for a in self.diagonal.atoms]
        weights = [number(float(w)) for w in self.diagonal.weights]
        factor = number(self.variance) / sum(weights)
        pairs = [(factor * w / a**2, a) for a, w in zip(atoms, weights, strict=True) if a != 0]
        zero = [factor * w for a, w in zip(atoms, weights, strict=True) if a == 0]
        return Levy(
            -sum((c * a for c, a in pairs), 0 * factor),
            sum(zero, 0 * factor),
            tuple(c for c, _ in pairs),
            tuple(a for _, a in pairs),
        )

    @functools.cached_property
    def _plateaus(self) -> Floats:
        """Exact: the weights of the atoms below each gap."""
        gaps = [band.high.h for band in self._bands]
        total = np.concatenate([[0.0], np.cumsum(self.diagonal.weights)])
        return np.concatenate([[0.0], total[np.searchsorted(self.diagonal.atoms, gaps)]])

    def _density(self, h: Complexes) -> Floats:
        return h.imag / (np.pi * self.variance)

    def _cauchy(self, z: Complexes) -> Complexes:
        return self._diagonal_cauchy(self._solve(z))

    def _diagonal_cauchy(self, w: Complexes) -> Complexes:
        return pole_sums(self.diagonal.weights, self.diagonal.atoms, w)[0]

    def _potential_at(self, h: Complexes) -> Complexes:
        """E[log(w - D)] + variance G^2/2."""
        return self.diagonal._potential(h) + self.variance / 2 * self._diagonal_cauchy(h) ** 2

    def _cumulants(self, n: int) -> list[Any]:
        cumulants = cumulants_from_moments(self.diagonal._moments(n))
        return [k + self.variance * (i == 1) for i, k in enumerate(cumulants)]

    def _moments(self, n: int) -> list[Any]:
        return moments_from_cumulants(self._cumulants(n))

    def _chart(self) -> Chart:
        return _DeformedChart(self)

    def _r_parts(self) -> RParts:
        return 0.0, [(self.diagonal, 1.0, 1.0), (Semicircle(variance=self.variance), 1.0, 1.0)]

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """A diagonal of quantiles of D plus a Gaussian orthogonal matrix."""
        generator = np.random.default_rng(rng)
        values = np.asarray(self.diagonal.ppf((np.arange(n) + 0.5) / n))
        return np.diag(values) + Semicircle(variance=self.variance).matrix(n, generator)


class _DeformedChart(CurveChart):
    """w = the point at which the diagonal's G is taken: z = w + variance G."""

    def at(self, w: Complexes) -> Four:
        diagonal, variance = self.law.diagonal, self.law.variance
        first, second = pole_sums(diagonal.weights, diagonal.atoms, w)
        return w + variance * first, 1 - variance * second, first, -second
