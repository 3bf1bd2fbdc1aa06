"""Compound free Poisson laws with jumps of any law, and separable covariance matrices."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.cumulants import moments_from_cumulants
from mvtheory.laws.contract.parameters import ROUNDING
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import hull
from mvtheory.laws.free.operands import checked
from mvtheory.laws.free.products import free_multiply
from mvtheory.laws.free_levy import FreeLevy
from mvtheory.laws.marchenko_pastur import MarchenkoPastur
from mvtheory.laws.solvers.charted import ChartedLaw
from mvtheory.laws.solvers.descent import State


def compound_free_poisson(rate: float, jumps: AbstractLaw) -> AbstractLaw:
    r"""Free cumulants rate E[J^n]: R(g) = rate E[J/(1 - J g)], J of the law of jumps.

    The limit of X T X^T/n, X n x m standard with m/n = rate, T of the law of jumps. Of finitely
    many jumps it is a FreeLevy law.

    Parameters
    ----------
    rate : float
        In [1e-9, 1e9]; below 1 an atom 1 - rate at 0.
    jumps : AbstractLaw
        Of any sign; not only 0.

    Returns
    -------
    AbstractLaw

    Raises
    ------
    ValueError
        For a rate out of range, jumps that are all 0, and jumps with an atom at 0 whose others
        have rate 1.

    References
    ----------
    [speicher2006]_.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, compound_free_poisson
    >>> law = compound_free_poisson(0.5, MarchenkoPastur(aspect_ratio=0.5, variance=2))
    >>> print(law.atoms, law.weights, [round(law.free_cumulant(n), 9) for n in (1, 2)])
    [0.] [0.5] [1.0, 3.0]
    """
    checked(jumps)
    c = parameters.RATE.number(rate)
    if jumps.support:
        if c == 1:
            return free_multiply(jumps, MarchenkoPastur(aspect_ratio=1))
        kept = 1 - float(np.sum(jumps.weights[jumps.atoms == 0]))
        if abs(1 - c * kept) <= ROUNDING:
            raise ValueError(
                f"rate={c!r} is not allowed for jumps of which {kept!r} are not 0 (their rate 1, "
                "where the density is infinite at 0); give rate=1 and the law of these jumps alone"
            )
        return CompoundFreePoisson(rate=c, jumps=jumps)
    sizes, masses = jumps.atoms[jumps.atoms != 0], jumps.weights[jumps.atoms != 0]
    if not sizes.size:
        raise ValueError(
            f"jumps={jumps!r} is not allowed (law of jumps: not only 0); without jumps the law is "
            "Discrete(atoms=[0], weights=[1])"
        )
    return FreeLevy(rates=tuple((c * masses).tolist()), jumps=tuple(sizes.tolist()))


def separable_covariance(
    population: AbstractLaw, profile: AbstractLaw, aspect_ratio: float
) -> AbstractLaw:
    r"""Limit of A^(1/2) X B X^T A^(1/2)/m, X n x m standard: covariances in space and in time.

    The free product of the law of A and of the compound free Poisson law of rate 1/q and jumps
    q B.

    Parameters
    ----------
    population : AbstractLaw
        Of A, n x n, on [0, infinity).
    profile : AbstractLaw
        Of B, m x m; one of the two may have negative numbers.
    aspect_ratio : float
        q = n/m in [1e-9, 1e9].

    Returns
    -------
    AbstractLaw

    References
    ----------
    [paul2009]_; as a free product: [speicher2006]_.

    Examples
    --------
    >>> from mvtheory.laws import Discrete, MarchenkoPastur, separable_covariance
    >>> times = Discrete(atoms=[0.5, 1.5], weights=[0.5, 0.5])
    >>> law = separable_covariance(Discrete(atoms=[1, 3], weights=[0.5, 0.5]), times, 0.25)
    >>> print(f"{law.moment(1):.6f} {law.free_cumulant(2):.6f}")
    2.000000 2.250000
    """
    q = parameters.ASPECT_RATIO.number(aspect_ratio)
    return free_multiply(checked(population), compound_free_poisson(1 / q, q * checked(profile)))


@dataclass(frozen=True, kw_only=True)
class CompoundFreePoisson(ChartedLaw):
    """Jumps of a law with a continuous part: z(h) = (1 - rate) h + rate h^2 G_J(h) at h = 1/G, in
    the chart of the law of jumps."""

    rate: float
    jumps: AbstractLaw

    @functools.cached_property
    def _inner(self) -> Chart:
        return self.jumps._chart()

    def _at(self, w: Complexes) -> Four:
        h, rise, g, slope = self._inner.at(w)
        inverse, c = 1 / h, self.rate
        z = (1 - c) * h + c * h * h * g
        return z, (1 - c + 2 * c * h * g) * rise + c * h * h * slope, inverse, -rise * inverse**2

    def _start(self, z: Complexes) -> Complexes:
        return self._inner.start(z - self.rate * self.jumps.moment(1))

    def _above(self, w: Complexes) -> NDArray[np.bool_]:
        return self._is_above(self._inner, w)

    def _hull(self) -> tuple[float, float]:
        low, high = hull(self.jumps)
        most = (1 + np.sqrt(self.rate)) ** 2
        return float(min(low, 0) * most), float(max(high, 0) * most)

    @functools.cached_property
    def _masses(self) -> dict[float, float]:
        kept = 1 - float(np.sum(self.jumps.weights[self.jumps.atoms == 0]))
        mass = 1 - self.rate * kept
        return {0.0: mass} if mass > ROUNDING else {}

    @property
    def _parts_error(self) -> float:
        return self.jumps.error_estimate

    def _joined_potential(self, state: State, z: Complexes) -> Complexes:
        """(1 - rate) log h + rate (U_J(h) + h G_J(h) - 1)."""
        h, _, g, _ = self._inner.at(state[0])
        inner = self._inner.potential(state[0]) + h * g - 1
        return (1 - self.rate) * np.log(h) + self.rate * inner

    def _cumulants(self, n: int) -> list[Any]:
        return [self.rate * m for m in self.jumps._moments(n)]

    def _moments(self, n: int) -> list[Any]:
        return moments_from_cumulants(self._cumulants(n))

    def _free_power(self, times: float) -> AbstractLaw:
        return compound_free_poisson(self.rate * times, self.jumps)

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """X T X^T/n, T diagonal of the quantiles of jumps, round(rate n) of them."""
        generator = np.random.default_rng(rng)
        count = max(1, round(self.rate * n))
        sizes = np.asarray(self.jumps.ppf((np.arange(count) + 0.5) / count))
        x = generator.standard_normal((n, count))
        return (x * sizes) @ x.T / n
