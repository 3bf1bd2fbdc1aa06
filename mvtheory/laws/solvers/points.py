"""Finitely many atoms: every transform is a sum over them."""

import functools
from typing import Any

import numpy as np

from mvtheory.laws.contract import transforms
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.explicit_r import ExplicitR, Pair
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.elementary import pole_sums

CHUNK = 2**18
TINY = 1e-9
"""Of g times the size of the spectrum: R is mean + variance g to the square of it."""


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

    def _variance(self) -> float:
        mean = self.weights @ self.atoms
        # About the mean: moments about 0 cancel.
        return float(self.weights @ (self.atoms - mean) ** 2)

    def _chart(self) -> Chart:
        return _PointsChart(self)

    def _explicit_r(self) -> ExplicitR:
        return ExplicitR(functools.partial(r_of_points, self))

    def _s(self, y: Floats) -> Floats:
        return transforms.s_of_psi(self, functools.partial(_psi, self), y)


class _PointsChart(Chart):
    """w = z for finitely many atoms."""

    def at(self, w: Complexes) -> Four:
        first, second = pole_sums(self.law.weights, self.law.atoms, w)
        return w, 1.0, first, -second

    def start(self, z: Complexes) -> Complexes:
        return z

    def potential(self, w: Complexes) -> Complexes:
        return self.law._potential(w)


def r_of_points(law: AbstractLaw, g: Floats) -> Pair:
    """R = c + E[(X - c)/(z - X)]/G(z) at G(z) = g, c in the middle: nothing cancels."""
    value, slope = np.full((2, *g.shape), np.nan)
    atoms, centre = law.atoms, float(law.atoms[0] + law.atoms[-1]) / 2
    mean = float(law.weights @ (atoms - centre))
    variance = float(law.weights @ (atoms - centre - mean) ** 2)
    step = max(1, CHUNK // atoms.size)
    for sign in (1, -1):
        here = np.flatnonzero(sign * g > 0)
        x, w = sign * (atoms - centre)[::sign], law.weights[::sign]
        for start in range(0, here.size, step):
            part = here[start : start + step]
            found, rate = _beyond(x, w, sign * g[part])
            value[part], slope[part] = centre + sign * found, rate
    tiny = np.abs(g) * float(np.ptp(atoms)) < TINY
    value[tiny], slope[tiny] = centre + mean + variance * g[tiny], variance
    return value, slope


def _beyond(x: Floats, w: Floats, g: Floats) -> Pair:
    """R and R' at g > 0 of atoms x, ascending: Newton in z - x[-1] for 1/G = 1/g.

    1/G is concave above the atoms, and the first step, as if x[-1] were alone, falls short.
    """
    gap = x[-1] - x
    distance = w[-1] / g
    with np.errstate(all="ignore"):
        for _ in range(100):
            inverse = 1 / (distance + gap[:, None])
            first, second = w @ inverse, w @ (inverse * inverse)
            change = first * (first / g - 1) / second
            distance = distance + np.maximum(change, 0)
            if not (change > 1e-15 * distance).any():
                break
        # R' = 1/G^2 + 1/G', without cancellation.
        spread = w @ (inverse - first) ** 2
        return (w * x) @ inverse / first, spread / (first**2 * second)


def _psi(law: PointMasses, z: Floats) -> Pair:
    """E[X/(1 - zX)] and E[X/(1 - zX)^2]."""
    ratio, slope = np.empty((2, *z.shape))
    step = max(1, CHUNK // law.atoms.size)
    for start in range(0, z.size, step):
        part = slice(start, start + step)
        inverse = 1 / (1 - z[part] * law.atoms[:, None])
        ratio[part] = (law.weights * law.atoms) @ inverse
        slope[part] = (law.weights * law.atoms) @ (inverse * inverse)
    return ratio, slope
