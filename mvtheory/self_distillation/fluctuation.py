"""How much risks and best mixings vary from one draw of the labels' noise to the next."""

import numpy as np
from numpy.typing import ArrayLike

from mvtheory.self_distillation.checks import check_components, check_eigenvalues, check_number
from mvtheory.self_distillation.mixing import mixed_filter, optimal_mixing


def mixed_risk_variance(
    eigenvalues: ArrayLike, signal: ArrayLike, penalty: float, deviation: float, mixings: ArrayLike
) -> float:
    r"""Variance of the last student's excess risk over draws of Gaussian noise.

    For noise sigma g of a component its squared error is (b + f sigma g)^2 with b = (f - 1) m:

        Var R = (1/n^2) sum_j [4 b_j^2 (f_j sigma)^2 + 2 (f_j sigma)^4].

    Parameters
    ----------
    eigenvalues, signal, penalty, deviation, mixings
        As for `mixed_risk`, which is the mean.

    Raises
    ------
    ValueError
        If an argument is out of range or not finite.

    Notes
    -----
    Ours, exact for Gaussian noise.

    Examples
    --------
    >>> round(mixed_risk_variance([8.0, 2.0], [3.0, 0.5], 0.5, deviation=1.0, mixings=2.0), 4)
    0.4584
    """
    f = mixed_filter(eigenvalues, penalty, mixings)
    m = check_components("signal", signal, f)
    sigma = check_number("deviation", deviation, "noise of the labels", zero=True)
    b, noise = (f - 1) * m, f * sigma
    return float(np.sum(4 * b**2 * noise**2 + 2 * noise**4) / f.size**2)


def optimal_mixing_variance(
    eigenvalues: ArrayLike, signal: ArrayLike, penalty: float, deviation: float
) -> float:
    r"""Variance, of one draw of Gaussian noise, of the mixing of one step that is best on it.

    The error p - xi w, p = -u m + h sigma g and w = h u (m + sigma g), is least at sum p w /
    sum w^2; that varies with sum w (p - xi* w). Over the mean error of N draws it is this over N.

    Parameters
    ----------
    eigenvalues, signal, penalty, deviation
        As for `optimal_mixing`, which is the mean.

    Raises
    ------
    ValueError
        If an argument is out of range or not finite, or if no mixing changes anything.

    Notes
    -----
    Ours, to first order in the noise of the two sums: for many components or draws.

    Examples
    --------
    >>> round(optimal_mixing_variance([8.0, 2.0], [3.0, 0.5], penalty=0.5, deviation=0.1), 4)
    0.2853
    """
    d = check_eigenvalues(eigenvalues)
    h, m = mixed_filter(d, penalty, []), check_components("signal", signal, d)
    best = float(optimal_mixing(d, m, penalty, deviation).mixings[0])
    u = 1 - h
    curvature = float(np.sum((h * u) ** 2 * (m**2 + deviation**2)))
    if not curvature:
        raise ValueError(
            f"deviation={deviation!r} and signal are 0 wherever an eigenvalue is not: no mixing "
            "changes the fit; check their order, or give deviation > 0 and an eigenvalue > 0"
        )
    constant, slope = -u * m - best * h * u * m, h * deviation * (1 - best * u)
    crossed = h * u * m * slope + h * u * deviation * constant
    variance = np.sum(crossed**2 + 2 * (h * u * deviation * slope) ** 2)
    return float(variance / curvature**2)
