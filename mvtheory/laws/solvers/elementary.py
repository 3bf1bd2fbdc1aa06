"""Elementary functions without cancellation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

SERIES_BELOW = 0.3
SMALL = 4096
"""Entries up to which a matrix of poles by points takes no longer than a few of its rows do."""
FEW = 8
"""Up to so many poles a loop over them is then faster than a matrix."""
CELLS = 2**15
"""Entries of a matrix of poles by points that stays in the cache."""


def excess(w: NDArray[Any], log1p: NDArray[Any] | None = None) -> NDArray[Any]:
    """w - log(1 + w) for real or complex w, to full relative accuracy near 0.

    `log1p` is log(1 + w) in the branch wanted, where 1 + w itself would cancel or turn.

    With r = w/(2 + w), log(1 + w) = 2 artanh(r) and w = 2r/(1 - r).

    >>> float(excess(np.array([1e-9]))[0])
    4.999999996666667e-19
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = w - (np.log(1 + w) if log1p is None else log1p)
    small = np.abs(w) < SERIES_BELOW
    if small.any():
        r = w[small] / (2 + w[small])
        square = r * r
        tail = np.zeros_like(r)
        for k in range(25, 1, -2):  # r^24 < 1e-17 at the switch
            tail = square * tail + 1 / k
        value[small] = 2 * square / (1 - r) - 2 * r * square * tail
    return value


def pole_sums(
    strengths: NDArray[Any], poles: NDArray[Any], h: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """sum r/(h - p) and sum r/(h - p)^2 at complex points h, shape (n,).

    >>> pole_sums(np.array([2.0]), np.array([1.0]), np.array([2j + 1]))
    (array([0.-1.j]), array([-0.5+0.j]))
    """
    if h.size * poles.size <= SMALL:
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            inverses = 1 / (h - poles[:, None])
            terms = strengths[:, None] * inverses
            return terms.sum(axis=0), (terms * inverses).sum(axis=0)
    first, second = np.zeros((2, h.size), dtype=complex)
    if poles.size <= FEW:
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            for r, p in zip(strengths, poles, strict=True):
                inverse = 1 / (h - p)
                term = r * inverse
                first += term
                second += term * inverse
        return first, second
    # In real arithmetic: complex products of a matrix and a vector start threads that only wait.
    step = max(4, CELLS // poles.size)
    for start in range(0, h.size, step):
        part = slice(start, start + step)
        u, v = h.real[part, None] - poles, h.imag[part]
        square = u * u
        inverse = 1 / (square + (v * v)[:, None])
        first[part] = (inverse * u) @ strengths - 1j * v * (inverse @ strengths)
        square -= (v * v)[:, None]
        inverse *= inverse
        second[part] = (inverse * square) @ strengths - 2j * v * ((inverse * u) @ strengths)
    return first, second


def turned(value: NDArray[Any]) -> NDArray[Any]:
    """A potential above the real line, known up to whole turns: its argument is in [0, pi]."""
    turns = np.round((value.imag - np.pi / 2) / (2 * np.pi))
    return value - 2j * np.pi * turns
