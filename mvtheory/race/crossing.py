"""Where a function of one number changes its sign."""

from collections.abc import Callable


def crossing(function: Callable[[float], float], low: float, high: float, width: float) -> float:
    """The zero of a continuous function that is above 0 at `low` and below it at `high`.

    Regula falsi in the Illinois form, by which the value of an end that stays is halved, and every
    third step halves the interval, until it is no wider than `width` or has no double inside.
    (scipy's `brentq` would do; to import it takes longer than planning a claim.)
    """
    above, below = function(low), function(high)
    stayed, step = 0, 0
    while high - low > width:
        step += 1
        x = low + (high - low) / 2
        if step % 3 and low < (guess := low + above / (above - below) * (high - low)) < high:
            x = guess
        if not low < x < high:
            break
        value = function(x)
        if value == 0:
            return x
        if value > 0:
            low, above = x, value
            below = below / 2 if stayed > 0 else below
            stayed = 1
        else:
            high, below = x, value
            above = above / 2 if stayed < 0 else above
            stayed = -1
    return low + (high - low) / 2
