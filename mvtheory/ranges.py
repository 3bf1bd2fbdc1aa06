"""Values as they are written on the command line: 1,3,5 and 1:20."""

from fractions import Fraction

from mvtheory.arguments import Argument

MOST = 100_000
"""Whole numbers in one range."""


def expand(argument: Argument, part: str) -> list[str]:
    """``1:20`` is 1 to 20, ``1:20:5`` in steps of 5; anything else is one number.

    >>> from mvtheory.arguments import NETWORKS
    >>> expand(NETWORKS, "1:20:5"), expand(NETWORKS, "7")
    (['1', '6', '11', '16'], ['7'])
    """
    try:
        if ":" not in part:
            Fraction(part)
            return [part]
        bounds = [int(word) for word in part.split(":")]
        low, high, step = bounds if len(bounds) == 3 else (*bounds, 1)
        if step < 1 or high < low or (high - low) // step >= MOST:
            raise ValueError
        return [str(n) for n in range(low, high + 1, step)]
    except (ValueError, ZeroDivisionError):
        raise argument.error(
            part, f"write a number, or low:high[:step] for at most {MOST} whole numbers"
        ) from None
