"""Gaussian outputs of classifiers, and how often the right class has the largest."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mvtheory.arrays import as_array
from mvtheory.shapes import ArrayLike, Float, Floats

DRAWS = 128
"""Gaussian outputs over which the share of right answers is averaged."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Outputs:
    """The law of a model's outputs over its random features: Gaussian, for each test sample.

    Attributes
    ----------
    mean : array, shape (tests, classes)
    variance : array, shape (tests,)
        Of the outputs on a sample, in units of `between`.
    between : array, shape (classes, classes)
        Covariance between classes, the same for all samples but for the factor `variance`.
    along : array, shape (tests, classes)
        Along which the outputs on a sample move besides, by a standard normal number: v in the
        further covariance v_c v_c'.
    """

    mean: Float[Floats, "others classes"]
    variance: Float[Floats, " others"]
    between: Float[Floats, "classes classes"]
    along: Float[Floats, "others classes"]

    def share_right(self, labels: ArrayLike) -> float:
        """Share of the test samples whose own class has the largest output, in the mean.

        An average over antithetic draws that are the same whatever the law is, so that differences
        between two laws are theirs; its standard error is at most 1 / (16 sqrt(tests)).

        Parameters
        ----------
        labels : int array, shape (tests,)
            In 0 .. classes - 1.

        Raises
        ------
        ValueError
            If there is not one such label for each test sample.

        Examples
        --------
        >>> import numpy as np
        >>> law = Outputs(mean=np.array([[0.3, 0.0], [0.0, 0.0]]), variance=np.array([1.0, 4.0]),
        ...               between=np.array([[0.5, -0.5], [-0.5, 0.5]]), along=np.zeros((2, 2)))
        >>> law.share_right([0, 1])  # Phi(0.3 / sqrt(2)) and 1/2, in the mean 0.542
        0.53125
        """
        known = as_array(labels, "labels")
        tests, classes = self.mean.shape
        whole = known.dtype.kind in "iu" and known.shape == (tests,)
        if not whole or known.min() < 0 or known.max() >= classes:
            raise ValueError(
                f"labels of shape {known.shape} and type {known.dtype} are not allowed: integers "
                f"0 <= label < {classes}, shape ({tests},); number the classes from 0 and give one "
                "for each test sample"
            )
        values, vectors = np.linalg.eigh(self.between)
        root = vectors * np.sqrt(np.maximum(values, 0))
        # Classes first: a largest of few, last in memory, costs more than all the rest.
        moved = np.tensordot(root, _normal((tests, classes)), 1)
        moved *= np.sqrt(self.variance)
        moved += self.along.T[:, None] * _normal((tests, 1), 1)
        own, right = known[None, None], []
        outputs = np.empty_like(moved)
        for move in (np.add, np.subtract):  # antithetic
            move(self.mean.T[:, None], moved, out=outputs)
            top = outputs.max(0)
            # Of equal ones, such as of a sample on which no feature answers, any may be named.
            right.append((np.take_along_axis(outputs, own, 0)[0] == top) / (outputs == top).sum(0))
        return float(np.mean(right))


@lru_cache(maxsize=16)
def _normal(shape: tuple[int, int], seed: int = 0) -> Float[Floats, "classes draws others"]:
    """Standard normal numbers, shape (classes, draws, tests), for a mean of shape (tests, classes).

    The same at every ridge and number of features: differences are those of the law alone.
    """
    drawn = np.random.default_rng(seed).standard_normal((DRAWS // 2, *shape))
    return np.ascontiguousarray(drawn.transpose(2, 0, 1))
