r"""Where the density of a law known by an equation is infinite: bands cut there, series beside it,
and others beside atoms.

Beside such a point p an algebraic G is a series of powers of t = (z - p)^(1/k), from t^(1-k) on at
the least, for masses are finite. A commutator says which k. With 2 y = z G - 1 and F, of each
variable, the square of g where g (R(g) - R(-g))/2 = y, the equations of `linearised` say,
as free cumulants do [speicher2006]_,

    z^2 = (1 + 2 y)^2 y (1 + y)/(F_a(y) F_b(y)).

At an atom x of mass m, R(g) = x + (m - 1)/g + O(1/g^2), and the term after has the same sign at -g:
so F has a pole at y = m - 1 and is analytic about other points. An atom of a commutator, at 0, has
just vanished where y = -1/2 at z = 0: F of what has an atom of mass 1/2 is like 1/(1 + 2 y) there.
So z^2 is (1 + 2 y)^3 times an analytic function of y if one variable has such an atom,
(1 + 2 y)^4 times one if both have, and G = (1 + 2 y)/z is like z^(-1/3) or z^(-1/2). Beside ends
of bands anticommutators have z^(-2/3) too.

Where a law has density at an atom of mass m of its own, G = m/(z - x) + c on one side of the real
line and with conj(c) on the other: R(g) - R(-g) has a term Im(c)/g^2, and F a pole of order two.
So beside the atom of a commutator of two laws with as much mass at atoms, G - m'/z is like z^(-1/2)
if both have density there and like z^(-1/3) if one has; beside atoms of other operations it is
analytic, for the masses that are left over make the derivative of z there.

A product, of parts or of a real number n of times one of them, has as much mass m at 0 as the part
that has most. There S of that part has a pole, so that z = (1 + y)/(y S(y)) is the k-th power of
y + 1 - m times an analytic function, k the multiplicity of all parts with so much mass: z G - m is
a series of powers of z^(1/k), from the first on, k any real number.
"""

import functools
import itertools
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.descent import State, powered
from mvtheory.multiprecision import NoConvergence

HEIGHTS, OF_ATOMS = (1e-5, 1e-7), (1e-4, 1e-6)
"""Shares of the width at which G is asked how it grows: twice is between 1 and 100^(1/3). An atom's
part leaves the few digits there that are not lost to `NOISE` roundings of it over the height."""
NOISE = 1e3
Kinds = tuple[tuple[int, float], ...]
KINDS: Kinds = ((2, 3), (1, 2), (1, 3))
"""First power of t in (z - p) G, and k: so G is like (z - p)^(-1/3), -1/2 and -2/3."""
ANALYTIC: Kinds = ((1, 1),)
"""Beside an atom where no density is infinite."""
BESIDE = (0.03, 0.01, 0.003, 0.001)
"""As `REACH` for these series, whose t is the distance itself: the first that fits. The less mass
the atom has, the closer by are points off the real line where the series ends."""
TERMS = 12
REACH = 0.1
"""t of the farthest points that a series is fitted to, for the largest k, where it is 1 at the next
end of a band or infinite density: 12 terms leave 1e-12 out; and far enough from p, where the
equation loses digits, to have most of them."""
NEAREST, WITHIN = 0.27, 0.1
"""t of the nearest such points over that of the farthest, and distance over theirs of what is taken
from the series."""
RADII, ANGLES = 8, 5
FITTED, ROUGHLY = 1e-11, 1e-9
"""Misfit of a series from which on the equation is as good, and that beside an atom, where it is
not: of a small one rounding takes so much at the distance to which a series is fitted."""
AS_GOOD = 4.0
"""Multiple of the least misfit that a series of fewer powers may have."""


