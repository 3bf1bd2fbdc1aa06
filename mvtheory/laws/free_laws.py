"""Laws of free sums, products and corners: of free Levy type, or by subordination."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.cumulants import moments_from_cumulants
from mvtheory.laws.equation import State
from mvtheory.laws.law import AbstractLaw, Complexes, Floats, hull
from mvtheory.laws.levy import Levy
from mvtheory.laws.rational import RationalLaw
from mvtheory.laws.subordination import SubordinatedLaw

ROUNDING = 4e-16
"""Masses below this are rounding of 0."""
HEIGHTS = (1e-5, 1e-7)
"""Shares of the width at which G is asked how it grows: twice is between 1 and 100^(1/3)."""


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
        return _summed(self.parts, n, rng)


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

    def _point_masses(self) -> dict[float, float]:
        return {at: mass for at, mass in self._masses.items() if mass > ROUNDING}

    def _poles_of_density(self) -> list[float]:
        return [at for at, mass in self._masses.items() if mass <= ROUNDING]

    @functools.cached_property
    def _divergences(self) -> Floats:
        return _diverging(self, self._poles_of_density())

    def _first_moments(self) -> tuple[float, float]:
        first, second = self._moments(2)
        return float(first), float(second)

    def _cumulants(self, n: int) -> list[Any]:
        rows = [[m * k for k in law._cumulants(n)] for law, m in self.terms]
        return [sum(column) for column in zip(*rows, strict=True)]

    def _moments(self, n: int) -> list[Any]:
        return moments_from_cumulants(self._cumulants(n))

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """The sum of the parts' matrices, each rotated; a multiplicity is a scaled corner."""
        generator = np.random.default_rng(rng)
        total: Floats = np.zeros((n, n))
        for law, m in self.terms:
            part = law.matrix(n, generator) if m == 1 else m * corner(law, 1 / m, n, generator)
            total = total + rotated(part, generator)  # complex, if the part is a commutator
        return total


