"""Wrong ways to continue the accuracies of one, two and three networks, and sizes chosen by them.

Claims must refuse them. Each is told the three accuracies and gives that of N networks.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from validation.experiments.members.setting import LARGEST

Rule = Callable[[float, float, float, float], float]


def no_further_gain(one: float, two: float, three: float, networks: float) -> float:
    return (one, two, three)[int(min(networks, 3)) - 1]


def each_like_the_third(one: float, two: float, three: float, networks: float) -> float:
    return three + (networks - 3) * (three - two)


def swapped(one: float, two: float, three: float, networks: float) -> float:
    """(1 - 1/n) / (1 - 1/N) in place of (1 - 1/N) / (1 - 1/n)."""
    return one + (three - one) * (1 - 1 / 3) / (1 - 1 / networks) if networks > 1 else one


def by_the_root(one: float, two: float, three: float, networks: float) -> float:
    """a + b/sqrt(N): the square root of averages of noise where their variance belongs."""
    return three + (three - one) * (3**-0.5 - networks**-0.5) / (1 - 3**-0.5)


def averaging(one: float, two: float, three: float, networks: float) -> float:
    """a + b/N, as where members differ by noise alone."""
    return three + (three - one) * (1 / 3 - 1 / networks) / (1 - 1 / 3)


def lottery(one: float, two: float, three: float, networks: float) -> float:
    """1 - A_N = (1 - A_1) r^(N - 1), as where each member knows views of its own."""
    factor = ((1 - three) / (1 - one)) ** 0.5 if one < 1 else 0.0
    return 1 - (1 - one) * min(factor, 1.0) ** (networks - 1)


WRONG: dict[str, Rule] = {
    "no further gain beyond three": no_further_gain,
    "every further member is worth as much as the third": each_like_the_third,
    "n and N swapped: (1 - 1/n) / (1 - 1/N)": swapped,
    "a + b/sqrt(N)": by_the_root,
    "a + b/N, lottery or not": averaging,
    "the error falls geometrically, lottery or not": lottery,
}


def best(accuracies: NDArray[np.float64], price: float) -> int:
    """The size of the highest accuracy less the price of its members; sizes 1, 2, ... in order."""
    return int(np.argmax(accuracies - price * np.arange(1, len(accuracies) + 1))) + 1


def chosen(rule: Rule, one: float, two: float, three: float, price: float) -> int:
    """The size that is best by a rule, of at most 16."""
    sizes = range(1, LARGEST + 1)
    return best(np.array([rule(one, two, three, size) for size in sizes]), price)
