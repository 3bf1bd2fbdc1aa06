r"""Right tails of the Tracy-Widom laws, by Fredholm determinants.

On (0, infinity) let H have the kernel Ai(s + x + y). Then F_1(s) = det(1 - H), F_2 = det(1 - H^2)
and F_4 = (det(1 - H) + det(1 + H))/2: all three are functions of the eigenvalues of H, which
Gauss' rule makes those of a small symmetric matrix.
"""

import functools
import itertools

import numpy as np
from numpy.polynomial import chebyshev

from mvtheory.laws.contract.shapes import Floats

NODES = 32
"""Of the rule for H; the eigenvalues converge like exp(-NODES)."""
DEGREE = 23
ENDS = (-2.0, 0.0, 2.0, 6.0, 14.0, 30.0, 62.0, 126.0)
"""Pieces of the logarithm of 1 - F, each a polynomial; beyond, 1 - F is below 1e-400."""
REACH = 40.0
"""Logarithm of what the kernel loses up to the end of the rule."""


def eigenvalues(s: Floats) -> tuple[Floats, Floats]:
    """Those of H times exp(c), shape (points, NODES), and c = 2/3 s^(3/2), 0 for s < 0."""
    from scipy import special

    above = np.maximum(s, 0)
    node, weight = np.polynomial.legendre.leggauss(NODES)
    length = ((1.5 * REACH + above**1.5) ** (2 / 3) - s) / 2
    x = length[:, None] * (node + 1) / 2
    root = np.sqrt(length[:, None] * weight / 2)
    # Scaled by its own decay Ai keeps its digits; what is left of both decays is harmless.
    first, second = np.triu_indices(NODES)
    points = s[:, None] + x[:, first] + x[:, second]
    growth = np.broadcast_to(2 / 3 * above[:, None] ** 1.5, points.shape)
    entries, far = np.empty(points.shape), points > 1
    entries[far] = special.airye(points[far])[0] * np.exp(growth[far] - 2 / 3 * points[far] ** 1.5)
    entries[~far] = special.airy(points[~far])[0] * np.exp(growth[~far])
    kernel = np.empty((s.size, NODES, NODES))
    kernel[:, first, second] = kernel[:, second, first] = entries * root[:, first] * root[:, second]
    return np.asarray(np.linalg.eigvalsh(kernel), dtype=float), 2 / 3 * above**1.5


def survival_of(beta: int, values: Floats, decay: Floats) -> Floats:
    """log(1 - F_beta) from the eigenvalues at some points, and how they were scaled."""
    # Below 1e-100 only the lowest power of what is scaled away counts.
    scale = np.exp(-np.minimum(decay, 230))[:, None]
    if beta == 1:
        rest = -np.expm1(np.log1p(-scale * values).sum(axis=1)) / scale[:, 0]
        return np.log(rest) - decay
    if beta == 2:
        rest = -np.expm1(np.log1p(-((scale * values) ** 2)).sum(axis=1)) / scale[:, 0] ** 2
        return np.log(rest) - 2 * decay
    # 1 - F_4 = -(e_2 + e_4 + ...): F_4 itself would cancel.
    odd, even = np.zeros(decay.shape), np.zeros(decay.shape)
    for value in values[:, np.argsort(-np.abs(values[0]))].T:
        odd, even = odd + value * (1 + scale[:, 0] ** 2 * even), even + value * odd
    return np.log(-even) - 2 * decay


def log_survival(beta: int, s: Floats) -> tuple[Floats, Floats]:
    """log(1 - F_beta) and its derivative at -2 <= s <= 126."""
    value, slope = np.empty(s.shape), np.empty(s.shape)
    place = np.clip(np.searchsorted(ENDS, s, side="right") - 1, 0, len(ENDS) - 2)
    for piece in np.unique(place):
        low, high = ENDS[piece : piece + 2]
        chosen = place == piece
        x = 2 * (s[chosen] - low) / (high - low) - 1
        coefficients = _pieces(beta)[piece]
        value[chosen] = chebyshev.chebval(x, coefficients)
        slope[chosen] = chebyshev.chebval(x, chebyshev.chebder(coefficients)) * 2 / (high - low)
    return value, slope


@functools.cache
def _pieces(beta: int) -> tuple[Floats, ...]:
    """Chebyshev coefficients of log(1 - F_beta) on each piece."""
    angle = np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1)
    to_coefficients = np.cos(np.outer(np.arange(DEGREE + 1), angle)) * (2 / (DEGREE + 1))
    to_coefficients[0] /= 2
    return tuple(to_coefficients @ survival_of(beta, *spectrum) for spectrum in _spectra())


@functools.cache
def _spectra() -> tuple[tuple[Floats, Floats], ...]:
    """Eigenvalues at the Chebyshev points of each piece: the same for all three laws."""
    angle = np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1)
    ends = itertools.pairwise(ENDS)
    return tuple(eigenvalues(a + (b - a) * (np.cos(angle) + 1) / 2) for a, b in ends)
