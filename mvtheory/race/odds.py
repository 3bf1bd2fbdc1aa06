r"""How often each view wins, when the views of a class are not shown equally strongly.

View l wins if the largest of its m initial responses, scaled by s_l = S_l^(1/(q-2)), is the
largest of all and positive. With F_j(x) = Phi(x/s_j)^m, G = prod_j F_j and the hazard
h_l = F_l'/F_l, its probability is int_0^oo G h_l dx, the same nodes serving every view.
"""

import numpy as np
from numpy.typing import ArrayLike

from mvtheory.arguments import NEURONS, POWER
from mvtheory.arrays import real
from mvtheory.race.largest import EDGES, panels
from mvtheory.shapes import Float, Floats

APART = 36.0
"""Logarithm of two scales' quotient from which on the races of stronger views are over, to 1e-15,
before weaker ones begin."""
TICK = 0.05
"""Edges of panels that lie closer than this, in log x, are one."""
BLOCK = 2**20


def win_probabilities(
    strengths: ArrayLike, power: float, neurons: int
) -> Float[Floats, "*further views"]:
    r"""Probability that each view of a class is the one learned, over Gaussian initial weights.

    P_l = int_0^oo d/dx[Phi(x/s_l)^m] prod_{j != l} Phi(x/s_j)^m dx, s_l = S_l^(1/(q-2)).

    The integral begins at 0: a class all of whose M m responses are negative learns no view, so
    the probabilities sum to 1 - 2^(-M m), not to 1. Divide by the sum for the odds among classes
    that learn something.

    Parameters
    ----------
    strengths : array, shape (..., views)
        S_l, positive: the mean q-th power of view l's coefficient.
    power : float, 2 < q <= 16
        q of the smoothed ReLU; at q = 2 no view wins.
    neurons : int, 1 <= m <= 1e6
        Neurons of the class.

    Returns
    -------
    float array, shape (..., views)
        Absolute error below 1e-10.

    Raises
    ------
    ValueError
        If an argument is out of range or a strength is not positive and finite.

    Notes
    -----
    Source: Allen-Zhu & Li (2023), Appendix D, for who wins (heuristic of the paper); the integral
    is our extension. For many neurons it tends, slowly, to s_l^(2 log m) / sum_j s_j^(2 log m):
    at m = 1000 and s = (1, 0.9) that gives 0.811 in place of 0.764, too rough to be used.

    Examples
    --------
    A view shown with S = 0.81 against 1, at power 4:

    >>> win_probabilities([1.0, 0.81], power=4, neurons=10).round(6).tolist()
    [0.576063, 0.423936]
    """
    q, m = POWER.number(power), NEURONS.number(neurons)
    shown = real(strengths, "strengths")
    if shown.ndim == 0 or shown.size == 0 or not np.all(np.isfinite(shown) & (shown > 0)):
        raise _error(shown.tolist())
    rows = shown.reshape(-1, shown.shape[-1])
    return np.array([_of_class(row, q - 2, m) for row in rows]).reshape(shown.shape)


def _of_class(
    strengths: Float[Floats, " views"], exponent: float, neurons: float
) -> Float[Floats, " views"]:
    """Group by group of views whose scales are near: a group races if all stronger views are dead.

    The quotients of scales s_l span hundreds of decades at powers near 2. Logarithms of quotients
    of neighbours keep their digits, those of the scales would not.
    """
    order = np.argsort(-strengths, kind="stable")
    strong, weak = strengths[order[:-1]], strengths[order[1:]]
    close = strong < 2 * weak
    gaps = np.log(strong) - np.log(weak)
    gaps[close] = np.log1p((strong[close] - weak[close]) / weak[close])
    gaps /= exponent
    result = np.empty_like(strengths)
    for group in np.split(np.arange(order.size), 1 + np.flatnonzero(gaps > APART)):
        first = group[0]
        scales = -np.cumsum(np.concatenate([[0.0], gaps[first : group[-1]]]))
        dead = np.exp2(-neurons * first)
        result[order[group]] = dead * _race(scales, neurons) if dead else 0.0
    return result


def _race(scales: Float[Floats, " views"], neurons: float) -> Float[Floats, " views"]:
    """The integrals of views with these logarithms of scales, over x > 0."""
    from scipy import special

    edges = TICK * np.unique(np.round((scales[:, None] + EDGES) / TICK))
    nodes, weights = panels(edges)
    result = np.zeros_like(scales)
    for block in np.array_split(np.arange(nodes.size), 1 + nodes.size * scales.size // BLOCK):
        # Beyond e^5 deviations every distribution function is 1.
        x = np.exp(np.minimum(nodes[block] - scales[:, None], 5.0))
        logs = special.log_ndtr(x)
        hazards = x * np.exp(-(x**2) / 2 - logs)
        result += hazards @ (np.exp(neurons * logs.sum(axis=0)) * weights[block])
    return np.asarray(result * neurons / np.sqrt(2 * np.pi))


def _error(strengths: object) -> ValueError:
    return ValueError(
        f"strengths={strengths!r} is not allowed: S_l = E[z_l^q] of each view along the last axis, "
        "each finite and > 0; leave out views that are never shown"
    )
