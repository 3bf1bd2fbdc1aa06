r"""The race at finite initialisation: how often it has more than one winner, or another one.

Strengths of equal views are independent at initialisation, each the largest of m Gaussian
responses: distribution function F(x) = Phi(x)^m in units of the initial deviation. For q > 2
the growth law dLambda/dt = S Lambda^(q-1) gives Lambda^-(q-2) = Lambda(0)^-(q-2) - (q-2) S t.
Both functions below count the views that come within reach of the strongest one; they differ
in what reach means.

Source: Allen-Zhu & Li (2023), Appendix D, for the growth law; the integrals are our extension.
"""

import math
from collections.abc import Callable

import numpy as np

from mvtheory.arguments import DEVIATION, GATED_POWER, LATE_GROWTH, NEURONS, SPREAD, VIEWS

Reach = Callable[[float], float]


def expected_rivals(views: int, neurons: int, reach: Reach) -> float:
    """E[number of other views with strength in (reach(x), x)], x the largest strength.

    The integral M (M-1) int f(x) F(x)^(M-2) [F(x) - F(reach(x))] dx, split at 0 because
    strengths below it are dead: such views never grow and are nobody's rivals.
    """
    from scipy import integrate, special

    def distribution(x: float) -> float:
        return special.ndtr(x) ** neurons

    def integrand(x: float) -> float:
        density = neurons * special.ndtr(x) ** (neurons - 1) * math.exp(-x * x / 2)
        density /= math.sqrt(2 * math.pi)
        below = distribution(x) - distribution(max(reach(x), 0.0))
        return float(density * distribution(x) ** (views - 2) * below)

    # 40 deviations: the tail beyond is below the smallest double.
    value, _ = integrate.quad(integrand, 0, 40, points=[1, 2, 4, 8], epsabs=1e-13, limit=200)
    return views * (views - 1) * value


def expected_coverage(
    views: int, neurons: int, power: float, deviation: float, late_growth: float
) -> float:
    r"""Coverage of one network at a finite initialisation: 1/M plus the share of late arrivals.

    A loser is learned too when what is left of it after the winner has taken off is within
    reach of the gradient still to come: Lambda_l^-(q-2) < Lambda_1^-(q-2) + (q-2) `late_growth`.
    As `deviation` goes to 0 (at fixed `late_growth`) the coverage goes to 1/M. At q = 2 reach is
    Lambda_l e^`late_growth` > Lambda_1 and depends on the ratio alone: the initial one is kept
    while views grow, no view wins for good, and coverage goes to 1 with `late_growth`.

    Parameters
    ----------
    views, neurons : int, >= 1
        M and the neurons per class m.
    power : float, 2 <= q <= 16
        q of the smoothed ReLU.
    deviation : float, > 0
        Standard deviation of <w, v> at initialisation, in units of the ReLU's threshold.
    late_growth : float, >= 0
        Integral of S dt that a losing view receives after the winner has reached the threshold.

    Returns
    -------
    float
        In [1/M, 1].

    Notes
    -----
    Our extension of Allen-Zhu & Li (2023), Appendix D; hypotheses: views shown equally strongly,
    strengths independent, no noise in the span of the features.

    Examples
    --------
    >>> round(expected_coverage(views=3, neurons=5, power=4, deviation=0.02, late_growth=55), 3)
    0.362
    """
    VIEWS.check(views)
    NEURONS.check(neurons)
    GATED_POWER.check(power)
    DEVIATION.check(deviation)
    LATE_GROWTH.check(late_growth)
    if views == 1:
        return 1.0
    exponent = power - 2

    def reach(x: float) -> float:
        gained = late_growth * (deviation * x) ** exponent
        return x * math.exp(-math.log1p(exponent * gained) / exponent if exponent else -gained)

    return (1 + expected_rivals(views, neurons, reach)) / views


def upset_probability(views: int, neurons: int, spread: float) -> float:
    r"""Probability that the view with the largest initial strength is not the one that wins.

    The law ranks views by S_l^(1/(q-2)) Lambda_l(0). What it leaves out (noise in the patches,
    the finite sample) multiplies each strength by an independent factor exp(`spread` g), g
    standard normal; the difference of two logarithms then has deviation sqrt(2) `spread`.
    Counts every overtaking, so it is an upper bound for M > 2, close for a small spread.

    Parameters
    ----------
    views, neurons : int, >= 1
        M and the neurons per class m.
    spread : float, >= 0
        Relative deviation of the neglected factor.

    Returns
    -------
    float
        In [0, 1 - 1/M].

    Notes
    -----
    Our extension.

    Examples
    --------
    >>> round(upset_probability(views=2, neurons=5, spread=0.02), 4)
    0.0107
    """
    VIEWS.check(views)
    NEURONS.check(neurons)
    SPREAD.check(spread)
    if views == 1 or spread == 0:
        return 0.0
    # Gauss-Legendre on 0 < g < 9: the integrand is smooth there (it has a kink at 0, where
    # overtaking begins), and beyond 9 deviations lies a probability of 1e-19.
    nodes, weights = np.polynomial.legendre.leggauss(40)

    def overtaken(gap: float) -> float:
        shrink = math.exp(-math.sqrt(2) * spread * gap)
        density = math.exp(-gap * gap / 2) / math.sqrt(2 * math.pi)
        return density * expected_rivals(views, neurons, lambda x: x * shrink)

    total = sum(w * overtaken(gap) for gap, w in zip(4.5 * (nodes + 1), 4.5 * weights, strict=True))
    return min(float(total), 1 - 1 / views)
