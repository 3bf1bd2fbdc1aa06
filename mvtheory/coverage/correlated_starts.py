r"""Networks whose initial weights are correlated: how often they agree, and what they cover.

Two networks of an ensemble start from w = sqrt(rho) w_common + sqrt(1-rho) w_own. A network
learns the view of its largest initial response, so that networks with a common part prefer the
same views. `agreement` is how often two of them learn the same view of a class; `concentration`
is that of the Dirichlet law (formula `shared_bias`) with the same agreement, and
`correlated_coverage` is the coverage of N networks without that law.
"""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mvtheory.arguments import (
    CORRELATION,
    DEVIATION,
    LATE_GROWTH,
    NETWORKS,
    NEURONS,
    POWER,
    VIEWS,
)

STARTS = 1024
"""Common parts in the average of `correlated_coverage`: a power of two, for Sobol's points."""
STEP, REACH = 0.2, 7.0
"""Of the trapezoid rule on Gaussian scales: its error falls as exp(-2 pi^2 / STEP^2)."""


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
        M and the neurons per class m.
    correlation : float in [0, 1]
        rho, between the initial weights of the two networks.

    Returns
    -------
    float
        In [1/M, 1]: 1/M at rho = 0, 1 at rho = 1.

    Notes
    -----
    Our extension, exact for the lottery model. Phi_2 by Owen (1956).

    Examples
    --------
    >>> round(agreement(views=2, neurons=6, correlation=0.7), 6)
    0.674263
    """
    for argument, value in ((VIEWS, views), (NEURONS, neurons), (CORRELATION, correlation)):
        argument.check(value)
    if views == 1 or correlation == 1:
        return 1.0
    if correlation == 0:
        return 1 / views
    pairs = views * neurons
    # In the sum u and the difference v of the two responses the density is a standard normal
    # one, and Phi_2 is smooth on the scale 1 for every rho.
    grid = np.arange(-REACH - 3, REACH + 3 + STEP / 4, STEP / 2)
    u, v = np.meshgrid(grid, grid)
    x = math.sqrt((1 + correlation) / 2) * u + math.sqrt((1 - correlation) / 2) * v
    y = math.sqrt((1 + correlation) / 2) * u - math.sqrt((1 - correlation) / 2) * v
    density = np.exp(-(u**2 + v**2) / 2) / (2 * math.pi)
    below = np.clip(_both_below(x, y, correlation), 0, 1) ** (pairs - 1)
    same_pair = pairs * float((density * below).sum()) * (STEP / 2) ** 2
    return same_pair + (1 - same_pair) * (neurons - 1) / (pairs - 1)


def _both_below(
    x: NDArray[np.float64], y: NDArray[np.float64], correlation: float
) -> NDArray[np.float64]:
    """P(X < x, Y < y) of standard normal X, Y with a correlation, by Owen's T function."""
    from scipy import special

    root = math.sqrt(1 - correlation**2)
    # Owen's form divides by x and by y; moving 0 by less than its rounding changes nothing.
    x, y = (np.where(value == 0, 1e-300, value) for value in (x, y))
    with np.errstate(over="ignore"):
        slopes = (y / x - correlation) / root, (x / y - correlation) / root
    both = special.ndtr(x) / 2 + special.ndtr(y) / 2
    both -= special.owens_t(x, slopes[0]) + special.owens_t(y, slopes[1])
    return np.asarray(both - ((x < 0) != (y < 0)) / 2)


def concentration(views: int, neurons: int, correlation: float) -> float:
    r"""Concentration a of the Dirichlet law under which two networks agree as often.

    Under Dirichlet(a, ..., a) two networks learn the same view with probability
    (a + 1) / (M a + 1), so a = (1 - P) / (M P - 1) with P of `agreement`.

    Parameters
    ----------
    views : int, >= 2
    neurons : int, >= 1
    correlation : float in (0, 1)
        At 0 the concentration is infinite (formula `ensemble`), at 1 it is 0 (coverage 1/M).

    Returns
    -------
    float
        To be given to the formula `shared_bias`.

    Notes
    -----
    Our extension. The match of two networks is exact; that more of them follow the Dirichlet
    law too is an assumption, to be compared with `correlated_coverage`.

    Examples
    --------
    >>> round(concentration(views=2, neurons=6, correlation=0.7), 6)
    0.934611
    """
    VIEWS.within(low=2).check(views)
    if not 0 < correlation < 1:
        raise ValueError(
            f"correlation={correlation!r} has no finite concentration (real, 0 < correlation < 1);"
            " use the formula ensemble at 0, and a coverage of 1/M at 1"
        )
    agree = agreement(views, neurons, correlation)
    return (1 - agree) / (views * agree - 1)


