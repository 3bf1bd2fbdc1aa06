r"""Bands of free sums of finitely many atoms, from the real line alone.

In a gap s = 1/g is real, and so are the points w_i, each in a gap of its part. There
dz/ds = sum n_i/F_i'(w_i) - (sum n_i - 1), F_i = 1/G_i, is positive. Conversely, real points at
which it is go on above the real line with all Im w_i > 0, as F_i' > 0: they are the physical ones,
which are unique [belinschi2007]_. So the gaps are the intervals of s where it is positive, of
either sign of s at most one for each choice of gaps of the parts, for that says what mass lies
below. 1/F' = G^2/(-G') is m at an atom of mass m.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.parameters import ROUNDING
from mvtheory.laws.contract.shapes import Floats

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
CLOSE = 1e-8
"""dz/ds where a gap ends: z is off by its square."""
NARROWEST, TOUCHING = 1e-9, 1e-13
"""Over the width: of gaps, below which they are not told from a band, and of a band that may be
none."""


@dataclass(frozen=True)
class Part:
    """Atoms, ascending, their masses, and how often the part is added.

    Gap 0 is what is beyond all atoms, gap k is between the atoms k - 1 and k.
    """

    atoms: Floats
    masses: Floats
    times: float

    def pole(self, gap: int, g: float) -> int:
        """The atom at the end of a gap where G has the sign of g and is infinite."""
        if gap == 0:
            return self.atoms.size - 1 if g > 0 else 0
        return gap - 1 if g > 0 else gap

    def at(self, gap: NDArray[np.intp], g: Floats) -> Floats:
        """w in a gap where G(w) = g, 1/F'(w) and g times its slope in g, shape (3, n)."""
        w = np.empty(g.shape)
        inner, right = gap > 0, (gap == 0) & (g > 0)
        left = ~inner & ~right
        w[inner] = self._between(gap[inner] - 1, g[inner])
        w[right] = _beyond(self.atoms, self.masses, g[right])
        w[left] = -_beyond(-self.atoms[::-1], self.masses[::-1], -g[left])
        inverse = 1 / (w - self.atoms[:, None])
        terms = self.masses[:, None] * inverse
        first, second = terms.sum(axis=0), (terms * inverse).sum(axis=0)
        third = (terms * inverse * inverse).sum(axis=0)
        # Of G at w, not g: beside an atom w - atom has few digits, which cancel so. G' = -second,
        # and second' = -2 third.
        rise = first * first / second
        return np.array([w, rise, 2 * rise * (1 - first * third / second**2)])

    def _between(self, k: NDArray[np.intp], g: Floats) -> Floats:
        """Between the atoms k and k + 1, by the secular equation's method of two poles
        (Bunch, Nielsen & Sorensen, 1978): the sums over atoms on each side as one of them each."""
        low, room = self.atoms[k], self.atoms[k + 1] - self.atoms[k]
        below = np.arange(self.atoms.size)[:, None] <= k
        away = low - self.atoms[:, None]
        share = self.masses[k] / (self.masses[k] + self.masses[k + 1])
        y = room * share
        for _ in range(STEPS):
            inverse = 1 / (y + away)
            terms = self.masses[:, None] * inverse
            slopes = terms * inverse
            first, second = np.where(below, terms, 0).sum(axis=0), terms.sum(axis=0)
            steep, other = np.where(below, slopes, 0).sum(axis=0), slopes.sum(axis=0)
            p, q = steep * y * y, (other - steep) * (room - y) ** 2
            # p/x + q/(x - room) + rest = 0, x the root in the gap.
            rest = first - p / y + (second - first) + q / (room - y) - g
            half = p + q - rest * room
            root = np.sqrt(half * half + 4 * rest * p * room)
            new = np.where(half > 0, 2 * p * room / (half + root), (root - half) / (2 * rest))
            moved, y = np.abs(new - y), new
            if (moved <= 1e-15 * room).all():
                break
        return np.asarray(low + y)


