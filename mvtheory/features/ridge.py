"""The ridge that few features add: with it the kernel itself does what they do."""

from mvtheory.arguments import FEATURES, RIDGE
from mvtheory.self_distillation.checks import check_eigenvalues
from mvtheory.shapes import ArrayLike, Float, Floats


def effective_ridge(eigenvalues: ArrayLike, ridge: float, features: int) -> float:
    r"""The ridge k with which the kernel itself does what P random features do with theirs.

    k (1 - df1(k) / P) = ridge, df1(k) = sum d / (d + k).

    Parameters
    ----------
    eigenvalues : array, shape (n,)
        d, of the kernel matrix of the training samples, >= 0.
    ridge : float, > 0
        Added to the kernel matrix of the features, in units of the eigenvalues.
    features : int, 1 <= P <= 1e15
        Of one model.

    Returns
    -------
    float
        k, from `ridge` to ridge + sum d / P.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Source: Jacot et al. (2020), section 4; asymptotic in P.

    Examples
    --------
    >>> round(effective_ridge([3.0, 2.0, 0.5], ridge=0.1, features=4), 4)
    0.2602
    """
    d = check_eigenvalues(eigenvalues)
    added, count = RIDGE.number(ridge), FEATURES.number(features)
    # Above the solution, where all eigenvalues are as if small; the left side is convex in k and
    # rises there, so that Newton's steps fall to the solution without passing it.
    k = added + float(d.sum()) / count
    while True:
        first, second = spare(d, k, count)
        step = (k * first - added * count) / second
        if step <= 1e-15 * k:
            return float(k)
        k -= step


def spare(
    eigenvalues: Float[Floats, " inputs"], ridge: float, features: float
) -> tuple[float, float]:
    """P - df1 and P - df2: of as many features as samples, next to nothing at a small ridge.

    Therefore not by these differences, which would leave no digits of them.
    """
    positive = eigenvalues[eigenvalues > 0]
    rest = ridge / (positive + ridge)
    more = features - positive.size
    return more + float(rest.sum()), more + float((rest * (2 - rest)).sum())


def degrees_of_freedom(eigenvalues: ArrayLike, ridge: float) -> tuple[float, float]:
    r"""Degrees of freedom of a kernel regression: of its fits and of their squares.

    df1 = sum d / (d + k), the trace of the matrix that makes fits of targets, and df2 = sum
    (d / (d + k))^2. At the effective ridge of P features df2 <= df1 < P.

    Parameters
    ----------
    eigenvalues : array, shape (n,)
        d, of the kernel matrix, >= 0.
    ridge : float, > 0
        k, in units of the eigenvalues.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Source: Bach (2024), section 2; exact.

    Examples
    --------
    >>> [round(x, 4) for x in degrees_of_freedom([3.0, 2.0, 0.5], ridge=0.2602)]
    [2.4628, 2.0624]
    """
    d, k = check_eigenvalues(eigenvalues), RIDGE.number(ridge)
    shares = d / (d + k)
    return float(shares.sum()), float((shares**2).sum())
