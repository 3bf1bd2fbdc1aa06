"""The Poisson-Dirichlet law: the ranked weights of the random energy model."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mvtheory import arrays
from mvtheory.arguments import Argument
from mvtheory.laws.contract import parameters
from mvtheory.multiprecision import NoConvergence
from mvtheory.shapes import Floats

DISCOUNT = Argument("discount", "m", "discount of the Poisson-Dirichlet law", 0, 1,
                    low_open=True, high_open=True)  # fmt: skip
WEIGHT_POWER = Argument("k", "k", "power of the weights, above the discount", 0, np.inf,
                        low_open=True, high_open=True)  # fmt: skip
SIZE = Argument("size", "n", "sequences to draw", 1, 1e9, integer=True)
COUNT = Argument("count", "j", "largest weights of each sequence", 1, 1e6, integer=True)
STEP = 1 / 8
"""Of the trapezoidal rule in logarithms. The integrands are analytic in |Im| < pi/2, so the error
is about exp(-pi^2/STEP), below rounding at twice the step already."""
FAR = 44.0
"""Logarithm beyond which exponential tails are dropped: exp(-44) is 1e-19."""
TERMS = 1000
"""Points drawn beyond the weights asked for, before the rest is replaced by its mean."""


@dataclass(frozen=True, kw_only=True)
class PoissonDirichlet:
    r"""Weights w_1 > w_2 > ... of sum 1 with the Poisson-Dirichlet law PD(m, 0), m the discount.

    w_i = gamma_i^(-1/m) / sum_j gamma_j^(-1/m), gamma_1 < gamma_2 < ... the points of a Poisson
    process of rate 1: the Gibbs weights of the random energy model at inverse temperature 1/m.

    Parameters
    ----------
    discount : float
        0 < m < 1; the weights concentrate on one as m -> 0 and spread over all as m -> 1.

    References
    ----------
    [pitman1997]_, in the case PD(alpha, 0); the overlap of two temperatures is derived below.

    Examples
    --------
    >>> law = PoissonDirichlet(discount=0.25)
    >>> print(f"{law.largest_mean:.14f} {law.power_sum(2):.14f}")
    0.82125021960129 0.75000000000000
    >>> print(f"{law.overlap(PoissonDirichlet(discount=0.5)):.12f}")
    0.594752046630
    """

    discount: float

    def __post_init__(self) -> None:
        parameters.check(self, DISCOUNT)

    @property
    def largest_mean(self) -> float:
        r"""E[w_1] = int_0^inf exp(-l)/psi(l) dl, psi(l) = exp(-l) + l^m gamma(1-m, l).

        psi(l) = 1 + m int_0^1 (1 - exp(-l x)) x^(-m-1) dx by parts, and exp(-l)/psi(l) is the
        Laplace transform of 1/w_1. NoConvergence if halving the step changes the value by 1e-13.
        """
        m = self.discount

        def rule(step: float) -> float:
            l = np.exp(_grid(np.log1p(-m) - FAR, 4.0, step))  # noqa: E741
            psi = np.exp(-l) + l**m * _lower_gamma(1 - m, l)
            return step * float(np.sum(l * np.exp(-l) / psi))

        return _converged("largest_mean", rule, 1e-13)

    def power_sum(self, k: ArrayLike) -> Any:
        """E[sum_i w_i^k] = Gamma(k - m) / (Gamma(k) Gamma(1 - m)) for real k > m, as k's shape."""
        from scipy import special

        m = self.discount
        k = WEIGHT_POWER.check(arrays.as_array(k, "k")[()])
        if (k <= m).any():
            above = WEIGHT_POWER.within(low=m)
            raise above.error(
                k[k <= m].flat[0], f"up to k = m = {m:g} the sum is infinite; choose a larger k"
            )
        small, large = np.minimum(k, 20.0), np.maximum(k, 20.0)
        below = special.gamma(small - m) * special.rgamma(small)
        # Stirling's series: gamma functions of large k overflow, and their logarithms cancel.
        exponent = (large - m - 0.5) * np.log1p(-m / large) + m
        exponent += _stirling(large - m) - _stirling(large)
        beyond = large**-m * np.exp(exponent)
        return (np.where(k < 20, below, beyond) / special.gamma(1 - m))[()]

    def overlap(self, other: "PoissonDirichlet") -> float:
        r"""E[sum_i w_i(m1) w_i(m2)], both sequences from the same points gamma_i.

        With a = 1/m1 >= b = 1/m2 it is b int_0^inf Psi(s)/Phi(s) ds for
        Phi(s) = int_0^inf (1 - exp(-s x^-a - x^-b)) dx and
        Psi(s) = int_0^inf x^(-a-b) exp(-s x^-a - x^-b) dx: write both denominators as
        int exp(-t S) dt, and scale x. With y = s x^-a and v = log(s) b/a, so that
        q = x^-b = y^(b/a) exp(-v), the integral becomes int N/D dv with, without cancellation,
        N = int exp(-y - q) q^(1-m2) dy and
        D = exp(m2 v) Gamma(1-m1) + int exp(-y) (gamma(1-m2, q) - (1 - exp(-q)) q^(-m2)) dy.
        As m1 -> 0 this is `largest_mean`; m1 = m2 gives 1 - m.
        The order of the laws does not matter; NoConvergence if halving the steps changes the value
        by 1e-12 of it.
        """
        if not isinstance(other, PoissonDirichlet):
            raise ValueError(
                f"other={other!r} is not allowed (the law at the other discount: "
                "PoissonDirichlet); give PoissonDirichlet(discount=...)"
            )
        m1, m2 = sorted((self.discount, other.discount))

        def rule(step: float) -> float:
            from scipy import special

            log_y = _grid(-FAR, 4.0, step)
            weights = step * np.exp(log_y - np.exp(log_y))
            v = _grid(-FAR, FAR - np.log1p(-m2), step)
            log_q = log_y * (m1 / m2) - v[:, None]
            q = np.exp(log_q)
            rest = _lower_gamma(1 - m2, q) + np.exp(-m2 * log_q) * np.expm1(-q)
            numerator = np.exp((1 - m2) * log_q - q) @ weights
            denominator = np.exp(m2 * v) * special.gamma(1 - m1) + rest @ weights
            return step * float(np.sum(numerator / denominator))

        return _converged("overlap", rule, 1e-12)

    def rvs(
        self, size: int, rng: np.random.Generator | int | None = None, count: int = 10
    ) -> Floats:
        r"""The `count` largest weights of `size` independent sequences, shape (size, count).

        The first count + 1000 points are drawn exactly, and the sum over all later points is
        replaced by its mean given the last one, g: g^(1-1/m) m/(1-m). So ratios of weights have
        their exact law, and all weights of a row share one relative error, of mean 0 to first
        order and standard deviation at most 2e-3 (near m = 0.9), 2e-5 at m = 1/2 and less below.
        Rows descend; weights below the smallest double are 0.

        Parameters
        ----------
        size, count : int
            1 <= size <= 10^9 and 1 <= count <= 10^6.
        rng : numpy.random.Generator, int or None
            The generator, or a seed for one.

        Examples
        --------
        >>> weights = PoissonDirichlet(discount=0.25).rvs(2, rng=1, count=3)
        >>> print(weights.shape, bool((np.diff(weights) < 0).all()))
        (2, 3) True
        """
        rows, kept = (parameters_of.check(value).item() for parameters_of, value in
                      ((SIZE, size), (COUNT, count)))  # fmt: skip
        m, generator = self.discount, np.random.default_rng(rng)
        weights = np.empty((rows, kept))
        # In pieces, so that memory does not grow with the points that are not kept.
        for start in range(0, rows, 256):
            part = weights[start : start + 256]
            points = generator.standard_exponential((len(part), kept + TERMS)).cumsum(axis=1)
            # Relative to the largest, which would overflow itself at small discounts.
            with np.errstate(over="ignore", under="ignore"):
                relative = np.exp(-np.log(points / points[:, :1]) / m)
            tail = points[:, -1] * relative[:, -1] * m / (1 - m)
            part[:] = relative[:, :kept] / (relative.sum(axis=1) + tail)[:, None]
        return weights


def _grid(low: float, high: float, step: float) -> Floats:
    """Multiples of the step from low to high: no rounding spoils the spacing."""
    return step * np.arange(np.floor(low / step), np.ceil(high / step) + 1)


def _lower_gamma(a: float, x: Floats) -> Floats:
    from scipy import special

    return special.gamma(a) * special.gammainc(a, x)


def _stirling(z: Floats) -> Floats:
    """log Gamma(z) - (z - 1/2) log z + z - log(2 pi)/2 to 1e-16 for z >= 19."""
    u = (1 / z) ** 2
    return (1 / 12 - u * (1 / 360 - u * (1 / 1260 - u * (1 / 1680 - u / 1188)))) / z


def _converged(name: str, rule: Callable[[float], float], tolerance: float) -> float:
    """The rule at STEP; NoConvergence if twice the step gives another value."""
    coarse, fine = rule(2 * STEP), rule(STEP)
    change = abs(fine - coarse) / abs(fine) if fine else np.inf
    if not change <= tolerance:
        raise NoConvergence(f"{name}: the accuracy {tolerance:g} was not reached", change)
    return fine