def diverging(law: Any, candidates: list[float]) -> Floats:
    """Those of the points at which the density is infinite.

    Where an atom has just vanished it is, like a power -1/2 or -1/3 of the distance, unless two
    atoms vanish at the same point; beside an atom where a part has density at its own. So G is
    asked at two heights, an atom's part taken away.
    """
    points = np.unique(candidates)
    points = points[law._band(points) >= 0]
    if not points.size:
        return points
    found = []
    for at in points:
        atom = float(np.sum(law.weights[law.atoms == at]))
        away = 1j * law._width * np.array(OF_ATOMS if atom else HEIGHTS)
        sizes = np.abs(law._g(around(law, at, away), at + away) - atom / away)
        noise = NOISE * np.spacing(law._width) * atom / np.abs(away[1]) ** 2
        found.append(sizes[1] > 2 * sizes[0] + noise)
    return points[found]


def pieces(law: Any, band: int) -> list[tuple[float, float]]:
    """A band of the support, cut where the density is infinite inside of it."""
    low, high = law.support[band]
    inner = law._divergences[(law._divergences > low) & (law._divergences < high)]
    ends = [low, *map(float, inner), high]
    return list(itertools.pairwise(ends))


@dataclass(frozen=True, eq=False)
class Singularity:
    """G and U beside a pole or a point of infinite density: (z - at) G = mass + sum of terms t^n, n
    in `powers`, t^root = (z - at)/scale; `error` is how far that and U are off where it was fitted.
    """

    at: float
    mass: float
    scale: float
    root: float
    powers: NDArray[np.intp]
    terms: Complexes
    constant: complex
    error: float

    def holds(self, z: Complexes) -> NDArray[np.bool_]:
        """Whether points are close enough."""
        return np.abs(z - self.at) <= WITHIN * self.scale

    def values(self, z: Complexes) -> tuple[Complexes, Complexes]:
        """G and U at points on and above the real line: U' = G, and nothing cancels."""
        away = z - self.at
        powers = _powers(away, self.scale, self.root, self.powers)
        # At a pole the density is finite, and what is left of G is known.
        imaginary = (self.terms[0] / self.scale).imag if self.root == 1 else -np.inf
        g = np.full(z.shape, complex(-np.inf if self.mass else 0, imaginary))
        np.divide(self.mass + powers @ self.terms, away, out=g, where=away != 0)
        u = self.constant + powers @ (self.terms * self.root / self.powers)
        return g, u + _logarithm(self.mass, away)


@np.errstate(all="ignore")
def singularity(law: Any, at: float, kinds: Kinds = KINDS, reach: float = REACH) -> Singularity:
    """The series that fits G above the real line, of the kind that fits it best."""
    mass = float(np.sum(law.weights[law.atoms == at]))
    most = max(root for _, root in kinds)
    scale = reach**most * _to_nearest(law, at)
    # Chebyshev's nodes in the angle and in a root of the distance.
    radii = scale * ((1 + NEAREST) / 2 + (1 - NEAREST) / 2 * _chebyshev(RADII)) ** most
    away = np.outer(radii, np.exp(0.5j * np.pi * (1 + _chebyshev(ANGLES)))).ravel()
    state = around(law, at, away)
    g = law._g(state, at + away) - mass / away
    u = law._u(state, at + away) - _logarithm(mass, away)
    known = np.isfinite(g) & np.isfinite(u)
    away, g, u = away[known], g[known], u[known]
    if away.size < 2 * TERMS:
        raise NoConvergence(f"{type(law).__name__}: no solution beside {at}", np.inf)
    found = []
    for first, root in kinds:
        powers = np.arange(first, first + TERMS)
        rows = _powers(away, scale, root, powers)
        terms = np.linalg.lstsq(rows, away * g, rcond=None)[0]
        rest = u - rows @ (terms * root / powers)
        misfit = np.abs(rows @ terms - away * g) + np.abs(rest - np.mean(rest))
        constant, error = complex(np.mean(rest)), float(np.max(misfit))
        found.append(Singularity(at, mass, scale, root, powers, terms, constant, error))
    least = min(one.error for one in found)
    return next(one for one in found if one.error <= AS_GOOD * least)


