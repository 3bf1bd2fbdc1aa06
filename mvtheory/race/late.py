"""How long a race takes, and what a losing view still receives after it."""

import math

from mvtheory.race.final import final_strength
from mvtheory.race.setting import Setting
from mvtheory.race.strength import time_to_reach

THRESHOLD = 1.0
"""Of the smoothed ReLU: where power-law growth ends and a response is linear."""


def typical_largest(candidates: float) -> float:
    """Median of the largest of so many standard normal responses, at least a tenth."""
    from scipy import special

    return max(0.1, float(special.ndtri(0.5 ** (1 / candidates)))) if candidates else 0.0


def needed_growth(setting: Setting) -> float:
    """Drive times time that takes the strongest view of a typical class to the threshold."""
    strongest = setting.deviation * typical_largest(setting.neurons * setting.views)
    return _time(strongest, 1.0, setting.power)


def memory_time(setting: Setting) -> float:
    """Time in which the strongest response to a typical sample's own noise reaches the threshold.

    A response y to the background noise of one of n samples obeys dy/dt = xi^2 y^(q-1) / n.
    """
    noise = setting.background_noise
    strongest = typical_largest(setting.neurons * setting.backgrounds) * setting.deviation * noise
    drive = (1 - 1 / setting.classes) * noise**2 / setting.samples
    return _time(strongest, drive, setting.power)


def late_growth(setting: Setting) -> float:
    r"""What a losing view still receives, the integral of S dt, once the winner has taken off.

    1. From the multi-view samples, until their loss is gone. With only the winner learned, at
       strength a, their output is about z^2 a and grows by dF/dt = E[z^2] (K-1) e^-F, so that
       the winner ends at the `final_strength` a and the loser has received
       (1 - mu) E[z^q] (a - 1) / E[z] on the way.
    2. From the c of a class's n samples that show the losing view alone, until their own noise is
       memorised: c/n for the shorter of the time of training and `memory_time`.

    Parameters
    ----------
    setting : Setting

    Returns
    -------
    float
        >= 0; the argument `late_growth` of `expected_coverage`.

    Notes
    -----
    Our extension of Allen-Zhu & Li (2023), Appendix D: the closed form of what `descend` follows in
    detail, for views always shown (p = 1).

    Examples
    --------
    >>> from mvtheory.race import Setting
    >>> setting = Setting(views=3, classes=10, neurons=6, power=4, deviation=0.015, samples=50,
    ...                   stages=((200, 3.0), (500, 7.0)), single_view_samples=1)
    >>> round(late_growth(setting), 1)
    115.6
    """
    mean, square = setting.mean_power(1), setting.mean_power(2)
    final = final_strength(setting.classes, setting.power, setting.time, mean, square)
    multi = (1 - setting.single_view_fraction) * setting.mean_power(setting.power)
    multi *= max(0.0, final - 1) / mean
    if not setting.single_view_samples:
        return multi
    shown = setting.single_view_samples / setting.samples
    return multi + shown * min(setting.time, memory_time(setting))


def _time(strength: float, drive: float, power: float) -> float:
    """`time_to_reach` of the threshold, beyond its range of arguments too."""
    if strength >= THRESHOLD:
        return 0.0
    if min(strength, drive) < 1e-9:
        return math.inf
    time = time_to_reach(strength=strength, level=THRESHOLD, drive=min(drive, 1e9), power=power)
    return float(time)
