r"""Variance reduction: how often the surer of two networks is right, if they differ by noise alone.

Let the margin of member i on a sample (the label's logit less the largest other) be t + z_i, with
Gaussian noise z_i of its own and t the same for all members, Gaussian over samples. In units of the
margin's deviation the margins of two members are Gaussian with mean h = Phi^-1(p), p the accuracy,
and a correlation r, which the share p_2 of samples that both put right determines (Owen 1956):

    p - p_2 = 2 T(h, a),    a = sqrt((1 - r)/(1 + r)).

Where one of two is right and the other wrong, the surer one is right if the sum of the margins is
positive: half of the time if t is spread evenly around 0, and more where most samples are easy. No
parameter is left to fit.
"""

import math
from functools import cache

import numpy as np

from mvtheory.shapes import Float, Floats

FAR = 8.5
"""Deviations beyond which a Gaussian has less than 1e-16."""
MOST = 1e6
"""Of a: margins of two members that are opposite to each other."""


def rescue_of_noise(accuracy: float, both: float) -> float:
    """Probability that the surer of two members is right, where exactly one of them is.

    Parameters
    ----------
    accuracy, both : float in (0, 1)
        p, of one member, and the share p_2 < p of samples that two of them put right. Where
        members agree less than any two margins can, p_2 <= 2 p - 1, margins are taken as opposite.

    Returns
    -------
    float
        In (0, 1).

    Notes
    -----
    Ours; exact for Gaussian margins.

    Examples
    --------
    >>> round(rescue_of_noise(accuracy=0.5, both=0.4), 9)
    0.5
    >>> round(rescue_of_noise(accuracy=0.8, both=0.7), 4)
    0.6309
    """
    from scipy import optimize, special

    mean, apart = float(special.ndtri(accuracy)), (accuracy - both) / 2

    def excess(ratio: float) -> float:
        return float(special.owens_t(mean, ratio)) - apart

    ratio = MOST if excess(MOST) <= 0 else float(optimize.brentq(excess, 0.0, MOST, xtol=1e-14))
    # The sum of the margins, in deviations of their difference, is N(centre, 1/ratio^2).
    centre = mean * math.hypot(1, 1 / ratio)
    right, wrong = (_weight(sign * centre, ratio) for sign in (1, -1))
    return right / (right + wrong)


@cache
def _nodes() -> tuple[Float[Floats, " nodes"], Float[Floats, " nodes"]]:
    nodes, weights = np.polynomial.legendre.leggauss(96)
    return nodes, weights


def _weight(centre: float, ratio: float) -> float:
    """Integral over s > 0 of the density of N(centre, 1/ratio^2), times P(difference > s)."""
    from scipy import special

    low, high = max(0.0, centre - FAR / ratio), min(FAR, centre + FAR / ratio)
    if low >= high:
        return 0.0
    nodes, weights = _nodes()
    s = low + (high - low) * (nodes + 1) / 2
    height = np.exp(-(((s - centre) * ratio) ** 2) / 2) * special.ndtr(-s)
    return float(weights @ height) * (high - low)
