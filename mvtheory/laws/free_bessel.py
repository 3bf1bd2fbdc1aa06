"""Free Bessel laws and free products of Marchenko-Pastur laws."""

from dataclasses import dataclass

import numpy as np

from mvtheory import arrays
from mvtheory.laws import parameters
from mvtheory.laws.law import Floats
from mvtheory.laws.multiplicative import MultiplicativeLaw


@dataclass(frozen=True, kw_only=True)
class FreeBessel(MultiplicativeLaw):
    r"""The free Bessel law pi_(s,t): pi_(s,1) multiplied freely by a free Poisson law of rate t.

    pi_(s,1) is the s-th free multiplicative power of the free Poisson law, limit of
    X_1 ... X_s X_s^T ... X_1^T; pi_(1,t) is the free Poisson law of rate t. z = (1+y)^s (t+y)/y.

    Parameters
    ----------
    power : float
        s in (0, 100].
    rate : float
        t in [1e-9, 1e9]; an atom 1 - t at 0 below 1. Below s = 1 only rates <= 1 make a law.

    References
    ----------
    [banica2011]_.

    Examples
    --------
    >>> law = FreeBessel(power=2, rate=1)
    >>> print(law.support, [law.moment(n) for n in (1, 2, 3)])
    ((0.0, 6.75),) [1.0, 3.0, 12.0]
    """

    power: float
    rate: float = 1.0

    def __post_init__(self) -> None:
        parameters.check(self, parameters.MATRIX_POWER, parameters.POISSON_RATE)
        if self.power < 1 and self.rate > 1:
            raise ValueError(
                f"power={self.power!r}, rate={self.rate!r} are not allowed (free Bessel law: "
                "power >= 1 or rate <= 1); there is no such law, choose rate <= 1"
            )

    def _factors(self) -> tuple[float, list[tuple[float, float]]]:
        factors = {1.0: self.power - 1}
        factors[1 / self.rate] = factors.get(1 / self.rate, 0.0) + 1
        return self.rate, [(q, m) for q, m in factors.items() if m != 0]

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """X_1 ... X_s X_s^T ... X_1^T for whole s, the last factor of the rate; else quantiles."""
        if self.power != int(self.power):
            return super().matrix(n, rng)
        generator = np.random.default_rng(rng)
        product = np.eye(n)
        for _ in range(int(self.power) - 1):
            product = product @ generator.standard_normal((n, n)) / np.sqrt(n)
        samples = max(1, round(n * self.rate))
        product = product @ generator.standard_normal((n, samples)) / np.sqrt(n)
        return product @ product.T


@dataclass(frozen=True, kw_only=True)
class WishartProduct(MultiplicativeLaw):
    r"""Free product of Marchenko-Pastur laws of the given aspect ratios, times a scale.

    S(y) = 1/(scale prod (1 + q_i y)); the spectrum of a product of independent Wishart matrices.

    Parameters
    ----------
    aspect_ratios : tuple of float
        q_i in [1e-9, 1e9], at least one.
    scale : float
        Mean of the law, > 0.

    References
    ----------
    [banica2011]_, [speicher2006]_.

    Examples
    --------
    >>> law = WishartProduct(aspect_ratios=(1, 1), scale=2)
    >>> print(law.support, law.moment(2))
    ((0.0, 13.5),) 12.0
    """

    aspect_ratios: tuple[float, ...]
    scale: float = 1.0

    def __post_init__(self) -> None:
        parameters.check(self, parameters.SCALE)
        given = arrays.as_array(self.aspect_ratios, "aspect_ratios")
        if given.ndim != 1 or not given.size:
            raise parameters.ASPECT_RATIO.error(
                given.tolist(), "give a tuple of at least one ratio"
            )
        ratios = tuple(parameters.ASPECT_RATIO.check(q).item() for q in given)
        object.__setattr__(self, "aspect_ratios", ratios)

    def _factors(self) -> tuple[float, list[tuple[float, float]]]:
        return self.scale, [(q, self.aspect_ratios.count(q)) for q in set(self.aspect_ratios)]

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """X_1 ... X_k X_k^T ... X_1^T, scaled, in the form A^(1/2) B A^(1/2) for each factor."""
        generator = np.random.default_rng(rng)
        total = np.eye(n) * self.scale
        for q in self.aspect_ratios:
            samples = max(1, round(n / q))
            x = generator.standard_normal((n, samples)) / np.sqrt(samples)
            values, vectors = np.linalg.eigh(total)
            root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
            total = root @ (x @ x.T) @ root
        return total
