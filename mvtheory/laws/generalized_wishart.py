"""The generalised Wishart law: the symmetrised product of two correlated Gaussian matrices."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.solvers.rational import RationalLaw


@dataclass(frozen=True, kw_only=True)
class GeneralizedWishart(RationalLaw):
    r"""Limit of scale (X Y^T + Y X^T)/(2m), X and Y n x m Gaussian of the given correlation.

    The generalised Marchenko-Pastur law: with A, B = scale (1 +- correlation)/2 and
    q = aspect_ratio, R(g) = A/(1 - q A g) - B/(1 + q B g): the free sum of A MP(q) and -B MP(q).

    Parameters
    ----------
    aspect_ratio : float
        q = n/m, dimension over samples, in [1e-9, 1e9].
    correlation : float
        rho in [-1, 1] of the entries of X and Y; 1 is the Marchenko-Pastur law.
    scale : float
        s > 0.

    References
    ----------
    [speicher2006]_ for free sums; [biane1997]_ for the solution.

    Examples
    --------
    >>> law = GeneralizedWishart(aspect_ratio=0.1, correlation=0.5)
    >>> low, high = law.support[0]
    >>> print(f"{low:.12f} {high:.12f} {law.pdf(0.5):.12f}")
    0.059910813773 1.067701040845 1.271215824870
    """

    aspect_ratio: float
    correlation: float
    scale: float = 1.0

    def __post_init__(self) -> None:
        parameters.check(self, parameters.ASPECT_RATIO, parameters.CORRELATION, parameters.SCALE)

    def levy(self, number: Callable[[Any], Any] = float) -> Levy:
        """Two jumps of rate 1/q, at q A and -q B."""
        q, rho, s = (number(v) for v in (self.aspect_ratio, self.correlation, self.scale))
        jumps = [j for j in (q * s * (1 + rho) / 2, -q * s * (1 - rho) / 2) if j != 0]
        return Levy(number(0), number(0), (1 / q,) * len(jumps), tuple(jumps))

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """scale (X Y^T + Y X^T)/(2m) for m = round(n/aspect_ratio) samples, at least 1."""
        generator = np.random.default_rng(rng)
        samples = max(1, round(n / self.aspect_ratio))
        total, rho = np.zeros((n, n)), self.correlation
        # In pieces, so that small ratios need no n x m matrix at once.
        for start in range(0, samples, 4 * n + 1):
            m = min(4 * n + 1, samples - start)
            x, noise = generator.standard_normal((2, n, m))
            y = rho * x + np.sqrt((1 - rho) * (1 + rho)) * noise
            total += x @ y.T
        return self.scale * (total + total.T) / (2 * samples)
