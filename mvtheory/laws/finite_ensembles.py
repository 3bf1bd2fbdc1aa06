r"""Mean densities of eigenvalues of Hermitian ensembles of n x n matrices, n finite.

With the orthonormal polynomials p_k of the weight w the density of one of the n eigenvalues is
w(x) sum_(k<n) p_k(x)^2 / n. The three-term recurrence is stable where they oscillate and where they
grow; both are carried with an exponent of their own, so that neither weight nor polynomials leave
the range of doubles. Errors are those of log w: about 1e-16 m log m, m the samples.
"""

import functools
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mvtheory import arrays
from mvtheory.arguments import Argument
from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.shapes import Floats, pointwise

SIZE = Argument("size", "n", "dimension of the matrices", 1, 2000, integer=True)
SAMPLES = Argument("samples", "m", "samples", 1, 1e6, integer=True)
OTHER_SAMPLES = Argument("other_samples", "m'", "samples of the other", 1, 1e6, integer=True)
HUGE = 1e100
NEGLIGIBLE = -55.0
"""Logarithm of a density over the least mean one: beyond it there is no mass for doubles."""
NODES = 12
ORDER = Argument("n", "k", "order of the moment", 0, 200, integer=True)


class FiniteEnsemble(ABC):
    """The mean law of the eigenvalues of one n x n matrix."""

    size: int

    @abstractmethod
    def _recurrence(self, n: int) -> tuple[Floats, Floats]:
        """Diagonal, shape (n,), and off-diagonal, shape (n,), of the Jacobi matrix: x p_k =
        b_k p_(k+1) + a_k p_k + b_(k-1) p_(k-1)."""

    @abstractmethod
    def _log_weight(self, x: Floats) -> Floats:
        """log w at points inside of the range, w of mass 1."""

    @property
    @abstractmethod
    def _range(self) -> tuple[float, float]:
        """Where the weight lives."""

    def pdf(self, x: ArrayLike) -> Any:
        """Mean density of an eigenvalue at real points, NaN at NaN."""
        return pointwise(lambda points: np.exp(self._log_density(points)), arrays.real(x, "x"))

    def cdf(self, x: ArrayLike) -> Any:
        """Mean share of the eigenvalues up to x."""
        return pointwise(self._cdf, arrays.real(x, "x"))

    def moment(self, n: int) -> float:
        """E[tr M^n]/size, n a whole number from 0 to 200: exact, from the Jacobi matrix."""
        order = int(ORDER.number(n))
        a, b = self._recurrence(self.size + order // 2 + 1)
        rows = other = np.eye(self.size, a.size)
        for _ in range((order + 1) // 2):
            rows, other = other, other * a
            # Times the Jacobi matrix, which has three diagonals.
            other[:, 1:] += rows[:, :-1] * b[:-1]
            other[:, :-1] += rows[:, 1:] * b[:-1]
        return float(np.sum((rows if order % 2 else other) * other)) / self.size

    @np.errstate(divide="ignore")
    def _log_density(self, x: Floats) -> Floats:
        low, high = self._range
        value = np.full(x.shape, -np.inf)
        inside = (x >= low) & (x <= high) & np.isfinite(x)
        points = x[inside]
        a, b = self._recurrence(self.size)
        before, now = np.zeros(points.shape), np.ones(points.shape)
        total, exponent = np.ones(points.shape), np.zeros(points.shape)
        for k in range(self.size - 1):
            last = b[k - 1] if k else 0.0
            before, now = now, ((points - a[k]) * now - last * before) / b[k]
            total = total + now * now
            large = np.abs(now) > HUGE
            if large.any():
                scale = np.where(large, 1 / HUGE, 1.0)
                before, now, total = before * scale, now * scale, total * scale * scale
                exponent = exponent - 2 * np.log(scale)
        value[inside] = np.log(total / self.size) + exponent + self._log_weight(points)
        return value

    @functools.cached_property
    def _panels(self) -> tuple[Floats, Floats]:
        """Ends of panels finer than the density oscillates, and the mass up to each."""
        from scipy.linalg import eigvalsh_tridiagonal

        a, b = self._recurrence(self.size + 1)
        zeros = np.asarray(eigvalsh_tridiagonal(a, b[:-1]), dtype=float)
        step = np.diff(zeros)
        ends = [self._far(zeros[0], -step[0]), self._far(zeros[-1], step[-1])]
        knots = np.concatenate([ends[0][::-1], (zeros[1:] + zeros[:-1]) / 2, zeros, ends[1]])
        knots = np.unique(knots)
        nodes, shares = np.polynomial.legendre.leggauss(NODES)
        middle, half = (knots[1:] + knots[:-1]) / 2, np.diff(knots) / 2
        density = np.exp(self._log_density((middle[:, None] + half[:, None] * nodes).ravel()))
        mass = half * (density.reshape(-1, NODES) @ shares)
        return knots, np.concatenate([[0.0], np.cumsum(mass)])

    def _far(self, start: float, step: float) -> Floats:
        """Points from an outermost zero out to where the density is negligible."""
        low, high = self._range
        points = [start]
        floor = NEGLIGIBLE - np.log(abs(step))
        while low < points[-1] < high:
            points.append(float(np.clip(points[-1] + step, low, high)))
            if self._log_density(np.array(points[-1:]))[0] < floor:
                break
        return np.array(points)

    def _cdf(self, x: Floats) -> Floats:
        knots, mass = self._panels
        place = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, knots.size - 2)
        nodes, shares = np.polynomial.legendre.leggauss(NODES)
        half = (np.clip(x, knots[0], knots[-1]) - knots[place]) / 2
        points = knots[place][:, None] + half[:, None] * (1 + nodes)
        density = np.exp(self._log_density(points.ravel())).reshape(points.shape)
        return np.clip(mass[place] + half * (density @ shares), 0, 1)


@dataclass(frozen=True, kw_only=True)
class FiniteGUE(FiniteEnsemble):
    r"""The Gaussian unitary ensemble: Hermitian entries of variance v/n, weight exp(-n x^2/(2 v)).

    Its limit is `Semicircle(variance=v)`.

    Parameters
    ----------
    size : int
        n in [1, 2000].
    variance : float
        v > 0.

    References
    ----------
    [mehta2004]_.

    Examples
    --------
    >>> law = FiniteGUE(size=4, variance=2)
    >>> print(f"{law.pdf(0.5):.10f} {law.cdf(0.5):.10f} {law.moment(4):.6f}")
    0.2357151188 0.6114976795 8.250000
    """

    size: int
    variance: float = 1.0

    def __post_init__(self) -> None:
        parameters.check(self, SIZE, parameters.VARIANCE)

    @property
    def _range(self) -> tuple[float, float]:
        return -np.inf, np.inf

    def _recurrence(self, n: int) -> tuple[Floats, Floats]:
        return np.zeros(n), np.sqrt(self.variance / self.size * np.arange(1.0, n + 1))

    def _log_weight(self, x: Floats) -> Floats:
        spread = self.variance / self.size
        return -x * x / (2 * spread) - np.log(2 * np.pi * spread) / 2


@dataclass(frozen=True, kw_only=True)
class FiniteLUE(FiniteEnsemble):
    r"""The Laguerre unitary ensemble X X*/m, X n x m complex of entries of variance v, m >= n.

    Weight x^(m-n) exp(-m x/v); its limit is `MarchenkoPastur(aspect_ratio=n/m, variance=v)`.

    Parameters
    ----------
    size : int
        n in [1, 2000].
    samples : int
        m >= n.
    variance : float
        v > 0.

    References
    ----------
    [mehta2004]_, [forrester2010]_.

    Examples
    --------
    >>> law = FiniteLUE(size=3, samples=5, variance=2)
    >>> print(f"{law.pdf(0.5):.10f} {law.cdf(0.5):.10f} {law.moment(2):.6f}")
    0.4755759391 0.1788318757 6.400000
    """

    size: int
    samples: int
    variance: float = 1.0

    def __post_init__(self) -> None:
        parameters.check(self, SIZE, SAMPLES, parameters.VARIANCE)
        _enough(SAMPLES, self.samples, self.size)

    @property
    def _range(self) -> tuple[float, float]:
        return 0.0, np.inf

    def _recurrence(self, n: int) -> tuple[Floats, Floats]:
        power, k = self.samples - self.size, np.arange(1.0, n + 1)
        scale = self.variance / self.samples
        return scale * (2 * k - 1 + power), scale * np.sqrt(k * (k + power))

    def _log_weight(self, x: Floats) -> Floats:
        from scipy.special import gammaln, xlogy

        power, rate = self.samples - self.size, self.samples / self.variance
        return xlogy(power, rate * x) - rate * x + np.log(rate) - gammaln(power + 1)


@dataclass(frozen=True, kw_only=True)
class FiniteJUE(FiniteEnsemble):
    r"""The Jacobi unitary ensemble A (A + B)^(-1), complex Wishart of m and of m' samples.

    Weight x^(m-n) (1 - x)^(m'-n); its limit is
    `Wachter(aspect_ratio=n/m, other_aspect_ratio=n/m')`.

    Parameters
    ----------
    size : int
        n in [1, 2000].
    samples, other_samples : int
        m and m', both >= n.

    References
    ----------
    [forrester2010]_.

    Examples
    --------
    >>> law = FiniteJUE(size=3, samples=5, other_samples=4)
    >>> print(f"{law.pdf(0.5):.10f} {law.cdf(0.5):.10f} {law.moment(1):.6f}")
    0.9375000000 0.4283854167 0.555556
    """

    size: int
    samples: int
    other_samples: int

    def __post_init__(self) -> None:
        parameters.check(self, SIZE, SAMPLES, OTHER_SAMPLES)
        _enough(SAMPLES, self.samples, self.size)
        _enough(OTHER_SAMPLES, self.other_samples, self.size)

    @property
    def _range(self) -> tuple[float, float]:
        return 0.0, 1.0

    @property
    def _powers(self) -> tuple[int, int]:
        return self.samples - self.size, self.other_samples - self.size

    def _recurrence(self, n: int) -> tuple[Floats, Floats]:
        b, a = self._powers
        k = np.arange(n, dtype=float)
        total = 2 * k + a + b
        # At k = 0 the general term may be 0/0.
        first = (b + 1) / (a + b + 2)
        rest = 0.5 + (b - a) * (a + b) / np.maximum(total * (total + 2), 1) / 2
        diagonal = np.where(k == 0, first, rest)
        k = k + 1
        total = 2 * k + a + b
        # (k + a + b)/(2 k + a + b - 1) is 1 at k = 1.
        ratio = np.where(k == 1, 1.0, (k + a + b) / (total - 1))
        square = k * (k + a) * (k + b) * ratio / (total**2 * (total + 1))
        return diagonal, np.sqrt(square)

    def _log_weight(self, x: Floats) -> Floats:
        from scipy.special import betaln, xlog1py, xlogy

        b, a = self._powers
        return xlogy(b, x) + xlog1py(a, -x) - betaln(b + 1, a + 1)


def _enough(argument: Argument, samples: int, size: int) -> None:
    if samples < size:
        raise argument.error(
            samples, f"give as many as the size={size} at least: with fewer exchange the two"
        )
