"""Accuracy of ensembles in a lottery: the error falls by the same factor with every network.

With views known at random, a sample that shows one of M is missed by N networks with probability
(1 - 1/M)^N (Allen-Zhu & Li, 2023, Theorem 2), so that 1 - A_N = (1 - A_1) r^(N - 1) with
r = 1 - 1/M, or less where guesses are right by luck. r is read off the ensembles at hand,
r^(n - 1) = (1 - A_n) / (1 - A_1). So log(1 - A_N) is a mean of log(1 - A_1) and log(1 - A_n) with
weights 1 - t and t = (N - 1)/(n - 1), and its error is told by its slopes on the classes' shares
(infinitesimal jackknife): all samples of a class and a view share their luck.
"""

from dataclasses import dataclass

import numpy as np

from mvtheory.ensembles.members import Block
from mvtheory.scores import share_right
from mvtheory.shapes import Float, Floats


@dataclass(frozen=True, eq=False)
class Geometric:
    """Errors 1 - A_1 and 1 - A_n of one network and of n, by class.

    `by_class` has shape (classes, 2): number of samples put wrong by one network and by all n, in
    the mean over the networks; `samples`, shape (classes,), how many there are.
    """

    networks: int
    by_class: Float[Floats, "classes 2"]
    samples: Float[Floats, " classes"]

    def accuracy(self, sizes: Float[Floats, " sizes"]) -> Float[Floats, " sizes"]:
        """A_N for any sizes."""
        one, every = np.maximum(self.by_class.sum(axis=0), 0) / self.samples.sum()
        if one == 0:
            return np.ones(len(sizes))
        factor = min(every / one, 1.0) ** (1 / (self.networks - 1))
        # Infinitely many leave nothing, unless they leave everything.
        left = np.where(np.isinf(sizes), float(factor == 1), 0.0)
        finite = np.isfinite(sizes)
        left[finite] = factor ** (sizes[finite] - 1)
        return np.asarray(1 - one * left)

    def log_error(self, sizes: Float[Floats, " sizes"]) -> Float[Floats, " sizes"]:
        """Standard error of log(1 - A_N); it grows with N."""
        asked = self.samples > 0
        wrong, samples = self.by_class[asked], self.samples[asked]
        classes, totals = len(samples), wrong.sum(axis=0)
        if totals.min() <= 0:
            return np.zeros(len(sizes))
        if classes < 2:
            return np.ones(len(sizes))
        one, every = (wrong / totals).T
        ahead = (sizes[:, None] - 1) / (self.networks - 1)
        slopes = one + ahead * (every - one) - samples / samples.sum()
        return np.asarray(np.sqrt(classes / (classes - 1) * (slopes**2).sum(axis=1)))

    def error(self, sizes: Float[Floats, " sizes"]) -> Float[Floats, " sizes"]:
        """Standard error of A_N: that of log(1 - A_N) times 1 - A_N, and 0 in the limit."""
        wrong, error = 1 - self.accuracy(sizes), np.zeros(len(sizes))
        finite = np.isfinite(sizes)
        error[finite] = wrong[finite] * self.log_error(sizes[finite])
        return error


class WrongByClass:
    """Reads how many samples one member, in the mean, and all together put wrong in each class."""

    def __init__(self, networks: int, classes: int, average: str) -> None:
        self.networks, self.average = networks, average
        self.wrong, self.samples = np.zeros((classes, 2)), np.zeros(classes)

    def add(self, block: Block) -> None:
        given, labels = block.given(self.average), block.labels
        alone = share_right(given, labels).mean(axis=0)
        together = share_right(given.mean(axis=0), labels)
        np.add.at(self.wrong, labels, np.stack([1 - alone, 1 - together], axis=1))
        np.add.at(self.samples, labels, 1)

    def found(self) -> Geometric:
        return Geometric(self.networks, self.wrong, self.samples)
