r"""The angle between the ranges of two free projections, in closed form.

Two projections p, q are, apart from common eigenvectors, a sum of 2 x 2 blocks: two lines at an
angle theta. For free ones of traces a, b the law of c = cos^2 theta is that of the bulk of p q p
[speicher2006]_: on [low, high] = a + b - 2ab -+ r, r = 2 sqrt(a b (1-a) (1-b)), the density is
sqrt((c - low)(high - c))/(2 pi c (1-c)), of mass min(a, b, 1-a, 1-b).

With c = middle - r cos(psi) it is 1 - D P_s(psi) - E P_t(pi - psi), over 2 pi: D = |a - b| and
E = |1 - a - b| are the masses of the common eigenvectors, P_s the Poisson kernel at s. So a mean
over c of a harmonic function is a sum of three of its values.
"""

import functools
from dataclasses import dataclass

import numpy as np

from mvtheory.laws.contract.shapes import Complexes, Floats


@dataclass(frozen=True)
class FreeAngle:
    """The law of cos^2 of the angle, from the masses (1-a, a) and (1-b, b) of both projections."""

    first: tuple[float, float]
    second: tuple[float, float]

    @functools.cached_property
    def sides(self) -> tuple[float, float]:
        """a - b and a + b - 1, from the smaller masses, which have more digits."""
        (u, a), (v, b) = self.first, self.second
        difference = a - b if a + b < 1 else v - u
        return difference, (a - v if a + v < 1 else b - u)

    @functools.cached_property
    def mass(self) -> float:
        return min(*self.first, *self.second)

    @functools.cached_property
    def middle(self) -> float:
        (u, a), (v, b) = self.first, self.second
        return a * v + b * u

    @functools.cached_property
    def radius(self) -> float:
        (u, a), (v, b) = self.first, self.second
        return 2 * float(np.sqrt(a * b) * np.sqrt(u * v))

    @functools.cached_property
    def low(self) -> float:
        return self.sides[0] ** 2 / (self.middle + self.radius)

    @functools.cached_property
    def rest(self) -> float:
        """1 - high, and so with its own digits."""
        (u, a), (v, b) = self.first, self.second
        return self.sides[1] ** 2 / (a * b + u * v + self.radius)

    @property
    def width(self) -> float:
        return 2 * self.radius

    @functools.cached_property
    def kernels(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Mass, point and 1 - point of the Poisson kernels."""
        (u, a), (v, b) = self.first, self.second
        d, e = abs(self.sides[0]), abs(self.sides[1])
        low, high = self.middle + d, a * b + u * v + e
        return (
            (d, self.radius / low, (self.low + d) / low),
            (e, self.radius / high, (self.rest + e) / high),
        )

    def mass_below(self, below: Floats, above: Floats) -> Floats:
        """Mass of [low, c] where below = c - low and above = high - c."""
        half = np.arctan2(np.sqrt(below), np.sqrt(above))
        sine, cosine = np.sin(half), np.cos(half)
        total = half.copy()
        for (mass, point, lack), flip in zip(self.kernels, (False, True), strict=True):
            far, near = (lack, 1 + point) if flip else (1 + point, lack)
            total = total - mass * np.arctan2(far * sine, near * cosine)
        return np.clip(total / np.pi, 0, self.mass)

    def on_circle(self, w: Complexes) -> Complexes:
        """1/zeta with w = middle + (radius/2)(zeta + 1/zeta), inside the unit circle."""
        u = (w - self.middle) / self.radius
        with np.errstate(all="ignore"):
            root = np.sqrt((w - self.low - self.width) / self.radius)
            root = root * np.sqrt((w - self.low) / self.radius)
            v = 1 / u
            far = v / (1 + np.sqrt(1 - v) * np.sqrt(1 + v))
            near = 1 / (u + root)
        return np.where(np.abs(u) > 4, np.where(np.isinf(w), 0, far), near)

    def cauchy(self, eta: Complexes) -> Complexes:
        """E[1/(w - c)] at eta = on_circle(w)."""
        (_, s, _), (_, t, _) = self.kernels
        return 2 * self.mass / self.radius * eta / ((1 + s * eta) * (1 - t * eta))

    def cauchy_slope(self, eta: Complexes, other: Complexes) -> Complexes:
        """The divided difference of E[1/(w - c)] at two points, without cancellation."""
        (_, s, _), (_, t, _) = self.kernels
        both = eta * other
        poles = (1 + s * eta) * (1 - t * eta) * (1 + s * other) * (1 - t * other)
        return -4 * self.mass / self.radius**2 * both * (1 + s * t * both) / (poles * (1 - both))

    def log_terms(self, eta: Complexes) -> Complexes:
        """E[log(w - c)] - mass log(radius/(2 eta))."""
        (d, s, _), (e, t, _) = self.kernels
        total = np.zeros_like(eta)
        for mass, point in ((d, s), (e, -t)):
            if mass:
                total = total - mass * np.log(1 + point * eta)
        return total

    def means(self, count: int) -> tuple[Floats, Floats]:
        """Nodes c and weights that integrate polynomials of degree < count."""
        psi = (np.arange(count) + 0.5) * np.pi / count
        weights = np.ones(count)
        for sign, (mass, point, _) in zip((1, -1), self.kernels, strict=True):
            orders = np.arange(1, count)
            cosines = 2 * (sign * point) ** orders @ np.cos(np.outer(orders, psi))
            weights = weights - mass * (1 + cosines)
        return self.low + self.width * np.sin(psi / 2) ** 2, weights / (2 * count)