@np.errstate(all="ignore")
def around(law: Any, at: float, away: Complexes) -> State:
    """States at points at + away above the real line: those of the scan at such a distance,
    turned about `at`, where they are nearly powers of the distance, and Newton's method."""
    x, density, _, known = law._scan
    offset, with_density = x - at, density > 0
    # The side on which there is density closest by.
    closest = offset[with_density][np.argmin(np.abs(offset[with_density]))]
    here = np.flatnonzero(with_density & (offset * closest > 0))
    here = here[np.argsort(np.abs(offset[here]))]
    far = np.clip(np.searchsorted(np.abs(offset[here]), np.abs(away)), 1, here.size - 1)
    first, last = here[far], here[far - 1]
    start = powered(known[:, first], known[:, last], offset[first], offset[last] + 0j, away)
    start = np.concatenate([start, law._tuned(start)], axis=1)
    z = np.tile(at + away, 2)
    state, size = law._settle(start, z, 12)
    one, other = np.split(state, 2, axis=1)
    good, better = np.split((size < 1e-7) & law._physical(state, z), 2)
    state = np.where(good, one, other)
    bad = ~(good | better)
    if bad.any():
        state[:, bad] = law._descend(at + away[bad])
    return state


@dataclass(frozen=True, eq=False)
class BesideAtom:
    """The series beside an atom, fitted when it is asked for: of what the equation says there
    rounding takes a share of mass/(z - at)^2, and at the atom there is no solution."""

    law: Any
    at: float

    @property
    def _tried(self) -> tuple[Kinds, tuple[float, ...]]:
        return (KINDS, (REACH,)) if self.at in self.law._divergences else (ANALYTIC, BESIDE)

    def near(self, z: Complexes) -> bool:
        """Whether any point may be close enough."""
        reach = WITHIN * max(self._tried[1]) * _to_nearest(self.law, self.at)
        return bool((np.abs(z - self.at) <= reach).any())

    @property
    def fitted(self) -> Singularity | None:
        """The first of the series that fits, or the one that fits best; None if that is none."""
        return self._best if self._best and self._best.error < ROUGHLY else None

    @property
    def error(self) -> float:
        """How far the law may be off there: in a band without a series that fits, by its misfit."""
        if self.fitted is None and self.law._band(np.array([self.at]))[0] < 0:
            return 0.0
        return min(self._best.error, 1.0) if self._best else 1.0

    @functools.cached_property
    def _best(self) -> Singularity | None:
        best, (kinds, reaches) = None, self._tried
        for reach in reaches:
            with suppress(NoConvergence):
                one = singularity(self.law, self.at, kinds, reach)
                best = one if best is None or one.error < best.error else best
                if best.error < FITTED:
                    break
        return best


def _to_nearest(law: Any, at: float) -> float:
    """Distance to the next edge, atom or infinite density."""
    others = np.concatenate([np.array(law.support).ravel(), law.atoms, law._divergences])
    return float(np.min(np.abs(others - at)[others != at]))


def _chebyshev(count: int) -> Floats:
    return np.cos((np.arange(count) + 0.5) * np.pi / count)


def _logarithm(mass: float, away: Complexes) -> Complexes:
    """What an atom adds to U, at points on and above the real line; at it, as just before."""
    if not mass:
        return np.zeros(away.shape, dtype=complex)
    angle = np.where(away == 0, np.pi, np.angle(away + 0j))
    with np.errstate(divide="ignore"):
        return mass * np.log(np.abs(away)) + 1j * (mass * angle)


def _powers(away: Complexes, scale: float, root: float, powers: NDArray[np.intp]) -> Complexes:
    """t^n at points, shape (points, powers)."""
    # An imaginary part of -0 would be below the real line.
    t = (away / scale + 0j) ** (1 / root)
    return t[:, None] ** powers
