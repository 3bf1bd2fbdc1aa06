"""What every spectral law offers, and how it follows from its Cauchy transform."""

import functools
import math
import numbers
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mvtheory import arrays
from mvtheory.laws import real_line
from mvtheory.laws.cumulants import cumulants_from_moments, moments_from_cumulants
from mvtheory.laws.levy import Levy
from mvtheory.laws.shapes import above, pointwise
from mvtheory.multiprecision import NoConvergence

if TYPE_CHECKING:
    from mvtheory.laws.affine import Affine

Floats = NDArray[np.float64]
# Complex in meaning; numpy's stubs lose the kind in most operations.
Complexes = NDArray[Any]
QUANTILES = 8192
"""Cells of equal mass in the table that samples are drawn from: each holds less mass than the
noise of a million samples."""


class AbstractLaw(ABC):
    r"""A probability law on the real line, as the limiting spectrum of random matrices.

    Conventions: G(z) = E[1/(z - X)], so Im G < 0 above the real line and the density is
    -Im G(x + i0)/pi (other packages use m = -G). U(z) = E[log(z - X)] is its primitive; its real
    part is the log potential and 1 - Im U(x + i0)/pi the distribution function.

    `support` holds the intervals of the continuous part, ascending; `atoms` and `weights` the
    point masses. A law gives those three and `_cauchy` and `_potential` above and on the real
    line; everything else follows, and is overridden where a closed form is better. Underscored
    methods take and return one-dimensional arrays without NaN; what a law is at its atoms, where
    its density diverges and off its support is decided in `real_line`, not by them.
    """

    __array_ufunc__ = None  # numpy scalars leave `2 * law` to the law

    @property
    @abstractmethod
    def support(self) -> tuple[tuple[float, float], ...]:
        """Intervals (low, high) of the continuous part, ascending."""

    @functools.cached_property
    def atoms(self) -> Floats:
        """Positions of the point masses, shape (n,), ascending."""
        return np.empty(0)

    @functools.cached_property
    def weights(self) -> Floats:
        """Masses of the point masses, shape (n,)."""
        return np.empty(0)

    @functools.cached_property
    def _divergences(self) -> Floats:
        """Points of the support at which the density is infinite."""
        return np.empty(0)

    @abstractmethod
    def _cauchy(self, z: Complexes) -> Complexes: ...

    @abstractmethod
    def _potential(self, z: Complexes) -> Complexes: ...

    @property
    def error_estimate(self) -> float:
        """Estimated largest error of the distribution function; rounding for closed forms."""
        return 1e-15

    def levy(self, number: Callable[[Any], Any] = float) -> Levy | None:
        """The free Levy triplet in numbers of the given kind; None if there is none in rates."""
        return None

    def __mul__(self, scale: float) -> "Affine":
        return _affine(self, scale, 0.0)

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> "Affine":
        return _affine(self, 1 / divisor, 0.0)

    def __add__(self, shift: float) -> "Affine":
        return _affine(self, 1.0, shift)

    __radd__ = __add__

    def __sub__(self, shift: float) -> "Affine":
        return _affine(self, 1.0, -shift)

    def __rsub__(self, shift: float) -> "Affine":
        return _affine(self, -1.0, shift)

    def __neg__(self) -> "Affine":
        return _affine(self, -1.0, 0.0)

    def pdf(self, x: ArrayLike) -> Any:
        """Density of the continuous part at real points; 0 off the support, NaN at NaN.

        Infinite where it diverges, as at the ends of an arcsine law.
        """
        return pointwise(functools.partial(real_line.density, self), self._finite(x))

    def cdf(self, x: ArrayLike, side: str = "right") -> Any:
        """P(X <= x), or P(X < x) for `side="left"`: they differ at atoms."""
        if side not in ("left", "right"):
            raise ValueError(
                f"side={side!r} is not allowed (limit at atoms: 'left' or 'right'); choose one"
            )
        return pointwise(lambda points: self._cdf(points, side), self._finite(x))

    def _finite(self, x: ArrayLike) -> Floats:
        """Infinite points moved to just outside the spectrum, where the law is the same."""
        points = arrays.real(x, "x")
        if not np.isinf(points).any():
            return points
        low, high = hull(self)
        beyond = 1 + abs(low) + abs(high)
        points = np.where(points == np.inf, high + beyond, points)
        return np.where(points == -np.inf, low - beyond, points)

    def ppf(self, probability: ArrayLike) -> Any:
        """Smallest x with P(X <= x) >= probability, for probabilities in [0, 1]."""
        p = arrays.real(probability, "probability")
        bad = (p < 0) | (p > 1)
        if bad.any():
            raise ValueError(
                f"probability={float(p[bad].flat[0])!r} is not allowed (probability: real, "
                "0 <= probability <= 1); choose a value in this range"
            )
        return pointwise(self._ppf, p)

    def rvs(
        self, size: int | tuple[int, ...] | None = None, rng: np.random.Generator | None = None
    ) -> Any:
        """Independent samples of the given shape; a float if `size` is None."""
        uniform = np.random.default_rng(rng).random(size)
        probability, x = self._sampler
        return np.interp(uniform, probability, x)

    def moment(self, n: int) -> float:
        """E[X^n], n a whole number >= 0."""
        order = _order(n, 0)
        return float(self._moments(order)[-1]) if order else 1.0

    def free_cumulant(self, n: int) -> float:
        """The n-th free cumulant, n >= 1: mean, variance, then what free sums add up."""
        return float(self._cumulants(_order(n, 1))[-1])

    def cauchy(self, z: ArrayLike) -> Any:
        """G(z) = E[1/(z - X)]; real z takes the limit from above, where Im G <= 0.

        Real off the support; -inf i at atoms and where the density diverges.
        """
        return above(functools.partial(real_line.cauchy, self), z)

    def potential(self, z: ArrayLike) -> Any:
        """U(z) = E[log(z - X)] in the principal branch; real z takes the limit from above.

        At real x it is `log_potential(x)` + i pi (1 - cdf(x)).
        """
        return above(functools.partial(real_line.potential, self), z)

    def log_potential(self, x: ArrayLike) -> Any:
        """E[log|x - X|] at real or complex points; -inf at atoms.

        At 0 it is the log determinant of the matrices per dimension.
        """
        return np.real(above(functools.partial(real_line.log_potential, self), x))

    def r_transform(self, g: ArrayLike) -> Any:
        """R(g) with G(R(g) + 1/g) = g, for real g from 0 on up to the first singularity.

        At least between the values of G at the ends of the spectrum; ValueError beyond.
        """
        from mvtheory.laws.transforms import r_transform

        return pointwise(lambda points: r_transform(self, points), g, "g")

    def s_transform(self, y: ArrayLike) -> Any:
        """S(y) = (1 + y) z/y at E[zX/(1 - zX)] = y, with z real and continued from 0 on.

        ValueError for a law of mean 0, which has none, and at y that no such z reaches: a law of
        both signs has a least y, where the derivative in z vanishes.
        """
        from mvtheory.laws.transforms import s_transform

        return pointwise(lambda points: s_transform(self, points), y, "y")

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """A real symmetric n x n matrix whose spectrum tends to the law: quantiles, rotated."""
        size, generator = _order(n, 1), np.random.default_rng(rng)
        q, r = np.linalg.qr(generator.standard_normal((size, size)))
        rotation = q * np.sign(np.diag(r))
        values = np.asarray(self.ppf((np.arange(size) + 0.5) / size))
        product = (rotation * values) @ rotation.T
        return (product + product.T) / 2

    def pdf_from_edge(self, offset: ArrayLike, edge: int | float) -> Any:
        """Density at a distance from an edge, where the rounding of x itself would dominate.

        Parameters
        ----------
        offset : array_like
            Distance from the edge into its band, >= 0.
        edge : int or float
            The edge's place in the ascending list of all edges (0 is the lowest, -1 the
            highest), or its position.
        """
        distance = arrays.real(offset, "offset")
        if (distance < 0).any():
            raise ValueError(
                f"offset={float(distance[distance < 0].flat[0])!r} is not allowed (distance from "
                "the edge into its band: real, 0 <= offset); count it inwards"
            )
        index = self._edge(edge)
        return pointwise(lambda points: self._pdf_from_edge(points, index), distance)

    def _edge(self, edge: int | float) -> int:
        edges = np.array(self.support).ravel()
        if isinstance(edge, numbers.Integral):
            if -edges.size <= edge < edges.size:
                return int(edge) % edges.size
        elif edges.size:
            index = int(np.argmin(np.abs(edges - edge)))
            if abs(edges[index] - edge) <= 1e-9 * np.ptp(edges):
                return index
        raise ValueError(
            f"edge={edge!r} is not allowed (edge of the support: an index of, or one of, "
            f"{edges.tolist()}); choose one of them"
        )

    def _pdf_from_edge(self, offset: Floats, edge: int) -> Floats:
        band, side = divmod(edge, 2)
        low, high = self.support[band]
        return real_line.density(self, high - offset if side else low + offset)

    def _pdf(self, x: Floats) -> Floats:
        """Density at points of the support where it is finite."""
        return -self._cauchy(x.astype(complex)).imag / np.pi

    def _band(self, x: Floats) -> NDArray[np.intp]:
        """Index of the interval of the support that holds x, else -1."""
        edges = np.array(self.support).ravel()
        place = np.searchsorted(edges, x, side="right")
        # The right end belongs to its interval; touching intervals share it.
        place = np.where((place % 2 == 0) & np.isin(x, edges[1::2]), place - 1, place)
        return np.where(place % 2 == 1, place // 2, -1)

    def _cdf(self, x: Floats, side: str = "right") -> Floats:
        before = np.concatenate([[0.0], np.cumsum(self.weights)])
        jumps = before[np.searchsorted(self.atoms, x, side="right" if side == "right" else "left")]
        return np.clip(self._continuous_cdf(x) + jumps, 0, 1)

    def _continuous_cdf(self, x: Floats) -> Floats:
        """Mass of the continuous part up to x: the exact plateaus between the bands."""
        plateaus, band = self._plateaus, self._band(x)
        edges = np.array(self.support).ravel()
        mass = plateaus[(np.searchsorted(edges, x, side="right") + 1) // 2]
        ends = np.array(self.support).reshape(-1, 2)[band]
        at_low, at_high = (band >= 0) & (x <= ends[:, 0]), (band >= 0) & (x >= ends[:, 1])
        mass[at_low], mass[at_high] = plateaus[band[at_low]], plateaus[band[at_high] + 1]
        inside = (band >= 0) & ~at_low & ~at_high
        points = x[inside]
        total = 1 - self._potential(points.astype(complex)).imag / np.pi
        jumps = np.concatenate([[0.0], np.cumsum(self.weights)])
        inner = total - jumps[np.searchsorted(self.atoms, points, side="left")]
        mass[inside] = np.clip(inner, plateaus[band[inside]], plateaus[band[inside] + 1])
        return mass

    @functools.cached_property
    def _plateaus(self) -> Floats:
        """Continuous mass up to the end of each interval, from 0 to 1 - sum(weights)."""
        gaps = [(a[1], b[0]) for a, b in zip(self.support, self.support[1:], strict=False)]
        full = 1 - float(np.sum(self.weights))
        if not gaps:
            return np.array([0.0, full])[: 1 + len(self.support)]
        inner = [self._mass_below(low, high) for low, high in gaps]
        return np.concatenate([[0.0], np.clip(inner, 0, full), [full]])

    def _mass_below(self, low: float, high: float) -> float:
        """Continuous mass below a gap. There U' = G is real: at x + ih the argument of U has grown
        by h G, up to h^3. Where one point finds no solution, another does."""
        atoms = np.concatenate([[0.0], np.cumsum(self.weights)])
        for share in (0.4567, 0.2941, 0.7373, 0.1137, 0.9011):
            x, h = low + share * (high - low), 1e-5 * (high - low)
            z = np.array([x + 1j * h])
            try:
                grown = (self._potential(z).imag - h * self._cauchy(z).real)[0]
            except NoConvergence as failure:
                reason = failure
                continue
            return float(1 - grown / np.pi - atoms[np.searchsorted(self.atoms, x)])
        raise reason

    def _pdf_and_cdf(self, x: Floats) -> tuple[Floats, Floats]:
        """Both parts of the continuous law; overridden where one solution gives both."""
        return real_line.density(self, x), self._continuous_cdf(x)

    def _ppf(self, p: Floats) -> Floats:
        from mvtheory.laws.quantile import quantile

        return quantile(self, p)

    @functools.cached_property
    def _quantile_nodes(self) -> dict[int, tuple[Floats, Floats]]:
        return {}

    @functools.cached_property
    def _sampler(self) -> tuple[Floats, Floats]:
        """Nodes (probability, x) of the quantile function, doubled at atoms and gaps."""
        inner = np.linspace(0, 1, QUANTILES + 1)
        left = np.asarray(self.cdf(self.atoms, "left"))
        right = np.asarray(self.cdf(self.atoms, "right"))
        starts = np.array([low for low, _ in self.support])
        ends = np.array([high for _, high in self.support])
        probability = np.concatenate(
            [inner, left, right, self._cdf(starts), self._cdf(ends, "left")]
        )
        x = np.concatenate([self._ppf(inner), self.atoms, self.atoms, starts, ends])
        # By probability, then by position, so that a jump of the quantile is one vertical step.
        order = np.lexsort((x, probability))
        return probability[order], np.maximum.accumulate(x[order])

    def _cumulants(self, n: int) -> list[Any]:
        triplet = self.levy()
        if triplet is not None:
            return [triplet.cumulant(k) for k in range(1, n + 1)]
        return cumulants_from_moments(self._moments(n))

    def _moments(self, n: int) -> list[Any]:
        if self.levy() is not None:
            return moments_from_cumulants(self._cumulants(n))
        return self._contour_moments(n)

    def _contour_moments(self, n: int) -> list[float]:
        """E[X^k] = (1/2 pi i) of the integral of z^k G(z) around the spectrum: exponentially
        exact on a circle, so 4 n + 128 points are enough."""
        ends = np.concatenate([np.array(self.support).ravel(), self.atoms])
        centre, radius = (ends.max() + ends.min()) / 2, float(np.ptp(ends)) / 2 or 1.0
        angle = (np.arange(2 * n + 64) + 0.5) * np.pi / (2 * n + 64)
        circle = 1.5 * radius * np.exp(1j * angle)
        values = self._cauchy(centre + circle) * circle
        central = [float(np.mean(values * circle**k).real) for k in range(n + 1)]
        # Powers about the centre keep their digits; the centre is added afterwards.
        return [
            math.fsum(math.comb(k, j) * central[j] * centre ** (k - j) for j in range(k + 1))
            for k in range(1, n + 1)
        ]


def hull(law: AbstractLaw) -> tuple[float, float]:
    """The least interval that holds the spectrum, atoms included."""
    ends = np.concatenate([np.array(law.support).ravel(), law.atoms])
    return float(ends.min()), float(ends.max())


def _order(n: Any, least: int) -> int:
    if isinstance(n, bool) or not isinstance(n, numbers.Integral) or n < least:
        raise ValueError(
            f"n={n!r} is not allowed (whole number: n >= {least}); choose one in this range"
        )
    return int(n)


def _affine(law: AbstractLaw, scale: Any, shift: Any) -> "Affine":
    from mvtheory.laws.affine import Affine

    if isinstance(scale, AbstractLaw) or isinstance(shift, AbstractLaw):
        raise TypeError("the sum of two free variables is free_add(a, b), their product "
                        "free_multiply(a, b)")  # fmt: skip
    return Affine(law=law, scale=scale, shift=shift)


__all__ = ["AbstractLaw", "Complexes", "Floats", "NoConvergence"]
