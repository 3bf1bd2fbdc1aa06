"""How strong a learned view becomes until its samples are fitted."""

import math

from mvtheory.arguments import CLASSES, GATED_POWER, Argument
from mvtheory.race.waiting import COEFFICIENT

TIME = Argument("time", "T", "learning rate times steps of the training", 0, 1e30)
SQUARE = Argument("square", "s", "growth of an output for a loss gradient of one", 0, 1e12)


def final_strength(
    classes: int, power: float, time: float, coefficient: float, square: float
) -> float:
    r"""Strength a that a learned view has at the end, in units of the ReLU's threshold.

    Beyond the threshold an output stands above the others by F = z (a - (1 - 1/q)) and grows by
    dF/dt = s (K - 1) e^-F, until the time T: z (a - (1 - 1/q)) = log(1 + (K - 1) s T).

    Parameters
    ----------
    classes : int, K >= 2
    power : float, 2 <= q <= 16
        q of the smoothed ReLU.
    time : float, >= 0
        T, the sum of the learning rates over 1 less the momentum.
    coefficient : float, > 0
        z, the mean of the coefficients: with distractors, by which it exceeds theirs.
    square : float, >= 0
        s, the mean of its square.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Our extension of Allen-Zhu & Li (2023), Appendix D; coefficients at their means.

    Examples
    --------
    >>> round(final_strength(classes=5, power=4, time=600, coefficient=1.75, square=3.1), 3)
    5.844
    """
    k, q = CLASSES.number(classes), GATED_POWER.number(power)
    z, s = COEFFICIENT.number(coefficient), SQUARE.number(square)
    outgrown = math.log1p((k - 1) * s * TIME.number(time))
    return float(outgrown / z + 1 - 1 / q)
