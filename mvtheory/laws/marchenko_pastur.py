"""The Marchenko-Pastur law in closed form."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.composable import Factors
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.elementary import SERIES_BELOW, excess
from mvtheory.laws.solvers.rational import RationalLaw
from mvtheory.multiprecision import context


@dataclass(frozen=True, kw_only=True)
class MarchenkoPastur(RationalLaw):
    r"""Limit of X X^T/m, X n x m of entries of the given variance; q = n/m.

    Density sqrt((x - a)(b - x))/(2 pi q v x) on [a, b] = v (1 -+ sqrt q)^2 and an atom 1 - 1/q at
    0 for q > 1; R(g) = v/(1 - q v g).

    Parameters
    ----------
    aspect_ratio : float
        q, dimension over samples, in [1e-9, 1e9].
    variance : float
        v > 0.

    References
    ----------
    [marchenko1967]_.

    Examples
    --------
    >>> law = MarchenkoPastur(aspect_ratio=0.25, variance=2)
    >>> print(law.support, law.moment(2))
    ((0.5, 4.5),) 5.0
    """

    aspect_ratio: float
    variance: float = 1.0

    def __post_init__(self) -> None:
        parameters.check(self, parameters.ASPECT_RATIO, parameters.VARIANCE)

    def levy(self, number: Callable[[Any], Any] = float) -> Levy:
        """One jump of rate 1/q at q v."""
        q, v = number(self.aspect_ratio), number(self.variance)
        return Levy(number(0), number(0), (1 / q,), (q * v,))

    @functools.cached_property
    def _edges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Both edges, each as a double and what it lacks."""
        with context(digits=40) as mp:
            root, v = mp.sqrt(self.aspect_ratio), mp.mpf(self.variance)
            low, high = (v * (1 + sign * root) ** 2 for sign in (-1, 1))
            return (float(low), float(low - float(low))), (float(high), float(high - float(high)))

    @property
    def support(self) -> tuple[tuple[float, float], ...]:
        return ((self._edges[0][0], self._edges[1][0]),)

    def _transposed(self) -> tuple[float, Any]:
        q = self.aspect_ratio
        return q, MarchenkoPastur(aspect_ratio=1 / q, variance=q * self.variance)

    @functools.cached_property
    def _free_mass(self) -> float:
        return (self.aspect_ratio - 1) / self.aspect_ratio

    @functools.cached_property
    def _plateaus(self) -> Floats:
        return np.array([0.0, min(1.0, 1 / self.aspect_ratio)])

    def _distances(self, x: Floats) -> tuple[Floats, Floats]:
        """x - a and b - x, negative outside."""
        (low, low_rest), (high, high_rest) = self._edges
        return (x - low) - low_rest, (high - x) + high_rest

    def _pdf(self, x: Floats) -> Floats:
        rise, fall = self._distances(x)
        return self._closed_density(x, rise, fall)

    def _closed_density(self, x: Floats, rise: Floats, fall: Floats) -> Floats:
        inside = np.maximum(rise * fall, 0)
        # Where rise or fall is 0 so is the density, but at 0 itself x^(-1/2) if q = 1.
        below = x * (2 * np.pi * self.aspect_ratio * self.variance)
        least = np.inf if self.aspect_ratio == 1 else 0.0
        return np.divide(np.sqrt(inside), below, out=np.full(x.shape, least), where=x > 0)

    def _pdf_from_edge(self, offset: Floats, edge: int) -> Floats:
        low, high = self.support[0]
        width = 4 * self.variance * np.sqrt(self.aspect_ratio)
        rest = np.maximum(width - offset, 0)
        return (
            self._closed_density(high - offset, rest, offset)
            if edge
            else self._closed_density(low + offset, offset, rest)
        )

    def _continuous_cdf(self, x: Floats) -> Floats:
        q, (low, high) = self.aspect_ratio, self.support[0]
        turn, root = self._turn(x), np.sqrt(q)
        inverse = (1 - q) / (1 + root)  # 1 - sqrt q without cancellation
        # F = 1 - (arg h + Im(W - log(1 + W))/q)/pi with h = v sqrt q (turn - inverse),
        # W = p/(h - p) = sqrt(q) e^(-i theta), 1 + W = conj(inverse + sqrt(q) turn).
        first = np.arctan2(turn.imag, turn.real - inverse)
        if q < SERIES_BELOW**2:
            second = excess(root * (turn.conj() - 1)).imag / q
        else:
            whole = inverse + root * turn
            second = (np.arctan2(whole.imag, whole.real) - root * turn.imag) / q
        mass = 1 - (first + second) / np.pi - max(0.0, 1 - 1 / q)
        mass = np.where(x <= low, 0, np.where(x >= high, self._plateaus[1], mass))
        return np.clip(mass, 0, self._plateaus[1])

    def _pdf_and_cdf(self, x: Floats) -> tuple[Floats, Floats]:
        return self._pdf(x), self._continuous_cdf(x)

    def _turn(self, x: Floats) -> Complexes:
        """1 + e^(i theta), x = v |1 + sqrt(q) e^(i theta)|^2: rise and fall are the squares of the
        cosine and sine of theta/2."""
        rise, fall = (np.maximum(distance, 0) for distance in self._distances(x))
        cosine, sine = np.sqrt(rise), np.sqrt(fall)
        return 2 * cosine * (cosine + 1j * sine) / (rise + fall)

    def _solve(self, z: Complexes) -> Complexes:
        """h = q v + v sqrt(q) w, w + 1/w = (z - v (1 + q))/(v sqrt q) with |w| >= 1."""
        q, v = self.aspect_ratio, self.variance
        (low, high), root = self.support[0], np.sqrt(self.aspect_ratio)
        h = np.empty(z.shape, dtype=complex)
        inside = (z.imag == 0) & (z.real > low) & (z.real < high)
        h[inside] = v * root * (self._turn(z.real[inside]) - (1 - q) / (1 + root))
        outside = z[~inside]
        centred = ((outside - v) - v * q) / (v * root)
        split = np.sqrt(outside - low) * np.sqrt(outside - high) / (v * root)
        w = (centred + split) / 2
        h[~inside] = self._refined(v * root * (root + w), outside)
        return h

    def _cauchy(self, z: Complexes) -> Complexes:
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1 / self._solve(z)

    def _factors_of_product(self, scale: float = 1.0) -> Factors:
        return scale * self.variance, (self.aspect_ratio,), ()

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """X X^T/m for m = round(n/q) samples, at least 1."""
        generator = np.random.default_rng(rng)
        samples = max(1, round(n / self.aspect_ratio))
        total = np.zeros((n, n))
        # In pieces, so that small ratios need no n x m matrix at once.
        for start in range(0, samples, 4 * n + 1):
            x = generator.standard_normal((n, min(4 * n + 1, samples - start)))
            total += x @ x.T
        return total * (self.variance / samples)
