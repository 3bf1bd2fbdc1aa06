"""Where the density of a law known by an equation is infinite, and its bands cut there."""

import itertools
from typing import Any

import numpy as np

from mvtheory.laws.contract.shapes import Floats

HEIGHTS = (1e-5, 1e-7)
"""Shares of the width at which G is asked how it grows: twice is between 1 and 100^(1/3)."""


def diverging(law: Any, candidates: list[float]) -> Floats:
    """Those of the points at which the density is infinite.

    Where an atom has just vanished it is, like a power -1/2 or -1/3 of the distance, unless two
    atoms vanish at the same point: so G is asked at two heights, an atom's part taken away.
    """
    points = np.unique(candidates)
    points = points[law._band(points) >= 0]
    if not points.size:
        return points
    heights = 1j * law._width * np.array(HEIGHTS)[:, None]
    z = points + heights
    atoms = np.array([float(np.sum(law.weights[law.atoms == x])) for x in points])
    g = law._g(law._descend(z.ravel()), z.ravel()).reshape(z.shape)
    sizes = np.abs(g - atoms / heights)
    return points[sizes[1] > 2 * sizes[0]]


def pieces(law: Any, band: int) -> list[tuple[float, float]]:
    """A band of the support, cut where the density is infinite inside of it."""
    low, high = law.support[band]
    inner = law._divergences[(law._divergences > low) & (law._divergences < high)]
    ends = [low, *map(float, inner), high]
    return list(itertools.pairwise(ends))
