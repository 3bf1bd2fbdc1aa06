"""A root between two points, where loading a solver would take most of the time."""

import sys
from collections.abc import Callable


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a continuous function is 0 between two points at which its signs differ.

    Parameters
    ----------
    function : callable
        From a float to a float, never nan.
    low, high : float
        Finite.

    Returns
    -------
    float
        Within four units in the last place of a change of sign; of the two ends that are left, the
        one at which the function is nearer to 0.

    Raises
    ------
    ValueError
        If the function has one sign at both points.

    Notes
    -----
    Source: Chandrupatla (1997), "A new hybrid quadratic/bisection algorithm for finding the zero of
    a nonlinear function without using derivatives". Halves where the inverse parabola through the
    last three points would turn.

    Examples
    --------
    >>> root(lambda x: x**3 - 2, 0, 2)
    1.2599210498948732
    """
    (a, at_a), (b, at_b) = ((x, function(x)) for x in (float(low), float(high)))
    if at_a * at_b > 0:
        raise ValueError(
            f"low={low!r}, high={high!r} are not allowed (points at which the signs of the "
            f"function differ; it is {at_a:.3g} and {at_b:.3g}); give ends around the root"
        )
    share = 0.5
    while True:
        x = a + share * (b - a)
        at_x = function(x)
        if (at_x > 0) == (at_a > 0):
            c, at_c = a, at_a
        else:
            c, b, at_c, at_b = b, a, at_b, at_a
        a, at_a = x, at_x
        best, at_best = min((a, at_a), (b, at_b), key=lambda pair: abs(pair[1]))
        least = 2 * sys.float_info.epsilon * abs(best) / abs(b - a)
        if at_best == 0 or least > 0.5:
            return best
        place, height = (a - b) / (c - b), (at_a - at_b) / (at_c - at_b)
        share = 0.5
        if height**2 < place and (1 - height) ** 2 < 1 - place:
            share = at_a / (at_b - at_a) * at_c / (at_b - at_c)
            share += (c - a) / (b - a) * at_a / (at_c - at_a) * at_b / (at_c - at_b)
        share = min(1 - least, max(least, share))
