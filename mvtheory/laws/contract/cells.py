"""Bands divided into cells, over which a density is integrated whatever it does at the ends."""

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.contract.spectrum import Spectrum

CELLS, SHRINKING = 16, 8
"""Of a band; by what the first and the last are divided again and again."""
ROUNDING = 1e-12
"""Of masses and of numbers over their size: some thousand roundings of doubles."""


class Distribution(Spectrum, Protocol):
    """A law with its distribution function."""

    @property
    def _divergences(self) -> Floats: ...

    def cdf(self, x: ArrayLike, side: str = "right") -> Any: ...


@dataclass(frozen=True)
class HalfBand:
    """Half a band, or of the part of it between infinite densities: x = end + width sin^2(angle/2),
    in which ends of square-root kind are smooth; a negative width goes down from the end."""

    law: Distribution
    end: float
    width: float

    def _place(self, angle: Floats) -> Floats:
        return self.end + self.width * np.sin(angle / 2) ** 2

    def _beyond(self, x: ArrayLike) -> Any:
        side = "right" if self.width > 0 else "left"
        return np.abs(self.law.cdf(x, side=side) - self.law.cdf(self.end, side=side))

    @functools.cached_property
    def angles(self) -> Floats:
        """Where cells meet, ascending. Towards the end they shrink as far as there is mass and x is
        known: a rule that does not see the end is good for each, however the density rises."""
        small = np.pi / CELLS * SHRINKING ** -np.arange(1.0, 160)
        offset = np.abs(self._place(small) - self.end)
        small = small[offset > max(2**20 * np.spacing(abs(self.end)), 1e-290)]
        small = small[self._beyond(self._place(small)) > ROUNDING]
        return np.concatenate([small[::-1], np.pi / CELLS * np.arange(1, CELLS // 2 + 1)])

    @functools.cached_property
    def ends(self) -> Floats:
        """Positions at the angles."""
        return self._place(self.angles)

    @functools.cached_property
    def left(self) -> float:
        """Mass between the end and the first cell, an atom at the end not counted."""
        return float(self._beyond(self.ends[0]))

    def rule(self, count: int) -> tuple[Floats, Floats]:
        """Points and weights of the Gauss-Legendre rule, shape (cells, count)."""
        nodes, shares = np.polynomial.legendre.leggauss(count)
        middle, half = (self.angles[1:] + self.angles[:-1]) / 2, np.diff(self.angles) / 2
        angle = middle[:, None] + half[:, None] * nodes
        return self._place(angle), half[:, None] * shares * abs(self.width) * np.sin(angle) / 2

    @functools.cached_property
    def masses(self) -> Floats:
        """Continuous mass of each cell, by the distribution function."""
        ends, law = self.ends, self.law
        low, high = np.minimum(ends[1:], ends[:-1]), np.maximum(ends[1:], ends[:-1])
        within = (law.atoms > low[:, None]) & (law.atoms < high[:, None])
        return np.asarray(law.cdf(high, side="left") - law.cdf(low) - within @ law.weights)


def half_bands(law: Distribution) -> Iterator[HalfBand]:
    """Of every band, divided at infinite densities."""
    for band in law.support:
        inner = [x for x in law._divergences if band[0] < x < band[1]]
        for low, high in itertools.pairwise([band[0], *inner, band[1]]):
            yield HalfBand(law, low, high - low)
            yield HalfBand(law, high, low - high)
