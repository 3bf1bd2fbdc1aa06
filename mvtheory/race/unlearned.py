r"""The views that are not learned: how often all but one are not, and where they end.

Given the strongest response x of a class, those of another view's m neurons are normal, cut off at
x; the view is not learned if all of them are below the reach of the gradient still to come (see
`growth.expected_coverage`). By the growth law a response y, in units of the initial deviation
sigma, then ends at

    y [1 - (y/x)^(q-2) + (sigma y)^(q-2) (1 - (q-2) G)]^(-1/(q-2)),

G the late growth: near its start for all but close rivals, whatever the winner reaches.

Source: Allen-Zhu & Li (2023), Theorem 1 and Appendix D, where a losing view stays O~(sigma_0) and
all but o(k) of the k classes have one winner; the integrals are our extension.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from mvtheory.arguments import DEVIATION, LATE_GROWTH, NEURONS, POWER, VIEWS
from mvtheory.race.largest import largest, panels
from mvtheory.shapes import Float, Floats

RIVALS = VIEWS.within(low=2)
HALVINGS = 40
"""Panels of responses below the reach, each half as wide as the last: growth diverges there."""
FAINT = 1e-15
"""Probability below which a strongest response counts for nothing."""


class _Race(NamedTuple):
    """A class's strongest response, and what another view's responses may be, on nodes."""

    mass: Float[Floats, " nodes"]
    """Probability that each x stands for."""
    log_cut: Float[Floats, " nodes"]
    """log Phi(x)."""
    log_reach: Float[Floats, " nodes"]
    """log Phi of the reach."""
    response: Float[Floats, "responses nodes"]
    """Responses y from 0 to the reach."""
    weight: Float[Floats, "responses nodes"]
    """What an integral over y gives to each: phi(y) dy."""
    end: Float[Floats, "responses nodes"]
    """Where y ends."""


def single_winner_probability(
    views: int, neurons: int, power: float, deviation: float, late_growth: float
) -> float:
    r"""Probability that a class ends with exactly one of its views learned: |M| / k.

    Parameters
    ----------
    views, neurons : int, >= 1
        M and the neurons of a class m.
    power : float, 2 < q <= 16
        q of the smoothed ReLU.
    deviation : float, > 0
        Standard deviation of <w, v> at initialisation, in units of the ReLU's threshold.
    late_growth : float, >= 0
        Integral of S dt that a losing view receives after the winner has reached the threshold.

    Returns
    -------
    float
        In [0, 1]; 1 - 2^(-m M) as `deviation` goes to 0, for a class without a positive response
        learns nothing. Absolute error below 1e-10.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Our extension of Allen-Zhu & Li (2023), Theorem 1, where the share tends to 1: the exact mean
    by the growth law. At M = 2 it is 2 (1 - C) less 2^(-m M), C the `expected_coverage`.

    Examples
    --------
    >>> round(single_winner_probability(3, 5, power=4, deviation=0.02, late_growth=55), 3)
    0.916
    """
    race = _race(views, neurons, power, deviation, late_growth)
    rivals = NEURONS.number(neurons) * (VIEWS.number(views) - 1)
    return float(race.mass @ np.exp(rivals * (race.log_reach - race.log_cut)))


def unlearned_growth(
    views: int, neurons: int, power: float, deviation: float, late_growth: float
) -> float:
    r"""Mean logarithm of the factor by which the strength of a view that is not learned grows.

    Of Lambda_l = max_r [<w_r, v_l>]^+, over views with a positive one.

    Parameters
    ----------
    views : int, >= 2
    neurons, power, deviation, late_growth
        As for `single_winner_probability`.

    Returns
    -------
    float
        > 0; as `deviation` goes to 0 it tends to a number that depends on M, m and q alone: a
        losing view stays within a factor of its start. Absolute error below 1e-8.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Our extension of Allen-Zhu & Li (2023), Appendix D.

    Examples
    --------
    >>> round(unlearned_growth(views=3, neurons=5, power=4, deviation=0.02, late_growth=55), 3)
    0.343
    """
    from scipy import special

    race = _race(RIVALS.number(views), neurons, power, deviation, late_growth)
    n = NEURONS.number(neurons)
    # The largest of n responses below the reach.
    others = (n - 1) * special.log_ndtr(race.response) - n * race.log_cut
    chances = race.weight * np.exp(others) * race.mass
    return float(np.sum(chances * np.log(race.end / race.response)) / np.sum(chances))


def unlearned_strength(
    views: int, neurons: int, power: float, deviation: float, late_growth: float
) -> float:
    r"""Mean total strength of a view that is not learned, in units of m sigma_0.

    Of Phi_l = sum_r [<w_r, v_l>]^+ at the end of training, m neurons and sigma_0 the initial
    deviation.

    Parameters
    ----------
    views : int, >= 2
    neurons, power, deviation, late_growth
        As for `single_winner_probability`.

    Returns
    -------
    float
        At initialisation it is about 1/sqrt(2 pi) = 0.40. Relative error below 1e-6.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Our extension of Allen-Zhu & Li (2023), Theorem 1, which bounds it by O~(m sigma_0).

    Examples
    --------
    >>> round(unlearned_strength(views=3, neurons=5, power=4, deviation=0.02, late_growth=55), 3)
    0.456
    """
    race = _race(RIVALS.number(views), neurons, power, deviation, late_growth)
    n = NEURONS.number(neurons)
    unlearned = race.mass * np.exp(n * (race.log_reach - race.log_cut))
    mean = np.sum(race.weight * race.end, axis=0) * np.exp(-race.log_reach)
    return float(unlearned @ mean / unlearned.sum())


@lru_cache(maxsize=4)
def _race(
    views: float, neurons: float, power: float, deviation: float, late_growth: float
) -> _Race:
    from scipy import special

    exponent = POWER.number(power) - 2
    sigma, late = DEVIATION.number(deviation), LATE_GROWTH.number(late_growth)
    x, mass = largest(VIEWS.number(views) * NEURONS.number(neurons))
    x, mass = x[mass > FAINT], mass[mass > FAINT]
    scale = (sigma * x) ** exponent
    reach = x * np.exp(-np.log1p(exponent * late * scale) / exponent)
    # Shares of the reach, dense where growth diverges.
    shares, width = panels(np.concatenate([1 - 0.5 ** np.arange(HALVINGS), [1.0]]))
    y = shares[:, None] * reach
    gone = np.exp(exponent * np.log(y / x))
    left = (1 - gone) + gone * scale * (1 - exponent * late)
    density = np.exp(-(y**2) / 2) / np.sqrt(2 * np.pi)
    return _Race(
        mass,
        special.log_ndtr(x),
        special.log_ndtr(reach),
        y,
        density * width[:, None] * reach,
        y * left ** (-1 / exponent),
    )
