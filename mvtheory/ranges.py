"""Values as they are written on the command line: 1,3,5 and 1:20 and .2:.9:.1."""

from decimal import Decimal
from fractions import Fraction

from mvtheory.arguments import Argument

MOST = 100_000
"""Numbers in one range."""


def expand(argument: Argument, part: str) -> list[str]:
    """``1:20`` is 1 to 20, ``1:20:5`` in steps of 5, ``.2:.9:.1`` of tenths; else one number.

    >>> from mvtheory.arguments import NETWORKS, TEMPERATURE_FACTOR
    >>> expand(NETWORKS, "1:20:5"), expand(TEMPERATURE_FACTOR, "1:2:.5"), expand(NETWORKS, "7")
    (['1', '6', '11', '16'], ['1', '1.5', '2'], ['7'])
    """
    try:
        if ":" not in part:
            Fraction(part)
            return [part]
        ends = [Decimal(word) for word in part.split(":")]
        low, high, step = ends if len(ends) == 3 else (*ends, Decimal(1))
        whole = len(ends) == 3 or low == int(low)  # tenths without a step: which are meant?
        if not whole or step <= 0 or high < low or (high - low) // step >= MOST:
            raise ValueError
        count = int((high - low) // step) + 1
        return [format((low + n * step).normalize(), "f") for n in range(count)]
    except (ValueError, ArithmeticError):
        raise argument.error(
            part,
            f"write a number, or low:high[:step] for at most {MOST}, with a step if not whole",
        ) from None
