"""Free sums and powers of any laws, by subordination."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.composable import RParts
from mvtheory.laws.contract.cumulants import moments_from_cumulants
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.matrices import summed
from mvtheory.laws.contract.parameters import ROUNDING
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import hull
from mvtheory.laws.solvers import real_gaps
from mvtheory.laws.solvers.descent import State
from mvtheory.laws.solvers.real_points import Points
from mvtheory.laws.solvers.subordination import SubordinatedLaw

SAME = 1e-14
"""Of a multiplicity, that is 1 but for rounding."""


@dataclass(frozen=True, kw_only=True)
class FreeSum(SubordinatedLaw):
    """The free sum of laws, each taken with a real multiplicity >= 1, by subordination."""

    terms: tuple[tuple[AbstractLaw, float], ...]

    @property
    def _terms(self) -> list[tuple[AbstractLaw, float]]:
        return list(self.terms)

    def _common(self, four: Any) -> tuple[Complexes, Complexes, Complexes, Complexes]:
        z, dz, g, dg = four
        inverse = 1 / g
        return z, dz, inverse, -dg * inverse * inverse

    def _link(self, s: Complexes) -> tuple[Complexes, Complexes]:
        return s, np.ones_like(s)

    def _goal(self, z: Complexes) -> Complexes:
        return z

    def _far(self, z: Complexes) -> State:
        means = [law.moment(1) for law, _ in self.terms]
        total = sum(n * m for m, (_, n) in zip(means, self.terms, strict=True))
        rows = [
            piece.start(z - (total - m)) for m, (piece, _) in zip(means, self._charts, strict=True)
        ]
        return np.array([*rows, z - total])

    def _hull(self) -> tuple[float, float]:
        ends = [(n * low, n * high) for law, n in self.terms for low, high in [hull(law)]]
        wide = sum(low for low, _ in ends), sum(high for _, high in ends)
        size = max(high - low for low, high in map(hull, (law for law, _ in self.terms)))
        g = self._cumulants(2)[1] ** -0.5
        if len(self.terms) > 1 or g * size >= 1:
            return wide
        # The ends are the extremes of z(g) = R(g) + 1/g, so any of its values is a bound; this one
        # is near them for many terms. |G| of a part is 1/size at least at its ends.
        (law, n), points = self.terms[0], np.array([-g, g])
        low, high = n * np.asarray(law.r_transform(points)) + 1 / points
        return float(low), float(high)

    @functools.cached_property
    def support(self) -> tuple[tuple[float, float], ...]:
        points = [(law, n) for law, n in self.terms if not law.support]
        smooth = [(law.levy(), n) for law, n in self.terms if law.support]
        levys = [levy.compressed(1 / n).scaled(n) for levy, n in smooth if levy is not None]
        if points and len(levys) == len(smooth):
            known = real_gaps.bands(
                [Points(law, n) for law, n in points],
                functools.reduce(Levy.plus, levys, Levy()),
            )
            if known is not None:
                return known
        return super().support

    def _g(self, state: State, z: Complexes) -> Complexes:
        return 1 / state[-1]

    @functools.cached_property
    def _masses(self) -> dict[float, float]:
        """Atoms, and those that have just vanished; a rounding of 1 decides."""
        found = {0.0: 1.0}
        for law, n in self.terms:
            found = {
                at + n * float(atom): mass - n * (1 - float(weight))
                for at, mass in found.items()
                for atom, weight in zip(law.atoms, law.weights, strict=True)
                if mass - n * (1 - float(weight)) > -ROUNDING
            }
        return found

    def _cumulants(self, n: int) -> list[Any]:
        rows = [[m * k for k in law._cumulants(n)] for law, m in self.terms]
        return [sum(column) for column in zip(*rows, strict=True)]

    def _moments(self, n: int) -> list[Any]:
        return moments_from_cumulants(self._cumulants(n))

    def _r_parts(self) -> RParts:
        return 0.0, [(law, n, 1.0) for law, n in self.terms]

    def _summands(self) -> tuple[tuple[AbstractLaw, float], ...]:
        return self.terms

    def _free_power(self, times: float) -> AbstractLaw | None:
        terms = [(law, n * times) for law, n in self.terms]
        terms = [(law, 1.0 if abs(n - 1) <= SAME else n) for law, n in terms]
        if any(n < 1 for _, n in terms):
            return None
        alone = len(terms) == 1 and terms[0][1] == 1
        return terms[0][0] if alone else FreeSum(terms=tuple(terms))

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """The sum of the parts' matrices, each rotated; a multiplicity is a scaled corner."""
        return summed(self.terms, n, rng)
