r"""R- and S-transforms at real arguments: closed where the law has them, else G inverted.

Both are taken on the real line, from 0 on as far as they are analytic there. Off the hull of the
spectrum G is monotone, which gives R; psi(z) = E[zX/(1 - zX)] is convex, and so is g R(g) in g. So
y = psi(z) has one root z joined to 0 by points where psi rises or falls as at 0, and
S(y) = (1 + y) z/y. A law of both signs reaches its least y where psi' = 0: it has no S-transform
below that.
"""

import functools
from collections.abc import Callable

import numpy as np

from mvtheory.laws.affine import Affine
from mvtheory.laws.convex import convex_root
from mvtheory.laws.deformed_semicircle import DeformedSemicircle
from mvtheory.laws.delegated import DelegatedLaw
from mvtheory.laws.discrete import CHUNK, PointMasses
from mvtheory.laws.free import FreeProduct, FreeSum
from mvtheory.laws.generalized_covariance import GeneralizedCovariance
from mvtheory.laws.law import AbstractLaw, Floats, hull
from mvtheory.laws.levy import Levy
from mvtheory.laws.multiplicative import MultiplicativeLaw
from mvtheory.laws.point_power import PointPower

SMALL = 1e-2
TERMS = 14
HALVINGS = 110
TINY = 1e-9
"""Of g times the size of the spectrum: R is mean + variance g to the square of it."""

Pair = tuple[Floats, Floats]


def r_transform(law: AbstractLaw, g: Floats) -> Floats:
    """R(g) with G(R(g) + 1/g) = g; ValueError where it cannot be continued from 0 on."""
    return _finite(law, "R", "g", g, _r(law, g))


def s_transform(law: AbstractLaw, y: Floats) -> Floats:
    """S(y) = (1 + y)/(y z) with z G(z) - 1 = y; ValueError for mean 0, and where there is none."""
    if law.moment(1) == 0:
        raise ValueError(
            f"law={law!r} is not allowed (S-transform: mean not 0); it has none: shift the law, or "
            "use r_transform"
        )
    return _finite(law, "S", "y", y, _s(law, y))


def _finite(law: AbstractLaw, word: str, name: str, points: Floats, values: Floats) -> Floats:
    bad = ~np.isfinite(values)
    if bad.any():
        raise ValueError(
            f"{name}={float(points[bad][0])!r} is not allowed ({word}-transform of {law!r}: real, "
            f"continued from {name} = 0 on up to its first singularity); choose {name} closer to 0"
        )
    return values


# Each is NaN where there is no value.


def _r(law: AbstractLaw, g: Floats) -> Floats:
    if isinstance(law, Affine):
        return law.scale * _r(law.law, law.scale * g) + law.shift
    if isinstance(law, FreeSum):
        return sum((n * _r(part, g) for part, n in law.terms), np.zeros(g.shape))
    if isinstance(law, DeformedSemicircle):
        return _r(law.diagonal, g) + law.variance * g
    if isinstance(law, DelegatedLaw) and not isinstance(law, GeneralizedCovariance):
        return _r(law._law, g)
    explicit = _explicit(law)
    if explicit is not None:
        return explicit(g)[0]
    low, high = hull(law)
    if _is_product(law) and (low >= 0 or high <= 0):
        return _r_from_s(law, g)
    value = np.empty(g.shape)
    small = np.abs(g) * max(abs(low), abs(high)) < SMALL
    # There z - 1/g cancels; TERMS cumulants leave (4 SMALL)^TERMS.
    value[small] = np.polynomial.polynomial.polyval(g[small], law._cumulants(TERMS))
    value[~small] = _inverse(law, g[~small]) - 1 / g[~small]
    return value


def _s(law: AbstractLaw, y: Floats) -> Floats:
    if isinstance(law, MultiplicativeLaw):
        scale, factors = law._factors()
        product = np.full(y.shape, 1 / scale)
        for q, m in factors:
            product = product * _positive(1 + q * y) ** -m
        return product
    if isinstance(law, FreeProduct):
        return np.prod([_s(part, y) for part in law.parts], axis=0)
    if isinstance(law, GeneralizedCovariance):
        return _s(law.population, y) / _positive(1 + law.aspect_ratio * y)
    if isinstance(law, DelegatedLaw):
        return _s(law._law, y)
    if isinstance(law, Affine) and law.shift == 0:
        return _s(law.law, y) / law.scale
    mean = law.moment(1)
    if isinstance(law, PointMasses):
        return _s_from_psi(functools.partial(_psi, law), y, mean, _reach(law))
    explicit = _explicit(law)
    if explicit is None:
        return _s_from_psi(functools.partial(_psi_of_cauchy, law), y, mean, _reach(law))
    r = explicit

    def product_of(g: Floats) -> Pair:
        value, slope = r(g)
        return g * value, value + g * slope

    # g = y S(y) is the root of g R(g) = y.
    return 1 / r(convex_root(product_of, y, mean, _poles(law)))[0]


def _positive(factor: Floats) -> Floats:
    return np.where(factor > 0, factor, np.nan)


