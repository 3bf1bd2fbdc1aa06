"""The Tracy-Widom laws: largest eigenvalues of random matrices."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mvtheory import arrays
from mvtheory.laws.contract.shapes import Floats, pointwise
from mvtheory.laws.solvers.airy_determinant import ENDS, log_survival
from mvtheory.laws.solvers.hastings_mcleod import painleve

CENTRE = 0.0
"""Where one way of computing hands over to the other: below F keeps its digits, above 1 - F."""
LOWEST = -40.0
"""F_1 is below the smallest double from -27 on."""
NEWTON = 12
SETTLED = 1e-8


@dataclass(frozen=True, kw_only=True)
class TracyWidom:
    r"""Largest eigenvalue of random matrices, centred at the edge and scaled by their size.

    With q'' = x q + 2 q^3, q ~ Ai: F_2 = exp(-int_s (x - s) q^2), F_1 = exp(-int_s q/2) F_2^(1/2),
    F_4(s/2^(2/3)) = cosh(int_s q/2) F_2^(1/2). For n x n matrices of entries with E|x|^2 = 1 off
    the diagonal n^(1/6) (largest - 2 sqrt n) tends to it. (Others scale beta 4 differently: tables
    of Praehofer hold 2^(2/3) X, the papers below 2^(1/6) X.) Below 0 the law comes from the
    differential equation as a boundary value problem, above 0 from Fredholm determinants, so that
    both tails keep their digits. Not a spectrum: no `AbstractLaw`.

    Parameters
    ----------
    beta : int
        1 for real symmetric, 2 for Hermitian, 4 for quaternion matrices.

    References
    ----------
    [tracy1996]_; by determinants: [bornemann2010]_; their kernel: [ferrari2005]_.

    Examples
    --------
    >>> law = TracyWidom(beta=1)
    >>> print(f"{law.cdf(0.979316):.12f} {law.mean:.12f} {law.variance:.12f}")
    0.949999996281 -1.206533574582 1.607781034581
    >>> law.isf([0.05, 1e-20]).round(6)
    array([ 0.979316, 15.83496 ])
    """

    beta: int

    def __post_init__(self) -> None:
        if isinstance(self.beta, bool) or self.beta not in (1, 2, 4):
            raise ValueError(
                f"beta={self.beta!r} is not allowed (symmetry: 1 for real, 2 for complex, 4 for "
                "quaternion matrices); choose one of them"
            )

    def cdf(self, s: ArrayLike) -> Any:
        """P(X <= s), in its left tail to 1e-12 of itself."""
        return pointwise(lambda x: self._by_sides(x)[0], arrays.real(s, "s"), "s")

    def sf(self, s: ArrayLike) -> Any:
        """P(X > s), in its right tail to 1e-12 of itself."""
        return pointwise(lambda x: self._by_sides(x)[1], arrays.real(s, "s"), "s")

    def pdf(self, s: ArrayLike) -> Any:
        """Density at real points to 1e-12, in its tails to 1e-10 of itself."""
        return pointwise(lambda x: self._by_sides(x)[2], arrays.real(s, "s"), "s")

    def ppf(self, probability: ArrayLike) -> Any:
        """s with P(X <= s) = probability, for 0 <= probability <= 1."""
        p = _probabilities(probability)
        return pointwise(lambda flat: self._quantiles(flat, 1 - flat), p)

    def isf(self, probability: ArrayLike) -> Any:
        """s with P(X > s) = probability, for 0 <= probability <= 1: small ones are no rounding."""
        p = _probabilities(probability)
        return pointwise(lambda flat: self._quantiles(1 - flat, flat), p)

    def rvs(
        self,
        size: int | tuple[int, ...] | None = None,
        rng: np.random.Generator | int | None = None,
    ) -> Any:
        """Independent samples of the given shape; a float if `size` is None."""
        return self.ppf(np.random.default_rng(rng).random(size))

    @property
    def mean(self) -> float:
        """E[X]."""
        return self._moments[0]

    @property
    def variance(self) -> float:
        """E[(X - mean)^2]."""
        return self._moments[1]

    @property
    def var(self) -> float:
        """`variance`, by the name that spectral laws have for it."""
        return self.variance

    @property
    def std(self) -> float:
        """The square root of the variance."""
        return float(np.sqrt(self.variance))

    @property
    def skewness(self) -> float:
        """E[(X - mean)^3] over variance^(3/2)."""
        return self._moments[2]

    @property
    def kurtosis(self) -> float:
        """E[(X - mean)^4] over variance^2, less the 3 of a normal law."""
        return self._moments[3]

    @property
    def _stretch(self) -> float:
        """What turns s into the argument of q."""
        return float(np.cbrt(4.0)) if self.beta == 4 else 1.0

    def _by_sides(self, given: Floats) -> tuple[Floats, Floats, Floats]:
        """F, 1 - F and the density."""
        s = given * self._stretch
        lower, upper, density = np.zeros(s.shape), np.zeros(s.shape), np.zeros(s.shape)
        left, right = s < CENTRE, (s >= CENTRE) & (s <= ENDS[-1])
        upper[s < LOWEST], lower[s > ENDS[-1]] = 1.0, 1.0
        left &= s >= LOWEST
        if left.any():
            log, slope = self._log_cdf(s[left])
            lower[left], upper[left] = np.exp(log), -np.expm1(log)
            density[left] = lower[left] * slope
        if right.any():
            log, slope = log_survival(self.beta, s[right])
            upper[right], lower[right] = np.exp(log), -np.expm1(log)
            density[right] = -upper[right] * slope
        return lower, upper, density * self._stretch

    def _log_cdf(self, s: Floats) -> tuple[Floats, Floats]:
        """log F and its derivative, below `CENTRE`."""
        found = painleve(s)
        if self.beta == 2:
            return -found.weighted, found.square
        if self.beta == 1:
            return -(found.weighted + found.area) / 2, (found.square + found.q) / 2
        grown = np.logaddexp(0, -found.area) + found.area / 2 - np.log(2)  # log cosh(area/2)
        slope = (found.square - found.q * np.tanh(found.area / 2)) / 2
        return grown - found.weighted / 2, slope

    def _quantiles(self, lower: Floats, upper: Floats) -> Floats:
        """s with F = lower and 1 - F = upper, of which the smaller one is exact."""
        s = np.where(upper == 0, np.inf, -np.inf)
        middle = float(self._by_sides(np.array([CENTRE]))[0][0])
        left, right = (lower > 0) & (lower < middle), (upper > 0) & (lower >= middle)
        with np.errstate(divide="ignore"):
            goals = np.log(lower), np.log(upper)
        for chosen, goal, (grid, logs), function in (
            (left, goals[0], self._tables[0], self._log_cdf),
            (right, goals[1], self._tables[1], functools.partial(log_survival, self.beta)),
        ):
            if chosen.any():
                s[chosen] = _inverse(goal[chosen], grid, logs, function)
        return s / self._stretch

    @functools.cached_property
    def _tables(self) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
        """Points and logarithms that ascend, from which Newton's method starts."""
        left = np.linspace(LOWEST, CENTRE, 400)
        right = np.linspace(CENTRE, ENDS[-1], 800)[::-1]
        return (left, self._log_cdf(left)[0]), (right, log_survival(self.beta, right)[0])

    @functools.cached_property
    def _moments(self) -> tuple[float, float, float, float]:
        node, weight = np.polynomial.legendre.leggauss(20)
        starts = np.arange(-14.0, 14.0, 1.0)
        x = (starts[:, None] + (node + 1) / 2).ravel()
        mass = np.tile(weight / 2, starts.size) * self.pdf(x)
        mean = float(mass @ x)
        second, third, fourth = (float(mass @ (x - mean) ** k) for k in (2, 3, 4))
        return mean, second, third / second**1.5, fourth / second**2 - 3


def _probabilities(given: ArrayLike) -> Floats:
    p = arrays.real(given, "probability")
    bad = (p < 0) | (p > 1)
    if bad.any():
        raise ValueError(
            f"probability={float(p[bad].flat[0])!r} is not allowed (probability: real, "
            "0 <= probability <= 1); choose a value in this range"
        )
    return p


def _inverse(goal: Floats, grid: Floats, logs: Floats, function: Any) -> Floats:
    """Newton's method from a table: logarithms of tails are concave, and it settles."""
    s = np.interp(goal, logs, grid)
    for _ in range(NEWTON):
        value, slope = function(s)
        step = (value - goal) / slope
        s = s - step
        if (np.abs(step) <= SETTLED).all():  # the error is its square
            break
    return s
