"""Elementary functions without cancellation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

SERIES_BELOW = 0.3


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