def _is_product(law: AbstractLaw) -> bool:
    """Whether S is explicit and R is not."""
    return isinstance(law, MultiplicativeLaw | FreeProduct | GeneralizedCovariance)


# R with its derivative, for laws that have it in terms of g.


def _explicit(law: AbstractLaw) -> Callable[[Floats], Pair] | None:
    """R and R', if no equation with G of the law itself must be solved."""
    triplet = law.levy()
    if triplet is not None:
        return functools.partial(_of_levy, triplet)
    if isinstance(law, PointMasses):
        return functools.partial(_of_points, law)
    if isinstance(law, ConcreteSum):
        parts = [(_explicit(part), factor, scale) for part, factor, scale in _summands(law)]
        if any(part is None for part, _, _ in parts):
            return None

        def total(g: Floats) -> Pair:
            pairs = [(part(s * g), n * s, n * s * s) for part, n, s in parts]  # type: ignore[misc]
            value, slope = np.full(g.shape, _shift(law)), np.zeros(g.shape)
            for (r, rate), outer, inner in pairs:
                value, slope = value + outer * r, slope + inner * rate
            return value, slope

        return total
    return None


ConcreteSum = FreeSum | PointPower | Affine | DeformedSemicircle
"""Laws whose R is a sum over the laws they are made of."""


def _summands(law: AbstractLaw) -> list[tuple[AbstractLaw, float, float]]:
    """Laws with multiplicities n and scales s: R(g) = shift + sum n s R_i(s g)."""
    from mvtheory.laws.semicircle import Semicircle

    if isinstance(law, Affine):
        return [(law.law, 1.0, law.scale)]
    if isinstance(law, DeformedSemicircle):
        return [(law.diagonal, 1.0, 1.0), (Semicircle(variance=law.variance), 1.0, 1.0)]
    if isinstance(law, PointPower):
        return [(law.law, law.times, 1.0)]
    assert isinstance(law, FreeSum)
    return [(part, n, 1.0) for part, n in law.terms]


def _shift(law: AbstractLaw) -> float:
    return law.shift if isinstance(law, Affine) else 0.0


def _poles(law: AbstractLaw) -> tuple[float, float]:
    """The interval of g around 0 up to the first poles of R."""
    triplet = law.levy()
    if triplet is not None:
        low = min((p for p in triplet.jumps if p < 0), default=-0.0)
        high = max((p for p in triplet.jumps if p > 0), default=0.0)
        return (1 / low if low else -np.inf), (1 / high if high else np.inf)
    if isinstance(law, ConcreteSum):
        ends = [sorted(e / s for e in _poles(part)) for part, _, s in _summands(law)]
        return max(low for low, _ in ends), min(high for _, high in ends)
    return -np.inf, np.inf


def _of_levy(triplet: Levy, g: Floats) -> Pair:
    value, slope = np.full(g.shape, triplet.drift), np.full(g.shape, triplet.variance)
    value = value + triplet.variance * g
    for c, p in zip(triplet.rates, triplet.jumps, strict=True):
        below = _positive(1 - p * g)
        value, slope = value + c * p / below, slope + c * (p / below) ** 2
    return value, slope


