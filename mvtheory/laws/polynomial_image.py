"""The law of a polynomial of one variable."""

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import polynomial as poly
from numpy.typing import ArrayLike

from mvtheory import arrays
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart, Four, ValuedChart, reflected
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import hull
from mvtheory.laws.discrete import simplest
from mvtheory.laws.free.operands import checked
from mvtheory.laws.solvers.elementary import turned
from mvtheory.laws.solvers.image import ImageLaw, Piece
from mvtheory.laws.solvers.powers import chart_of_values

HIGHEST = 20
"""Degrees: the zeros of higher ones lose the digits of their coefficients."""
STEPS = 60
ROUNDING = 4e-16
REAL = 1e-6
"""Imaginary part of a critical point, over the size of all, at which it divides pieces too."""


def polynomial_image(law: AbstractLaw, coefficients: ArrayLike) -> AbstractLaw:
    """The law of c_0 + c_1 X + ... + c_k X^k: of a polynomial of one matrix.

    Parameters
    ----------
    law : AbstractLaw
        Of X.
    coefficients : array_like, shape (k + 1,)
        Ascending, finite; after zeros at the end are left out, 1 <= k <= 20.

    Returns
    -------
    AbstractLaw

    Raises
    ------
    ValueError
        For a constant, and for a degree above 20.

    Notes
    -----
    Ours, elementary: G(z) is the sum of G_X(x)/p'(x) over the k solutions of p(x) = z.

    Examples
    --------
    >>> from mvtheory.laws import Semicircle, polynomial_image
    >>> law = polynomial_image(Semicircle(variance=2), [1, -1, 0.5])
    >>> print([f"{x:.6f}" for x in law.support[0]], f"{law.moment(1):.6f}")
    ['0.500000', '7.828427'] 2.000000
    """
    checked(law)
    c = arrays.real(coefficients, "coefficients")
    used = np.trim_zeros(c, "b") if c.ndim == 1 else c
    if c.ndim != 1 or not np.isfinite(c).all() or not 2 <= used.size <= HIGHEST + 1:
        raise ValueError(
            f"coefficients={c.tolist()!r} are not allowed (polynomial: finite real numbers, "
            f"ascending, degree 1 to {HIGHEST}); for a constant take Discrete, for other functions "
            "a polynomial near them"
        )
    if used.size == 2:
        return float(used[1]) * law + float(used[0])
    return simplest(PolynomialImage(law=law, coefficients=tuple(used.tolist())))


def square(law: AbstractLaw) -> AbstractLaw:
    """The law of X^2: of squared matrices.

    Parameters
    ----------
    law : AbstractLaw
        Of X.

    Returns
    -------
    AbstractLaw

    References
    ----------
    [rao2008]_.

    Examples
    --------
    >>> from mvtheory.laws import Semicircle, square
    >>> law = square(Semicircle(variance=2))  # Marchenko-Pastur, q = 1
    >>> print(f"{law.support[0][1]:.6f} {law.moment(2):.6f} {law.pdf(2):.6f}")
    8.000000 8.000000 0.137832
    """
    return polynomial_image(law, [0, 0, 1])


