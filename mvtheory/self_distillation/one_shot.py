"""The best mixing of self-distilled ridge, from the labels alone: the noise need not be known."""

from dataclasses import dataclass

import numpy as np

from mvtheory.self_distillation.checks import (
    check_components,
    check_eigenvalues,
    check_number,
)
from mvtheory.shapes import ArrayLike


@dataclass(frozen=True, kw_only=True)
class OneShotMixing:
    """The mixing that cross-validation chooses, and what it expects of it.

    Attributes
    ----------
    mixing : float
        xi, any real number; negative where less penalty would be better.
    teacher_error, error : float
        Squared errors at new inputs, noise of the labels included, of the teacher and of the
        student: estimates.
    """

    mixing: float
    teacher_error: float
    error: float


def one_shot_mixing(eigenvalues: ArrayLike, targets: ArrayLike, penalty: float) -> OneShotMixing:
    r"""The mixing of one step that generalised cross-validation chooses, without any refit.

    What a ridge regression misses at a sample that is left out is about r = u z/mean(u), u =
    lambda/(s + lambda). Students are a step along the ridge path, and so are those that never saw
    the sample, teacher and all: they miss r + xi lambda dr/dlambda. Least squares give

        xi = mean(u) sum (u z)^2 (m - h mean(u)) / sum (u z)^2 (m - h mean(u))^2,

    h = s/(s + lambda), m = mean(h u): -lambda GCV'(lambda)/2 over mean (lambda dr/dlambda)^2.

    Parameters
    ----------
    eigenvalues : array, shape (n,)
        s_j >= 0 of the Gram matrix X X^T, all n of them, or of a kernel's.
    targets : array, shape (n,)
        z_j: the labels in the eigenbasis, noise and all.
    penalty : float, > 0
        lambda of the ridge, added to the Gram matrix.

    Raises
    ------
    ValueError
        If an argument is out of range or not finite, or if no mixing changes what is missed.

    Notes
    -----
    Source: the path and the idea of tuning in one shot, [dang2026]_, who prove a like estimator
    consistent; this form, ours: with leave-one-out residuals in place of r it is exact
    leave-one-out cross-validation of student and teacher. It is for errors at new inputs, as
    `features.distilled_risk`; `optimal_mixing` is for those at the same ones.

    Examples
    --------
    >>> found = one_shot_mixing([8.0, 2.0, 0.5], [3.2, -0.4, 0.7], penalty=0.5)
    >>> round(found.mixing, 3), round(found.teacher_error, 3), round(found.error, 3)
    (0.189, 0.856, 0.855)
    """
    s = check_eigenvalues(eigenvalues)
    added = check_number("penalty", penalty, "lambda of the ridge")
    z = check_components("targets", targets, s)
    h, u = s / (s + added), added / (s + added)
    mean = float(u.mean())
    missed = u * z / mean
    # lambda dr/dlambda, with du/dlambda = h u/lambda.
    moved = u * z * (h * mean - float(np.mean(h * u))) / mean**2
    below = float(moved @ moved)
    if below == 0:
        raise ValueError(
            "targets are missed alike at every mixing: eigenvalues that differ are needed where "
            "they are not 0; check their order"
        )
    mixing = -float(missed @ moved) / below
    student = missed + mixing * moved
    return OneShotMixing(
        mixing=mixing,
        teacher_error=float(missed @ missed) / s.size,
        error=float(student @ student) / s.size,
    )
