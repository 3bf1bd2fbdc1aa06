r"""Bands of free sums of atoms and laws of free Levy type, from the real line alone.

In a gap s = 1/g is real, and so are the points w_i, each in a gap of its part. There
dz/ds = sum n_i/F_i'(w_i) - (sum n_i - 1), F_i = 1/G_i, is positive. Conversely, real points at
which it is go on above the real line with all Im w_i > 0, as F_i' > 0: they are the physical ones,
which are unique [belinschi2007]_. So the gaps are the intervals of s where it is positive, of
either sign of s and between poles of R at most one for each choice of gaps of the parts, for that
says what mass lies below. 1/F' = G^2/(-G') is m at an atom of mass m; where R is known it is
1 - g^2 R'(g).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.parameters import ROUNDING
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.solvers.real_points import Part, Points, Smooth

GRID = 40
"""Values of g of each sign at which gaps are first looked for."""
LEAST, MOST = 1e-3, 1e6
"""Of those, the smallest times the width of all, and the largest times the least distance."""
CELLS = 400_000
"""Entries of the largest array; of more nothing is said here."""
STEPS = 40
DOUBTFUL, ZOOMS, FINER = 0.2, 4, 9
"""A choice without a gap on the grid is looked at closer where dz/ds is above minus the first."""
LEVEL = 1e-13
"""dz/ds up to which z stands still: everywhere in a gap of two equal pairs of atoms."""
CLOSE = 1e-11
"""dz/ds where a gap ends, of which z is off by the square."""
NARROWEST, TOUCHING = 1e-9, 1e-13
"""Over the width: of gaps, below which they are not told from a band, and of a band that may be
none."""

Ends = tuple[float, float]
"""Values of g: outside of a gap and inside of it, next to each other; the first infinite where the
gap goes on to an atom, 0 where it has no end."""


@dataclass(frozen=True)
class Gap:
    """A choice of gaps of the parts, and between which g it begins and ends."""

    choice: tuple[int, ...]
    start: Ends
    end: Ends


@np.errstate(all="ignore")
def bands(points: Sequence[Points], levy: Levy) -> tuple[tuple[float, float], ...] | None:
    """Bands of the sum; None where more than this is needed to tell."""
    sizes = [part.atoms.size for part in points]
    if min(sizes) < 2 or 4 * GRID * max(math.prod(sizes), *(n * n for n in sizes)) > CELLS:
        return None
    parts: list[Part] = [*points, Smooth(levy)]
    lengths = [math.sqrt(levy.variance), *map(abs, levy.jumps)]
    width = sum(lengths) + sum(part.times * float(np.ptp(part.atoms)) for part in points)
    nearest = min(float(np.diff(part.atoms).min()) for part in points)
    g, branches = _grid(LEAST / width, MOST / nearest, [1 / jump for jump in levy.jumps])
    tables = [
        part.at(np.repeat(np.arange(part.gaps), g.size), np.tile(g, part.gaps))[1]
        .reshape(part.gaps, g.size)
        for part in parts
    ]  # fmt: skip
    gaps: list[Gap] = []
    for choice in product(*(range(part.gaps) for part in parts)):
        rises = np.full(g.size, 1 - sum(part.times for part in parts))
        for part, table, gap in zip(parts, tables, choice, strict=True):
            rises += part.times * table[gap]
        # Where g = 0, s is infinite: a gap goes on there if one part alone, added once, has a
        # zero of G in its gap.
        zeros = sum(part.times for part, gap in zip(parts, choice, strict=True) if gap)
        for branch in branches[zeros == 1]:
            found = _gap(parts, choice, branch, rises)
            if found is None:
                return None
            gaps += found
    return _bands_between(parts, gaps, width)


@dataclass(frozen=True)
class Branch:
    """Values of g, ascending, that a gap may take; where they are in the grid, and their limits."""

    g: Floats
    place: slice
    limits: tuple[float, float]


def _grid(
    least: float, most: float, poles: Sequence[float]
) -> tuple[Floats, dict[bool, list[Branch]]]:
    """Values of g, and the branches in which they go on at g = 0, or do not."""
    size = np.geomspace(least, most, GRID)
    near = np.geomspace(1e-6, 0.5, GRID // 2)
    beside = [pole * (1 + side * near) for pole in poles for side in (-1, 1)]
    g = np.unique(np.concatenate([-size, size, *beside]))
    found = {}
    for joined in (True, False):
        limits = [-math.inf, *sorted([*poles, *([] if joined else [0.0])]), math.inf]
        places = [slice(*np.searchsorted(g, ends)) for ends in pairwise(limits)]
        found[joined] = [
            Branch(g[place], place, ends)
            for place, ends in zip(places, pairwise(limits), strict=True)
        ]
    return g, found


def _gap(
    parts: Sequence[Part], choice: tuple[int, ...], branch: Branch, rises: Floats
) -> list[Gap] | None:
    """The gap of a choice, if it has one there; None if the grid does not tell."""
    g, rises = branch.g, rises[branch.place]
    on = np.flatnonzero(rises > LEVEL)
    if not on.size:
        g, rises = _closer(parts, choice, g, rises)
        on = np.flatnonzero(rises > LEVEL)
        if not on.size:
            return []
    first, last = int(on[0]), int(on[-1])
    if on.size <= last - first:
        return None
    start = (
        (float(g[first - 1]), float(g[first])) if first
        else _limit(parts, choice, branch.limits[0], float(g[0]))
    )  # fmt: skip
    end = (
        (float(g[last + 1]), float(g[last])) if last + 1 < g.size
        else _limit(parts, choice, branch.limits[1], float(g[-1]))
    )  # fmt: skip
    # From one side of 0 to the other is too far.
    if start is None or end is None or start[0] * start[1] < 0 or end[0] * end[1] < 0:
        return None
    return [Gap(choice, start, end)]


def _limit(
    parts: Sequence[Part], choice: tuple[int, ...], limit: float, inside: float
) -> Ends | None:
    """Of a gap that goes on to a limit of its branch."""
    if limit == 0:
        return None if any(choice) else (0.0, inside)
    atoms = [part.atom(gap, inside) for part, gap in zip(parts, choice, strict=True)]
    mass = 1 + sum(part.times * (own - 1) for part, (_, own) in zip(parts, atoms, strict=True))
    return (limit, inside) if math.isinf(limit) and mass > -ROUNDING else None


def _closer(
    parts: Sequence[Part], choice: tuple[int, ...], g: Floats, rises: Floats
) -> tuple[Floats, Floats]:
    """More values of g about where dz/ds is largest on the grid and nearly positive."""
    tops = 1 + np.flatnonzero((rises[1:-1] >= rises[:-2]) & (rises[1:-1] >= rises[2:]))
    for top in tops[(rises[tops] > -DOUBTFUL) & (g[tops - 1] * g[tops + 1] > 0)].tolist():
        near, values = g[top - 1 : top + 2], rises[top - 1 : top + 2]
        for _ in range(ZOOMS):
            about = int(np.clip(values.argmax(), 1, near.size - 2))
            first, last = np.abs(near[[about - 1, about + 1]])
            near = np.copysign(np.geomspace(first, last, FINER), g[top])
            values = _at(parts, np.tile(choice, (FINER, 1)), near)[1]
            if values.max() > LEVEL:
                return near, values
    return g, rises


def _at(parts: Sequence[Part], choices: NDArray[np.intp], g: Floats) -> Floats:
    """z, dz/ds and g times its slope in g, for choices of gaps, shape (n, parts); shape (3, n)."""
    more = sum(part.times for part in parts) - 1
    total = np.array([-more / g, np.full(g.shape, -more), np.zeros(g.shape)])
    for part, gaps in zip(parts, choices.T, strict=True):
        total += part.times * part.at(gaps, g)
    return total


def _places(parts: Sequence[Part], gaps: Sequence[Gap]) -> tuple[Floats, Floats]:
    """z at the lower and the upper ends of gaps: where dz/ds changes its sign, or at atoms of the
    sum, or far away."""
    choices = np.array([gap.choice for gap in gaps for _ in range(2)])
    outer, inner = np.array([ends for gap in gaps for ends in (gap.end, gap.start)]).T
    place = np.where(outer == 0, np.copysign(np.inf, inner), np.nan)
    for k in np.flatnonzero(np.isinf(outer)):
        place[k] = sum(
            part.times * part.atom(gap, inner[k])[0]
            for part, gap in zip(parts, choices[k], strict=True)
        )
    rest = np.flatnonzero(np.isnan(place))
    # Newton's method in log |g|, between points on both sides.
    choices, sign = choices[rest], np.sign(inner[rest])
    below, above = np.log(np.abs(outer[rest])), np.log(np.abs(inner[rest]))
    t = (below + above) / 2
    for _ in range(STEPS):
        z, rise, slope = _at(parts, choices, sign * np.exp(t))
        if (np.abs(rise) < CLOSE).all():
            break
        below, above = np.where(rise > 0, below, t), np.where(rise > 0, t, above)
        t = t - rise / slope
        between = (t - below) * (t - above) <= 0
        t = np.where(between, t, (below + above) / 2)
    place[rest] = np.where(np.abs(rise) < CLOSE, z, np.nan)
    return place[::2], place[1::2]


def _bands_between(
    parts: Sequence[Part], gaps: Sequence[Gap], width: float
) -> tuple[tuple[float, float], ...] | None:
    lows, highs = _places(parts, gaps)
    seen = highs - lows > NARROWEST * width
    to_atoms = np.array([math.inf in map(abs, (*gap.start, *gap.end)) for gap in gaps])
    if np.isnan([lows, highs]).any() or (to_atoms & ~seen).any():
        return None
    lows, highs = lows[seen], highs[seen]
    order = np.argsort(lows)
    found = []
    for left, right in pairwise(order):
        low, high = float(highs[left]), float(lows[right])
        if high - low > TOUCHING * width:
            found.append((low, high))
        elif low != high:  # of an atom the gaps on both sides end there
            return None
    return tuple(found)
