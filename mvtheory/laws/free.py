"""Operations on the laws of free variables: sums, differences, products, corners."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws import parameters
from mvtheory.laws.affine import Affine
from mvtheory.laws.deformed_semicircle import DeformedSemicircle
from mvtheory.laws.discrete import Discrete
from mvtheory.laws.followed import State
from mvtheory.laws.free_bessel import WishartProduct
from mvtheory.laws.generalized_covariance import GeneralizedCovariance
from mvtheory.laws.law import AbstractLaw, Complexes, Floats, hull
from mvtheory.laws.levy import Levy
from mvtheory.laws.marchenko_pastur import MarchenkoPastur
from mvtheory.laws.rational import RationalLaw
from mvtheory.laws.subordination import SubordinatedLaw

ROUNDING = 4e-16
"""Masses below this are rounding of 0."""


def free_add(a: AbstractLaw, b: AbstractLaw, *more: AbstractLaw) -> AbstractLaw:
    """The law of a sum of free variables: free cumulants add.

    Laws of free Levy type (semicircle, Marchenko-Pastur, generalised Wishart, free Poisson, their
    sums, affine maps and corners) stay of that type; a single atom is a shift; all others go
    by subordination.

    Parameters
    ----------
    a, b, *more : AbstractLaw

    Returns
    -------
    AbstractLaw

    References
    ----------
    [speicher2006]_; [belinschi2007]_.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, Semicircle, free_add
    >>> law = free_add(MarchenkoPastur(aspect_ratio=0.5), Semicircle(variance=2))
    >>> print(law.moment(1), law.free_cumulant(2), law.free_cumulant(3))
    1.0 2.5 0.25
    """
    parts: list[tuple[AbstractLaw, float]] = []
    shift = 0.0
    for law in (a, b, *more):
        _checked(law)
        if _is_point(law):
            shift += float(law.atoms[0])
        elif isinstance(law, FreeSum):
            parts.extend(law.terms)
        else:
            parts.append((law, 1.0))
    if not parts:
        return Discrete(atoms=[shift], weights=[1.0])
    smooth = [law for law, n in parts if n == 1 and law.levy() is not None]
    if len(smooth) > 1:
        parts = [(law, n) for law, n in parts if n != 1 or law.levy() is None]
        parts.append((LevySum(parts=tuple(smooth)), 1.0))
    total = _deformed(parts)
    if total is None:
        total = parts[0][0] if len(parts) == 1 and parts[0][1] == 1 else FreeSum(terms=tuple(parts))
    return total + shift if shift else total


def _deformed(parts: list[tuple[AbstractLaw, float]]) -> AbstractLaw | None:
    """The sum of finitely many atoms and a semicircle, if it is one: closed."""
    points = [law for law, n in parts if n == 1 and not law.support]
    smooth = [law.levy() for law, n in parts if n == 1 and law.support]
    if len(parts) != 2 or len(points) != 1 or len(smooth) != 1:
        return None
    triplet = smooth[0]
    if triplet is None or triplet.rates:
        return None
    law = DeformedSemicircle(diagonal=points[0], variance=triplet.variance)
    return law + triplet.drift if triplet.drift else law


def free_subtract(a: AbstractLaw, b: AbstractLaw) -> AbstractLaw:
    """The law of a - b for free a and b.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, free_subtract
    >>> law = free_subtract(MarchenkoPastur(aspect_ratio=2), MarchenkoPastur(aspect_ratio=2))
    >>> print(law.free_cumulant(1), law.free_cumulant(2))
    0.0 4.0
    """
    return free_add(a, -_checked(b))


def free_multiply(a: AbstractLaw, b: AbstractLaw, *more: AbstractLaw) -> AbstractLaw:
    """The law of b^(1/2) a b^(1/2) for free a and b, b on [0, infinity): S-transforms multiply.

    At most one law may have negative numbers in its support. Marchenko-Pastur laws multiply in
    closed form, and with a discrete law they make GeneralizedCovariance; all others go by
    subordination.

    Parameters
    ----------
    a, b, *more : AbstractLaw

    Returns
    -------
    AbstractLaw

    Raises
    ------
    ValueError
        If two of the laws have negative numbers in their support.

    References
    ----------
    [belinschi2007]_.

    Examples
    --------
    >>> from mvtheory.laws import MarchenkoPastur, free_multiply
    >>> law = free_multiply(MarchenkoPastur(aspect_ratio=1), MarchenkoPastur(aspect_ratio=1))
    >>> print(law.support, law.moment(3))
    ((0.0, 6.75),) 12.0
    """
    scale, ratios = 1.0, []
    parts: list[AbstractLaw] = []
    for law in (a, b, *more):
        factor, inner = _unscaled(_checked(law))
        scale *= factor
        if inner is None:
            if factor == 0:
                return Discrete(atoms=[0.0], weights=[1.0])
        elif isinstance(inner, MarchenkoPastur):
            scale *= inner.variance
            ratios.append(inner.aspect_ratio)
        elif isinstance(inner, WishartProduct):
            scale *= inner.scale
            ratios.extend(inner.aspect_ratios)
        elif isinstance(inner, FreeProduct):
            parts.extend(inner.parts)
        else:
            parts.append(inner)
    signed = [law for law in parts if hull(law)[0] < 0]
    if len(signed) > 1:
        raise ValueError(
            f"a, b with supports from {hull(signed[0])[0]:g} and {hull(signed[1])[0]:g} are not "
            "allowed (free product: at most one law with negative numbers); the product of two "
            "such variables is not self-adjoint, take the anticommutator"
        )
    if len(parts) == 1 and len(ratios) == 1 and not parts[0].support:
        result: AbstractLaw = GeneralizedCovariance(population=parts[0], aspect_ratio=ratios[0])
    elif not parts and not ratios:
        return Discrete(atoms=[scale], weights=[1.0])
    elif not parts:
        size = abs(scale)
        result = _wishart(ratios, size)
        scale /= size
    else:
        if ratios:
            parts.append(_wishart(ratios, 1.0))
        # The one law with negative numbers first.
        parts.sort(key=lambda law: hull(law)[0] >= 0)
        result = FreeProduct(parts=tuple(parts)) if len(parts) > 1 else parts[0]
    return scale * result if scale != 1 else result


def free_compress(law: AbstractLaw, fraction: float) -> AbstractLaw:
    """The law of the corner p a p of trace `fraction`, p a free projection: kappa_n t^(n-1).

    Parameters
    ----------
    law : AbstractLaw
    fraction : float
        t in (0, 1]: the corner of a rotated matrix that keeps this share of the rows.

    References
    ----------
    [speicher2006]_.

    Examples
    --------
    >>> from mvtheory.laws import Discrete, free_compress
    >>> law = free_compress(Discrete(atoms=[-1, 1], weights=[0.5, 0.5]), fraction=0.5)
    >>> print(law.support, law.free_cumulant(2))
    ((-1.0, 1.0),) 0.5
    """
    _checked(law)
    t = parameters.FRACTION.check(fraction).item()
    if t == 1 or _is_point(law):
        return law
    if law.levy() is not None:
        return LevyCorner(law=law, fraction=t)
    if isinstance(law, Affine):
        return law.scale * free_compress(law.law, t) + law.shift
    return t * FreeSum(terms=((law, 1 / t),))


@dataclass(frozen=True, kw_only=True)
class LevySum(RationalLaw):
    """The free sum of laws of free Levy type, exact in their parameters."""

    parts: tuple[AbstractLaw, ...]

    def levy(self, number: Callable[[Any], Any] = float) -> Levy:
        """The sum of the triplets."""
        triplets = [part.levy(number) for part in self.parts]
        return functools.reduce(lambda a, b: a.plus(b), triplets)  # type: ignore[arg-type, return-value, union-attr]

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """The sum of the parts' matrices, each rotated."""
        return _summed(self.parts, n, rng)


