"""What eigenvalues, vectors in their basis, and numbers beside them must be."""

import math
import numbers

import numpy as np

from mvtheory.arrays import real
from mvtheory.shapes import ArrayLike, Float, Floats

Components = Float[Floats, " eigenvalues"]
"""One number for each eigenvalue, those themselves or what belongs to their eigenvectors."""


def check_eigenvalues(eigenvalues: ArrayLike) -> Components:
    """A vector of finite numbers >= 0."""
    d = real(eigenvalues, "eigenvalues")
    if d.ndim != 1 or not d.size or not np.isfinite(d).all() or d.min() < 0:
        raise ValueError(
            f"eigenvalues of shape {d.shape} are not allowed: a vector of finite numbers >= 0; "
            "clip at 0 what rounding made negative"
        )
    return d


def check_components(name: str, values: ArrayLike, like: Components) -> Components:
    """One finite number for each eigenvalue."""
    z = real(values, name)
    if z.shape != like.shape or not np.isfinite(z).all():
        raise ValueError(
            f"{name} of shape {z.shape} are not allowed: one finite number for each of the "
            f"{like.size} eigenvalues; give them in the eigenbasis"
        )
    return z


def check_number(name: str, value: float, meaning: str, zero: bool = False) -> float:
    """A finite number > 0, or >= 0 if `zero`."""
    number = isinstance(value, numbers.Real) and math.isfinite(value)
    if not number or not (value > 0 or (zero and value == 0)):
        raise ValueError(
            f"{name}={value!r} is not allowed ({meaning}: finite, {name} >{'=' * zero} 0); "
            "choose a value in this range"
        )
    return float(value)


def check_count(name: str, value: int, least: int) -> int:
    """An integer, of Python or numpy, and no truth value."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(
            f"{name}={value!r} is not allowed: an integer, {name} >= {least}; choose one"
        )
    return int(value)
