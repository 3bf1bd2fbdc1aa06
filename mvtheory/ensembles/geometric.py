"""Accuracy of ensembles in a lottery: the error falls by the same factor with every network.

With views known at random, a sample that shows one of M is missed by N networks with probability
(1 - 1/M)^N (Allen-Zhu & Li, 2023, Theorem 2), so that 1 - A_N = (1 - A_1) r^(N - 1) with
r = 1 - 1/M, or less where guesses are right by luck. r is read off the ensembles at hand,
r^(n - 1) = (1 - A_n) / (1 - A_1). All samples of a class and a view share their luck: the error is
that of a jackknife over classes.
"""

from dataclasses import dataclass

import numpy as np

from mvtheory.shapes import Float, Floats


@dataclass(frozen=True, eq=False)
class Geometric:
    """Errors 1 - A_1 and 1 - A_n of one network and of n, all classes together and without each.

    `by_class` has shape (classes, 2): number of samples put wrong by one network and by all n, in
    the mean over the networks; `samples`, shape (classes,), how many there are.
    """

    networks: int
    by_class: Float[Floats, "classes two"]
    samples: Float[Floats, " classes"]

    def accuracy(self, sizes: Float[Floats, " sizes"]) -> Float[Floats, " sizes"]:
        """A_N for any sizes."""
        return self._of(self.by_class.sum(axis=0), float(self.samples.sum()), sizes)

    def error(self, sizes: Float[Floats, " sizes"]) -> Float[Floats, " sizes"]:
        """Standard error of A_N, which is not normal: that of log(1 - A_N) times 1 - A_N."""
        asked = np.flatnonzero(self.samples)
        if len(asked) < 2:
            return np.asarray(1 - self.accuracy(sizes))
        wrong, samples = self.by_class.sum(axis=0), float(self.samples.sum())
        without = np.array(
            [self._of(wrong - self.by_class[k], samples - self.samples[k], sizes) for k in asked]
        )
        spread = without - without.mean(axis=0)
        return np.asarray(np.sqrt((len(asked) - 1) / len(asked) * (spread**2).sum(axis=0)))

    def _of(
        self, wrong: Float[Floats, " two"], samples: float, sizes: Float[Floats, " sizes"]
    ) -> Float[Floats, " sizes"]:
        one, every = np.maximum(wrong, 0) / samples
        if one == 0:
            return np.ones(len(sizes))
        factor = min(every / one, 1.0) ** (1 / (self.networks - 1))
        # Infinitely many leave nothing, unless they leave everything.
        left = np.where(np.isinf(sizes), float(factor == 1), 0.0)
        finite = np.isfinite(sizes)
        left[finite] = factor ** (sizes[finite] - 1)
        return np.asarray(1 - one * left)
