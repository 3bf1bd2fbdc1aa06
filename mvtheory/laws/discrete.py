"""Laws of finitely many atoms, given or measured."""

import functools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mvtheory import arrays
from mvtheory.laws.law import AbstractLaw, Complexes, Floats
from mvtheory.laws.parameters import point_masses

CHUNK = 2**18


class PointMasses(AbstractLaw):
    """A law without continuous part, from its atoms and weights."""

    @property
    def support(self) -> tuple[tuple[float, float], ...]:
        return ()

    def _cauchy(self, z: Complexes) -> Complexes:
        return self._sum(z, np.reciprocal)

    def _potential(self, z: Complexes) -> Complexes:
        return self._sum(z, np.log)

    def _sum(self, z: Complexes, function: Any) -> Complexes:
        """sum of weight times function(z - atom)."""
        step = max(1, CHUNK // self.atoms.size)
        total = np.empty(z.shape, dtype=complex)
        for start in range(0, z.size, step):
            part = slice(start, start + step)
            total[part] = self.weights @ function(z[part] - self.atoms[:, None])
        return total

    def _continuous_cdf(self, x: Floats) -> Floats:
        return np.zeros(x.shape)

    @functools.cached_property
    def _sampler(self) -> tuple[Floats, Floats]:
        right = np.cumsum(self.weights)
        ends = np.column_stack([right - self.weights, right]).ravel()
        return ends, np.repeat(self.atoms, 2)

    def _moments(self, n: int) -> list[float]:
        return [float(self.weights @ self.atoms**k) for k in range(1, n + 1)]


@dataclass(frozen=True, kw_only=True, eq=False)
class Discrete(PointMasses):
    """Atoms with weights.

    Parameters
    ----------
    atoms : array_like, shape (n,)
        Positions; equal ones are joined.
    weights : array_like, shape (n,)
        Masses >= 0 of sum 1; rounding of their type, and 1e-12, is divided out.

    Examples
    --------
    >>> law = Discrete(atoms=[3, 1], weights=[0.25, 0.75])
    >>> print(law.atoms, law.cdf(1), law.cdf(1, side="left"), law.moment(2))
    [1. 3.] 0.75 0.0 3.0
    """

    atoms: ArrayLike = field()  # type: ignore[assignment]
    weights: ArrayLike = field()  # type: ignore[assignment]

    def __post_init__(self) -> None:
        atoms, weights = point_masses(self.atoms, self.weights)
        object.__setattr__(self, "atoms", atoms)
        object.__setattr__(self, "weights", weights)


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
