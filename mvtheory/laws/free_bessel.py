"""Free Bessel laws."""

from dataclasses import dataclass

import numpy as np

from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.solvers.multiplicative import MultiplicativeLaw


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
