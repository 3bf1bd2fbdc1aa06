"""Laws of finitely many atoms."""

from dataclasses import dataclass, field

from numpy.typing import ArrayLike

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.parameters import point_masses
from mvtheory.laws.solvers.points import PointMasses


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


def simplest(law: AbstractLaw) -> AbstractLaw:
    """The law itself, or what it is as `Discrete` if it has no continuous part."""
    return law if law.support else Discrete(atoms=law.atoms, weights=law.weights)
