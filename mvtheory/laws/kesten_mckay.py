"""Random regular graphs: the Kesten-McKay law."""

import functools
from dataclasses import dataclass

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.delegated import DelegatedLaw
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.discrete import Discrete
from mvtheory.laws.free.point_power import PointPower

DEGREE = Argument("degree", "d", "neighbours of each vertex", 2, 1e6)


@dataclass(frozen=True, kw_only=True)
class KestenMcKay(DelegatedLaw):
    r"""Limit of the adjacency matrices of random graphs in which every vertex has d neighbours.

    Density d sqrt(4 (d - 1) - x^2)/(2 pi (d^2 - x^2)) on |x| <= 2 sqrt(d - 1): the free sum of d
    fair coins of +-1, and so for real d >= 2 too.

    Parameters
    ----------
    degree : float
        d in [2, 1e6]; at 2 the arcsine law.

    References
    ----------
    [mckay1981]_.

    Examples
    --------
    >>> law = KestenMcKay(degree=5)
    >>> print(law.support, law.moment(4))
    ((-4.0, 4.0),) 45.0
    """

    degree: float

    def __post_init__(self) -> None:
        parameters.check(self, DEGREE)

    @functools.cached_property
    def _law(self) -> AbstractLaw:
        return PointPower(law=Discrete(atoms=[-1, 1], weights=[0.5, 0.5]), times=self.degree)

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """Of d random matchings of n vertices, where d is whole; else of rotated coins."""
        if self.degree != int(self.degree) or n < 2:
            return self._law.matrix(n, rng)
        generator, total = np.random.default_rng(rng), np.zeros((n, n))
        for _ in range(int(self.degree)):
            order = generator.permutation(n)
            one, other = order[: n // 2], order[n // 2 : 2 * (n // 2)]
            total[one, other] += 1
            total[other, one] += 1
            total[order[2 * (n // 2) :], order[2 * (n // 2) :]] += 1  # who is left
        return total
