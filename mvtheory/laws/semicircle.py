"""The semicircle law: limit of Wigner matrices."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.solvers.rational import RationalLaw


@dataclass(frozen=True, kw_only=True)
class Semicircle(RationalLaw):
    r"""Density sqrt(4 v - (x - m)^2)/(2 pi v) on [m - 2 sqrt v, m + 2 sqrt v]; R(g) = m + v g.

    Parameters
    ----------
    mean : float
        m.
    variance : float
        v > 0.

    References
    ----------
    [speicher2006]_.

    Examples
    --------
    >>> law = Semicircle(mean=1, variance=2.25)
    >>> print(law.support, law.moment(4))
    ((-2.0, 4.0),) 24.625
    """

    mean: float = 0.0
    variance: float = 1.0

    def __post_init__(self) -> None:
        parameters.check(self, parameters.MEAN, parameters.VARIANCE)

    def levy(self, number: Callable[[Any], Any] = float) -> Levy:
        """Drift m and variance v."""
        return Levy(number(self.mean), number(self.variance))

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """m + sqrt(v/(2n)) (X + X^T), X standard Gaussian: the Gaussian orthogonal ensemble."""
        x = np.random.default_rng(rng).standard_normal((n, n))
        return self.mean * np.eye(n) + np.sqrt(self.variance / (2 * n)) * (x + x.T)
