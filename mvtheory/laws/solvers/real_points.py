"""Parts of a free sum on the real line: points w, in gaps of a law, where G(w) = g, and 1/F'(w).

F = 1/G, so 1/F' = G^2/(-G'): m at an atom of mass m, 1 far away.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.solvers.points import r_of_points

STEPS = 40


@dataclass(frozen=True)
class Points:
    """A law of atoms, and how often it is added.

    Gap 0 is what is beyond all atoms, gap k is between the atoms k - 1 and k.
    """

    law: AbstractLaw
    times: float

    @property
    def atoms(self) -> Floats:
        return self.law.atoms

    @property
    def masses(self) -> Floats:
        return self.law.weights

    @property
    def gaps(self) -> int:
        return self.atoms.size

    def atom(self, gap: int, g: float) -> tuple[float, float]:
        """That at the end of a gap where G has the sign of g and is infinite, and its mass."""
        beyond = self.atoms.size - 1 if g > 0 else 0
        at = (gap - 1 if g > 0 else gap) if gap else beyond
        return float(self.atoms[at]), float(self.masses[at])

    def at(self, gap: NDArray[np.intp], g: Floats) -> Floats:
        """w in a gap where G(w) = g, 1/F'(w) and g times its slope in g, shape (3, n)."""
        w, inner = np.empty(g.shape), gap > 0
        w[inner] = self._between(gap[inner] - 1, g[inner])
        w[~inner] = r_of_points(self.law, g[~inner])[0] + 1 / g[~inner]
        inverse = 1 / (w - self.atoms[:, None])
        terms = self.masses[:, None] * inverse
        first, second = terms.sum(axis=0), (terms * inverse).sum(axis=0)
        third = (terms * inverse * inverse).sum(axis=0)
        # Of G at w, not g: beside an atom w - atom has few digits, which cancel so. G' = -second,
        # and second' = -2 third.
        rise = first * first / second
        return np.array([w, rise, 2 * rise * (1 - first * third / second**2)])

    def _between(self, k: NDArray[np.intp], g: Floats) -> Floats:
        """Between the atoms k and k + 1, by the secular equation's method of two poles
        (Bunch, Nielsen & Sorensen, 1978): the sums over atoms on each side as one of them each."""
        low, room = self.atoms[k], self.atoms[k + 1] - self.atoms[k]
        below = np.arange(self.atoms.size)[:, None] <= k
        away = low - self.atoms[:, None]
        share = self.masses[k] / (self.masses[k] + self.masses[k + 1])
        y = room * share
        for _ in range(STEPS):
            inverse = 1 / (y + away)
            terms = self.masses[:, None] * inverse
            slopes = terms * inverse
            first, second = np.where(below, terms, 0).sum(axis=0), terms.sum(axis=0)
            steep, other = np.where(below, slopes, 0).sum(axis=0), slopes.sum(axis=0)
            p, q = steep * y * y, (other - steep) * (room - y) ** 2
            # p/x + q/(x - room) + rest = 0, x the root in the gap.
            rest = first - p / y + (second - first) + q / (room - y) - g
            half = p + q - rest * room
            root = np.sqrt(half * half + 4 * rest * p * room)
            new = np.where(half > 0, 2 * p * room / (half + root), (root - half) / (2 * rest))
            moved, y = np.abs(new - y), new
            if (moved <= 1e-15 * room).all():
                break
        return np.asarray(low + y)


@dataclass(frozen=True)
class Smooth:
    """A law of free Levy type, whose gaps g alone tells apart."""

    levy: Levy
    times: float = 1.0
    gaps: int = 1

    def atom(self, gap: int, g: float) -> tuple[float, float]:
        """The atom that it has where g is infinite, and its mass; below 0 if it has none."""
        levy = self.levy
        return levy.drift, 1 - sum(levy.rates) if levy.variance == 0 else -math.inf

    def at(self, gap: NDArray[np.intp], g: Floats) -> Floats:
        """As of `Points`; w = R(g) + 1/g, and 1/F' = 1 - g^2 R'(g)."""
        levy = self.levy
        w, fall, bend = (
            levy.r_transform(g) + 1 / g,
            levy.variance * g * g,
            2 * levy.variance * g * g,
        )
        for rate, jump in zip(levy.rates, levy.jumps, strict=True):
            ratio = jump * g / (1 - jump * g)
            fall = fall + rate * ratio**2
            bend = bend + 2 * rate * ratio**2 / (1 - jump * g)
        return np.array([w, 1 - fall, -bend])


Part = Smooth | Points
