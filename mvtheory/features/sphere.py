"""The spectrum of random ReLU features of inputs that lie evenly on a sphere."""

import math

import numpy as np

from mvtheory.self_distillation.checks import check_count
from mvtheory.shapes import Float, Floats


def relu_spectrum(
    dimension: int, degree: int
) -> tuple[Float[Floats, " eigenvalues"], Float[Floats, " eigenvalues"]]:
    r"""Eigenvalues of the kernel E ReLU(<w, x>) ReLU(<w, x'>) on the sphere, and their counts.

    w and x are even on the unit sphere in d dimensions. Harmonics of degree l are eigenfunctions
    with s_l = a_l^2, a_0 = c/(d - 1), a_1 = 1/(2 d) and for even l, with v = l + (d - 3)/2,

        |a_l| = c 2^-l Gamma((d-1)/2)/Gamma(l + (d-1)/2) (l-2)! binomial(v, l/2 - 1),

    c = Gamma(d/2)/(sqrt(pi) Gamma((d-1)/2)); other odd degrees have none. They fall as l^-(d+2), or
    as j^-alpha with alpha = (d + 2)/(d - 1) of the j-th.

    Parameters
    ----------
    dimension : int, >= 3
        d.
    degree : int, >= 2
        The highest one, even.

    Returns
    -------
    eigenvalues, multiplicities : float arrays, shape (degree / 2 + 2,)
        For the degrees 0, 1, 2, 4, ...; the sum of their products tends to E ReLU^2 = 1/(2 d).

    Raises
    ------
    ValueError
        If an argument is out of range, or `degree` odd.

    Notes
    -----
    Source: the kernel, [cho2009]_; its harmonics by Rodrigues' formula and two integrations by
    parts: exact.

    Examples
    --------
    >>> values, counts = relu_spectrum(dimension=5, degree=4)
    >>> counts
    array([ 1.,  5., 14., 55.])
    >>> round(float(values @ counts), 4)  # of 1/10
    0.0997
    """
    d, most = check_count("dimension", dimension, 3), check_count("degree", degree, 2)
    if most % 2:
        raise ValueError(
            f"degree={degree!r} is not allowed: even, degree >= 2; odd ones beyond 1 have no part, "
            "choose the next"
        )
    density = math.lgamma(d / 2) - math.lgamma((d - 1) / 2) - math.log(math.pi) / 2
    parts, counts = [density - math.log(d - 1), -math.log(2 * d)], [1.0, float(d)]
    for n in range(2, most + 1, 2):
        power, half = n + (d - 3) / 2, n // 2 - 1
        parts.append(
            density - n * math.log(2) + math.lgamma((d - 1) / 2) - math.lgamma(n + (d - 1) / 2)
            + math.lgamma(n - 1) + math.lgamma(power + 1) - math.lgamma(half + 1)
            - math.lgamma(power - half + 1)
        )  # fmt: skip
        counts.append(float((2 * n + d - 2) * math.comb(n + d - 3, n - 1) // n))
    return np.exp(2 * np.array(parts)), np.array(counts)
