r"""Equilibrium measures on one interval: G is a polynomial in 1/u, x = centre + radius (u + 1/u).

V'(x(u)) = v_0 + sum v_k (u^k + u^(-k)), and G(x + i0) + G(x - i0) = V'(x) with G = 1/x + ... far
away: G = sum v_k u^(-k), v_0 = 0 and radius v_1 = 1, two equations for the two ends.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev
from numpy.polynomial import polynomial as poly

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.shapes import Complexes, Floats

STARTS = 48
STEPS = 60
SETTLED = 1e-13
NODES = 64
SLACK = 1e-11
"""Of a density or of an effective potential over its size: so far below 0 is rounding."""


@dataclass(frozen=True, kw_only=True)
class OneCut(AbstractLaw):
    """G = sum_k terms_k u^(-k), k from 1 on, radius terms_1 = 1."""

    centre: float
    radius: float
    terms: tuple[float, ...]

    @property
    def support(self) -> tuple[tuple[float, float], ...]:
        return ((self.centre - 2 * self.radius, self.centre + 2 * self.radius),)

    def _turn(self, z: Complexes) -> Complexes:
        low, high = self.support[0]
        left = np.sqrt((z - low) / (4 * self.radius))
        return (left + np.sqrt(((z - high) + 0.0) / (4 * self.radius))) ** 2

    def _series(self, u: Complexes) -> tuple[Complexes, Complexes]:
        """G and its derivative in u."""
        inverse, terms = 1 / u, np.array([0.0, *self.terms])
        slopes = -np.arange(terms.size) * terms
        return poly.polyval(inverse, terms), poly.polyval(inverse, slopes) * inverse

    def _cauchy(self, z: Complexes) -> Complexes:
        return self._series(self._turn(z))[0]

    def _pdf(self, x: Floats) -> Floats:
        low, high = self.support[0]
        return self._density(x - low, high - x)

    def _pdf_from_edge(self, offset: Floats, edge: int) -> Floats:
        rest = 4 * self.radius - offset
        return self._density(rest, offset) if edge else self._density(offset, rest)

    def _density(self, rise: Floats, fall: Floats) -> Floats:
        root = np.sqrt(np.maximum(rise, 0) * np.maximum(fall, 0)) / (2 * self.radius)
        return root * poly.polyval((rise - fall) / (4 * self.radius), self._profile) / np.pi

    @functools.cached_property
    def _profile(self) -> Floats:
        """sum terms_k U_(k-1)(t), in powers of t: what stands beside the square root."""
        # U_(k-1) = T_k'/k.
        scaled = np.array([0.0, *(c / k for k, c in enumerate(self.terms, start=1))])
        return np.asarray(chebyshev.cheb2poly(chebyshev.chebder(scaled)), dtype=float)

    def _potential(self, z: Complexes) -> Complexes:
        return self.potential_at(self._turn(z))

    def potential_at(self, u: Complexes) -> Complexes:
        """log radius + log u - radius sum_k terms_k (u^(1-k)/(k-1) - u^(-1-k)/(k+1))."""
        c = self.radius * np.array(self.terms)
        powers = np.zeros(c.size + 2)
        orders = np.arange(1, c.size + 1)
        powers[1 : c.size] -= c[1:] / (orders[1:] - 1)
        powers[2:] += c / (orders + 1)
        return np.log(u) + math.log(self.radius) + poly.polyval(1 / u, powers)

    def _chart(self) -> Chart:
        return _CutChart(self)

    def holds(self, lowest: float) -> bool:
        """Whether the density is nowhere negative, and the effective potential nowhere beyond the
        ends, from `lowest` on, below what it is on the support."""
        profile = np.trim_zeros(self._profile, "b")
        zeros = poly.polyroots(profile)
        zeros = np.sort(zeros.real[np.abs(zeros.imag) < 1e-7 * (1 + np.abs(zeros))])
        size = np.abs(profile).sum()
        inside = np.concatenate([[-1], zeros[np.abs(zeros) < 1], [1]])
        between = np.concatenate([inside, (inside[1:] + inside[:-1]) / 2])
        if (poly.polyval(between, profile) < -SLACK * size).any():
            return False
        # Its minima are among the zeros of V'/2 - G = sinh(s) profile(cosh s).
        least = (lowest - self.centre) / (2 * self.radius)
        beyond = [float(t) for t in zeros if t > 1 or least < t < -1]
        if np.isfinite(least) and least < -1:
            beyond.append(least)
        return all(self._climb(t, profile) >= -SLACK * size for t in beyond)

    def _climb(self, t: float, profile: Floats) -> float:
        """Effective potential at t beyond the ends over that on the support."""
        nodes, shares = np.polynomial.legendre.leggauss(NODES)
        end = math.acosh(abs(t))
        s = end * (1 + nodes) / 2
        sign = math.copysign(1.0, t)
        # At the other end u is negative: G and V' change their signs with the direction.
        value = poly.polyval(sign * np.cosh(s), profile)
        return float(end * self.radius * (shares @ (np.sinh(s) ** 2 * value)))


class _CutChart(Chart):
    """w = u."""

    def at(self, w: Complexes) -> Four:
        law, inverse = self.law, 1 / w
        g, slope = law._series(w)
        z = law.centre + law.radius * (w + inverse)
        return z, law.radius * (1 - inverse * inverse), g, slope

    def start(self, z: Complexes) -> Complexes:
        return self.law._turn(z)

    def potential(self, w: Complexes) -> Complexes:
        return self.law.potential_at(w)


def one_cut(potential: Floats, lowest: float = -np.inf) -> OneCut | None:
    """The equilibrium measure on one interval above `lowest`; None if there is none.

    `potential` has the coefficients of V, ascending.
    """
    slope = np.asarray(poly.polyder(potential), dtype=float)
    order = np.arange(1, potential.size)
    used = potential[1:] != 0
    with np.errstate(over="ignore"):
        lengths = (order[used] * np.abs(potential[1:][used])) ** (-1.0 / order[used])
    stationary = poly.polyroots(slope)
    # Beyond all points where V' is 0 the highest term holds the law together, however long the
    # others are.
    reach = float(np.abs(stationary).max(initial=0)) + 4 * float(lengths[-1])
    c, r = np.meshgrid(
        np.linspace(-reach, reach, STARTS),
        np.geomspace(0.02 * float(lengths.min()), 2 * reach, STARTS),
    )
    found = _ends(slope, c.ravel(), r.ravel())
    laws = []
    for centre, radius in found:
        rows = _fourier(slope, np.array([centre]), np.array([radius]))[:, 0]
        law = OneCut(centre=centre, radius=radius, terms=tuple(rows[1:].tolist()))
        if law.support[0][0] >= lowest and law.holds(lowest):
            laws.append(law)
    return laws[0] if laws else None


def _ends(slope: Floats, c: Floats, r: Floats) -> list[tuple[float, float]]:
    """All (centre, radius) that Newton's method reaches from the starts, each once."""
    curve = np.asarray(poly.polyder(slope), dtype=float)
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            v, w = _fourier(slope, c, r), _fourier(curve, c, r, least=3)
            first, second = v[0], r * v[1] - 1
            matrix = np.array([[w[0], 2 * w[1]], [r * w[1], v[1] + r * (w[0] + w[2])]])
            det = matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0]
            dc = (matrix[1, 1] * first - matrix[0, 1] * second) / det
            dr = (matrix[0, 0] * second - matrix[1, 0] * first) / det
            # The radius stays positive.
            share = np.minimum(1, 0.5 * r / np.maximum(np.abs(dr), 1e-300))
            c, r = c - share * dc, r - share * dr
        good = (np.abs(dc) + np.abs(dr) <= SETTLED * (np.abs(c) + r)) & (r > 0) & np.isfinite(c)
    found: list[tuple[float, float]] = []
    for centre, radius in zip(c[good].tolist(), r[good].tolist(), strict=True):
        new = all(abs(centre - a) + abs(radius - b) > 1e-8 * radius for a, b in found)
        found += [(centre, radius)] if new else []
    return found


def _fourier(coefficients: Floats, c: Floats, r: Floats, least: int = 2) -> Floats:
    """v_k of a polynomial of c + r (u + 1/u) = v_0 + sum v_k (u^k + u^(-k)), shape (k, n)."""
    degree = coefficients.size - 1
    value = np.zeros((max(degree + 1, least), c.size))
    taylor = coefficients
    for m in range(degree + 1):
        strength = poly.polyval(c, taylor) * r**m
        for j in range(m // 2 + 1):
            value[m - 2 * j] += math.comb(m, j) * strength
        taylor = poly.polyder(taylor) / (m + 1)
    return value
