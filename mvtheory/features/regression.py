"""Ridge regression on random features of one draw of data: the law of its outputs."""

from dataclasses import dataclass, replace

import numpy as np

from mvtheory.arguments import FEATURES, MODELS
from mvtheory.arrays import real, rounding, symmetric
from mvtheory.features.outputs import Outputs
from mvtheory.features.ridge import effective_ridge, spare
from mvtheory.shapes import ArrayLike, Float, Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class FeatureRegression:
    """Regressions on random features, in the eigenbasis of the features' mean kernel.

    Made by `FeatureRegression.of`, once for every number of features, ridge and number of models.

    Attributes
    ----------
    eigenvalues : array, shape (n,)
        d, of the mean kernel's matrix on the training samples.
    targets : array, shape (n, classes)
        Y, in the eigenbasis.
    cross : array, shape (tests, n)
        Kernel b between test and training samples, in the eigenbasis.
    diagonal : array, shape (tests,)
        |x|^2, the kernel of every test sample with itself.

    Examples
    --------
    >>> import numpy as np
    >>> gram, targets = np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[0.5], [-0.5]])
    >>> FeatureRegression.of(gram, [[1.0, 0.5]], [2.0], targets).eigenvalues
    array([1., 3.])
    """

    eigenvalues: Float[Floats, " inputs"]
    targets: Float[Floats, "inputs classes"]
    cross: Float[Floats, "others inputs"]
    diagonal: Float[Floats, " others"]

    @classmethod
    def of(
        cls, gram: ArrayLike, cross: ArrayLike, diagonal: ArrayLike, targets: ArrayLike
    ) -> "FeatureRegression":
        """From the mean kernel, such as `arc_cosine_kernel`, and the targets.

        Parameters
        ----------
        gram : array, shape (n, n)
            Kernel of the training samples with each other: symmetric and positive semidefinite up
            to rounding in its type.
        cross : array, shape (tests, n)
            Kernel of the test samples with the training samples.
        diagonal : array, shape (tests,)
            Kernel of every test sample with itself.
        targets : array, shape (n, classes)
            Such as one-hot labels less 1/K.

        Raises
        ------
        ValueError
            If the arrays do not fit each other, or `gram` is no kernel's.
        """
        kernel, other = symmetric(gram, "gram"), real(cross, "cross")
        own, wanted, size = real(diagonal, "diagonal"), real(targets, "targets"), len(kernel)
        if other.ndim != 2 or other.shape[1] != size or not np.isfinite(other).all():
            raise ValueError(
                f"cross of shape {other.shape} is not allowed: (tests, {size}), finite; give a row "
                "for each test sample"
            )
        if own.shape != (len(other),) or not np.isfinite(own).all() or own.min() < 0:
            raise ValueError(
                f"diagonal of shape {own.shape} is not allowed: ({len(other)},), finite, >= 0; "
                "give the kernel of each test sample with itself"
            )
        if wanted.ndim != 2 or len(wanted) != size or not np.isfinite(wanted).all():
            raise ValueError(
                f"targets of shape {wanted.shape} are not allowed: ({size}, classes), finite; give "
                "a row for each training sample"
            )
        values, vectors = np.linalg.eigh(kernel)
        # A matrix of entries that are off by e has eigenvalues that are off by n e at most.
        if values[0] < -size * rounding(gram, size) * np.abs(kernel).max():
            raise ValueError(
                f"gram has an eigenvalue {values[0]:.3g}, a kernel's are >= 0; check the kernel, "
                f"or give gram + c * numpy.eye({size}) with c above {-values[0]:.3g}"
            )
        return cls(
            eigenvalues=np.maximum(values, 0),
            targets=vectors.T @ wanted,
            cross=other @ vectors,
            diagonal=own,
        )

    @property
    def scale(self) -> float:
        """Mean eigenvalue: the unit of ridges."""
        return float(self.eigenvalues.mean())

    def outputs(self, features: int, ridge: float, models: int = 1) -> Outputs:
        r"""Law of the outputs of `models` models' average on the test samples.

        Gaussian with mean b (D + k)^-1 Y and, between classes c and c', covariance
        (|x|^2 - b (D + 2k) (D + k)^-2 b) (Y D (D + k)^-2 Y)_cc' + v_c v_c', over (P - df2) N, with
        v = k b (D + k)^-2 Y; k is the effective ridge of P features, df2 its second degrees of
        freedom.

        Parameters
        ----------
        features : int, 1 <= P <= 1e15
            Of one model.
        ridge : float, > 0
            Added to the kernel matrix of the features.
        models : int, 1 <= N <= 1e6
            Whose outputs are averaged; each has features of its own.

        Raises
        ------
        ValueError
            If an argument is out of range.

        Notes
        -----
        Source: mean, Jacot et al. (2020), section 4; covariance, ours: an output moves by u H w
        with the kernel's error H, u = e_x - (D + k)^-1 b and w = (D + k)^-1 Y, and of Gaussian
        features the covariance of H pairs its indices in two ways; 1 / (P - df2) in place of 1 / P
        is that of Bach (2024), section 4. Asymptotic in P, for features taken as Gaussian.

        Examples
        --------
        One feature's kernel x x' on two samples, and a third one between them:

        >>> law = FeatureRegression.of([[1.0, 2.0], [2.0, 4.0]], [[1.5, 3.0]], [2.25], [[1.0], [3]])
        >>> found = law.outputs(features=3, ridge=0.5, models=2)
        >>> covariance = found.variance * found.between + found.along**2
        >>> found.mean.round(4).tolist(), covariance.round(4).tolist()
        ([[1.8401]], [[0.0232]])
        """
        count, number = int(FEATURES.number(features)), MODELS.number(models)
        d, y, b = self.eigenvalues, self.targets, self.cross
        k = effective_ridge(d, ridge, count)
        _, freedom = spare(d, k, count)
        left = self.diagonal - (b**2 * ((d + 2 * k) / (d + k) ** 2)).sum(1)
        return Outputs(
            mean=b @ (y / (d + k)[:, None]),
            variance=np.maximum(left, 0),
            between=y.T @ (y * (d / (d + k) ** 2)[:, None]) / (freedom * number),
            along=k * b @ (y / ((d + k) ** 2)[:, None]) / np.sqrt(freedom * number),
        )

    def student(self, features: int, ridge: float) -> "FeatureRegression":
        """The same with targets as models of so many features fit them on average: D / (D + k) Y.

        What a student of an ensemble learns from, if the ensemble is large. Arguments and errors
        as of `outputs`.

        Examples
        --------
        >>> law = FeatureRegression.of([[1.0, 0.0], [0.0, 4.0]], [[1.0, 2.0]], [2.0], [[1.0], [3]])
        >>> law.student(features=10**9, ridge=1.0).targets.round(4).tolist()
        [[0.5], [2.4]]
        """
        k = effective_ridge(self.eigenvalues, ridge, features)
        shrunk = (self.eigenvalues / (self.eigenvalues + k))[:, None]
        return replace(self, targets=shrunk * self.targets)
