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
from mvtheory.laws.delegated import DelegatedLaw
from mvtheory.laws.discrete import CHUNK, PointMasses
from mvtheory.laws.explicit_r import Pair, SummedLaw, explicit, poles, positive, shift, summands
from mvtheory.laws.followed import FollowedLaw
from mvtheory.laws.free import FreeProduct
from mvtheory.laws.generalized_covariance import GeneralizedCovariance
from mvtheory.laws.law import AbstractLaw, Floats, hull
from mvtheory.laws.multiplicative import MultiplicativeLaw

SMALL = 1e-2
TERMS = 14
HALVINGS = 60
FOLLOWED = 1e-8
"""Of the size of the spectrum: so close to it G is known for laws that are followed."""


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
    if isinstance(law, DelegatedLaw) and not isinstance(law, GeneralizedCovariance):
        return _r(law._law, g)
    r = explicit(law)
    if r is not None:
        return r(g)[0]
    if isinstance(law, SummedLaw):
        value = np.full(g.shape, shift(law))
        return value + sum(n * s * _r(part, s * g) for part, n, s in summands(law))
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
            product = product * positive(1 + q * y) ** -m
        return product
    if isinstance(law, FreeProduct):
        return np.prod([_s(part, y) for part in law.parts], axis=0)
    if isinstance(law, GeneralizedCovariance):
        return _s(law.population, y) / positive(1 + law.aspect_ratio * y)
    if isinstance(law, DelegatedLaw):
        return _s(law._law, y)
    if isinstance(law, Affine) and law.shift == 0:
        return _s(law.law, y) / law.scale
    mean = law.moment(1)
    if isinstance(law, PointMasses):
        return _s_from_psi(functools.partial(_psi, law), y, mean, _reach(law))
    r = explicit(law)
    if r is None:
        return _s_from_psi(functools.partial(_psi_of_cauchy, law), y, mean, _reach(law))

    def product_of(g: Floats) -> Pair:
        value, slope = r(g)
        return g * value, value + g * slope

    # g = y S(y) is the root of g R(g) = y.
    return 1 / r(convex_root(product_of, y, mean, poles(law)))[0]


def _is_product(law: AbstractLaw) -> bool:
    """Whether S is explicit and R is not."""
    return isinstance(law, MultiplicativeLaw | FreeProduct | GeneralizedCovariance)


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
    for _ in range(4 * HALVINGS):
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
    closest = FOLLOWED if isinstance(law, FollowedLaw) else np.exp(-36)
    near = np.full(values.shape, np.log(size * closest))
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
