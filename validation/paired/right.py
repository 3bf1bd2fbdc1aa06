"""Paired tests of answers that are right or wrong.

Of N items one model alone has n_a right and the other alone n_b. Only these discordant items tell
the models apart: if neither is better, each goes either way with probability 1/2.
"""

import math

import numpy as np
from scipy import optimize, special

CERTAIN = 1e9
"""The score of a difference that cannot be."""


def mcnemar(only_a: int, only_b: int) -> float:
    """Exact two-sided p-value of no difference (McNemar 1947, by the binomial law).

    >>> round(mcnemar(12, 30), 4)
    0.0079
    """
    return min(1.0, 2 * float(special.bdtr(min(only_a, only_b), only_a + only_b, 0.5)))


def p_above(only_a: int, only_b: int, items: int, bound: float) -> float:
    """One-sided p-value of a difference (n_b - n_a)/N <= bound: Tango's score test (1998).

    The variance is that of the likeliest table with this difference, so that the test keeps its
    level near 0 and 1 too, for all but very few items.
    """
    return float(special.ndtr(-_score(only_a, only_b, items, bound)))


def _score(only_a: int, only_b: int, items: int, bound: float) -> float:
    """Tango's z of a difference of `bound`; equation (4) there."""
    away = only_b - only_a - items * bound
    # The likeliest share q of items that A alone has right, given a difference of `bound`.
    linear = -(only_a + only_b) + (2 * items - only_b + only_a) * bound
    constant = -only_a * bound * (1 - bound)
    root = math.sqrt(max(linear * linear - 8 * items * constant, 0.0))
    share = max((root - linear) / (4 * items), 0.0, -bound)
    variance = items * (2 * share + bound * (1 - bound))
    if variance <= 1e-12 * items:
        return 0.0 if away == 0 else math.copysign(CERTAIN, away)
    return away / math.sqrt(variance)


def interval(only_a: int, only_b: int, items: int, confidence: float) -> tuple[float, float]:
    """Differences that `p_above` and its mirror leave open, at this confidence."""
    z = float(special.ndtri(0.5 + confidence / 2))
    seen = (only_b - only_a) / items

    def end(sign: int) -> float:
        if _score(only_a, only_b, items, sign) * sign > -z:
            return float(sign)
        return float(
            optimize.brentq(
                lambda bound: _score(only_a, only_b, items, bound) + sign * z, seen, sign
            )
        )

    return end(-1), end(1)


def power(difference: float, discordant: float, items: int, alpha: float) -> float:
    """Probability that `mcnemar` is at most alpha.

    Parameters
    ----------
    difference : float in [0, 1]
    discordant : float in [difference, 1]
        Share of the items on which just one model is right.
    items : int
    alpha : float
    """
    middle, width = items * discordant, 8 * math.sqrt(items * discordant * (1 - discordant)) + 8
    counts = np.arange(max(0, int(middle - width)), min(items, int(middle + width)) + 1)
    ways = special.bdtr(counts, items, discordant)
    ways[1:] -= ways[:-1].copy()
    # The most that may go the other way: the largest k with 2 P(X <= k) <= alpha.
    guess = np.floor(special.bdtrik(alpha / 2, counts, 0.5).clip(0)) if len(counts) else counts
    most = np.full(len(counts), -1.0)
    for k in (guess - 1, guess, guess + 1):
        fits = (k >= 0) & (2 * special.bdtr(k, counts, 0.5) <= alpha)
        most = np.where(fits, np.maximum(most, k), most)
    lost = (1 - difference / discordant) / 2 if discordant else 0.5
    shown = sum(
        np.where(most >= 0, special.bdtr(np.maximum(most, 0), counts, share), 0.0)
        for share in (lost, 1 - lost)
    )
    return float((ways * shown).sum())


def detectable(only_a: int, only_b: int, items: int, alpha: float, wanted: float) -> float:
    """Smallest difference that is shown with the power wanted, if as many items are discordant.

    A difference needs as many discordant items as it is large. nan if even 1 is not shown.
    """
    share = (only_a + only_b) / items

    def short(difference: float) -> float:
        return power(difference, max(share, difference), items, alpha) - wanted

    if short(1.0) < 0:
        return math.nan
    return float(optimize.brentq(short, 1e-9, 1.0, xtol=1e-6))
