"""Sample covariance matrices of any population: the general Marchenko-Pastur law."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws import parameters
from mvtheory.laws.delegated import DelegatedLaw
from mvtheory.laws.discrete import Discrete, Empirical
from mvtheory.laws.elementary import excess, pole_sums
from mvtheory.laws.law import AbstractLaw, Complexes, Floats
from mvtheory.laws.levy import Levy
from mvtheory.laws.rational import RationalLaw


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
            return _CovarianceOfAtoms(population=self.population, aspect_ratio=self.aspect_ratio)
        from mvtheory.laws.free import free_multiply
        from mvtheory.laws.marchenko_pastur import MarchenkoPastur

        return free_multiply(self.population, MarchenkoPastur(aspect_ratio=self.aspect_ratio))

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


@dataclass(frozen=True, kw_only=True, eq=False)
class _Companion(RationalLaw):
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
class _CovarianceOfAtoms(AbstractLaw):
    """The law of a discrete population, from its companion."""

    population: AbstractLaw
    aspect_ratio: float

    @functools.cached_property
    def _companion(self) -> "_Companion":
        return _Companion(population=self.population, aspect_ratio=self.aspect_ratio)

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
