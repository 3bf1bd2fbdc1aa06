"""Sketched ridge regression: the ridge that any free sketch of the inputs comes to."""

import math
from typing import TYPE_CHECKING

import numpy as np

from mvtheory.arguments import RIDGE, Argument
from mvtheory.self_distillation.checks import check_eigenvalues
from mvtheory.shapes import ArrayLike

if TYPE_CHECKING:  # the laws load scipy, which the theory of features does without
    from mvtheory.laws import AbstractLaw

SAMPLES = Argument(
    "samples", "n", "samples, infinite for a given matrix", 0, math.inf, low_open=True
)
STEP = 1e-5
"""Of the symmetric difference that differentiates S, in units of the distance from where S ends:
its error is about 1e-10."""


def sketched_ridge(
    eigenvalues: ArrayLike,
    ridge: float,
    sketch: "AbstractLaw",
    samples: float = math.inf,
) -> float:
    r"""The ridge k with which the inputs themselves do what a free sketch of them does.

    k (1 - df1(k) / n) = ridge S(-df1(k) / p), df1(k) = sum s / (s + k), S the S-transform of the
    law of T T', for inputs x replaced by T' x. Without a limit of samples this is mu = ridge
    S(-df1(mu) / p) of a given matrix: T (T' A T + ridge)^-1 T' acts as (A + mu)^-1 does.

    Parameters
    ----------
    eigenvalues : array, shape (p,)
        s >= 0 of the covariance of the inputs, or with `samples` infinite of any matrix A.
    ridge : float, > 0
        Added to T' X'X T / n: a penalty over n, where it is added to the sum over samples.
    sketch : law of mvtheory.laws
        Of the p eigenvalues of T T', all >= 0. Of q Gaussian columns of variance 1/q
        `MarchenkoPastur(aspect_ratio=p / q)`; of q orthogonal ones of squared length p/q
        `Discrete(atoms=[0, p / q], weights=[1 - q / p, q / p])`.
    samples : float, > 0
        n; infinite for the matrix itself.

    Returns
    -------
    float
        k, in units of the eigenvalues.

    Raises
    ------
    ValueError
        If an argument is out of range, or the law is not of a positive mean.

    Notes
    -----
    Source: [patil2024]_ for any sketch that is asymptotically free of the data
    (proved); with `effective_ridge` for the samples, ours. Its own case is a Gaussian sketch.

    Examples
    --------
    >>> from mvtheory.laws import Discrete, MarchenkoPastur
    >>> s = [3.0, 2.0, 0.5, 0.5]
    >>> round(sketched_ridge(s, 0.1, MarchenkoPastur(aspect_ratio=2.0)), 4)  # k (1 - df1/2) = 0.1
    1.3171
    >>> round(sketched_ridge(s, 0.1, Discrete(atoms=[0, 2], weights=[0.5, 0.5]), samples=10), 4)
    1.2455
    """
    from scipy.optimize import brentq

    s, added = check_eigenvalues(eigenvalues), RIDGE.number(ridge)
    n = SAMPLES.number(samples)
    most = min(_largest_share(sketch) * s.size, n)

    def excess(k: float) -> float:
        """Left side less right side: that one rises with k, and this one falls."""
        freedom = float((s / (s + k)).sum())
        if freedom >= most:
            return -math.inf
        return k * (1 - freedom / n) - added * float(sketch.s_transform(-freedom / s.size))

    high = added + float(s.max())
    while excess(high) <= 0:
        high *= 2
    low = high
    while excess(low) > 0:
        low /= 4
    while math.isinf(excess(low)):  # S ends there
        middle = math.sqrt(low * high)
        low, high = (low, middle) if excess(middle) > 0 else (middle, high)
    return float(brentq(excess, low, high, xtol=1e-15 * low, rtol=1e-15))


def steepness(sketch: "AbstractLaw", share: float) -> float:
    """-S'(-share) of the sketch's law, >= 0: S falls."""
    step = STEP * (_largest_share(sketch) - share)
    ends = sketch.s_transform(-share + step * np.array([-1.0, 1.0]))
    return float(ends[0] - ends[1]) / (2 * step)


def _largest_share(sketch: "AbstractLaw") -> float:
    """Of the directions, those that are not lost: up to it reaches S."""
    low, mean = sketch.support[0][0] if sketch.support else 0.0, sketch.moment(1)
    atoms, weights = np.asarray(sketch.atoms), np.asarray(sketch.weights)
    if min([low, *atoms]) < 0 or not mean > 0:
        raise ValueError(
            f"sketch={sketch!r} is not allowed (the law of T T': >= 0, its mean > 0); give that "
            "of the squared singular values of the sketch"
        )
    return 1 - float(weights[atoms == 0].sum())
