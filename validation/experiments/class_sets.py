"""Test samples whose spectra are looked at: sets with equally few of each class."""

import numpy as np
from numpy.typing import NDArray

SAMPLES_A_CLASS = 5
"""Few, so that the noise of sampling and not the population makes the spectrum."""


def class_sets(labels: NDArray[np.int64], classes: int, sets: int) -> NDArray[np.int64]:
    """Places of the first samples of each class, shape (sets, classes * SAMPLES_A_CLASS)."""
    wanted = sets * SAMPLES_A_CLASS
    first = np.array([np.flatnonzero(labels == k)[:wanted] for k in range(classes)])
    return first.reshape(classes, sets, SAMPLES_A_CLASS).swapaxes(0, 1).reshape(sets, -1)
