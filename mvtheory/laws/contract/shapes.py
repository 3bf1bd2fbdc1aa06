"""Functions of one-dimensional arrays, applied to arrays of any shape and kind."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mvtheory import arrays
from mvtheory.laws.contract.failures import separated
from mvtheory.shapes import Floats

Complexes = NDArray[Any]


def pointwise(function: Callable[[Floats], Any], x: ArrayLike, name: str = "x") -> Any:
    """Apply a function of one-dimensional float arrays to any shape; NaN stays NaN."""
    points = arrays.real(x, name)
    flat = points.reshape(-1)
    missing = np.isnan(flat)
    if missing.any():
        values = np.full(flat.shape, np.nan)
        if not missing.all():
            values[~missing] = separated(function, flat[~missing])
    else:
        values = separated(function, flat) if flat.size else flat.copy()
    return values.reshape(points.shape) if points.ndim else float(values[0])


def above(function: Callable[[Complexes], Complexes], z: ArrayLike) -> Any:
    """Apply a function known for Im z >= 0 to any complex array, by reflection; NaN stays NaN."""
    points = arrays.numbers(z, "z")
    flat = points.reshape(-1)
    # Adding 0 turns the imaginary part -0 into 0: a real point is approached from above.
    known = ~np.isnan(flat)
    below = flat.imag < 0
    values = np.full(flat.shape, complex(np.nan, np.nan))
    upper = np.where(below, flat.conj(), flat)[known] + 0.0
    if known.any():
        values[known] = separated(function, upper)
    values = np.where(below, values.conj(), values)
    return values.reshape(points.shape) if points.ndim else complex(values[0])
