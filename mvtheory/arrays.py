"""One way in for arrays: numpy arrays, memory maps, torch tensors and lists of numbers.

Here is also what rounding allows: data in single or half precision carry the rounding of their own
type, and a check made for doubles would refuse them.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from mvtheory.shapes import ArrayLike, Complex, Float, Floats, Numbers, Shaped

ENTRY = 8
"""Roundings that one number may have behind it: an exponential, a quotient, a conversion."""
SINGLE = 2.0**-24
"""Unit of single precision, in which sums of narrower types are carried by every library."""


def as_array(value: Any, name: str = "array") -> Shaped[Numbers, " *further"]:
    """The value as a numpy array, without a copy where there need not be one.

    Parameters
    ----------
    value : array_like
        Anything numpy reads, or a torch tensor on any device, with or without a gradient.
    name : str
        The argument, for the error.

    Raises
    ------
    ValueError
        For rows of unequal length, and for masked arrays with hidden entries.
    """
    if hasattr(value, "detach"):  # a torch tensor, perhaps on a GPU or with a gradient
        value = value.detach().cpu()
        if "bfloat16" in str(value.dtype):  # numpy has no such type
            value = value.float()
        value = value.numpy()
    if np.ma.is_masked(value):
        hidden = int(np.ma.getmaskarray(value).sum())
        raise ValueError(
            f"{name} is a masked array, {hidden} of its entries are hidden "
            f"(every entry counts); give {name}.compressed(), or {name}.filled(...) with numbers"
        )
    try:
        return np.asarray(value)
    except (ValueError, TypeError) as error:  # lists of unequal rows, for one
        raise ValueError(f"{name} cannot be read as one array ({error}); give rows of equal length"
                         ) from None  # fmt: skip


def real(value: ArrayLike, name: str = "array") -> Float[Floats, " *further"]:
    """The value as an array of doubles; ValueError for complex numbers and for no numbers.

    A complex type whose imaginary parts are all exactly 0, as general eigenvalue solvers return
    it for symmetric matrices, holds real numbers.

    Examples
    --------
    >>> real([1, 2.5], "eigenvalues")
    array([1. , 2.5])
    """
    array = as_array(value, name)
    if array.dtype.kind == "c" and not np.any(array.imag):
        array = array.real
    if array.dtype.kind == "c":
        raise ValueError(
            f"{name} of type {array.dtype} are not allowed (real numbers); for eigenvalues of a "
            f"symmetric matrix use numpy.linalg.eigvalsh, or give {name}.real if that is meant"
        )
    try:
        if array.dtype.kind not in "iufbO" or any(item is None for item in _objects(array)):
            raise TypeError
        return array.astype(np.float64, copy=False)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} of type {array.dtype} are not allowed (real numbers); give numbers"
        ) from None


def _objects(array: Numbers) -> Iterable[Any]:
    """The entries that numpy did not make numbers of: it takes None for NaN."""
    return array.flat if array.dtype.kind == "O" else ()


def numbers(value: ArrayLike, name: str = "array") -> Complex[Numbers, " *further"]:
    """The value as an array of complex doubles; ValueError for no numbers.

    Examples
    --------
    >>> numbers([1, 2j], "z")
    array([1.+0.j, 0.+2.j])
    """
    array = as_array(value, name)
    return array.astype(np.complex128) if array.dtype.kind == "c" else real(array, name) + 0j


def unit_of(value: ArrayLike) -> float:
    """Unit roundoff of the type in which the value was given: 2^-53 for doubles and whole numbers.

    >>> unit_of(np.float32([0.1])) == 2.0**-24, unit_of([0.1]) == 2.0**-53
    (True, True)
    """
    kind = str(getattr(value, "dtype", ""))
    if hasattr(value, "unit"):  # rows that are read in blocks
        return float(value.unit)
    if "bfloat16" in kind:
        return 2.0**-8
    if hasattr(value, "detach"):
        return {"torch.float16": 2.0**-11, "torch.float32": SINGLE}.get(kind, 2.0**-53)
    found = np.asarray(value).dtype
    return max(float(np.finfo(found).eps) / 2, 2.0**-53) if found.kind in "fc" else 2.0**-53


def rounding(value: ArrayLike, terms: int = 1) -> float:
    """Relative error that rounding allows in a sum of `terms` numbers of the value's type.

    ENTRY roundings of each number, and one for every addition, in single precision or better:
    so |sum - 1| of probabilities, relative to 1, and |a - b| of two entries of a Gram matrix that
    should be equal, relative to the largest, with `terms` the length of the sums behind them.

    >>> rounding(np.float32([0.1, 0.2, 0.7]), terms=3) < 1e-6
    True
    """
    unit = unit_of(value)
    return ENTRY * unit + terms * min(unit, SINGLE)


def symmetric(value: ArrayLike, name: str = "matrix") -> Float[Floats, "eigenvalues eigenvalues"]:
    """The value as an exactly symmetric matrix of doubles, if it is symmetric to rounding.

    Raises
    ------
    ValueError
        If it is not square, not real, or entries that should be equal differ by more than
        `rounding` allows, relative to the largest one.
    """
    array = real(value, name)
    if array.ndim != 2 or array.shape[0] != array.shape[1] or not array.size:
        raise ValueError(f"{name} of shape {array.shape} is not allowed (a symmetric matrix, shape "
                         "(n, n)); give a square one")  # fmt: skip
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds infinities or NaN (finite real numbers); remove them")
    largest = float(np.abs(array).max())
    gap = float(np.abs(array - array.T).max())
    if gap > rounding(value, len(array)) * largest:
        raise ValueError(
            f"{name} is not symmetric: two entries that should be equal differ by {gap:.3g}, the "
            f"largest entry is {largest:.3g}; give (A + A.T)/2 if its symmetric part is meant"
        )
    return (array + array.T) / 2