def correlated_coverage(
    views: int,
    neurons: int,
    correlation: float,
    networks: int,
    *,
    power: float = 4,
    deviation: float = 1,
    late_growth: float = 0,
) -> float:
    r"""Expected coverage of N networks with correlated starts, by the race itself.

    Given the common part c, networks are independent: 1 - (1/M) sum_l E_c[(1 - p_l(c))^N], where
    p_l(c) is the probability that a network learns view l. This holds for any number of networks,
    while the Dirichlet law is matched at two.

    Parameters
    ----------
    views, neurons, networks : int, >= 1
        M, the neurons per class m, and N.
    correlation : float in [0, 1)
        rho, between the initial weights of any two networks.
    power, deviation, late_growth : float
        As in `mvtheory.race.expected_coverage`, which counts the losing views that are learned
        late; by default none is.

    Returns
    -------
    float
        Right to about 1e-3: the average over c is over `STARTS` Sobol points, always the same.

    Notes
    -----
    Our extension; hypotheses as for `mvtheory.race.expected_coverage`.

    Examples
    --------
    >>> round(correlated_coverage(views=2, neurons=6, correlation=0.7, networks=5), 3)
    0.827
    """
    checks = (
        (VIEWS.within(high=64), views),
        (NEURONS.within(high=1000), neurons),
        (CORRELATION, correlation),
        (NETWORKS, networks),
        (POWER, power),
        (DEVIATION, deviation),
        (LATE_GROWTH, late_growth),
    )
    for argument, value in checks:
        argument.check(value)
    if correlation == 1:
        raise ValueError(
            "correlation=1 makes all networks the same one (real, 0 <= correlation < 1); "
            "use mvtheory.race.expected_coverage, its coverage is theirs for every N"
        )
    if views == 1:
        return 1.0
    window = (power - 2) * late_growth * deviation ** (power - 2)
    learned = _learning(views, neurons, correlation, window, power)
    return 1 - float(np.mean((1 - learned) ** networks))


@cache
def _learning(
    views: int, neurons: int, correlation: float, window: float, power: float
) -> NDArray[np.float64]:
    """p_l(c) at each common part, shape (starts, views)."""
    return np.array(
        [_learned(common, correlation, window, power) for common in _common_parts(views, neurons)]
    )


def _common_parts(views: int, neurons: int) -> NDArray[np.float64]:
    """Standard normal common responses, shape (starts, views, neurons), by Sobol's sequence."""
    from scipy import special
    from scipy.stats import qmc

    # The seed fixes the scrambling: without it the first point is the corner 0, at -infinity.
    points = qmc.Sobol(views * neurons, scramble=True, rng=0).random(STARTS)
    return np.asarray(special.ndtri(points).reshape(STARTS, views, neurons))


def _learned(
    common: NDArray[np.float64], correlation: float, window: float, power: float
) -> NDArray[np.float64]:
    """p_l(c) of each view: that its response is above what the largest other one leaves over.

    1 - int F_l(reach(x)) dF_others(x), F_l(x) = prod_r Phi((x - sqrt(rho) c_lr) / sqrt(1-rho)).
    """
    from scipy import special

    width = math.sqrt(1 - correlation)
    centres = math.sqrt(correlation) * common
    learned = np.empty(len(common))
    for view, own in enumerate(centres):
        others = np.delete(centres, view, axis=0).ravel()
        # The largest of k responses around the centres lies this close above the highest one.
        top = REACH + math.sqrt(2 * math.log(others.size + 1))
        x = others.max() + width * np.arange(-REACH, top, STEP)
        scaled = (x[:, None] - others) / width
        logs = special.log_ndtr(scaled)
        hazard = np.exp(-(scaled**2) / 2 - logs).sum(axis=1) / math.sqrt(2 * math.pi)
        density = np.exp(logs.sum(axis=1)) * hazard / width
        alive = np.maximum(x, 0)
        left = np.where(x > 0, alive / (1 + window * alive ** (power - 2)) ** (1 / (power - 2)), x)
        below = np.exp(special.log_ndtr((left[:, None] - own) / width).sum(axis=1))
        learned[view] = 1 - (density * below).sum() * width * STEP
    return np.clip(learned, 0, 1)