def _of_points(law: PointMasses, g: Floats) -> Pair:
    """R = c + E[(X - c)/(z - X)]/G(z) at G(z) = g, c in the middle: nothing cancels."""
    value, slope = np.full((2, *g.shape), np.nan)
    atoms, centre = law.atoms, float(law.atoms[0] + law.atoms[-1]) / 2
    mean = float(law.weights @ (atoms - centre))
    variance = float(law.weights @ (atoms - centre - mean) ** 2)
    step = max(1, CHUNK // atoms.size)
    for sign in (1, -1):
        here = np.flatnonzero(sign * g > 0)
        x, w = sign * (atoms - centre)[::sign], law.weights[::sign]
        for start in range(0, here.size, step):
            part = here[start : start + step]
            found, rate = _beyond(x, w, sign * g[part])
            value[part], slope[part] = centre + sign * found, rate
    tiny = np.abs(g) * float(np.ptp(atoms)) < TINY
    value[tiny], slope[tiny] = centre + mean + variance * g[tiny], variance
    return value, slope


def _beyond(x: Floats, w: Floats, g: Floats) -> Pair:
    """R and R' at g > 0 of atoms x, ascending: Newton in z - x[-1] for 1/G = 1/g.

    1/G is concave above the atoms, and the first step, as if x[-1] were alone, falls short.
    """
    gap = x[-1] - x
    distance = w[-1] / g
    with np.errstate(all="ignore"):
        for _ in range(100):
            inverse = 1 / (distance + gap[:, None])
            first, second = w @ inverse, w @ (inverse * inverse)
            change = first * (first / g - 1) / second
            distance = distance + np.maximum(change, 0)
            if not (change > 1e-15 * distance).any():
                break
        # R' = 1/G^2 + 1/G', without cancellation.
        spread = w @ (inverse - first) ** 2
        return (w * x) @ inverse / first, spread / (first**2 * second)


# S from psi.


def _reach(law: AbstractLaw) -> tuple[float, float]:
    """The interval of z around 0 on which psi is analytic: 1/z off the hull of the spectrum."""
    low, high = hull(law)
    return (1 / low if low < 0 else -np.inf), (1 / high if high > 0 else np.inf)


def _s_from_psi(
    psi_over_z: Callable[[Floats], Pair], y: Floats, mean: float, reach: tuple[float, float]
) -> Floats:
    """(1 + y) z/y at psi(z) = y, from psi/z and psi'."""

    def psi(z: Floats) -> Pair:
        ratio, slope = psi_over_z(z)
        return z * ratio, slope

    z = convex_root(psi, y, mean, reach)
    value = np.full(y.shape, np.nan)
    known = np.isfinite(z)
    value[known] = (1 + y[known]) / psi_over_z(z[known])[0]
    return value


def _psi(law: PointMasses, z: Floats) -> Pair:
    """E[X/(1 - zX)] and E[X/(1 - zX)^2]."""
    ratio, slope = np.empty((2, *z.shape))
    step = max(1, CHUNK // law.atoms.size)
    for start in range(0, z.size, step):
        part = slice(start, start + step)
        inverse = 1 / (1 - z[part] * law.atoms[:, None])
        ratio[part] = (law.weights * law.atoms) @ inverse
        slope[part] = (law.weights * law.atoms) @ (inverse * inverse)
    return ratio, slope


def _psi_of_cauchy(law: AbstractLaw, z: Floats) -> Pair:
    """psi/z and psi' by G(1/z) and its slope along a short step off the real line."""
    low, high = hull(law)
    ratio, slope = np.empty((2, *z.shape))
    small = np.abs(z) * max(abs(low), abs(high)) < SMALL
    moments = np.array(law._moments(TERMS))
    ratio[small] = np.polynomial.polynomial.polyval(z[small], moments)
    slope[small] = np.polynomial.polynomial.polyval(z[small], moments * np.arange(1, TERMS + 1))
    x = 1 / z[~small]
    lift = 1e-6 * np.minimum(np.abs(x - low), np.abs(x - high))
    g = law._cauchy(x.astype(complex)).real
    rate = law._cauchy(x + 1j * lift).imag / lift
    ratio[~small], slope[~small] = x * (x * g - 1), -x * x * (g + x * rate)
    return ratio, slope


# R from S, and from G.


def _r_from_s(law: AbstractLaw, g: Floats) -> Floats:
    """y/g at y S(y) = g, for laws on one side of 0: up to where y S(y) is largest first."""
    sign = 1.0 if law.moment(1) > 0 else -1.0

    def product(y: Floats) -> Floats:
        """|g|, signed as y; beyond the domain, infinite."""
        with np.errstate(all="ignore"):
            value = sign * y * _s(law, y)
        return np.where(np.isnan(value), np.where(y > 0, np.nan, -np.inf), value)

    goal = sign * g
    grid = np.geomspace(1e-30, 1e30, 2401)
    values = product(grid)
    falls = np.flatnonzero(~(np.diff(values) > 0))
    top = grid[-1]
    if falls.size:
        a, b = grid[max(falls[0] - 1, 0)], grid[min(falls[0] + 1, grid.size - 1)]
        for _ in range(80):
            thirds = np.array([2 * a + b, a + 2 * b]) / 3
            left, right = product(thirds)
            a, b = (thirds[0], b) if left < right else (a, thirds[1])
        top = (a + b) / 2
    above = goal > 0
    none = above & ~(product(np.full(g.shape, top)) >= goal)
    # y S(y) is concave there: the tangent at 0 tells so much of the way.
    guess = goal * abs(law.moment(1))
    low, high = np.where(above, np.minimum(guess, top), np.maximum(guess, -1)), above * top
    for _ in range(2 * HALVINGS):
        middle = (low + high) / 2
        if ((middle == low) | (middle == high)).all():
            break
        under = product(middle) < goal
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    y = (low + high) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(g == 0, law.moment(1), y / g)
    return np.where(none, np.nan, value)


def _inverse(law: AbstractLaw, values: Floats) -> Floats:
    """z off the hull with G(z) = value; NaN where there is none."""
    low, high = hull(law)
    size = max(abs(low), abs(high), high - low)
    above = values > 0
    # In the logarithm of the distance from the hull the root is bracketed.
    near = np.full(values.shape, np.log(size) - 36.0)
    far = np.log(4 * size * (2 + 1 / np.abs(values)) + 1 / np.abs(values))
    ends = near.copy()

    def reached(logarithm: Floats) -> Floats:
        z = np.where(above, high + np.exp(logarithm), low - np.exp(logarithm))
        return law._cauchy(z.astype(complex)).real

    none = np.abs(reached(ends)) < np.abs(values)
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        beyond = np.abs(reached(middle)) < np.abs(values)
        near, far = np.where(beyond, near, middle), np.where(beyond, middle, far)
    found = np.where(above, high + np.exp(near), low - np.exp(near))
    return np.where(none, np.nan, found)
