"""Sample covariance matrices of any population: the general Marchenko-Pastur law."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.contract import parameters, transforms
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.delegated import DelegatedLaw
from mvtheory.laws.contract.explicit_r import positive
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.discrete import Discrete
from mvtheory.laws.empirical import Empirical
from mvtheory.laws.free_levy import FreeLevy
from mvtheory.laws.solvers.covariance import CovarianceOfAtoms
from mvtheory.laws.wishart_product import product_with_wisharts


@dataclass(frozen=True, kw_only=True)
class GeneralizedCovariance(DelegatedLaw):
    r"""Limit of T^(1/2) X X^T T^(1/2)/m, X n x m standard, q = n/m, T of the population law H.

    The companion X^T T X/m has R(g) = q E[t/(1 - t g)], so z(h) = h + q h E[t/(h - t)] for
    h = 1/G of the companion; the law is companion = (1 - q) delta_0 + q law.

    Parameters
    ----------
    population : law, mapping or sequence
        H: a law; or {eigenvalue: mass}; or eigenvalues of equal mass. Real; not only 0.
    aspect_ratio : float
        q in [1e-9, 1e9].

    References
    ----------
    [marchenko1967]_, [silverstein1995]_.

    Examples
    --------
    >>> law = GeneralizedCovariance(population={1: 0.5, 10: 0.5}, aspect_ratio=0.05)
    >>> print([f"{low:.4f} {high:.4f}" for low, high in law.support])
    ['0.6858 1.3084', '7.1161 13.4396']
    """

    population: Any
    aspect_ratio: float

    def __post_init__(self) -> None:
        parameters.check(self, parameters.ASPECT_RATIO)
        given = self.population
        if isinstance(given, Mapping):
            given = Discrete(atoms=list(given), weights=list(given.values()))
        elif not isinstance(given, AbstractLaw):
            given = Empirical(eigenvalues=given)
        if not given.support and not np.any(given.atoms):
            raise ValueError(
                "population=0 is not allowed (law of T: not only the atom 0); the covariance is 0 "
                "too: take Discrete(atoms=[0], weights=[1])"
            )
        object.__setattr__(self, "population", given)

    @functools.cached_property
    def _law(self) -> AbstractLaw:
        """The same law by its companion, or by free multiplication if H is continuous."""
        if not self.population.support:
            return CovarianceOfAtoms(population=self.population, aspect_ratio=self.aspect_ratio)
        scale, ratios, parts = self.population._factors_of_product()
        return product_with_wisharts(parts, [*ratios, self.aspect_ratio], scale)

    def _transposed(self) -> tuple[float, Any]:
        """R(g) = q E[t/(1 - t g)]: of finitely many atoms it is free compound Poisson."""
        q, population = self.aspect_ratio, self.population
        if population.support:
            return q, None
        used = population.atoms != 0
        rates = tuple((q * population.weights[used]).tolist())
        return q, FreeLevy(rates=rates, jumps=tuple(population.atoms[used].tolist()))

    def _r(self, g: Floats) -> Floats:
        return transforms.r_of_s(self, g)

    def _s(self, y: Floats) -> Floats:
        return self.population._s(y) / positive(1 + self.aspect_ratio * y)

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """T^(1/2) X X^T T^(1/2)/m, T diagonal of the population's quantiles, of any sign."""
        generator = np.random.default_rng(rng)
        t = np.asarray(self.population.ppf((np.arange(n) + 0.5) / n))
        samples = max(1, round(n / self.aspect_ratio))
        total = np.zeros((n, n))
        for start in range(0, samples, 4 * n + 1):
            x = generator.standard_normal((n, min(4 * n + 1, samples - start)))
            total += x @ x.T
        total /= samples
        if (t >= 0).all():
            return np.sqrt(t)[:, None] * total * np.sqrt(t)
        # The spectrum of M^(1/2) T M^(1/2), M the Wishart matrix, is that of T M.
        values, vectors = np.linalg.eigh(total)
        root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
        return (root * t) @ root
