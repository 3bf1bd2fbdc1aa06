r"""Commutators and anticommutators of free variables, by linearisation: see `linearised`."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart
from mvtheory.laws.contract.matrices import rotated
from mvtheory.laws.contract.parameters import ROUNDING
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import hull
from mvtheory.laws.free import linearised
from mvtheory.laws.solvers.band_search import MANY, distinct, masses_of_gaps
from mvtheory.laws.solvers.continuation import ContinuedLaw
from mvtheory.laws.solvers.descent import State
from mvtheory.laws.solvers.divergences import KINDS, Kinds

APART = 0.3
"""Of half the difference of two values of G: by so much a step may change it."""


@dataclass(frozen=True, kw_only=True)
class FreeCommutator(ContinuedLaw):
    """The law of ab + ba (sign 1) or i(ab - ba) (sign -1).

    A state is m and q of a, those of b, s = G, and four points w, in charts of a and b, at which
    G takes the values m + root(q) and m - root(q).
    """

    a: AbstractLaw
    b: AbstractLaw
    sign: int

    _floor = 1e-5
    _narrowest = 1e-6
    _most_failures = 40
    _steps = 10

    @property
    def _even(self) -> bool:
        return self.sign < 0

    def _kinds(self, at: float) -> Kinds:
        # The linearisation is singular there: half of the digits are left.
        return KINDS

    def _opposite(self, state: State) -> State:
        # Of each part only the two points change places.
        opposite = state.conj()
        opposite[4] = -opposite[4]
        return opposite

    @functools.cached_property
    def _centred(self) -> tuple[AbstractLaw, AbstractLaw]:
        """The variables; a commutator's about the middle of their spectra, which it ignores."""
        if self.sign > 0:
            return self.a, self.b
        return self.a - sum(hull(self.a)) / 2, self.b - sum(hull(self.b)) / 2

    @functools.cached_property
    def _charts(self) -> tuple[Chart, Chart]:
        return self._centred[0]._chart(), self._centred[1]._chart()

    def _hull(self) -> tuple[float, float]:
        size = 2.02 * np.prod([max(map(abs, hull(law))) for law in self._centred])
        return -float(size), float(size)

    def _sides(self, state: State, z: Complexes) -> list[tuple[Any, ...]]:
        """For a and for b: what `linearised` says, m +- root(q), and G and dG/dw at the points."""
        found = []
        for k, chart in enumerate(self._charts):
            m, q = state[2 * k : 2 * k + 2]
            points = state[5 + 2 * k : 7 + 2 * k]
            # One that is constant is a number.
            x, dx, g, dg = (v.reshape(points.shape) if np.ndim(v) else v
                            for v in chart.at(points.ravel()))  # fmt: skip
            values = _pair(m, q, g)
            # R = z - 1/G, linearised about the charts' points.
            slopes = dx / dg + 1 / g**2
            r = x - 1 / g + slopes * (values - g)
            root = (values[0] - values[1]) / 2
            side = linearised.side(m, q, root, r, slopes, state[4], z, odd=self.sign < 0)
            found.append((side, values, g, dg))
        return found

    def _tuned(self, state: State) -> State:
        """With m and q as G at the points says."""
        state = state.copy()
        with np.errstate(all="ignore"):
            for k, chart in enumerate(self._charts):
                points = state[5 + 2 * k : 7 + 2 * k]
                one, other = chart.at(points.ravel())[2].reshape(points.shape)
                state[2 * k], state[2 * k + 1] = (one + other) / 2, ((one - other) / 2) ** 2
        return state

    def _newton(self, state: State, z: Complexes) -> tuple[State, Floats]:
        with np.errstate(all="ignore"):
            (a, *at_a), (b, *at_b) = self._sides(state, z)
            step = linearised.step(state[:5], a, b, z, odd=self.sign < 0)
            # q is the square of a value of G, so its root is compared to those.
            scale = np.maximum(np.abs(state[0:4:2]), np.sqrt(np.abs(state[1:4:2])))
            size = np.abs(step[4]) / np.abs(state[4])
            for k in (0, 1):
                size = np.maximum(size, np.abs(step[2 * k]) / scale[k])
                size = np.maximum(size, np.abs(step[2 * k + 1]) / scale[k] ** 2)
            step = step * np.minimum(1, 0.3 / np.maximum(size, 1e-300))
            new = np.empty_like(state)
            new[:5] = state[:5] + step
            for k, (values, g, dg) in enumerate((at_a, at_b)):
                mean, square, points = 2 * k, 2 * k + 1, slice(5 + 2 * k, 7 + 2 * k)
                goals = _pair(new[mean], new[square], g)
                # Of values far apart one may be small, and lost in m and q: unless they are about
                # to meet, they take the step themselves.
                root = (values[0] - values[1]) / 2
                turn = step[square] / (2 * root)
                apart = np.abs(turn) < APART * np.abs(root)
                moved = values + step[mean] + np.array([turn, -turn])
                goals = np.where(apart, moved, goals)
                new[mean] = np.where(apart, (moved[0] + moved[1]) / 2, new[mean])
                new[square] = np.where(apart, ((moved[0] - moved[1]) / 2) ** 2, new[square])
                # In 1/G, whose inverse is nearly linear.
                move = (g / goals - 1) * g / -dg
                new[points] = state[points] + move
                size = np.maximum(size, np.max(np.abs(move) / np.abs(new[points]), axis=0))
        return new, np.where(np.isfinite(size), size, np.inf)

    def _far(self, z: Complexes) -> State:
        means = [law.moment(1) if self.sign > 0 else 0.0 for law in self._centred]
        squares = [
            law.moment(2) if self.sign > 0 else law.moment(2) - law.moment(1) ** 2
            for law in self._centred
        ]
        # To first order in 1/z; each has the other variable's moments.
        rows = [means[1] / z, squares[1] / z**2, means[0] / z, squares[0] / z**2, 1 / z]
        points = [
            chart.start_anywhere(1 / v + law.moment(1))
            for k, (law, chart) in enumerate(zip(self._centred, self._charts, strict=True))
            for v in _pair(rows[2 * k], rows[2 * k + 1])
        ]
        return np.array([*rows, *points])

    def _g(self, state: State, z: Complexes) -> Complexes:
        return state[4]

    def _physical(self, state: State, z: Complexes) -> NDArray[np.bool_]:
        # -Im G is a positive matrix, and so is -Im eta_a(G) with beta g22 and beta g11 on its
        # diagonal: points of subordination are above z [belinschi2017]_.
        with np.errstate(all="ignore"):
            s, rows = state[4], [state[4]]
            for k, (side, *_) in enumerate(self._sides(state, z)):
                opposite = state[2 * k + 1] / s
                rows += [side.beta * s, side.beta * opposite]
                rows += [opposite] if self.sign > 0 else []
            good = np.ones(z.shape, dtype=bool)
            for row in rows:
                good &= row.imag <= 1e-9 * np.abs(row)
        return good

    def _joined_potential(self, state: State, z: Complexes) -> Complexes:
        """E tr log(W_a - a E_a) + the same for b - log det G^-1, W = G^-1 + eta."""
        s = state[4]
        with np.errstate(all="ignore"):
            a, b = (s * side.beta for side, *_ in self._sides(state, z))
            # The last is that of det E_a det E_b/det D = -1.
            value = np.log(-a) + np.log(-b) - np.log((a * b - 1) / s) + 1j * np.pi
        for k, chart in enumerate(self._charts):
            value = value + _of_both_sides(chart, state[5 + 2 * k : 7 + 2 * k])
        return value

    @functools.cached_property
    def _masses(self) -> dict[float, float]:
        """Common eigenvectors of a and b, and the kernel that a small rank leaves; those that have
        just vanished too."""
        a, b = self._centred
        found: dict[float, float] = {}
        for x, m in zip(a.atoms, a.weights, strict=True):
            for y, n in zip(b.atoms, b.weights, strict=True):
                at = 2.0 * float(x) * float(y) if self.sign > 0 else 0.0
                found[at] = max(found.get(at, -1.0), float(m + n) - 1)
        for law in (a, b):
            for x, m in zip(law.atoms, law.weights, strict=True):
                if self.sign < 0 or x == 0:
                    found[0.0] = max(found.get(0.0, -1.0), 2 * float(m) - 1)
        return {at: mass for at, mass in found.items() if mass > -ROUNDING}

    def _first_moments(self) -> tuple[float, float]:
        (a, aa), (b, bb) = ((law.moment(1), law.moment(2)) for law in self._centred)
        # phi(abab) of free variables.
        crossed = aa * b**2 + a**2 * bb - a**2 * b**2
        return (2 * a * b if self.sign > 0 else 0.0), 2 * (aa * bb + self.sign * crossed)

    @functools.cached_property
    def _gaps(self) -> Floats | None:
        """Each part is asked at two points, from above or below."""
        sums = np.zeros(1)
        for law in (self.a, self.b):
            masses = masses_of_gaps(law)
            for _ in range(2):
                if sums.size * masses.size > MANY:
                    return None
                sums = distinct(np.mod(np.concatenate([
                    np.add.outer(sums, masses), np.subtract.outer(sums, masses)
                ]), 1))  # fmt: skip
        return sums

    def _gap_masses(self) -> Floats | None:
        return self._gaps

    def _mirrored(self, state: State) -> State:
        """Two points may change places."""
        mirrored = state.conj()
        for k in (5, 7):
            pair = mirrored[k : k + 2]
            straight = np.abs(pair - state[k : k + 2]).max(axis=0)
            crossed = np.abs(pair[::-1] - state[k : k + 2]).max(axis=0)
            mirrored[k : k + 2] = np.where(crossed < straight, pair[::-1], pair)
        return mirrored

    def _sizes(self, state: State) -> Floats:
        """What may be 0 beside others is compared to them."""
        size = np.abs(state)
        size[0:4:2] = np.maximum(size[0:4:2], np.sqrt(size[1:4:2]))
        size[5:] = size[5:].max(axis=0)
        return size

    @property
    def _parts_error(self) -> float:
        return self.a.error_estimate + self.b.error_estimate

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Any:
        """AB + BA or i(AB - BA) of two rotated matrices; the latter is complex Hermitian."""
        generator = np.random.default_rng(rng)
        a, b = (rotated(law.matrix(n, generator), generator) for law in (self.a, self.b))
        product = a @ b
        # A part may be a commutator itself, and complex.
        reverse = product.conj().T
        return product + reverse if self.sign > 0 else 1j * (product - reverse)