def _beyond(atoms: Floats, masses: Floats, g: Floats) -> Floats:
    """w above all atoms where G(w) = g > 0. F is concave there, below w - mean and below a line of
    slope 1/m from the last atom: from what these say Newton's method comes from below."""
    w = np.maximum(atoms[-1] + masses[-1] / g, float(masses @ atoms) + 1 / g)
    for _ in range(STEPS):
        inverse = 1 / (w - atoms[:, None])
        terms = masses[:, None] * inverse
        value = terms.sum(axis=0)
        # F = s, F' = -G'/G^2.
        step = (1 / g - 1 / value) * value * value / (terms * inverse).sum(axis=0)
        w = w + step
        if (np.abs(step) <= 1e-15 * np.abs(w - atoms[0])).all():
            break
    return np.asarray(w)


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
def bands(parts: Sequence[Part]) -> tuple[tuple[float, float], ...] | None:
    """Bands of the sum; None where more than this is needed to tell."""
    sizes = [part.atoms.size for part in parts]
    if min(sizes) < 2 or 2 * GRID * max(math.prod(sizes), *(n * n for n in sizes)) > CELLS:
        return None
    choices = list(product(*map(range, sizes)))
    width = sum(part.times * float(np.ptp(part.atoms)) for part in parts)
    nearest = min(float(np.diff(part.atoms).min()) for part in parts)
    size = np.geomspace(LEAST / width, MOST / nearest, GRID)
    g = np.concatenate([-size[::-1], size])
    tables = [
        part.at(np.repeat(np.arange(part.atoms.size), g.size), np.tile(g, part.atoms.size))[1]
        for part in parts
    ]
    gaps: list[Gap] = []
    for choice in choices:
        rises = (
            1
            - sum(part.times for part in parts)
            + sum(
                part.times * table.reshape(-1, g.size)[gap]
                for part, table, gap in zip(parts, tables, choice, strict=True)
            )
        )
        for branch in _branches(parts, choice):
            found = _gap(parts, choice, g[branch], rises[branch])
            if found is None:
                return None
            gaps += found
    return _bands_between(parts, gaps, width)


def _branches(parts: Sequence[Part], choice: tuple[int, ...]) -> list[slice]:
    """Parts of the grid that a gap lies in. Where g = 0, s is infinite: one goes on there if one
    part alone, added once, has a zero of G in its gap."""
    zeros = sum(part.times for part, gap in zip(parts, choice, strict=True) if gap)
    return [slice(None)] if zeros == 1 else [slice(GRID), slice(GRID, None)]


def _gap(
    parts: Sequence[Part], choice: tuple[int, ...], g: Floats, rises: Floats
) -> list[Gap] | None:
    """The gap of a choice, if it has one there; None if the grid does not tell."""
    on = np.flatnonzero(rises > LEVEL)
    if not on.size:
        g, rises = _closer(parts, choice, g, rises)
        on = np.flatnonzero(rises > LEVEL)
        if not on.size:
            return []
    first, last = int(on[0]), int(on[-1])
    if on.size <= last - first:
        return None
    start = _end(parts, choice, g, rises, first, -1)
    end = _end(parts, choice, g, rises, last, 1)
    return None if start is None or end is None else [Gap(choice, start, end)]


def _end(
    parts: Sequence[Part], choice: tuple[int, ...], g: Floats, rises: Floats, at: int, way: int
) -> Ends | None:
    """The last point of a gap and the one beyond it."""
    inside, beyond = float(g[at]), at + way
    if 0 <= beyond < g.size:
        # Through 0 is farther than from one point to the next.
        return (float(g[beyond]), inside) if g[beyond] * inside > 0 else None
    if abs(inside) < abs(g[0] + g[-1]) / 2:
        return None if any(choice) else (0.0, inside)
    mass = sum(
        part.times * float(part.masses[part.pole(gap, inside)])
        for part, gap in zip(parts, choice, strict=True)
    )
    kept = mass - sum(part.times for part in parts) + 1 > -ROUNDING
    return (float(np.copysign(np.inf, inside)), inside) if kept else None


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
        poles = [part.pole(gap, inner[k]) for part, gap in zip(parts, choices[k], strict=True)]
        place[k] = sum(p.times * float(p.atoms[at]) for p, at in zip(parts, poles, strict=True))
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
