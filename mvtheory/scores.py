"""Scores of answers and probabilities against labels: one definition for students and ensembles.

Arrays have shape (classes, samples), members and the like before them. Logarithms are natural; the
Brier score is the sum over all classes, from 0 to 2 (Brier, 1950); the expected calibration error
takes BINS equally wide bins of confidence (Guo et al., 2017).
"""

import numpy as np

from mvtheory.shapes import Float, Floats, Integers

BINS = 15
"""Of confidence, equally wide."""


def of_label(values: Floats, labels: Integers) -> Float[Floats, "*further samples"]:
    """The entry of each sample's own class."""
    return np.asarray(values[..., labels, np.arange(len(labels))])


def share_right(mean: Floats, labels: Integers) -> Float[Floats, "*further samples"]:
    """1 where the largest mean is the label's, 1/c where c classes tie with it, 0 elsewhere."""
    top = mean.max(axis=-2)
    own = of_label(mean, labels)
    ties = (mean == top[..., None, :]).sum(axis=-2)
    return np.asarray((own == top) / ties)


def squared_error(said: Floats, labels: Integers) -> Float[Floats, " samples"]:
    """Of the probabilities of each sample, summed over the classes: its Brier score.

    >>> squared_error(np.array([[0.5, 0.2], [0.5, 0.8]]), np.array([0, 1])).round(2)
    array([0.5 , 0.08])
    """
    return np.asarray(np.einsum("ks,ks->s", said, said) - 2 * of_label(said, labels) + 1)


def gaps_by_confidence(
    sure: Float[Floats, " samples"],
    right: Float[Floats, " samples"],
    weight: Float[Floats, " samples"] | None = None,
) -> Float[Floats, " bins"]:
    """Sums of weight (right - sure) over the samples of each bin: see `calibration_error`."""
    places = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    gaps = right - sure if weight is None else weight * (right - sure)
    return np.asarray(np.bincount(places, gaps, minlength=BINS), dtype=float)


def calibration_error(gaps: Floats, total: Floats | float) -> Float[Floats, "*further"]:
    """Expected calibration error, in [0, 1], from `gaps_by_confidence` and the sum of weights.

    >>> sure, right = np.array([0.9, 0.91, 0.5]), np.array([1.0, 0.0, 1.0])
    >>> float(calibration_error(gaps_by_confidence(sure, right), 3).round(4))
    0.4367
    """
    return np.asarray(np.abs(gaps).sum(axis=-1) / total)