def _pair(m: Any, q: Any, near: Any = None) -> Any:
    """m + root(q) and m - root(q), shape (2, n), the first closer to that of `near`: a root has no
    branch that is continuous everywhere."""
    root = np.sqrt(q)
    if near is not None:
        target = (near[0] - near[1]) / 2
        root = np.where((root * target.conj()).real >= 0, root, -root)
    return np.array([m + root, m - root])


def _of_both_sides(chart: Chart, pair: State) -> Complexes:
    """U at two points, added up. With C = [[0, 1], [1, 0]] their values of G are those of C G, and
    G v = x C v has Im x <v, C v> < 0: so one is above the real line and one below, also where one
    has come to it but for rounding and half of its logarithms would be taken on the other side."""
    points, value = chart.at(pair.ravel())[0].reshape(pair.shape), chart.potential(pair.ravel())
    value = value.reshape(pair.shape)
    height = points.imag / np.abs(points)
    above = np.where(np.abs(height[0]) >= np.abs(height[1]), height[0] >= 0, height[1] < 0)
    angle = np.abs(value.imag - 2 * np.pi * np.round(value.imag / (2 * np.pi)))
    turn = np.where(above, angle[0] - angle[1], angle[1] - angle[0])
    return value.real.sum(axis=0) + 1j * turn
