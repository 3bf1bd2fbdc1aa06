"""Laws of functions of a variable, pushed forward piece by piece where a map is monotone."""

import functools
import itertools
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract import real_line
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import hull
from mvtheory.laws.solvers.powers import Part, valued_chart
from mvtheory.laws.solvers.transported import TransportedLaw, merged

HEIGHTS = (1e-5, 1e-7)
"""Shares of a band at which densities are asked how they grow: twice is between 1 and 100^(1/4)."""
GROWN = 2.0
ASIDE = 1e-12
"""Share of a piece from its end at which 0 times infinity is taken."""
SAME = 1e-14
"""Images over their size that are one atom."""


@dataclass(frozen=True)
class Piece:
    """An interval of the law's hull, and the values of the map at its ends."""

    low: float
    high: float
    at_low: float
    at_high: float

    @property
    def rises(self) -> bool:
        return self.at_high > self.at_low


class ImageLaw(TransportedLaw):
    """The law of T(X), T monotone on finitely many pieces that hold the law of X."""

    law: AbstractLaw

    @functools.cached_property
    @abstractmethod
    def _knots(self) -> Floats:
        """Ascending: the hull of the law with the ends of its pieces; none inside of bands where
        the map is infinite."""

    @abstractmethod
    def _map(self, x: Floats) -> Floats:
        """T at real points."""

    @abstractmethod
    def _slope(self, x: Floats) -> Floats:
        """T' at real points."""

    @abstractmethod
    def _preimage(self, y: Floats, piece: Piece) -> Floats:
        """The point of a piece with T(x) = y, for y between the values at its ends."""

    @property
    def _critical(self) -> Floats:
        """Points at which the map stands still."""
        return np.empty(0)

    @functools.cached_property
    def _pieces(self) -> list[Piece]:
        """With mass, each in the part of the hull that bands of the law cover."""
        found = []
        for band in self.law.support:
            inner = self._knots[(self._knots > band[0]) & (self._knots < band[1])]
            for low, high in itertools.pairwise([band[0], *inner.tolist(), band[1]]):
                at_low, at_high = map(float, self._map(np.array([low, high])))
                found.append(Piece(low, high, at_low, at_high))
        return [piece for piece in found if piece.at_low != piece.at_high]

    @functools.cached_property
    def support(self) -> tuple[tuple[float, float], ...]:
        ends = [(piece.at_low, piece.at_high) for piece in self._pieces]
        return merged([(min(pair), max(pair)) for pair in ends])

    @functools.cached_property
    def _masses(self) -> tuple[Floats, Floats]:
        if not self.law.atoms.size:
            return np.empty(0), np.empty(0)
        image = self._map(self.law.atoms)
        order = np.argsort(image)
        image, mass = image[order], self.law.weights[order]
        first = np.append(True, np.diff(image) > SAME * np.abs(image).max())
        return image[first], np.add.reduceat(mass, np.flatnonzero(first))

    @property
    def error_estimate(self) -> float:
        return self.law.error_estimate

    @functools.cached_property
    def _divergences(self) -> Floats:
        """Images of infinite densities and of points where the map stands still, unless the
        density beside them does not grow."""
        x = self._critical
        inside = self.law._band(x) >= 0
        candidates = np.unique(self._map(np.concatenate([self.law._divergences, x[inside]])))
        return np.array([x for x in candidates if self._grows(x)])

    def _grows(self, x: float) -> bool:
        low, high = hull(self)
        steps = (high - low) * np.array(HEIGHTS)
        near = self._sum_of_densities(np.concatenate([x - steps, x + steps])).reshape(2, 2)
        return bool((near[:, 1] > GROWN * near[:, 0]).any())

    def _pdf(self, x: Floats) -> Floats:
        return self._sum_of_densities(x)

    def _preimages(self, y: Floats) -> Iterator[tuple[Piece, NDArray[np.intp], Floats]]:
        """The pieces with the places of the points that are their images, and whence."""
        for piece in self._pieces:
            least, most = sorted((piece.at_low, piece.at_high))
            here = np.flatnonzero((y >= least) & (y <= most))
            yield piece, here, self._preimage(y[here], piece)

    def _sum_of_densities(self, x: Floats) -> Floats:
        total = np.zeros(x.shape)
        for piece, here, inner in self._preimages(x):
            total[here] += self._density_over_slope(inner, piece)
        return total

    @np.errstate(divide="ignore", invalid="ignore")
    def _density_over_slope(self, x: Floats, piece: Piece) -> Floats:
        value = real_line.density(self.law, x) / np.abs(self._slope(x))
        lost = np.flatnonzero(~np.isfinite(value))
        if lost.size:
            # A limit of 0 times infinity: what it is a little further in.
            way = np.where(2 * x[lost] < piece.low + piece.high, ASIDE, -ASIDE)
            inner = x[lost] + way * (piece.high - piece.low)
            value[lost] = real_line.density(self.law, inner) / np.abs(self._slope(inner))
        return value

    @functools.cached_property
    def _valued_chart(self) -> Chart:
        # Of a map that does not turn the density is a root at each end, as the law's is, or
        # infinite like 1/root; of one that turns it has other singularities.
        parts: list[Part] = []
        for piece in self._pieces:
            low, high = sorted((piece.at_low, piece.at_high))
            parts.append((low, high, functools.partial(self._of_piece, piece), True))
        return valued_chart(self, parts)

    def _of_piece(self, piece: Piece, y: Floats) -> Floats:
        """A piece's part of the density."""
        return self._density_over_slope(self._preimage(y, piece), piece)

    def _continuous_cdf(self, x: Floats) -> Floats:
        total = np.zeros(x.shape)
        for piece, here, inner in self._preimages(x):
            total += self._mass_below(x, piece, here, self.law._continuous_cdf(inner))
        return total

    def _mass_below(self, x: Floats, piece: Piece, here: NDArray[np.intp], inner: Floats) -> Floats:
        """Of a piece, by the masses of the law up to the preimages of some of the points."""
        bottom, top = self.law._continuous_cdf(np.array([piece.low, piece.high]))
        total = np.where(x >= max(piece.at_low, piece.at_high), top - bottom, 0.0)
        total[here] = np.clip(inner - bottom if piece.rises else top - inner, 0, top - bottom)
        return total

    def _pdf_and_cdf(self, x: Floats) -> tuple[Floats, Floats]:
        density, mass = np.zeros((2, *x.shape))
        for piece, here, inner in self._preimages(x):
            density[here] += self._density_over_slope(inner, piece)
            mass += self._mass_below(x, piece, here, self.law._continuous_cdf(inner))
        return density, mass

    def _inner_cauchy(self, x: Complexes, rises: Complexes) -> Complexes:
        """G of the law at points on either side of the real line; on it from above where the map
        rises, else from below."""
        below = (x.imag < 0) | ((x.imag == 0) & (rises.real < 0))
        value = real_line.cauchy(self.law, np.where(x.imag < 0, x.conj(), x) + 0.0)
        return np.where(below, value.conj(), value)

    def _inner_potential(self, x: Complexes) -> Complexes:
        """U of the law on either side of the real line."""
        value = real_line.potential(self.law, np.where(x.imag < 0, x.conj(), x) + 0.0)
        return np.where(x.imag < 0, value.conj(), value)
