"""Laws that are scaled and shifted, and the law of scale X + shift."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.laws.contract import parameters, real_line
from mvtheory.laws.contract.chart import Chart, Four
from mvtheory.laws.contract.composable import ComposableLaw, Factors, RParts
from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import is_point

FACTOR = Argument("scale", "a", "factor of the law, not 0", -1e150, 1e150)
SHIFT = Argument("shift", "b", "shift of the law", -1e150, 1e150)


class AbstractLaw(ComposableLaw):
    """A probability law on the real line, as the limiting spectrum of random matrices.

    What a law of your own inherits from: it gives `support`, and `atoms` and `weights` if it has
    point masses, G as `_cauchy` and its primitive U as `_potential` (`SpectralLaw` says which).
    Then it has densities, quantiles, samples, moments, transforms and matrices, numbers scale and
    shift it (`2 * law + 1`), free sums and products take it, and `mvtheory.testing.check_law`
    holds all of that against each other.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur
    >>> law = MarchenkoPastur(aspect_ratio=0.5, variance=2)
    >>> isinstance(law, AbstractLaw), law.mean, law.var, (law - 2).mean
    (True, 2.0, 2.0, 0.0)
    """

    __array_ufunc__ = None  # numpy scalars leave `2 * law` to the law

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


@dataclass(frozen=True, kw_only=True)
class Affine(AbstractLaw):
    """The law of scale X + shift, X of the law given; written `scale * law + shift`.

    Examples
    --------
    >>> from mvtheory.laws import Semicircle
    >>> law = 1 - 2 * Semicircle(mean=0.5, variance=1)
    >>> print(law.support, law.moment(2))
    ((-4.0, 4.0),) 4.0
    """

    law: AbstractLaw
    scale: float = 1.0
    shift: float = 0.0

    def __post_init__(self) -> None:
        parameters.check(self, FACTOR, SHIFT)
        if self.scale == 0:
            raise FACTOR.error(0.0, "a law times 0 is Discrete(atoms=[0], weights=[1]): take that")
        inner, scale, shift = self.law._rescaled()
        if inner is not self.law:
            object.__setattr__(self, "law", inner)
            object.__setattr__(self, "shift", self.scale * shift + self.shift)
            object.__setattr__(self, "scale", self.scale * scale)

    def _inverse(self, x: Any) -> Any:
        return (x - self.shift) / self.scale

    def _regular_inverse(self, z: Complexes) -> Complexes:
        """The inverse; not on an atom or a divergence of the law inside, which z is not here, but
        beside it, where rounding would put it."""
        inner = self._inverse(z)
        for point in (*self.law.atoms, *self.law._divergences):
            hit = (inner == point) & (z != self.scale * point + self.shift)
            if hit.any():
                side = (z[hit].real - (self.scale * point + self.shift)) * self.scale
                inner[hit] = np.nextafter(point, np.copysign(np.inf, side))
        return inner

    @functools.cached_property
    def support(self) -> tuple[tuple[float, float], ...]:
        bands = [tuple(sorted(self.scale * e + self.shift for e in b)) for b in self.law.support]
        return tuple(sorted(bands))  # type: ignore[arg-type]

    @functools.cached_property
    def atoms(self) -> Floats:
        return (self.scale * self.law.atoms + self.shift)[:: 1 if self.scale > 0 else -1]

    @functools.cached_property
    def weights(self) -> Floats:
        return self.law.weights[:: 1 if self.scale > 0 else -1]

    @functools.cached_property
    def _divergences(self) -> Floats:
        return self.scale * self.law._divergences + self.shift

    @property
    def error_estimate(self) -> float:
        return self.law.error_estimate

    def levy(self, number: Callable[[Any], Any] = float) -> Levy | None:
        """The triplet, scaled and shifted."""
        triplet = self.law.levy(number)
        return None if triplet is None else triplet.scaled(number(self.scale), number(self.shift))

    def _cauchy(self, z: Complexes) -> Complexes:
        inner = self._regular_inverse(z)
        if self.scale > 0:
            return self.law._cauchy(inner) / self.scale
        return self.law._cauchy(_reflected(inner)).conj() / self.scale

    def _potential(self, z: Complexes) -> Complexes:
        point = self._regular_inverse(z)
        if self.scale > 0:
            return self.law._potential(point) + np.log(self.scale)
        inner = self.law._potential(_reflected(point)).conj()
        return inner + np.log(-self.scale) + 1j * np.pi

    def _pdf(self, x: Floats) -> Floats:
        return real_line.density(self.law, self._inverse(x)) / abs(self.scale)

    def _pdf_from_edge(self, offset: Floats, edge: int) -> Floats:
        edge = edge if self.scale > 0 else 2 * len(self.support) - 1 - edge
        return self.law._pdf_from_edge(offset / abs(self.scale), edge) / abs(self.scale)

    def _cdf(self, x: Floats, side: str = "right") -> Floats:
        # A point that is an atom here is one there, whatever the rounding.
        inner = self._inverse(x)
        for here, there in zip(self.atoms, self._inner_atoms, strict=True):
            inner = np.where(x == here, there, inner)
        if self.scale > 0:
            return self.law._cdf(inner, side)
        return 1 - self.law._cdf(inner, "left" if side == "right" else "right")

    @property
    def _inner_atoms(self) -> Floats:
        return self.law.atoms[:: 1 if self.scale > 0 else -1]

    def _continuous_cdf(self, x: Floats) -> Floats:
        mass = self.law._continuous_cdf(self._inverse(x))
        return mass if self.scale > 0 else 1 - float(np.sum(self.weights)) - mass

    @functools.cached_property
    def _plateaus(self) -> Floats:
        inner = self.law._plateaus
        return inner if self.scale > 0 else (inner[-1] - inner)[::-1]

    def _ppf(self, p: Floats) -> Floats:
        if self.scale > 0:
            return self.scale * self.law._ppf(p) + self.shift
        return super()._ppf(p)

    @functools.cached_property
    def _sampler(self) -> tuple[Floats, Floats]:
        probability, x = self.law._sampler
        x = self.scale * x + self.shift
        return (probability, x) if self.scale > 0 else (1 - probability[::-1], x[::-1])

    def _moments(self, n: int) -> list[Any]:
        inner = [1.0, *self.law._moments(n)]
        powers = [self.scale**k * m for k, m in enumerate(inner)]
        return [
            math.fsum(math.comb(k, j) * powers[j] * self.shift ** (k - j) for j in range(k + 1))
            for k in range(1, n + 1)
        ]

    def _variance(self) -> float:
        return self.scale**2 * self.law.var

    def _chart(self) -> Chart:
        return _AffineChart(self)

    def _rescaled(self) -> tuple[AbstractLaw, float, float]:
        return self.law, self.scale, self.shift

    def _r_parts(self) -> RParts:
        return self.shift, [(self.law, 1.0, self.scale)]

    def _s(self, y: Floats) -> Floats:
        return super()._s(y) if self.shift else self.law._s(y) / self.scale

    def _free_power(self, times: float) -> AbstractLaw | None:
        power = self.law._free_power(times)
        return None if power is None else self.scale * power + times * self.shift

    def _transposed(self) -> tuple[float, Any] | None:
        inner = self.law._transposed() if self.shift == 0 else None
        if inner is None or inner[1] is None:
            return inner
        return inner[0], self.scale * inner[1]

    def _factors_of_product(self, scale: float = 1.0) -> Factors:
        if is_point(self) or self.shift != 0 or self.scale < 0:
            return super()._factors_of_product(scale)
        return self.law._factors_of_product(scale * self.scale)

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """scale M + shift for a matrix M of the law."""
        return self.scale * self.law.matrix(n, rng) + self.shift * np.eye(n)


def _reflected(z: Complexes) -> Complexes:
    """The conjugate, with +0 for a vanishing imaginary part."""
    return z.conj() + 0.0


def _affine(law: AbstractLaw, scale: Any, shift: Any) -> Affine:
    if isinstance(scale, AbstractLaw) or isinstance(shift, AbstractLaw):
        raise TypeError("the sum of two free variables is free_add(a, b), their product "
                        "free_multiply(a, b)")  # fmt: skip
    return Affine(law=law, scale=scale, shift=shift)


class _AffineChart(Chart):
    """The chart of the law inside; a negative factor takes it below the real line."""

    @functools.cached_property
    def _inner(self) -> Chart:
        return self.law.law._chart()

    def at(self, w: Complexes) -> Four:
        z, dz, g, dg = self._inner.at(w)
        a, b = self.law.scale, self.law.shift
        return a * z + b, a * dz, g / a, dg / a

    def start(self, z: Complexes) -> Complexes:
        inner = (z - self.law.shift) / self.law.scale
        if self.law.scale > 0:
            return self._inner.start(inner)
        return self._inner.start(inner.conj()).conj()

    def potential(self, w: Complexes) -> Complexes:
        if self.law.scale > 0:
            return self._inner.potential(w) + np.log(self.law.scale)
        inner = self._inner.potential(w.conj()).conj()
        return inner + np.log(-self.law.scale) + 1j * np.pi
