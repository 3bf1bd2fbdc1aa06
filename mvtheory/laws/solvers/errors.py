"""How far a law that is known by an equation may be off, by all that it says of itself."""

import itertools
from typing import Any

import numpy as np

from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.solvers.divergences import pieces

NODES = 160
"""Of the first quadrature over a band."""


def estimated(law: Any) -> float:
    """The largest of what disagrees, the parts' own errors left out: see `ContinuedLaw`."""
    edge = float(np.max(law._edge_errors(), initial=0))
    worst = max(1e-15, edge, _of_gaps(law), _of_integrals(law))
    for index in range(len(law.support)):
        angle, state = law._table(index)
        low, high = law.support[index]
        z = (low + (high - low) * np.sin(angle / 2) ** 2).astype(complex)
        worst = max(worst, float(np.max(law._newton(state, z)[1], initial=0)))
    beside = [one.error for one in law._singularities + law._beside_atoms]
    return max(worst, max(beside, default=0.0))


def _of_gaps(law: Any) -> float:
    """Of masses at points of the gaps, and of which points are in one."""
    x, density, mass, _ = law._scan
    gap = np.searchsorted(np.array([high for _, high in law.support]), x)
    off, inside = density == 0, law._band(x) >= 0
    worst = float(np.max(np.abs(mass - law._plateaus[gap])[off & ~inside], initial=0))
    # A gap inside of a band, or a band inside of a gap, as far as it reaches.
    away = np.abs(np.array(law.support).ravel()[:, None] - x[off == inside]) / law._width
    worst = max(worst, float(np.max(np.min(away, axis=0), initial=0)))
    masses = law._gap_masses()
    if masses is None or len(law.support) < 2:
        return worst
    middle = np.array([(a[1] + b[0]) / 2 for a, b in itertools.pairwise(law.support)])
    found = law._plateaus[1:-1] + law._jumps(middle)
    nearest = np.min(np.abs(found[:, None] - masses), axis=1)
    return max(worst, float(np.max(nearest)))


def _of_integrals(law: Any) -> float:
    """Of the density over each band, and of x and x^2 over the law."""
    size = max(map(abs, law._hull()))
    first, second = map(float, law._moments(2))
    exact = np.array([first / size, second / size**2])
    moments = np.array([law.weights @ (law.atoms / size) ** k for k in (1, 2)])
    unsure, worst = np.zeros(2), 0.0
    for index in range(len(law.support)):
        gained = law._plateaus[index + 1] - law._plateaus[index]
        for count in (NODES, 4 * NODES):
            parts = [_integrals(law, *ends, count, size) for ends in pieces(law, index)]
            drawn, doubt = np.sum(parts, axis=0)
            if doubt.max() < 1e-12 and abs(drawn[0] - gained) < 1e-10:
                break
        worst = max(worst, abs(drawn[0] - gained) - doubt[0])
        moments, unsure = moments + drawn[1:], unsure + doubt[1:]
    return max(worst, float(np.max(np.abs(moments - exact) - unsure)))


@np.errstate(all="ignore")
def _integrals(law: Any, low: float, high: float, count: int, size: float) -> tuple[Floats, Floats]:
    """Those of the density times 1, x/size and (x/size)^2, and what half of the points give
    otherwise."""
    angle = (np.arange(count) + 0.5) * np.pi / count
    x = low + (high - low) * np.sin(angle / 2) ** 2
    z = x.astype(complex)
    terms = -law._g(law._states(z), z).imag * (high - low) * np.sin(angle) / (2 * count)
    # Where the equation is singular the neighbours must do.
    known = np.isfinite(terms)
    terms = np.interp(angle, angle[known], np.maximum(terms[known], 0))
    rows = terms * (x / size) ** np.arange(3)[:, None]
    even, odd = 2 * rows[:, ::2].sum(axis=1), 2 * rows[:, 1::2].sum(axis=1)
    return rows.sum(axis=1), np.abs(even - odd)
