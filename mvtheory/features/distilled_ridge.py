r"""Self-distilled ridge on random inputs: its risk for every mixing, before any data are drawn.

A student fitted by the teacher's ridge regression to (1 - xi) y + xi (the teacher's values) is a
step along the ridge path, f + xi lambda df/dlambda, as (X'X + lambda)^-1 X'X = 1 - lambda (X'X +
lambda)^-1. Its risk is the covariance of the errors at two ridges, differentiated in both.
"""

from dataclasses import dataclass

import numpy as np

from mvtheory.arguments import RIDGE
from mvtheory.features.random_design import LinearModel
from mvtheory.features.ridge import effective_ridge, spare
from mvtheory.self_distillation.checks import check_count, check_number


@dataclass(frozen=True, kw_only=True)
class DistilledRisk:
    """Risk of self-distilled ridge along xi: teacher + 2 slope xi + curvature xi^2.

    Attributes
    ----------
    teacher : float
        R(lambda), without the noise of labels.
    slope : float
        lambda R'(lambda)/2.
    curvature : float
        lambda^2 E (df/dlambda)^2, > 0 unless nothing is learned.
    """

    teacher: float
    slope: float
    curvature: float

    @property
    def mixing(self) -> float:
        """xi* of least risk: negative where the teacher's ridge is too large."""
        return -self.slope / self.curvature

    @property
    def gain(self) -> float:
        """What xi* takes off the teacher's risk."""
        return self.slope**2 / self.curvature

    def risk(self, mixing: float) -> float:
        """That of a student of any mixing xi."""
        return self.teacher + 2 * self.slope * mixing + self.curvature * mixing**2


def distilled_risk(
    target: LinearModel, samples: int, ridge: float, deviation: float
) -> DistilledRisk:
    r"""Risk of ridge regressions that learn from labels mixed with a teacher's values.

    The errors at ridges of effective ridges k and l have the covariance

        (sigma^2 + sum b^2 k l s/((s + k)(s + l)))/(1 - sum s^2/((s + k)(s + l))/n) - sigma^2;

    slope and curvature are lambda d/dlambda of it in one and in both of them.

    Parameters
    ----------
    target : LinearModel
        Known: without variance.
    samples : int, >= 1
        n, independent inputs, the same for teacher and student.
    ridge : float, > 0
        lambda, added to X'X/n, the same for both.
    deviation : float, >= 0
        sigma, of independent noise of the labels.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Source: [dang2026]_ for the step along the path and the sign (proved) and for asymptotics in
    random design, there by equivalents of fourth order; the covariance at two ridges in their
    place, which is their polarised second order: ours, asymptotic.

    Examples
    --------
    >>> import numpy as np
    >>> target = LinearModel.of([4.0, 1.0, 0.2], [1.0, -2.0, 0.5])
    >>> little, much = (distilled_risk(target, 10, ridge, deviation=1.0) for ridge in (0.03, 2.0))
    >>> round(little.mixing, 2), round(much.mixing, 2)
    (1.38, -2.27)
    >>> round(much.teacher, 3), round(much.risk(much.mixing), 3), round(much.gain, 3)
    (2.65, 0.746, 1.903)
    """
    s, b = target.eigenvalues, target.mean
    if np.any(target.variance):
        raise ValueError(
            "target with a variance is not allowed (coefficients that are known); give "
            "LinearModel.of(target.eigenvalues, target.mean)"
        )
    n, added = check_count("samples", samples, 1), RIDGE.number(ridge)
    sigma = check_number("deviation", deviation, "noise of the labels", zero=True)
    k = effective_ridge(s, added, n)
    kept, lost = s / (s + k), k / (s + k)
    # In the logarithms of k and l, up to the factor by which lambda moves them.
    above = sigma**2 + float(np.sum(b**2 * s * lost**2))
    above_one = float(np.sum(b**2 * s * lost**2 * kept))
    above_both = float(np.sum(b**2 * s * (lost * kept) ** 2))
    below = spare(s, k, n)[1] / n
    below_one = float(np.sum(kept**2 * lost)) / n
    below_both = -float(np.sum((kept * lost) ** 2)) / n
    rate = added / (k * below)  # d log k / d log lambda
    one = above_one / below - above * below_one / below**2
    both = (
        above_both / below
        - (2 * above_one * below_one + above * below_both) / below**2
        + 2 * above * below_one**2 / below**3
    )
    return DistilledRisk(
        teacher=above / below - sigma**2, slope=rate * one, curvature=rate**2 * both
    )
