"""Information plus noise: the spectrum of a data matrix R + sigma X."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.chiral import chiral, ratio_of
from mvtheory.laws.contract import parameters
from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.matrices import orthogonal
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import hull
from mvtheory.laws.free.sums import free_add
from mvtheory.laws.polynomial_image import square
from mvtheory.laws.semicircle import Semicircle
from mvtheory.laws.solvers.charted import ChartedLaw
from mvtheory.laws.solvers.descent import State
from mvtheory.laws.solvers.elementary import excess


def information_plus_noise(
    information: AbstractLaw, aspect_ratio: float, variance: float = 1.0
) -> AbstractLaw:
    r"""Limit of (R + sigma X)(R + sigma X)^T/m, X n x m standard, R R^T/m of a law H.

    With b = 1 + sigma^2 q G_H(w), z = w b^2 + sigma^2 (1 - q) b and G(z) = G_H(w)/b.

    Parameters
    ----------
    information : AbstractLaw
        H, of R R^T/m, n x n, on [0, infinity); for q > 1 with an atom at 0 of 1 - 1/q at least.
    aspect_ratio : float
        q = n/m in [1e-9, 1e9].
    variance : float
        sigma^2 > 0.

    Returns
    -------
    AbstractLaw

    Raises
    ------
    ValueError
        If H has negative numbers in its support, or too few zeros for R of this shape.

    References
    ----------
    [dozier2007]_.

    Examples
    --------
    >>> from mvtheory.laws import Discrete, information_plus_noise
    >>> signal = Discrete(atoms=[0, 9], weights=[0.75, 0.25])
    >>> law = information_plus_noise(signal, aspect_ratio=0.25, variance=0.5)
    >>> print([f"{low:.4f} {high:.4f}" for low, high in law.support], f"{law.moment(1):.4f}")
    ['0.1428 0.9783', '8.1212 11.1689'] 2.7500
    """
    q = ratio_of(information, "R", "R R^T/m", aspect_ratio)
    v = parameters.VARIANCE.number(variance)
    if q == 1:
        # Regular at 0: the semicircle added to singular values of both signs, squared.
        return square(free_add(chiral(information), Semicircle(variance=v)))
    return InformationPlusNoise(information=information, aspect_ratio=q, variance=v)


@dataclass(frozen=True, kw_only=True, eq=False)
class InformationPlusNoise(ChartedLaw):
    """In the chart of H, q not 1."""

    information: AbstractLaw
    aspect_ratio: float
    variance: float

    @functools.cached_property
    def _inner(self) -> Chart:
        return self.information._chart()

    def _at(self, w: Complexes) -> Four:
        point, rise, g, slope = self._inner.at(w)
        v, q = self.variance, self.aspect_ratio
        b, growth = 1 + v * q * g, v * q * slope
        z = point * b * b + v * (1 - q) * b
        rate = rise * b * b + (2 * point * b + v * (1 - q)) * growth
        return z, rate, g / b, slope / (b * b)

    def _start(self, z: Complexes) -> Complexes:
        # w b^2 = w + 2 sigma^2 q w G, far away.
        return self._inner.start(z - self.variance * (1 + self.aspect_ratio))

    def _above(self, w: Complexes) -> NDArray[np.bool_]:
        return self._is_above(self._inner, w)

    def _hull(self) -> tuple[float, float]:
        low, high = np.sqrt(hull(self.information))
        noise = np.sqrt(self.variance) * (1 + np.sqrt(self.aspect_ratio))
        # Of a tall matrix singular values of the noise are 0: the spectrum reaches down to 0.
        return float(max(0.0, low - noise) ** 2), float((high + noise) ** 2)

    @functools.cached_property
    def _masses(self) -> dict[float, float]:
        mass = (self.aspect_ratio - 1) / self.aspect_ratio
        return {0.0: mass} if mass > 0 else {}

    @property
    def _parts_error(self) -> float:
        return self.information.error_estimate

    def _joined_potential(self, state: State, z: Complexes) -> Complexes:
        """U_H(w) + sigma^2 q w G_H^2 + (1/q - 1) (b - 1 - log b)."""
        point, _, g, _ = self._inner.at(state[0])
        v, q = self.variance, self.aspect_ratio
        value = self._inner.potential(state[0]) + v * q * point * g * g
        return value + (1 - q) / q * excess(v * q * g)

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """(R + sigma X)(R + sigma X)^T/m, R of the quantiles of H and random singular vectors."""
        generator = np.random.default_rng(rng)
        m = max(1, round(n / self.aspect_ratio))
        values = np.asarray(self.information.ppf((np.arange(n) + 0.5) / n))
        rank = min(n, m)
        signal = orthogonal(n, generator)[:, -rank:] * np.sqrt(values[-rank:])
        noise = np.sqrt(self.variance / m) * generator.standard_normal((n, m))
        # Right singular vectors need not be drawn: the noise is turned as it is.
        noise[:, :rank] += signal
        return noise @ noise.T
