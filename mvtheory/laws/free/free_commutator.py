r"""Commutators and anticommutators of free variables, by linearisation.

ab + ba is the Schur complement of a 3 x 3 matrix that is linear in a and b:
z - (a d' b + b d a) with L = [[z, -a, -b], [-a, 0, d], [-b, d*, 0]], d = 1 for ab + ba and i for
i(ab - ba). G = E[L^-1] solves G^-1 = B - eta_a(G) - eta_b(G), where eta_a = E_a R_a(G E_a) acts on
two of the three indices and R_a of a 2 x 2 matrix is known from R_a at its two eigenvalues
[belinschi2017]_.
"""

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
from mvtheory.laws.solvers.equation import State


@dataclass(frozen=True, kw_only=True)
class FreeCommutator(ContinuedLaw):
    """The law of ab + ba (sign 1) or i(ab - ba) (sign -1).

    A state is g11, g12, g21, g13, g31, g22, g33 and four points w, in charts of a and b, at which
    G takes the eigenvalues of G E_a and of G E_b.
    """

    a: AbstractLaw
    b: AbstractLaw
    sign: int

    # Beside an infinite density the linearisation is singular: half of the digits are left.
    _floor = 1e-5
    _narrowest = 1e-6
    _most_failures = 40
    _steps = 10
    _scanned = 160

    @property
    def _d(self) -> complex:
        return 1 if self.sign > 0 else 1j

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

    def _pieces(self, state: State) -> list[tuple[Complexes, ...]]:
        return [self._charts[k // 2].at(w) for k, w in enumerate(state[7:])]

    def _newton(self, state: State, z: Complexes) -> tuple[State, Floats]:
        pieces = self._pieces(state)
        near = pieces[0][2], pieces[2][2]
        with np.errstate(all="ignore"):
            g = state[:7]
            pairs = linearised.eigenvalues(g, near)
            values = [v for _, *pair in pairs for v in pair]
            # R = Z - 1/G, linearised about the charts' points.
            slopes = [dx / dv + 1 / found**2 for _, dx, found, dv in pieces]
            r = [
                x - 1 / found + slope * (v - found)
                for v, slope, (x, _, found, _) in zip(values, slopes, pieces, strict=True)
            ]
            value, slope = linearised.residual(g, pairs, r, slopes, z, self._d)
            jacobian = np.ascontiguousarray(np.moveaxis(slope, 2, 0))
            bad: Any = ~np.isfinite(jacobian).all(axis=(1, 2)) | ~np.isfinite(value).all(axis=0)
            # A singular matrix of one point must not stop the others.
            bad |= np.abs(np.linalg.det(np.where(bad[:, None, None], 0, jacobian))) < 1e-280
            jacobian[bad] = np.eye(7)
            step = -np.linalg.solve(jacobian, np.where(bad, 0, value).T[:, :, None])
            step = step[:, :, 0].T
            size = np.max(np.abs(step), axis=0) / np.max(np.abs(g), axis=0)
            step = step * np.minimum(1, 0.3 / np.maximum(size, 1e-300))
            new = np.empty_like(state)
            new[:7] = g + step
            eigenvalues = [v for _, *pair in linearised.eigenvalues(new[:7], near) for v in pair]
            for k, (v, (_, _, found, dv)) in enumerate(zip(eigenvalues, pieces, strict=True)):
                # In 1/G, whose inverse is nearly linear.
                move = (found / v - 1) * found / -dv
                new[7 + k] = state[7 + k] + move
                size = np.maximum(size, np.abs(move) / (np.abs(new[7 + k]) + 1e-300))
            size[bad] = np.inf
        return new, np.where(np.isfinite(size), size, np.inf)

    def _far(self, z: Complexes) -> State:
        (m_a, v_a), (m_b, v_b) = ((law.moment(1), law.moment(2)) for law in self._centred)
        # L^-1 about z = infinity: (1, [a b] D^-1) outer (1, D^-1 [a b]) / z.
        up, low = 1 / np.conj(self._d), 1 / self._d
        rows = [1, m_b * low, m_b * up, m_a * up, m_a * low, v_b, v_a]
        g = np.array([c / z for c in rows], dtype=complex)
        points = []
        for (_, *pair), law, piece in zip(
            linearised.eigenvalues(g), self._centred, self._charts, strict=True
        ):
            points += [piece.start_anywhere(1 / v + law.moment(1)) for v in pair]
        return np.array([*g, *points])

    def _g(self, state: State, z: Complexes) -> Complexes:
        return state[0]

    def _physical(self, state: State, z: Complexes) -> NDArray[np.bool_]:
        # -Im G is a positive matrix.
        good = np.ones(z.shape, dtype=bool)
        for row in state[[0, 5, 6]]:
            good &= row.imag <= 1e-9 * np.abs(row)
        return good

    def _joined_potential(self, state: State, z: Complexes) -> Complexes:
        """E tr log(W_a - a E_a) + the same for b - log det G^-1, W = G^-1 + eta."""
        pieces = self._pieces(state)
        pairs = linearised.eigenvalues(state[:7], (pieces[0][2], pieces[2][2]))
        eigenvalues = [v for _, *pair in pairs for v in pair]
        with np.errstate(all="ignore"):
            r = [x - 1 / v for v, (x, *_) in zip(eigenvalues, pieces, strict=True)]
            p = linearised.inverse(state[:7], pairs, r, z, self._d)
        value = np.log(p[2, 2]) + np.log(p[1, 1]) - np.log(linearised.determinant(p)) + self._turn
        for k, w in enumerate(state[7:]):
            value = value + self._charts[k // 2].potential(w)
        return value

    @property
    def _turn(self) -> complex:
        """det E_a det E_b/det D = -1."""
        return 1j * np.pi

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
        """G becomes its adjoint, and two points may change places."""
        order = [0, 2, 1, 4, 3, 5, 6, *range(7, 11)]
        mirrored = state[order].conj()
        for k in (7, 9):
            pair = mirrored[k : k + 2]
            straight = np.abs(pair - state[k : k + 2]).max(axis=0)
            crossed = np.abs(pair[::-1] - state[k : k + 2]).max(axis=0)
            mirrored[k : k + 2] = np.where(crossed < straight, pair[::-1], pair)
        return mirrored

    def _sizes(self, state: State) -> Floats:
        """Entries of G, and points, may be 0 beside others."""
        size = np.abs(state)
        size[:7], size[7:] = size[:7].max(axis=0), size[7:].max(axis=0)
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
