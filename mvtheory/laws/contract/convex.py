"""Roots of a convex function on the branch that passes through 0, by Newton's method."""

from collections.abc import Callable

import numpy as np

from mvtheory.multiprecision import NoConvergence
from mvtheory.shapes import Floats

STEPS = 1200
"""A root far from 0 is approached by doubling, once for each binary exponent at most."""
ROUNDING = 1e-10
"""Of f at most, relative: laws continued along an equation are known to about 1e-12."""

BESIDE = 1e-6
"""Share of the way to the end at which half of the way is gone instead."""


def convex_root(
    function: Callable[[Floats], tuple[Floats, Floats]],
    value: Floats,
    slope: float,
    interval: tuple[float, float],
) -> Floats:
    """t with f(t) = value, where f runs monotonically from f(0) = 0 to t; NaN where none is.

    Parameters
    ----------
    function : callable
        f and its derivative at points of the interval, shape (n,); f is convex there.
    value : ndarray, shape (n,)
    slope : float
        f'(0), not 0.
    interval : (float, float)
        Open, around 0; infinite ends are allowed.

    Raises
    ------
    NoConvergence
        If Newton's method does not settle.

    Examples
    --------
    >>> convex_root(lambda t: (t + t * t, 1 + 2 * t), np.array([2.0, -0.25, -0.3]), 1.0, (-9, 9))
    array([ 1. , -0.5,  nan])
    """
    if slope < 0:

        def reflected(t: Floats) -> tuple[Floats, Floats]:
            found, rate = function(-t)
            return found, -rate

        return -convex_root(reflected, value, -slope, (-interval[1], -interval[0]))
    # A tangent lies below f, so every step ends to the right of the root: a falling sequence that
    # meets the end of the interval, or the minimum of f, shows that there is no root.
    t = np.zeros(value.shape)
    last, proposal = t.copy(), value / slope
    before = np.full(value.shape, np.inf)
    high = np.full(value.shape, interval[1])
    none = np.zeros(value.shape, dtype=bool)
    todo = np.arange(value.size)
    for _ in range(STEPS):
        with np.errstate(invalid="ignore"):
            # Beside a pole at the end steps are as small as beside a root.
            over = proposal >= high[todo] - BESIDE * (high[todo] - last)
        proposal = np.where(over, (last + high[todo]) / 2, proposal)
        t[todo] = proposal
        outside = ~((proposal > interval[0]) & (proposal < interval[1]) & np.isfinite(proposal))
        inner = np.where(outside, 0, proposal)
        with np.errstate(all="ignore"):
            found, rate = function(inner)
            step = (found - value[todo]) / rate
        right = found >= value[todo]
        high[todo] = np.where(right, np.minimum(high[todo], inner), high[todo])
        # Far out f may be flat to rounding: then the value is the limit, which it does not reach.
        lost = outside | ~(rate * np.abs(inner) >= 4e-16 * np.abs(value[todo]) * (value[todo] < 0))
        lost |= ~(rate > 0)
        none[todo[lost]] = True
        size = np.abs(step)
        # Steps that are small and shrink no more are the rounding of f.
        settled = (size <= ROUNDING * np.abs(inner)) & (size >= before[todo] / 2)
        before[todo] = size
        done = lost | settled | (size <= 1e-15 * np.abs(inner)) | (inner == last)
        todo, last, proposal = todo[~done], inner[~done], (inner - step)[~done]
        if not todo.size:
            break
    if todo.size:
        change = float(np.max(np.abs(step[~done] / last)))
        raise NoConvergence("the root of a convex function was not found", change)
    return np.where(none, np.nan, t)
