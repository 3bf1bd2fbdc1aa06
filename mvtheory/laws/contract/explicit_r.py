"""R-transforms with their derivatives, of laws that have them in terms of g alone."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.contract.shapes import Floats

Pair = tuple[Floats, Floats]


@dataclass(frozen=True)
class ExplicitR:
    """R and R' at points g, NaN beyond a pole; the interval of g around 0 up to the first poles."""

    at: Callable[[Floats], Pair]
    poles: tuple[float, float] = (-np.inf, np.inf)


def of_levy(triplet: Levy) -> ExplicitR:
    """R of a triplet."""
    low = min((p for p in triplet.jumps if p < 0), default=-0.0)
    high = max((p for p in triplet.jumps if p > 0), default=0.0)
    poles = (1 / low if low else -np.inf), (1 / high if high else np.inf)
    return ExplicitR(functools.partial(_of_levy, triplet), poles)


def _of_levy(triplet: Levy, g: Floats) -> Pair:
    value, slope = np.full(g.shape, triplet.drift), np.full(g.shape, triplet.variance)
    value = value + triplet.variance * g
    for c, p in zip(triplet.rates, triplet.jumps, strict=True):
        below = positive(1 - p * g)
        value, slope = value + c * p / below, slope + c * (p / below) ** 2
    return value, slope


def summed(
    parts: Sequence[tuple[ExplicitR | None, float, float]], shift: float
) -> ExplicitR | None:
    """R(g) = shift + sum n s R_i(s g) from (R_i, n, s); None if one of them is not explicit."""
    known = [(part, n, s) for part, n, s in parts if part is not None]
    if len(known) < len(parts):
        return None

    def total(g: Floats) -> Pair:
        pairs = [(part.at(s * g), n * s, n * s * s) for part, n, s in known]
        value, slope = np.full(g.shape, shift), np.zeros(g.shape)
        for (r, rate), outer, inner in pairs:
            value, slope = value + outer * r, slope + inner * rate
        return value, slope

    ends = [sorted(e / s for e in part.poles) for part, _, s in known]
    return ExplicitR(total, (max(low for low, _ in ends), min(high for _, high in ends)))


def positive(factor: Floats) -> Floats:
    """The factor; NaN beyond its zero."""
    return np.where(factor > 0, factor, np.nan)