@dataclass(frozen=True, kw_only=True)
class LevyCorner(RationalLaw):
    """The corner of a law of free Levy type."""

    law: AbstractLaw
    fraction: float

    def levy(self, number: Callable[[Any], Any] = float) -> Levy:
        """The compressed triplet."""
        triplet = self.law.levy(number)
        assert triplet is not None
        return triplet.compressed(number(self.fraction))

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """The corner of a larger matrix, rotated."""
        return _corner(self.law, self.fraction, n, rng)


@dataclass(frozen=True, kw_only=True)
class FreeSum(SubordinatedLaw):
    """The free sum of laws, each taken with a real multiplicity >= 1, by subordination."""

    terms: tuple[tuple[AbstractLaw, float], ...]

    @property
    def _terms(self) -> list[tuple[AbstractLaw, float]]:
        return list(self.terms)

    def _common(self, four: Any) -> tuple[Complexes, Complexes, Complexes, Complexes]:
        return four

    def _link(self, s: Complexes) -> tuple[Complexes, Complexes]:
        inverse = 1 / s
        return inverse, -inverse * inverse

    def _goal(self, z: Complexes) -> Complexes:
        return z

    def _far(self, z: Complexes) -> State:
        means = [law.moment(1) for law, _ in self.terms]
        total = sum(n * m for m, (_, n) in zip(means, self.terms, strict=True))
        rows = [
            piece.start(z - (total - m)) for m, (piece, _) in zip(means, self._charts, strict=True)
        ]
        return np.array([*rows, 1 / (z - total)])

    def _hull(self) -> tuple[float, float]:
        ends = [(n * low, n * high) for law, n in self.terms for low, high in [hull(law)]]
        return sum(low for low, _ in ends), sum(high for _, high in ends)

    def _g(self, state: State, z: Complexes) -> Complexes:
        return state[-1]

    @functools.cached_property
    def _masses(self) -> dict[float, float]:
        """Atoms, and those that have just vanished; a rounding of 1 decides."""
        found = {0.0: 1.0}
        for law, n in self.terms:
            found = {
                at + n * float(atom): mass - n * (1 - float(weight))
                for at, mass in found.items()
                for atom, weight in zip(law.atoms, law.weights, strict=True)
                if mass - n * (1 - float(weight)) > -ROUNDING
            }
        return found

    def _point_masses(self) -> dict[float, float]:
        return {at: mass for at, mass in self._masses.items() if mass > ROUNDING}

    def _poles_of_density(self) -> list[float]:
        return [at for at, mass in self._masses.items() if mass <= ROUNDING]

    def _cumulants(self, n: int) -> list[Any]:
        rows = [[m * k for k in law._cumulants(n)] for law, m in self.terms]
        return [sum(column) for column in zip(*rows, strict=True)]

    def _moments(self, n: int) -> list[Any]:
        from mvtheory.laws.cumulants import moments_from_cumulants

        return moments_from_cumulants(self._cumulants(n))

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """The sum of the parts' matrices, each rotated; a multiplicity is a scaled corner."""
        generator = np.random.default_rng(rng)
        total = np.zeros((n, n))
        for law, m in self.terms:
            part = law.matrix(n, generator) if m == 1 else m * _corner(law, 1 / m, n, generator)
            total += _rotated(part, generator)
        return total


