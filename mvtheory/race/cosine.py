"""Views that are not orthogonal: what the winner lends another one."""

import math

from mvtheory.arguments import POWER
from mvtheory.race.final import final_strength
from mvtheory.race.late import late_growth
from mvtheory.race.setting import Setting


def critical_cosine(setting: Setting) -> float:
    r"""Cosine between views at which what the winner lends another one suffices to learn it.

    A winner of strength a lends a view of cosine c the response c a. It is learned if it escapes in
    the growth that is still to come: (c a)^-(q-2) < (q-2) G with `late_growth` G and
    `final_strength` a. The smoothed ReLU's threshold is not counted: where it is, the same response
    reaches it at a growth that is less by 1 / (q-2).

    Parameters
    ----------
    setting : Setting
        Of power q > 2; its own cosine does not count.

    Returns
    -------
    float
        > 0; the winner's loan never suffices where it is above 1, or infinite: nothing more grows.

    Raises
    ------
    ValueError
        At power 2, where all views are learned anyway.

    Notes
    -----
    Our extension; a closed form of what `descend` follows in detail.

    Examples
    --------
    >>> from mvtheory.race import Setting
    >>> setting = Setting(views=3, classes=10, neurons=6, power=4, deviation=0.015, samples=50,
    ...                   stages=((200, 3.0), (500, 7.0)), single_view_samples=1)
    >>> round(critical_cosine(setting), 4)
    0.0089
    """
    exponent = POWER.number(setting.power) - 2
    winner = final_strength(
        setting.classes, setting.power, setting.time, setting.mean_power(1), setting.mean_power(2)
    )
    growth = late_growth(setting)
    return float((exponent * growth) ** (-1 / exponent) / winner) if growth else math.inf
