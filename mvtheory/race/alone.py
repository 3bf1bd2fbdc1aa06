"""A view without rivals: how many are learned in the growth that there is."""

import math

from mvtheory.arguments import DEVIATION, NEURONS, POWER, Argument

GROWTH = Argument("growth", "G", "integral of the view's drive over time", 0, 1e15)


def unrivalled_coverage(neurons: int, power: float, deviation: float, growth: float) -> float:
    r"""Share of the views learned where each is shown by samples of its own.

    Nothing competes there: a view is learned if it escapes in time, Lambda(0)^-(q-2) < (q-2) G,
    Lambda(0) the largest of m Gaussian responses. So it is for a network that is boosted to the
    samples which another one got wrong, each of which shows one view alone.

    Parameters
    ----------
    neurons : int, >= 1
    power : float, 2 < q <= 16
    deviation : float, > 0
        Of the initial responses.
    growth : float, >= 0
        G, the integral of S dt while the view's samples are not yet fitted.

    Returns
    -------
    float
        In [0, 1 - 2^-m], to 1e-14.

    Notes
    -----
    Our extension of Allen-Zhu & Li (2023), Appendix D.

    Examples
    --------
    >>> round(unrivalled_coverage(neurons=6, power=4, deviation=0.015, growth=3000), 3)
    0.727
    """
    from scipy import special

    n, q = NEURONS.number(neurons), POWER.number(power)
    sigma, grown = DEVIATION.number(deviation), GROWTH.number(growth)
    if grown == 0:
        return 0.0
    needed = -math.log(q - 2) - math.log(grown)
    needed = needed / (q - 2) - math.log(sigma)
    return -math.expm1(n * float(special.log_ndtr(math.exp(min(needed, 700.0)))))
