"""The law of measured eigenvalues."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mvtheory import arrays
from mvtheory.laws.contract.parameters import point_masses
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.solvers.points import PointMasses


@dataclass(frozen=True, kw_only=True, eq=False)
class Empirical(PointMasses):
    """Equal masses at measured eigenvalues.

    Parameters
    ----------
    eigenvalues : array_like, shape (n,)
        Finite real numbers.

    Examples
    --------
    >>> Empirical(eigenvalues=[0.5, 2, 2, 1.5]).cdf(1.5)
    0.5
    """

    eigenvalues: ArrayLike

    def __post_init__(self) -> None:
        values = arrays.real(self.eigenvalues, "eigenvalues")
        if values.ndim != 1 or not values.size or not np.isfinite(values).all():
            raise ValueError(
                f"eigenvalues of shape {values.shape} are not allowed (finite real numbers, shape "
                "(n,), n >= 1); flatten them, remove what is not finite, give one at least"
            )
        object.__setattr__(self, "eigenvalues", np.sort(values))

    @functools.cached_property
    def _masses(self) -> tuple[Floats, Floats]:
        values = np.asarray(self.eigenvalues)
        return point_masses(values, np.full(values.size, 1 / values.size))

    @functools.cached_property
    def atoms(self) -> Floats:
        return self._masses[0]

    @functools.cached_property
    def weights(self) -> Floats:
        return self._masses[1]