@dataclass(frozen=True, kw_only=True)
class FreeProduct(SubordinatedLaw):
    """The free product of laws, all but the first on [0, infinity), by subordination."""

    parts: tuple[AbstractLaw, ...]

    @property
    def _terms(self) -> list[tuple[AbstractLaw, float]]:
        return [(part, 1.0) for part in self.parts]

    def _common(self, four: Any) -> tuple[Complexes, Complexes, Complexes, Complexes]:
        z, dz, g, dg = four
        return np.log(z), dz / z, z * g - 1, dz * g + z * dg

    def _link(self, s: Complexes) -> tuple[Complexes, Complexes]:
        return np.log((1 + s) / s), -1 / (s * (1 + s))

    def _goal(self, z: Complexes) -> Complexes:
        return np.log(z)

    def _ungoal(self, goal: Any) -> Any:
        return np.exp(goal)

    def _wrapped(self, total: Complexes) -> Complexes:
        return total - 2j * np.pi * np.round(total.imag / (2 * np.pi))

    def _far(self, z: Complexes) -> State:
        means = [law.moment(1) for law in self.parts]
        point = z / np.prod(means[1:])
        first = self._charts[0][0].start(point)
        _, _, g, _ = self._charts[0][0].at(first)
        y = point * g - 1
        rows = [
            _start(piece, m / y) for (piece, _), m in zip(self._charts[1:], means[1:], strict=True)
        ]
        return np.array([first, *rows, y])

    def _hull(self) -> tuple[float, float]:
        low, high = hull(self.parts[0])
        top = float(np.prod([hull(law)[1] for law in self.parts[1:]]))
        bottom = float(np.prod([hull(law)[0] for law in self.parts[1:]]))
        return low * (top if low < 0 else bottom), high * (top if high > 0 else bottom)

    def _g(self, state: State, z: Complexes) -> Complexes:
        return (1 + state[-1]) / z

    @functools.cached_property
    def _masses(self) -> dict[float, float]:
        """Atoms, and those that have just vanished; a rounding of 1 decides."""
        found = {1.0: 1.0}
        for law in self.parts:
            found = {
                at * float(atom): mass + float(weight) - 1
                for at, mass in found.items()
                for atom, weight in zip(law.atoms, law.weights, strict=True)
                if atom != 0 and mass + weight - 1 > -ROUNDING
            }
        zero = max(float(np.sum(law.weights[law.atoms == 0])) for law in self.parts)
        return found | ({0.0: zero} if zero > 0 else {})

    def _point_masses(self) -> dict[float, float]:
        return {at: mass for at, mass in self._masses.items() if mass > ROUNDING}

    def _poles_of_density(self) -> list[float]:
        return [at for at, mass in self._masses.items() if mass <= ROUNDING]

    def _physical(self, state: State, z: Complexes) -> Any:
        if hull(self.parts[0])[0] >= 0:
            return super()._physical(state, z)
        # Beside a law of both signs only its own point must stay above the real line.
        g = self._g(state, z)
        point = self._charts[0][0].at(state[0])[0]
        return (g.imag <= 1e-9 * np.abs(g)) & (point.imag >= -1e-9 * np.abs(point))

    def matrix(self, n: int, rng: np.random.Generator | None = None) -> Floats:
        """b^(1/2) a b^(1/2) for matrices of the parts, each rotated."""
        generator = np.random.default_rng(rng)
        total = self.parts[0].matrix(n, generator)
        for law in self.parts[1:]:
            values, vectors = np.linalg.eigh(_rotated(law.matrix(n, generator), generator))
            root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
            total = root @ total @ root
        return total


