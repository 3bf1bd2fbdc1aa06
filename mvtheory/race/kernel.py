r"""The kernel of gradients of a patch network, before training and after it.

On samples that show one view alone, features orthonormal, the neural tangent kernel
Theta(x, x') = sum_jk <dF_j(x)/dw_k, dF_j(x')/dw_k> is diagonal: for the view v the sum over all
neurons of ReLU~'(<w_r, v>)^2. Before training this is a sum of powers 2 (q - 1) of small Gaussian
responses; after it 1 for every neuron that has learned the view: the kernel is that of the views
that won.
"""

import math
from typing import NamedTuple

import numpy as np

from mvtheory.arguments import CLASSES, DEVIATION, LATE_GROWTH, NEURONS, POWER, VIEWS
from mvtheory.shapes import Float, Floats

DRAWS = 600
"""Networks drawn: the standard error of a mean alignment is then below 0.01."""


class Alignments(NamedTuple):
    """Cosines of kernels as vectors: means over networks, and the deviations of single ones."""

    two_before: float
    """Of two networks before training."""
    before_after: float
    """Of one network before training and after it."""
    two_after: float
    """Of two networks after training."""
    deviations: tuple[float, float, float]


def kernel_alignments(
    views: int,
    classes: int,
    neurons: int,
    power: float,
    deviation: float,
    late_growth: float,
) -> Alignments:
    r"""Alignments of gradient kernels that the race foretells, by drawn initial weights.

    A class learns the view of its largest response and those within reach of it, as in
    `expected_coverage`. Asymptotically, at small `deviation`, `two_after` is 1/M: two networks have
    the same kernel on the classes in which the same view won.

    Parameters
    ----------
    views, classes, neurons : int
        M, K and the neurons m of each class.
    power : float, 2 < q <= 16
    deviation : float, > 0
        Of initial responses, in units of the threshold.
    late_growth : float, >= 0
        Integral of S dt once the winner has taken off.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Our extension of Allen-Zhu & Li (2023), Appendix D.

    Examples
    --------
    >>> found = kernel_alignments(2, 5, 6, 4, deviation=0.001, late_growth=10)
    >>> [round(value, 1) for value in found[:3]]
    [0.5, 0.6, 0.5]
    """
    m, k, n = (
        int(argument.number(given))
        for argument, given in (
            (VIEWS, views),
            (CLASSES.within(low=1), classes),
            (NEURONS, neurons),
        )
    )
    exponent = POWER.number(power) - 2
    sigma, late = DEVIATION.number(deviation), LATE_GROWTH.number(late_growth)
    rng = np.random.default_rng(0)
    before, after = np.zeros((2, DRAWS, k * m))
    own = np.arange(k)
    for network in range(DRAWS):
        # Responses of the neurons of every class to the views of every class.
        drawn = np.maximum(rng.standard_normal((k, n, k, m)), 0)
        before[network] = (drawn ** (2 * exponent + 2)).sum(axis=(0, 1)).ravel()
        strengths = drawn.max(axis=1)[own, own]
        most = strengths.max(axis=1, keepdims=True)
        reach = most * np.exp(-np.log1p(exponent * late * (sigma * most) ** exponent) / exponent)
        after[network] = ((strengths >= reach) & (strengths > 0)).ravel()
    two_before = _cosines(before[::2], before[1::2])
    before_after = _cosines(before, after)
    two_after = _cosines(after[::2], after[1::2])
    return Alignments(
        float(two_before.mean()),
        float(before_after.mean()),
        float(two_after.mean()),
        deviations=(float(two_before.std()), float(before_after.std()), float(two_after.std())),
    )


def _cosines(
    one: Float[Floats, "draws views"], other: Float[Floats, "draws views"]
) -> Float[Floats, " draws"]:
    lengths = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return np.asarray((one * other).sum(axis=1) / np.maximum(lengths, math.ulp(0.0)))
