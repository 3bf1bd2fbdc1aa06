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
from mvtheory.race.largest import largest, panels
from mvtheory.shapes import Float, Floats

LINEAR = 0.003
"""Gap between logarithms within which no distribution function bends."""
Reach = Callable[[Floats], Floats]
"""Of largest strengths, the strengths above which another view comes within reach."""


def expected_rivals(
    views: float, neurons: float, reach: Reach, kink: float = 1.0
) -> Float[Floats, " *further"]:
    """E[number of other views with strength in (reach(x), x)], x the largest strength.

    (M - 1) E[1 - F(reach(x)) / F(x)] over the largest x of all M m responses, where it is
    positive: strengths below 0 are dead, such views never grow and are nobody's rivals. `reach`
    is smooth in log x but for a `kink`.
    """
    from scipy import special

    x, mass = largest(views * neurons, kink)
    # An array of reaches has further axes before that of x.
    logs = special.log_ndtr(reach(x)) - special.log_ndtr(x)
    return np.asarray((views - 1) * (-np.expm1(neurons * logs) @ mass))


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
        In [1/M, 1]; absolute error below 1e-11.

    Notes
    -----
    Our extension of Allen-Zhu & Li (2023), Appendix D; hypotheses: views shown equally strongly,
    strengths independent, no noise in the span of the features.

    Examples
    --------
    >>> round(expected_coverage(views=3, neurons=5, power=4, deviation=0.02, late_growth=55), 3)
    0.362
    """
    m, n = VIEWS.number(views), NEURONS.number(neurons)
    exponent, late = GATED_POWER.number(power) - 2, LATE_GROWTH.number(late_growth)
    sigma = DEVIATION.number(deviation)
    if m == 1:
        return 1.0

    def reach(x: Floats) -> Floats:
        gained = late * (sigma * x) ** exponent
        return x * np.exp(-np.log1p(exponent * gained) / exponent if exponent else -gained)

    return min(1.0, (1 + float(expected_rivals(m, n, reach))) / m)


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
        In [0, 1 - 1/M]; absolute error below 1e-8.

    Notes
    -----
    Our extension.

    Examples
    --------
    >>> round(upset_probability(views=2, neurons=5, spread=0.02), 4)
    0.0107
    """
    m, n, tau = VIEWS.number(views), NEURONS.number(neurons), SPREAD.number(spread)
    if m == 1 or tau == 0:
        return 0.0
    # In the logarithm of the gap g between two logarithms of strengths: for small ones overtaking
    # is linear in g, and beyond 9 deviations, 1e-19 of the probability, there is nothing left.
    end = math.log(9 * math.sqrt(2) * tau)
    sharp = min(end, math.log(LINEAR))
    logs, weights = panels(
        np.concatenate([np.linspace(end - 34, sharp, 35)[:-1], np.arange(sharp, end, 0.25), [end]])
    )
    gaps = np.exp(logs)
    scaled = gaps / (math.sqrt(2) * tau)
    density = np.exp(-(scaled**2) / 2) * scaled / math.sqrt(2 * math.pi)
    rivals = expected_rivals(m, n, lambda x: x * np.exp(-gaps)[:, None])
    return min(float(rivals @ (density * weights)), 1 - 1 / m)
