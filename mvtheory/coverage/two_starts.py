r"""Two networks whose initial weights are correlated: how often they learn the same view.

Of the J = m M pairs (neuron, view) the largest response wins. With A the probability that the same
pair is the largest in both networks, all other pairs are equally likely and m - 1 of them have the
same view, so that everything follows from A. It is needed in three forms, each to full relative
accuracy where it is small: A itself, 1 - A for nearly equal starts, J A - 1 for nearly independent
ones. In the sum u and the difference v of two responses,

    x, y = sqrt((1+rho)/2) u +- sqrt((1-rho)/2) v,

their density is a standard normal one for every rho; the integrals below are over u and v.
"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np

from mvtheory.arguments import CORRELATION, NEURONS, VIEWS
from mvtheory.shapes import Float, Floats

Nodes = Float[Floats, " nodes"]
STEP = 0.25
"""Of the trapezoid rule, over the scale on which the integrand changes."""
FAINT, RARE = 40.0, 1e-30
"""-log of the probability that the largest response is below the grid; that it is above."""
LEAST = 1e-300
"""Correlation below which a concentration leaves the doubles."""
INDEPENDENT = 0.1
"""Correlation below which J A - 1 is integrated, not J A."""


class _Match(NamedTuple):
    same: float
    """A."""
    different: float
    """1 - A."""
    excess: float
    """J A - 1."""


def agreement(views: int, neurons: int, correlation: float) -> float:
    r"""Probability that two networks with correlated starts learn the same view of a class.

    Of the J = m M pairs (neuron, view) the largest response wins. With A the probability that
    the same pair is the largest in both networks, all other pairs are equally likely, and m - 1
    of them have the same view:

        P = A + (1 - A) (m - 1) / (m M - 1),
        A = J int int phi_2(x, y; rho) Phi_2(x, y; rho)^(J-1) dx dy.

    Parameters
    ----------
    views, neurons : int, >= 1
        M, up to 1e12, and the neurons per class m, up to 1e6.
    correlation : float in [0, 1]
        rho, between the initial weights of the two networks.

    Returns
    -------
    float
        In [1/M, 1]: 1/M at rho = 0, 1 at rho = 1. Relative error below 1e-11, of P - 1/M and of
        1 - P too, as far as doubles can tell them.

    Notes
    -----
    Our extension, exact for the lottery model. Phi_2 by Owen (1956).

    Examples
    --------
    >>> round(agreement(views=2, neurons=6, correlation=0.7), 6)
    0.674263
    """
    m, n = int(VIEWS.number(views)), int(NEURONS.number(neurons))
    rho = CORRELATION.number(correlation)
    if m == 1 or rho == 1:
        return 1.0
    if rho == 0:
        return 1 / m
    pairs = m * n
    match = _match(pairs, rho)
    # The same number: 1 less what differs, 1/M and what is above it.
    if match.different < 0.5:
        return 1 - match.different * (pairs - n) / (pairs - 1)
    return 1 / m + match.excess / pairs * (pairs - n) / (pairs - 1)


def concentration(views: int, neurons: int, correlation: float) -> float:
    r"""Concentration a of the Dirichlet law under which two networks agree as often.

    Under Dirichlet(a, ..., a) two networks learn the same view with probability
    (a + 1) / (M a + 1), so a = (1 - P) / (M P - 1) with P of `agreement`, or m (1 - A)/(J A - 1).

    Parameters
    ----------
    views : int, >= 2
    neurons : int, >= 1
    correlation : float in [1e-300, 1)
        At 0 the concentration is infinite (formula `ensemble`), at 1 it is 0 (coverage 1/M).

    Returns
    -------
    float
        To be given to the formula `shared_bias`. Relative error below 1e-11.

    Notes
    -----
    Our extension. The match of two networks is exact; that more of them follow the Dirichlet
    law too is an assumption, to be compared with `correlated_coverage`.

    Examples
    --------
    >>> round(concentration(views=2, neurons=6, correlation=0.7), 6)
    0.934611
    """
    m, n = int(VIEWS.within(low=2).number(views)), int(NEURONS.number(neurons))
    rho = CORRELATION.number(correlation)
    if not LEAST <= rho < 1:
        raise ValueError(
            f"correlation={correlation!r} has no finite concentration (real, {LEAST:g} <= "
            "correlation < 1); use the formula ensemble at 0, and a coverage of 1/M at 1"
        )
    match = _match(m * n, rho)
    return n * match.different / match.excess


@cache
def _match(pairs: int, correlation: float) -> _Match:
    """For 0 < rho < 1 and at least two pairs."""
    from scipy import special

    half_sum, half_difference = math.sqrt((1 + correlation) / 2), math.sqrt((1 - correlation) / 2)
    u, v, cell = _grid(pairs, half_sum, half_difference)
    x, y = half_sum * u + half_difference * v, half_sum * u - half_difference * v
    # (y - rho x) and (x - rho y), over sqrt(1 - rho^2): without the difference.
    of_y, of_x = half_difference * u - half_sum * v, half_difference * u + half_sum * v
    below = _log_both_below(x, y, of_y, of_x)
    root = 2 * half_sum * half_difference
    gauss = np.exp(-(u**2 + v**2) / 2) / (2 * math.pi) * cell
    apart = np.exp(-(x**2 + y**2) / 2) / (2 * math.pi) * cell * root
    apart *= special.ndtr(of_x) * special.ndtr(of_y)
    different = float(pairs) * (pairs - 1) * float(apart @ np.exp((pairs - 2) * below))
    same = pairs * float(gauss @ np.exp((pairs - 1) * below))
    if correlation > INDEPENDENT:
        return _Match(same, different if same > 0.5 else 1 - same, pairs * same - 1)
    both = special.log_ndtr(x) + special.log_ndtr(y)
    tilt = correlation * x * y - correlation**2 * (x**2 + y**2) / 2
    tilt = tilt / root**2 - math.log1p(-(correlation**2)) / 2
    tilt += (pairs - 1) * np.log1p(_lift(x, y, correlation) * np.exp(-both))
    alone = np.exp(-(x**2 + y**2) / 2 + (pairs - 1) * both) / (2 * math.pi) * cell * root
    excess = float((float(pairs) ** 2 * alone) @ np.expm1(tilt))
    return _Match((1 + excess) / pairs, different, excess)


def _grid(pairs: int, half_sum: float, half_difference: float) -> tuple[Nodes, Nodes, Nodes]:
    """Nodes with x >= y at which the largest of so many responses may lie, and their areas."""
    from scipy import special

    low, middle, high = special.ndtri_exp(-np.array([FAINT, 1.0, RARE]) / pairs)
    scale = STEP / max(1.0, middle)
    step = min(STEP, scale / half_sum), min(STEP, scale / half_difference)
    widest = min((high - low) / 2, 9 * half_difference + high * (1 - half_sum**2) / half_sum**2)
    # At half steps: at x = y = 0 Owen's form has no slopes.
    first = math.floor(low / half_sum / step[0])
    sums = step[0] * (np.arange(first, high / half_sum / step[0] + 1) + 0.5)
    differences = step[1] * np.arange(widest / half_difference / step[1] + 1)
    u, v = (side.ravel() for side in np.meshgrid(sums, differences))
    kept = half_sum * u - half_difference * v >= low
    cells = step[0] * step[1] * np.where(v > 0, 2.0, 1.0)
    return u[kept], v[kept], cells[kept]


def _log_both_below(x: Nodes, y: Nodes, of_y: Nodes, of_x: Nodes) -> Nodes:
    """log P(X < x, Y < y) by Owen's T function, of what is above: most of it small."""
    from scipy import special

    # Owen's form divides by x and by y; moving 0 by less than its rounding changes nothing.
    x, y = (np.where(value == 0, 1e-300, value) for value in (x, y))
    with np.errstate(over="ignore"):
        above = special.owens_t(x, of_y / x) + special.owens_t(y, of_x / y)
    above += special.ndtr(-x) / 2 + special.ndtr(-y) / 2 + ((x < 0) != (y < 0)) / 2
    return np.asarray(np.log1p(-np.minimum(above, 1 - 1e-16)))


def _lift(x: Nodes, y: Nodes, correlation: float) -> Nodes:
    """P(X < x, Y < y) less its value for independent X and Y: the integral of phi_2 over rho."""
    nodes, weights = np.polynomial.legendre.leggauss(12)
    total = np.zeros_like(x)
    for rho, weight in zip(correlation * (nodes + 1) / 2, correlation * weights / 2, strict=True):
        left = 1 - rho**2
        exponent = (2 * rho * x * y - x**2 - y**2) / (2 * left)
        total += weight * np.exp(exponent) / (2 * math.pi * math.sqrt(left))
    return total
