r"""A law in a variable w in which both z and G = G(z) are explicit, for solving several at once.

Free sums and products ask for points z_i with G_1(z_1) = G_2(z_2); in a chart that is an equation
of explicit analytic functions, whatever z_i itself costs.
"""

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.affine import Affine
from mvtheory.laws.deformed_semicircle import DeformedSemicircle
from mvtheory.laws.delegated import DelegatedLaw
from mvtheory.laws.discrete import PointMasses
from mvtheory.laws.elementary import pole_sums
from mvtheory.laws.equation import Equation
from mvtheory.laws.generalized_covariance import _CovarianceOfAtoms
from mvtheory.laws.law import AbstractLaw, Complexes, hull
from mvtheory.laws.multiplicative import MultiplicativeLaw
from mvtheory.laws.point_power import PointPower
from mvtheory.laws.rational import RationalLaw

Four = tuple[Complexes, Any, Complexes, Complexes]


@dataclass(frozen=True)
class Chart(ABC):
    """z and G as functions of w; w as a function of z above the real line."""

    law: Any

    @abstractmethod
    def at(self, w: Complexes) -> Four:
        """z, dz/dw, G and dG/dw."""

    @abstractmethod
    def start(self, z: Complexes) -> Complexes:
        """w at points above the real line."""

    @abstractmethod
    def potential(self, w: Complexes) -> Complexes:
        """U = E[log(z - X)]."""


class _Rational(Chart):
    """w = h = 1/G."""

    def at(self, w: Complexes) -> Four:
        rational = self.law._rational
        first, second = pole_sums(rational.strengths, rational.poles, w)
        inverse = 1 / w
        return w + rational.shift + first, 1 - second, inverse, -inverse * inverse

    def start(self, z: Complexes) -> Complexes:
        return self.law._solve(z)

    def potential(self, w: Complexes) -> Complexes:
        return self.law._potential_at(w)


class _Deformed(Chart):
    """w = the point at which the diagonal's G is taken: z = w + variance G."""

    def at(self, w: Complexes) -> Four:
        diagonal, variance = self.law.diagonal, self.law.variance
        first, second = pole_sums(diagonal.weights, diagonal.atoms, w)
        return w + variance * first, 1 - variance * second, first, -second

    def start(self, z: Complexes) -> Complexes:
        return self.law._solve(z)

    def potential(self, w: Complexes) -> Complexes:
        return self.law._potential_at(w)


class _Power(Chart):
    """w = the point at which the G of the point masses is taken."""

    def at(self, w: Complexes) -> Four:
        rational = self.law._rational
        first, second = pole_sums(rational.strengths, rational.poles, w)
        g, fall = pole_sums(self.law.law.weights, self.law._inner, w)
        return w + rational.shift + first, 1 - second, g, -fall

    def start(self, z: Complexes) -> Complexes:
        return self.law._solve(z)

    def potential(self, w: Complexes) -> Complexes:
        return self.law._potential_at(w)


class _Covariance(Chart):
    """w = 1/G of the companion: q G = 1/w - (1 - q)/z."""

    def at(self, w: Complexes) -> Four:
        companion, q = self.law._companion, self.law.aspect_ratio
        z, dz, g, dg = _Rational(companion).at(w)
        rest = (1 - q) / q / z
        return z, dz, g / q - rest, dg / q + rest * dz / z

    def start(self, z: Complexes) -> Complexes:
        return self.law._companion._solve(z)

    def potential(self, w: Complexes) -> Complexes:
        return self.law.potential_at(w, self.law._companion._rational.image(w))


class _Multiplicative(Chart):
    """w = y = z G - 1."""

    def at(self, w: Complexes) -> Four:
        largest = self.law._all[0]
        log, slope = self.law._log_image(1 + largest * w)
        z = np.exp(log)
        dz = z * slope * largest
        g = (1 + w) / z
        return z, dz, g, (1 - g * dz) / z

    def start(self, z: Complexes) -> Complexes:
        return self.law._y(z)[0]

    def potential(self, w: Complexes) -> Complexes:
        return self.law._potential_at(w, 1 + self.law._all[0] * w)


class _Points(Chart):
    """w = z for finitely many atoms."""

    def at(self, w: Complexes) -> Four:
        first, second = pole_sums(self.law.weights, self.law.atoms, w)
        return w, 1.0, first, -second

    def start(self, z: Complexes) -> Complexes:
        return z

    def potential(self, w: Complexes) -> Complexes:
        return self.law._potential(w)


class _Affine(Chart):
    """The chart of the law inside; a negative factor takes it below the real line."""

    @functools.cached_property
    def _inner(self) -> Chart:
        return chart(self.law.law)

    def at(self, w: Complexes) -> Four:
        z, dz, g, dg = self._inner.at(w)
        a, b = self.law.scale, self.law.shift
        return a * z + b, a * dz, g / a, dg / a

    def start(self, z: Complexes) -> Complexes:
        inner = (z - self.law.shift) / self.law.scale
        if self.law.scale > 0:
            return self._inner.start(inner)
        return self._inner.start(inner.conj()).conj()

    def potential(self, w: Complexes) -> Complexes:
        if self.law.scale > 0:
            return self._inner.potential(w) + np.log(self.law.scale)
        inner = self._inner.potential(w.conj()).conj()
        return inner + np.log(-self.law.scale) + 1j * np.pi


class _Valued(Chart):
    """w = z for a law that gives the values of G alone."""

    @functools.cached_property
    def _width(self) -> float:
        low, high = hull(self.law)
        return high - low

    def at(self, w: Complexes) -> Four:
        step = 1e-5 * (np.abs(w) + 1e-3 * self._width)
        g = self._value(w)
        # Along the real direction, so that points above the real line stay there.
        return w, 1.0, g, (self._value(w + step) - self._value(w - step)) / (2 * step)

    def _value(self, w: Complexes) -> Complexes:
        return _reflected(self.law._cauchy, w)

    def start(self, z: Complexes) -> Complexes:
        return z

    def potential(self, w: Complexes) -> Complexes:
        return _reflected(self.law._potential, w)


class _Followed(_Valued):
    """A law that is itself followed, from the states at which it was last asked."""

    @property
    def _width(self) -> float:
        return float(self.law._width)

    def _value(self, w: Complexes) -> Complexes:
        return _reflected(lambda z: self.law._g(self.law.warm_states(z), z), w)


def _reflected(function: Callable[[Complexes], Complexes], w: Complexes) -> Complexes:
    """A function of points above the real line, continued below it by reflection."""
    values = np.full(w.shape, complex(np.nan, np.nan))
    known, below = np.isfinite(w), w.imag < 0
    if known.any():
        values[known] = function(np.where(below, w.conj(), w)[known])
    return np.where(below, values.conj(), values)


def chart(law: AbstractLaw) -> Chart:
    """The best chart of a law."""
    if isinstance(law, DelegatedLaw):
        return chart(law._law)
    if isinstance(law, Affine):
        return _Affine(law)
    if isinstance(law, DeformedSemicircle):
        return _Deformed(law)
    if isinstance(law, PointPower):
        return _Power(law)
    if isinstance(law, RationalLaw):
        return _Rational(law)
    if isinstance(law, _CovarianceOfAtoms):
        return _Covariance(law)
    if isinstance(law, MultiplicativeLaw):
        return _Multiplicative(law)
    if isinstance(law, PointMasses):
        return _Points(law)
    return _Followed(law) if isinstance(law, Equation) else _Valued(law)
