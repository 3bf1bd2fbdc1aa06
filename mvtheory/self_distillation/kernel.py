"""Self-distilled kernel regression: what the rounds predict at inputs never seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mvtheory.self_distillation.recursion import Distilled, distill


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
    fitted: NDArray[np.float64]
    predicted: NDArray[np.float64]


def distill_kernel_regression(
    gram: ArrayLike, cross: ArrayLike, targets: ArrayLike, tolerance: float, rounds: int
) -> DistilledRegression:
    r"""Predict what repeated self-distillation of a kernel regression gives.

    f_t(x) = k(x)^T V (D + c_t I)^-1 z_{t-1}, for the Gram matrix V D V^T and the z_t of `distill`.

    Parameters
    ----------
    gram : array, shape (n, n)
        k(x_i, x_j) at the training inputs: symmetric, positive semidefinite up to rounding.
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
    k, other, y = (np.asarray(value, dtype=float) for value in (gram, cross, targets))
    if k.ndim != 2 or k.shape[0] != k.shape[1] or not np.isfinite(k).all():
        raise ValueError(f"gram of shape {k.shape} is not allowed: a finite square matrix")
    largest = float(np.abs(k).max(initial=0.0))
    if not np.allclose(k, k.T, rtol=0, atol=1e-10 * largest):
        raise ValueError("gram is not symmetric: give k(x_i, x_j) of one set of inputs")
    if other.ndim != 2 or other.shape[1] != len(k) or not np.isfinite(other).all():
        raise ValueError(
            f"cross of shape {other.shape} is not allowed: (m, {len(k)}), finite; give a row for "
            "each new input"
        )
    if y.shape != (len(k),):
        raise ValueError(f"targets of shape {y.shape} are not allowed: one for each of {len(k)}")
    d, vectors = np.linalg.eigh((k + k.T) / 2)
    if d[0] < -1e-10 * max(d[-1], 0.0) or d[-1] <= 0:
        raise ValueError(
            f"gram has eigenvalues from {d[0]:.3g} to {d[-1]:.3g}: a kernel's are >= 0; check it"
        )
    d, z = np.maximum(d, 0.0), vectors.T @ y
    run = distill(d, z, tolerance, rounds)
    before = np.vstack([z, run.values])[: run.rounds]
    coefficients = before / (d + run.penalties[:, None]) @ vectors.T
    return DistilledRegression(
        run=run, fitted=run.values @ vectors.T, predicted=coefficients @ other.T
    )
