"""What every spectral law offers, and how it follows from its Cauchy transform."""

import functools
import math
import numbers
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mvtheory import arrays
from mvtheory.laws.contract import distribution, real_line, shown
from mvtheory.laws.contract.contour import contour_moments
from mvtheory.laws.contract.cumulants import cumulants_from_moments, moments_from_cumulants
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.quantile import quantile
from mvtheory.laws.contract.shapes import Complexes, Floats, above, pointwise
from mvtheory.laws.contract.spectrum import hull


class SpectralLaw(ABC):
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

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(shown.in_two_lines(self))

    def _repr_html_(self) -> str:
        return shown.html(self)

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
        order = _whole(n, 0)
        return float(self._moments(order)[-1]) if order else 1.0

    # Properties, for a law may have a parameter `mean`: one with a default stands before them.
    @property
    def mean(self) -> float:
        """E[X]."""
        return self.moment(1)

    @property
    def var(self) -> float:
        """E[(X - mean)^2], in closed form where the law has free cumulants: it is the second."""
        return self._variance()

    @property
    def std(self) -> float:
        """The square root of `var`."""
        return math.sqrt(max(self.var, 0.0))

    def free_cumulant(self, n: int) -> float:
        """The n-th free cumulant, n >= 1: mean, variance, then what free sums add up."""
        return float(self._cumulants(_whole(n, 1))[-1])

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

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """A real symmetric n x n matrix whose spectrum tends to the law: quantiles, rotated."""
        size, generator = _whole(n, 1), np.random.default_rng(rng)
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
        return distribution.band_of(self, x)

    def _cdf(self, x: Floats, side: str = "right") -> Floats:
        before = np.concatenate([[0.0], np.cumsum(self.weights)])
        jumps = before[np.searchsorted(self.atoms, x, side="right" if side == "right" else "left")]
        return np.clip(self._continuous_cdf(x) + jumps, 0, 1)

    def _continuous_cdf(self, x: Floats) -> Floats:
        """Mass of the continuous part up to x."""
        return distribution.continuous_cdf(self, x)

    @functools.cached_property
    def _plateaus(self) -> Floats:
        """Continuous mass up to the end of each interval, from 0 to 1 - sum(weights)."""
        return distribution.plateaus(self)

    def _pdf_and_cdf(self, x: Floats) -> tuple[Floats, Floats]:
        """Both parts of the continuous law; overridden where one solution gives both."""
        return real_line.density(self, x), self._continuous_cdf(x)

    def _ppf(self, p: Floats) -> Floats:
        return quantile(self, p)

    @functools.cached_property
    def _quantile_nodes(self) -> dict[int, tuple[Floats, Floats]]:
        return {}

    @functools.cached_property
    def _sampler(self) -> tuple[Floats, Floats]:
        """Nodes (probability, x) of the quantile function."""
        return distribution.quantile_table(self)

    def _cumulants(self, n: int) -> list[Any]:
        triplet = self.levy()
        if triplet is not None:
            return [triplet.cumulant(k) for k in range(1, n + 1)]
        return cumulants_from_moments(self._moments(n))

    def _variance(self) -> float:
        return float(self._cumulants(2)[1])

    def _moments(self, n: int) -> list[Any]:
        if self.levy() is not None:
            return moments_from_cumulants(self._cumulants(n))
        return self._contour_moments(n)

    def _contour_moments(self, n: int) -> list[float]:
        return contour_moments(self, n)


def _whole(n: Any, least: int) -> int:
    if isinstance(n, bool) or not isinstance(n, numbers.Integral) or n < least:
        raise ValueError(
            f"n={n!r} is not allowed (whole number: n >= {least}); choose one in this range"
        )
    return int(n)
