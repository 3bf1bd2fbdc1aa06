"""Free products of any laws, by subordination."""

import functools
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mvtheory.laws.contract import transforms
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.composable import Factors
from mvtheory.laws.contract.matrices import rotated
from mvtheory.laws.contract.parameters import ROUNDING
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import hull
from mvtheory.laws.solvers.descent import State
from mvtheory.laws.solvers.divergences import FITTED, KINDS, Kinds, Singularity, diverging
from mvtheory.laws.solvers.subordination import SubordinatedLaw
from mvtheory.multiprecision import NoConvergence

NEAR, WHOLE = (1e-20, 1e-22), 1e-3
"""Distances from 0, over the largest number, at which a power of it is seen, and how far it may be
from a whole one."""


@dataclass(frozen=True, kw_only=True)
class FreeProduct(SubordinatedLaw):
    """The free product of laws, all but the first on [0, infinity), by subordination."""

    parts: tuple[AbstractLaw, ...]

    # Beside a law of both signs the points of the others may come from below.
    _signs = (1, -1)

    @functools.cached_property
    def _one_sided(self) -> bool:
        return hull(self.parts[0])[0] >= 0

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

    def _wrapped(self, total: Complexes) -> Complexes:
        return total - 2j * np.pi * np.round(total.imag / (2 * np.pi))

    def _far(self, z: Complexes) -> State:
        means = [law.moment(1) for law in self.parts]
        point = z / np.prod(means[1:])
        first = self._charts[0][0].start(point)
        _, _, g, _ = self._charts[0][0].at(first)
        y = point * g - 1
        rows = [
            piece.start_anywhere(m / y)
            for (piece, _), m in zip(self._charts[1:], means[1:], strict=True)
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
        return found | self._at_zero

    @functools.cached_property
    def _at_zero(self) -> dict[float, float]:
        """Where no part has an atom and the band of one begins at 0, that of the product reaches
        it: it is invertible where all of them are. That is as at an atom just vanished."""
        zero = max(map(_mass_at_zero, self.parts))
        begins = any(hull(law)[0] == 0 for law in self.parts)
        return {0.0: zero} if zero > 0 or begins else {}

    @functools.cached_property
    def _divergences(self) -> Floats:
        return diverging(self, [*self._masses, 0.0])

    def _kinds(self, at: float) -> Kinds:
        # 1/y, nearly constant there, has few digits of what is left of it.
        if at != 0:
            return ()
        if not self._one_sided:
            return KINDS
        most = self._at_zero[0.0]
        if most > 0:
            order = sum(n for law, n in self._terms if _mass_at_zero(law) > most - ROUNDING)
        else:
            order = 1 + sum(n * (_root_at_zero(law) - 1) for law, n in self._terms)
        return ((1, order),) if 1 < order < np.inf else ()

    # So close as digits are lost in proportion to t only.
    _reach = 0.03

    @functools.cached_property
    def _singularities(self) -> list[Singularity]:
        # Where something else is singular closer by, or there is no solution, no series fits.
        found: list[Singularity] = []
        with suppress(NoConvergence):
            found = [one for one in super()._singularities if one.error < FITTED]
        if not self._one_sided:
            return found
        # Nothing lies below 0.
        return [
            replace(one, constant=complex(one.constant.real, np.pi * (1 - one.mass)))
            for one in found
        ]

    def _first_moments(self) -> tuple[float, float]:
        first, second = 1.0, 1.0
        for law in self.parts:
            mean, square = law.moment(1), law.moment(2)
            crossed = second * mean**2 + first**2 * (square - mean**2)
            first, second = first * mean, crossed
        return first, second

    def _physical(self, state: State, z: Complexes) -> Any:
        if not self._one_sided:
            # Beside a law of both signs only its own point must stay above the real line.
            g = self._g(state, z)
            point = self._charts[0][0].at(state[0])[0]
            return (g.imag <= 1e-9 * np.abs(g)) & (point.imag >= -1e-9 * np.abs(point))
        good = super()._physical(state, z)
        # All arguments are in [0, pi], and agree as they are: not by whole turns, as those of
        # other branches do.
        last = 1 + state[-1]
        left = -np.abs(np.angle(z)) - self._extra * np.abs(np.angle(last))
        for (piece, n), w in zip(self._charts, state[:-1], strict=True):
            point = piece.at(w)[0]
            # The arguments of points are no smaller than that of z [belinschi2007]_.
            turned = point * z.conj()
            good &= turned.imag >= -1e-9 * np.abs(turned)
            left += n * np.abs(np.angle(point))
        # Beside z = 0 off the spectrum y is nearly -1, and arguments are rounding.
        return good & ((np.abs(left) < np.pi) | (np.abs(last) < 1e-3))

    def _r(self, g: Floats) -> Floats:
        return transforms.r_of_s(self, g)

    def _s(self, y: Floats) -> Floats:
        return np.prod([part._s(y) for part in self.parts], axis=0)

    def _factors_of_product(self, scale: float = 1.0) -> Factors:
        return scale, (), self.parts

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """b^(1/2) a b^(1/2) for matrices of the parts, each rotated."""
        generator = np.random.default_rng(rng)
        total = self.parts[0].matrix(n, generator)
        for law in self.parts[1:]:
            values, vectors = np.linalg.eigh(rotated(law.matrix(n, generator), generator))
            root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.conj().T
            total = root @ total @ root
        return total


def _mass_at_zero(law: AbstractLaw) -> float:
    return float(np.sum(law.weights[law.atoms == 0]))


def _root_at_zero(law: AbstractLaw) -> float:
    """k, where z G of a law without an atom at 0 is like z^(1/k) there, if it is whole; else
    infinite."""
    low, high = hull(law)
    if low > 0:
        return 1.0
    near = -high * np.array(NEAR)
    first, second = near * law._cauchy(near.astype(complex)).real
    root = float(np.log(NEAR[0] / NEAR[1]) / np.log(first / second))
    return round(root) if abs(root - round(root)) < WHOLE else np.inf


def one_sided_last(laws: Iterable[AbstractLaw]) -> list[AbstractLaw]:
    """The laws in an order in which the one with negative numbers is the first."""
    return sorted(laws, key=lambda law: hull(law)[0] >= 0)
