"""Commutators and anticommutators of free variables."""

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.spectrum import is_point
from mvtheory.laws.discrete import Discrete
from mvtheory.laws.free.free_commutator import FreeCommutator
from mvtheory.laws.free.operands import checked
from mvtheory.laws.free.two_atoms import (
    ANTICOMMUTATOR,
    COMMUTATOR,
    Operation,
    TwoAtoms,
    has_two_atoms,
)
from mvtheory.laws.generalized_wishart import GeneralizedWishart


def anticommutator(a: AbstractLaw, b: AbstractLaw) -> AbstractLaw:
    """The law of ab + ba for free a and b.

    Two centred semicircles of deviations s, t make the generalised Wishart law of ratio 1,
    correlation 0 and scale 2 s t; two laws of two atoms have a closed law; others go by
    linearisation.

    Parameters
    ----------
    a, b : AbstractLaw

    References
    ----------
    [speicher2006]_; by linearisation [belinschi2017]_.

    Examples
    --------
    >>> from mvtheory.laws import Semicircle, anticommutator
    >>> law = anticommutator(Semicircle(variance=4), Semicircle(variance=2.25))
    >>> print(law.moment(2), f"{law.support[0][1]:.12f}")
    18.0 9.990572030357
    """
    if is_point(checked(a)) or is_point(checked(b)):
        point, other = (a, b) if is_point(a) else (b, a)
        factor = 2 * float(point.atoms[0])
        return factor * other if factor else Discrete(atoms=[0.0], weights=[1.0])
    deviations = [_deviation(law, centred=True) for law in (a, b)]
    if None not in deviations:
        return _of_semicircles(*deviations)  # type: ignore[arg-type]
    return _of_two_atoms(FreeCommutator(a=a, b=b, sign=1), ANTICOMMUTATOR)


def commutator(a: AbstractLaw, b: AbstractLaw) -> AbstractLaw:
    """The law of i(ab - ba) for free a and b: symmetric, unchanged by shifts of a and b.

    Two semicircles of deviations s, t make the generalised Wishart law of ratio 1, correlation 0
    and scale 2 s t; two laws of two atoms have a closed law; others go by linearisation.

    Parameters
    ----------
    a, b : AbstractLaw

    References
    ----------
    [speicher2006]_; by linearisation [belinschi2017]_.

    Examples
    --------
    >>> from mvtheory.laws import Discrete, commutator
    >>> law = commutator(*2 * [Discrete(atoms=[0, 1], weights=[0.5, 0.5])])
    >>> print([f"{low:.6f} {high:.6f}" for low, high in law.support])
    ['-0.500000 0.500000']
    """
    if is_point(checked(a)) or is_point(checked(b)):
        return Discrete(atoms=[0.0], weights=[1.0])
    deviations = [_deviation(law, centred=False) for law in (a, b)]
    if None not in deviations:
        return _of_semicircles(*deviations)  # type: ignore[arg-type]
    return _of_two_atoms(FreeCommutator(a=a, b=b, sign=-1), COMMUTATOR)


def _deviation(law: AbstractLaw, centred: bool) -> float | None:
    """The deviation of a semicircle, None for any other law."""
    triplet = law.levy()
    if triplet is None or triplet.rates or (centred and triplet.drift):
        return None
    return float(triplet.variance) ** 0.5


def _of_semicircles(s: float, t: float) -> AbstractLaw:
    return GeneralizedWishart(aspect_ratio=1, correlation=0, scale=2 * s * t)


def _of_two_atoms(law: FreeCommutator, operation: Operation) -> AbstractLaw:
    if not (has_two_atoms(law.a) and has_two_atoms(law.b)):
        return law
    return TwoAtoms(a=law.a, b=law.b, operation=operation, generic=law)
