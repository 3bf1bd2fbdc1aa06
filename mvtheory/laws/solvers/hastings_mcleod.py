r"""The Hastings-McLeod solution of Painleve II: the left tails of the Tracy-Widom laws.

q'' = s q + 2 q^3 with q ~ Ai at +infinity: as an initial value problem it is lost to growing
solutions on either side, as a boundary value problem it is tame. Unknown is q'' at Chebyshev
points: integration matrices are well conditioned, where differentiation loses digits.
"""

import functools
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.polynomial import chebyshev

from mvtheory.laws.contract.shapes import Floats
from mvtheory.multiprecision import NoConvergence

LOW, HIGH = -14.0, 6.0
"""Where the series at minus infinity has an error of exp(-49), and where q is Ai up to 1e-17."""
NODES = 100
TERMS = 9
"""Of the series at minus infinity: the ninth is 1e-18 at LOW."""


class Painleve(NamedTuple):
    """q, and from s on the integrals of q, of q^2 and of (x - s) q^2."""

    q: Floats
    area: Floats
    square: Floats
    weighted: Floats


def painleve(s: Floats) -> Painleve:
    """The four functions at s <= HIGH; relative errors of exponentials of them are 1e-12."""
    inside = chebyshev.chebval(2 * (np.maximum(s, LOW) - LOW) / (HIGH - LOW) - 1, _solution())
    if not (s < LOW).any():
        return Painleve(*inside)
    x = -np.minimum(s, LOW)
    start = chebyshev.chebval(np.array([-1.0]), _solution())[:, 0]
    first, squared = (np.array([float(c) for c in part]) for part in _series())
    powers = [x ** (-3.0 * k) for k in range(TERMS)]
    first_at_low, at_x = _antiderivatives(-LOW, first, squared), _antiderivatives(x, first, squared)
    grown = [there - here for there, here in zip(at_x, first_at_low, strict=True)]
    beyond = (
        np.sqrt(x / 2) * sum(c * p for c, p in zip(first, powers, strict=True)),
        start[1] + grown[0],
        at_x[1],
        start[3] + grown[2],
    )
    return Painleve(*(np.where(s < LOW, far, near)
                      for far, near in zip(beyond, inside, strict=True)))  # fmt: skip


def _antiderivatives(x: Floats | float, first: Floats, squared: Floats) -> tuple[Floats, ...]:
    """In x = -s of q, of q^2, and of that again, from the series."""
    k = np.arange(TERMS)
    x = np.asarray(x, dtype=float)[..., None]
    once = x ** (1.5 - 3 * k) / (1.5 - 3 * k) @ first / np.sqrt(2)
    square = x ** (2.0 - 3 * k) / (2 - 3 * k) @ squared / 2
    # 1/(8 x) is the term of q^2 whose second integral is a logarithm.
    power = np.where(k == 1, 1, 3 - 3 * k)
    twice = np.where(k == 1, -np.log(x), x ** (3.0 - 3 * k) / ((2 - 3 * k) * power))
    return once, square, twice @ squared / 2


@functools.cache
def _series() -> tuple[list[Fraction], list[Fraction]]:
    """a and b with q(-x) = sqrt(x/2) sum a_k x^(-3k), q^2 = (x/2) sum b_k x^(-3k)."""
    a = [Fraction(1)]
    for k in range(1, TERMS):
        power = Fraction(1, 2) - 3 * (k - 1)
        padded = [*a, Fraction(0)]
        pairs = [(i, j) for i in range(k + 1) for j in range(k + 1 - i)]
        cube = sum(padded[i] * padded[j] * padded[k - i - j] for i, j in pairs)
        a.append((a[-1] * power * (power - 1) - cube) / 2)
    return a, [sum((a[i] * a[k - i] for i in range(k + 1)), Fraction(0)) for k in range(TERMS)]


@functools.cache
def _solution() -> Floats:
    """Chebyshev coefficients on [LOW, HIGH] of the four functions, shape (NODES, 4)."""
    from scipy import special

    angle = np.pi * np.arange(NODES)[::-1] / (NODES - 1)
    half, points = (HIGH - LOW) / 2, np.cos(angle)
    s = LOW + half * (points + 1)
    to_coefficients = _transform(angle)
    integrals = np.array([chebyshev.chebint(unit, lbnd=1) for unit in np.eye(NODES)]).T
    once = half * chebyshev.chebvander(points, NODES) @ integrals @ to_coefficients
    twice = once @ once
    value, slope = special.airy(HIGH)[:2]
    a, _ = _series()
    at_low = np.sqrt(-LOW / 2) * float(sum(c * Fraction(-LOW) ** (-3 * k) for k, c in enumerate(a)))
    bend, tilt = _newton(s, once, twice, value, at_low)
    q = value + tilt * (s - HIGH) + twice @ bend
    # What lies beyond HIGH, of Ai in place of q; the integral of Ai by Gauss' rule.
    node, weight = np.polynomial.legendre.leggauss(40)
    area = 5 * weight @ special.airy(HIGH + 5 * (node + 1))[0]
    square = slope**2 - HIGH * value**2
    weighted = (2 * HIGH**2 * value**2 - 2 * HIGH * slope**2 - value * slope) / 3
    square_from = square - once @ (q * q)
    functions = np.array([
        q, area - once @ q, square_from, weighted - once @ square_from,
    ]).T  # fmt: skip
    return to_coefficients @ functions


def _transform(angle: Floats) -> Floats:
    """From values at Chebyshev points to coefficients: a cosine transform, no inverse."""
    count = angle.size
    matrix = np.cos(np.outer(np.arange(count), angle)) * (2 / (count - 1))
    matrix[:, [0, -1]] /= 2
    matrix[[0, -1]] /= 2
    return matrix


def _newton(
    s: Floats, once: Floats, twice: Floats, value: float, at_low: float
) -> tuple[Floats, float]:
    """q'' at the points, and the slope at HIGH."""
    q = np.where(s < 0, np.sqrt(np.maximum(-s, 0) / 2 + 0.05), 0.2 * np.exp(-s))
    bend, tilt = s * q + 2 * q**3, 0.0
    count = s.size
    system = np.empty((count + 1, count + 1))
    for _ in range(40):
        q = value + tilt * (s - HIGH) + twice @ bend
        slope = s + 6 * q * q
        system[:count, :count] = np.eye(count) - slope[:, None] * twice
        system[:count, count] = -slope * (s - HIGH)
        system[count, :count], system[count, count] = twice[0], LOW - HIGH
        lack = np.concatenate([bend - s * q - 2 * q**3, [q[0] - at_low]])
        step = np.linalg.solve(system, -lack)
        bend, tilt = bend + step[:count], tilt + step[count]
        # q'' is up to 100: rounding leaves 1e-12.
        change = float(np.abs(step).max())
        if change < 1e-11:
            return bend, tilt
    raise NoConvergence("Hastings-McLeod solution: Newton's method did not settle", change)
