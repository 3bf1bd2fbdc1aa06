r"""Sums, products, commutators and anticommutators of two free laws of two atoms, in closed form.

A variable of two atoms is an affine image of a projection, and two free projections are 2 x 2
blocks at an angle (`free_angle.py`) beside their common eigenvectors, which make the atoms. The
eigenvalues of a block are two functions of c = cos^2 of its angle (`sheet.py`): at c = 0 and 1 the
block is diagonal and they are the operation's values at two pairs of atoms.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.composable import Factors
from mvtheory.laws.contract.parameters import ROUNDING
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.discrete import Discrete
from mvtheory.laws.free.free_angle import FreeAngle
from mvtheory.laws.free.sheet import Piece, Sheet

Pair = tuple[float, float]


@dataclass(frozen=True)
class Operation:
    """Its value at a pair of atoms, the difference of its values at two pairs, and the changes
    `rise` and `bend` of a sheet for atoms at distance 1."""

    name: str
    at: Callable[[Pair], float] = field(repr=False)
    change: Callable[[Pair, Pair], float] = field(repr=False)
    rise: float = field(repr=False)
    bend: float = field(repr=False)


SUM = Operation("a + b", lambda p: p[0] + p[1], lambda p, q: (p[0] - q[0]) + (p[1] - q[1]), 0, 0)
PRODUCT = Operation("ab", lambda p: p[0] * p[1], lambda p, q: p[0] * p[1] - q[0] * q[1], 0.5, -0.25)
ANTICOMMUTATOR = Operation(
    "ab + ba", lambda p: 2 * p[0] * p[1], lambda p, q: 2 * (p[0] * p[1] - q[0] * q[1]), 1, 0
)
COMMUTATOR = Operation("i(ab - ba)", lambda p: 0.0, lambda p, q: 0.0, 0, 1)


def has_two_atoms(law: AbstractLaw) -> bool:
    """Whether a law is two atoms and nothing else."""
    return law.atoms.size == 2 and not law.support


@dataclass(frozen=True, kw_only=True)
class TwoAtoms(AbstractLaw):
    """The law of an operation on two free laws of two atoms.

    Parameters
    ----------
    a, b : AbstractLaw
        Two atoms each; of a product, `b` on [0, infinity).
    operation : Operation
    generic : AbstractLaw
        The same law by a route for any atoms; it draws the matrices.

    References
    ----------
    [speicher2006]_.
    """

    a: AbstractLaw
    b: AbstractLaw
    operation: Operation
    generic: AbstractLaw = field(repr=False)

    @functools.cached_property
    def _angle(self) -> FreeAngle:
        first, second = (tuple(map(float, law.weights)) for law in (self.a, self.b))
        return FreeAngle(first, second)  # type: ignore[arg-type]

    @functools.cached_property
    def _positions(self) -> tuple[list[float], list[float]]:
        return self.a.atoms.tolist(), self.b.atoms.tolist()

    @functools.cached_property
    def _pairs(self) -> tuple[tuple[Pair, Pair], tuple[Pair, Pair]]:
        """Pairs of atoms that a block has at c = 0 and at c = 1."""
        (x, u), (y, v) = self._positions
        return ((x, v), (u, y)), ((x, y), (u, v))

    @functools.cached_property
    def _constant(self) -> bool:
        """Whether one eigenvalue of every block is 0: a product with a singular factor."""
        return self.operation is PRODUCT and 0 in (*self._positions[0], *self._positions[1])

    @functools.cached_property
    def _sheets(self) -> list[Sheet]:
        operation = self.operation
        (x, u), (y, v) = self._positions
        area = (u - x) * (v - y)
        levels = [sum(map(operation.at, pairs)) / 2 for pairs in self._pairs]
        halves = [operation.change(q, p) / 2 for p, q in self._pairs]
        if self._constant:
            # The trace of a block is its other eigenvalue.
            return [Sheet(angle=self._angle, sign=1, levels=(2 * levels[0], 2 * levels[1]),
                          rise=area, squares=(0.0, 0.0), tilt=0.0, bend=0.0,
                          leading=area * area)]  # fmt: skip
        return [
            Sheet(
                angle=self._angle,
                sign=sign,
                levels=(levels[0], levels[1]),
                rise=operation.rise * area,
                squares=(halves[0] ** 2, halves[1] ** 2),
                tilt=(halves[1] - halves[0]) * (halves[1] + halves[0]),
                bend=operation.bend * area * area,
                leading=(operation.rise**2 + operation.bend) * area * area,
                product=x * u * y * v if operation is PRODUCT else None,
            )
            for sign in (-1, 1)
        ]

    @functools.cached_property
    def _pieces(self) -> list[Piece]:
        return [piece for sheet in self._sheets for piece in sheet.pieces]

    # Atoms and bands.

    @functools.cached_property
    def _masses(self) -> dict[float, float]:
        """Common eigenvectors of both projections, and eigenvalues that are 0 at every angle."""
        more, beyond = self._angle.sides
        (x, u), (y, v) = self._positions
        found = {0.0: self._angle.mass} if self._constant else {}
        for pair, mass in (
            ((u, y) if more > 0 else (x, v), abs(more)),
            ((u, v) if beyond > 0 else (x, y), abs(beyond)),
        ):
            at = self.operation.at(pair) + 0.0
            found[at] = found.get(at, 0.0) + mass
        return {at: mass for at, mass in found.items() if mass > ROUNDING}

    @functools.cached_property
    def atoms(self) -> Floats:
        return np.array(sorted(self._masses))

    @functools.cached_property
    def weights(self) -> Floats:
        return np.array([self._masses[at] for at in sorted(self._masses)])

    @functools.cached_property
    def _point_part(self) -> tuple[float, AbstractLaw | None]:
        total = float(np.sum(self.weights))
        if not total:
            return 0.0, None
        return total, Discrete(atoms=self.atoms, weights=self.weights / total)

    @functools.cached_property
    def _images(self) -> list[tuple[float, float, Piece]]:
        """Images of the pieces, ascending; those that touch but for rounding have one end."""
        images = sorted((*piece.ends, index) for index, piece in enumerate(self._pieces))
        if not images:
            return []
        touching = ROUNDING * (max(high for _, high, _ in images) - images[0][0])
        starts = np.array([low for low, _, _ in images])
        found = []
        for low, high, index in images:
            near = starts[np.abs(starts - high) <= touching]
            found.append((low, float(near[0]) if near.size else high, self._pieces[index]))
        return found

    @functools.cached_property
    def support(self) -> tuple[tuple[float, float], ...]:
        bands: list[tuple[float, float]] = []
        for low, high, _ in self._images:
            if bands and low <= bands[-1][1]:
                bands[-1] = bands[-1][0], max(bands[-1][1], high)
            else:
                bands.append((low, high))
        return tuple(bands)

    @functools.cached_property
    def _plateaus(self) -> Floats:
        masses = np.array([0.0] + [piece.mass for _, _, piece in self._images])
        highs = np.array([-np.inf] + [high for _, high, _ in self._images])
        ends = [-np.inf] + [high for _, high in self.support]
        return np.array([masses[highs <= end].sum() for end in ends])

    # On the real line.

    @functools.cached_property
    def _divergences(self) -> Floats:
        ends = np.unique([end for low, high, _ in self._images for end in (low, high)])
        return ends[np.isinf(self._density(0.0, ends))]

    def _pdf(self, x: Floats) -> Floats:
        return self._density(0.0, x)

    def _density(self, base: float, offset: Floats) -> Floats:
        density, starts = np.zeros(offset.shape), {low for low, _, _ in self._images}
        for low, high, piece in self._images:
            inside = (offset >= low - base) & (offset <= high - base)
            if high in starts:
                inside &= offset != high - base
            density[inside] += piece.density(base, offset[inside])
        return density

    def _pdf_from_edge(self, offset: Floats, edge: int) -> Floats:
        band, side = divmod(edge, 2)
        return self._density(self.support[band][side], -offset if side else offset)

    def _continuous_cdf(self, x: Floats) -> Floats:
        return sum((piece.mass_below(x) for piece in self._pieces), np.zeros(x.shape))

    # Above the real line.

    def _cauchy(self, z: Complexes) -> Complexes:
        total, points = self._point_part
        value = self._value(z)[0]
        real = z.imag == 0
        # On a band the limits of several roots come from different sides; the density knows.
        value[real] = value[real].real - 1j * np.pi * self._pdf(z.real[real])
        return value + total * points._cauchy(z) if points else value

    def _potential(self, z: Complexes) -> Complexes:
        total, points = self._point_part
        value, mass = self._value(z)[1], 1 - total
        if mass > 0:
            low, high = self.support[0][0], self.support[-1][1]
            # Whole turns of a block's determinant; its argument is near that of the ends.
            middle = (np.angle(z - low) + np.angle(z - high)) / 2
            value -= 1j * np.pi * mass * np.round((value.imag / mass - middle) / np.pi)
        if points:
            value = value + total * points._potential(z)
        real = z.imag == 0
        value[real] = value[real].real + 1j * np.pi * (1 - self._cdf(z.real[real]))
        return value

    @np.errstate(all="ignore")
    def _value(self, z: Complexes) -> tuple[Complexes, Complexes]:
        """G and U of the continuous part; U up to turns of 2 pi times the mass of a sheet.

        det(z - block) is a polynomial of degree 1 or 2 in c: the means of its logarithm and of
        that one's derivative are those of log(w - c) and 1/(w - c) at its roots w.
        """
        sheet, angle = self._sheets[0], self._angle
        mass, radius = angle.mass, angle.radius
        y = z - sheet.levels[0]
        if sheet.flat and len(self._sheets) == 1:
            eta = angle.on_circle(y / sheet.rise)
            log = np.log(sheet.rise * radius / (2 * eta) + 0j)
            return angle.cauchy(eta) / sheet.rise, mass * log + angle.log_terms(eta)
        if sheet.leading:
            half = sheet.rise * y + (sheet.tilt + sheet.bend) / 2
            root = np.sqrt(self._discriminant(y))
            root = np.where((half.conj() * root).real >= 0, root, -root)
            large = (half + root) / sheet.leading
            product = (y * y - sheet.squares[0]) / sheet.leading
            small = np.where(large == 0, 0, product / large)
            one, two = angle.on_circle(large), angle.on_circle(small)
            slope = angle.cauchy_slope(one, two)
            g = 2 / sheet.leading * (
                sheet.rise * angle.cauchy(two) - slope * (y - sheet.rise * large)
            )  # fmt: skip
            log = np.log(sheet.leading * radius * radius / (4 * one * two))
            return g, mass * log + angle.log_terms(one) + angle.log_terms(two)
        if not sheet.rise:
            eta = angle.on_circle((y * y - sheet.squares[0]) / sheet.tilt)
            log = np.log(sheet.tilt * radius / (2 * eta) + 0j)
            return angle.cauchy(eta) * 2 * y / sheet.tilt, mass * log + angle.log_terms(eta)
        return self._of_product(z)

    def _discriminant(self, y: Complexes) -> Complexes:
        """A quarter of that of det(z - block) as a polynomial in c."""
        sheet = self._sheets[0]
        linear = sheet.tilt + sheet.bend
        return (sheet.rise * linear - sheet.bend * y) * y + (
            linear * linear / 4 + sheet.leading * sheet.squares[0]
        )

    def _of_product(self, z: Complexes) -> tuple[Complexes, Complexes]:
        """Where det = z^2 - t(c) z + d, also at z = 0, where its root is infinite."""
        angle, (x, u), (y, v) = self._angle, *self._positions
        d, rise = x * u * y * v, 2 * self._sheets[0].rise
        start = 2 * self._sheets[0].levels[0]
        eta = angle.on_circle((z + d / z - start) / rise)
        eta = np.where(z == 0, 0, eta)
        (_, s, _), (_, t, _) = angle.kernels
        # z (w - c) about c = middle.
        rest = z - start - rise * (angle.middle + angle.radius * eta / 2)
        scale = d + z * rest
        ratio = rise * angle.radius / 2 / scale
        poles = (1 + s * eta) * (1 - t * eta)
        g = (rest * poles + z + d * ratio * (s - t - s * t * eta)) / (scale * poles)
        return angle.mass * g, angle.mass * np.log(scale) + angle.log_terms(eta)

    def _moments(self, n: int) -> list[float]:
        c, weights = self._angle.means(n + 1)
        rest = 1 - c
        found = self.weights @ self.atoms[:, None] ** np.arange(1, n + 1)
        for sheet in self._sheets:
            mean = sheet.levels[0] * rest + sheet.levels[1] * c
            square = sheet.squares[0] * rest + sheet.squares[1] * c + sheet.bend * c * rest
            x = mean + sheet.sign * np.sqrt(np.maximum(square, 0))
            found = found + weights @ x[:, None] ** np.arange(1, n + 1)
        return [float(m) for m in found]

    def _summands(self) -> tuple[tuple[AbstractLaw, float], ...]:
        return self.generic._summands() if self.operation is SUM else super()._summands()

    def _factors_of_product(self, scale: float = 1.0) -> Factors:
        if self.operation is PRODUCT:
            return self.generic._factors_of_product(scale)
        return super()._factors_of_product(scale)

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """The operation on two rotated matrices."""
        return self.generic.matrix(n, rng)
