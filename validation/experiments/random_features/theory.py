"""What the theory expects of ridge regression on random features: an average over their draws.

With P independent features, their kernel matrix on the training samples is a sample covariance of
P draws. Its deterministic equivalents give the law of the model's outputs: Gaussian about a
kernel regression with a larger ridge, with a variance in closed form. An average of N models has
that variance over N; N models trained as one have N P features.
"""

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from validation.data import Samples

Array = NDArray[np.float64]
DRAWS = 128
"""Gaussian outputs over which the share of right answers is averaged."""


def arc_cosine_kernel(first: NDArray, second: NDArray) -> Array:
    """Mean of phi(X) phi(X') over random features phi(X) = sum_p ReLU(<w, x_p>), w ~ N(0, I).

    sum over pairs of patches of |x| |x'| (sin a + (pi - a) cos a) / (2 pi), a the angle between
    them.

    Parameters
    ----------
    first, second : arrays, shape (samples, patches, dimension)

    Source: Cho & Saul (2009), "Kernel methods for deep learning", the kernel of degree 1; proved.

    Examples
    --------
    >>> two = np.array([[[2.0, 0.0]], [[0.0, 3.0]]])
    >>> arc_cosine_kernel(two, two).round(4)
    array([[2.    , 0.9549],
           [0.9549, 4.5   ]])
    """
    own, others = _directions(first), _directions(second)
    directions, lengths = (side.reshape(-1, *side.shape[2:]) for side in others)
    patches = second.shape[1]
    kernel = np.empty((len(first), len(second)))
    for index, (patch, length) in enumerate(zip(*own, strict=True)):  # a row stays in the cache
        # The kernel of samples with themselves is symmetric: half of it is enough.
        start = index if first is second else 0
        summed = length @ _of_angles(patch @ directions[start * patches :].T)
        row = (summed * lengths[start * patches :]).reshape(-1, patches).sum(1)
        kernel[index, start:] = row
        if first is second:
            kernel[start:, index] = row
    return kernel


def with_itself(samples: NDArray) -> Array:
    """The kernel of every sample with itself, shape (samples,)."""
    directions, lengths = _directions(samples)
    of_pairs = _of_angles(directions @ directions.transpose(0, 2, 1))
    return np.einsum("sp,spr,sr->s", lengths, of_pairs, lengths)


def _directions(samples: NDArray) -> tuple[Array, Array]:
    """Patches scaled to length 1, those that are 0 as they are, and their lengths."""
    patches = samples.astype(float)
    lengths = np.linalg.norm(patches, axis=2)
    patches /= np.where(lengths > 0, lengths, 1)[..., None]
    return patches, lengths


def _of_angles(cosine: Array) -> Array:
    """The kernel of patches of length 1, of their inner products."""
    np.clip(cosine, -1, 1, out=cosine)
    # sin a + (pi - a) cos a, by pi - a = pi/2 + arcsin(cos a).
    value = np.arcsin(cosine)
    value += math.pi / 2
    value *= cosine
    value += np.sqrt(1 - cosine**2)
    value /= 2 * math.pi
    return value


def effective_ridge(eigenvalues: Array, ridge: float, features: int) -> tuple[float, float]:
    """The ridge k with which the kernel itself does what P random features do with theirs.

    k (1 - df1 / P) = ridge with df1 = sum d / (d + k); and df2 = sum (d / (d + k))^2, which is
    below P.

    Parameters
    ----------
    eigenvalues : array, shape (samples,)
        Of the kernel matrix, >= 0.
    ridge : float
        > 0.
    features : int
        P >= 1.

    Source: Jacot et al. (2020), "Implicit regularization of random feature models", section 4;
    asymptotic in P.

    Examples
    --------
    >>> [round(x, 4) for x in effective_ridge(np.array([3.0, 2.0, 0.5]), 0.1, features=4)]
    [0.2602, 2.0623]
    """
    # Above the solution, where all eigenvalues are as if small; the left side is convex in k and
    # rises there, so that Newton's steps fall to the solution without passing it.
    k = ridge + float(eigenvalues.sum()) / features
    while True:
        shares = eigenvalues / (eigenvalues + k)
        freedom = float((shares**2).sum())
        excess = k * (1 - float(shares.sum()) / features) - ridge
        step = excess / (1 - freedom / features)
        if step <= 1e-15 * k:
            return k, freedom
        k -= step


