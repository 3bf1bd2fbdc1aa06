"""Accuracies that need no sight of the inputs, by the frequencies of the classes."""

from dataclasses import dataclass

import numpy as np

from mvtheory.distillation.labels import Labels
from mvtheory.shapes import Int, Integers


@dataclass(frozen=True, kw_only=True)
class Baselines:
    """What an accuracy is to be compared with.

    `chance` is 1/K, of answers drawn evenly; `majority` the largest class frequency, of one
    answer for all samples; `independence` sum_c p_c q_c, of these answers given in another order
    (p their frequencies and q those of the labels), with `spread`, its standard deviation over
    all orders. Never is independence above majority.
    """

    accuracy: float
    chance: float
    majority: float
    independence: float
    spread: float
    majority_error: float
    """Standard error of accuracy - majority, of paired samples."""

    def associated(self, deviations: float) -> bool:
        """Whether labels and answers agree more than in all but a few orders of the samples."""
        return self.accuracy > self.independence + deviations * self.spread


def baselines(labels: Labels, answers: Int[Integers, " samples"], classes: int) -> Baselines:
    r"""Baselines of answers to labels, or of the answers of one network to those of another.

    Over the orders of the samples, the number of agreements has the mean N sum p q and the
    variance N^2 (m - sum p q^2 - sum q p^2 + m^2)/(N-1), m = sum p q.

    Parameters
    ----------
    labels, answers : array of int, shape (N,)
        From 0 to K-1.
    classes : int
        K.

    References
    ----------
    The variance of a sum over a random permutation, [hoeffding1951]_.

    Examples
    --------
    >>> found = baselines(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), 2)
    >>> found.accuracy, found.majority, found.independence, round(found.spread, 6)
    (0.75, 0.75, 0.5, 0.25)
    """
    size = labels.size
    q = np.bincount(labels, minlength=classes) / size
    p = np.bincount(answers, minlength=classes) / size
    both = float(p @ q)
    variance = both - float(p @ q**2) - float(q @ p**2) + both**2
    right = labels == answers
    difference = right.astype(float) - (labels == q.argmax())
    return Baselines(
        accuracy=float(right.mean()),
        chance=1 / classes,
        majority=float(q.max()),
        independence=both,
        spread=float(np.sqrt(max(variance, 0.0) / max(size - 1, 1))),
        majority_error=float(difference.std() / np.sqrt(size)),
    )