@dataclass(frozen=True, kw_only=True)
class FreeProduct(SubordinatedLaw):
    """The free product of laws, all but the first on [0, infinity), by subordination."""

    parts: tuple[AbstractLaw, ...]

    # Beside a law of both signs the points of the others may come from below.
    _signs = (1, -1)

    @property
    def _terms(self) -> list[tuple[AbstractLaw, float]]:
        return [(part, 1.0) for part in self.parts]

    def _common(self, four: Any) -> tuple[Complexes, Complexes, Complexes, Complexes]:
        z, dz, g, dg = four
        inverse = 1 / (z * g - 1)
        return np.log(z), dz / z, inverse, -(dz * g + z * dg) * inverse * inverse

    def _link(self, s: Complexes) -> tuple[Complexes, Complexes]:
        return np.log(1 + s), 1 / (1 + s)

    def _goal(self, z: Complexes) -> Complexes:
        return np.log(z)

    def _ungoal(self, goal: Any) -> Any:
        return np.exp(goal)

    def _wrapped(self, total: Complexes) -> Complexes:
        return total - 2j * np.pi * np.round(total.imag / (2 * np.pi))

    def _far(self, z: Complexes) -> State:
        means = [law.moment(1) for law in self.parts]
        point = z / np.prod(means[1:])
        first = self._charts[0][0].start(point)
        _, _, g, _ = self._charts[0][0].at(first)
        y = point * g - 1
        rows = [
            start(piece, m / y) for (piece, _), m in zip(self._charts[1:], means[1:], strict=True)
        ]
        return np.array([first, *rows, 1 / y])

    def _hull(self) -> tuple[float, float]:
        low, high = hull(self.parts[0])
        top = float(np.prod([hull(law)[1] for law in self.parts[1:]]))
        bottom = float(np.prod([hull(law)[0] for law in self.parts[1:]]))
        return low * (top if low < 0 else bottom), high * (top if high > 0 else bottom)

    def _g(self, state: State, z: Complexes) -> Complexes:
        return (1 + 1 / state[-1]) / z

    @functools.cached_property
    def _masses(self) -> dict[float, float]:
        """Atoms, and those that have just vanished; a rounding of 1 decides."""
        found = {1.0: 1.0}
        for law in self.parts:
            found = {
                at * float(atom): mass + float(weight) - 1
                for at, mass in found.items()
                for atom, weight in zip(law.atoms, law.weights, strict=True)
                if atom != 0 and mass + weight - 1 > -ROUNDING
            }
        zero = max(float(np.sum(law.weights[law.atoms == 0])) for law in self.parts)
        return found | ({0.0: zero} if zero > 0 else {})

    def _point_masses(self) -> dict[float, float]:
        return {at: mass for at, mass in self._masses.items() if mass > ROUNDING}

    def _poles_of_density(self) -> list[float]:
        return [at for at, mass in self._masses.items() if mass <= ROUNDING]

    @functools.cached_property
    def _divergences(self) -> Floats:
        return _diverging(self, [*self._poles_of_density(), 0.0])

    def _first_moments(self) -> tuple[float, float]:
        first, second = 1.0, 1.0
        for law in self.parts:
            mean, square = law.moment(1), law.moment(2)
            crossed = second * mean**2 + first**2 * (square - mean**2)
            first, second = first * mean, crossed
        return first, second

    def _physical(self, state: State, z: Complexes) -> Any:
        if hull(self.parts[0])[0] >= 0:
            return super()._physical(state, z)
        # Beside a law of both signs only its own point must stay above the real line.
        g = self._g(state, z)
        point = self._charts[0][0].at(state[0])[0]
        return (g.imag <= 1e-9 * np.abs(g)) & (point.imag >= -1e-9 * np.abs(point))

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """b^(1/2) a b^(1/2) for matrices of the parts, each rotated."""
        generator = np.random.default_rng(rng)
        total = self.parts[0].matrix(n, generator)
        for law in self.parts[1:]:
            values, vectors = np.linalg.eigh(rotated(law.matrix(n, generator), generator))
            root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.conj().T
            total = root @ total @ root
        return total


def _diverging(law: SubordinatedLaw, candidates: list[float]) -> Floats:
    """Those of the points at which the density is infinite.

    Where an atom has just vanished it is, like a power -1/2 or -1/3 of the distance, unless two
    atoms vanish at the same point: so G is asked at two heights, an atom's part taken away.
    """
    points = np.unique(candidates)
    if not points.size:
        return points
    sizes = []
    for share in HEIGHTS:
        height = 1j * share * law._width
        z = points + height
        atoms = [float(np.sum(law.weights[law.atoms == x])) for x in points]
        sizes.append(np.abs(law._g(law._descend(z), z) - np.array(atoms) / height))
    return points[sizes[1] > 2 * sizes[0]]


def start(piece: Any, z: Complexes) -> Complexes:
    """Where a chart starts, for points on either side of the real line."""
    below = z.imag < 0
    found = piece.start(np.where(below, z.conj(), z))
    return np.where(below, found.conj(), found)


def rotated(matrix: Floats, generator: np.random.Generator) -> Floats:
    n = len(matrix)
    q, r = np.linalg.qr(generator.standard_normal((n, n)))
    q = q * np.sign(np.diag(r))
    return q @ matrix @ q.T


def _summed(laws: tuple[AbstractLaw, ...], n: int, rng: np.random.Generator | None) -> Floats:
    generator = np.random.default_rng(rng)
    return sum((rotated(law.matrix(n, generator), generator) for law in laws), np.zeros((n, n)))


def corner(law: AbstractLaw, fraction: float, n: int, rng: np.random.Generator | None) -> Floats:
    generator = np.random.default_rng(rng)
    whole = rotated(law.matrix(max(n, round(n / fraction)), generator), generator)
    return whole[:n, :n]
