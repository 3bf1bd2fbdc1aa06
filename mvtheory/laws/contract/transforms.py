r"""R- and S-transforms at real arguments: closed where the law has them, else G inverted.

Both are taken on the real line, from 0 on as far as they are analytic there. Off the hull of the
spectrum G is monotone, which gives R; psi(z) = E[zX/(1 - zX)] is convex, and so is g R(g) in g. So
y = psi(z) has one root z joined to 0 by points where psi rises or falls as at 0, and
S(y) = (1 + y) z/y. A law of both signs reaches its least y where psi' = 0: it has no S-transform
below that.
"""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from mvtheory.laws.contract.convex import convex_root
from mvtheory.laws.contract.explicit_r import ExplicitR, Pair
from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.contract.spectrum import Spectrum, hull

SMALL = 1e-2
TERMS = 14
HALVINGS = 60


class Transformed(Spectrum, Protocol):
    """A law with moments, G on and above the real line, and its own ways to R and S."""

    _closest: float

    def moment(self, n: int) -> float: ...

    def _moments(self, n: int) -> list[Any]: ...

    def _cumulants(self, n: int) -> list[Any]: ...

    def _cauchy(self, z: Complexes) -> Complexes: ...

    def _r(self, g: Floats) -> Floats: ...

    def _s(self, y: Floats) -> Floats: ...


def r_transform(law: Transformed, g: Floats) -> Floats:
    """R(g) with G(R(g) + 1/g) = g; ValueError where it cannot be continued from 0 on."""
    return _finite(law, "R", "g", g, law._r(g))


def s_transform(law: Transformed, y: Floats) -> Floats:
    """S(y) = (1 + y)/(y z) with z G(z) - 1 = y; ValueError for mean 0, and where there is none."""
    if law.moment(1) == 0:
        raise ValueError(
            f"law={law!r} is not allowed (S-transform: mean not 0); it has none: shift the law, or "
            "use r_transform"
        )
    return _finite(law, "S", "y", y, law._s(y))


def _finite(law: Transformed, word: str, name: str, points: Floats, values: Floats) -> Floats:
    bad = ~np.isfinite(values)
    if bad.any():
        raise ValueError(
            f"{name}={float(points[bad][0])!r} is not allowed ({word}-transform of {law!r}: real, "
            f"continued from {name} = 0 on up to its first singularity); choose {name} closer to 0"
        )
    return values


# Each is NaN where there is no value.


def r_of_cauchy(law: Transformed, g: Floats) -> Floats:
    """R by G inverted off the hull of the spectrum."""
    low, high = hull(law)
    value = np.empty(g.shape)
    small = np.abs(g) * max(abs(low), abs(high)) < SMALL
    # There z - 1/g cancels; TERMS cumulants leave (4 SMALL)^TERMS.
    value[small] = np.polynomial.polynomial.polyval(g[small], law._cumulants(TERMS))
    value[~small] = _inverse(law, g[~small]) - 1 / g[~small]
    return value


def r_of_s(law: Transformed, g: Floats) -> Floats:
    """R of a law whose S is explicit and whose R is not, where it is on one side of 0."""
    low, high = hull(law)
    if low < 0 < high:
        return r_of_cauchy(law, g)
    # At z between 0 and the spectrum y = z G - 1 is below -1, where S need not reach.
    with np.errstate(all="ignore"):
        least = -abs(float(law._s(np.array([-1.0]))[0]))
    if np.isnan(least):
        # Where S ends before, G at the point opposite to the spectrum: both ways are good there.
        nearest = low if low > 0 else high
        least = -abs(float(law._cauchy(np.array([-nearest + 0j]))[0].real)) if nearest else -np.inf
    beside = g * np.sign(law.moment(1)) < least
    value = np.empty(g.shape)
    value[~beside] = _r_from_s(law, g[~beside])
    if beside.any():
        value[beside] = r_of_cauchy(law, g[beside])
    return value


def s_of_cauchy(law: Transformed, y: Floats) -> Floats:
    """S by psi, from G and its slope."""
    moments = np.array(law._moments(TERMS))
    return s_of_psi(law, lambda z: _psi_of_cauchy(law, z, moments), y)


def s_of_r(law: Transformed, r: ExplicitR, y: Floats) -> Floats:
    """S by g = y S(y), the root of g R(g) = y."""

    def product_of(g: Floats) -> Pair:
        value, slope = r.at(g)
        return g * value, value + g * slope

    return 1 / r.at(convex_root(product_of, y, law.moment(1), r.poles))[0]


# S from psi.


def s_of_psi(law: Transformed, psi_over_z: Callable[[Floats], Pair], y: Floats) -> Floats:
    """(1 + y) z/y at psi(z) = y, from psi/z and psi'; z up to 1/z at the hull of the spectrum."""
    low, high = hull(law)
    reach = (1 / low if low < 0 else -np.inf), (1 / high if high > 0 else np.inf)

    def psi(z: Floats) -> Pair:
        ratio, slope = psi_over_z(z)
        return z * ratio, slope

    z = convex_root(psi, y, law.moment(1), reach)
    value = np.full(y.shape, np.nan)
    known = np.isfinite(z)
    value[known] = (1 + y[known]) / psi_over_z(z[known])[0]
    return value


def _psi_of_cauchy(law: Transformed, z: Floats, moments: Floats) -> Pair:
    """psi/z and psi' by G(1/z) and its slope along a short step off the real line."""
    low, high = hull(law)
    ratio, slope = np.empty((2, *z.shape))
    small = np.abs(z) * max(abs(low), abs(high)) < SMALL
    ratio[small] = np.polynomial.polynomial.polyval(z[small], moments)
    orders = np.arange(1, moments.size + 1)
    slope[small] = np.polynomial.polynomial.polyval(z[small], moments * orders)
    x = 1 / z[~small]
    lift = 1e-6 * np.minimum(np.abs(x - low), np.abs(x - high))
    g = law._cauchy(x.astype(complex)).real
    rate = law._cauchy(x + 1j * lift).imag / lift
    ratio[~small], slope[~small] = x * (x * g - 1), -x * x * (g + x * rate)
    return ratio, slope


# R from S, and from G.


def _r_from_s(law: Transformed, g: Floats) -> Floats:
    """y/g at y S(y) = g, for laws on one side of 0: up to where y S(y) is largest first."""
    sign = 1.0 if law.moment(1) > 0 else -1.0

    def product(y: Floats) -> Floats:
        """|g|, signed as y; beyond the domain, infinite."""
        with np.errstate(all="ignore"):
            value = sign * y * law._s(y)
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


def _inverse(law: Transformed, values: Floats) -> Floats:
    """z off the hull with G(z) = value; NaN where there is none."""
    low, high = hull(law)
    size = max(abs(low), abs(high), high - low)
    above = values > 0
    # In the logarithm of the distance from the hull the root is bracketed.
    near = np.full(values.shape, np.log(size * law._closest))
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
