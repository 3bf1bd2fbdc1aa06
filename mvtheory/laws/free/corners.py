"""Corners of rotated matrices: compressions by a free projection."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.matrices import corner
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.contract.spectrum import is_point
from mvtheory.laws.discrete import Discrete
from mvtheory.laws.free.operands import checked
from mvtheory.laws.free.point_power import MOST_ATOMS, PointPower
from mvtheory.laws.solvers.free_sum import FreeSum
from mvtheory.laws.solvers.rational import RationalLaw


def free_compress(law: AbstractLaw, fraction: float) -> AbstractLaw:
    """The law of the corner p a p of trace `fraction`, p a free projection: kappa_n t^(n-1).

    Parameters
    ----------
    law : AbstractLaw
    fraction : float
        t in [1e-12, 1]: the corner of a rotated matrix that keeps this share of the rows. Laws
        that are neither of free Levy type nor finitely many atoms: t in [1e-6, 1].

    References
    ----------
    [speicher2006]_.

    Examples
    --------
    >>> from mvtheory.laws import Discrete, free_compress
    >>> law = free_compress(Discrete(atoms=[-1, 1], weights=[0.5, 0.5]), fraction=0.5)
    >>> print(law.support, law.free_cumulant(2))
    ((-1.0, 1.0),) 0.5
    """
    checked(law)
    t = parameters.FRACTION.number(fraction)
    if t == 1 or is_point(law):
        return law
    if law.levy() is not None:
        return LevyCorner(law=law, fraction=t)
    inner, scale, shift = law._rescaled()
    if inner is not law:
        return scale * free_compress(inner, t) + shift
    # About the atom that stays, if one does, or else the mean: positions grow with 1/t.
    stays = law.atoms[law.weights > 1 - t][:1]
    centre = float(stays[0]) if stays.size else law.moment(1)
    if not law.support and law.atoms.size <= MOST_ATOMS:
        centred = Discrete(atoms=law.atoms - centre, weights=law.weights)
        return t * PointPower(law=centred, times=1 / t) + centre
    parameters.CONTINUED_FRACTION.check(t)
    return t * FreeSum(terms=((law - centre, 1 / t),)) + centre


@dataclass(frozen=True, kw_only=True)
class LevyCorner(RationalLaw):
    """The corner of a law of free Levy type."""

    law: AbstractLaw
    fraction: float

    def levy(self, number: Callable[[Any], Any] = float) -> Levy:
        """The compressed triplet."""
        triplet = self.law.levy(number)
        assert triplet is not None
        return triplet.compressed(number(self.fraction))

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """The corner of a larger matrix, rotated."""
        return corner(self.law, self.fraction, n, rng)
