r"""How often each view wins, when the views of a class are not shown equally strongly.

View l wins if the largest of its m initial responses, scaled by s_l = S_l^(1/(q-2)), is the
largest of all and positive. With F_j(x) = Phi(x/s_j)^m, G = prod_j F_j and the hazard
h_l = F_l'/F_l, its probability is int_0^oo G h_l dx, the same nodes serving every view.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mvtheory.arguments import NEURONS, POWER

if TYPE_CHECKING:
    Floats = NDArray[np.float64]

NODES = 14
LEVELS = (1e-15, 1e-12, 1e-9, 1e-7, 1e-5, 1e-3, 0.02, 0.15, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 36.0)
"""-log of a distribution function where the panels meet."""
OCTAVES = 24
WEAKEST = 1e-12
"""A scale that is smaller against the largest one changes no probability by more than this."""


def win_probabilities(strengths: ArrayLike, power: float, neurons: int) -> "Floats":
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
    POWER.check(power)
    NEURONS.check(neurons)
    try:
        shown = np.asarray(strengths, dtype=float)
    except (TypeError, ValueError):
        raise _error(strengths) from None
    if shown.ndim == 0 or shown.size == 0 or not np.all(np.isfinite(shown) & (shown > 0)):
        raise _error(shown.tolist())
    logs = np.log(shown) / (power - 2)
    scales = np.exp(np.maximum(logs - logs.max(axis=-1, keepdims=True), np.log(WEAKEST)))
    return _integrate(scales, float(neurons))


def _integrate(scales: "Floats", neurons: float) -> "Floats":
    """The integrals for scales of which the largest is 1, by Gauss-Legendre on panels."""
    from scipy import special

    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    edges = _edges(scales, neurons)
    half = np.diff(edges) / 2
    x = (edges[..., :-1] + half)[..., None] + half[..., None] * nodes
    x = x.reshape(*x.shape[:-2], -1)
    responses = x[..., None, :] / scales[..., None]
    logs = special.log_ndtr(responses)
    hazards = np.exp(-0.5 * responses**2 - logs) / (np.sqrt(2 * np.pi) * scales[..., None])
    steps = (half[..., None] * weights).reshape(x.shape)
    mass = np.exp(neurons * logs.sum(axis=-2)) * neurons * steps
    result: Floats = (hazards * mass[..., None, :]).sum(axis=-1)
    return result


def _edges(scales: "Floats", neurons: float) -> "Floats":
    """Where panels meet: at quantiles of the maximum, and at octaves from the smallest scale on.

    G lies between the distribution functions of the strongest view alone and of as many views
    as strong; the quantiles of both resolve it however sharp many neurons make it.
    """
    from scipy import special

    levels = np.array(LEVELS)
    many = neurons * np.array([[1.0], [scales.shape[-1]]])
    quantiles = np.maximum(special.ndtri_exp(-levels / many), 0).ravel()
    highest = quantiles.max()
    smallest = scales.min(axis=-1, keepdims=True)
    octaves = np.minimum(smallest / 4, 1) * (4 * highest / smallest) ** (
        np.arange(OCTAVES + 1) / OCTAVES
    )
    start = np.zeros_like(smallest)
    quantiles = np.broadcast_to(quantiles, (*smallest.shape[:-1], quantiles.size))
    return np.sort(np.concatenate([start, octaves, quantiles], axis=-1), axis=-1)


def _error(strengths: object) -> ValueError:
    return ValueError(
        f"strengths={strengths!r} is not allowed: S_l = E[z_l^q] of each view along the last axis, "
        "each finite and > 0; leave out views that are never shown"
    )
