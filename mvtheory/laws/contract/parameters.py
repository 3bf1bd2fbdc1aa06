"""The parameters of the laws, with their ranges; checks for lists of atoms."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory import arrays
from mvtheory.arguments import Argument

DECIMALS = 1e-12
"""What a sum of masses may lack of 1 although they are doubles: they may come from a text."""
ROUNDING = 4e-16
"""Masses below this are rounding of 0."""

MEAN = Argument("mean", "m", "mean", -1e150, 1e150)
VARIANCE = Argument("variance", "v", "variance", 0, 1e150, low_open=True)
SCALE = Argument("scale", "s", "scale", 0, 1e150, low_open=True)
ASPECT_RATIO = Argument("aspect_ratio", "q", "dimension over samples", 1e-9, 1e9)
CORRELATION = Argument("correlation", "rho", "correlation of the two factors", -1, 1)
RATE = Argument("rate", "lambda", "rate of the free Poisson law", 1e-9, 1e9)
JUMP = Argument("jump", "p", "jump size, not 0", -1e150, 1e150)
FRACTION = Argument("fraction", "t", "trace of the free projection", 1e-12, 1)
CONTINUED_FRACTION = Argument(
    "fraction", "t", "trace of the free projection, for a law by subordination", 1e-6, 1
)
MATRIX_POWER = Argument("power", "s", "free multiplicative power", 0, 100, low_open=True)
POISSON_RATE = Argument("rate", "t", "rate of the free Poisson factor", 1e-9, 1e9)
ACCURACY = Argument("accuracy", "a", "accuracy on the samples", 0, 1)
SAMPLES_PER_CLASS = Argument(
    "samples_per_class", "n", "samples of each class", 1, 1e5, integer=True
)


def check(law: Any, *arguments: Argument) -> None:
    """Raise for a field of a law that is not one number in its range; make it a plain one."""
    for argument in arguments:
        value = arrays.as_array(getattr(law, argument.name), argument.name)[()]
        if np.ndim(value) != 0:
            raise argument.error(
                value.tolist(), "give one number: a law has one value of each parameter"
            )
        checked = argument.check(value)
        object.__setattr__(law, argument.name, checked.item())


def point_masses(positions: Any, masses: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """Ascending distinct positions with their total masses; ValueError unless a law."""
    atoms, weights = arrays.real(positions, "atoms"), arrays.real(masses, "weights")
    if atoms.ndim != 1 or atoms.size == 0 or atoms.shape != weights.shape:
        raise ValueError(
            f"atoms, weights of shapes {atoms.shape}, {weights.shape} are not allowed (lists of "
            "one length >= 1); give one weight for each atom"
        )
    bad = ~np.isfinite(atoms)
    if bad.any():
        raise ValueError(
            f"atoms={float(atoms[bad][0])!r} is not allowed (position: real and finite); remove it "
            "and its weight"
        )
    bad = ~(weights >= 0)
    if bad.any():
        raise ValueError(f"weights={float(weights[bad][0])!r} is not allowed (mass: real, "
                         "0 <= weights <= 1); choose a value in this range")  # fmt: skip
    total = math.fsum(weights)
    if not abs(total - 1) <= max(DECIMALS, arrays.rounding(masses, weights.size)):
        raise ValueError(
            f"weights of sum {total:.15g} are not allowed (masses: their sum 1); divide them by it"
        )
    distinct, inverse = np.unique(atoms, return_inverse=True)
    summed = np.bincount(inverse, weights=weights / total)
    return distinct[summed > 0], summed[summed > 0]