def _start(piece: Any, z: Complexes) -> Complexes:
    """Where a chart starts, for points on either side of the real line."""
    below = z.imag < 0
    found = piece.start(np.where(below, z.conj(), z))
    return np.where(below, found.conj(), found)


def _wishart(ratios: list[float], scale: float) -> AbstractLaw:
    if len(ratios) == 1:
        return MarchenkoPastur(aspect_ratio=ratios[0], variance=scale)
    return WishartProduct(aspect_ratios=tuple(ratios), scale=scale)


def _unscaled(law: AbstractLaw) -> tuple[float, AbstractLaw | None]:
    """A factor and the law it multiplies, None for the point 1."""
    if _is_point(law):
        return float(law.atoms[0]), None
    if isinstance(law, Affine) and law.shift == 0 and law.scale > 0:
        factor, inner = _unscaled(law.law)
        return law.scale * factor, inner
    return 1.0, law


def _is_point(law: AbstractLaw) -> bool:
    return not law.support and law.atoms.size == 1


def _checked(law: Any) -> AbstractLaw:
    if not isinstance(law, AbstractLaw):
        raise ValueError(
            f"law={law!r} is not allowed (spectral law: an object of mvtheory.laws); give a law, "
            "such as Empirical(eigenvalues=...) for numbers"
        )
    return law


def _rotated(matrix: Floats, generator: np.random.Generator) -> Floats:
    n = len(matrix)
    q, r = np.linalg.qr(generator.standard_normal((n, n)))
    q = q * np.sign(np.diag(r))
    return q @ matrix @ q.T


def _summed(laws: tuple[AbstractLaw, ...], n: int, rng: np.random.Generator | None) -> Floats:
    generator = np.random.default_rng(rng)
    return sum((_rotated(law.matrix(n, generator), generator) for law in laws), np.zeros((n, n)))


def _corner(law: AbstractLaw, fraction: float, n: int, rng: np.random.Generator | None) -> Floats:
    generator = np.random.default_rng(rng)
    whole = _rotated(law.matrix(max(n, round(n / fraction)), generator), generator)
    return whole[:n, :n]
