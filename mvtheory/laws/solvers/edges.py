r"""Edges of a law with rational R-transform: the critical points of z(h).

With h = 1/G, z(h) = drift + h + mean jump + sum r_j/(h - p_j), r_j = c_j p_j^2, the variance being
a pole at 0. On the real line h leaves the support's complement where K(u) = sum r_j/(u - p_j)^2
passes 1 [biane1997]_. K^(-1/2) is concave between two poles, so Newton's method for K^(-1/2) = 1
from the side of a pole climbs monotonically to the root, or passes the top if there is none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mvtheory.laws.contract.levy import Levy
from mvtheory.laws.solvers.anchor import Anchor

EXACT_POLES = 8
"""Below this many edges are polished in DIGITS digits, from here on in extended precision."""
DIGITS = 60
CLIMB = 80
NARROWEST = 1e-20


@dataclass(frozen=True)
class Band:
    """An interval of the support between two anchors, with the continuous mass below it."""

    low: Anchor
    high: Anchor

    def __contains__(self, anchor: Anchor) -> bool:
        return anchor is self.low or anchor is self.high


def bands(levy: Levy, in_kind: Callable[[Any], Levy], mp: Any) -> list[Band]:
    """The intervals of the support, from the triplet in doubles and in a sharper kind of number:
    those of `mp`, a context of DIGITS digits, for few poles, extended precision for many."""
    exact = in_kind(mp.mpf) if len(levy.jumps) < EXACT_POLES else None
    ends = sorted(np.concatenate(_critical(mp, levy, exact)))
    if exact is None:
        anchors = _extended_anchors(ends, in_kind(np.longdouble))
    else:
        anchors = [_anchor(mp, u, exact) for u in ends]
    return [Band(a, b) for a, b in zip(anchors[::2], anchors[1::2], strict=True)]


def poles_of(levy: Levy) -> tuple[Any, Any]:
    """Poles of z(h), ascending, and their strengths r_j > 0."""
    poles = list(levy.jumps)
    strengths = [c * p * p for c, p in zip(levy.rates, levy.jumps, strict=True)]
    if levy.variance != 0:
        poles, strengths = [*poles, 0 * levy.variance], [*strengths, levy.variance]
    order = sorted(range(len(poles)), key=lambda j: poles[j])
    return np.array([poles[j] for j in order]), np.array([strengths[j] for j in order])


def _critical(mp: Any, levy: Levy, exact: Levy | None) -> tuple[Any, Any]:
    """Starts and ends, in h, of the intervals where K >= 1."""
    poles, strengths = poles_of(levy)
    roots = np.sqrt(strengths)
    cubes = np.cbrt(strengths)
    # Between two poles K is at least what these two make, least (r^1/3 + r'^1/3)^3/d^2.
    open_ = (cubes[:-1] + cubes[1:]) ** 3 < np.diff(poles) ** 2 * (1 + 1e-12)
    starts, ends = (poles + roots)[:-1][open_], (poles - roots)[1:][open_]
    from_left, to_left = _climb(poles, strengths, starts, 1)
    from_right, to_right = _climb(poles, strengths, ends, -1)
    gap = to_left & to_right & (from_left < from_right)
    if exact is not None:
        # Whether a gap that rounding might hide is there is decided in many digits.
        sharp_poles, sharp_strengths = poles_of(exact)
        for k in range(gap.size):
            least = np.min([strengths @ (u[k] - poles) ** -2.0 for u in (from_left, from_right)])
            narrow = from_right[k] - from_left[k] < 1e-6 * roots[k]
            if narrow if gap[k] else least < 1.001:
                middle = (from_left[k] + from_right[k]) / 2
                found = _narrow(mp, sharp_poles, sharp_strengths, middle)
                gap[k] = False
                if found is not None and found[1] - found[0] > NARROWEST * roots[k]:
                    gap[k] = True
                    from_left, from_right = from_left.astype(object), from_right.astype(object)
                    from_left[k], from_right[k] = found
    first, _ = _climb(poles, strengths, (poles - roots)[:1], -1)
    last, _ = _climb(poles, strengths, (poles + roots)[-1:], 1)
    return np.concatenate([first, from_right[gap]]), np.concatenate([from_left[gap], last])


def _narrow(mp: Any, poles: Any, strengths: Any, u: Any) -> tuple[Any, Any] | None:
    """The ends of a narrow gap, in digits, from the least K, near u; None if K >= 1 all over."""

    def k(n: int, u: Any) -> Any:
        return sum(strengths / _from(poles, u) ** n)

    u = mp.mpf(u)
    for _ in range(60):
        # K' = -2 k_3 rises through 0 where K is least.
        step = -2 * k(3, u) / (6 * k(4, u))
        u -= step
        if abs(step) < mp.mpf(10) ** (10 - DIGITS) * max(abs(p) for p in poles):
            break
    depth = 1 - k(2, u)
    if depth <= 0:
        return None
    half, ends = mp.sqrt(depth / (3 * k(4, u))), []
    for end in (u - half, u + half):
        for _ in range(8):
            end += (k(2, end) - 1) / (2 * k(3, end))
        ends.append(end)
    return ends[0], ends[1]


def _climb(poles: Any, strengths: Any, u: Any, direction: int) -> tuple[Any, Any]:
    """Newton for K^(-1/2) = 1 away from a pole; False where the top came first."""
    u, found = u.copy(), np.ones(u.size, dtype=bool)
    if not u.size:
        return u, found
    limits = np.append(poles, np.inf) if direction > 0 else np.append(-np.inf, poles)
    index = np.searchsorted(poles, u, side="right" if direction > 0 else "left")
    limit = limits[index]
    active = np.arange(u.size)
    for _ in range(CLIMB):
        v = u[active]
        inverse = 1 / (v[:, None] - poles)
        square = inverse * inverse
        k = square @ strengths
        # d(K^(-1/2))/du = K^(-3/2) sum r/(u - p)^3 must point upwards.
        slope = (square * inverse) @ strengths / k**1.5
        rising = slope * direction > 0
        step = np.where(rising, (1 - k**-0.5) / np.where(rising, slope, 1), 0)
        target = v + step
        inside = rising & ((limit[active] - target) * direction > 0)
        found[active[~inside]] = False
        moved = inside & (abs(step) > 2e-16 * abs(target))
        u[active[inside]] = target[inside]
        active = active[(moved & (step * direction > 0)).astype(bool)]
        if not active.size:
            break
    return u, found


def _extended_anchors(ends: list[Any], levy: Levy) -> list[Anchor]:
    """Anchors from ends in doubles: what K lacks of 1 there becomes their slope."""
    poles, strengths = poles_of(levy)
    jumps, rates = np.array(levy.jumps), np.array(levy.rates)
    free = 1 - np.sum(rates)
    anchors = []
    for end in ends:
        h = np.longdouble(end)
        a = h - poles
        shares = strengths / a**2
        # As in _position, which keeps the digits of edges near the drift.
        spread = levy.variance / h if levy.variance != 0 else 0
        position = levy.drift + h * (free + h * np.sum(rates / (h - jumps))) + spread
        anchors.append(
            Anchor(
                float(end),
                float(position),
                float(position - float(position)),
                float(1 - np.sum(shares)),
                float(np.sum(shares / a)),
                a.astype(float),
                shares.astype(float),
            )
        )
    return anchors


def _from(poles: Any, h: Any) -> Any:
    """h - poles, the array first: mpmath prints an array in all its digits before it gives way."""
    return -(poles - h)


def _anchor(mp: Any, u: Any, exact: Levy) -> Anchor:
    poles, strengths = poles_of(exact)
    h = mp.mpf(u)
    for _ in range(60):
        a = _from(poles, h)
        shares = strengths / a**2
        k = sum(shares)
        if k == 1:
            break
        step = (1 - k**-0.5) * k**1.5 / sum(shares / a)
        h += step
        if abs(step) < mp.mpf(10) ** (8 - DIGITS) * (abs(h) + abs(step)):
            break
    return anchor_at(mp, h, 0, exact)


def anchor_at(mp: Any, h: Any, slope: Any, exact: Levy) -> Anchor:
    """The anchor at a point in many digits; an h that is rounding of 0 becomes 0."""
    poles, strengths = poles_of(exact)
    if abs(h) < mp.mpf(10) ** (12 - DIGITS) * max(abs(p) for p in poles):
        h = mp.mpf(0)
    a = _from(poles, h)
    shares = strengths / a**2
    position = _position(h, exact)
    return Anchor(
        float(h),
        float(position),
        float(position - float(position)),
        float(slope),
        float(sum(shares / a)),
        a.astype(float),
        shares.astype(float),
    )


def _position(h: Any, levy: Levy) -> Any:
    """z(h), in the form that keeps its digits near h = 0, where the pole of the variance is."""
    jumps = sum(c * h / (h - p) for c, p in zip(levy.rates, levy.jumps, strict=True))
    spread = levy.variance / h if levy.variance != 0 else 0
    return levy.drift + h * (1 - sum(levy.rates) + jumps) + spread
