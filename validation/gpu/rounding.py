"""How far apart rounding brings trainings that are the same in exact numbers.

Compared are the ways of the parameters, from the start to the end: |a - b| / |a - start| over all
numbers of a network's kind.
"""

from collections.abc import Sequence
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

FLOAT32, TF32, BFLOAT16 = 2.0**-24, 2.0**-11, 2.0**-9
"""Largest relative error of one rounding."""
SLACK = 1.5

Arrays = Sequence[NDArray[np.float32]]


def of_sums(unit: float, terms: int, steps: int) -> float:
    """Where all is smooth: a sum of n terms is off by n units at most, and steps add up."""
    return SLACK * unit * terms * steps


def of_gates(unit: float, layers: int, roundings: float) -> float:
    """Where there are ReLUs, most of it from gates that open in one training and not in the other.

    After l layers, each of so many independent roundings, what comes to a gate is off by
    d = unit sqrt(l roundings) of its deviation. A share d sqrt(2/pi) phi(0) = d/pi of the gates
    lies so near to 0 that it turns; half of all are open; so a share 2 d/pi of what a gradient sums
    is another, and what is independent adds up in squares, over the layers too.
    """
    turned = sum(2 * unit * sqrt(layer * roundings) / pi for layer in range(1, layers + 1))
    return SLACK * sqrt(turned)


def apart(start: Arrays, one: Arrays, other: Arrays) -> float:
    """The distance of two ends over the way from the start to the first; infinite for no way."""
    way = sqrt(sum(float(np.square(a - s).sum()) for a, s in zip(one, start, strict=True)))
    off = sqrt(sum(float(np.square(a - b).sum()) for a, b in zip(one, other, strict=True)))
    return off / way if way and np.isfinite(off) else float("inf")
