"""The symmetrised confusion matrix: the law of one-hot predictions against one-hot labels."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mvtheory import arrays
from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.delegated import DelegatedLaw
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.deformed_semicircle import DeformedSemicircle
from mvtheory.laws.discrete import Discrete

LEAST = 1e-18
"""Counts less likely than this are left out."""


@dataclass(frozen=True, kw_only=True)
class ConfusionLaw(DelegatedLaw):
    r"""Spectrum of (C + C^T)/(2n), C the counts of label by prediction, n samples of each class.

    The diagonal is D = count/n, D ~ Binomial(n, a)/n for balanced labels and Poisson(n a)/n for
    random ones; the wrong predictions make a sparse graph of mean degree 2n(1 - a) and weights
    1/(2n). Many samples: the deformed semicircle G = E[1/(z - D - sigma^2 G)],
    sigma^2 = (1 - a)/(2n), which is what this law is. Few samples: `population_dynamics`. Errors
    are taken as uniform over the other classes, and classes as many; the all-ones vector makes
    one more eigenvalue near 1.

    Parameters
    ----------
    accuracy : float
        a in [0, 1].
    samples_per_class : int
        n in [1, 1e5].
    balanced : bool
        n samples of every class exactly; else labels are drawn at random.

    References
    ----------
    An extension of this project; the semicircle by [biane1997]_.

    Examples
    --------
    >>> law = ConfusionLaw(accuracy=0.6, samples_per_class=10)
    >>> print(f"{law.moment(1):.6f} {law.free_cumulant(2):.6f}")
    0.600000 0.044000
    """

    accuracy: float
    samples_per_class: int
    balanced: bool = True

    def __post_init__(self) -> None:
        parameters.check(self, parameters.ACCURACY, parameters.SAMPLES_PER_CLASS)
        if self.balanced not in (True, False):
            raise ValueError(
                f"balanced={self.balanced!r} is not allowed (labels of each class equally many: "
                "True or False); choose one"
            )

    @functools.cached_property
    def diagonal(self) -> Discrete:
        """The law of D."""
        from scipy import stats

        n, a = self.samples_per_class, self.accuracy
        counts = stats.binom(n, a) if self.balanced else stats.poisson(n * a)
        low, high = counts.ppf([LEAST, 1 - 1e-16])
        k = np.arange(max(low - 1, 0), (high if np.isfinite(high) else n) + 40)
        k = k[k <= n] if self.balanced else k
        mass = counts.pmf(k)
        mass = np.where(mass > LEAST, mass, 0)
        return Discrete(atoms=k / n, weights=mass / mass.sum())

    @functools.cached_property
    def _law(self) -> AbstractLaw:
        variance = (1 - self.accuracy) / (2 * self.samples_per_class)
        if variance == 0:
            return self.diagonal
        return DeformedSemicircle(diagonal=self.diagonal, variance=variance)

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """(C + C^T)/(2 samples_per_class) for n classes, at least 2."""
        generator = np.random.default_rng(rng)
        if n < 2:
            raise ValueError(
                f"n={n!r} is not allowed (classes: n >= 2); errors need another: choose more"
            )
        samples = n * self.samples_per_class
        labels = np.arange(samples) % n if self.balanced else generator.integers(n, size=samples)
        wrong = (labels + generator.integers(1, n, size=samples)) % n
        predictions = np.where(generator.random(samples) < self.accuracy, labels, wrong)
        counts = np.zeros((n, n))
        np.add.at(counts, (labels, predictions), 1)
        return (counts + counts.T) / (2 * self.samples_per_class)

    def population_dynamics(
        self,
        z: ArrayLike,
        rng: np.random.Generator | None = None,
        pool: int = 4096,
        sweeps: int = 64,
    ) -> tuple[Complexes, Floats]:
        """G(z) of the sparse graph at a fixed number of samples, by the recursion on its tree.

        At a vertex, G = 1/(z - D - sum G_child/(2n)^2). Wrong predictions leave a class
        (Binomial(n, 1 - a), or Poisson) and enter it (Poisson(n (1 - a))); in the balanced case a
        class reached by one of its own errors has n - 1 samples left, so there are two kinds of
        branches.

        Parameters
        ----------
        z : array_like of complex, shape (k,)
            Points with Im z > 0, the resolution of the density.
        rng : Generator, optional
        pool : int
            Branches kept of each kind.
        sweeps : int
            Times the pool is renewed; the first half is thrown away.

        Returns
        -------
        estimate : ndarray of complex, shape (k,)
        standard_error : ndarray, shape (k,)
            Of the estimate, from the spread between sweeps; the depth of the tree, `sweeps`, and
            the finite pool add a bias that shrinks with Im z times sweeps and with the pool.
        """
        points = np.atleast_1d(arrays.numbers(z, "z"))
        if points.ndim != 1 or not (points.imag > 0).all():
            raise ValueError(f"z={z!r} is not allowed (points, shape (k,): Im z > 0); lift them")
        if pool < 2 or sweeps < 4:
            raise ValueError(f"pool={pool!r}, sweeps={sweeps!r} are not allowed (pool >= 2, "
                             "sweeps >= 4); choose more")  # fmt: skip
        generator = np.random.default_rng(rng)
        n, error = self.samples_per_class, 1 - self.accuracy

        def renewed(left: int, down: Complexes, up: Complexes) -> Complexes:
            """A pool of G at vertices with `left` of their n samples still to be predicted."""
            if self.balanced:
                out = generator.binomial(left, error, size=pool)
                right = left - out
            else:
                out = generator.poisson(n * error, size=pool)
                right = generator.poisson(n * self.accuracy, size=pool)
            into = generator.poisson(n * error, size=pool)
            total = _sums(down, out, generator) + _sums(up, into, generator)
            return 1 / (points - right[:, None] / n - total / (2 * n) ** 2)

        # Reached by an error of the parent (down), or by one of its own (up).
        down = up = np.tile(1 / (points - self.accuracy), (pool, 1))
        means = []
        for sweep in range(sweeps):
            down, up = renewed(n, down, up), renewed(n - 1, down, up)
            if sweep >= sweeps // 2:
                means.append(renewed(n, down, up).mean(axis=0))
        spread = np.std(np.array(means), axis=0, ddof=1)
        return np.mean(means, axis=0), spread / np.sqrt(len(means))


def _sums(
    branches: Complexes, counts: NDArray[np.int64], generator: np.random.Generator
) -> Complexes:
    """For each vertex the sum over so many branches of the pool, drawn with replacement."""
    chosen = branches[generator.integers(len(branches), size=counts.sum())]
    running = np.concatenate([np.zeros((1, branches.shape[1])), np.cumsum(chosen, axis=0)])
    ends = np.cumsum(counts)
    return running[ends] - running[ends - counts]