@dataclass(frozen=True, kw_only=True)
class PolynomialImage(ImageLaw):
    """The law of p(X), p of degree 2 at least, its coefficients ascending."""

    law: AbstractLaw
    coefficients: tuple[float, ...]

    @functools.cached_property
    def _derivative(self) -> Floats:
        return poly.polyder(np.array(self.coefficients))

    @functools.cached_property
    def _critical(self) -> Floats:
        """Real critical points, and some more, which do no harm."""
        roots = poly.polyroots(self._derivative)
        return np.sort(np.real(roots)[np.abs(roots.imag) <= REAL * np.abs(roots).max()])

    @functools.cached_property
    def _knots(self) -> Floats:
        low, high = hull(self.law)
        inner = self._critical[(self._critical > low) & (self._critical < high)]
        return np.concatenate([[low], inner, [high]])

    def _map(self, x: Floats) -> Floats:
        return np.asarray(poly.polyval(x, self.coefficients), dtype=float)

    def _slope(self, x: Any) -> Any:
        return poly.polyval(x, self._derivative)

    @functools.cached_property
    def _vertex(self) -> tuple[float, float]:
        """Of a parabola."""
        c = self.coefficients
        x = -c[1] / (2 * c[2])
        return x, math.fsum([c[0], -c[2] * x * x])

    def _preimage(self, y: Floats, piece: Piece) -> Floats:
        if len(self.coefficients) == 3:
            vertex, lowest = self._vertex
            way = np.sqrt(np.maximum((y - lowest) / self.coefficients[2], 0))
            right = piece.low + piece.high > 2 * vertex
            return np.clip(vertex + (way if right else -way), piece.low, piece.high)
        # About the nearer end, so that nothing cancels beside it.
        x: Floats = np.empty(y.shape)
        length, nearer = (
            piece.high - piece.low,
            np.abs(y - piece.at_low) < np.abs(y - piece.at_high),
        )
        x[nearer] = piece.low + self._way(y[nearer] - piece.at_low, piece.low, length)
        x[~nearer] = piece.high + self._way(y[~nearer] - piece.at_high, piece.high, -length)
        return x

    def _way(self, goal: Floats, end: float, length: float) -> Floats:
        """h between 0 and the length with p(end + h) - p(end) = goal: Newton inside of brackets, in
        logarithms, between which a power is linear however close the end."""
        powers = self._about(end) * length ** np.arange(len(self.coefficients))
        slopes, sign = poly.polyder(powers), np.sign(np.sum(powers))
        low, high = np.zeros(goal.shape), np.ones(goal.shape)
        t = np.full(goal.shape, 0.5)
        for _ in range(STEPS):
            value = poly.polyval(t, powers)
            below = sign * (value - goal) < 0
            low, high = np.where(below, t, low), np.where(below, high, t)
            with np.errstate(all="ignore"):
                steep = t * poly.polyval(t, slopes) / value
                new = t * np.exp(-np.log(value / goal) / steep)
            new = np.where((new > low) & (new < high), new, (low + high) / 2)
            settled = np.abs(new - t) <= ROUNDING * t
            t = new
            if settled.all():
                break
        return np.where(goal == 0, 0.0, length * t)

    def _about(self, x: float) -> Floats:
        """Coefficients in powers of the distance from x, less the value there."""
        rows, c = [], np.array(self.coefficients)
        for k in range(1, c.size):
            c = poly.polyder(c) / k
            rows.append(float(poly.polyval(x, c)))
        return np.array([0.0, *rows])

    # Off the real line: all solutions of p(x) = z.

    def _solutions(self, z: Complexes) -> Complexes:
        """Shape (k, n); at real z the real ones are real."""
        c = np.array(self.coefficients)
        degree = c.size - 1
        if degree == 2:
            vertex, lowest = self._vertex
            way = np.sqrt((z - lowest) / c[2])
            return np.array([vertex + way, vertex - way])
        companion = np.zeros((z.size, degree, degree), dtype=complex)
        companion[:, np.arange(1, degree), np.arange(degree - 1)] = 1
        companion[:, :, -1] = -c[:-1] / c[-1]
        companion[:, 0, -1] += z / c[-1]
        roots: Complexes = np.linalg.eigvals(companion).T
        order = np.argsort(np.abs(roots.imag), axis=0)
        roots = np.take_along_axis(roots, order, axis=0)
        real = (z.imag == 0) & (np.arange(degree)[:, None] < self._count(z.real))
        for _ in range(3):
            roots = np.where(real, roots.real, roots)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = (poly.polyval(roots, c) - z) / self._slope(roots)
            # Beside a critical point Newton's method has nothing to add.
            good = np.abs(step) < 1e-3 * (np.abs(roots) + np.abs(roots).max(axis=0))
            roots = roots - np.where(good, step, 0)
        return roots

    def _count(self, y: Floats) -> Floats:
        """Real solutions of p(x) = y, by the signs of p - y at critical points and far out."""
        lead, degree = self.coefficients[-1], len(self.coefficients) - 1
        signs = np.sign(self._map(self._critical)[:, None] - y)
        ends = np.broadcast_to(np.sign(lead), (1, y.size))
        signs = np.concatenate([(-1) ** degree * ends, signs, ends])
        return np.sum(signs[1:] * signs[:-1] < 0, axis=0) + 2 * np.sum(signs[1:-1] == 0, axis=0)

    def _cauchy(self, z: Complexes) -> Complexes:
        total = np.zeros(z.shape, dtype=complex)
        for x in self._solutions(z):
            slope = self._slope(x)
            with np.errstate(divide="ignore", invalid="ignore"):
                total += self._inner_cauchy(x, slope) / slope
        return total

    @functools.cached_property
    def _valued_chart(self) -> Chart:
        return _PolynomialChart(self)

    def _potential(self, z: Complexes) -> Complexes:
        """log(z - p(X)) is that of +- the highest coefficient and of all x - X, but for turns."""
        degree = len(self.coefficients) - 1
        value = np.full(z.shape, np.log(complex((-1) ** (degree + 1) * self.coefficients[-1])))
        for x in self._solutions(z):
            value = value + self._inner_potential(x)
        return turned(value)

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """The polynomial of a matrix of the law."""
        x = self.law.matrix(n, rng)
        total = self.coefficients[-1] * np.eye(n)
        for c in reversed(self.coefficients[:-1]):
            total = total @ x + c * np.eye(n)
        return (total + total.conj().T) / 2


class _PolynomialChart(ValuedChart):
    """w = z, with the slopes that the chart of the law gives."""

    @functools.cached_property
    def _inner(self) -> ValuedChart:
        return chart_of_values(self.law.law)

    def at(self, w: Complexes) -> Four:
        g, slope = reflected(self._value_and_slope, w, 2)
        return w, 1.0, g, slope

    def _value_and_slope(self, z: Complexes) -> Complexes:
        """Sums of G/p' and of its derivative over all x with p(x) = z, shape (2, n)."""
        law, total = self.law, np.zeros((2, *z.shape), dtype=complex)
        bend = poly.polyder(law._derivative)
        with np.errstate(divide="ignore", invalid="ignore"):
            for x in law._solutions(z):
                first, second = law._slope(x), poly.polyval(x, bend)
                # On the real line from above where the polynomial rises, else from below.
                below = (x.imag < 0) | ((x.imag == 0) & (first.real < 0))
                _, _, g, dg = self._inner.at(np.where(x.imag < 0, x.conj(), x) + 0.0)
                g, dg = np.where(below, g.conj(), g), np.where(below, dg.conj(), dg)
                total += np.array([g / first, (dg - g * second / first) / first**2])
        return total
