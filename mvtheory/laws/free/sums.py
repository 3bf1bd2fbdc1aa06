"""Sums and differences of free variables."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.matrices import summed
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.contract.spectrum import is_point
from mvtheory.laws.deformed_semicircle import DeformedSemicircle
from mvtheory.laws.discrete import Discrete
from mvtheory.laws.free.operands import checked
from mvtheory.laws.free.two_atoms import SUM, TwoAtoms, has_two_atoms
from mvtheory.laws.solvers.free_sum import FreeSum
from mvtheory.laws.solvers.rational import RationalLaw


def free_add(a: AbstractLaw, b: AbstractLaw, *more: AbstractLaw) -> AbstractLaw:
    """The law of a sum of free variables: free cumulants add.

    Laws of free Levy type (semicircle, Marchenko-Pastur, generalised Wishart, free Poisson, their
    sums, affine maps and corners) stay of that type; a single atom is a shift; two laws of two
    atoms have a closed sum; all others go by subordination.

    Parameters
    ----------
    a, b, *more : AbstractLaw

    Returns
    -------
    AbstractLaw

    References
    ----------
    [speicher2006]_; [belinschi2007]_.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, Semicircle, free_add
    >>> law = free_add(MarchenkoPastur(aspect_ratio=0.5), Semicircle(variance=2))
    >>> print(law.moment(1), law.free_cumulant(2), law.free_cumulant(3))
    1.0 2.5 0.25
    """
    parts: list[tuple[AbstractLaw, float]] = []
    shift = 0.0
    for law in (a, b, *more):
        if is_point(checked(law)):
            shift += float(law.atoms[0])
        else:
            parts.extend(law._summands())
    if not parts:
        return Discrete(atoms=[shift], weights=[1.0])
    smooth = [law for law, n in parts if n == 1 and law.levy() is not None]
    if len(smooth) > 1:
        parts = [(law, n) for law, n in parts if n != 1 or law.levy() is None]
        parts.append((LevySum(parts=tuple(smooth)), 1.0))
    total = _deformed(parts)
    if total is None:
        total = parts[0][0] if len(parts) == 1 and parts[0][1] == 1 else FreeSum(terms=tuple(parts))
        if [n for law, n in parts if has_two_atoms(law)] == [1, 1] and len(parts) == 2:
            total = TwoAtoms(a=parts[0][0], b=parts[1][0], operation=SUM, generic=total)
    return total + shift if shift else total


def _deformed(parts: list[tuple[AbstractLaw, float]]) -> AbstractLaw | None:
    """The sum of finitely many atoms and a semicircle, if it is one: closed."""
    points = [law for law, n in parts if n == 1 and not law.support]
    smooth = [law.levy() for law, n in parts if n == 1 and law.support]
    if len(parts) != 2 or len(points) != 1 or len(smooth) != 1:
        return None
    triplet = smooth[0]
    if triplet is None or triplet.rates:
        return None
    law = DeformedSemicircle(diagonal=points[0], variance=triplet.variance)
    return law + triplet.drift if triplet.drift else law


def free_subtract(a: AbstractLaw, b: AbstractLaw) -> AbstractLaw:
    """The law of a - b for free a and b.

    Parameters
    ----------
    a, b : AbstractLaw

    References
    ----------
    [speicher2006]_; [belinschi2007]_.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, free_subtract
    >>> law = free_subtract(MarchenkoPastur(aspect_ratio=2), MarchenkoPastur(aspect_ratio=2))
    >>> print(law.free_cumulant(1), law.free_cumulant(2))
    0.0 4.0
    """
    return free_add(a, -checked(b))


@dataclass(frozen=True, kw_only=True)
class LevySum(RationalLaw):
    """The free sum of laws of free Levy type, exact in their parameters."""

    parts: tuple[AbstractLaw, ...]

    def levy(self, number: Callable[[Any], Any] = float) -> Levy:
        """The sum of the triplets."""
        triplets = [part.levy(number) for part in self.parts]
        return functools.reduce(lambda a, b: a.plus(b), triplets)  # type: ignore[arg-type, return-value, union-attr]

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """The sum of the parts' matrices, each rotated."""
        return summed([(part, 1) for part in self.parts], n, rng)
