r"""Ridge regression on random inputs, as what it does to independent coefficients.

Of n samples of inputs with covariance eigenvalues s, ridge regression finds coefficients that are,
in the eigenbasis and to second order, those of the target shrunk by h = s/(s + k), with independent
noise: as if each had been observed alone. So a fit is again a target, which another regression may
learn: a student on its teacher's labels is two fits.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mvtheory.arguments import MODELS, RIDGE
from mvtheory.arrays import real
from mvtheory.features.ridge import effective_ridge, spare
from mvtheory.features.sketches import sketched_ridge, steepness
from mvtheory.self_distillation.checks import (
    Components,
    check_components,
    check_count,
    check_eigenvalues,
    check_number,
)
from mvtheory.shapes import ArrayLike

if TYPE_CHECKING:
    from mvtheory.laws import AbstractLaw


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearModel:
    """A linear model whose coefficients in the eigenbasis of the inputs are independent.

    A target that is known, made by `LinearModel.of`, or what fits of it come to.

    Attributes
    ----------
    eigenvalues : array, shape (p,)
        s, of the covariance of the inputs.
    mean, variance : array, shape (p,)
        Over draws of the data.

    Examples
    --------
    >>> LinearModel.of([2.0, 1.0], [0.8, 0.6]).mean
    array([0.8, 0.6])
    """

    eigenvalues: Components
    mean: Components
    variance: Components

    @classmethod
    def of(
        cls, eigenvalues: ArrayLike, mean: ArrayLike, variance: ArrayLike = 0.0
    ) -> "LinearModel":
        """A target that is known, or, with a variance, only up to it.

        Parameters
        ----------
        eigenvalues : array, shape (p,)
            s >= 0, of the covariance of the inputs.
        mean : array, shape (p,)
            b, in the eigenbasis.
        variance : number or array, shape (p,), >= 0
            Of independent coefficients.

        Raises
        ------
        ValueError
            If an argument is out of range or not finite.

        Examples
        --------
        >>> target = LinearModel.of([4.0, 1.0], [1.0, -2.0])
        >>> fit = fit_ridge(target, samples=10, ridge=0.5, deviation=1.0)
        >>> round(fit.bias(target), 4), round(fit.spread, 4)
        (0.6146, 0.2111)
        """
        s = check_eigenvalues(eigenvalues)
        given = real(variance, "variance")
        varied = check_components("variance", given if given.ndim else np.full_like(s, given), s)
        if varied.min() < 0:
            raise ValueError(
                f"variance has an entry {varied.min():.3g}: >= 0 is allowed; give squares of "
                "deviations"
            )
        return cls(eigenvalues=s, mean=check_components("mean", mean, s), variance=varied)

    def bias(self, target: "LinearModel") -> float:
        """Squared error of the mean prediction: sum s (mean - target)^2."""
        return float(np.sum(self.eigenvalues * (self.mean - target.mean) ** 2))

    @property
    def spread(self) -> float:
        """Variance of predictions over draws of the data, in the mean over inputs."""
        return float(np.sum(self.eigenvalues * self.variance))

    def risk(self, target: "LinearModel") -> float:
        """Expected squared error of predictions against a known target, without label noise."""
        return self.bias(target) + self.spread


def fit_ridge(
    target: LinearModel,
    samples: int,
    ridge: float,
    deviation: float = 0.0,
    sketch: "AbstractLaw | None" = None,
    models: int = 1,
) -> LinearModel:
    r"""What ridge regression finds on samples of a target, or of another fit.

    With k the effective ridge, h = s/(s + k), df1 = sum h, df2 = sum h^2, and b^2 + v the second
    moments of the target's coefficients, mean h b and variance

        h^2 v + V s/(s + k)^2,  V = (sigma^2 + k^2 sum s (b^2 + v)/(s + k)^2)/(n - df2).

    A sketch adds (C/N) (s (1 - g) + k)/(s + k)^2, g = (1 - df1/n)/(1 - df2/n), C its steepness
    times the squared norm of the unsketched coefficients.

    Parameters
    ----------
    target : LinearModel
        Of another fit, one on independent data: a student's teacher.
    samples : int, >= 1
        n, independent inputs.
    ridge : float, > 0
        lambda, added to X'X/n: the penalty over n, where it is added to sums over samples.
    deviation : float, >= 0
        sigma, of independent noise of the labels.
    sketch : law of mvtheory.laws, optional
        Of T T' where inputs are T' x in place of x, as for `sketched_ridge`: random features are
        Gaussian sketches.
    models : int, >= 1
        N, with sketches of their own and the same samples, whose predictions are averaged.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Source: one fit, [bach2024]_ (asymptotic; proved there); the variance of a sketch,
    [patil2024]_, its mean over the data ours; a fit of a fit as two solves, after
    [wu2026]_ for random features, in this form ours. That averages of N differ from one wider
    model is in [ruben2024]_, that infinitely many are a kernel regression in [dern2025]_.

    Examples
    --------
    A student on the labels of a teacher that had few samples, on many:

    >>> import numpy as np
    >>> s = 1 / np.arange(1, 101) ** 1.5
    >>> target = LinearModel.of(s, np.ones(100))
    >>> teacher = fit_ridge(target, samples=50, ridge=1e-4, deviation=1.0)
    >>> student = fit_ridge(teacher, samples=1000, ridge=3e-2)
    >>> round(teacher.risk(target), 3), round(student.risk(target), 3)
    (1.617, 0.697)
    """
    s, b, v = target.eigenvalues, target.mean, target.variance
    n, added = check_count("samples", samples, 1), RIDGE.number(ridge)
    sigma = check_number("deviation", deviation, "noise of the labels", zero=True)
    number = MODELS.number(models)
    k = effective_ridge(s, added, n) if sketch is None else sketched_ridge(s, added, sketch, n)
    kept, lost = s / (s + k), k / (s + k)
    rest, rest_of_squares = spare(s, k, n)
    moment = b**2 + v
    noise = (sigma**2 + float((s * lost**2) @ moment)) / rest_of_squares
    variance = kept**2 * v + noise * s / (s + k) ** 2
    if sketch is not None:
        g, apart = rest / rest_of_squares, float(kept @ lost)  # df1 - df2
        unsketched = float((kept * (s + (1 - g) * k) / (s + k)) @ moment) + sigma**2 * (
            apart / (k * rest_of_squares)
        )
        inverse = k * rest / n  # mu, the ridge of the unsketched regression
        # d mu / d tau of T (T' (A + tau B) T + ridge)^-1 T' is slope tr(M B M)/(1 + slope tr(M A M)
        # / mu), M = (A + mu)^-1: the perturbation of the first-order equivalent.
        slope = added * steepness(sketch, float(kept.mean())) * inverse / s.size
        own = slope * apart * n / (k * rest_of_squares * inverse)
        scale = slope * k / inverse**2 / (1 + own)
        variance = variance + scale * unsketched / number * (s * (1 - g) + k) / (s + k) ** 2
    return LinearModel.of(s, kept * b, variance=variance)
