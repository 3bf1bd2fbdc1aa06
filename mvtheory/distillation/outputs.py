"""What networks put out, checked: labels, logits and probabilities of N samples in K classes.

Arrays are numpy arrays, memory maps or torch tensors. They are never copied whole: everything
walks over them in blocks of rows and adds up in float64.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.arguments import Argument
from mvtheory.arrays import Floats, as_array

Integers = NDArray[np.int64]

TEMPERATURE = Argument("temperature", "T", "temperature of the softmax", 1e-3, 1e6)
BLOCK = 2**19
"""Numbers in a block of rows: 4 MiB in float64, so that its passes stay in the cache."""
SUM_TOLERANCE = 1e-3
"""Rows of probabilities stored in half precision add up to 1 within this."""


def blocks(rows: int, classes: int) -> Iterator[slice]:
    """Slices of rows that hold BLOCK numbers or one row."""
    step = max(1, BLOCK // classes)
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))


def number(argument: Argument, value: Any) -> Any:
    """The value as one number in the argument's range; ValueError otherwise."""
    checked = argument.check(value)
    if checked.ndim:
        raise argument.error(value, "give one number")
    return checked.item()


def check_labels(labels: Any, classes: int, rows: int | None = None) -> Integers:
    """Labels as whole numbers in [0, classes), shape (N,); ValueError otherwise."""
    array = as_array(labels, "labels")
    allowed = f"one whole number from 0 to {classes - 1} a sample, shape (N,)"
    if array.ndim != 1 or not array.size:
        raise ValueError(f"labels of shape {array.shape} are not allowed ({allowed}); give the "
                         "number of each sample's class, not one-hot rows")  # fmt: skip
    whole = array.dtype.kind == "f" and np.array_equal(array, np.floor(array))
    if array.dtype.kind not in "iu" and not whole:
        raise ValueError(f"labels of type {array.dtype} are not allowed ({allowed}); "
                         "give whole numbers")  # fmt: skip
    bad = (array < 0) | (array >= classes)
    if bad.any():
        raise ValueError(
            f"labels[{int(np.argmax(bad))}]={array[bad][0]} is not allowed ({allowed}); count the "
            "classes from 0, and check that labels and outputs belong to the same problem"
        )
    if rows is not None and array.size != rows:
        raise ValueError(f"labels has {array.size} samples, the outputs have {rows}; give the "
                         "same samples in the same order")  # fmt: skip
    return array.astype(np.int64)


def check_rows(name: str, value: Any, like: tuple[int, ...] | None = None) -> NDArray[Any]:
    """Finite rows, shape (N, K) with K >= 2, of the shape `like` if given; ValueError otherwise."""
    array = as_array(value, name)
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name} of type {array.dtype} is not allowed (real numbers); "
                         "convert it to floats")  # fmt: skip
    if array.ndim != 2 or not array.size or array.shape[1] < 2:
        raise ValueError(f"{name} of shape {array.shape} is not allowed (a row of K >= 2 numbers a "
                         "sample, shape (N, K)); flatten or transpose it")  # fmt: skip
    if like is not None and array.shape != like:
        raise ValueError(f"{name} of shape {array.shape} is not allowed: the other outputs have "
                         f"shape {like}; give the same samples and classes")  # fmt: skip
    for rows in blocks(*array.shape):
        finite = np.isfinite(array[rows]).all(axis=1)
        if not finite.all():
            row = rows.start + int(np.argmin(finite))
            raise ValueError(f"{name}[{row}] is not finite; remove that sample everywhere or mend "
                             "the network that put it out")  # fmt: skip
    return array


def check_logits(
    name: str,
    value: Any,
    like: tuple[int, ...] | None = None,
    largest: float = np.inf,
) -> NDArray[Any]:
    """Finite logits, shape (N, K); ValueError if they are probabilities or wrong otherwise.

    They lie in [-largest, largest].
    """
    array = check_rows(name, value, like)
    for rows in blocks(*array.shape) if largest < np.inf else ():
        top, low = float(array[rows].max()), float(array[rows].min())
        if max(top, -low) > largest:
            raise ValueError(f"{name} holds {top if top > -low else low:g}, not allowed (logits "
                             f"from {-largest:g} to {largest:g}); clip masked classes to this "
                             "range, or mend a network that has diverged")  # fmt: skip
    if _are_probabilities(array):
        raise ValueError(
            f"{name} holds probabilities (rows >= 0 of sum 1) where logits are wanted; give the "
            "numbers before the softmax, or np.log of the probabilities"
        )
    return array


def check_probabilities(name: str, value: Any, like: tuple[int, ...] | None = None) -> NDArray[Any]:
    """Rows of probabilities, shape (N, K); ValueError if they are logits or wrong otherwise."""
    array = check_rows(name, value, like)
    if not _are_probabilities(array):
        raise ValueError(
            f"{name} holds rows that are no probabilities (numbers >= 0 of sum 1), perhaps logits; "
            "give softmax rows, or the logits together with a temperature"
        )
    return array


def _are_probabilities(array: NDArray[Any]) -> bool:
    for rows in blocks(*array.shape):
        block = np.asarray(array[rows], dtype=float)
        if block.min() < 0 or np.abs(block.sum(axis=1) - 1).max() > SUM_TOLERANCE:
            return False
    return True


def softmax(logits: NDArray[Any], temperature: float) -> Floats:
    """Rows softmax(logits / temperature) in float64; temperature 0 puts all on the largest.

    The limit at temperature 0 takes the first of several largest logits, as argmax does.
    """
    if temperature == 0:
        chosen = np.zeros(logits.shape)
        chosen[np.arange(len(chosen)), logits.argmax(axis=1)] = 1
        return chosen
    rows = np.asarray(logits, dtype=float)
    with np.errstate(over="ignore"):  # a gap beyond all doubles is one of probability 0
        # The largest first: its quotient by a small temperature would overflow.
        rows = rows - rows.max(axis=1, keepdims=True)
        rows /= temperature
    np.exp(rows, out=rows)
    rows /= rows.sum(axis=1, keepdims=True)
    return rows
