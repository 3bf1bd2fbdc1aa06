"""R-transforms with their derivatives, of laws that have them in terms of g alone."""

import functools
from collections.abc import Callable

import numpy as np

from mvtheory.laws.affine import Affine
from mvtheory.laws.deformed_semicircle import DeformedSemicircle
from mvtheory.laws.discrete import CHUNK, PointMasses
from mvtheory.laws.free import FreeSum
from mvtheory.laws.law import AbstractLaw, Floats
from mvtheory.laws.levy import Levy
from mvtheory.laws.point_power import PointPower
from mvtheory.laws.semicircle import Semicircle

TINY = 1e-9
"""Of g times the size of the spectrum: R is mean + variance g to the square of it."""

Pair = tuple[Floats, Floats]


def explicit(law: AbstractLaw) -> Callable[[Floats], Pair] | None:
    """R and R', if no equation with G of the law itself must be solved."""
    triplet = law.levy()
    if triplet is not None:
        return functools.partial(_of_levy, triplet)
    if isinstance(law, PointMasses):
        return functools.partial(_of_points, law)
    if isinstance(law, SummedLaw):
        parts = [(explicit(part), factor, scale) for part, factor, scale in summands(law)]
        if any(part is None for part, _, _ in parts):
            return None

        def total(g: Floats) -> Pair:
            pairs = [(part(s * g), n * s, n * s * s) for part, n, s in parts]  # type: ignore[misc]
            value, slope = np.full(g.shape, shift(law)), np.zeros(g.shape)
            for (r, rate), outer, inner in pairs:
                value, slope = value + outer * r, slope + inner * rate
            return value, slope

        return total
    return None


SummedLaw = FreeSum | PointPower | Affine | DeformedSemicircle
"""Laws whose R is a sum over the laws they are made of."""


def summands(law: AbstractLaw) -> list[tuple[AbstractLaw, float, float]]:
    """Laws with multiplicities n and scales s: R(g) = shift + sum n s R_i(s g)."""
    if isinstance(law, Affine):
        return [(law.law, 1.0, law.scale)]
    if isinstance(law, DeformedSemicircle):
        return [(law.diagonal, 1.0, 1.0), (Semicircle(variance=law.variance), 1.0, 1.0)]
    if isinstance(law, PointPower):
        return [(law.law, law.times, 1.0)]
    assert isinstance(law, FreeSum)
    return [(part, n, 1.0) for part, n in law.terms]


def shift(law: AbstractLaw) -> float:
    return law.shift if isinstance(law, Affine) else 0.0


def poles(law: AbstractLaw) -> tuple[float, float]:
    """The interval of g around 0 up to the first poles of R."""
    triplet = law.levy()
    if triplet is not None:
        low = min((p for p in triplet.jumps if p < 0), default=-0.0)
        high = max((p for p in triplet.jumps if p > 0), default=0.0)
        return (1 / low if low else -np.inf), (1 / high if high else np.inf)
    if isinstance(law, SummedLaw):
        ends = [sorted(e / s for e in poles(part)) for part, _, s in summands(law)]
        return max(low for low, _ in ends), min(high for _, high in ends)
    return -np.inf, np.inf


def _of_levy(triplet: Levy, g: Floats) -> Pair:
    value, slope = np.full(g.shape, triplet.drift), np.full(g.shape, triplet.variance)
    value = value + triplet.variance * g
    for c, p in zip(triplet.rates, triplet.jumps, strict=True):
        below = positive(1 - p * g)
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


def positive(factor: Floats) -> Floats:
    """The factor; NaN beyond its zero."""
    return np.where(factor > 0, factor, np.nan)