@dataclass(frozen=True, kw_only=True)
class Regression:
    """Kernel regression on one draw of the data, seen in the eigenbasis of its kernel matrix.

    Attributes
    ----------
    eigenvalues : array, shape (samples,)
        d, of the kernel matrix of the training samples.
    targets : array, shape (samples, classes)
        Centred one-hot labels Y in the eigenbasis.
    kernels : array, shape (tests, samples)
        Kernel b between test and training samples in the eigenbasis.
    lengths : array, shape (tests,)
        Kernel of every test sample with itself.
    labels : int array, shape (tests,)
    """

    eigenvalues: Array
    targets: Array
    kernels: Array
    lengths: Array
    labels: NDArray[np.int64]

    @classmethod
    def of(cls, training: Samples, test: Samples, classes: int) -> "Regression":
        values, vectors = np.linalg.eigh(arc_cosine_kernel(training.patches, training.patches))
        return cls(
            eigenvalues=np.maximum(values, 0),
            targets=vectors.T @ (np.eye(classes)[training.labels] - 1 / classes),
            kernels=arc_cosine_kernel(test.patches, training.patches) @ vectors,
            lengths=with_itself(test.patches),
            labels=test.labels,
        )

    @property
    def scale(self) -> float:
        """Mean eigenvalue: the unit of ridges."""
        return float(self.eigenvalues.mean())

    def fitted(self, features: int, ridge: float) -> "Regression":
        """The same with targets as models of so many features fit them on average.

        What a student of the ensemble is given, if the ensemble is large.
        """
        k, _ = effective_ridge(self.eigenvalues, ridge, features)
        shrunk = (self.eigenvalues / (self.eigenvalues + k))[:, None]
        return replace(self, targets=shrunk * self.targets)

    def share_right(self, features: int, ridge: float, models: int = 1) -> float:
        """Share of the test samples that the average of `models` models classifies rightly.

        Outputs are Gaussian with mean b (D + k)^-1 Y and, between classes c and c', covariance
        (|x|^2 - b (D + 2k) (D + k)^-2 b) (Y D (D + k)^-2 Y)_cc' / ((P - df2) N).

        Parameters
        ----------
        features : int
            P of one model, >= 1.
        ridge : float
            Added to the kernel matrix of the features, > 0.
        models : int
            N >= 1.

        Source: mean, Jacot et al. (2020); covariance, ours, from the second-order equivalent
        of Bach (2024), "High-dimensional analysis of double descent for linear regression with
        random projections"; asymptotic in P, for features taken as Gaussian.
        """
        d, y, b = self.eigenvalues, self.targets, self.kernels
        k, freedom = effective_ridge(d, ridge, features)
        mean = b @ (y / (d + k)[:, None])
        variance = np.maximum(self.lengths - (b**2 * ((d + 2 * k) / (d + k) ** 2)).sum(1), 0)
        between = y.T @ (y * (d / (d + k) ** 2)[:, None]) / ((features - freedom) * models)
        values, vectors = np.linalg.eigh(between)
        root = vectors * np.sqrt(np.maximum(values, 0))
        # Classes first: a largest of few, last in memory, costs more than all the rest.
        moved = np.tensordot(root, _normal(mean.shape), 1)
        moved *= np.sqrt(variance)
        own, right = self.labels[None, None], []
        outputs = np.empty_like(moved)
        for move in (np.add, np.subtract):  # antithetic
            move(mean.T[:, None], moved, out=outputs)
            right.append(np.take_along_axis(outputs, own, 0)[0] >= outputs.max(0))
        return float(np.mean(right))


@cache
def _normal(shape: tuple[int, int]) -> Array:
    """Standard normal numbers, shape (classes, draws, tests), for a mean of shape (tests, classes).

    The same at every ridge and number of features: differences are those of the law alone.
    """
    drawn = np.random.default_rng(0).standard_normal((DRAWS // 2, *shape))
    return np.ascontiguousarray(drawn.transpose(2, 0, 1))
