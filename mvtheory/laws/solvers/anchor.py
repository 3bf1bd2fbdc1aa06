"""Points of the h plane about which z(h) keeps its digits, and what is known of h beside them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.elementary import pole_sums

CLOSE = 1e-3
"""Relative size of the second term of z about an anchor below which the first gives the start."""


@dataclass(frozen=True, eq=False)
class Anchor:
    r"""A point of the h plane from which z is known without cancellation.

    z - position = slope d + d^2 sum q_j/(a_j + d), d = h - h_anchor, a_j = h_anchor - p_j,
    q_j = r_j/a_j^2; `curvature` is that sum at d = 0, exact where its terms cancel, and
    t_j = q_j/a_j then gives the rest: sum q_j/(a_j + d) = curvature - d sum t_j/(a_j + d).
    """

    h: float
    position: float
    remainder: float  # what the double `position` lacks
    slope: float
    curvature: float
    distances: NDArray[np.float64]
    shares: NDArray[np.float64]

    @property
    def cancels(self) -> bool:
        """Whether the curvature is much smaller than its terms, as near a cusp of the density."""
        return abs(self.curvature) < 0.05 * float(np.sum(np.abs(self.shares / self.distances)))


def offset_and_slope(delta: Complexes, anchor: Anchor) -> tuple[Complexes, Complexes]:
    """z - position and dz/dh at a distance from an anchor."""
    if not anchor.cancels:
        value, slope = pole_sums(anchor.shares, -anchor.distances, delta)
        return (
            delta * (anchor.slope + delta * value),
            anchor.slope + delta * (2 * value - delta * slope),
        )
    rest, slope = pole_sums(anchor.shares / anchor.distances, -anchor.distances, delta)
    value = anchor.curvature - delta * rest
    # d(value)/d(delta) = -sum q/(a + d)^2 = -rest + delta * slope.
    return (
        delta * (anchor.slope + delta * value),
        anchor.slope + delta * (2 * value + delta * (delta * slope - rest)),
    )


def is_linear(anchor: Anchor, offset: Complexes) -> NDArray[np.bool_]:
    near = offset / anchor.slope
    # The curvature alone may vanish by symmetry.
    return np.abs(near) * (abs(anchor.curvature) + _third(anchor) * np.abs(near)) < (
        CLOSE * anchor.slope
    )


def _third(anchor: Anchor) -> float:
    """z = position + slope d + curvature d^2 - third d^3 + ..."""
    return float(np.sum(anchor.shares / anchor.distances**2))


def start_beside(anchor: Anchor, offset: Complexes, delta: Complexes) -> Complexes:
    """Starts off the support: the first term of z where h - anchor.h was all rounding."""
    if anchor.slope > 0:
        return np.where(is_linear(anchor, offset), offset / anchor.slope, delta)
    if anchor.slope < 0 or anchor.curvature == 0:
        return delta
    third = _third(anchor)
    root = np.sqrt(offset / anchor.curvature)
    # Where z is real it grows with h; above the real line h is above it too.
    root = np.where(np.where(offset.imag == 0, anchor.curvature < 0, root.imag < 0), -root, root)
    return np.where(np.abs(third * root) < CLOSE * abs(anchor.curvature), root, delta)


def rate_at_end(anchor: Anchor, width: float) -> complex:
    """dh/dangle into the band at an edge: d = i angle/2 sqrt(width/|curvature|)."""
    if anchor.cancels:
        return 0j
    return 0.5j * float(np.sqrt(width / abs(anchor.curvature)))


def start_at_cusp(anchor: Anchor, offset: Floats) -> Complexes:
    """Upper root of the local cubic slope d + curvature d^2 - third d^3 = offset."""
    third = _third(anchor)
    linear, square = anchor.slope / third, anchor.curvature / third
    unit = np.maximum(np.cbrt(np.abs(offset) / third), max(np.sqrt(abs(linear)), abs(square)))
    unit = np.maximum(unit, 1e-100)
    companion = np.zeros((offset.size, 3, 3))
    companion[:, 1, 0] = companion[:, 2, 1] = 1
    companion[:, 2, 2] = square / unit
    companion[:, 1, 2] = linear / unit**2
    companion[:, 0, 2] = -(offset / third / unit**3)
    roots = np.linalg.eigvals(companion)
    best = np.argmax(roots.imag, axis=1)
    return np.take_along_axis(roots, best[:, None], axis=1)[:, 0] * unit
