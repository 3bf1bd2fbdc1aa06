"""What a law brings along for sums and products with others: its chart, R and S, its parts."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mvtheory.laws.contract import explicit_r, transforms
from mvtheory.laws.contract.chart import Chart, ValuedChart
from mvtheory.laws.contract.explicit_r import ExplicitR
from mvtheory.laws.contract.law import SpectralLaw
from mvtheory.laws.contract.shapes import Floats, pointwise
from mvtheory.laws.contract.spectrum import is_point

RParts = tuple[float, list[tuple[Any, float, float]]]
Factors = tuple[float, tuple[float, ...], tuple[Any, ...]]


class ComposableLaw(SpectralLaw):
    """A law with a way into sums and products: from its values alone, or what its engine knows."""

    def r_transform(self, g: ArrayLike) -> Any:
        """R(g) with G(R(g) + 1/g) = g, for real g from 0 on up to the first singularity.

        At least between the values of G at the ends of the spectrum; ValueError beyond.
        """
        return pointwise(lambda points: transforms.r_transform(self, points), g, "g")

    def s_transform(self, y: ArrayLike) -> Any:
        """S(y) = (1 + y) z/y at E[zX/(1 - zX)] = y, with z real and continued from 0 on.

        ValueError for a law of mean 0, which has none, and at y that no such z reaches: a law of
        both signs has a least y, where the derivative in z vanishes.
        """
        return pointwise(lambda points: transforms.s_transform(self, points), y, "y")

    def _chart(self) -> Chart:
        """The variable in which z and G are explicit: z itself, where there is none."""
        return ValuedChart(self)

    _closest = float(np.exp(-36))
    """Of the size of the spectrum: so close to it G is known."""

    def _r_parts(self) -> RParts | None:
        """b and (law, n, s) with R(g) = b + sum n s R_law(s g); None if there are none."""
        return None

    def _explicit_r(self) -> ExplicitR | None:
        """R and R', if no equation with G of the law itself must be solved."""
        triplet = self.levy()
        if triplet is not None:
            return explicit_r.of_levy(triplet)
        parts = self._r_parts()
        if parts is None:
            return None
        shift, laws = parts
        return explicit_r.summed([(law._explicit_r(), n, s) for law, n, s in laws], shift)

    def _r(self, g: Floats) -> Floats:
        """R at real points; NaN where it cannot be continued from 0 on."""
        explicit = self._explicit_r()
        if explicit is not None:
            return explicit.at(g)[0]
        parts = self._r_parts()
        if parts is None:
            return transforms.r_of_cauchy(self, g)
        shift, laws = parts
        value = np.full(g.shape, shift)
        return value + sum(n * s * law._r(s * g) for law, n, s in laws)

    def _s(self, y: Floats) -> Floats:
        """S at real points; NaN where it cannot be continued from 0 on."""
        explicit = self._explicit_r()
        if explicit is None:
            return transforms.s_of_cauchy(self, y)
        return transforms.s_of_r(self, explicit, y)

    # What the law is made of, for sums and products that are one law of all parts.

    def _rescaled(self) -> tuple[Any, float, float]:
        """(law, a, b) with this law that of a X + b, X of a simpler one: itself, 1 and 0."""
        return self, 1.0, 0.0

    def _transposed(self) -> tuple[float, Any] | None:
        """The ratio n/m of X, of which the law is that of X X^T/m, and the law of X^T X/m if it is
        one of a known family: none, but of data."""
        return None

    def _summands(self) -> tuple[tuple[Any, float], ...]:
        """Laws with their multiplicities, of which it is the free sum: itself, once."""
        return ((self, 1.0),)

    def _free_power(self, times: float) -> Any:
        """The law of `times` times its free cumulants, where it is one of a known family."""
        return None

    def _factors_of_product(self, scale: float = 1.0) -> Factors:
        """A factor, ratios of Marchenko-Pastur laws of mean 1 and other laws, of which `scale`
        times it is the free product: a point is a factor, another law itself."""
        if is_point(self):
            return scale * float(self.atoms[0]), (), ()
        return scale, (), (self,)
