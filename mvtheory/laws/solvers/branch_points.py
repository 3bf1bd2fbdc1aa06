"""Ends of bands, where G has a square root: z is a smooth function of G through them.

At points of a band z as a function of G has real coefficients, so the conjugates of G are known as
well, and its polynomial needs no point beyond the end: the end is where it stands still.
"""

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.shapes import Floats

NODES = 7
"""Points of a band for each end."""
DISTANCES = np.sin((np.arange(NODES) + 0.5) * np.pi / (2 * NODES)) ** 2
"""From an end, over the farthest: their roots of both signs are Chebyshev's nodes."""
STEPS = 8


def turning_points(g: NDArray[np.complex128], x: Floats) -> tuple[Floats, Floats]:
    """Where z(G) stands still, shape (n,), and how far that may be off.

    Parameters
    ----------
    g, x : ndarray, shape (n, NODES)
        G at points of bands, the first the closest to the end.
    """
    best, least = np.full(len(g), np.nan), np.full(len(g), np.inf)
    # Far from the end few powers are better.
    for some in (slice(None), slice(0, None, 3)):
        known, points = g[:, some], x[:, some]
        found = _turning(known, points)
        doubt = np.abs(found - _turning(known[:, :-1], points[:, :-1]))
        better = doubt < least
        best, least = np.where(better, found, best), np.where(better, doubt, least)
    return best, least


def _turning(g: NDArray[np.complex128], x: Floats) -> Floats:
    centre, origin = g[:, :1].real, x[:, :1]
    scale, reach = np.abs(g - centre).max(axis=1, keepdims=True), x[:, -1:] - origin
    powers = ((g - centre) / scale)[..., None] ** np.arange(2 * g.shape[1])
    rows = np.concatenate([powers.real, powers.imag], axis=1)
    goal = np.concatenate([(x - origin) / reach, np.zeros(x.shape)], axis=1)
    try:
        terms = np.linalg.solve(rows, goal[..., None])[..., 0]
    except np.linalg.LinAlgError:  # points that coincide
        return np.full(len(g), np.nan)
    order = np.arange(terms.shape[1])
    at = np.zeros((len(g), 1))
    for _ in range(STEPS):
        slope = np.sum(order[1:] * terms[:, 1:] * at ** order[:-1], axis=1, keepdims=True)
        bend = np.sum(
            order[2:] * order[1:-1] * terms[:, 2:] * at ** order[:-2], axis=1, keepdims=True
        )
        at = at - slope / bend
    return origin[:, 0] + reach[:, 0] * np.sum(terms * at**order, axis=1)
