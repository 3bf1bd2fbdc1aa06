"""Self-distilled kernel regression: what the rounds predict at inputs never seen."""

from dataclasses import dataclass

import numpy as np

from mvtheory.arrays import real, rounding, symmetric, unit_of
from mvtheory.self_distillation.recursion import Distilled, distill
from mvtheory.shapes import ArrayLike, Float, Floats


@dataclass(frozen=True, kw_only=True)
class DistilledRegression:
    """Kernel regressions of successive rounds; index t - 1 holds round t.

    Attributes
    ----------
    run : Distilled
        In the eigenbasis.
    fitted : array, shape (rounds, n)
        Values at the training inputs.
    predicted : array, shape (rounds, m)
        Values at the other inputs.
    """

    run: Distilled
    fitted: Float[Floats, "rounds inputs"]
    predicted: Float[Floats, "rounds others"]


def distill_kernel_regression(
    gram: ArrayLike, cross: ArrayLike, targets: ArrayLike, tolerance: float, rounds: int
) -> DistilledRegression:
    r"""Predict what repeated self-distillation of a kernel regression gives.

    f_t(x) = k(x)^T V (D + c_t I)^-1 z_{t-1}, for the Gram matrix V D V^T and the z_t of `distill`.

    Parameters
    ----------
    gram : array, shape (n, n)
        k(x_i, x_j) at the training inputs: symmetric and positive semidefinite up to rounding in
        its type. Eigenvalues below 2 n times that rounding of the largest are taken for 0.
    cross : array, shape (m, n)
        k(x, x_j) at other inputs.
    targets : array, shape (n,)
        y.
    tolerance : float, > 0
        eps, the mean squared residual that every round leaves.
    rounds : int, >= 0
        Rounds at most; see `distill`.

    Raises
    ------
    ValueError
        If the matrices do not fit, and as `distill` does.

    Notes
    -----
    Source: Mobahi, Farajtabar & Bartlett (2020), Section 3 (proved), whose Gram matrix is this
    one over n: that scales c_t only.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([0.0, 0.4, 1.0])
    >>> def kernel(a, b):
    ...     return np.exp(-((a[:, None] - b) ** 2))
    >>> found = distill_kernel_regression(
    ...     kernel(x, x), kernel(np.array([0.7]), x), [1.0, -1.0, 0.5], tolerance=0.05, rounds=2
    ... )
    >>> found.predicted.round(4)
    array([[-0.6318],
           [-0.3889]])
    """
    k, other, y = symmetric(gram, "gram"), real(cross, "cross"), real(targets, "targets")
    if other.ndim != 2 or other.shape[1] != len(k) or not np.isfinite(other).all():
        raise ValueError(
            f"cross of shape {other.shape} is not allowed: (m, {len(k)}), finite; give a row for "
            "each new input"
        )
    if y.shape != (len(k),):
        raise ValueError(
            f"targets of shape {y.shape} are not allowed: ({len(k)},); give one for each input"
        )
    size = len(k)
    d, vectors = np.linalg.eigh(k)
    # A matrix of entries that are off by e has eigenvalues that are off by n e at most.
    if d[0] < -size * rounding(gram, size) * np.abs(k).max() or d[-1] <= 0:
        raise ValueError(
            f"gram has eigenvalues from {d[0]:.3g} to {d[-1]:.3g}, a kernel's are >= 0; check the "
            "kernel, or give gram + c * numpy.eye(n), with a nugget c above the lowest of them"
        )
    # The usual rule for the rank of a matrix: smaller ones would be fitted with noise.
    d = np.where(d > 2 * size * unit_of(gram) * d[-1], d, 0.0)
    z = vectors.T @ y
    run = distill(d, z, tolerance, rounds)
    before = np.vstack([z, run.values])[: run.rounds]
    coefficients = before / (d + run.penalties[:, None]) @ vectors.T
    return DistilledRegression(
        run=run, fitted=run.values @ vectors.T, predicted=coefficients @ other.T
    )
